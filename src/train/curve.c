// curve.svg: the mean return of the last 100 episodes, for a look at how a run went.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "train/trainer.h"
#include "uphill/plot.h"

// That over the steps; NAN are left out. *x and *y are the caller's to free().
static UpStatus read_curve(const UpTable *table, double **x, double **y, int *points) {
    int steps = up_table_column(table, "steps"), ret = up_table_column(table, "return_mean");
    size_t rows = (size_t)table->rows + 1;
    *points = 0;
    *x = calloc(rows, sizeof **x);
    *y = calloc(rows, sizeof **y);
    if (!*x || !*y) return up_fail(UP_MEMORY, "out of memory for a curve");
    for (int64_t row = 0; row < table->rows; row++) {
        const double *value = table->value + row * table->columns;
        if (isnan(value[ret])) continue;
        (*x)[*points] = value[steps];
        (*y)[(*points)++] = value[ret];
    }
    return UP_OK;
}

static UpStatus write_curve(const UpTrainer *t) {
    char path[UP__PATH + 64], title[2 * UP_OPTION_TEXT_MAX + 8];
    UpTable table;
    double *x = NULL, *y = NULL;
    int points;
    snprintf(path, sizeof path, "%s/metrics.csv", t->folder);
    UP_TRY(up_metrics_read(path, &table));
    UpStatus status = read_curve(&table, &x, &y, &points);
    if (status == UP_OK && points > 0) {
        snprintf(title, sizeof title, "%s on %s", t->config.train.algo, t->config.env.id);
        snprintf(path, sizeof path, "%s/curve.svg", t->folder);
        UpCurve curve = {.label = title, .points = points, .x = x, .y = y};
        UpPlot plot = {.title = title,
                       .x_label = "environment steps",
                       .y_label = "mean return of the last 100 episodes",
                       .curves = 1,
                       .curve = &curve,
                       .target = t->config.train.target};
        status = up_plot_write(&plot, path);
    }
    free(x);
    free(y);
    up_table_free(&table);
    return status;
}

void up__rundir_curve(const UpTrainer *t) {
    UpStatus status = write_curve(t);
    if (status != UP_OK && status != UP_UNSUPPORTED) up_warn("no curve.svg: %s", up_error());
}
