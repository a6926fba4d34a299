// `uphill sweep`: many runs of one config, each with other values of a few options.
#ifndef UPHILL_CLI_SWEEP_H
#define UPHILL_CLI_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/algo.h"
#include "uphill/arena.h"

enum { SWEEP_PARAMS = 16, SWEEP_VALUES = 256, SWEEP_RUNS = 100000, SWEEP_PATH = 2048 };

// An option that is swept, as it is written behind --grid, "section.key=A,B,…", or --random,
// "section.key=LO:HI[:log]".
typedef struct SweepVary {
    bool random;
    const char *text;
} SweepVary;

// What a sweep is asked to do; everything is borrowed.
typedef struct SweepDef {
    UpConfig base;         // of all runs; train.seed is the first, train.threads 0: one each
    int varied;            // 0: the seeds alone
    const SweepVary *vary; // (varied)
    int seeds;             // runs of each setting
    int64_t draws;         // of random options, for each combination of the others; 0: 10
    int jobs;              // runs at the same time; 0: as many as there are cores for
    const char *score;     // running_reward, return_mean, or steps to the target; NULL: the first
    const char *folder;    // where everything is written
    const char *command;   // which makes it, and goes on with it: for messages
    bool quiet;            // no progress, only the table
} SweepDef;

// All of it: what is done already is not repeated. UP_INTERRUPTED where Ctrl-C ended it.
UpStatus sweep_conduct(const SweepDef *def);

// ---------------------------------------------------------------------------------------------------
// What its files share

// An option that is swept.
typedef struct SweepParam {
    char key[96]; // "optim.learning_rate"
    bool random;  // drawn between low and high; else each of `value`
    bool log;     // uniform in the logarithm
    bool whole;   // only whole numbers
    double low, high;
    int values;
    const char *value[SWEEP_VALUES];
} SweepParam;

// A number by which runs are compared.
typedef struct SweepScore {
    const char *name;  // as on the command line
    const char *title; // on axes
    bool lower;        // is better
} SweepScore;

typedef enum SweepState { SWEEP_WAITS, SWEEP_BROKEN_OFF, SWEEP_FAILED, SWEEP_DONE } SweepState;

typedef struct SweepResult {
    SweepState state;
    bool solved;
    double steps, seconds, episodes, running_reward, return_mean; // NAN: none
    char message[256];                                            // why it failed
} SweepResult;

// Settings are numbered from 0; run r has setting r % settings and the seed number r / settings, so
// that every setting is tried once before the second seed begins. Combinations and draws of which
// nothing differs that a run reads are one setting, the first of them.
typedef struct Sweep {
    UpConfig base;
    int params, combinations, settings, seeds, runs, jobs;
    SweepParam param[SWEEP_PARAMS];
    const char **text;   // (combinations, params)
    int *number;         // (settings) the combination's, from 1: for people, files and folders
    uint32_t *idle;      // (settings) bit p: nothing reads param p there
    SweepResult *result; // (runs)
    const SweepScore *score;
    char folder[SWEEP_PATH / 2];
    const char *command;
    bool quiet, interrupted;
    UpArena arena;
} Sweep;

// plan.c: from what is swept to settings; every one was checked.
UpStatus sweep_plan(Sweep *sweep, const SweepDef *def);

// setting.c
UpStatus sweep_config(const Sweep *sweep, int run, UpConfig *config);
const char *sweep_text(const Sweep *sweep, int setting, int param); // "": nothing reads it
int64_t sweep_seed(const Sweep *sweep, int run);

// reads.c: the section and row of "section.key"; false for keywords of an environment.
bool sweep_option(const char *key, UpSection *section, int *row);
// Makes one setting of those that read the same. Opens the environments, in a process of its own.
UpStatus sweep_reads(Sweep *sweep);
void sweep_tell_same(const Sweep *sweep); // a line, where there were such

// folder.c: the folder is this sweep's alone, now and when it is gone on with.
UpStatus sweep_claim(Sweep *sweep);
void sweep_run_folder(const Sweep *sweep, int run, char path[SWEEP_PATH]);
// What the run directory says. Fails where it cannot be read, which is not that it says nothing.
UpStatus sweep_read_result(Sweep *sweep, int run);

// jobs.c: trains what is not done yet, `jobs` runs at a time. Runs that fail are told and
// left.
UpStatus sweep_train(Sweep *sweep);

// report.c
double sweep_score(const Sweep *sweep, int run); // NAN where it has none
UpStatus sweep_report(const Sweep *sweep);       // sweep.csv, and the table of the best
// plot.c: the score over each parameter.
UpStatus sweep_plots(const Sweep *sweep);

#endif
