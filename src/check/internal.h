// What the files of the checks share: an environment is stepped in many ways, and what it writes is
// held against the rules of uphill/env.h.
#ifndef UPHILL_CHECK_INTERNAL_H
#define UPHILL_CHECK_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/check.h"
#include "uphill/random.h"

// The rules: a name, and what to do where one is broken.
#define UP__CHECK_RULES(X)                                                                         \
    X(SPEC, "spaces", "correct the spec that create fills")                                        \
    X(RUNS, "runs", "")                                                                            \
    X(BOUNDS, "writes inside its arrays",                                                          \
      "the arrays have `instances` rows, of obs.size numbers in an observation")                   \
    X(INPUT, "leaves its input alone", "actions and the mask are read, never written")             \
    X(WRITTEN, "writes all of a step",                                                             \
      "write every number of obs, the reward and both flags, in each step")                        \
    X(OBS, "observations in their space", "correct the observation, or the bounds in the spec")    \
    X(REWARD, "finite rewards", "look for a division by 0 or an overflow")                         \
    X(FLAGS, "flags are 0 or 1", "write 0 or 1 to terminated and truncated in each step")          \
    X(FINAL_OBS, "final observations",                                                             \
      "where an episode ends, write its last observation to final_obs")                            \
    X(RESTART, "a new episode after an end",                                                       \
      "where an episode ended, begin the next one in the same step and write its first "           \
      "observation to obs")                                                                        \
    X(LIMIT, "time limit", "set truncated at step max_episode_steps of an episode, or correct it") \
    X(REPEATS, "repeats itself",                                                                   \
      "draw every random number from the instance's stream, and set every field in create")        \
    X(RESET, "a reset starts afresh",                                                              \
      "set every field of an instance in reset, its random stream too where there are seeds")      \
    X(NEIGHBOURS, "instances are apart",                                                           \
      "keep state, random stream and scratch memory for each instance; no static variables")       \
    X(BATCH, "the batch's size is invisible",                                                      \
      "an instance may depend on its seed and actions, not on its place or on `instances`")        \
    X(ACTIVE, "inactive instances keep still",                                                     \
      "where active[i] is 0, neither step i nor write it")                                         \
    X(CLIP, "actions beyond the bounds", "clip the values of a Box action to its bounds")          \
    X(STATE, "saved state",                                                                        \
      "save everything that the future depends on: also streams, clocks and counters")             \
    X(SOME, "restart of some", "begin episodes where which[i] is 1, leave the others alone")       \
    X(RENDER, "pictures", "fill width and height, then all of rgb; change nothing else")

typedef enum UpCheckRule {
#define UP__CHECK_ENUM(name, title, advice) UP__CHECK_##name,
    UP__CHECK_RULES(UP__CHECK_ENUM)
#undef UP__CHECK_ENUM
        UP__CHECK_COUNT
} UpCheckRule;

enum { UP__CHECK_TEXT = 512, UP__CHECK_N = 8 }; // UP__CHECK_N: instances of the batch

// What was found. It lies in memory that is shared with the parent process, which reports it also
// where the environment has taken the process down.
typedef struct UpCheckNotes {
    char fault[UP__CHECK_COUNT]
              [UP__CHECK_TEXT]; // the first breach of each rule: what and where; "" none
    char note[UP__CHECK_COUNT][UP__CHECK_TEXT]; // beside "ok": what could not be seen
    char title[UP__CHECK_TEXT];                 // the environment and its spaces
    char doing[UP__CHECK_TEXT];                 // at the moment
    char error[UP__CHECK_TEXT];                 // why nothing could be checked; "" none
    bool checked[UP__CHECK_COUNT];              // up to the end
    int64_t steps;                              // of each instance in each run
    int64_t fails_at;                           // the step that shortened them; 0: none did
    int64_t at;                                 // the step at the moment
    const char *call;                           // the environment's function that was called last
    _Atomic int64_t calls; // so far: while it stands still, that one is at work
    int status;            // UpStatus that goes with `error`
    bool done;
} UpCheckNotes;

// An array that the environment writes, between two zones that it must not write.
typedef struct UpCheckArray {
    const char *name;
    uint8_t *start; // of the first zone
    size_t size, zone;
} UpCheckArray;

enum { UP__CHECK_ARRAYS = 16, UP__CHECK_PAINT_A = 0xA5, UP__CHECK_PAINT_B = 0x5B };

// A batch of instances, and everything that it is given and writes.
typedef struct UpCheckBatch {
    UpCheckNotes *notes;
    UpEnv *env;
    UpStep step;
    float *action, *action_copy; // (N, A) what was given, and what it must still be
    uint8_t *active, *active_copy;
    uint8_t *mask; // (N, mask_size) the newest of each instance
    uint64_t *seeds;
    UpRng *rng;          // (N) of the actions
    uint8_t paint;       // what bytes are before the environment writes them
    bool failed;         // it can only be closed
    int64_t t;           // steps since the reset
    int64_t *elapsed;    // (N) steps of the episode
    int64_t *streak;     // (N) episodes of one step in a row, after a longer one
    int64_t *longest;    // (N) steps of the longest episode
    int64_t stale, ends; // ends with the old episode's observation in obs; ends
    int64_t cut;         // ends by the clock
    int arrays;
    UpCheckArray array[UP__CHECK_ARRAYS];
    UpArena arena;
} UpCheckBatch;

// Batches that must hold the same after every step.
typedef struct UpCheckRuns {
    UpCheckNotes *notes;
    const UpEnvDef *def;
    int64_t steps;             // of a run
    UpCheckBatch a, b, single; // (UP__CHECK_N), (UP__CHECK_N), (1)
} UpCheckRuns;

// report.c
// -------------------------------------------------------------------------------------------

// Records the first breach of a rule.
void up__check_fault(UpCheckNotes *notes, UpCheckRule rule, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool up__check_broken(const UpCheckNotes *notes, UpCheckRule rule);
// Before each call of the environment's functions; `name` is a literal.
void up__check_call(UpCheckNotes *notes, const char *name);
// Hands over what was found.
void up__check_report(const UpCheckNotes *notes, UpCheckFn report, void *user);

// spec.c
// ---------------------------------------------------------------------------------------------

void up__check_spec(UpCheckNotes *notes, const UpEnv *env);
// Has it numbers, which bounds hold?
bool up__check_has_numbers(const UpSpace *space);

// same.c
// ---------------------------------------------------------------------------------------------

// Do instance i of `a` and instance j of `b` hold the same? If not, `text` says where they differ.
bool up__check_same(const UpCheckBatch *a, int i, const UpCheckBatch *b, int j,
                    char text[UP__CHECK_TEXT]);
bool up__check_same_bits(const void *a, const void *b, size_t size); // also of NaN and -0
bool up__check_same_row(const UpObs *a, int i, const UpObs *b, int j);
bool up__check_same_obs(const UpCheckBatch *a, int i, const UpCheckBatch *b, int j,
                        char text[UP__CHECK_TEXT]);

// step.c: the rules of a single step
// ---------------------------------------------------------------------------------------------

bool up__check_row_written(const UpCheckBatch *batch, int instance); // any of its obs and mask
void up__check_rows(const UpCheckBatch *batch, const UpObs *obs, int instance, bool final);
void up__check_masks(UpCheckBatch *batch, const uint8_t *active); // keeps them for the next actions
void up__check_step(UpCheckBatch *batch, bool active);

// batch.c: making, resetting and stepping a batch
// --------------------------------------------------------------------------------------------

// False where the environment failed, which is then recorded.
UpStatus up__check_batch_open(UpCheckBatch *batch, UpCheckNotes *notes, const UpEnvDef *def,
                              int instances, uint8_t paint);
void up__check_batch_close(UpCheckBatch *batch);
// A zone-guarded array; NULL without memory.
void *up__check_batch_array(UpCheckBatch *batch, const char *name, size_t count, size_t size);
void up__check_arrays(UpCheckBatch *batch); // the zones
bool up__check_batch_reset(UpCheckBatch *batch, bool seeded, uint64_t seed);
void up__check_batch_draw(UpCheckBatch *batch, int instance); // a random action
// Begins new episodes where batch->active is 1.
bool up__check_batch_restart(UpCheckBatch *batch);
// active: step.active is given. Checks the rules that one step can break.
bool up__check_batch_step(UpCheckBatch *batch, bool active);

// runs.c: pairs of batches
// -------------------------------------------------------------------------------------------

// False after a breach by which two batches differ for a reason that is known already.
bool up__check_comparable(const UpCheckRuns *runs);
void up__check_run_twice(UpCheckRuns *runs);
void up__check_run_reset(UpCheckRuns *runs);
void up__check_run_neighbours(UpCheckRuns *runs);
void up__check_run_alone(UpCheckRuns *runs, int instance);
void up__check_run_active(UpCheckRuns *runs);
void up__check_run_clip(UpCheckRuns *runs);

// ends.c, slots.c and parts.c
// -------------------------------------------------------------------------------------------

void up__check_ends(UpCheckBatch *a, UpCheckBatch *b);
void up__check_state(UpCheckBatch *a, UpCheckBatch *b);
void up__check_render(UpCheckBatch *a, UpCheckBatch *b);
void up__check_restart(UpCheckBatch *a, UpCheckBatch *b);
// All runs, in order. `steps` 0 chooses their length by the time that a step takes.
UpStatus up__check_runs(UpCheckNotes *notes, const UpEnvDef *def, int64_t steps);

#endif
