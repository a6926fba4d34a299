// What an environment in C writes is held against its spec, where it is not one of Uphill's own:
// each fault is named at the first step that shows it.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "uphill/env.h"

enum { N = 3, D = 2, M = 3, BAD = 1 }; // instance BAD is the one at fault

// What instance BAD writes in place of what is right.
typedef struct Fault {
    UpSpaceKind kind; // of the observation
    float obs, final_obs;
    double reward;
    uint8_t terminated, mask;
    bool at_reset;
    UpStatus status;
    const char *message; // what the line says
} Fault;

static const Fault *fault;

static void write_obs(const UpObs *obs) {
    for (int i = 0; i < N; i++) {
        for (int d = 0; d < D; d++)
            obs->f32[i * D + d] = d == 1 && i == BAD ? fault->obs : 1;
        memset(obs->mask + i * M, i == BAD ? fault->mask : 1, M);
    }
}

static UpStatus reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    (void)env, (void)seeds;
    const Fault *now = fault, sound = {.obs = 1, .mask = 1};
    if (!now->at_reset) fault = &sound;
    write_obs(&obs);
    fault = now;
    return UP_OK;
}

static UpStatus step(UpEnv *env, UpStep *out) {
    (void)env;
    write_obs(&out->obs);
    for (int i = 0; i < N; i++) {
        bool bad = i == BAD;
        out->reward[i] = bad ? fault->reward : 0;
        out->terminated[i] = bad ? fault->terminated : 0;
        out->truncated[i] = 0;
        for (int d = 0; d < D; d++)
            out->final_obs.f32[i * D + d] = bad && d == 0 ? fault->final_obs : 1;
    }
    return UP_OK;
}

static void destroy(UpEnv *env) {
    (void)env;
}

static UpStatus create(UpEnv **env, const UpEnvDef *def, int instances) {
    static const UpEnvVtable vtable = {
        .abi = UP_ENV_ABI, .reset = reset, .step = step, .destroy = destroy};
    static UpEnv only;
    only = (UpEnv){.vtable = &vtable, .instances = instances};
    only.spec =
        (UpEnvSpec){.obs = up_space_box(D, -9, 9), .action = up_space_discrete(M), .mask_size = M};
    only.spec.obs.kind = fault->kind;
    for (int d = 0; d < D; d++)
        only.spec.obs.choices[d] = 4;
    snprintf(only.spec.id, sizeof only.spec.id, "%.100s", def->id);
    *env = &only;
    return UP_OK;
}

static const Fault faults[] = {
    {UP_SPACE_BOX, 1, 1, 0, 0, 1, true, UP_OK, ""},
    {UP_SPACE_BOX, 100, 1, 0, 0, 1, false, UP_OK, ""}, // beyond its bounds: used as it is
    {UP_SPACE_BOX, NAN, 1, 0, 0, 1, true, UP_NUMERIC,
     "test/Faulty-v0, instance 1: component 1 of the first observation is nan; declared: Box(-9, "
     "9, "
     "(2,), float32)"},
    {UP_SPACE_BOX, NAN, 1, 0, 0, 1, false, UP_NUMERIC, "component 1 of the observation is nan"},
    {UP_SPACE_BOX, INFINITY, 1, 0, 0, 1, false, UP_NUMERIC,
     "component 1 of the observation is inf"},
    {UP_SPACE_BOX, 1, -INFINITY, 0, 1, 1, false, UP_NUMERIC,
     "component 0 of the final observation is -inf"},
    {UP_SPACE_BOX, 1, -INFINITY, 0, 0, 1, false, UP_OK, ""}, // no episode ended
    {UP_SPACE_MULTI_DISCRETE, 4, 1, 0, 0, 1, false, UP_ENVIRONMENT,
     "component 1 of the observation is 4; declared: MultiDiscrete([4 4])"},
    {UP_SPACE_MULTI_DISCRETE, 0.5F, 1, 0, 0, 1, false, UP_ENVIRONMENT, "is 0.5; declared"},
    {UP_SPACE_MULTI_DISCRETE, -1, 1, 0, 0, 1, true, UP_ENVIRONMENT, "is -1; declared"},
    {UP_SPACE_MULTI_BINARY, 2, 1, 0, 0, 1, false, UP_ENVIRONMENT, "is 2; declared: MultiBinary"},
    {UP_SPACE_BOX, 1, 1, (double)NAN, 0, 1, false, UP_NUMERIC, "the reward is nan"},
    {UP_SPACE_BOX, 1, 1, 1e39, 0, 1, false, UP_NUMERIC,
     "the reward is 1e+39, beyond float32, which ends at 3.4e38"},
    {UP_SPACE_BOX, 1, 1, 0, 7, 1, false, UP_ENVIRONMENT, "`terminated` is 7; it must be 0 or 1"},
    {UP_SPACE_BOX, 1, 1, 0, 0, 3, false, UP_ENVIRONMENT, "entry 0 of the action mask is 3"},
    {UP_SPACE_BOX, 1, 1, 0, 0, 0, true, UP_ENVIRONMENT, "its mask leaves no action open"},
};

// Resets and steps once; with only instance BAD sitting idle where `idle`.
static UpStatus play(const UpEnvDef *def, bool idle) {
    UpEnv *env;
    UpArena arena = {0};
    UpObs obs, final_obs;
    float action[N] = {0};
    uint8_t active[N] = {1, 0, 1}, terminated[N], truncated[N];
    double reward[N];
    assert_int_equal(up_env_create(&env, def, N), UP_OK);
    assert_int_equal(up_obs_create(&obs, &env->spec, N, &arena), UP_OK);
    assert_int_equal(up_obs_create(&final_obs, &env->spec, N, &arena), UP_OK);
    UpStep out = {action, idle ? active : NULL, obs, final_obs, reward, terminated, truncated};
    UpStatus status = idle ? UP_OK : up_env_reset(env, NULL, obs);
    if (status == UP_OK) status = up_env_step(env, &out);
    up_arena_free(&arena);
    up_env_destroy(env);
    return status;
}

static void test_faults(void **state) {
    (void)state;
    static const UpEnvInfo info = {"test/Faulty-v0", "each fault once", create};
    UpEnvDef def = up_env_def_default();
    strcpy(def.id, "test/Faulty-v0");
    assert_int_equal(up_env_register(&info), UP_OK);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        fault = &faults[i];
        UpStatus status = play(&def, false);
        if (status != fault->status || (status != UP_OK && !strstr(up_error(), fault->message)))
            fail_msg("fault %zu: %s", i, up_error());
        assert_int_equal(play(&def, true), UP_OK); // what sits idle is nobody's
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
