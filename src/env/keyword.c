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

static bool in_table(const char *name) {
    for (int i = 0; i < up_env_options.count; i++)
        if (strcmp(up_env_options.rows[i].name, name) == 0) return true;
    return false;
}

// Leaves a keyword out of "a=1;b=2".
static void remove_keyword(char *options, const char *name) {
    size_t length = strlen(name);
    for (char *at = options; *at;) {
        size_t part = strcspn(at, ";");
        char *next = at + part + (at[part] == ';');
        if (strncmp(at, name, length) == 0 && at[length] == '=') {
            memmove(at, next, strlen(next) + 1);
            size_t left = strlen(options);
            if (left > 0 && options[left - 1] == ';') options[left - 1] = 0;
            return;
        }
        at = next;
    }
}

UpStatus up_env_def_set(UpEnvDef *def, const char *name, const char *value, const char *where) {
    if (in_table(name) || !is_identifier(name))
        return up_options_set(&up_env_options, def, name, value, where);
    if (strchr(value, ';'))
        return up_fail(UP_USAGE, "%s: env.%s = \"%s\" is not possible: it must hold no semicolon",
                       where, name, value);
    char rest[UP_OPTION_TEXT_MAX], joined[3 * UP_OPTION_TEXT_MAX];
    memcpy(rest, def->options, sizeof rest);
    remove_keyword(rest, name);
    snprintf(joined, sizeof joined, "%s%s%s=%.*s", rest, rest[0] ? ";" : "", name,
             UP_OPTION_TEXT_MAX, value);
    return up_options_set(&up_env_options, def, "options", joined, where);
}

UpStatus up__keyword_unknown(const UpEnvDef *def, const char *name, const char *const *known,
                             int count) {
    enum { LIMIT = 96 };
    const char *all[LIMIT];
    char list[512] = "";
    int names = 0;
    for (int i = 0; i < count && names < LIMIT; i++) {
        all[names++] = known[i];
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", known[i]);
    }
    for (int i = 0; i < up_env_options.count && names < LIMIT; i++)
        all[names++] = up_env_options.rows[i].name;
    const char *near = up_nearest(name, all, names);
    if (near)
        return up_fail(UP_USAGE, "%s: there is no option env.%s; did you mean env.%s?", def->id,
                       name, near);
    return up_fail(UP_USAGE, "%s: there is no option env.%s; the environment's own are: %s",
                   def->id, name, count ? list : "none");
}

UpStatus up__keyword_advise(const UpEnvDef *def) {
    char text[UP_OPTION_TEXT_MAX], quoted[UP_OPTION_TEXT_MAX + 2], message[1024];
    const char *own[64];
    snprintf(message, sizeof message, "%s", up_error());
    if (strstr(message, "did you mean")) return UP_USAGE;
    for (int i = 0; i < up_env_options.count && i < 64; i++)
        own[i] = up_env_options.rows[i].name;
    memcpy(text, def->options, sizeof text);
    char *rest = text;
    for (char *part = strsep(&rest, ";"); part; part = strsep(&rest, ";")) {
        part[strcspn(part, "=")] = 0;
        snprintf(quoted, sizeof quoted, "'%s'", part);
        const char *near = up_nearest(part, own, up_env_options.count);
        if (near && strstr(message, quoted))
            return up_fail(UP_USAGE, "%s; did you mean env.%s?", message, near);
    }
    return UP_USAGE;
}
