// What an environment in C makes of its keywords.
#include <string.h>

#include "core/number.h"
#include "env/keyword.h"

static _Thread_local bool are_read; // since up__keywords_begin

static bool parse_number(const char *text, double *value) {
    if (strcmp(text, "true") == 0 || strcmp(text, "True") == 0) {
        *value = 1;
        return true;
    }
    if (strcmp(text, "false") == 0 || strcmp(text, "False") == 0) {
        *value = 0;
        return true;
    }
    char *end;
    *value = up__number_parse(text, &end);
    return end != text && *end == 0 && *value == *value;
}

// A text as Python would have it: without quotes around.
static void unquote(char *text) {
    size_t length = strlen(text);
    if (length < 2 || text[0] != text[length - 1] || !strchr("'\"", text[0])) return;
    memmove(text, text + 1, length - 2);
    text[length - 2] = 0;
}

// Numbers in turn, between commas, in brackets or without.
static bool parse_numbers(const char *text, double *value, int count) {
    char copy[UP_ENV_OPTIONS_MAX];
    size_t length = strlen(text);
    if (length > 1 && strchr("([", text[0]) && strchr(")]", text[length - 1])) {
        text++;
        length -= 2;
    }
    memcpy(copy, text, length);
    copy[length] = 0;
    char *rest = copy;
    for (int i = 0; i < count; i++) {
        char *part = strsep(&rest, ",");
        if (!part || !parse_number(part + strspn(part, " "), &value[i])) return false;
    }
    return rest == NULL;
}

static UpStatus set_keyword(const UpEnvDef *def, const UpEnvKeyword *keyword, int count,
                            const char *name, const char *value) {
    enum { LIMIT = 64 };
    const char *known[LIMIT];
    for (int i = 0; i < count; i++) {
        if (i < LIMIT) known[i] = keyword[i].name;
        if (strcmp(keyword[i].name, name) != 0) continue;
        bool none = strcmp(value, "None") == 0 || strcmp(value, "null") == 0;
        if (none && (keyword[i].text || keyword[i].optional))
            return UP_OK; // as if it was not given
        if (keyword[i].text) {
            if (strlen(value) >= UP_OPTION_TEXT_MAX)
                return up_fail(UP_USAGE, "%s: env.%s is longer than %d characters", def->id, name,
                               UP_OPTION_TEXT_MAX - 1);
            memcpy(keyword[i].text, value, strlen(value) + 1);
            unquote(keyword[i].text);
            return UP_OK;
        }
        int numbers = keyword[i].count;
        bool read = parse_numbers(value, keyword[i].value, numbers);
        if (read && keyword[i].flag) read = keyword[i].value[0] == 0 || keyword[i].value[0] == 1;
        if (read) return UP_OK;
        if (numbers > 1)
            return up_fail(UP_USAGE, "%s: env.%s = \"%s\" is not %d numbers (a, b)", def->id, name,
                           value, numbers);
        return up_fail(UP_USAGE, "%s: env.%s = \"%s\" is not %s", def->id, name, value,
                       keyword[i].flag ? "True or False" : "a number");
    }
    return up__keyword_unknown(def, name, known, count < LIMIT ? count : LIMIT);
}

UpStatus up_env_keywords(const UpEnvDef *def, const UpEnvKeyword *keyword, int count) {
    char text[UP_ENV_OPTIONS_MAX], *value;
    are_read = true;
    memcpy(text, def->options, sizeof text);
    text[sizeof text - 1] = 0;
    char *rest = text;
    for (char *part; (part = up__keyword_next(&rest, &value));) {
        if (!value)
            return up_fail(UP_USAGE, "%s: env.options \"%s\" should read keyword=value", def->id,
                           part);
        UP_TRY(set_keyword(def, keyword, count, part, value));
    }
    return UP_OK;
}

void up__keywords_begin(void) {
    are_read = false;
}

UpStatus up__keywords_end(const UpEnvDef *def) {
    return are_read ? UP_OK : up_env_keywords(def, NULL, 0);
}
