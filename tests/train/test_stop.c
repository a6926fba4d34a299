// Being asked to stop in the middle of a slow rollout: nothing that was learned is lost, and what
// goes on is the run that nobody stopped, bit for bit.
#include "scratch.h"

#include <math.h>
#include <time.h>

#include "uphill/metrics.h"
#include "uphill/train.h"

enum { ENVS = 2, STEPS = 32, BUDGET = 5 * ENVS * STEPS };

// CartPole, each of whose steps may take a while. The step with this number asks to stop; or hangs,
// as a worker does until somebody stops it, whose state is lost then.
static int calls, slow_from, stop_at, hang_at;
static bool lost;
static volatile sig_atomic_t stop;
static UpStatus (*quick_step)(UpEnv *env, UpStep *step);
static UpStatus (*quick_load)(UpEnv *env, const void *data, size_t size);

static UpStatus slow_step(UpEnv *env, UpStep *step) {
    if (calls >= slow_from) nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    if (++calls == stop_at) stop = 1;
    if (calls != hang_at) return quick_step(env, step);
    stop = lost = 1;
    return up_fail(UP_INTERRUPTED, "a worker hangs");
}

static UpStatus load_unless_lost(UpEnv *env, const void *data, size_t size) {
    return lost ? up_fail(UP_ENVIRONMENT, "the worker is gone") : quick_load(env, data, size);
}

static UpStatus create_slow(UpEnv **env, const UpEnvDef *def, int instances) {
    static UpEnvVtable vtable;
    UpEnvDef plain = *def;
    snprintf(plain.id, sizeof plain.id, "CartPole-v1");
    UP_TRY(up_env_create(env, &plain, instances));
    vtable = *(*env)->vtable;
    quick_step = vtable.step;
    vtable.step = slow_step;
    quick_load = vtable.state_load;
    vtable.state_load = load_unless_lost;
    (*env)->vtable = &vtable;
    return UP_OK;
}

static UpConfig config_of(void) {
    static const char *const set[] = {"env.id",
                                      "Slow-v0",
                                      "rollout.envs",
                                      "2",
                                      "rollout.steps",
                                      "32",
                                      "ppo.minibatch",
                                      "64",
                                      "policy.normalize_obs",
                                      "true",
                                      "rollout.scale_reward",
                                      "true",
                                      "policy.hidden",
                                      "8",
                                      "train.steps",
                                      "320",
                                      "train.checkpoint_seconds",
                                      "1000"};
    UpConfig config;
    assert_ok(up_config_default(&config, "ppo"));
    for (size_t i = 0; i < sizeof set / sizeof *set; i += 2)
        assert_ok(up_config_set(&config, set[i], set[i + 1], "test"));
    return config;
}

static void begin(int slow, int at) {
    calls = 0;
    slow_from = slow;
    stop_at = at;
    hang_at = -1;
    stop = 0;
    lost = false;
}

static UpTrainer *train(const UpConfig *config, const char *folder, bool resume, UpStatus expect) {
    UpTrainer *t;
    UpTrainHooks hooks = {.stop = &stop};
    assert_ok(resume ? up_train_resume(&t, config, folder) : up_train_create(&t, config, folder));
    assert_int_equal(up_train_run(t, &hooks), expect);
    return t;
}

// Stopped at step call `at`, of rollouts that are slow from `slow` on, with `kept` steps to keep.
static void check(const char *name, int slow, int at, int64_t kept) {
    UpConfig config = config_of();
    begin(BUDGET, -1);
    UpTrainer *whole = train(&config, NULL, false, UP_OK);
    begin(slow, at);
    UpTrainer *t = train(&config, scratch(name), false, UP_INTERRUPTED);
    assert_int_equal(calls, at); // not a step more
    assert_int_equal(up_train_progress(t)->steps, kept);
    up_train_destroy(t);
    begin(BUDGET, -1);
    t = train(&config, scratch(name), true, UP_OK);
    const UpPolicy *a = up_train_policy(whole), *b = up_train_policy(t);
    assert_memory_equal(a->param, b->param, a->size * sizeof *a->param);
    assert_memory_equal(a->stats.mean, b->stats.mean, 4 * sizeof(double));
    assert_true(a->stats.count == b->stats.count);
    assert_int_equal(up_train_progress(t)->episodes, up_train_progress(whole)->episodes);
    up_train_destroy(whole);
    up_train_destroy(t);
}

static void test_slow(void **state) {
    (void)state;
    // The second rollout is slow, so the third is one that can be given up: 20 steps into it.
    check("slow", STEPS, 2 * STEPS + 20, 2 * ENVS * STEPS);
}

static void test_first(void **state) {
    (void)state;
    check("first", 0, 5, 0);
}

static char warning[512];
static void keep_warning(void *user, const char *message) {
    (void)user;
    snprintf(warning, sizeof warning, "%s", message);
}

// A hang in step call `at` of a run that `rollouts` rollouts were learned from: what is saved is
// what was true then, but for the instances, which are gone; the run goes on with new episodes.
static void check_hang(const char *name, int slow, int at, int rollouts) {
    UpConfig config = config_of();
    begin(BUDGET, rollouts * STEPS);
    UpTrainer *then = train(&config, NULL, false, UP_INTERRUPTED);
    begin(slow, -1);
    hang_at = at;
    warning[0] = 0;
    up_set_warn(keep_warning, NULL);
    UpTrainer *t = train(&config, scratch(name), false, UP_INTERRUPTED);
    up_set_warn(NULL, NULL);
    assert_int_equal(calls, at);
    assert_int_equal(up_train_progress(t)->steps, rollouts * ENVS * STEPS);
    const UpPolicy *a = up_train_policy(then), *b = up_train_policy(t);
    assert_memory_equal(a->param, b->param, a->size * sizeof *a->param);
    assert_true(a->stats.count == b->stats.count);
    assert_memory_equal(a->stats.mean, b->stats.mean, 4 * sizeof(double));
    assert_memory_equal(a->stats.var, b->stats.var, 4 * sizeof(double));
    up_train_destroy(then);
    up_train_destroy(t);
    begin(BUDGET, -1);
    t = train(&config, scratch(name), true, UP_OK);
    assert_int_equal(up_train_progress(t)->steps, BUDGET);
    up_train_destroy(t);
}

static void test_hanging(void **state) {
    (void)state;
    check_hang("quick", INT_MAX, STEPS + 5, 1);
    check_hang("slowly", STEPS, 2 * STEPS + 20, 2);
    assert_string_equal(warning, "the worker is gone; resumed, the run begins new episodes");
}

static UpTable metrics_of(const char *name) {
    char path[300];
    UpTable table;
    snprintf(path, sizeof path, "%s/metrics.csv", scratch(name));
    assert_ok(up_metrics_read(path, &table));
    return table;
}

// The same rows but for the clock, and the same best policy.
static void check_same_run(const char *a, const char *b) {
    UpTable x = metrics_of(a), y = metrics_of(b);
    int count;
    const UpMetric *metric = up_metric_list(&count);
    assert_int_equal(x.rows, y.rows);
    for (int64_t i = 0; i < x.rows * x.columns; i++) {
        UpMetricKind kind = metric[i % x.columns].kind;
        if (kind == UP_METRIC_TIME || kind == UP_METRIC_SHARE) continue;
        if (x.value[i] != y.value[i] && !(isnan(x.value[i]) && isnan(y.value[i])))
            fail_msg("row %d: %s is %g and %g", (int)(i / x.columns), metric[i % x.columns].name,
                     x.value[i], y.value[i]);
    }
    up_table_free(&x);
    up_table_free(&y);
    UpPolicy p, q;
    UpConfig config;
    char path[300];
    snprintf(path, sizeof path, "%s/best.safetensors", scratch(a));
    assert_ok(up_policy_load(&p, &config, path));
    snprintf(path, sizeof path, "%s/best.safetensors", scratch(b));
    assert_ok(up_policy_load(&q, &config, path));
    assert_memory_equal(p.param, q.param, p.size * sizeof *p.param);
    up_policy_destroy(&p);
    up_policy_destroy(&q);
}

// A stop during an evaluation, twice the same one: it is made when the run goes on. So is the one
// at the end, in rows of one update and of several.
static void test_evaluation(void **state) {
    (void)state;
    static const char *const every[] = {"1", "200"};
    UpConfig config = config_of();
    assert_ok(up_config_set(&config, "eval.every", "128", "test"));
    assert_ok(up_config_set(&config, "eval.episodes", "3", "test"));
    for (int i = 0; i < 4; i++) {
        char whole[16], part[16];
        assert_ok(up_config_set(&config, "train.log_every", every[i / 2], "test"));
        snprintf(whole, sizeof whole, "whole%d", i);
        snprintf(part, sizeof part, "part%d", i);
        begin(INT_MAX, -1);
        up_train_destroy(train(&config, scratch(whole), false, UP_OK));
        begin(INT_MAX, i % 2 ? calls - 1 : 2 * STEPS + 5);
        UpTrainer *t = train(&config, scratch(part), false, UP_INTERRUPTED);
        assert_int_equal(calls, stop_at);
        assert_int_equal(up_train_progress(t)->steps, i % 2 ? BUDGET : 2 * ENVS * STEPS);
        up_train_destroy(t);
        begin(INT_MAX, 3);
        up_train_destroy(train(&config, scratch(part), true, UP_INTERRUPTED));
        assert_int_equal(calls, stop_at);
        begin(INT_MAX, -1);
        t = train(&config, scratch(part), true, UP_OK);
        assert_true(calls > 0);
        up_train_destroy(t);
        check_same_run(whole, part);
    }
}

int main(void) {
    static const UpEnvInfo slow = {"Slow-v0", "CartPole in its own time", create_slow};
    if (up_env_register(&slow) != UP_OK) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_slow), cmocka_unit_test(test_first),
                                       cmocka_unit_test(test_hanging),
                                       cmocka_unit_test(test_evaluation)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
