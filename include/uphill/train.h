// Training: the one function that runs the loop, and the run directory that it keeps.
//
//   DIR/config.ini              the resolved config: enough to repeat the run
//   DIR/metrics.csv             numbers of the run, about 5,000 rows (train.log_every)
//   DIR/events.out.tfevents.*   the same for TensorBoard
//   DIR/checkpoints/*.safetensors   everything that the future depends on; the newest few
//   DIR/best.safetensors        the policy with the best evaluation (eval.every), else with the
//                               best mean return over 100 episodes
//   DIR/history.csv             options that were changed on the way: step,option,before,after
//   DIR/result.json             how it ended
//   DIR/films/*.gif             an episode now and then, where train.film_every asks for it
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

// Numbers of the run as a whole; the rows are those of UP_UPDATE_METRICS.
//   return_mean, length_mean            of the last 100 episodes; NAN before the first one ended
//   running_reward                      r ← 0.99 r + 0.01 (episode return), starting at the first
//   one eval_return_mean, eval_length_mean  of the newest evaluation (eval.every); NAN before it
//   seconds                             of training, of all sessions of a resumed run
//   env_share, learner_share            of the time of this iteration
//   steps_per_second                    of this iteration
#define UP_PROGRESS_METRICS(X)                                                                     \
    X(steps, COUNT, NULL, NULL, 0, NULL, 1)                                                        \
    X(seconds, TIME, "time", NULL, 0, NULL, 1)                                                     \
    X(episodes, COUNT, "episode", "episodes", 0, NULL, 1)                                          \
    X(return_mean, LAST, "episode", "return, last 100", 2, "rollout/ep_rew_mean", 1)               \
    X(running_reward, LAST, "episode", NULL, 2, NULL, 1)                                           \
    X(length_mean, LAST, "episode", "length, last 100", 1, "rollout/ep_len_mean", 1)               \
    X(eval_return_mean, EVENT, "episode", "evaluation", 2, "eval/mean_reward", 1)                  \
    X(eval_length_mean, EVENT, "episode", NULL, 1, "eval/mean_ep_length", 1)                       \
    X(env_share, SHARE, "time", NULL, -1, NULL, 1)                                                 \
    X(learner_share, SHARE, "time", NULL, -1, NULL, 1)                                             \
    X(steps_per_second, SHARE, "time", NULL, 0, "time/fps", 1)

// What the number of a row of metrics.csv is, which stands for the updates since the row before.
typedef enum UpMetricKind {
    UP_METRIC_COUNT, // the newest, an int64_t
    UP_METRIC_TIME,  // the newest
    UP_METRIC_LAST,  // the newest
    UP_METRIC_EVENT, // the newest, if there is one since the row before
    UP_METRIC_MEAN,  // the mean of those that exist
    UP_METRIC_SHARE, // likewise, of this session alone: no clock is part of a checkpoint
} UpMetricKind;

typedef struct UpMetric {
    const char *name;  // of the column, and of the member
    const char *group; // of TensorBoard's tag, group/name; NULL: the step itself
    const char *label; // in the panel; NULL: it is not a cell there
    const char *peer;  // Stable-Baselines3's tags for it, with a space between; NULL: none
    double factor;     // what ours is multiplied by for theirs
    size_t offset;     // of the member in UpProgress
    UpMetricKind kind;
    int decimals; // in the panel; -1: four significant digits
} UpMetric;

// What there is to say after an update.
typedef struct UpProgress {
#define UP_MEMBER_COUNT int64_t
#define UP_MEMBER_TIME double
#define UP_MEMBER_LAST double
#define UP_MEMBER_EVENT double
#define UP_MEMBER_SHARE double
#define UP_MEMBER(name, kind, ...) UP_MEMBER_##kind name;
    UP_PROGRESS_METRICS(UP_MEMBER)
#undef UP_MEMBER
    UpUpdateStats stats;
} UpProgress;

#define UP_ONE(...) +1
enum { UP_METRICS = 0 UP_PROGRESS_METRICS(UP_ONE) UP_UPDATE_METRICS(UP_ONE) };
#undef UP_ONE

// All of them, in the order of metrics.csv's columns.
const UpMetric *up_metric_list(int *count); // UP_METRICS
double up_metric_value(const UpMetric *metric, const UpProgress *progress);

typedef struct UpTrainHooks {
    void *user;
    void (*iteration)(void *user, const UpProgress *progress); // after each update; may be NULL
    // Becomes non-zero: save and return UP_INTERRUPTED, after this rollout where it is quick, else
    // after this step. May be NULL.
    const volatile sig_atomic_t *stop;
} UpTrainHooks;

typedef struct UpTrainer UpTrainer;

// Prepares a run. folder: the run directory, made if absent, refused if it holds a run already or
// another process is writing to it; NULL writes no file. *trainer is the caller's to destroy.
UpStatus up_train_create(UpTrainer **trainer, const UpConfig *config, const char *folder);

// Goes on with a run from its newest checkpoint that is whole, or from its beginning if there is
// none. `config` is what up_train_config read from the folder, with options changed at will; those
// that cannot change on the way (seed, environment, network) are UP_USAGE. A change is written to
// DIR/history.csv with its step. An environment that is code (up_env_is_code) is opened: ask first
// whoever trusts the folder.
UpStatus up_train_resume(UpTrainer **trainer, const UpConfig *config, const char *folder);
UpStatus up_train_config(UpConfig *config, const char *folder);
// The run directory that `path` is, or lies in; false where it is none. `path` need not be there.
bool up_train_run_of(const char *path, char *run, size_t capacity);
// Whether a process trains in the folder now, as far as its lock tells.
bool up_train_alive(const char *folder);
int64_t up_train_saved(const char *folder); // steps of its newest checkpoint; 0: there is none

// Runs until the budget of steps is used, the target is reached, or hooks->stop. Checkpoints are
// written on the way and at the end.
UpStatus up_train_run(UpTrainer *trainer, const UpTrainHooks *hooks);

const UpProgress *up_train_progress(const UpTrainer *trainer);
const UpConfig *up_trainer_config(const UpTrainer *trainer);
UpPolicy *up_train_policy(UpTrainer *trainer);
// The rollout that the last update was made from.
const UpRollout *up_train_rollout(const UpTrainer *trainer);
// It was finished already when it was resumed: up_train_run has nothing to do, and nothing was
// written.
bool up_train_over(const UpTrainer *trainer);
bool up_train_solved(const UpTrainer *trainer);         // the target was reached
size_t up_train_replay_bytes(const UpTrainer *trainer); // memory of the replay; 0: there is none
void up_train_destroy(UpTrainer *trainer);              // NULL is fine

// Loads a policy for use: `path` is a run directory (its newest checkpoint) or a .safetensors file.
// config receives the config it was trained with; both are the caller's, policy to be destroyed.
UpStatus up_policy_load(UpPolicy *policy, UpConfig *config, const char *path);

// How a policy is measured.
enum {
    UP_EVAL_INSTANCES = 16,
    UP_EVAL_SEED = 1000000, // seeds away from those of training
    UP_EVAL_STEPS = 100000, // of an episode in an environment that has no bound of its own
};
typedef struct UpEvaluation {
    int64_t episodes;                        // complete ones, shared among env's instances
    uint64_t seed;                           // of the first instance; instance i has seed + i
    bool greedy;                             // the mode of each distribution, else samples
    const volatile sig_atomic_t *stop;       // becomes non-zero: UP_INTERRUPTED; may be NULL
    void (*ended)(void *user, int64_t done); // after episodes ended, `done` in all; may be NULL
    void *user;
} UpEvaluation;

// Plays with a frozen policy in env's instances and writes returns and lengths (episodes) in the
// order in which episodes end. *done is how many did, also on failure; it may be NULL. An episode
// that never ends is bounded by env->spec.max_episode_steps.
UpStatus up_evaluate(UpPolicy *policy, UpEnv *env, const UpEvaluation *how, double *returns,
                     int64_t *lengths, int64_t *done);

// An environment in which every episode ends: by `def`, and where that has no bound of an episode's
// steps, with UP_EVAL_STEPS, which *bound is then; else it stays as it is. *env is the caller's to
// destroy.
UpStatus up_evaluation_env(UpEnv **env, const UpEnvDef *def, int instances, int64_t *bound);
// How many of `done` episodes reached the bound; none where it is 0.
int64_t up_evaluation_cut(const int64_t *lengths, int64_t done, int64_t bound);

#ifdef __cplusplus
}
#endif
#endif
