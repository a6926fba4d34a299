// Options of [env] that were given: those that would do nothing are mistakes, and a config holds
// the others.
#include <stdio.h>
#include <string.h>

#include "env/keyword.h"
#include "uphill/env.h"

static int row_of(const char *name) {
    int i = 0;
    while (strcmp(up_env_options.rows[i].name, name) != 0)
        i++;
    return i;
}

static bool is_given(const UpEnvDef *def, const char *name) {
    return def->given >> row_of(name) & 1;
}

static const char *const atari_rows[] = {"noop_max",      "frame_skip", "screen_size",
                                         "grayscale_obs", "fire_reset", "terminal_on_life_loss"};
static const char *const worker_rows[] = {"workers", "timeout"};
enum { ATARI_ROWS = 6, WORKER_ROWS = 2 };

// Configs were saved with all of their options before those that do nothing were left out.
static bool is_saved(const UpEnvDef *def) {
    bool all = true;
    for (int i = 0; i < ATARI_ROWS; i++)
        all &= is_given(def, atari_rows[i]);
    for (int i = 0; i < WORKER_ROWS; i++)
        all &= is_given(def, worker_rows[i]);
    return all;
}

static bool is_default(const UpEnvDef *def, const char *name) {
    const UpEnvDef plain = up_env_def_default();
    char mine[UP_OPTION_TEXT_MAX], theirs[UP_OPTION_TEXT_MAX];
    up_options_format(&up_env_options, row_of(name), def, mine, sizeof mine);
    up_options_format(&up_env_options, row_of(name), &plain, theirs, sizeof theirs);
    return strcmp(mine, theirs) == 0;
}

static bool was_meant(const UpEnvDef *def, const char *name) {
    return !is_default(def, name) || (is_given(def, name) && !is_saved(def));
}

UpStatus up__env_def_check(const UpEnvDef *def) {
    static const char *const unused[] = {"frameskip", "obs_type"};
    bool atari = def->preprocess == UP_PREPROCESS_ATARI;
    for (int i = 0; i < ATARI_ROWS && !atari; i++)
        if (was_meant(def, atari_rows[i]))
            return up_fail(UP_USAGE,
                           "%s: env.%s is part of env.preprocess = atari; a keyword of the "
                           "environment's own of that name is set by env.options=%s=…",
                           def->id, atari_rows[i], atari_rows[i]);
    for (int i = 0; i < 2 && atari; i++)
        if (up__keyword_is_set(def, unused[i]))
            return up_fail(UP_USAGE,
                           "%s: env.%s does nothing with env.preprocess = atari, which plays frame "
                           "by frame and reads the screen; env.frame_skip and env.grayscale_obs "
                           "are its own",
                           def->id, unused[i]);
    return UP_OK;
}

UpStatus up__env_def_check_native(const UpEnvDef *def) {
    for (int i = 0; i < WORKER_ROWS; i++)
        if (is_given(def, worker_rows[i]) && !is_saved(def))
            return up_fail(
                UP_USAGE,
                "%s: env.%s is about worker processes, and this environment runs without "
                "them: leave it out (gym:%s runs in one)",
                def->id, worker_rows[i], def->id);
    return UP_OK;
}

bool up__env_row_matters(const UpEnvDef *def, int row) {
    for (int i = 0; i < ATARI_ROWS; i++)
        if (row == row_of(atari_rows[i])) return def->preprocess == UP_PREPROCESS_ATARI;
    for (int i = 0; i < WORKER_ROWS; i++)
        if (row == row_of(worker_rows[i])) return !is_default(def, worker_rows[i]);
    return true;
}

// A keyword has a line of its own, which keeps lines short.
void up__env_def_format(const UpEnvDef *def, FILE *out) {
    char value[UP_ENV_OPTIONS_MAX], *rest = value, *text;
    for (int row = 0; row < up_env_options.count; row++) {
        if (!up__env_row_matters(def, row) || row == row_of("options")) continue;
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
