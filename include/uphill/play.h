// Playing: an actor and an environment, step by step. The one place where actions are chosen,
// instances are stepped and frames are stacked; rollouts, evaluations, films and `uphill play` are
// loops around it:
//
//     up_play_create(&play, env, 1, seed);
//     play.actor = up_policy_actor_frozen(policy, true);
//     up_play_begin(&play);
//     for (...) {
//         up_play_act(&play); // or write play.action
//         up_play_step(&play);
//     }
//     up_play_destroy(&play);
#ifndef UPHILL_PLAY_H
#define UPHILL_PLAY_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "uphill/arena.h"
#include "uphill/env.h"
#include "uphill/keep.h"
#include "uphill/random.h"
#include "uphill/real.h"
#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

// What an actor looks at: `steps` rows of each of S sequences, time-major: row t*S + s. A memory of
// M numbers goes from row to row of a sequence.
typedef struct UpSeen {
    const UpObs *obs;      // (steps * S) as `observe` left them
    int64_t steps;         // 0 or 1: every row is a sequence of its own
    const uint8_t *begins; // (steps * S) 1: an episode begins with this row, and the memory is 0
                           //   before it; NULL: none does
    const UpReal *memory;  // (S, M) before the first step; NULL: 0
    UpReal *memory_out;    // (S, M) after the last one; NULL: not wanted; may be `memory`
} UpSeen;
static inline UpSeen up_seen(const UpObs *obs) {
    UpSeen seen = {obs, 1, NULL, NULL, NULL};
    return seen;
}

// Whoever chooses actions. A play knows no policy; up_policy_actor() makes one of these from a
// policy.
typedef struct UpActor {
    void *user;
    // Every raw observation passes here once, before anything else sees it (observation
    // normaliser). active (rows) or NULL: rows to leave alone. `learn`: update the running
    // statistics too. May be NULL.
    void (*observe)(void *user, UpObs *obs, const uint8_t *active, bool learn);
    // rows seen -> action (rows, A), log_prob (rows), value (rows; 0 without a value head).
    // rng (rows): a stream of random numbers each.
    void (*act)(void *user, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                UpReal *value);
    // rows seen -> value (rows).
    void (*value)(void *user, UpSeen seen, UpReal *value);
    int64_t memory; // M, numbers that it remembers of an instance from step to step
} UpActor;

// Chooses any action that the environment's mask leaves open, whatever it sees. Borrows env.
UpActor up_random_actor(UpEnv *env);

// An episode that ended.
typedef struct UpEpisode {
    int64_t step;     // environment steps of the whole run when it ended; by a rollout
    double ret;       // undiscounted and unscaled
    int64_t length;   // steps
    int64_t instance; // that played it
} UpEpisode;

// N observations as checkpoints hold them.
typedef struct UpKeptObs {
    void *dense;          // (N, stack, D) float or uint8_t, oldest first; NULL where sparse
    UpSparseEntry *entry; // (entries) of the N rows, one behind the other; there is room for N × D
    int64_t entries;
    int32_t *count; // (N) entries in each row
    uint8_t *mask;  // (N, mask_size); NULL without masks
} UpKeptObs;

typedef struct UpPlay {
    UpEnv *env;      // borrowed
    UpActor actor;   // all NULL: the caller writes `action`, and nothing passes `observe`
    int64_t N, A;    // instances; width of an action row
    UpRng *rng;      // (N) for choosing actions; streams of the seed unless somebody sets them
    uint64_t *seeds; // (N) for the first reset: seed + n, as Gymnasium's vector environments
    const volatile sig_atomic_t *stop; // becomes non-zero: no step is taken; NULL: never

    // What is seen. Row t*N+n is what instance n showed at step t of those that there is room for.
    UpObs obs;       // (T+1, N) each frame of a stack is there once
    int64_t T, t;    // capacity in steps; the step whose row is to be acted on next
    bool started;    // instances were reset, and row t holds their observations
    uint8_t *begins; // (N) 1 where that row begins an episode
    UpReal *memory;  // (N, M) of the actor, before that row; NULL where it has none

    // The next step. `active` is the caller's to set before it. The others are arrays of the play's
    // own, or slices of a rollout that the caller put here before up_play_act.
    uint8_t *active;                 // (N) who takes it; at first all
    float *action;                   // (N, A) by up_play_act
    UpReal *log_prob, *value;        // (N)    by up_play_act
    uint8_t *terminated, *truncated; // (N)    by up_play_step; 0 where an instance sat idle
    UpReal *final_value; // (N) V(final observation) where truncated, else 0; by up_play_step.
                         //     NULL: nobody wants it

    // What the last step brought.
    UpStep step;      // as the environment wrote it; until the next act its observations are raw
    double *reward;   // (N) those of idle instances are old
    UpEpisode *ended; // (ends) episodes that ended, by instance
    int64_t ends;

    // The episodes in progress.
    double *episode_return;  // (N)
    int64_t *episode_length; // (N)
    double env_seconds;      // spent in the environment so far; never part of a result

    // Inner.
    uint8_t *fresh;        // (N) rows of step t that the actor has not observed yet
    bool unseen;           // there are some
    UpObs slot;            // (N) sparse: where the environment writes before the row is appended
    UpObs final_obs;       // (N) last observations of episodes
    UpReal *cut_value;     // (N) values of those
    UpReal *memory_out;    // (N, M) after the last act
    uint32_t *final_frame; // (N, stack) stacks that end in final_obs; where obs.stack > 1
    uint64_t pool_used, pool_size; // sparse entries in obs.entry
    UpKeptObs kept;
    UpArena arena; // what does not grow
} UpPlay;

// Prepares to play with env's instances. `steps` is T, the room for observations: where it is used
// up, the newest take the place of the first. On failure nothing is left behind.
UpStatus up_play_create(UpPlay *play, UpEnv *env, int64_t steps, uint64_t seed);
void up_play_destroy(UpPlay *play); // also of one that is all zeros

// Resets all instances with `seeds`.
UpStatus up_play_begin(UpPlay *play);

// The N observations to act on next: a view.
UpObs up_play_obs(const UpPlay *play);

// The actor chooses: action, log_prob and value.
void up_play_act(UpPlay *play);

// The active instances take `action`. An observation or reward that is not finite is UP_NUMERIC and
// names the instance and the step. UP_INTERRUPTED where `stop` said so: nobody took a step.
UpStatus up_play_step(UpPlay *play);

// The actor's value (N) of the observations to act on next.
void up_play_value(UpPlay *play, UpReal *value);

// What must last of it. Before it is saved, up_play_pack copies the observations to act on next
// there; after it was loaded, and the environment's state with it, up_play_unpack goes on from
// them, or says UP_FORMAT.
UpStatus up_play_keep(UpPlay *play, UpKeep *keep);
void up_play_pack(UpPlay *play);
UpStatus up_play_unpack(UpPlay *play);

#ifdef __cplusplus
}
#endif
#endif
