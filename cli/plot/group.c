// Which runs make a line: those whose settings are the same, so that two settings are never
// averaged as if they were seeds.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot/plot.h"
#include "uphill/file.h"
#include "uphill/train.h"

enum { KEYS_SHOWN = 3, SETTINGS_MAX = 512, VALUE = UP_OPTION_TEXT_MAX };

// What learning does not depend on. [eval] watches it.
static bool matters(const char *section, const char *name) {
    static const char *const records[] = {"recipe", "seed",      "threads",   "checkpoint_seconds",
                                          "keep",   "log_every", "film_every"};
    if (strcmp(section, "eval") == 0) return false;
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        if (strcmp(section, "train") == 0 && strcmp(name, records[i]) == 0) return false;
    return true;
}

static const char *keep_text(UpArena *arena, const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = up_arena_alloc(arena, size, 1);
    return copy ? memcpy(copy, text, size) : NULL;
}

UpStatus plot_settings(PlotRun *run, UpArena *arena) {
    UP_TRY(up_train_config(&run->config, run->folder));
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(up_algo_find(run->config.train.algo), section);
    run->setting = up_arena_alloc(arena, SETTINGS_MAX, sizeof *run->setting);
    if (!run->setting) return UP_MEMORY;
    for (int i = 0; i < sections; i++) {
        const UpOptionTable *table = section[i].table;
        const char *def = (const char *)&run->config + section[i].offset;
        for (int row = 0; row < table->count && run->settings < SETTINGS_MAX; row++) {
            char key[128], value[VALUE];
            if (!matters(table->section, table->rows[row].name)) continue;
            snprintf(key, sizeof key, "%s.%s", table->section, table->rows[row].name);
            up_options_format(table, row, def, value, sizeof value);
            PlotSetting setting = {keep_text(arena, key), keep_text(arena, value)};
            if (!setting.key || !setting.value) return UP_MEMORY;
            run->setting[run->settings++] = setting;
        }
    }
    return UP_OK;
}

// "" where the run has no such option.
static const char *value_of(const PlotRun *run, const char *key) {
    for (int i = 0; i < run->settings; i++)
        if (strcmp(run->setting[i].key, key) == 0) return run->setting[i].value;
    return "";
}

static bool differ_in(const PlotRun *a, const PlotRun *b, const char *key) {
    return strcmp(value_of(a, key), value_of(b, key)) != 0;
}

static bool differ(const PlotRun *a, const PlotRun *b) {
    for (int i = 0; i < a->settings; i++)
        if (differ_in(a, b, a->setting[i].key)) return true;
    for (int i = 0; i < b->settings; i++)
        if (differ_in(a, b, b->setting[i].key)) return true;
    return false;
}

// ---------------------------------------------------------------------------------------------------
// --group KEY,KEY…

// The next key of the list `by`, false at its end.
static bool next_key(const char **by, char key[128]) {
    size_t length = strcspn(*by, ",");
    if (length == 0) return false;
    snprintf(key, 128, "%.*s", (int)length, *by);
    *by += length + ((*by)[length] == ',');
    return true;
}

static UpStatus check_keys(const Plot *plot, const char *by) {
    const char *names[SETTINGS_MAX];
    char key[128];
    while (next_key(&by, key)) {
        bool found = false;
        for (int r = 0; r < plot->runs; r++)
            found |= value_of(&plot->run[r], key)[0] != 0;
        if (found) continue;
        if (strncmp(key, "train.", 6) == 0 && up_options_has(&up_train_options, key + 6))
            return up_fail(UP_USAGE,
                           "--group %s: a line is a mean over what learning does not depend on, "
                           "such as seeds; --group run draws a line for each run",
                           key);
        int count = plot->run->settings;
        for (int i = 0; i < count; i++)
            names[i] = plot->run->setting[i].key;
        const char *near = up_nearest(key, names, count);
        return up_fail(UP_USAGE,
                       "--group %s: no run has this option%s%s%s; it is \"run\", \"all\", or "
                       "options such as optim.learning_rate",
                       key, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    return UP_OK;
}

static bool same_line(const PlotRun *a, const PlotRun *b, const char *by) {
    char key[128];
    if (!by) return !differ(a, b);
    if (strcmp(by, "run") == 0) return false;
    if (strcmp(by, "all") == 0) return true;
    while (next_key(&by, key))
        if (differ_in(a, b, key)) return false;
    return true;
}

static const PlotRun *first_of(const Plot *plot, int line) {
    const PlotRun *run = plot->run;
    while (run->line != line)
        run++;
    return run;
}

__attribute__((format(printf, 2, 3))) static void add(char label[PLOT_LABEL], const char *format,
                                                      ...) {
    size_t used = strlen(label);
    va_list list;
    va_start(list, format);
    vsnprintf(label + used, PLOT_LABEL - used, format, list);
    va_end(list);
}

// The options in which a run differs from the first of its line; the environment and the algorithm
// first, as they stand in every config before the others that count.
static int list_differences(const PlotRun *run, const PlotRun *first, char list[PLOT_LABEL]) {
    int count = 0;
    list[0] = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < run->settings; i++) {
            const char *key = run->setting[i].key;
            bool task = strcmp(key, "env.id") == 0 || strcmp(key, "train.algo") == 0;
            if (task != (pass == 0) || !differ_in(run, first, key)) continue;
            if (++count <= KEYS_SHOWN) add(list, "%s%s", count > 1 ? ", " : "", key);
        }
    if (count > KEYS_SHOWN) add(list, " and %d more", count - KEYS_SHOWN);
    return count;
}

// Somebody who asks for it gets a mean over several settings, and is told.
static void warn_mixed(const Plot *plot) {
    char list[PLOT_LABEL];
    for (int r = 0; r < plot->runs; r++) {
        const PlotRun *run = &plot->run[r];
        if (list_differences(run, first_of(plot, run->line), list) == 0) continue;
        up_warn("the line \"%s\" is a mean over runs that differ in %s, as --group asks",
                plot->label[run->line], list);
        return;
    }
}

// A copy of a run says nothing new, and makes an interval narrower.
static void warn_copies(const Plot *plot) {
    for (int r = 1; r < plot->runs; r++)
        for (int before = 0; before < r; before++) {
            const PlotRun *a = &plot->run[before], *b = &plot->run[r];
            bool same = a->config.train.seed == b->config.train.seed && !differ(a, b);
            if (!same || a->line != b->line) continue;
            up_warn("%s and %s have the same seed and settings, and count as two runs: leave one "
                    "out",
                    a->folder, b->folder);
            break;
        }
}

// Whether history.csv tells of a setting that a line could be named by.
static bool was_changed(const PlotRun *run) {
    char path[2048], *text;
    size_t size;
    bool changed = false;
    snprintf(path, sizeof path, "%s/history.csv", run->folder);
    if (up_file_read_text(path, &text, &size) != UP_OK) return false;
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) && !changed;) {
        char *key = strchr(line, ',');
        if (!key) continue;
        key[1 + strcspn(key + 1, ",")] = 0;
        changed = strcmp(key + 1, "train.steps") != 0 && value_of(run, key + 1)[0] != 0;
    }
    free(text);
    return changed;
}

static void warn_changed(const Plot *plot) {
    for (int r = 0; r < plot->runs; r++)
        if (was_changed(&plot->run[r]))
            up_warn("%s: options were changed on its way, as %s/history.csv lists; it counts under "
                    "their last values",
                    plot->run[r].folder, plot->run[r].folder);
}

void plot_warn_tasks(const Plot *plot) {
    for (int r = 1; r < plot->runs; r++) {
        const char *id = plot->run[r].config.env.id, *first = plot->run->config.env.id;
        if (strcmp(id, first) == 0) continue;
        up_warn("returns of %s and %s stand on one axis, and are of different tasks", first, id);
        return;
    }
}

// ---------------------------------------------------------------------------------------------------
// Names

static bool any_differ(const Plot *plot, const char *key) {
    for (int r = 1; r < plot->runs; r++)
        if (differ_in(plot->run, &plot->run[r], key)) return true;
    return false;
}

// The algorithm and the environment, where lines differ in them or there is nothing else to say.
static void add_what(const Plot *plot, const PlotRun *run, bool always, char label[PLOT_LABEL]) {
    const char *algo = run->config.train.algo, *id = run->config.env.id;
    bool algos = any_differ(plot, "train.algo"), ids = any_differ(plot, "env.id");
    if (algos || (always && !ids)) add(label, "%s", algo);
    if (ids) add(label, "%s%s", algos ? " on " : "", id);
}

// In which options a line differs from others of the same algorithm and environment.
static void add_settings(const Plot *plot, const PlotRun *run, char label[PLOT_LABEL]) {
    int count = 0;
    for (int i = 0; i < run->settings; i++) {
        const char *key = run->setting[i].key;
        bool differs = false;
        if (strcmp(key, "train.algo") == 0 || strcmp(key, "env.id") == 0) continue;
        for (int r = 0; r < plot->runs; r++)
            differs |= !differ_in(run, &plot->run[r], "train.algo") &&
                       !differ_in(run, &plot->run[r], "env.id") &&
                       differ_in(run, &plot->run[r], key);
        if (!differs || ++count > KEYS_SHOWN) continue;
        add(label, "%s%s=%s", label[0] ? ", " : "", key, run->setting[i].value);
    }
    if (count > KEYS_SHOWN) add(label, " and %d more", count - KEYS_SHOWN);
}

static void add_keys(const PlotRun *run, const char *by, char label[PLOT_LABEL]) {
    char key[128];
    while (next_key(&by, key)) {
        bool plain = strcmp(key, "train.algo") == 0 || strcmp(key, "env.id") == 0;
        add(label, "%s%s%s%s", label[0] ? ", " : "", plain ? "" : key, plain ? "" : "=",
            value_of(run, key));
    }
}

// Lines of one name would become one line.
static void tell_apart(Plot *plot, int line) {
    for (int before = 0; before < line; before++)
        if (strcmp(plot->label[before], plot->label[line]) == 0) {
            add(plot->label[line], " (%s)", first_of(plot, line)->folder);
            return;
        }
}

static void name_lines(Plot *plot, const char *by) {
    bool whole = by && strcmp(by, "all") == 0, each = by && strcmp(by, "run") == 0;
    for (int line = 0; line < plot->lines; line++) {
        char *label = plot->label[line];
        const PlotRun *run = first_of(plot, line);
        if (each)
            add(label, "%s", run->folder);
        else if (whole)
            add(label, "all");
        else if (by)
            add_keys(run, by, label);
        else
            add_what(plot, run, plot->lines == 1, label);
        if (!by) add_settings(plot, run, label);
        tell_apart(plot, line);
    }
}

static void name_plot(Plot *plot) {
    bool algos = any_differ(plot, "train.algo"), ids = any_differ(plot, "env.id");
    const UpConfig *first = &plot->run->config;
    if (!algos) add(plot->title, "%s", first->train.algo);
    if (!ids) add(plot->title, "%s%s", algos ? "" : " on ", first->env.id);
    if (plot->runs == 1) add(plot->title, ", seed %lld", (long long)first->train.seed);
    if (algos && ids) add(plot->title, "Learning curves");
}

UpStatus plot_group(Plot *plot, const char *by) {
    if (by && strcmp(by, "run") != 0 && strcmp(by, "all") != 0) UP_TRY(check_keys(plot, by));
    for (int r = 0; r < plot->runs; r++) {
        int before = 0;
        while (before < r && !same_line(&plot->run[before], &plot->run[r], by))
            before++;
        plot->run[r].line = before < r ? plot->run[before].line : plot->lines++;
    }
    plot->label = up_arena_alloc(&plot->arena, (size_t)plot->lines, sizeof *plot->label);
    if (!plot->label) return UP_MEMORY;
    name_lines(plot, by);
    name_plot(plot);
    if (by) warn_mixed(plot);
    warn_copies(plot);
    warn_changed(plot);
    return UP_OK;
}
