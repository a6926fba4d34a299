// uphill plot: learning curves of runs.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "uphill/metrics.h"
#include "uphill/plot.h"
#include "uphill/train.h"

typedef struct Plotted {
    char label[UP_OPTION_TEXT_MAX * 2 + 8];
    UpTable table;
    double *x, *y;
} Plotted;

static UpStatus read_run(const char *folder, const char *x_name, const char *y_name, Plotted *p,
                         UpCurve *curve, double *target) {
    static UpConfig config;
    char path[2048];
    UP_TRY(up_train_config(&config, folder));
    snprintf(path, sizeof path, "%s/metrics.csv", folder);
    UP_TRY(up_metrics_read(path, &p->table));
    int x = up_table_column(&p->table, x_name), y = up_table_column(&p->table, y_name);
    if (x < 0 || y < 0)
        return up_fail(UP_USAGE, "%s has no column %s; its first line lists them", path,
                       x < 0 ? x_name : y_name);
    p->x = calloc((size_t)p->table.rows + 1, sizeof *p->x);
    p->y = calloc((size_t)p->table.rows + 1, sizeof *p->y);
    if (!p->x || !p->y) return up_fail(UP_MEMORY, "out of memory for a curve");
    int points = 0;
    for (int64_t row = 0; row < p->table.rows; row++) {
        const double *value = p->table.value + row * p->table.columns;
        if (isnan(value[x]) || isnan(value[y])) continue;
        p->x[points] = value[x];
        p->y[points++] = value[y];
    }
    // Seeds of one setting share a label, and so become one line with its spread.
    snprintf(p->label, sizeof p->label, "%s on %s", config.train.algo, config.env.id);
    *curve = (UpCurve){.label = p->label, .points = points, .x = p->x, .y = p->y};
    if (!isnan(config.train.target)) *target = config.train.target;
    return UP_OK;
}

static UpStatus run(const CliArgs *args) {
    static Plotted plotted[CLI_VALUES];
    static UpCurve curve[CLI_VALUES];
    const char *out = cli_value(args, "--out"), *x = cli_value(args, "--x"),
               *y = cli_value(args, "--y");
    if (!out) out = "curve.svg";
    if (!x) x = "steps";
    if (!y) y = "running_reward";
    double target = NAN;
    UpStatus status = UP_OK;
    for (int i = 0; i < args->words && status == UP_OK; i++)
        status = read_run(args->word[i], x, y, &plotted[i], &curve[i], &target);
    if (status == UP_OK) {
        bool running = strcmp(y, "running_reward") == 0;
        UpPlot plot = {.title = args->words == 1 ? plotted[0].label : "Learning curves",
                       .x_label = strcmp(x, "steps") == 0 ? "environment steps" : x,
                       .y_label = running ? "running reward" : y,
                       .curves = args->words,
                       .curve = curve,
                       .target = running ? target : NAN};
        status = up_plot_write(&plot, out);
    }
    for (int i = 0; i < args->words; i++) {
        up_table_free(&plotted[i].table);
        free(plotted[i].x);
        free(plotted[i].y);
    }
    if (status == UP_OK) printf("%s\n", out);
    return status;
}

static const CliOption options[] = {
    {"--x", "COLUMN", "steps (default), seconds, episodes, …"},
    {"--y", "COLUMN", "a column of metrics.csv (default running_reward)"},
    {"--out", "FILE", "x.svg or x.png (default curve.svg)"},
};

const CliCommand cli_plot = {
    "plot",
    "RUN…",
    1,
    CLI_VALUES,
    "draw learning curves",
    "Runs of one algorithm on one environment become one line: their mean, with ± one standard\n"
    "deviation shaded.",
    options,
    sizeof options / sizeof *options,
    run};
