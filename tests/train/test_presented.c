// How an environment is presented must survive: statistics of observations and rewards lie in the
// checkpoint and stay as they are in evaluation, and a run under action masks goes on bit for bit.
#include "scratch.h"
#include "uphill/train.h"

static void set(UpConfig *config, const char *key, const char *value) {
    assert_ok(up_config_set(config, key, value, "test"));
}

static UpConfig small_config(const char *env, const char *steps) {
    static UpConfig config;
    assert_ok(up_config_default(&config, "ppo"));
    set(&config, "env.id", env);
    set(&config, "train.steps", steps);
    set(&config, "rollout.steps", "32");
    set(&config, "optim.schedule", "constant");
    return config;
}

static UpTrainer *trained(const UpConfig *config, const char *folder) {
    UpTrainer *trainer;
    assert_ok(up_train_create(&trainer, config, folder));
    assert_ok(up_train_run(trainer, NULL));
    return trainer;
}

// Half the steps and then the other half, after a resume, end where all of them at once do.
static void check_resume(const UpConfig *half, const UpConfig *all, const char *name) {
    UpTrainer *whole = trained(all, NULL), *resumed;
    up_train_destroy(trained(half, scratch(name)));
    assert_ok(up_train_resume(&resumed, all, scratch(name)));
    assert_ok(up_train_run(resumed, NULL));
    const UpPolicy *a = up_train_policy(whole), *b = up_train_policy(resumed);
    assert_memory_equal(a->param, b->param, a->size * sizeof *a->param);
    if (a->stats.mean) {
        size_t bytes = (size_t)a->obs_space.size * sizeof(double);
        assert_memory_equal(a->stats.mean, b->stats.mean, bytes);
        assert_memory_equal(a->stats.var, b->stats.var, bytes);
        assert_true(a->stats.count == b->stats.count && a->stats.count > 1000);
    }
    up_train_destroy(whole);
    up_train_destroy(resumed);
}

static void test_masks(void **state) {
    (void)state;
    UpConfig half = small_config("Taxi-v4", "512"), all = small_config("Taxi-v4", "1024");
    check_resume(&half, &all, "masks");
}

static void test_statistics(void **state) {
    (void)state;
    UpConfig config[2] = {small_config("Pendulum-v1", "512"), small_config("Pendulum-v1", "1024")};
    for (int i = 0; i < 2; i++) {
        set(&config[i], "policy.normalize_obs", "true");
        set(&config[i], "rollout.scale_reward", "true");
    }
    check_resume(&config[0], &config[1], "statistics");
}

// What is evaluated is the policy with the statistics it was trained with: twice the same, and the
// returns are the environment's own.
static void test_frozen(void **state) {
    (void)state;
    UpConfig config = small_config("Pendulum-v1", "1024"), loaded;
    set(&config, "policy.normalize_obs", "true");
    set(&config, "rollout.scale_reward", "true");
    set(&config, "rollout.clip_reward", "0.01");
    up_train_destroy(trained(&config, scratch("frozen")));
    UpPolicy policy;
    UpEnv *env;
    assert_ok(up_policy_load(&policy, &loaded, scratch("frozen")));
    assert_ok(up_env_create(&env, &loaded.env, 2));
    double returns[2][4], mean[3], var[3], count = policy.stats.count;
    int64_t lengths[4];
    memcpy(mean, policy.stats.mean, sizeof mean);
    memcpy(var, policy.stats.var, sizeof var);
    assert_true(count > 1000 && mean[0] != 0 && var[0] != 1);
    for (int run = 0; run < 2; run++) {
        UpEvaluation how = {.episodes = 4, .seed = 9, .greedy = true};
        assert_ok(up_evaluate(&policy, env, &how, returns[run], lengths, NULL));
        assert_memory_equal(mean, policy.stats.mean, sizeof mean);
        assert_memory_equal(var, policy.stats.var, sizeof var);
        assert_true(policy.stats.count == count);
    }
    assert_memory_equal(returns[0], returns[1], sizeof returns[0]);
    for (int i = 0; i < 4; i++)
        assert_true(lengths[i] == 200 && returns[0][i] < -100); // a clipped one is -2 at least
    up_env_destroy(env);
    up_policy_destroy(&policy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_frozen),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
