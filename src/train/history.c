// What may change in the middle of a run, and the record of it: DIR/history.csv has a row for each
// option that a resume changed, with the step at which it did. config.ini holds what is true now.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
            if (strcmp(a, b) == 0) continue;
            snprintf(key, sizeof key, "%s.%s", table->section, table->rows[row].name);
            UP_TRY(each(user, key, a, b));
        }
    }
    return UP_OK;
}

static UpStatus refuse(void *user, const char *key, const char *before, const char *after) {
    if (!is_fixed(key)) return UP_OK;
    return up_fail(UP_USAGE,
                   "%s = %s: the run in %s has %s, which cannot change on the way: leave it out, "
                   "or start a new run, from its weights with --init %s",
                   key, after, (const char *)user, *before ? before : "none", (const char *)user);
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

UpStatus up__history_write(const UpTrainer *t, const UpConfig *before) {
    char path[UP__PATH + 64], *text = NULL;
    size_t size;
    void *old = NULL;
    snprintf(path, sizeof path, "%s/history.csv", t->folder);
    UpStatus status = up_file_read(path, &old, &size);
    if (status != UP_OK && status != UP_NOT_FOUND) return status;
    Rows rows = {up_text_open(&text, &size), t->progress.steps};
    if (rows.out) {
        fputs(header, rows.out);
        if (old) copy_rows(old, &rows);
        each_change(before, &t->config, write_change, &rows);
    }
    status = up_text_close(rows.out, &text);
    bool changed = text && (old ? strcmp(text, old) != 0 : size > sizeof header - 1);
    if (changed) status = up_file_write(path, text, size);
    free(text);
    free(old);
    return status;
}
