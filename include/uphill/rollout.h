// Rollouts: what happened, time-major. The environment writes observations, rewards and flags
// straight into these arrays; the actor writes actions, log-probabilities and values.
#ifndef UPHILL_ROLLOUT_H
#define UPHILL_ROLLOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/env.h"
#include "uphill/keep.h"
#include "uphill/option.h"
#include "uphill/play.h"
#include "uphill/real.h"
#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

// [rollout]: how experience is gathered.
typedef struct UpRolloutDef {
    int64_t envs;     // N, instances stepped together
    int64_t steps;    // T, steps of each instance in one rollout
    int64_t episodes; // complete episodes in one rollout instead of T steps; 0: T steps
    int64_t segment;  // steps in a row that a policy with a memory is trained on, at most `steps`
    double move_penalty; // what a step with another action than 0 costs the learner (the Pong
                         // tutorial)
    bool scale_reward;   // divide by the deviation of the discounted return (PPO detail 30)
    double clip_reward;  // then clip to ± this (PPO detail 31); 0: never
} UpRolloutDef;

extern const UpOptionTable up_rollout_options;

// Running statistics of the discounted return, for reward scaling (Welford; PPO detail 30).
typedef struct UpReturnStats {
    double count, mean, m2;
} UpReturnStats;

typedef struct UpRollout {
    UpRolloutDef def;
    double gamma;    // of the discounted return that rewards are scaled by
    int64_t T, N, A; // capacity in steps; instances; width of an action row
    int64_t length;  // steps filled, <= T
    int64_t samples; // valid (t, n) pairs
    int64_t segment; // L, steps in a row that a policy with a memory learns from

    UpObs obs;        // (T+1, N) row t*N+n; row `length` is what to act on next; play's
    uint8_t *begins;  // (T+1, N)   1 where the row begins an episode; by up_rollout_collect
    UpReal *memory;   // (⌈T/L⌉, N, M) of the actor before rows 0, L, 2L, …; NULL where it has
                      //            none; by up_rollout_collect
    float *action;    // (T, N, A)  by up_play_act
    UpReal *log_prob; // (T, N)     by up_play_act
    UpReal *value;    // (T+1, N)   by up_play_act; row `length` by up_play_value
    UpReal *reward;   // (T, N)     scaled and clipped as [rollout] says; by up_rollout_collect
    uint8_t *paid;    // (T, N)     1 where the environment's own reward is not 0, whatever
                      //            [rollout] made of it; by up_rollout_collect
    uint8_t *terminated; // (T, N)     by up_play_step
    uint8_t *truncated;  // (T, N)     by up_play_step
    uint8_t *valid; // (T, N)     0 where an instance sat idle: its share of episodes, or the step
                    //            budget, was used up
    UpReal *final_value; // (T, N)     V(final observation) where truncated, else 0; by up_play_step
    UpReal *advantage;   // (T, N)     by src/advantage
    UpReal *ret;         // (T, N)     what the value is regressed on; by src/advantage
    UpReal *ratio;       // (T, N)     π(a|s) / π_old(a|s) of a later policy; by V-trace's update
    int64_t *first_age;  // (N)        steps that the episode was old at row 0; by
                         //            up_rollout_collect

    UpEpisode *episode; // (episodes) that ended in this rollout, by time
    int64_t episodes;
    UpLog log; // the environment's own numbers about them

    // What goes on from one rollout to the next, and is saved in checkpoints.
    UpPlay play;
    int64_t steps;             // environment steps of the whole run
    double *discounted_return; // (N) for reward scaling
    UpReturnStats return_stats;

    int64_t *share_done; // (N) complete episodes of this rollout so far
    UpArena arena;       // what does not grow
} UpRollout;

// Room for def->steps (or, with def->episodes, for a start) steps of env's instances.
UpStatus up_rollout_create(UpRollout *rollout, const UpRolloutDef *def, double gamma, UpEnv *env,
                           uint64_t seed);
void up_rollout_destroy(UpRollout *rollout);

// What must last of it. up_play_pack goes before it is saved, up_rollout_unpack after it was
// loaded.
UpStatus up_rollout_keep(UpRollout *rollout, UpKeep *keep);
UpStatus up_rollout_unpack(UpRollout *rollout);

// Gathers one rollout and evaluates the observations it ends on. At most `budget` environment steps
// are taken: where T × N would overshoot, the last instances sit idle. With def->episodes, instance
// i plays its share of complete episodes and then sits idle. Fails as up_play_step does, between
// two steps where rollout->play.stop says so: what was gathered is of no use then. `env` is the one
// that the rollout was made for.
UpStatus up_rollout_collect(UpRollout *rollout, UpEnv *env, const UpActor *actor, int64_t budget);

// The N observations of step t, of which t = length are what to act on next: a view.
UpObs up_rollout_obs(const UpRollout *rollout, int64_t t);

#ifdef __cplusplus
}
#endif
#endif
