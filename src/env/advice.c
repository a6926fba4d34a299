// Which option of [env] somebody meant.
#include <stdio.h>
#include <string.h>

#include "env/keyword.h"

// Does Uphill's own option, which does nothing here, hide a keyword of the same name?
static bool is_hidden(const UpEnvDef *def, const char *name) {
    for (int i = 0; i < up_env_options.count; i++)
        if (strcmp(up_env_options.rows[i].name, name) == 0) return !up__env_row_reads(def, i);
    return false;
}

// The names of rows of [env] that do something here, which can be advised.
static int own_names(const UpEnvDef *def, const char **name, int room) {
    int names = 0;
    for (int i = 0; i < up_env_options.count && names < room; i++)
        if (up__env_row_reads(def, i)) name[names++] = up_env_options.rows[i].name;
    return names;
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
    names += own_names(def, all + names, LIMIT - names);
    const char *near = up_nearest(name, all, names);
    bool hidden = near && is_hidden(def, near);
    if (near)
        return up_fail(UP_USAGE, "%s: there is no option env.%s; did you mean env.%s%s%s?", def->id,
                       name, hidden ? "options=" : "", near, hidden ? "=…" : "");
    return up_fail(UP_USAGE, "%s: there is no option env.%s; the environment's own are: %s",
                   def->id, name, count ? list : "none");
}

UpStatus up__keyword_advise(const UpEnvDef *def) {
    char text[UP_ENV_OPTIONS_MAX], quoted[UP_ENV_OPTIONS_MAX + 2], message[1024 - 64], *value;
    const char *own[64];
    snprintf(message, sizeof message, "%s", up_error());
    if (strstr(message, "did you mean")) return UP_USAGE;
    int owns = own_names(def, own, 64);
    memcpy(text, def->options, sizeof text);
    char *rest = text;
    for (char *part; (part = up__keyword_next(&rest, &value));) {
        snprintf(quoted, sizeof quoted, "'%s'", part);
        const char *near = up_nearest(part, own, owns);
        if (near && strstr(message, quoted))
            return up_fail(UP_USAGE, "%s; did you mean env.%s?", message, near);
    }
    return UP_USAGE;
}
