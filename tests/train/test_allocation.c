// The training loop allocates nothing: this program's own malloc counts while the loop runs.
#include <string.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "counting.h"
#include "uphill/train.h"

enum { WARM_UP = 4, COUNTED = 8 };

static void follow(void *user, const UpProgress *progress) {
    (void)progress;
    int *iterations = user;
    if (++*iterations == WARM_UP) atomic_store(&counting, true);
}

// Trains with `set`, pairs of an option and its value up to NULL, and counts.
static void check(const char *algo, const char *id, const char *const *set) {
    if (!CAN_COUNT) skip();
    static UpConfig config;
    assert_int_equal(up_config_default(&config, algo), UP_OK);
    assert_int_equal(up_config_set(&config, "env.id", id, "test"), UP_OK);
    assert_int_equal(up_config_set(&config, "train.threads", "2", "test"), UP_OK);
    for (; *set; set += 2)
        if (strcmp(set[0], "rollout.steps") == 0 && config.rollout.episodes > 0)
            continue; // complete episodes take their place
        else if (up_config_set(&config, set[0], set[1], "test") != UP_OK)
            fail_msg("%s", up_error());
    UpTrainer *trainer;
    if (up_train_create(&trainer, &config, NULL) != UP_OK) fail_msg("%s", up_error());
    int iterations = 0;
    UpTrainHooks hooks = {.user = &iterations, .iteration = follow};
    allocations = frees = 0;
    UpStatus status = up_train_run(trainer, &hooks);
    atomic_store(&counting, false);
    if (status != UP_OK) fail_msg("%s", up_error());
    if (allocations || frees)
        fail_msg("%s on %s: %d allocations and %d frees in %d iterations", algo, id, allocations,
                 frees, iterations - WARM_UP);
    assert_true(iterations >= WARM_UP + COUNTED);
    up_train_destroy(trainer);
}

static void test_cartpole_ppo(void **state) {
    (void)state;
    check("ppo", "CartPole-v1",
          (const char *[]){"train.steps", "6000", "rollout.steps", "32", "ppo.minibatch", "64",
                           NULL});
}

// The widest dense layers that take no buffer of oneDNN's.
static void test_wide_ppo(void **state) {
    (void)state;
    check("ppo", "CartPole-v1",
          (const char *[]){"train.steps", "6000", "rollout.steps", "32", "policy.hidden", "256,256",
                           NULL});
}

static void test_pendulum_a2c(void **state) {
    (void)state;
    check("a2c", "Pendulum-v1",
          (const char *[]){"train.steps", "6000", "rollout.steps", "16", "policy.normalize_obs",
                           "true", "rollout.scale_reward", "true", "policy.shared", "true", NULL});
}

static void test_pendulum_reinforce(void **state) {
    (void)state;
    check("reinforce", "Pendulum-v1",
          (const char *[]){"train.steps", "20000", "rollout.episodes", "8", "advantage.psi",
                           "baselined", "advantage.baseline", "value", NULL});
}

// Sparse observations through the largest layer.
static void test_pong_ppo(void **state) {
    (void)state;
    check("ppo", "uphill/Pong-v0",
          (const char *[]){"train.steps", "16384", "env.preprocess", "pong80", "rollout.steps",
                           "128", "ppo.minibatch", "512", "ppo.epochs", "1", "policy.hidden", "200",
                           "policy.shared", "true", NULL});
}

// Every algorithm, as it is by default, on the shortest rollouts that it plays.
static void test_all(void **state) {
    (void)state;
    int count;
    const UpAlgo *const *algo = up_algo_list(&count);
    for (int a = 0; a < count; a++) {
        if (algo[a]->replays) continue;
        const char *steps = strcmp(algo[a]->name, "actor-critic") == 0 ? "1" : "64";
        check(algo[a]->name, "CartPole-v1",
              (const char *[]){"train.steps", "9000", "rollout.envs", "8", "rollout.steps", steps,
                               NULL});
        if (algo[a]->has_value) continue; // values of discrete actions
        check(algo[a]->name, "Pendulum-v1",
              (const char *[]){"train.steps", "30000", "rollout.envs", "8", "rollout.steps", steps,
                               NULL});
    }
}

// Those that learn from a replay, once it is full, too.
static void test_replayed(void **state) {
    (void)state;
    int count;
    const UpAlgo *const *algo = up_algo_list(&count);
    for (int a = 0; a < count; a++) {
        if (!algo[a]->replays) continue;
        check(algo[a]->name, algo[a]->pathwise ? "Pendulum-v1" : "CartPole-v1",
              (const char *[]){"train.steps", "500", "rollout.envs", "2", "replay.size", "300",
                               "replay.batch", "32", "replay.prioritised", "true", "policy.hidden",
                               "32,32", NULL});
    }
}

// The counter does count.
static void test_counter(void **state) {
    (void)state;
    if (!CAN_COUNT) skip();
    allocations = frees = 0;
    atomic_store(&counting, true);
    char *volatile text = strdup("a copy");
    free(text);
    atomic_store(&counting, false);
    assert_int_equal(allocations, 1);
    assert_int_equal(frees, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counter),      cmocka_unit_test(test_cartpole_ppo),
        cmocka_unit_test(test_pendulum_a2c), cmocka_unit_test(test_pendulum_reinforce),
        cmocka_unit_test(test_pong_ppo),     cmocka_unit_test(test_wide_ppo),
        cmocka_unit_test(test_all),          cmocka_unit_test(test_replayed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
