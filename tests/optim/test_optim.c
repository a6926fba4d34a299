// Optimisers: ten recorded PyTorch steps each, clipping, numbers that are not finite, threads.
#include <string.h>

#include "trace.h"
#include "uphill/optim.h"
#include "uphill/random.h"

enum { SIZE_MAX_TRACE = 32 };

static UpOptimDef def_named(const char *kind, double max_grad_norm) {
    UpOptimDef def = up_optim_def_default();
    def.kind = !strcmp(kind, "adam") ? UP_ADAM : !strcmp(kind, "rmsprop") ? UP_RMSPROP : UP_SGD;
    def.momentum = !strcmp(kind, "momentum") ? 0.9 : 0;
    def.decay = 0.97;
    def.epsilon = 1e-5;
    def.max_grad_norm = max_grad_norm;
    return def;
}

static void replay(const cJSON *trace) {
    int size = (int)trace_number(trace, "size"), steps = (int)trace_number(trace, "steps");
    UpOptimDef def = def_named(trace_text(trace, "kind"), trace_number(trace, "max_grad_norm"));
    float param[SIZE_MAX_TRACE], grad[SIZE_MAX_TRACE], all[10 * SIZE_MAX_TRACE], rate[10];
    trace_floats(trace, "start", size, param);
    trace_floats(trace, "grad", steps * size, all);
    trace_floats(trace, "rate", steps, rate);
    UpArena arena = {0};
    UpOptim optim;
    assert_int_equal(up_optim_create(&optim, &def, (size_t)size, &arena), UP_OK);
    bool clipped = false, whole = false;
    for (int step = 0; step < steps; step++) {
        memcpy(grad, all + step * size, (size_t)size * sizeof *grad);
        float norm = (float)up_optim_step(&optim, (double)rate[step], param, grad, NULL);
        trace_compare(trace, "norm", step, 1, &norm, 1e-6);
        trace_compare(trace, "param", step * size, size, param, 2e-6);
        for (int i = 0; i < size; i++)
            assert_true(grad[i] == 0);
        clipped |= (double)norm > def.max_grad_norm;
        whole |= (double)norm < def.max_grad_norm;
    }
    assert_true(clipped && whole); // the trace covers both
    assert_int_equal(optim.steps, steps);
    up_arena_free(&arena);
}

static void test_torch(void **state) {
    (void)state;
    cJSON *list = trace_open("torch_optim.json");
    const cJSON *trace;
    int cases = 0;
    cJSON_ArrayForEach(trace, list) {
        replay(trace);
        cases++;
    }
    assert_int_equal(cases, 4);
    cJSON_Delete(list);
}

// One step of size `size` from the same start with `pool`; results in param, first and second.
static double step_once(UpOptim *optim, size_t size, float *param, float *grad, UpPool *pool) {
    UpRng rng;
    up_rng_seed(&rng, 17);
    for (size_t i = 0; i < size; i++) {
        param[i] = (float)up_rng_normal(&rng);
        grad[i] = (float)up_rng_normal(&rng);
    }
    up_optim_step(optim, 0.01, param, grad, pool);
    for (size_t i = 0; i < size; i++)
        grad[i] = i % 3 ? (float)up_rng_normal(&rng) : 0;
    return up_optim_step(optim, 0.01, param, grad, pool);
}

static void test_threads(void **state) {
    (void)state;
    const size_t size = 300007;
    const char *const kinds[] = {"sgd", "momentum", "rmsprop", "adam"};
    for (int k = 0; k < 4; k++) {
        UpArena arena = {0};
        UpOptimDef def = def_named(kinds[k], 0.5);
        float *param[3];
        double norm[3];
        for (int t = 0; t < 3; t++) {
            UpOptim optim;
            UpPool *pool;
            assert_int_equal(up_optim_create(&optim, &def, size, &arena), UP_OK);
            assert_int_equal(up_pool_create(&pool, t + 1), UP_OK);
            param[t] = up_arena_alloc(&arena, size, sizeof(float));
            float *grad = up_arena_alloc(&arena, size, sizeof(float));
            norm[t] = step_once(&optim, size, param[t], grad, pool);
            up_pool_destroy(pool);
        }
        for (int t = 1; t < 3; t++) {
            assert_memory_equal(param[0], param[t], size * sizeof(float));
            assert_memory_equal(&norm[0], &norm[t], sizeof norm[0]);
        }
        up_arena_free(&arena);
    }
}

// Everything is left as it was but the gradient, and the caller sees a norm that is not finite.
static void test_not_finite(void **state) {
    (void)state;
    const char *const kinds[] = {"momentum", "rmsprop", "adam"};
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int k = 0; k < 3; k++) {
        for (int b = 0; b < 3; b++) {
            UpArena arena = {0};
            UpOptimDef def = def_named(kinds[k], b == 0 ? 0 : 0.5);
            UpOptim optim;
            float param[40], grad[40], kept[40], first[40], second[40];
            assert_int_equal(up_optim_create(&optim, &def, 40, &arena), UP_OK);
            step_once(&optim, 40, param, grad, NULL);
            memcpy(kept, param, sizeof kept);
            if (optim.first) memcpy(first, optim.first, sizeof first);
            if (optim.second) memcpy(second, optim.second, sizeof second);
            for (int i = 0; i < 40; i++)
                grad[i] = 1;
            grad[37] = bad[b];
            double norm = up_optim_step(&optim, 0.1, param, grad, NULL);
            assert_true(!isfinite(norm));
            assert_memory_equal(kept, param, sizeof kept);
            if (optim.first) assert_memory_equal(first, optim.first, sizeof first);
            if (optim.second) assert_memory_equal(second, optim.second, sizeof second);
            assert_int_equal(optim.steps, 2);
            for (int i = 0; i < 40; i++)
                assert_true(grad[i] == 0);
            up_arena_free(&arena);
        }
    }
}

// The norm of a long vector of equal numbers, which a float sum would get wrong.
static void test_norm_is_summed_in_double(void **state) {
    (void)state;
    const size_t size = 4000000;
    UpArena arena = {0};
    UpOptimDef def = def_named("sgd", 0);
    UpOptim optim;
    assert_int_equal(up_optim_create(&optim, &def, size, &arena), UP_OK);
    float *param = up_arena_alloc(&arena, size, sizeof *param);
    float *grad = up_arena_alloc(&arena, size, sizeof *grad);
    for (size_t i = 0; i < size; i++)
        grad[i] = 0.1f;
    double norm = up_optim_step(&optim, 1, param, grad, NULL), expected = (double)0.1f * 2000;
    assert_true(fabs(norm - expected) < 1e-9 * expected);
    for (size_t i = 0; i < size; i++)
        assert_true(param[i] == -0.1f && grad[i] == 0);
    up_arena_free(&arena);
}

// A moment without new gradients decays to zero. Without flushing it would stay a subnormal number
// for ever, and each step on it would take a hundred times as long.
static void test_moments_decay_to_zero(void **state) {
    (void)state;
#if defined(__x86_64__)
    UpArena arena = {0};
    UpOptimDef def = def_named("adam", 0.5);
    UpOptim optim;
    float param[40], grad[40];
    assert_int_equal(up_optim_create(&optim, &def, 40, &arena), UP_OK);
    step_once(&optim, 40, param, grad, NULL);
    for (int i = 0; i < 2000; i++)
        up_optim_step(&optim, 0.01, param, grad, NULL);
    for (int i = 0; i < 40; i++)
        assert_true(optim.first[i] == 0 && optim.second[i] > 0);
    up_arena_free(&arena);
#else
    skip(); // no such mode, and no such cost
#endif
}

static void test_schedule(void **state) {
    (void)state;
    assert_true(up_schedule(UP_CONSTANT, 3, 1, 0.9) == 3);
    assert_true(up_schedule(UP_LINEAR, 3, 1, 0) == 3);
    assert_true(up_schedule(UP_LINEAR, 3, 1, 0.25) == 2.5);
    assert_true(up_schedule(UP_LINEAR, 3, 0, 1) == 0);
    assert_true(up_schedule(UP_LINEAR, 3, 1, 1.5) == 1); // training may overshoot by a rollout
    assert_true(up_schedule(UP_COSINE, 3, 1, 0) == 3);
    assert_true(fabs(up_schedule(UP_COSINE, 3, 1, 0.5) - 2) < 1e-12);
    assert_true(fabs(up_schedule(UP_COSINE, 3, 1, 0.25) - (2 + sqrt(0.5))) < 1e-12);
    assert_true(fabs(up_schedule(UP_COSINE, 3, 1, 1) - 1) < 1e-12);
}

static void test_options(void **state) {
    (void)state;
    UpOptimDef def = up_optim_def_default();
    assert_true(def.kind == UP_ADAM && def.learning_rate == 3e-4 && def.schedule == UP_CONSTANT);
    assert_true(def.learning_rate_end == 0 && def.momentum == 0 && def.decay == 0.99);
    assert_true(def.beta1 == 0.9 && def.beta2 == 0.999 && def.epsilon == 1e-8);
    assert_true(def.max_grad_norm == 0.5);
    assert_int_equal(up_options_set(&up_optim_options, &def, "optimizer", "rmsprop", "test"),
                     UP_OK);
    assert_int_equal(def.kind, UP_RMSPROP);
    assert_int_equal(up_options_set(&up_optim_options, &def, "learning_rate", "11", "test"),
                     UP_USAGE);
    assert_int_equal(up_options_set(&up_optim_options, &def, "beta1", "1", "test"), UP_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_torch),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_norm_is_summed_in_double),
        cmocka_unit_test(test_moments_decay_to_zero),
        cmocka_unit_test(test_schedule),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
