// Training policies with a memory: a run that is stopped and resumed is the run that nobody
// stopped, bit for bit; any number of threads gives the same; who cannot train one says so before
// anything starts; and a segment of one step is what a policy without a memory is trained on.
#include "scratch.h"

#include "algo/algo_internal.h"
#include "train/trainer.h"

static UpConfig config_of(const char *algo, const char *net) {
    static const char *const set[] = {
        "env.id",        "CartPole-v1", "env.mask_velocity",    "true", "rollout.envs", "4",
        "rollout.steps", "16",          "policy.shared",        "true", "train.steps",  "640",
        "train.threads", "1",           "policy.normalize_obs", "true"};
    UpConfig config;
    assert_ok(up_config_default(&config, algo));
    for (size_t i = 0; i < sizeof set / sizeof *set; i += 2)
        assert_ok(up_config_set(&config, set[i], set[i + 1], "test"));
    assert_ok(up_config_set(&config, "policy.net", net, "test"));
    return config;
}

static void set(UpConfig *config, const char *key, const char *value) {
    assert_ok(up_config_set(config, key, value, "test"));
}

static UpTrainer *train(const UpConfig *config, const char *folder, bool resume) {
    UpTrainer *t;
    assert_ok(resume ? up_train_resume(&t, config, folder) : up_train_create(&t, config, folder));
    assert_ok(up_train_run(t, NULL));
    return t;
}

static void check_same(UpTrainer *a, UpTrainer *b) {
    assert_memory_equal(a->policy.param, b->policy.param, a->policy.size * sizeof *a->policy.param);
    assert_int_equal(a->progress.episodes, b->progress.episodes);
    up_train_destroy(a);
    up_train_destroy(b);
}

static void test_resumed(void **state) {
    (void)state;
    static const char *const net[] = {"lstm:8", "dense:8,tanh gru:6"}, *const algo[] = {"ppo",
                                                                                        "a2c"};
    for (int i = 0; i < 2; i++) {
        UpConfig config = config_of(algo[i], net[i]), half = config;
        char name[16];
        set(&config, "rollout.segment", "8");
        half = config;
        half.train.steps = 320;
        snprintf(name, sizeof name, "run-%d", i);
        up_train_destroy(train(&half, scratch(name), false));
        check_same(train(&config, NULL, false), train(&config, scratch(name), true));
    }
}

static void test_threads(void **state) {
    (void)state;
    UpConfig config = config_of("ppo", "lstm:16"), two;
    set(&config, "rollout.envs", "16");
    set(&config, "ppo.minibatch", "128");
    two = config;
    two.train.threads = 2;
    check_same(train(&config, NULL, false), train(&two, NULL, false));
}

static void refuses(UpConfig *config, UpStatus status, const char *part) {
    UpTrainer *t;
    memset(config->given, 0, sizeof config->given); // not what this is about
    assert_int_equal(up_train_create(&t, config, scratch("refused")), status);
    if (!strstr(up_error(), part)) fail_msg("\"%s\" does not say \"%s\"", up_error(), part);
    assert_int_equal(access(scratch("refused"), F_OK), -1); // nothing was begun
}

static void test_refused(void **state) {
    (void)state;
    int count;
    const UpAlgo *const *algo = up_algo_list(&count);
    for (int i = 0; i < count; i++) {
        const char *name = algo[i]->name;
        bool can = strcmp(name, "ppo") == 0 || strcmp(name, "a2c") == 0; // what the message says
        assert_int_equal(algo[i]->recurrent, can);
    }
    UpConfig config = config_of("reinforce", "lstm:8");
    refuses(&config, UP_UNSUPPORTED,
            "reinforce cannot train a policy with a memory (policy.net has lstm or gru): use a2c "
            "or ppo");
    config = config_of("ppo", "gru:8");
    set(&config, "rollout.segment", "5");
    refuses(&config, UP_USAGE, "rollout.segment = 5 does not divide rollout.steps = 16");
    set(&config, "rollout.segment", "16");
    set(&config, "ppo.minibatch", "40");
    refuses(&config, UP_USAGE, "rollout.segment = 16 does not divide the minibatch = 40");
    config = config_of("a2c", "gru:8");
    set(&config, "rollout.episodes", "4");
    refuses(&config, UP_USAGE, "leave rollout.episodes at 0");
}

// The last rollout of a run is cut short: segments of what there is, without idle steps.
static void test_end_of_budget(void **state) {
    (void)state;
    static const struct {
        const char *steps;
        int64_t L, samples;
    } end[] = {{"65", 1, 1}, {"70", 2, 4}, {"76", 3, 12}, {"103", 8, 32}};
    for (size_t i = 0; i < sizeof end / sizeof *end; i++) {
        UpConfig config = config_of("ppo", "lstm:8");
        set(&config, "rollout.segment", "8");
        set(&config, "train.steps", end[i].steps);
        UpTrainer *t = train(&config, NULL, false);
        assert_int_equal(t->learner.L, end[i].L);
        assert_int_equal(t->learner.samples, end[i].samples);
        up_train_destroy(t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_end_of_budget),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
