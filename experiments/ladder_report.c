// What `uphill experiment variance-ladder` tells of a task.
#include <math.h>

#include "experiments/ladder.h"

enum { MIDDLE = (CLI_STOPS - 1) / 2 };

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

static UpStatus figure(const CliLadder *ladder, Quantity which) {
    CliLab *lab = ladder->lab;
    const CliLadderTask *task = ladder->task;
    int curves = CLI_RUNGS * lab->seeds;
    double *x = cli_lab_numbers(lab, CLI_STOPS);
    double *y = cli_lab_numbers(lab, (size_t)(curves * CLI_STOPS));
    UpCurve *curve = up_arena_alloc(&lab->arena, (size_t)curves, sizeof *curve);
    char name[64], title[160];
    bool any = false;
    if (!x || !y || !curve) return UP_MEMORY;
    for (int stop = 0; stop < CLI_STOPS; stop++)
        x[stop] = cli_stop_at[stop] * (double)cli_lab_share(lab, task->steps, 1);
    for (int i = 0; i < curves; i++) {
        double *line = y + (ptrdiff_t)i * CLI_STOPS;
        for (int stop = 0; stop < CLI_STOPS; stop++) {
            line[stop] = quantity(ladder, i % lab->seeds + 1, stop, i / lab->seeds, which);
            any |= isfinite(line[stop]) != 0;
        }
        curve[i] = (UpCurve){
            .label = cli_rungs[i / lab->seeds].label, .points = CLI_STOPS, .x = x, .y = line};
    }
    if (!any) return UP_OK; // too few episodes for any of them
    snprintf(name, sizeof name, "ladder-%s%s", task->name, which == RELATIVE ? "-relative" : "");
    snprintf(title, sizeof title, "%s: variance of one episode's gradient%s", task->title,
             which == RELATIVE ? ", relative" : "");
    UpPlot plot = {.title = title,
                   .x_label = "training steps of the policy that is held fixed",
                   .y_label = which == RELATIVE ? "trace of the covariance / |mean gradient|²"
                                                : "trace of the covariance, reward²",
                   .curves = curves,
                   .curve = curve,
                   .target = NAN,
                   .log_y = true};
    return cli_lab_figure(lab, &plot, name);
}

UpStatus cli_ladder_report(const CliLadder *ladder) {
    UP_TRY(rows(ladder));
    UP_TRY(figure(ladder, VARIANCE));
    return figure(ladder, RELATIVE);
}
