// Which environment answers an id, what the messages say when none does, and the spaces' notation.
#include "scratch.h"

#include <math.h>

#include "uphill/env.h"

static UpStatus create(const char *id, const char *option, const char *value, int instances) {
    UpEnvDef def = up_env_def_default();
    UpEnv *env;
    snprintf(def.id, sizeof def.id, "%s", id);
    if (option) assert_ok(up_options_set(&up_env_options, &def, option, value, "test"));
    UpStatus status = up_env_create(&env, &def, instances);
    assert_true((status == UP_OK) == (env != NULL));
    up_env_destroy(env);
    return status;
}

static void test_defaults(void **state) {
    (void)state;
    UpEnvDef def = up_env_def_default();
    assert_string_equal(def.id, "");
    assert_string_equal(def.options, "");
    assert_int_equal(def.preprocess, UP_PREPROCESS_NONE);
    assert_int_equal(def.workers, 0);
    assert_true(def.timeout == 60);
    assert_int_equal(up_options_set(&up_env_options, &def, "workers", "257", "t"), UP_USAGE);
    assert_int_equal(up_options_set(&up_env_options, &def, "preprocess", "pong", "t"), UP_USAGE);
    assert_ok(up_options_set(&up_env_options, &def, "preprocess", "pong80", "t"));
    assert_int_equal(def.preprocess, UP_PREPROCESS_PONG80);
}

static void test_natives(void **state) {
    (void)state;
    int count;
    const UpEnvInfo *list = up_env_list(&count);
    for (int i = 0; i < count; i++) {
        assert_true(strlen(list[i].summary) > 10);
        assert_int_equal(create(list[i].id, NULL, NULL, 3), UP_OK);
    }
}

static void assert_message(UpStatus expected, UpStatus status, const char *part) {
    assert_int_equal(status, expected);
    if (!strstr(up_error(), part)) fail_msg("\"%s\" does not say \"%s\"", up_error(), part);
}

static void test_mistakes(void **state) {
    (void)state;
    assert_message(UP_USAGE, create("", NULL, NULL, 1), "no environment");
    assert_message(UP_USAGE, create("CartPole-v1", NULL, NULL, 0), "at least 1");
    assert_message(UP_USAGE, create("CartPole-v1", NULL, NULL, -5), "at least 1");
    assert_message(UP_UNKNOWN, create("uphill/Pong-v1", NULL, NULL, 1),
                   "did you mean uphill/Pong-v0?");
    assert_message(UP_UNKNOWN, create("uphill/ZZZZZZZZZZZZZZZZZZZZ", NULL, NULL, 1), "uphill envs");
    assert_message(UP_USAGE, create("CartPole-v1", "preprocess", "pong80", 1), "pong80");
    assert_message(UP_USAGE, create("Pendulum-v1", "preprocess", "pong80", 1), "pong80");
}

static void test_keywords(void **state) {
    (void)state;
    assert_int_equal(create("Pendulum-v1", "options", "g=9.81", 1), UP_OK);
    assert_int_equal(create("Pendulum-v1", "options", "g=9.81;;", 1), UP_OK);
    assert_int_equal(create("CartPole-v1", "options", "sutton_barto_reward=True", 1), UP_OK);
    assert_message(UP_USAGE, create("Pendulum-v1", "options", "h=1", 1), "did you mean env.g?");
    assert_message(UP_USAGE, create("Pendulum-v1", "options", "g=heavy", 1), "not a number");
    assert_message(UP_USAGE, create("Pendulum-v1", "options", "g=nan", 1), "not a number");
    assert_message(UP_USAGE, create("Pendulum-v1", "options", "g", 1), "keyword=value");
    assert_message(UP_USAGE, create("uphill/Pong-v0", "options", "g=1", 1), "own are: none");
}

// ---------------------------------------------------------------------------------------------------
// Spaces

static void assert_format(const UpSpace *space, const char *expected) {
    char text[128];
    up_space_format(space, text, sizeof text);
    assert_string_equal(text, expected);
}

static void test_notation(void **state) {
    (void)state;
    UpSpace space = up_space_discrete(6);
    assert_format(&space, "Discrete(6)");
    space = up_space_box(3, -1, INFINITY);
    assert_format(&space, "Box(-1, inf, (3,), float32)");
    space = up_space_image(210, 160, 3);
    assert_format(&space, "Box(0, 255, (210, 160, 3), uint8)");
    space = (UpSpace){.kind = UP_SPACE_MULTI_DISCRETE, .size = 2, .choices = {5, 2}};
    assert_format(&space, "MultiDiscrete([5 2])");
    space = (UpSpace){.kind = UP_SPACE_MULTI_BINARY, .size = 4};
    assert_format(&space, "MultiBinary(4)");

    char cut[10]; // a text without room is cut, and nothing behind it is touched
    memset(cut, 'x', sizeof cut);
    up_space_format(&space, cut, 6);
    assert_string_equal(cut, "Multi");
    assert_int_equal(cut[6], 'x');
    up_space_format(&space, cut, 0);
    assert_int_equal(cut[0], 'M');
}

static void test_bounds(void **state) {
    (void)state;
    UpSpace space = up_space_box(100, -2, 2);
    assert_true(up_space_low(&space, 99) == -2 && up_space_high(&space, 99) == 2);
    space.bounds = 2;
    space.high[1] = 7;
    assert_true(up_space_high(&space, 0) == 2 && up_space_high(&space, 1) == 7);
    assert_true(up_space_high(&space, 50) == 7);
    space = up_space_discrete(3);
    assert_true(up_space_low(&space, 0) == 0 && up_space_high(&space, 0) == 0);
}

static void test_obs_create(void **state) {
    (void)state;
    UpArena arena = {0};
    UpEnvSpec spec = {.obs = up_space_box(6400, -1, 1), .obs_form = UP_OBS_SPARSE};
    UpObs obs;
    assert_ok(up_obs_create(&obs, &spec, 3, &arena));
    assert_int_equal(obs.rows, 3);
    assert_int_equal(obs.dim, 6400);
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(obs.begin[i], i * 6400);
    obs.entry[3 * 6400 - 1] = 1; // the last one is there (checked by the sanitizer)
    spec.obs_form = UP_OBS_U8;
    assert_ok(up_obs_create(&obs, &spec, 3, &arena));
    assert_non_null(obs.u8);
    assert_null(obs.f32);
    up_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),   cmocka_unit_test(test_natives),
        cmocka_unit_test(test_mistakes),   cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_notation),   cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_obs_create),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
