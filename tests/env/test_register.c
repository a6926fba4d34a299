// Environments that the host program adds.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "uphill/env.h"

static int created, destroyed;

static UpStatus reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    (void)seeds;
    for (int i = 0; i < env->instances; i++)
        obs.f32[i] = 1;
    return UP_OK;
}

static UpStatus step(UpEnv *env, UpStep *out) {
    (void)env, (void)out;
    return UP_OK;
}

static void destroy(UpEnv *env) {
    (void)env;
    destroyed++;
}

static UpStatus create(UpEnv **env, const UpEnvDef *def, int instances) {
    static const UpEnvVtable vtable = {
        .abi = UP_ENV_ABI, .reset = reset, .step = step, .destroy = destroy};
    static UpEnv only;
    only = (UpEnv){.vtable = &vtable, .instances = instances};
    only.spec.obs = up_space_box(1, -INFINITY, INFINITY);
    only.spec.action = up_space_discrete(2);
    snprintf(only.spec.id, sizeof only.spec.id, "%.100s", def->id);
    *env = &only;
    created++;
    return UP_OK;
}

static const UpEnvInfo info = {"test/Own-v0", "an environment of the test", create};

static void test_create(void **state) {
    (void)state;
    int before, after;
    up_env_list(&before);
    assert_int_equal(up_env_register(&info), UP_OK);
    const UpEnvInfo *list = up_env_list(&after);
    assert_int_equal(after, before + 1);
    assert_string_equal(list[before].id, "test/Own-v0");

    UpEnv *env;
    UpEnvDef def = up_env_def_default();
    strcpy(def.id, "test/Own-v0");
    assert_int_equal(up_env_create(&env, &def, 3), UP_OK);
    assert_int_equal(env->instances, 3);
    assert_int_equal(created, 1);
    up_env_destroy(env);
    assert_int_equal(destroyed, 1);
}

static void test_refused(void **state) {
    (void)state;
    int before, after;
    up_env_list(&before);
    assert_int_equal(up_env_register(&info), UP_USAGE); // test_create added it
    assert_non_null(strstr(up_error(), "test/Own-v0"));
    assert_int_equal(up_env_register(&(UpEnvInfo){"CartPole-v1", "", create}), UP_USAGE);
    assert_int_equal(up_env_register(&(UpEnvInfo){"", "", create}), UP_USAGE);
    assert_int_equal(up_env_register(&(UpEnvInfo){NULL, "", create}), UP_USAGE);
    assert_int_equal(up_env_register(&(UpEnvInfo){"test/None-v0", "", NULL}), UP_USAGE);
    up_env_list(&after);
    assert_int_equal(after, before);
}

// Many fit, then a message; never a write beyond the table.
static void test_full(void **state) {
    (void)state;
    static char id[256][16];
    UpStatus status = UP_OK;
    int added = 0;
    for (; added < 256 && status == UP_OK; added++) {
        snprintf(id[added], sizeof id[added], "test/%d-v0", added);
        status = up_env_register(&(UpEnvInfo){id[added], "", create});
    }
    assert_int_equal(status, UP_USAGE);
    assert_true(added > 32);
    assert_non_null(strstr(up_error(), "room"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_create),
                                       cmocka_unit_test(test_refused), cmocka_unit_test(test_full)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
