// uphill plot: learning curves of runs.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "plot/plot.h"
#include "uphill/plot.h"

// What columns are called on an axis. `ret`: a target is of this kind.
static const struct {
    const char *column, *title;
    bool ret;
} titles[] = {
    {"eval_return_mean", "mean return of the evaluations", true},
    {"return_mean", "mean return of the last 100 episodes", true},
    {"running_reward", "running reward", true},
    {"length_mean", "mean length of the last 100 episodes, steps", false},
    {"steps", "environment steps", false},
};
enum { TITLES = sizeof titles / sizeof *titles };

static const char *title_of(const char *column, bool *ret) {
    for (int i = 0; i < TITLES; i++)
        if (strcmp(titles[i].column, column) == 0) {
            if (ret) *ret = titles[i].ret;
            return titles[i].title;
        }
    return column;
}

static UpStatus read_run(PlotRun *run, UpArena *arena) {
    char path[2048];
    UP_TRY(plot_settings(run, arena));
    snprintf(path, sizeof path, "%s/metrics.csv", run->folder);
    return up_metrics_read(path, &run->table);
}

static bool has_numbers(const UpTable *table, const char *column) {
    int at = up_table_column(table, column);
    for (int64_t row = 0; at >= 0 && row < table->rows; row++)
        if (!isnan(table->value[row * table->columns + at])) return true;
    return false;
}

// Evaluations, where every run has some; else the episodes of training.
static const char *choose_column(const Plot *plot) {
    for (int r = 0; r < plot->runs; r++)
        if (!has_numbers(&plot->run[r].table, titles[0].column)) return titles[1].column;
    return titles[0].column;
}

static UpStatus no_column(const PlotRun *run, const char *column) {
    const UpTable *table = &run->table;
    char list[1024] = "";
    const char *near = up_nearest(column, (const char *const *)table->name, table->columns);
    for (int i = 0; i < table->columns; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", table->name[i]);
    }
    if (near)
        return up_fail(UP_USAGE, "%s/metrics.csv has no column %s; did you mean %s? It has %s",
                       run->folder, column, near, list);
    return up_fail(UP_USAGE, "%s/metrics.csv has no column %s; it has %s", run->folder, column,
                   list);
}

// A column may be there and empty: of evaluations that nobody asked for.
static UpStatus no_evaluations(const Plot *plot, const char *y) {
    for (int r = 0; r < plot->runs; r++)
        if (plot->run[r].config.eval.every > 0 || has_numbers(&plot->run[r].table, y)) return UP_OK;
    return up_fail(UP_USAGE,
                   "there is no %s to plot: %s was trained without evaluations; train with --set "
                   "eval.every=STEPS, or plot return_mean",
                   y, plot->runs == 1 ? plot->run->folder : "every one of the runs");
}

static UpStatus curve_of(Plot *plot, const PlotRun *run, const char *x_name, const char *y_name,
                         UpCurve *curve) {
    const UpTable *table = &run->table;
    int x = up_table_column(table, x_name), y = up_table_column(table, y_name);
    if (x < 0 || y < 0) return no_column(run, x < 0 ? x_name : y_name);
    double *points = up_arena_alloc(&plot->arena, 2 * (size_t)table->rows + 1, sizeof *points);
    if (!points) return UP_MEMORY;
    *curve = (UpCurve){.label = plot->label[run->line], .x = points, .y = points + table->rows};
    for (int64_t row = 0; row < table->rows; row++) {
        const double *value = table->value + row * table->columns;
        if (isnan(value[x]) || isnan(value[y])) continue;
        points[curve->points] = value[x];
        points[table->rows + curve->points++] = value[y];
    }
    return UP_OK;
}

// --label TEXT, once for each line, in their order.
static UpStatus rename_lines(Plot *plot, const CliArgs *args) {
    int given = 0;
    for (int i = 0; i < args->values; i++)
        given += strcmp(args->option[i]->name, "--label") == 0;
    if (given == 0) return UP_OK;
    if (given != plot->lines) {
        char lines[1024] = "";
        for (int i = 0; i < plot->lines; i++) {
            size_t used = strlen(lines);
            snprintf(lines + used, sizeof lines - used, "%s\"%s\"", i ? ", " : "", plot->label[i]);
        }
        return up_fail(UP_USAGE, "--label is given %d time%s for %d line%s: %s", given,
                       given == 1 ? "" : "s", plot->lines, plot->lines == 1 ? "" : "s", lines);
    }
    for (int i = 0, line = 0; i < args->values; i++)
        if (strcmp(args->option[i]->name, "--label") == 0)
            snprintf(plot->label[line++], PLOT_LABEL, "%s", args->value[i]);
    for (int i = 1; i < plot->lines; i++)
        for (int before = 0; before < i; before++)
            if (strcmp(plot->label[i], plot->label[before]) == 0)
                return up_fail(UP_USAGE,
                               "--label %s names two lines; --group says which runs make "
                               "one",
                               plot->label[i]);
    return UP_OK;
}

// The target of the runs, where all have the same, or what --target says.
static UpStatus choose_target(const Plot *plot, const CliArgs *args, bool ret, double *target) {
    const char *text = cli_value(args, "--target");
    *target = NAN;
    if (text && strcmp(text, "none") == 0) return UP_OK;
    if (text) {
        char *end;
        *target = strtod(text, &end);
        if (*text && !*end && isfinite(*target)) return UP_OK;
        return up_fail(UP_USAGE, "--target %s: it must be a number, or none", text);
    }
    *target = ret ? plot->run->config.train.target : NAN;
    for (int r = 1; r < plot->runs; r++)
        if (plot->run[r].config.train.target != *target) *target = NAN;
    return UP_OK;
}

static UpStatus choose_center(const CliArgs *args, UpCenter *center) {
    const char *text = cli_value(args, "--average");
    *center = text && strcmp(text, "iqm") == 0 ? UP_CENTER_IQM : UP_CENTER_MEAN;
    if (!text || strcmp(text, "mean") == 0 || strcmp(text, "iqm") == 0) return UP_OK;
    return up_fail(UP_USAGE, "--average %s: it is mean, or iqm, the mean of the middle half", text);
}

static UpStatus draw(Plot *plot, const CliArgs *args, const char *out) {
    const char *x = cli_value(args, "--x"), *y = cli_value(args, "--y"),
               *title = cli_value(args, "--title");
    bool ret = false;
    if (!x) x = "steps";
    if (!y) y = choose_column(plot);
    UpPlot picture = {.title = title ? title : plot->title,
                      .x_label = title_of(x, NULL),
                      .y_label = title_of(y, &ret),
                      .curves = plot->runs};
    UP_TRY(rename_lines(plot, args));
    UP_TRY(choose_target(plot, args, ret, &picture.target));
    UP_TRY(choose_center(args, &picture.center));
    UpCurve *curve = up_arena_alloc(&plot->arena, (size_t)plot->runs, sizeof *curve);
    if (!curve) return UP_MEMORY;
    for (int r = 0; r < plot->runs; r++)
        UP_TRY(curve_of(plot, &plot->run[r], x, y, &curve[r]));
    picture.curve = curve;
    if (strncmp(y, "eval_", 5) == 0) UP_TRY(no_evaluations(plot, y));
    if (ret) plot_warn_tasks(plot);
    return up_plot_write(&picture, out);
}

// Whether two names are of one folder.
static bool is_same(const char *a, const char *b) {
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

// Every run once, however often it is named.
static UpStatus read_runs(Plot *plot, const CliArgs *args) {
    plot->run = up_arena_alloc(&plot->arena, (size_t)args->words, sizeof *plot->run);
    if (!plot->run) return UP_MEMORY;
    for (int i = 0; i < args->words; i++) {
        int before = 0;
        while (before < plot->runs && !is_same(plot->run[before].folder, args->word[i]))
            before++;
        if (before < plot->runs) {
            up_warn("%s is named twice and counts once", plot->run[before].folder);
            continue;
        }
        PlotRun *run = &plot->run[plot->runs++];
        run->folder = args->word[i];
        UP_TRY(read_run(run, &plot->arena));
    }
    return UP_OK;
}

static UpStatus run(const CliArgs *args) {
    const char *out = cli_value(args, "--out");
    Plot plot = {0};
    if (!out) out = "curve.svg";
    UpStatus status = read_runs(&plot, args);
    if (status == UP_OK) status = plot_group(&plot, cli_value(args, "--group"));
    if (status == UP_OK) status = draw(&plot, args, out);
    for (int r = 0; plot.run && r < plot.runs; r++)
        up_table_free(&plot.run[r].table);
    up_arena_free(&plot.arena);
    if (status == UP_OK) printf("%s\n", out);
    return status;
}

static const CliOption options[] = {
    {"--x", "COLUMN", "steps (default), seconds, episodes, …"},
    {"--y", "COLUMN",
     "a column of metrics.csv: eval_return_mean where all runs have it, else return_mean; or "
     "running_reward, …"},
    {"--average", "mean|iqm", "of the runs of a line: their mean (default), or of the middle half"},
    {"--group", "KEY,…",
     "one line for each value of these options, say optim.learning_rate; run: one for each run; "
     "all: one"},
    {"--label", "TEXT", "the name of a line, once for each, in their order"},
    {"--title", "TEXT", "above the picture"},
    {"--target", "R|none", "a level to reach (default: the runs' own, where they agree)"},
    {"--out", "FILE", "x.svg or x.png (default curve.svg)"},
};

const CliCommand cli_plot = {
    "plot",
    "RUN…",
    1,
    CLI_VALUES,
    "draw learning curves",
    "Runs whose configs are the same but for the seed become one line: their mean, with its 95 %\n"
    "bootstrap interval shaded. Where runs end early, the line goes on dashed over those that are\n"
    "left, with their number beside it.",
    options,
    sizeof options / sizeof *options,
    run};
