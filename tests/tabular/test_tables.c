// Each rule on chains that are short enough to work out by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "uphill/tabular.h"

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static UpTransition move(int64_t state, int64_t action, double reward, int64_t next) {
    return (UpTransition){.state = state, .action = action, .reward = reward, .next = next};
}

static UpTransition end(int64_t state, int64_t action, double reward, int64_t next) {
    return (UpTransition){state, action, reward, next, true, false};
}

static void test_td0(void **state) {
    (void)state;
    double v[3] = {0, 0, 100}; // what stands behind the end does not count
    UpTransition first = move(0, 0, 1, 1), last = end(1, 0, 2, 2);
    NEAR(up_tabular_td0(v, &first, 0.1, 0.5), 1);
    NEAR(up_tabular_td0(v, &last, 0.1, 0.5), 2);
    NEAR(v[0], 0.1);
    NEAR(v[1], 0.2);
    NEAR(up_tabular_td0(v, &first, 0.1, 0.5), 1 + 0.5 * 0.2 - 0.1);
    NEAR(v[0], 0.2);
    last.terminated = false, last.truncated = true; // the clock ended: V(s') stands for the rest
    NEAR(up_tabular_td0(v, &last, 0.1, 0.5), 2 + 0.5 * 100 - 0.2);
}

static void test_td_lambda(void **state) {
    (void)state;
    double v[3] = {0}, e[3] = {0}, one_step[3] = {0};
    UpTransition first = move(0, 0, 1, 1), last = end(1, 0, 2, 2);
    NEAR(up_tabular_td_lambda(v, e, 3, &first, 0.1, 0.5, 0.5), 1);
    NEAR(e[0], 0.25);
    NEAR(up_tabular_td_lambda(v, e, 3, &last, 0.1, 0.5, 0.5), 2);
    NEAR(v[0], 0.1 + 0.1 * 2 * 0.25);
    NEAR(v[1], 0.2);
    NEAR(e[0] + e[1] + e[2], 0);
    first.truncated = true; // a trace does not reach into the next episode
    up_tabular_td_lambda(v, e, 3, &first, 0, 0.5, 0.5);
    NEAR(e[0], 0);
    first.truncated = false;

    // a state that comes twice adds up; λ = 0 is TD(0)
    UpTransition loop = move(0, 0, 0, 0);
    up_tabular_td_lambda(v, e, 3, &loop, 0, 1, 1);
    up_tabular_td_lambda(v, e, 3, &loop, 0, 1, 1);
    NEAR(e[0], 2);
    memset(e, 0, sizeof e);
    memset(v, 0, sizeof v);
    for (int i = 0; i < 3; i++) {
        up_tabular_td_lambda(v, e, 3, &first, 0.3, 0.9, 0);
        up_tabular_td_lambda(v, e, 3, &last, 0.3, 0.9, 0);
        up_tabular_td0(one_step, &first, 0.3, 0.9);
        up_tabular_td0(one_step, &last, 0.3, 0.9);
    }
    for (int s = 0; s < 3; s++)
        NEAR(v[s], one_step[s]);
}

static void test_control(void **state) {
    (void)state;
    const double start[4] = {1, 2, 3, 5}; // Q(0, ·), Q(1, ·)
    double q[4];
    UpTransition t = move(0, 1, 1, 1), last = end(0, 1, 1, 1);
    memcpy(q, start, sizeof q);
    NEAR(up_tabular_sarsa(q, 2, &t, 0, 0.5, 0.5), 1 + 0.5 * 3 - 2);
    NEAR(q[1], 2.25);
    memcpy(q, start, sizeof q);
    NEAR(up_tabular_q_learning(q, 2, &t, 0.5, 0.5), 1 + 0.5 * 5 - 2);
    NEAR(q[1], 2.75);
    NEAR(q[0], 1);
    memcpy(q, start, sizeof q);
    NEAR(up_tabular_q_learning(q, 2, &last, 0.5, 0.5), 1 - 2);
    NEAR(up_tabular_sarsa(q, 2, &last, 1, 0.5, 0.5), 1 - 1.5);
    memcpy(q, start, sizeof q);
    NEAR(up_tabular_sarsa(q, 2, &t, 1, 0, 0.5), 1 + 0.5 * 5 - 2);
    t.truncated = true; // the clock ended: Q(s', ·) stands for the rest
    NEAR(up_tabular_sarsa(q, 2, &t, 1, 0, 0.5), 1 + 0.5 * 5 - 2);
    NEAR(up_tabular_q_learning(q, 2, &t, 0, 0.5), 1 + 0.5 * 5 - 2);
}

// States 0, 0, 1 with rewards 1, 2, 4 and γ = 0.5: returns 3, 4, 4.
static void fill(UpTabularEpisode *ep) {
    const UpTransition step[] = {move(0, 0, 1, 0), move(0, 1, 2, 1), end(1, 0, 4, 1)};
    for (int t = 0; t < 3; t++)
        assert_int_equal(up_tabular_push(ep, &step[t]), UP_OK);
    up_tabular_returns(ep, 0.5, 0);
}

static void test_monte_carlo(void **state) {
    (void)state;
    UpTabularEpisode ep = {0};
    fill(&ep);
    NEAR(ep.ret[0], 3);
    NEAR(ep.ret[1], 4);
    NEAR(ep.ret[2], 4);
    double v[2] = {0}, q[4] = {0};
    int64_t visits[4] = {0};
    uint8_t seen[4] = {0};
    up_tabular_monte_carlo(v, visits, seen, 0, &ep, UP_VISITS_FIRST, 0);
    NEAR(v[0], 3);
    NEAR(v[1], 4);
    assert_int_equal(visits[0], 1);
    v[0] = v[1] = 0, visits[0] = visits[1] = 0;
    up_tabular_monte_carlo(v, visits, seen, 0, &ep, UP_VISITS_EVERY, 0);
    NEAR(v[0], 3.5);
    assert_int_equal(visits[0], 2);
    v[0] = 0;
    up_tabular_monte_carlo(v, visits, seen, 0, &ep, UP_VISITS_EVERY, 0.1);
    NEAR(v[0], 0.3 + 0.1 * (4 - 0.3));
    memset(visits, 0, sizeof visits);
    up_tabular_monte_carlo(q, visits, seen, 2, &ep, UP_VISITS_FIRST, 0);
    NEAR(q[0], 3);
    NEAR(q[1], 4);
    NEAR(q[2], 4);
    NEAR(q[3], 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(seen[i], 0);
    up_tabular_returns(&ep, 0.5, 8); // cut by the clock where 8 is still to come
    NEAR(ep.ret[0], 1 + 0.5 * (2 + 0.5 * (4 + 0.5 * 8)));
    up_tabular_episode_free(&ep);
}

static void test_episode_grows(void **state) {
    (void)state;
    UpTabularEpisode ep = {0};
    for (int t = 0; t < 1000; t++) {
        UpTransition step = move(t, 0, 1, t + 1);
        assert_int_equal(up_tabular_push(&ep, &step), UP_OK);
    }
    up_tabular_returns(&ep, 1, 0);
    assert_int_equal(ep.step[777].state, 777);
    NEAR(ep.ret[0], 1000);
    up_tabular_episode_free(&ep);
}

static void test_policy_gradient(void **state) {
    (void)state;
    UpTabularEpisode ep = {0};
    fill(&ep);
    double theta[4] = {0}, gradient[4] = {0}, baseline[2] = {1, 1};
    up_tabular_policy_gradient(theta, NULL, gradient, 2, &ep, 0.1, 0);
    // state 0: action 0 with return 3, action 1 with return 4; a score of a half for either
    NEAR(theta[0], 0.1 * (3 * 0.5 - 4 * 0.5));
    NEAR(theta[1], -theta[0]);
    NEAR(theta[2], 0.1 * 4 * 0.5);
    memset(theta, 0, sizeof theta);
    up_tabular_policy_gradient(theta, baseline, gradient, 2, &ep, 0.1, 0.5);
    NEAR(baseline[0], 3); // 1 + ½ (3 − 1) = 2, then 2 + ½ (4 − 2)
    NEAR(theta[0], 0.1 * (2 * 0.5 - 2 * 0.5));
    NEAR(theta[2], 0.1 * 3 * 0.5);
    for (int i = 0; i < 4; i++)
        NEAR(gradient[i], 0);
    up_tabular_episode_free(&ep);
}

// Σ_a π(a) r(a) ∇ log π(a) is the derivative of Σ_a π(a) r(a).
static void test_score(void **state) {
    (void)state;
    enum { A = 4 };
    const double reward[A] = {1, -2, 0.5, 3}, step = 1e-6;
    double theta[A] = {0.3, -1, 0.7, 0}, pi[A], other[A], gradient[A] = {0};
    up_tabular_softmax(theta, A, pi);
    for (int a = 0; a < A; a++)
        up_tabular_score(theta, A, a, pi[a] * reward[a], gradient);
    for (int b = 0; b < A; b++) {
        double value[2];
        for (int side = 0; side < 2; side++) {
            double old = theta[b];
            theta[b] += side ? step : -step;
            up_tabular_softmax(theta, A, other);
            theta[b] = old;
            value[side] = 0;
            for (int a = 0; a < A; a++)
                value[side] += other[a] * reward[a];
        }
        assert_true(fabs(gradient[b] - (value[1] - value[0]) / (2 * step)) < 1e-8);
    }
    const double huge[2] = {1000, 990};
    up_tabular_softmax(huge, 2, pi);
    NEAR(pi[0] + pi[1], 1);
    NEAR(pi[1] / pi[0], exp(-10));
}

enum { DRAWS = 100000 };

// Five standard errors.
static void expect_share(int count, double p) {
    double share = (double)count / DRAWS;
    if (fabs(share - p) > 5 * sqrt(p * (1 - p) / DRAWS) + 1e-9) fail_msg("%g is not %g", share, p);
}

static void test_choices(void **state) {
    (void)state;
    const double q[4] = {1, 3, 3, 3}, theta[3] = {0, log(2), log(5)};
    UpRng rng;
    up_rng_seed(&rng, 5);
    int greedy[4] = {0}, epsilon[4] = {0}, sampled[3] = {0};
    assert_int_equal(up_tabular_greedy(q, 4, NULL), 1);
    for (int i = 0; i < DRAWS; i++) {
        greedy[up_tabular_greedy(q, 4, &rng)]++;
        epsilon[up_tabular_epsilon_greedy(q, 4, 0.2, &rng)]++;
        sampled[up_tabular_sample(theta, 3, &rng)]++;
    }
    expect_share(greedy[0], 0);
    for (int a = 1; a < 4; a++)
        expect_share(greedy[a], 1.0 / 3);
    expect_share(epsilon[0], 0.05);
    expect_share(epsilon[2], 0.05 + 0.8 / 3);
    expect_share(sampled[0], 0.125);
    expect_share(sampled[1], 0.25);
    expect_share(sampled[2], 0.625);
}

static void test_epsilon_falls(void **state) {
    (void)state;
    const UpEpsilon falls = {1, 0.1, 90}, constant = {1, 0.1, 0};
    NEAR(up_tabular_epsilon(&falls, 0), 1);
    NEAR(up_tabular_epsilon(&falls, 10), 0.9);
    NEAR(up_tabular_epsilon(&falls, 90), 0.1);
    NEAR(up_tabular_epsilon(&falls, 1000), 0.1);
    NEAR(up_tabular_epsilon(&constant, 0), 0.1);
}

static UpEnv *make(const char *id, int instances) {
    UpEnvDef def = up_env_def_default();
    strcpy(def.id, id);
    UpEnv *env;
    assert_int_equal(up_env_create(&env, &def, instances), UP_OK);
    return env;
}

static void test_states(void **state) {
    (void)state;
    static const struct {
        const char *id;
        int64_t states, actions;
    } known[] = {{"FrozenLake-v1", 16, 4},     {"CliffWalking-v1", 48, 4},
                 {"Taxi-v4", 500, 6},          {"Blackjack-v1", 32 * 11 * 2, 2},
                 {"uphill/Bandit-v0", 1, 100}, {"uphill/RandomWalk-v0", 7, 1}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        UpEnv *env = make(known[i].id, 1);
        UpTabularTask task;
        assert_int_equal(up_tabular_open(&task, env), UP_OK);
        assert_int_equal(task.states, known[i].states);
        assert_int_equal(task.actions, known[i].actions);
        up_tabular_close(&task);
        up_env_destroy(env);
    }
    UpSpace cards = {.kind = UP_SPACE_MULTI_DISCRETE, .size = 3, .choices = {32, 11, 2}};
    assert_int_equal(up_tabular_state(&cards, (float[]){20, 10, 1}), (20 * 11 + 10) * 2 + 1);
}

static void test_refusals(void **state) {
    (void)state;
    static const struct {
        const char *id;
        int instances;
    } refused[] = {{"CartPole-v1", 1}, {"Pendulum-v1", 1}, {"Taxi-v4", 2}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        UpEnv *env = make(refused[i].id, refused[i].instances);
        UpTabularTask task;
        assert_int_equal(up_tabular_open(&task, env), UP_USAGE);
        assert_null(task.env);
        up_env_destroy(env);
    }
}

// Right along the cliff, past its end by the clock, and the beginning of what comes then.
static void test_steps(void **state) {
    (void)state;
    UpEnv *env = make("CliffWalking-v1", 1);
    env->spec.max_episode_steps = 2;
    UpTabularTask task;
    UpTransition t;
    assert_int_equal(up_tabular_open(&task, env), UP_OK);
    assert_int_equal(up_tabular_reset(&task, 1), UP_OK);
    assert_int_equal(task.state, 36);
    assert_int_equal(up_tabular_step(&task, 0, &t), UP_OK);
    assert_int_equal(t.state, 36);
    assert_int_equal(t.next, 24);
    assert_int_equal(up_tabular_step(&task, 1, &t), UP_OK);
    assert_true(t.truncated && !t.terminated);
    assert_int_equal(t.next, 25);
    assert_int_equal(task.state, 36);
    NEAR(t.reward, -1);
    up_tabular_close(&task);
    up_env_destroy(env);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_td0),           cmocka_unit_test(test_td_lambda),
        cmocka_unit_test(test_control),       cmocka_unit_test(test_monte_carlo),
        cmocka_unit_test(test_episode_grows), cmocka_unit_test(test_policy_gradient),
        cmocka_unit_test(test_score),         cmocka_unit_test(test_choices),
        cmocka_unit_test(test_epsilon_falls), cmocka_unit_test(test_states),
        cmocka_unit_test(test_refusals),      cmocka_unit_test(test_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
