// A replay: the steps that were taken most recently, for learners that use each of them more than
// once (Lin 1992; Mnih 2015). Every observation is kept once, in its own form, bytes as bytes; a
// stack of frames is a list of places in the pool. Steps are drawn uniformly or by priority (Schaul
// 2016, proportional), and looked at n steps ahead (Sutton 1988) when they are drawn.
#ifndef UPHILL_REPLAY_H
#define UPHILL_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/arena.h"
#include "uphill/keep.h"
#include "uphill/obs.h"
#include "uphill/option.h"
#include "uphill/random.h"
#include "uphill/real.h"
#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

// [replay]
typedef struct UpReplayDef {
    int64_t size;     // steps that it holds, of all instances together
    int64_t batch;    // steps of a minibatch
    int64_t start;    // steps of the run before the first update
    double updates;   // for each step of the environment
    int64_t n_steps;  // rewards of a return before it bootstraps
    bool prioritised; // drawn by priority, else uniformly
    double alpha;     // of the priority |δ|^α
    double beta;      // of the importance weight; 1 at the end of training
} UpReplayDef;

extern const UpOptionTable up_replay_options;

// What N instances did in one step: views of rows (N), nothing is kept of them.
typedef struct UpReplayStep {
    UpObs obs;       // acted on
    UpObs next;      // what follows, the first of a new episode behind an end
    UpObs final_obs; // the last of an episode; read where truncated, but for its mask
    const float *action;
    const UpReal *reward;
    const uint8_t *terminated, *truncated;
    const uint8_t *valid; // 0: the instance sat idle
    const int64_t *age;   // (N) steps that the episode was old
} UpReplayStep;

// Each of N instances has a ring of `slots` places. A place holds an observation and what was done
// about it; the observation that follows is in the next place, so that it is kept once. The last
// observation of a truncated episode takes a place of its own. Row `slot * N + n` of the arrays is
// place `slot` of instance n.
typedef struct UpReplay {
    UpReplayDef def;
    double gamma;
    int64_t N, A, slots;
    int64_t stack;    // frames that a policy reads at once
    UpObs frames;     // (slots * N) single frames, with their masks
    float *action;    // (slots * N, A)
    float *reward;    // (slots * N)
    uint8_t *place;   // (slots * N) UpReplayPlace
    uint8_t *age;     // (slots * N) frames of the episode before this one, 255 at most
    int64_t *written; // (N) places that were ever written; the newest is the last of them
    int64_t rows, frame_numbers, action_numbers, mask_numbers; // of the arrays, that are in use
    double *tree; // (2 * leaves) prioritised: tree[1] is the sum of all, leaf i at leaves + i
    int64_t leaves, drawable; // drawable: leaves that are not 0
    double most;              // highest priority so far, that of new steps
    size_t bytes;             // of everything
} UpReplay;

typedef enum UpReplayPlace {
    UP_REPLAY_OPEN,       // empty, or the newest: nothing was done about it yet
    UP_REPLAY_STEP,       // a step that the next place follows
    UP_REPLAY_TERMINATED, // a step that ended the episode
    UP_REPLAY_TRUNCATED,  // likewise, cut short; the next place is a last one
    UP_REPLAY_LAST,       // the last observation of a truncated episode
} UpReplayPlace;

// A minibatch, for up to `rows` steps. Zero-initialise it.
typedef struct UpReplayBatch {
    int64_t rows;
    UpObs obs;        // (2 * rows) first the observations acted on, then those that the returns
                      //   bootstrap from
    float *action;    // (rows, A)
    UpReal *reward;   // (rows) Σ γ^k r_k of the n steps, or of those up to an end
    UpReal *discount; // (rows) of the value that follows: γ^n, 0 behind a terminated step
    UpReal *weight;   // (rows) importance weight, 1 at most; 1 where drawn uniformly
    uint32_t *row;    // (rows) places that were drawn
} UpReplayBatch;

// The bytes of a replay for N instances with observations like `obs` (form, dim, stack and
// mask_size count) and A numbers in an action.
size_t up_replay_bytes(const UpReplayDef *def, const UpObs *obs, int64_t N, int64_t A);

// UP_USAGE where the steps of an instance are too few, UP_UNSUPPORTED for sparse observations,
// UP_MEMORY where this machine has no room for it. Its memory comes from `arena`.
UpStatus up_replay_create(UpReplay *replay, const UpReplayDef *def, double gamma, const UpObs *obs,
                          int64_t N, int64_t A, UpArena *arena);
UpStatus up_replay_batch_create(UpReplayBatch *batch, const UpReplay *replay, int64_t rows,
                                UpArena *arena);

// What must last of it, under names that begin with replay.
void up_replay_keep(UpReplay *replay, UpKeep *keep);

void up_replay_add(UpReplay *replay, const UpReplayStep *step);

// Whether there is anything to draw.
bool up_replay_ready(const UpReplay *replay);

// Draws batch->rows steps with replacement, which needs up_replay_ready. `done` is the share of
// training that is over, for β.
void up_replay_draw(const UpReplay *replay, UpRng *rng, double done, UpReplayBatch *batch);

// The priorities of a batch that was drawn, from the TD error (rows) of each step.
void up_replay_prioritise(UpReplay *replay, const UpReplayBatch *batch, const UpReal *error);

#ifdef __cplusplus
}
#endif
#endif
