// `uphill check-env`: an environment is stepped in many ways, and what it writes is held against
// the rules of uphill/env.h.
#ifndef UPHILL_CLI_CHECK_H
#define UPHILL_CLI_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/env.h"
#include "uphill/random.h"

// The rules: a name, and what to do where one is broken.
#define CHECK_RULES(X)                                                                             \
    X(SPEC, "spaces", "correct the spec that create fills")                                        \
    X(RUNS, "runs", "see the message")                                                             \
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

typedef enum CheckRule {
#define CHECK_ENUM(name, title, advice) CHECK_##name,
    CHECK_RULES(CHECK_ENUM)
#undef CHECK_ENUM
        CHECK_COUNT
} CheckRule;

enum { CHECK_TEXT = 512, CHECK_N = 8 }; // CHECK_N: instances of the batch

// What was found. It lies in memory that is shared with the parent process, which prints it also
// where the environment has taken the process down.
typedef struct CheckReport {
    char fault[CHECK_COUNT][CHECK_TEXT]; // the first breach of each rule: what and where; "" none
    char note[CHECK_COUNT][CHECK_TEXT];  // beside "ok": what could not be seen
    char title[CHECK_TEXT];              // the environment and its spaces
    char doing[CHECK_TEXT];              // at the moment
    char error[CHECK_TEXT];              // why nothing could be checked; "" none
    int64_t steps;                       // of each instance in each run
    int64_t at;                          // the step at the moment
    const char *call;                    // the environment's function that was called last
    _Atomic int64_t calls;               // so far: while it stands still, that one is at work
    int status;                          // UpStatus that goes with `error`
    bool done;
} CheckReport;

// An array that the environment writes, between two zones that it must not write.
typedef struct CheckArray {
    const char *name;
    uint8_t *start; // of the first zone
    size_t size, zone;
} CheckArray;

enum { CHECK_ARRAYS = 16 };

// A batch of instances, and everything that it is given and writes.
typedef struct CheckBatch {
    CheckReport *report;
    UpEnv *env;
    UpStep step;
    float *action, *action_copy; // (N, A) what was given, and what it must still be
    uint8_t *active, *active_copy;
    uint8_t *mask; // (N, mask_size) the newest of each instance
    uint64_t *seeds;
    UpRng *rng;          // (N) of the actions
    uint8_t paint;       // what bytes are before the environment writes them
    int64_t t;           // steps since the reset
    int64_t *elapsed;    // (N) steps of the episode
    int64_t *streak;     // (N) episodes of one step in a row, after a longer one
    int64_t *longest;    // (N) steps of the longest episode
    int64_t stale, ends; // ends with the old episode's observation in obs; ends
    int64_t cut;         // ends by the clock
    int arrays;
    CheckArray array[CHECK_ARRAYS];
    UpArena arena;
} CheckBatch;

// Records the first breach of a rule.
void check_fault(CheckReport *report, CheckRule rule, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool check_broken(const CheckReport *report, CheckRule rule);
// Before each call of the environment's functions; `name` is a literal.
void check_call(CheckReport *report, const char *name);

// check_batch.c: making, resetting and stepping a batch. False where the environment failed, which
// is then recorded.
UpStatus check_batch_open(CheckBatch *batch, CheckReport *report, const UpEnvDef *def,
                          int instances, uint8_t paint);
void check_batch_close(CheckBatch *batch);
// A zone-guarded array; NULL without memory.
void *check_batch_array(CheckBatch *batch, const char *name, size_t count, size_t size);
bool check_batch_reset(CheckBatch *batch, bool seeded, uint64_t seed);
void check_batch_draw(CheckBatch *batch, int instance); // a random action
// Begins new episodes where batch->active is 1.
bool check_batch_restart(CheckBatch *batch);
// active: step.active is given. Checks the rules that one step can break.
bool check_batch_step(CheckBatch *batch, bool active);

// check_step.c: the rules of a single step.
bool check_row_written(const CheckBatch *batch, int instance); // any of its obs and mask
void check_rows(const CheckBatch *batch, const UpObs *obs, int instance, bool final);
void check_masks(CheckBatch *batch, const uint8_t *active); // keeps them for the next actions
void check_arrays(CheckBatch *batch);                       // the zones
void check_step(CheckBatch *batch, bool active);

// check_same.c: do instance i of `a` and instance j of `b` hold the same? If not, `text` says where
// they differ.
bool check_same(const CheckBatch *a, int i, const CheckBatch *b, int j, char text[CHECK_TEXT]);
bool check_same_bits(const void *a, const void *b, size_t size); // also of NaN and -0
bool check_same_row(const UpObs *a, int i, const UpObs *b, int j);
bool check_same_obs(const CheckBatch *a, int i, const CheckBatch *b, int j, char text[CHECK_TEXT]);

// check_runs.c: the runs, in order. `steps` 0 chooses their length by the time that a step takes.
UpStatus check_env(CheckReport *report, const UpEnvDef *def, int64_t steps);
// check_ends.c
void check_ends(CheckBatch *a, CheckBatch *b);
// check_slots.c
void check_spec(CheckReport *report, const UpEnv *env);
void check_state(CheckBatch *a, CheckBatch *b);
void check_render(CheckBatch *a, CheckBatch *b);
void check_restart(CheckBatch *a, CheckBatch *b);

#endif
