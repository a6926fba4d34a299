// Rollouts: what happened, time-major. The environment writes observations, rewards and flags
// straight into these arrays; the actor writes actions, log-probabilities and values.
#ifndef UPHILL_ROLLOUT_H
#define UPHILL_ROLLOUT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "uphill/arena.h"
#include "uphill/env.h"
#include "uphill/keep.h"
#include "uphill/option.h"
#include "uphill/random.h"
#include "uphill/real.h"
#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

// [rollout]: how experience is gathered.
typedef struct UpRolloutDef {
    int64_t envs;        // N, instances stepped together
    int64_t steps;       // T, steps of each instance in one rollout
    int64_t episodes;    // complete episodes in one rollout instead of T steps; 0: T steps
    double move_penalty; // what a step with another action than 0 costs the learner (the Pong
                         // tutorial)
    bool scale_reward;   // divide by the deviation of the discounted return (PPO detail 30)
    double clip_reward;  // then clip to ± this (PPO detail 31); 0: never
} UpRolloutDef;

extern const UpOptionTable up_rollout_options;

// Whoever chooses actions. Rollouts know no policy; up_policy_actor() makes one of these from a
// policy.
typedef struct UpActor {
    void *user;
    // Every raw observation passes here once, before anything else sees it (observation
    // normaliser). active (rows) or NULL: rows to leave alone. `learn`: update the running
    // statistics too. May be NULL.
    void (*observe)(void *user, UpObs *obs, const uint8_t *active, bool learn);
    // rows observations -> action (rows, A), log_prob (rows), value (rows; 0 without a value head).
    // rng (rows): a stream of random numbers each.
    void (*act)(void *user, const UpObs *obs, UpRng *rng, float *action, UpReal *log_prob,
                UpReal *value);
    // rows observations -> value (rows).
    void (*value)(void *user, const UpObs *obs, UpReal *value);
} UpActor;

// An episode that ended.
typedef struct UpEpisode {
    int64_t step;   // environment steps of the whole run when it ended
    double ret;     // undiscounted and unscaled
    int64_t length; // steps
} UpEpisode;

// Running statistics of the discounted return, for reward scaling (Welford; PPO detail 30).
typedef struct UpReturnStats {
    double count, mean, m2;
} UpReturnStats;

// N observations as checkpoints hold them.
typedef struct UpKeptObs {
    void *dense;          // (N, stack, D) float or uint8_t, oldest first; NULL where sparse
    UpSparseEntry *entry; // (entries) of the N rows, one behind the other; there is room for N × D
    int64_t entries;
    int32_t *count; // (N) entries in each row
    uint8_t *mask;  // (N, mask_size); NULL without masks
} UpKeptObs;

typedef struct UpRollout {
    UpRolloutDef def;
    double gamma;    // of the discounted return that rewards are scaled by
    int64_t T, N, A; // capacity in steps; instances; width of an action row
    int64_t length;  // steps filled, <= T
    int64_t samples; // valid (t, n) pairs

    UpObs obs;           // (T+1, N) row t*N+n; row `length` is what to act on next; by up_env_step
    float *action;       // (T, N, A)  by actor.act
    UpReal *log_prob;    // (T, N)     by actor.act
    UpReal *value;       // (T+1, N)   by actor.act; row `length` by actor.value
    UpReal *reward;      // (T, N)     scaled and clipped as [rollout] says; by up_rollout_collect
    uint8_t *paid;       // (T, N)     1 where the environment's own reward is not 0, whatever
                         //            [rollout] made of it; by up_rollout_collect
    uint8_t *terminated; // (T, N)     by up_env_step
    uint8_t *truncated;  // (T, N)     by up_env_step
    uint8_t *valid; // (T, N)     0 where an instance sat idle: its share of episodes, or the step
                    //            budget, was used up
    UpReal *final_value; // (T, N)     V(final observation) where truncated, else 0; by actor.value
    UpReal *advantage;   // (T, N)     by src/advantage
    UpReal *ret;         // (T, N)     what the value is regressed on; by src/advantage
    UpReal *ratio;       // (T, N)     π(a|s) / π_old(a|s) of a later policy; by V-trace's update
    int64_t *first_age;  // (N)        steps that the episode was old at row 0; by
                         //            up_rollout_collect

    UpEpisode *episode; // (episodes) that ended in this rollout, by time
    int64_t episodes;
    UpLog log; // the environment's own numbers about them

    // What goes on from one rollout to the next, and is saved in checkpoints.
    int64_t steps;             // environment steps of the whole run
    bool started;              // instances were reset and row `length` holds their observations
    double *episode_return;    // (N) of the episode in progress
    int64_t *episode_length;   // (N)
    double *discounted_return; // (N) for reward scaling
    UpReturnStats return_stats;
    UpRng *rng; // (N) for sampling actions

    // Inner.
    uint64_t *seeds;       // (N) for the first reset: seed + n, as Gymnasium's vector environments
    UpObs slot;            // (N) sparse: where the environment writes before the row is appended
    UpObs final_obs;       // (N) last observations of episodes
    double *raw_reward;    // (N)
    uint8_t *active;       // (N) who takes the next step
    int64_t *share_done;   // (N) complete episodes of this rollout so far
    uint32_t *final_frame; // (N, stack) stacks that end in final_obs; where obs.stack > 1
    UpKeptObs kept;
    uint64_t pool_used, pool_size;     // sparse entries in obs.entry
    const volatile sig_atomic_t *stop; // becomes non-zero: collecting ends; NULL: never
    double env_seconds; // time spent in the environment, for the panel; never part of a result
    UpArena arena;      // what does not grow
} UpRollout;

// Room for def->steps (or, with def->episodes, for a start) steps of env's instances.
UpStatus up_rollout_create(UpRollout *rollout, const UpRolloutDef *def, double gamma,
                           const UpEnv *env, uint64_t seed);
void up_rollout_destroy(UpRollout *rollout);

// What must last of it. Before it is saved, up_rollout_pack copies the observations to act on next
// there; after it was loaded, and the environment's state with it, up_rollout_unpack goes on from
// them, or says UP_FORMAT.
void up_rollout_keep(UpRollout *rollout, UpKeep *keep);
void up_rollout_pack(UpRollout *rollout);
UpStatus up_rollout_unpack(UpRollout *rollout);

// Gathers one rollout and evaluates the observations it ends on. At most `budget` environment steps
// are taken: where T × N would overshoot, the last instances sit idle. With def->episodes, instance
// i plays its share of complete episodes and then sits idle. An observation or reward that is not
// finite is UP_NUMERIC and names the step and the instance. UP_INTERRUPTED where rollout->stop said
// so between two steps: what was gathered is of no use then.
UpStatus up_rollout_collect(UpRollout *rollout, UpEnv *env, const UpActor *actor, int64_t budget);

// The N observations of step t, of which t = length are what to act on next: a view.
UpObs up_rollout_obs(const UpRollout *rollout, int64_t t);

#ifdef __cplusplus
}
#endif
#endif
