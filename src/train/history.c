// What may change in the middle of a run, and the record of it: DIR/history.csv has a row for each
// option that a resume changed, with the step at which it did. config.ini holds what is true now.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "env/keyword.h"
#include "train/trainer.h"
#include "uphill/file.h"
#include "uphill/text.h"

enum { VALUE = 4096 }; // bytes of the longest text of an option, with room

static const char header[] = "step,option,before,after\n";

// What a run is made with once and for all: its random streams, its instances, what it observes,
// and its network. `section.` stands for all of a section.
static const char *const fixed[] = {"train.algo", "train.seed", "train.recipe", "train.init",
                                    "env.",       "policy.",    "rollout.envs"};
// Exceptions from whole sections.
static const char *const loose[] = {"env.workers", "env.timeout", "policy.clip_obs"};

static bool listed(const char *const *list, size_t count, const char *key) {
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(list[i]);
        bool section = list[i][length - 1] == '.';
        if (section ? strncmp(list[i], key, length) == 0 : strcmp(list[i], key) == 0) return true;
    }
    return false;
}

static bool is_fixed(const char *key) {
    return listed(fixed, sizeof fixed / sizeof *fixed, key) &&
           !listed(loose, sizeof loose / sizeof *loose, key);
}

// The keywords of an environment have no order.
static bool is_same(const char *key, const char *a, const char *b) {
    return strcmp(a, b) == 0 || (strcmp(key, "env.options") == 0 && up__keywords_same(a, b));
}

typedef UpStatus (*Each)(void *user, const char *key, const char *before, const char *after);

// Calls `each` with every option that differs.
static UpStatus each_change(const UpConfig *before, const UpConfig *after, Each each, void *user) {
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(NULL, section);
    for (int s = 0; s < sections; s++) {
        const UpOptionTable *table = section[s].table;
        for (int row = 0; row < table->count; row++) {
            char a[VALUE], b[VALUE], key[128];
            up_options_format(table, row, (const char *)before + section[s].offset, a, sizeof a);
            up_options_format(table, row, (const char *)after + section[s].offset, b, sizeof b);
            snprintf(key, sizeof key, "%s.%s", table->section, table->rows[row].name);
            if (is_same(key, a, b)) continue;
            UP_TRY(each(user, key, a, b));
        }
    }
    return UP_OK;
}

static UpStatus refuse(void *user, const char *key, const char *before, const char *after) {
    // Those with which the weights of the run fit another one.
    static const char *const fits[] = {"train.seed", "rollout.envs", "env.options",
                                       "env.max_episode_steps"};
    const char *folder = user;
    if (!is_fixed(key)) return UP_OK;
    bool init = listed(fits, sizeof fits / sizeof *fits, key);
    return up_fail(UP_USAGE,
                   "%s = %s: the run in %s has %s, which cannot change on the way: leave it out, "
                   "or start a new run%s%s",
                   key, *after ? after : "none", folder, *before ? before : "none",
                   init ? ", from its weights with --init " : "", init ? folder : "");
}

UpStatus up__history_check(const char *folder, const UpConfig *before, const UpConfig *after) {
    return each_change(before, after, refuse, (void *)folder);
}

typedef struct Rows {
    FILE *out;
    int64_t step;
} Rows;

// A text with a comma or a quote is quoted, as in any CSV file.
static void write_cell(FILE *out, const char *text) {
    if (!strpbrk(text, ",\"")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"') fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static UpStatus write_change(void *user, const char *key, const char *before, const char *after) {
    Rows *rows = user;
    fprintf(rows->out, "%" PRId64 ",%s,", rows->step, key);
    write_cell(rows->out, before);
    fputc(',', rows->out);
    write_cell(rows->out, after);
    fputc('\n', rows->out);
    return UP_OK;
}

// The rows so far. Where the run goes on from before a change, it counts from there.
static void copy_rows(const char *text, Rows *rows) {
    const char *line = strchr(text, '\n');
    while (line && line[1]) {
        char *rest;
        int64_t step = strtoll(line + 1, &rest, 10);
        size_t length = strcspn(rest, "\n");
        fprintf(rows->out, "%" PRId64 "%.*s\n", step < rows->step ? step : rows->step, (int)length,
                rest);
        line = strchr(rest, '\n');
    }
}

// The next cell of a row, in place; *text then points behind it.
static char *read_cell(char **text) {
    char *cell = *text, *to = cell, *from = cell;
    bool quoted = *from == '"';
    for (from += quoted; *from && *from != '\n' && (quoted || *from != ','); from++) {
        if (*from == '"' && quoted && *++from != '"') quoted = false;
        if (!quoted && (*from == ',' || *from == '\n' || !*from)) break;
        *to++ = *from;
    }
    *text = from + (*from == ',');
    *to = 0;
    return cell;
}

// Changes since the checkpoint: a session that was killed before it saved one had them already. A
// row that says nothing sensible was written by somebody else, and stays as it is.
static void apply_rows(const char *text, int64_t step, UpConfig *config) {
    const char *line = strchr(text, '\n');
    while (line && line[1]) {
        char row[2 * VALUE], *rest = row;
        size_t length = strcspn(line + 1, "\n");
        snprintf(row, sizeof row, "%.*s", (int)length, line + 1);
        bool since = strtoll(read_cell(&rest), NULL, 10) >= step;
        const char *key = read_cell(&rest);
        read_cell(&rest);
        if (since) (void)up_config_set(config, key, read_cell(&rest), "history.csv");
        line = strchr(line + 1, '\n');
    }
}

static UpStatus read_rows(const UpTrainer *t, char path[UP__PATH + 64], void **text) {
    size_t size;
    *text = NULL;
    snprintf(path, UP__PATH + 64, "%s/history.csv", t->folder);
    UpStatus status = up_file_read(path, text, &size);
    return status == UP_NOT_FOUND ? UP_OK : status;
}

// config.ini may have been edited since. What checkpoints leave out is as it says there.
UpStatus up__history_before(const UpTrainer *t, const UpConfig *file, UpConfig *made) {
    char path[UP__PATH + 64];
    void *rows;
    made->train.threads = file->train.threads;
    memcpy(made->train.recipe, file->train.recipe, sizeof made->train.recipe);
    memcpy(made->train.init, file->train.init, sizeof made->train.init);
    UP_TRY(read_rows(t, path, &rows));
    if (rows) apply_rows(rows, t->progress.steps, made);
    free(rows);
    return UP_OK;
}

UpStatus up__history_write(const UpTrainer *t, const UpConfig *before) {
    char path[UP__PATH + 64], *text = NULL;
    size_t size;
    void *old;
    UP_TRY(read_rows(t, path, &old));
    Rows rows = {up_text_open(&text, &size), t->progress.steps};
    if (rows.out) {
        fputs(header, rows.out);
        if (old) copy_rows(old, &rows);
        each_change(before, &t->config, write_change, &rows);
    }
    UpStatus status = up_text_close(rows.out, &text);
    bool changed = text && (old ? strcmp(text, old) != 0 : size > sizeof header - 1);
    if (changed) status = up_file_write(path, text, size);
    free(text);
    free(old);
    return status;
}
