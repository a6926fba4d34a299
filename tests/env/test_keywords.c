// Keys of [env] that are not in its table: kept, replaced, handed to the environment, and refused
// by it with the nearest name.
#include <string.h>

#include "scratch.h"
#include "uphill/algo.h"

static void set(UpConfig *config, const char *key, const char *value) {
    assert_ok(up_config_set(config, key, value, "--set"));
}

static void test_kept(void **state) {
    (void)state;
    static UpConfig config, again;
    char *text, *second;
    assert_ok(up_config_default(&config, "ppo"));
    set(&config, "env.id", "Pendulum-v1");
    set(&config, "env.g", "9.81");
    set(&config, "env.render_mode", "none");
    assert_string_equal(config.env.options, "g=9.81;render_mode=none");
    set(&config, "env.g", "1");
    assert_string_equal(config.env.options, "render_mode=none;g=1");
    set(&config, "env.render_mode", "x");
    assert_string_equal(config.env.options, "g=1;render_mode=x");
    set(&config, "env.timeout", "3"); // one of the table
    assert_true(config.env.timeout == 3);
    assert_ok(up_config_format(&config, &text));
    assert_ok(up_config_parse(&again, text, "config.ini"));
    assert_string_equal(again.env.options, config.env.options);
    assert_ok(up_config_format(&again, &second));
    assert_string_equal(text, second);
    free(text);
    free(second);
    assert_ok(up_config_parse(&again, "[env]\nid = Pendulum-v1\ng = 2\noptions = g=3\n", "recipe"));
    assert_string_equal(again.env.options, "g=3");
}

static void refused(const char *key, const char *value, const char *message) {
    static UpConfig config;
    assert_ok(up_config_default(&config, "ppo"));
    assert_int_equal(up_config_set(&config, key, value, "--set"), UP_USAGE);
    if (!strstr(up_error(), message)) fail_msg("%s", up_error());
}

static void test_refused_at_once(void **state) {
    (void)state;
    char longer[200] = "";
    memset(longer, 'x', sizeof longer - 1);
    refused("env.g", "1;h=2", "semicolon");
    refused("env.g", longer, "longer than 180 characters");
    refused("env.9g", "1", "there is no option env.9g");
    refused("env.noop_max", "-1", "between");
    refused("rollout.g", "1", "there is no option rollout.g");
}

static void refused_later(const char *id, const char *key, const char *value, const char *message) {
    static UpConfig config;
    UpEnv *env;
    assert_ok(up_config_default(&config, "ppo"));
    set(&config, "env.id", id);
    set(&config, key, value);
    assert_int_equal(up_env_create(&env, &config.env, 1), UP_USAGE);
    assert_null(env);
    if (!strstr(up_error(), message)) fail_msg("%s", up_error());
}

static void test_refused_by_the_environment(void **state) {
    (void)state;
    refused_later("CartPole-v1", "env.sutton_reward", "true",
                  "did you mean env.sutton_barto_reward?");
    refused_later("CartPole-v1", "env.timeot", "1", "did you mean env.timeout?");
    refused_later("CartPole-v1", "env.zzzzzzzzzzz", "1", "own are: sutton_barto_reward");
    refused_later("uphill/Pong-v0", "env.zzzzzzzzzzz", "1", "own are: none");
    refused_later("Pendulum-v1", "env.g", "heavy", "not a number");
    refused_later("FrozenLake-v1", "env.is_slippery", "maybe", "is not True or False");
    refused_later("CartPole-v1", "env.sutton_barto_reward", "2", "is not True or False");
    refused_later("CartPole-v1", "env.frame_skip", "2", "it is read with env.preprocess = atari");
}

// The clock and the keyword arrive: a pendulum without weight keeps its speed, for three steps.
static void test_arrive(void **state) {
    (void)state;
    static UpConfig config;
    UpEnv *env;
    assert_ok(up_config_default(&config, "ppo"));
    set(&config, "env.id", "Pendulum-v1");
    set(&config, "env.g", "0");
    set(&config, "env.max_episode_steps", "3");
    assert_ok(up_env_create(&env, &config.env, 1));
    UpArena arena = {0};
    UpObs obs, final_obs;
    assert_ok(up_obs_create(&obs, &env->spec, 1, &arena));
    assert_ok(up_obs_create(&final_obs, &env->spec, 1, &arena));
    assert_ok(up_env_reset(env, &(uint64_t){1}, obs));
    float speed = obs.f32[2], action = 0;
    double reward;
    uint8_t terminated, truncated;
    UpStep step = {.action = &action,
                   .obs = obs,
                   .final_obs = final_obs,
                   .reward = &reward,
                   .terminated = &terminated,
                   .truncated = &truncated};
    for (int t = 1; t <= 6; t++) {
        assert_ok(up_env_step(env, &step));
        assert_int_equal(truncated, t % 3 == 0);
        if (t <= 3) assert_true((t < 3 ? obs.f32 : final_obs.f32)[2] == speed);
    }
    up_env_destroy(env);
    up_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_refused_at_once),
        cmocka_unit_test(test_refused_by_the_environment),
        cmocka_unit_test(test_arrive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
