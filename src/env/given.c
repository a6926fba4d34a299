// Options of [env] that were given: those that would do nothing are mistakes, and a config holds
// the others.
#include <stdio.h>
#include <string.h>

#include "env/keyword.h"
#include "uphill/env.h"

// What conditions of [env] ask for and no option says.
typedef struct Known {
    const char *processes; // "yes" or "no": whether workers play it; NULL: not known yet
    const UpSpace *action; // likewise
} Known;

static bool ask(const void *user, const char *name, char *text, size_t capacity) {
    const Known *known = user;
    const char *answer = NULL;
    if (strcmp(name, "worker processes") == 0) answer = known->processes;
    if (strcmp(name, "action space") == 0 && known->action)
        answer = known->action->kind == UP_SPACE_BOX       ? "Box"
                 : known->action->kind == UP_SPACE_SEVERAL ? "several kinds"
                                                           : "discrete";
    return answer && snprintf(text, capacity, "%s", answer) > 0;
}

static bool is_default(const UpEnvDef *def, int row) {
    const UpEnvDef plain = up_env_def_default();
    char mine[UP_OPTION_TEXT_MAX], theirs[UP_OPTION_TEXT_MAX];
    up_options_format(&up_env_options, row, def, mine, sizeof mine);
    up_options_format(&up_env_options, row, &plain, theirs, sizeof theirs);
    return strcmp(mine, theirs) == 0;
}

// Refuses rows that were asked for and would not be read; with `all` also those that only differ
// from the default.
static UpStatus check_rows(const UpEnvDef *def, const Known *known, bool all) {
    char why[UP_OPTION_WHY_MAX];
    for (int row = 0; row < up_env_options.count; row++) {
        const char *name = up_env_options.rows[row].name;
        bool meant = def->given >> row & 1 || (all && !is_default(def, row));
        if (!meant || up_options_reads(&up_env_options, row, def, ask, known, why)) continue;
        return up_fail(UP_USAGE,
                       "%s: env.%s does nothing here: %s; leave it out (env.options=%s=… sets a "
                       "keyword of the environment's own of that name)",
                       def->id, name, why, name);
    }
    return UP_OK;
}

static UpStatus refuse_twice(const UpEnvDef *def) {
    char text[UP_ENV_OPTIONS_MAX], *rest = text, *value;
    memcpy(text, def->options, sizeof text);
    for (char *key; (key = up__keyword_next(&rest, &value));)
        if (value && up__keyword_count(def, key) > 1)
            return up_fail(UP_USAGE, "%s: env.options names %s twice; name it once", def->id, key);
    return UP_OK;
}

UpStatus up__env_def_check(const UpEnvDef *def) {
    static const char *const unused[] = {"frameskip", "obs_type"};
    bool atari = def->preprocess == UP_PREPROCESS_ATARI;
    UP_TRY(check_rows(def, &(Known){0}, true));
    UP_TRY(refuse_twice(def));
    for (int i = 0; i < 2 && atari; i++)
        if (up__keyword_count(def, unused[i]) > 0)
            return up_fail(UP_USAGE,
                           "%s: env.%s does nothing with env.preprocess = atari, which plays frame "
                           "by frame and reads the screen; env.frame_skip and env.grayscale_obs "
                           "are its own",
                           def->id, unused[i]);
    return UP_OK;
}

UpStatus up__env_def_check_native(const UpEnvDef *def) {
    return check_rows(def, &(Known){.processes = "no"}, false);
}

UpStatus up__env_def_check_made(const UpEnvDef *def, const UpEnvSpec *spec) {
    return check_rows(def, &(Known){.action = &spec->action}, false);
}

bool up__env_row_reads(const UpEnvDef *def, int row) {
    char why[UP_OPTION_WHY_MAX];
    return up_options_reads(&up_env_options, row, def, ask, &(Known){0}, why);
}

// How many processes there were is no matter to a result, and the default is not a choice.
bool up__env_row_matters(const UpEnvDef *def, int row) {
    char why[UP_OPTION_WHY_MAX];
    if (up_options_reads(&up_env_options, row, def, ask, &(Known){.processes = "no"}, why))
        return true;
    return !is_default(def, row);
}

// A keyword has a line of its own, which keeps lines short.
void up__env_def_format(const UpEnvDef *def, FILE *out) {
    char value[UP_ENV_OPTIONS_MAX], *rest = value, *text;
    for (int row = 0; row < up_env_options.count; row++) {
        if (!up__env_row_matters(def, row)) continue;
        if (strcmp(up_env_options.rows[row].name, "options") == 0) continue; // the last
        up_options_format(&up_env_options, row, def, value, sizeof value);
        fprintf(out, "%s = %s\n", up_env_options.rows[row].name, value);
    }
    const char *between = "";
    fputs("options = ", out);
    memcpy(value, def->options, sizeof value);
    for (char *key; (key = up__keyword_next(&rest, &text));) {
        if (up__keyword_has_line(key, text)) continue;
        fprintf(out, "%s%s%s%s", between, key, text ? "=" : "", text ? text : "");
        between = ";";
    }
    fputc('\n', out);
    memcpy(value, def->options, sizeof value);
    rest = value;
    for (char *key; (key = up__keyword_next(&rest, &text));)
        if (up__keyword_has_line(key, text)) fprintf(out, "%s = %s\n", key, text);
}
