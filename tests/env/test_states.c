// Saved states are files, and files may say anything. Every field of every native task's state is
// set to what no step leaves behind: it is refused, and the environment stays as it was, or the
// steps after it are sane.
#include "env/batch.h"

enum { N = 2, STEPS = 6 };

static union Extreme {
    unsigned char bytes[8];
    int32_t whole;
    int64_t wide;
    float real;
    double precise;
} extremes[] = {{.wide = 0},          {.wide = -1},         {.whole = 1},
                {.whole = INT32_MAX}, {.whole = INT32_MIN}, {.wide = INT64_MAX},
                {.wide = INT64_MIN},  {.precise = 1e30},    {.precise = -1e300},
                {.precise = 12345.6}, {.real = 1e30F},      {.real = -1e30F}};

static void assert_sane(Batch *batch) {
    const UpStep *step = &batch->step;
    for (int i = 0; i < N; i++) {
        assert_true(isfinite(step->reward[i]));
        assert_true(step->terminated[i] <= 1 && step->truncated[i] <= 1);
    }
    for (int64_t k = 0; step->obs.f32 && k < N * step->obs.dim; k++)
        assert_true(isfinite(step->obs.f32[k]));
}

// `width` bytes at `at`; returns whether it was refused.
static bool try_state(Batch *batch, const void *good, void *bad, size_t size, size_t at,
                      const void *value, size_t width) {
    const UpEnvVtable *vtable = batch->env->vtable;
    memcpy(bad, good, size);
    memcpy((char *)bad + at, value, width);
    assert_ok(vtable->state_load(batch->env, good, size));
    bool refused = vtable->state_load(batch->env, bad, size) != UP_OK;
    if (refused) {
        assert_non_null(strstr(up_error(), batch->env->spec.id));
        assert_non_null(strstr(up_error(), "damaged; use another copy or an older checkpoint"));
        vtable->state_save(batch->env, bad);
        assert_memory_equal(bad, good, size);
    }
    for (int t = 0; t < STEPS; t++) {
        batch_act(batch);
        assert_sane(batch);
    }
    return refused;
}

static void check_states(const char *id, int preprocess) {
    Batch batch = batch_open(id, preprocess, N, 3);
    for (int t = 0; t < 5; t++)
        batch_act(&batch);
    size_t size = batch.env->vtable->state_size(batch.env);
    void *good = guarded_alloc(&batch, size), *bad = guarded_alloc(&batch, size);
    batch.env->vtable->state_save(batch.env, good);
    float nan32 = NAN;
    double nan64 = NAN, infinite = INFINITY;
    // A step of MuJoCo's tasks takes a thousand times as long as one of the others.
    size_t stride = strstr(id, "-v5") ? 344 : 4;
    int refused = 0;
    for (size_t at = 0; at + 8 <= size; at += stride) {
        for (size_t k = 0; k < sizeof extremes / sizeof *extremes; k++)
            for (size_t width = 4; width <= 8; width += 4)
                refused += try_state(&batch, good, bad, size, at, extremes[k].bytes, width);
        refused += try_state(&batch, good, bad, size, at, &nan32, 4);
        refused += try_state(&batch, good, bad, size, at, &nan64, 8);
        refused += try_state(&batch, good, bad, size, at, &infinite, 8);
    }
    assert_true(refused > 0);
    batch_close(&batch);
}

static void test_states(void **state) {
    (void)state;
    up_set_warn(NULL, NULL); // MuJoCo's
    int count;
    const UpEnvInfo *list = up_env_list(&count);
    for (int i = 0; i < count; i++) {
        check_states(list[i].id, UP_PREPROCESS_NONE);
        if (strcmp(list[i].id, "uphill/Pong-v0") == 0)
            check_states(list[i].id, UP_PREPROCESS_PONG80);
    }
}

// Those that were seen to hang, or to be read as fine.
static void refused(const char *id, size_t at, const void *value, size_t width) {
    Batch batch = batch_open(id, UP_PREPROCESS_NONE, N, 3);
    size_t size = batch.env->vtable->state_size(batch.env);
    void *good = guarded_alloc(&batch, size), *bad = guarded_alloc(&batch, size);
    batch.env->vtable->state_save(batch.env, good);
    assert_true(try_state(&batch, good, bad, size, at, value, width));
    batch_close(&batch);
}

static void test_seen_to_hang(void **state) {
    (void)state;
    const uint64_t nothing[6] = {0};
    const double far = 1e30;
    const int32_t late = -1;
    const size_t streams = N * sizeof(UpRng), clocks = N * sizeof(int32_t);
    refused("Blackjack-v1", 0, nothing, sizeof nothing); // a stream that draws 0 for ever
    refused("Taxi-v4", 2 * 8, nothing, 2 * 8);
    refused("Acrobot-v1", streams + clocks, &far, 8);
    refused("CartPole-v1", streams, &late, 4);
}

// An episode without end counts its steps as far as it can.
static void test_clock(void **state) {
    (void)state;
    const int32_t last = INT32_MAX;
    Batch batch = batch_open("CliffWalking-v1", UP_PREPROCESS_NONE, N, 3);
    size_t size = batch.env->vtable->state_size(batch.env);
    char *good = guarded_alloc(&batch, size);
    batch.env->vtable->state_save(batch.env, good);
    memcpy(good + N * sizeof(UpRng), &last, sizeof last);
    assert_ok(batch.env->vtable->state_load(batch.env, good, size));
    batch.action[0] = batch.action[1] = 0; // up, and never into the cliff
    for (int t = 0; t < 3; t++) {
        assert_ok(up_env_step(batch.env, &batch.step));
        assert_int_equal(batch.step.truncated[0], 0);
    }
    batch_close(&batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_seen_to_hang),
        cmocka_unit_test(test_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
