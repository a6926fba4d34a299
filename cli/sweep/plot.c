// The score over each swept option: every run a small dot, the mean of each value a large one.
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/sweep.h"
#include "uphill/plot.h"

typedef struct Slice {
    const SweepParam *param;
    int index; // of the parameter
    bool named, log;
    int dots, means;
    double *x, *y;           // (runs) of those that have a score
    double *mean_x, *mean_y; // (settings, or the grid's values)
} Slice;

// A grid has a logarithmic axis where its values are above 0 and span a factor of ten.
static void choose_axis(Slice *s) {
    double low = INFINITY, high = -INFINITY;
    for (int v = 0; v < s->param->values; v++) {
        char *end;
        double value = strtod(s->param->value[v], &end);
        s->named |= *end != 0 || !isfinite(value);
        low = fmin(low, value);
        high = fmax(high, value);
    }
    s->log = s->param->random ? s->param->log : !s->named && low > 0 && high / low >= 10;
}

static double place(const Sweep *sweep, const Slice *s, int setting) {
    const char *text = sweep_text(sweep, setting, s->index);
    for (int v = 0; s->named && v < s->param->values; v++)
        if (strcmp(text, s->param->value[v]) == 0) return v;
    return strtod(text, NULL);
}

static void add_mean(Slice *s, double x, double sum, int count) {
    if (count == 0) return;
    s->mean_x[s->means] = x;
    s->mean_y[s->means++] = sum / count;
}

static void gather(const Sweep *sweep, Slice *s) {
    for (int run = 0; run < sweep->runs; run++) {
        bool read = *sweep_text(sweep, run % sweep->settings, s->index) != 0;
        if (!read || isnan(sweep_score(sweep, run))) continue;
        s->x[s->dots] = place(sweep, s, run % sweep->settings);
        s->y[s->dots++] = sweep_score(sweep, run);
    }
    // A drawn value is its setting's alone; a grid's value is that of many settings.
    int groups = s->param->random ? sweep->settings : s->param->values;
    for (int g = 0; g < groups; g++) {
        double sum = 0, x = 0;
        int count = 0;
        for (int run = 0; run < sweep->runs; run++) {
            int setting = run % sweep->settings;
            const char *text = sweep_text(sweep, setting, s->index);
            bool belongs = s->param->random ? setting == g : strcmp(text, s->param->value[g]) == 0;
            if (!belongs || !*text || isnan(sweep_score(sweep, run))) continue;
            sum += sweep_score(sweep, run);
            x = place(sweep, s, setting);
            count++;
        }
        add_mean(s, x, sum, count);
    }
}

static int compare_rows(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

// A grid may name its values in any order; a line runs from left to right.
static void sort_means(Slice *s) {
    double row[SWEEP_VALUES][2];
    for (int i = 0; i < s->means; i++) {
        row[i][0] = s->mean_x[i];
        row[i][1] = s->mean_y[i];
    }
    qsort(row, (size_t)s->means, sizeof *row, compare_rows);
    for (int i = 0; i < s->means; i++) {
        s->mean_x[i] = row[i][0];
        s->mean_y[i] = row[i][1];
    }
}

static UpStatus draw(const Sweep *sweep, Slice *s) {
    static const char *const ending[] = {"svg", "png"};
    char title[3 * UP_OPTION_TEXT_MAX], path[SWEEP_PATH], name[sizeof s->param->key];
    bool joined = !s->param->random && !s->named;
    UpCurve curve[] = {{"runs", s->dots, s->x, s->y, UP_CURVE_DOTS},
                       {s->param->random ? "mean over the seeds" : "mean of each value", s->means,
                        s->mean_x, s->mean_y, joined ? UP_CURVE_KNOTS : UP_CURVE_MARKS}};
    snprintf(title, sizeof title, "%s on %s: %s", sweep->base.train.algo, sweep->base.env.id,
             s->param->key);
    UpPlot plot = {.title = title,
                   .x_label = s->param->key,
                   .y_label = sweep->score->title,
                   .curves = s->param->random && sweep->seeds == 1 ? 1 : 2,
                   .curve = curve,
                   .target = NAN,
                   .log_x = s->log,
                   .x_names = s->named ? s->param->values : 0,
                   .x_name = s->param->value};
    snprintf(name, sizeof name, "%s", s->param->key);
    name[strcspn(name, ".")] = '-';
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s.%s", sweep->folder, name, ending[i]);
        UP_TRY(up_plot_write(&plot, path));
    }
    printf("%s\n", path);
    return UP_OK;
}

static UpStatus plot_param(const Sweep *sweep, int index, UpArena *arena) {
    const SweepParam *param = &sweep->param[index];
    size_t runs = (size_t)sweep->runs, groups = (size_t)sweep->settings + SWEEP_VALUES;
    Slice s = {.param = param,
               .index = index,
               .x = up_arena_alloc(arena, runs, sizeof(double)),
               .y = up_arena_alloc(arena, runs, sizeof(double)),
               .mean_x = up_arena_alloc(arena, groups, sizeof(double)),
               .mean_y = up_arena_alloc(arena, groups, sizeof(double))};
    UP_TRY(up_arena_status(arena));
    choose_axis(&s);
    gather(sweep, &s);
    if (!param->random) sort_means(&s);
    return s.dots > 0 ? draw(sweep, &s) : UP_OK;
}

UpStatus sweep_plots(const Sweep *sweep) {
    UpArena arena = {0};
    UpStatus status = UP_OK;
    for (int p = 0; p < sweep->params && status == UP_OK; p++)
        if (sweep->param[p].random || sweep->param[p].values > 1)
            status = plot_param(sweep, p, &arena);
    up_arena_free(&arena);
    if (status != UP_UNSUPPORTED) return status;
    up_warn("%s", up_error()); // the table is there
    return UP_OK;
}
