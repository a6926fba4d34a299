// Keys of [env] that are not in its table: the environment's own keywords. They lie in
// UpEnvDef.options as "name=value;name=value", and the environment judges them when it is made.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "env/keyword.h"

static bool is_identifier(const char *name) {
    if (!isalpha((unsigned char)name[0]) && name[0] != '_') return false;
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_') return false;
    return true;
}

// The row of [env] with that name; -1 if there is none.
static int table_row(const char *name) {
    for (int i = 0; i < up_env_options.count; i++)
        if (strcmp(up_env_options.rows[i].name, name) == 0) return i;
    return -1;
}

static char *trim(char *text) {
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = 0;
    return text;
}

char *up__keyword_next(char **text, char **value) {
    char *part;
    do {
        part = strsep(text, ";");
        if (!part) return NULL;
        part = trim(part);
    } while (!*part);
    *value = strchr(part, '=');
    if (!*value) return part;
    *(*value)++ = 0;
    *value = trim(*value);
    return trim(part);
}

int up__keyword_count(const UpEnvDef *def, const char *name) {
    char text[UP_ENV_OPTIONS_MAX], *rest = text, *value;
    int count = 0;
    memcpy(text, def->options, sizeof text);
    for (char *key; (key = up__keyword_next(&rest, &value));)
        count += value && strcmp(key, name) == 0;
    return count;
}

// Whether each part of `a` stands in `b`, too.
static bool stands_in(const char *a, const char *b) {
    char one[UP_ENV_OPTIONS_MAX], *rest = one, *value;
    snprintf(one, sizeof one, "%s", a);
    for (char *key; (key = up__keyword_next(&rest, &value));) {
        char other[UP_ENV_OPTIONS_MAX], *left = other, *same;
        bool found = false;
        snprintf(other, sizeof other, "%s", b);
        for (char *name; !found && (name = up__keyword_next(&left, &same));)
            found = strcmp(name, key) == 0 && !same == !value && (!same || !strcmp(same, value));
        if (!found) return false;
    }
    return true;
}

bool up__keywords_same(const char *a, const char *b) {
    return stands_in(a, b) && stands_in(b, a);
}

// "a=1;b=2" with name=value in place of what it had for that name, behind the others.
static void put_keyword(const char *options, const char *name, const char *value, char *joined,
                        size_t size) {
    char text[UP_ENV_OPTIONS_MAX], *rest = text, *old;
    size_t used = 0;
    memcpy(text, options, sizeof text);
    for (char *key; (key = up__keyword_next(&rest, &old));)
        if (strcmp(key, name) != 0)
            used += (size_t)snprintf(joined + used, size - used, "%s%s%s;", key, old ? "=" : "",
                                     old ? old : "");
    snprintf(joined + used, size - used, "%s=%s", name, value);
}

UpStatus up_env_def_set(UpEnvDef *def, const char *name, const char *value, const char *where) {
    int row = table_row(name);
    if (row >= 0 || !is_identifier(name)) {
        UP_TRY(up_options_set(&up_env_options, def, name, value, where));
        def->given |= UINT32_C(1) << row;
        return UP_OK;
    }
    if (strchr(value, ';'))
        return up_fail(UP_USAGE, "%s: env.%s = \"%s\" is not possible: it must hold no semicolon",
                       where, name, value);
    if (strlen(name) + strlen(value) > UP__KEYWORD_LONGEST)
        return up_fail(UP_USAGE,
                       "%s: env.%s = \"%.40s…\" is not possible: it must not be longer "
                       "than %d characters",
                       where, name, value, UP__KEYWORD_LONGEST);
    char joined[2 * UP_ENV_OPTIONS_MAX];
    put_keyword(def->options, name, value, joined, sizeof joined);
    return up_options_set(&up_env_options, def, "options", joined, where);
}

// Has a keyword a line of its own in a config? One with the name of a row of the table can stand in
// `options` only.
bool up__keyword_has_line(const char *key, const char *value) {
    return value && is_identifier(key) && table_row(key) < 0;
}
