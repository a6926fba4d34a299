// The inside of a trainer, shared by the files of this folder.
#ifndef UPHILL_TRAINER_H
#define UPHILL_TRAINER_H

#include "core/clock.h"
#include "uphill/board.h"
#include "uphill/metrics.h"
#include "uphill/registry.h"
#include "uphill/result.h"
#include "uphill/train.h"

enum { UP__RECENT = 100, UP__PATH = 1024, UP__RNG_WORDS = sizeof(UpRng) / sizeof(uint64_t) };

struct UpTrainer {
    UpConfig config;
    const UpAlgo *algo;
    UpEnv *env;
    UpPool *pool;
    UpRollout rollout;
    UpPolicy policy;
    UpOptim optim;
    UpLearner learner;
    UpActor actor;
    UpProgress progress;
    UpArena arena;

    double recent[UP__RECENT]; // returns of the last episodes, a ring; index is progress.episodes
    double best_return;        // best return_mean; -INFINITY before there were 100 episodes
    double session_start;      // clock at which progress.seconds was session_seconds
    double session_seconds;

    // The run directory; folder is "" where no file is wanted.
    char folder[UP__PATH];
    int lock; // descriptor of the folder, locked while the run goes on; -1: none
    UpMetricsFile *metrics;
    UpBoard *board;
    UpRunRecord record;
    char *config_text;      // resolved config, as checkpoints hold it
    double last_checkpoint; // clock
    UpReal *best_param;     // (policy.size) the best policy, until it is written
    double *best_stats;     // (2 D + 1) its normaliser, or NULL
    bool best_pending;
    bool solved;
    const char *stop_reason;
};

// progress.c: books the episodes of the last rollout and writes metrics.
UpStatus up__progress_update(UpTrainer *trainer, double iteration_seconds, double learner_seconds);

// rundir.c
UpStatus up__rundir_claim(UpTrainer *trainer, bool resume); // for this process alone
UpStatus up__rundir_create(UpTrainer *trainer, bool resume);
UpStatus up__rundir_metrics(UpTrainer *trainer); // a row
UpStatus up__rundir_result(UpTrainer *trainer);  // result.json, curve.svg, registry
void up__rundir_curve(const UpTrainer *trainer); // curve.c; a failure is a warning
void up__rundir_close(UpTrainer *trainer);

// checkpoint_save.c, checkpoint_load.c
UpStatus up__checkpoint_save(UpTrainer *trainer); // checkpoints/, and best if pending
UpStatus up__checkpoint_load_newest(UpTrainer *trainer, bool *found);

#endif
