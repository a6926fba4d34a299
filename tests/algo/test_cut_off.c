// The last rollout of a run, where the step budget ends inside a row or inside episodes.
#include <math.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "train/trainer.h"

typedef struct Setting {
    const char *key, *value;
} Setting;

static UpTrainer *make(const char *algo, const Setting *setting, int settings) {
    UpConfig config;
    UpTrainer *t;
    assert_int_equal(up_config_default(&config, algo), UP_OK);
    for (int i = 0; i < settings; i++)
        assert_int_equal(up_config_set(&config, setting[i].key, setting[i].value, "test"), UP_OK);
    assert_int_equal(up_train_create(&t, &config, NULL), UP_OK);
    assert_int_equal(up_rollout_collect(&t->rollout, t->env, &t->actor, t->config.train.steps),
                     UP_OK);
    return t;
}

// The length of REINFORCE's gradient over eight episodes of which the budget cut six.
static double reinforce_gradient(const char *divide) {
    const Setting setting[] = {{"env.id", "CartPole-v1"},        {"rollout.envs", "8"},
                               {"rollout.episodes", "8"},        {"train.steps", "110"},
                               {"optim.max_grad_norm", "0"},     {"reinforce.divide", divide},
                               {"advantage.standardize", "none"}};
    UpTrainer *t = make("reinforce", setting, sizeof setting / sizeof *setting);
    assert_in_range(t->rollout.episodes, 1, 7);
    UpUpdateStats stats;
    assert_int_equal(t->algo->update(&t->learner, &t->rollout, &stats), UP_OK);
    up_train_destroy(t);
    return stats.grad_norm;
}

// What was cut off is in the sum, so it counts among what the sum is divided by.
static void test_reinforce_divides_by_episodes_begun(void **state) {
    (void)state;
    double sum = reinforce_gradient("false"), mean = reinforce_gradient("true");
    assert_true(sum > 0);
    assert_true(fabs(sum / mean - 8) < 1e-3);
}

// A valid step bootstraps from the cell that follows it, also where that one sits idle. Every
// observation of the bandit is the same, so every value must be after each pass.
static void test_vtrace_idle_value(void **state) {
    (void)state;
    const Setting setting[] = {{"env.id", "uphill/Bandit-v0"}, {"rollout.envs", "4"},
                               {"rollout.steps", "8"},         {"train.steps", "14"},
                               {"vtrace.epochs", "2"},         {"vtrace.minibatch", "0"},
                               {"optim.learning_rate", "0.1"}};
    UpTrainer *t = make("vtrace", setting, sizeof setting / sizeof *setting);
    UpRollout *r = &t->rollout;
    assert_int_equal(r->length, 4);
    assert_true(r->valid[13] && !r->valid[14]);
    UpReal before = r->value[0];
    UpUpdateStats stats;
    assert_int_equal(t->algo->update(&t->learner, r, &stats), UP_OK);
    assert_true(r->value[0] != before);
    for (int64_t cell = 0; cell < (r->length + 1) * r->N; cell++)
        assert_true(r->value[cell] == r->value[0]);
    up_train_destroy(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reinforce_divides_by_episodes_begun),
        cmocka_unit_test(test_vtrace_idle_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
