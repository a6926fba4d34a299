// A sweep from its beginning to its end.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/sweep.h"

static const SweepScore scores[] = {
    {"running_reward", "running reward", false},
    {"return_mean", "mean of the last 100 returns", false},
    {"steps", "steps to the target", true},
};
enum { SCORES = sizeof scores / sizeof *scores };

static UpStatus choose_score(Sweep *sweep, const char *name) {
    sweep->score = &scores[0];
    for (int i = 0; name && i < SCORES; i++)
        if (strcmp(scores[i].name, name) == 0) sweep->score = &scores[i];
    if (name && strcmp(sweep->score->name, name) != 0)
        return up_fail(UP_USAGE, "--score %s: it must be running_reward, return_mean or steps",
                       name);
    if (sweep->score->lower && isnan(sweep->base.train.target))
        return up_fail(UP_USAGE, "--score steps counts the steps to a target: name it by --target");
    return UP_OK;
}

static UpStatus check_end(const Sweep *sweep) {
    int done = 0, failed = -1;
    for (int run = sweep->runs - 1; run >= 0; run--) {
        done += sweep->result[run].state == SWEEP_DONE;
        if (sweep->result[run].state == SWEEP_FAILED) failed = run;
    }
    if (done == 0 && failed >= 0 && !sweep->interrupted)
        return up_fail(UP_ENVIRONMENT, "every run failed; the first: %s",
                       sweep->result[failed].message);
    return UP_OK;
}

static UpStatus conduct(Sweep *sweep, const SweepDef *def) {
    UP_TRY(sweep_plan(sweep, def));
    UP_TRY(choose_score(sweep, def->score));
    int cores = up_cores(), threads = (int)sweep->base.train.threads;
    int jobs = def->jobs ? def->jobs : cores > threads ? cores / threads : 1;
    sweep->jobs = jobs < sweep->runs ? jobs : sweep->runs;
    sweep->quiet = def->quiet;
    sweep->command = def->command;
    if (snprintf(sweep->folder, sizeof sweep->folder, "%s", def->folder) >=
        (int)sizeof sweep->folder)
        return up_fail(UP_USAGE, "--out %.40s… has more than %zu bytes", def->folder,
                       sizeof sweep->folder - 1);
    UP_TRY(sweep_claim(sweep));
    if (!sweep->quiet) sweep_tell_same(sweep);
    UP_TRY(sweep_train(sweep));
    UP_TRY(sweep_report(sweep));
    UP_TRY(check_end(sweep));
    UP_TRY(sweep_plots(sweep));
    if (!sweep->interrupted) return UP_OK;
    printf("interrupted and saved; go on with: %s\n", sweep->command);
    return up_fail(UP_INTERRUPTED, "the sweep was interrupted; the same command goes on");
}

UpStatus sweep_conduct(const SweepDef *def) {
    Sweep *sweep = calloc(1, sizeof *sweep);
    if (!sweep) return up_fail(UP_MEMORY, "out of memory for a sweep");
    UpStatus status = conduct(sweep, def);
    up_arena_free(&sweep->arena);
    free(sweep);
    return status;
}
