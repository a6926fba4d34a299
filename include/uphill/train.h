// Training: the one function that runs the loop, and the run directory that it keeps.
//
//   DIR/config.ini              the resolved config: enough to repeat the run
//   DIR/metrics.csv             a row for each update
//   DIR/events.out.tfevents.*   the same for TensorBoard
//   DIR/checkpoints/*.safetensors   everything that the future depends on; the newest few
//   DIR/best.safetensors        the policy with the best mean return over 100 episodes
//   DIR/result.json             how it ended
//   DIR/curve.svg               the running reward; with Cairo
#ifndef UPHILL_TRAIN_H
#define UPHILL_TRAIN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "uphill/algo.h"

#ifdef __cplusplus
extern "C" {
#endif

// What there is to say after an update.
typedef struct UpProgress {
    int64_t steps, episodes;
    double seconds;        // of training, of all sessions of a resumed run
    double return_mean;    // of the last 100 episodes; NAN before the first one ended
    double running_reward; // r ← 0.99 r + 0.01 (episode return), starting at the first one; or NAN
    UpUpdateStats stats;
    double env_share, learner_share; // of the time of this iteration
    double steps_per_second;         // of this iteration
} UpProgress;

typedef struct UpTrainHooks {
    void *user;
    void (*iteration)(void *user, const UpProgress *progress); // after each update; may be NULL
    const volatile sig_atomic_t
        *stop; // becomes non-zero: save and return UP_INTERRUPTED; may be NULL
} UpTrainHooks;

typedef struct UpTrainer UpTrainer;

// Prepares a run. folder: the run directory, made if absent, refused if it holds a run already or
// another process is writing to it; NULL writes no file. *trainer is the caller's to destroy.
UpStatus up_train_create(UpTrainer **trainer, const UpConfig *config, const char *folder);

// Goes on with a run from its newest checkpoint that is whole, or from its beginning if there is
// none. `config` is what up_train_config read from the folder, with train.steps, train.target or
// train.threads changed at will.
UpStatus up_train_resume(UpTrainer **trainer, const UpConfig *config, const char *folder);
UpStatus up_train_config(UpConfig *config, const char *folder);

// Runs until the budget of steps is used, the target is reached, or hooks->stop. Checkpoints are
// written on the way and at the end.
UpStatus up_train_run(UpTrainer *trainer, const UpTrainHooks *hooks);

const UpProgress *up_train_progress(const UpTrainer *trainer);
const UpConfig *up_trainer_config(const UpTrainer *trainer);
UpPolicy *up_train_policy(UpTrainer *trainer);
// The rollout that the last update was made from.
const UpRollout *up_train_rollout(const UpTrainer *trainer);
bool up_train_solved(const UpTrainer *trainer); // the target was reached
void up_train_destroy(UpTrainer *trainer);      // NULL is fine

// Loads a policy for use: `path` is a run directory (its newest checkpoint) or a .safetensors file.
// config receives the config it was trained with; both are the caller's, policy to be destroyed.
UpStatus up_policy_load(UpPolicy *policy, UpConfig *config, const char *path);

// Plays `episodes` complete episodes with a frozen policy, in env's instances, and writes their
// returns and lengths (episodes). The mode of each distribution if `greedy`, else samples.
UpStatus up_evaluate(UpPolicy *policy, UpEnv *env, int64_t episodes, uint64_t seed, bool greedy,
                     double *returns, int64_t *lengths);

#ifdef __cplusplus
}
#endif
#endif
