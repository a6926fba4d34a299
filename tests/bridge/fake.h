// Instances of fake_worker.py, whose observations tell what they have been through.
#ifndef UP_TESTS_FAKE_H
#define UP_TESTS_FAKE_H

#include "bridged.h"

enum { SEED, EPISODE, STEPS, ACTION, PID, RESETS, DIM };

static inline const float *row(const UpObs *obs, int i) {
    return obs->f32 + (int64_t)i * DIM;
}

static inline void assert_row(const UpObs *obs, int i, int seed, int episode, int steps,
                              int action) {
    const float *values = row(obs, i);
    assert_int_equal(values[SEED], seed);
    assert_int_equal(values[EPISODE], episode);
    assert_int_equal(values[STEPS], steps);
    assert_int_equal(values[ACTION], action);
}

// Steps with action i + add in instance i.
static inline UpStatus step_all(Bridged *b, int add) {
    for (int i = 0; i < b->env->instances; i++)
        b->action[i] = (float)((i + add) % 7);
    return up_env_step(b->env, &b->step);
}

static inline UpStatus start(Bridged *b, const char *options, int instances, int workers) {
    UpEnvDef def = bridged_def("gym:Fake-v0", options, workers);
    warnings = 0;
    warned[0] = 0;
    return bridged_create(b, &def, instances);
}

static inline int fake_setup(void **state) {
    up_set_warn(note_warning, NULL);
    return scratch_setup(state);
}

// Whether the worker can run at all; a test that cannot use it is skipped.
static inline bool fake_ready(void) {
    setenv("UPHILL_WORKER", UP_SOURCE_DIR "/tests/bridge/fake_worker.py", 1);
    if (python_has("")) return true;
    printf("skipped: there is no Python\n");
    return false;
}

#endif
