// Saved games of workers, and their pictures.
#include "fake.h"

static void test_state(void **state) {
    (void)state;
    Bridged a, b;
    assert_ok(start(&a, "length=4", 5, 2));
    assert_ok(bridged_seed(&a, 70));
    for (int t = 0; t < 6; t++)
        assert_ok(step_all(&a, t));
    size_t size = a.env->vtable->state_size(a.env);
    assert_true(size > 0);
    void *bytes = malloc(size);
    a.env->vtable->state_save(a.env, bytes);

    assert_ok(start(&b, "length=4", 5, 3)); // other workers, same instances
    assert_ok(b.env->vtable->state_load(b.env, bytes, size));
    for (int t = 0; t < 9; t++) {
        assert_ok(step_all(&a, t));
        assert_ok(step_all(&b, t));
        for (int i = 0; i < 5; i++) {
            assert_memory_equal(row(&a.step.obs, i), row(&b.step.obs, i), PID * sizeof(float));
            assert_true(a.step.reward[i] == b.step.reward[i]);
            assert_int_equal(a.step.truncated[i], b.step.truncated[i]);
        }
    }
    assert_int_equal(b.env->vtable->state_load(b.env, bytes, size - 8), UP_FORMAT);
    assert_int_equal(b.env->vtable->state_load(b.env, bytes, 20), UP_MISMATCH);
    ((unsigned char *)bytes)[8] ^= 1;
    assert_int_equal(b.env->vtable->state_load(b.env, bytes, size), UP_MISMATCH);
    ((unsigned char *)bytes)[8] ^= 1;
    unsigned chance = 1;
    for (int k = 0; k < 300; k++) { // damage ends in an error or in another game, never in a crash
        chance = chance * 1103515245 + 12345;
        size_t at = chance / 65536 % size;
        ((unsigned char *)bytes)[at] ^= 0x80;
        if (b.env->vtable->state_load(b.env, bytes, size) != UP_OK) assert_ok(step_all(&b, 0));
        ((unsigned char *)bytes)[at] ^= 0x80;
    }
    free(bytes);
    bridged_destroy(&a);
    bridged_destroy(&b);
}

// The checkpoint is written all the same; the games of the lost worker are new ones in it.
static void test_worker_dies_while_it_saves(void **state) {
    (void)state;
    Bridged b;
    char options[200];
    snprintf(options, sizeof options, "length=9;worker=1;once=%s/save;kill_save=0", scratch_folder);
    assert_ok(start(&b, options, 4, 2));
    assert_ok(bridged_seed(&b, 0));
    assert_ok(step_all(&b, 0));
    assert_true(b.env->vtable->state_size(b.env) > 0);
    assert_int_equal(warnings, 1);
    assert_ok(step_all(&b, 0));
    assert_row(&b.step.obs, 0, 0, 0, 2, 0);
    assert_true(!b.step.truncated[1] && b.step.truncated[2] && b.step.truncated[3]);
    assert_row(&b.step.final_obs, 3, 3, 0, 1, 3);
    bridged_destroy(&b);
    assert_ok(start(&b, "kill_save=0", 1, 1)); // always
    assert_ok(bridged_seed(&b, 0));
    assert_int_equal(b.env->vtable->state_size(b.env), 0);
    assert_non_null(strstr(up_error(), "gave up after 3 restarts"));
    bridged_destroy(&b);
}

static void test_state_is_optional(void **state) {
    (void)state;
    Bridged b;
    assert_ok(start(&b, "nosave=1", 1, 1));
    assert_null(b.env->vtable->state_size);
    bridged_destroy(&b);
    static const char *const damage[] = {"badsave=1", "longblob=1"};
    for (int i = 0; i < 2; i++) {
        assert_ok(start(&b, damage[i], 2, 1));
        assert_ok(bridged_seed(&b, 0));
        assert_int_equal(b.env->vtable->state_size(b.env), 0);
        assert_ok(step_all(&b, 0));
        bridged_destroy(&b);
    }
    UpImage image = {0};
    assert_ok(start(&b, "bigframe=1", 1, 1));
    assert_int_equal(up_env_render(b.env, 0, &image), UP_ENVIRONMENT);
    bridged_destroy(&b);
    assert_ok(start(&b, "raise_frame=0", 1, 1));
    assert_ok(bridged_seed(&b, 0));
    assert_int_equal(up_env_render(b.env, 0, &image), UP_ENVIRONMENT);
    assert_non_null(strstr(up_error(), "no picture"));
    assert_ok(step_all(&b, 0));
    assert_int_equal(warnings, 0);
    bridged_destroy(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_worker_dies_while_it_saves),
        cmocka_unit_test(test_state_is_optional),
    };
    if (!fake_ready()) return 77;
    return cmocka_run_group_tests(tests, fake_setup, scratch_teardown);
}
