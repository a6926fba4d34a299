// Evaluation: every instance plays its share of whole episodes, and no observation is kept.
#include "scratch.h"

#include "uphill/train.h"

enum { EPISODES = 6 };

typedef struct Player {
    UpPolicy policy;
    UpConfig config;
} Player;

static Player player(const char *id) {
    Player p;
    UpEnv *env;
    assert_ok(up_config_default(&p.config, "ppo"));
    assert_ok(up_config_set(&p.config, "env.id", id, "test"));
    assert_ok(up_config_set(&p.config, "policy.hidden", "4", "test"));
    assert_ok(up_env_create(&env, &p.config.env, 1));
    assert_ok(up_policy_create(&p.policy, &p.config.policy, &env->spec, true, 1, 3));
    up_env_destroy(env);
    return p;
}

static void evaluate(Player *p, int instances, int64_t episodes, uint64_t seed, double *returns,
                     int64_t *lengths) {
    UpEnv *env;
    assert_ok(up_env_create(&env, &p->config.env, instances));
    UpEvaluation how = {.episodes = episodes, .seed = seed, .greedy = true};
    assert_ok(up_evaluate(&p->policy, env, &how, returns, lengths, NULL));
    up_env_destroy(env);
}

// Which instances play together changes no episode.
static void test_shares(void **state) {
    (void)state;
    Player p = player("CartPole-v1");
    double together[EPISODES], alone[EPISODES], sum[2] = {0};
    int64_t lengths[EPISODES], length;
    evaluate(&p, EPISODES, EPISODES, 11, together, lengths);
    for (int i = 0; i < EPISODES; i++) {
        evaluate(&p, 1, 1, 11 + (uint64_t)i, &alone[i], &length);
        assert_true(alone[i] == (double)length && together[i] == (double)lengths[i]);
        sum[0] += together[i];
        sum[1] += alone[i];
    }
    assert_true(sum[0] == sum[1]);
    for (int i = 1; i < EPISODES; i++)
        assert_true(lengths[i] >= lengths[i - 1]); // by the time at which they ended

    // Four instances share six episodes: the first two play two each.
    evaluate(&p, 4, EPISODES, 11, together, lengths);
    double first[2], second[2];
    for (int i = 0; i < 2; i++) {
        evaluate(&p, 1, 2, 11 + (uint64_t)i, i ? second : first, lengths);
        sum[1] += (i ? second : first)[1] - alone[4 + i];
    }
    sum[0] = 0;
    for (int i = 0; i < EPISODES; i++)
        sum[0] += together[i];
    assert_true(sum[0] == sum[1]);
    up_policy_destroy(&p.policy);
}

static long peak(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss; // KiB
}

// An episode of Pong in pixels has more than 800 frames of 98 KiB.
static void test_memory(void **state) {
    (void)state;
    enum { ROOM = 40 * 1024 };
    Player p = player("uphill/Pong-v0");
    double returns[2];
    int64_t lengths[2];
    long before = peak();
    evaluate(&p, 2, 2, 1, returns, lengths);
    assert_true(lengths[0] > 500);
    assert_true(peak() - before < ROOM);
    up_policy_destroy(&p.policy);
}

// Pendulum without its clock: no episode ends.
static UpStatus create_endless(UpEnv **env, const UpEnvDef *def, int instances) {
    UpEnvDef plain = *def;
    snprintf(plain.id, sizeof plain.id, "Pendulum-v1");
    UP_TRY(up_env_create(env, &plain, instances));
    (*env)->spec.max_episode_steps = 0;
    return UP_OK;
}

static void keep_warning(void *user, const char *message) {
    snprintf(user, 512, "%s", message);
}

// Where the environment ends no episode, evaluation does, in training, too, and says so.
static void test_endless(void **state) {
    (void)state;
    static const UpEnvInfo endless = {"Endless-v0", "Pendulum without its clock", create_endless};
    static const char *const set[] = {"rollout.steps", "64", "train.steps", "64",
                                      "rollout.envs",  "1",  "eval.every",  "64",
                                      "eval.episodes", "1"};
    char warning[512] = "";
    UpTrainer *t;
    UpEnv *env;
    int64_t bound = 0;
    assert_ok(up_env_register(&endless));
    Player p = player("Endless-v0");
    assert_ok(up_evaluation_env(&env, &p.config.env, 1, &bound));
    assert_int_equal(bound, UP_EVAL_STEPS);
    assert_int_equal(env->spec.max_episode_steps, UP_EVAL_STEPS);
    up_env_destroy(env);
    for (size_t i = 0; i < sizeof set / sizeof *set; i += 2)
        assert_ok(up_config_set(&p.config, set[i], set[i + 1], "test"));
    up_set_warn(keep_warning, warning);
    assert_ok(up_train_create(&t, &p.config, NULL));
    assert_ok(up_train_run(t, NULL));
    up_set_warn(NULL, NULL);
    assert_true(up_train_progress(t)->eval_length_mean == UP_EVAL_STEPS);
    assert_non_null(strstr(warning, "Endless-v0: 1 of 1 episodes of the evaluation"));
    assert_non_null(strstr(warning, "env.max_episode_steps sets the bound"));
    up_train_destroy(t);
    up_policy_destroy(&p.policy);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shares), cmocka_unit_test(test_memory),
                                       cmocka_unit_test(test_endless)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
