// `uphill experiment`: what the experiments share.
#ifndef UPHILL_EXPERIMENT_H
#define UPHILL_EXPERIMENT_H

#include <stdbool.h>
#include <stdio.h>

#include "uphill/algo.h"
#include "uphill/arena.h"
#include "uphill/env.h"
#include "uphill/plot.h"
#include "uphill/status.h"

// Where an experiment writes, and what it has found so far. A task that has to fail returns its
// status; nothing is to be freed but by cmd_experiment.c.
typedef struct CliLab {
    const char *folder;
    const char *command; // which makes it, and goes on with it
    int seeds;           // runs of each setting
    int percent;         // of its length that an experiment runs, where it can run shorter
    UpArena arena;       // given back at the end
    FILE *summary;       // summary.csv in the making
} CliLab;

typedef struct CliExperiment {
    const char *name, *summary;
    int seeds; // by default
    UpStatus (*run)(CliLab *lab);
    bool shorter; // takes --percent
} CliExperiment;

extern const CliExperiment cli_bandit_baseline, cli_cartpole, cli_epsilon_greedy,
    cli_gradient_bandit, cli_mc_vs_td, cli_mujoco_nine, cli_pong_reinforce, cli_taxi,
    cli_trust_region, cli_variance_ladder;

// Runs task(context, 0 … tasks − 1) on all cores; the failure of the lowest number is reported.
typedef UpStatus (*CliTask)(void *context, int task);
UpStatus cli_lab_each(CliLab *lab, int tasks, CliTask task, void *context);

// Room for `count` numbers, or NULL with a message.
double *cli_lab_numbers(CliLab *lab, size_t count);

// This lab's share of a number of steps or episodes, at least `least`.
int64_t cli_lab_share(const CliLab *lab, int64_t whole, int64_t least);

// Adds a row to summary.csv and to what is printed: the mean over the seeds of values[0], [stride],
// …, its standard error, and what is known of it elsewhere (NAN: nothing).
void cli_lab_row(CliLab *lab, const char *what, const double *values, int stride, double known);

// Writes FOLDER/name.svg, .png (both only where Cairo was built) and .csv, all curves' points.
UpStatus cli_lab_figure(const CliLab *lab, const UpPlot *plot, const char *name);

// The config of a recipe, to be trained for `steps`.
UpStatus cli_lab_recipe(UpConfig *config, const char *recipe, int64_t steps);

// Sweeps a recipe over `seeds` seeds and up to 8 grids ("section.key=A,B") into FOLDER/part; what
// is done is not repeated.
UpStatus cli_lab_sweep(const CliLab *lab, const char *part, const char *recipe, int seeds,
                       int64_t steps, const char *const *grid, int grids);

// Two columns of the metrics of a sweep's first setting with a seed (0 …), into curve->x, y and
// points; and the last of one of them.
UpStatus cli_lab_run(CliLab *lab, const char *part, int seed, const char *x, const char *y,
                     UpCurve *curve);
double cli_lab_last(const UpCurve *curve, const double *values);

// An environment of `instances`, with its own keywords ("mean_of_arms=4").
UpStatus cli_lab_env(UpEnv **env, const char *id, const char *keywords, int instances);

#endif
