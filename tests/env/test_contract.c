// What every native environment owes: uphill/env.h, for all of them.
#include "env/batch.h"

// Every allocation of this process is counted. Sanitizers bring allocators of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR 0
#else
#define OWN_ALLOCATOR 1
#endif
#else
#define OWN_ALLOCATOR 1
#endif

static size_t allocations;

#if OWN_ALLOCATOR
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size) {
    allocations++;
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    allocations++;
    return __libc_calloc(count, size);
}
void *realloc(void *memory, size_t size) {
    allocations++;
    return __libc_realloc(memory, size);
}
#endif

typedef void (*CheckFn)(const char *id, int preprocess);

// Calls `check` for every native environment in each of its forms.
static void for_each(CheckFn check) {
    int count;
    const UpEnvInfo *list = up_env_list(&count);
    assert_true(count >= 3);
    for (int i = 0; i < count; i++) {
        check(list[i].id, UP_PREPROCESS_NONE);
        if (strcmp(list[i].id, "uphill/Pong-v0") == 0) check(list[i].id, UP_PREPROCESS_PONG80);
    }
}

enum { N = 5 };

// A step of MuJoCo's tasks takes a thousand times as long as one of the others.
static int steps_of(const char *id) {
    return strstr(id, "-v5") ? 45 : 600;
}

// Instance i of a batch is the instance that stands alone with the same seed.
static void check_batch_is_its_instances(const char *id, int preprocess) {
    Batch batch = batch_open(id, preprocess, N, 40);
    uint64_t together[N] = {0};
    for (int i = 0; i < N; i++)
        together[i] = hash_row(0, &batch.step.obs, i);
    for (int t = 0; t < steps_of(id); t++) {
        batch_act(&batch);
        for (int i = 0; i < N; i++)
            together[i] = hash_instance(together[i], &batch.step, i);
    }
    batch_close(&batch);
    for (int i = 0; i < N; i++) {
        Batch alone = batch_open(id, preprocess, 1, 40 + (uint64_t)i);
        uint64_t hash = hash_row(0, &alone.step.obs, 0);
        for (int t = 0; t < steps_of(id); t++) {
            batch_act(&alone);
            hash = hash_instance(hash, &alone.step, 0);
        }
        batch_close(&alone);
        assert_int_equal(hash, together[i]);
        for (int j = 0; j < i; j++)
            assert_int_not_equal(together[i], together[j]);
    }
}

static void test_batch_is_its_instances(void **state) {
    (void)state;
    for_each(check_batch_is_its_instances);
}

// A saved state, loaded into another batch, goes on identically.
static void check_state(const char *id, int preprocess) {
    Batch first = batch_open(id, preprocess, N, 7), second = batch_open(id, preprocess, N, 1000);
    for (int t = 0; t < 77; t++)
        batch_act(&first);
    size_t size = first.env->vtable->state_size(first.env);
    void *bytes = guarded_alloc(&first, size);
    first.env->vtable->state_save(first.env, bytes);
    assert_ok(second.env->vtable->state_load(second.env, bytes, size));
    memcpy(second.rng, first.rng, N * sizeof *first.rng);
    for (int t = 0; t < steps_of(id); t++) {
        batch_act(&first);
        batch_act(&second);
        for (int i = 0; i < N; i++)
            assert_int_equal(hash_instance(0, &first.step, i), hash_instance(0, &second.step, i));
    }
    assert_int_equal(second.env->vtable->state_load(second.env, bytes, size - 8), UP_MISMATCH);
    batch_close(&first);
    batch_close(&second);
}

static void test_state(void **state) {
    (void)state;
    for_each(check_state);
}

// An instance that is not active keeps still: nothing of it is written, and its future is the same.
static void check_active(const char *id, int preprocess) {
    Batch some = batch_open(id, preprocess, N, 3), alone = batch_open(id, preprocess, 1, 5);
    uint8_t active[N];
    some.step.active = active;
    int steps = 0;
    for (int t = 0; t < steps_of(id); t++) {
        for (int i = 0; i < N; i++)
            active[i] = (t + i) % 3 == 0;
        for (int i = 0; i < N; i++)
            if (active[i]) batch_draw(&some, i);
        uint64_t before = hash_instance(0, &some.step, 0);
        if (!active[0]) some.action[0] = NAN; // is not looked at
        assert_ok(up_env_step(some.env, &some.step));
        if (!active[0]) assert_int_equal(hash_instance(0, &some.step, 0), before);
        if (!active[2]) continue;
        batch_act(&alone);
        steps++;
        assert_int_equal(hash_instance(0, &some.step, 2), hash_instance(0, &alone.step, 0));
    }
    assert_int_equal(steps, steps_of(id) / 3);
    batch_close(&some);
    batch_close(&alone);
}

static void test_active(void **state) {
    (void)state;
    for_each(check_active);
}

static void check_bad_actions(const char *id, int preprocess) {
    Batch batch = batch_open(id, preprocess, N, 0);
    batch_act(&batch);
    float *third = batch.action + 3 * batch.env->spec.action.size;
    *third = NAN;
    assert_int_equal(up_env_step(batch.env, &batch.step), UP_NUMERIC);
    assert_non_null(strstr(up_error(), "instance 3"));
    assert_non_null(strstr(up_error(), id));
    if (batch.env->spec.action.kind == UP_SPACE_DISCRETE) {
        const float wrong[] = {(float)batch.env->spec.action.n, -1, 0.5F, INFINITY, 1e30F};
        for (int i = 0; i < 5; i++) {
            *third = wrong[i];
            assert_int_equal(up_env_step(batch.env, &batch.step), UP_USAGE);
            assert_non_null(strstr(up_error(), "instance 3"));
            char value[32];
            snprintf(value, sizeof value, "action %g", (double)wrong[i]);
            assert_non_null(strstr(up_error(), value));
        }
    }
    batch_close(&batch);
}

static void test_bad_actions(void **state) {
    (void)state;
    for_each(check_bad_actions);
}

static void check_no_allocation(const char *id, int preprocess) {
    Batch batch = batch_open(id, preprocess, N, 0);
    batch_act(&batch);
    size_t before = allocations;
    for (int t = 0; t < steps_of(id); t++)
        batch_act(&batch);
    assert_int_equal(allocations, before);
    batch_close(&batch);
}

static void test_no_allocation(void **state) {
    (void)state;
    if (!OWN_ALLOCATOR) skip();
    assert_true(allocations > 0);
    for_each(check_no_allocation);
}

// Reset without seeds goes on with the streams: new episodes, but the same ones in every run.
static void check_reset(const char *id, int preprocess) {
    uint64_t hash[2] = {0};
    for (int run = 0; run < 2; run++) {
        Batch batch = batch_open(id, preprocess, N, 9);
        for (int t = 0; t < 50; t++)
            batch_act(&batch);
        assert_ok(up_env_reset(batch.env, NULL, batch.step.obs));
        for (int t = 0; t < 50; t++) {
            batch_act(&batch);
            for (int i = 0; i < N; i++)
                hash[run] = hash_instance(hash[run], &batch.step, i);
        }
        batch_close(&batch);
    }
    assert_int_equal(hash[0], hash[1]);
}

static void test_reset(void **state) {
    (void)state;
    for_each(check_reset);
}

static void check_wrong_buffers(const char *id, int preprocess) {
    Batch batch = batch_open(id, preprocess, N, 0);
    UpObs wrong = batch.step.obs;
    wrong.rows = N - 1;
    assert_int_equal(up_env_reset(batch.env, NULL, wrong), UP_MISMATCH);
    wrong = batch.step.obs;
    wrong.dim++;
    assert_int_equal(up_env_reset(batch.env, NULL, wrong), UP_MISMATCH);
    batch.step.final_obs.form = wrong.form == UP_OBS_F32 ? UP_OBS_U8 : UP_OBS_F32;
    assert_int_equal(up_env_step(batch.env, &batch.step), UP_MISMATCH);
    batch_close(&batch);
}

static void test_wrong_buffers(void **state) {
    (void)state;
    for_each(check_wrong_buffers);
}

// A picture has the size it says, is not blank, and changes as time passes.
static void check_render(const char *id, int preprocess) {
    Batch batch = batch_open(id, preprocess, 2, 0);
    UpImage image = {0};
    UpStatus status = up_env_render(batch.env, 1, &image);
    if (status == UP_OK) {
        size_t size = (size_t)image.width * (size_t)image.height * 3;
        uint8_t *first = guarded_alloc(&batch, size), *later = guarded_alloc(&batch, size);
        image.rgb = first;
        assert_ok(up_env_render(batch.env, 1, &image));
        for (int t = 0; t < 20; t++)
            batch_act(&batch);
        image.rgb = later;
        assert_ok(up_env_render(batch.env, 1, &image));
        assert_memory_not_equal(first, later, size);
    } else {
        assert_int_equal(status, UP_UNSUPPORTED);
    }
    assert_int_equal(up_env_render(batch.env, 2, &image), UP_USAGE);
    batch_close(&batch);
}

static void test_render(void **state) {
    (void)state;
    for_each(check_render);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch_is_its_instances),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_active),
        cmocka_unit_test(test_bad_actions),
        cmocka_unit_test(test_no_allocation),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_wrong_buffers),
        cmocka_unit_test(test_render),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
