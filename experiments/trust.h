// What the parts of `uphill experiment trust-region` share.
#ifndef UPHILL_EXPERIMENT_TRUST_H
#define UPHILL_EXPERIMENT_TRUST_H

#include "uphill/train.h"

// A training that is watched: how far each update moves the policy.
typedef struct CliWatch {
    UpTrainer *trainer;
    double kl; // mean over the updates of mean KL(π_old ‖ π_new) over the states of the rollout
    int updates;
    bool broken;            // a gradient was not finite any more
    UpReal *before, *after; // (policy size) parameters before the last update; room for those after
    UpReal *old;            // (rows of a rollout, P) of the distributions before it
    UpArena arena;
} CliWatch;

// A trainer for `config`, its policy set to `param` (policy size) unless that is NULL.
UpStatus cli_watch_open(CliWatch *watch, const UpConfig *config, const UpReal *param);
// Runs it to its end. A training that breaks is no failure.
UpStatus cli_watch_run(CliWatch *watch);
void cli_watch_close(CliWatch *watch);

#endif
