// What `uphill experiment variance-ladder` tells of a task.
#include <math.h>

#include "experiments/ladder.h"

enum { MIDDLE = (CLI_STOPS - 1) / 2 };

const double cli_stop_at[CLI_STOPS] = {0, 0.125, 0.25, 0.5, 1};

typedef enum Quantity { VARIANCE, RELATIVE, ERRORS, RETURN } Quantity;

static double quantity(const CliLadder *ladder, int seed, int stop, int rung, Quantity which) {
    const CliLadderTask *task = ladder->task;
    int at = (seed - 1) * CLI_STOPS + stop;
    const CliEstimates *e = &ladder->at[at];
    double episodes = (double)cli_lab_share(ladder->lab, task->episodes, task->least);
    double by_chance = e->variance[rung] / episodes; // E |mean of g − E g|²
    double square = task->lake ? ladder->exact[at] : e->square[rung];
    switch (which) {
    case VARIANCE:
        return e->variance[rung];
    case RELATIVE: // a mean that chance could have made says nothing about E g
        return task->lake || square > by_chance ? e->variance[rung] / square : NAN;
    case ERRORS:
        return sqrt(e->error[rung] / by_chance);
    case RETURN:
        return e->ret;
    }
    return NAN;
}

static UpStatus row(const CliLadder *ladder, int stop, int rung, Quantity which) {
    static const char *const names[] = {": variance", ": variance / |mean|²",
                                        ": standard errors from exact", "mean return"};
    CliLab *lab = ladder->lab;
    double *value = cli_lab_numbers(lab, (size_t)lab->seeds);
    char what[160];
    if (!value) return UP_MEMORY;
    for (int seed = 1; seed <= lab->seeds; seed++)
        value[seed - 1] = quantity(ladder, seed, stop, rung, which);
    snprintf(what, sizeof what, "%s, %s policy, %s%s", ladder->task->name,
             stop == 0        ? "random"
             : stop == MIDDLE ? "middle"
                              : "last",
             which == RETURN ? "" : cli_rungs[rung].label, names[which]);
    cli_lab_row(lab, what, value, 1, NAN);
    return UP_OK;
}

static UpStatus rows(const CliLadder *ladder) {
    Quantity last = ladder->task->lake ? ERRORS : RELATIVE;
    for (int stop = 0; stop < CLI_STOPS; stop += MIDDLE) {
        UP_TRY(row(ladder, stop, 0, RETURN));
        for (int which = VARIANCE; which <= (int)last; which++)
            for (int rung = 0; rung < CLI_RUNGS; rung++)
                UP_TRY(row(ladder, stop, rung, (Quantity)which));
    }
    return UP_OK;
}

// The stops that are told of, and their colours in every figure.
enum { SHOWN = 3 };
static const int shown[SHOWN] = {0, MIDDLE, CLI_STOPS - 1};

// Rungs from the smallest mean logarithm up: names from the bottom, and the row of each rung.
typedef struct Ranking {
    const char *name[CLI_RUNGS];
    int row[CLI_RUNGS];
} Ranking;

static double mean_logarithm(const CliLadder *ladder, int rung, Quantity which) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < SHOWN * ladder->lab->seeds; i++) {
        double value = quantity(ladder, i / SHOWN + 1, shown[i % SHOWN], rung, which);
        if (!isfinite(value) || value <= 0) continue;
        sum += log10(value);
        count++;
    }
    return count > 0 ? sum / count : -INFINITY; // rows without a dot stand lowest
}

static bool rank(const CliLadder *ladder, Quantity which, Ranking *ranking) {
    double value[CLI_RUNGS];
    bool any = false;
    for (int rung = 0; rung < CLI_RUNGS; rung++) {
        value[rung] = mean_logarithm(ladder, rung, which);
        any |= isfinite(value[rung]) != 0;
    }
    for (int rung = 0; rung < CLI_RUNGS; rung++) {
        int row = 0;
        for (int other = 0; other < CLI_RUNGS; other++)
            row += value[other] < value[rung] || (value[other] == value[rung] && other < rung);
        ranking->row[rung] = row;
        ranking->name[row] = cli_rungs[rung].label;
    }
    return any;
}

// One stop: every seed a small dot, the mean over them a large one.
static UpStatus dots_of(const CliLadder *ladder, const Ranking *ranking, Quantity which, int stop,
                        UpCurve curve[2]) {
    CliLab *lab = ladder->lab;
    size_t seeds = (size_t)lab->seeds;
    char *label = up_arena_alloc(&lab->arena, 64, 1);
    double *x = cli_lab_numbers(lab, CLI_RUNGS * (seeds + 1)),
           *y = cli_lab_numbers(lab, CLI_RUNGS * (seeds + 1));
    UP_TRY(up_arena_status(&lab->arena));
    double *mean = x + CLI_RUNGS * seeds, *row = y + CLI_RUNGS * seeds;
    for (int rung = 0; rung < CLI_RUNGS; rung++) {
        row[rung] = ranking->row[rung];
        for (int seed = 0; seed < lab->seeds; seed++) {
            double value = quantity(ladder, seed + 1, stop, rung, which);
            x[seed * CLI_RUNGS + rung] = value;
            y[seed * CLI_RUNGS + rung] = row[rung];
            mean[rung] += value / lab->seeds;
        }
    }
    double steps = cli_stop_at[stop] * (double)cli_lab_share(lab, ladder->task->steps, 1);
    snprintf(label, 64, stop == 0 ? "random policy" : "after %.0f steps", steps);
    curve[0] = (UpCurve){label, CLI_RUNGS, mean, row, UP_CURVE_MARKS};
    curve[1] = (UpCurve){label, CLI_RUNGS * lab->seeds, x, y, UP_CURVE_DOTS};
    return UP_OK;
}

static UpStatus figure(const CliLadder *ladder, Quantity which) {
    const CliLadderTask *task = ladder->task;
    UpCurve *curve = up_arena_alloc(&ladder->lab->arena, (size_t)2 * SHOWN, sizeof *curve);
    Ranking ranking;
    char name[64], title[160];
    if (!curve) return UP_MEMORY;
    if (!rank(ladder, which, &ranking)) return UP_OK; // too few episodes for any of them
    for (int i = 0; i < SHOWN; i++)
        UP_TRY(dots_of(ladder, &ranking, which, shown[i], curve + (ptrdiff_t)2 * i));
    snprintf(name, sizeof name, "ladder-%s%s", task->name, which == RELATIVE ? "-relative" : "");
    snprintf(title, sizeof title, "%s: variance of one episode's gradient, by what Ψ is%s",
             task->title, which == RELATIVE ? ", relative" : "");
    UpPlot plot = {.title = title,
                   .x_label = which == RELATIVE ? "trace of the covariance / |mean gradient|²"
                                                : "trace of the covariance, reward²",
                   .y_label = "Ψ, largest variance first; small dots: single seeds",
                   .curves = 2 * SHOWN,
                   .curve = curve,
                   .target = NAN,
                   .log_x = true,
                   .y_names = CLI_RUNGS,
                   .y_name = ranking.name};
    return cli_lab_figure(ladder->lab, &plot, name);
}

UpStatus cli_ladder_report(const CliLadder *ladder) {
    UP_TRY(rows(ladder));
    UP_TRY(figure(ladder, VARIANCE));
    return figure(ladder, RELATIVE);
}
