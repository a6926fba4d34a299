// Values that are known from elsewhere: the random walk of Sutton and Barto's example 6.2 (RMS
// errors over 20,000 runs), Blackjack by dynamic programming, and the variance of the softmax
// policy's gradient on the testbed, which can be worked out.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "uphill/tabular.h"

static UpTabularTask task;
static UpTabularEpisode episode;

static void open_task(const char *id, const char *options, uint64_t seed) {
    UpEnvDef def = up_env_def_default();
    UpEnv *env;
    strcpy(def.id, id);
    strcpy(def.options, options);
    assert_int_equal(up_env_create(&env, &def, 1), UP_OK);
    assert_int_equal(up_tabular_open(&task, env), UP_OK);
    assert_int_equal(up_tabular_reset(&task, seed), UP_OK);
}

static void close_task(void) {
    UpEnv *env = task.env;
    up_tabular_close(&task);
    up_env_destroy(env);
    up_tabular_episode_free(&episode);
}

static UpTransition step(int64_t action) {
    UpTransition t;
    assert_int_equal(up_tabular_step(&task, action, &t), UP_OK);
    return t;
}

static void expect(const char *what, double measured, double known, double tolerance) {
    if (!(fabs(measured - known) <= tolerance))
        fail_msg("%s: %.4f, known to be %.4f ± %.4f", what, measured, known, tolerance);
}

// ---------------------------------------------------------------------------------------------------
// Random walk

enum { RUNS = 1000, EPISODES = 100, CHECKS = 4 };
static const int check_at[CHECKS] = {10, 25, 50, 100};

static double walk_error(const double *v) {
    double sum = 0;
    for (int s = 1; s <= 5; s++)
        sum += (v[s] - s / 6.0) * (v[s] - s / 6.0);
    return sqrt(sum / 5);
}

static void walk(double *v, double alpha, bool monte_carlo) {
    int64_t visits[7] = {0};
    uint8_t seen[7] = {0};
    UpTransition t = {0};
    for (episode.length = 0; !t.terminated;) {
        t = step(0);
        if (!monte_carlo) up_tabular_td0(v, &t, alpha, 1);
        assert_int_equal(up_tabular_push(&episode, &t), UP_OK);
    }
    up_tabular_returns(&episode, 1, 0);
    if (monte_carlo) up_tabular_monte_carlo(v, visits, seen, 0, &episode, UP_VISITS_EVERY, alpha);
}

static void expect_walk(bool monte_carlo, double alpha, const double known[CHECKS]) {
    double sum[CHECKS] = {0};
    open_task("uphill/RandomWalk-v0", "", 3);
    for (int run = 0; run < RUNS; run++) {
        double v[7] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
        for (int e = 1, c = 0; e <= EPISODES; e++) {
            walk(v, alpha, monte_carlo);
            if (e == check_at[c]) sum[c++] += walk_error(v);
        }
    }
    for (int c = 0; c < CHECKS; c++)
        expect(monte_carlo ? "Monte Carlo" : "TD", sum[c] / RUNS, known[c], 0.006);
    close_task();
}

static void test_random_walk(void **state) {
    (void)state;
    expect_walk(false, 0.05, (double[]){0.175, 0.110, 0.053, 0.035});
    expect_walk(false, 0.10, (double[]){0.128, 0.057, 0.051, 0.056});
    expect_walk(false, 0.15, (double[]){0.095, 0.058, 0.069, 0.070});
    expect_walk(true, 0.01, (double[]){0.213, 0.183, 0.144, 0.097});
    expect_walk(true, 0.04, (double[]){0.180, 0.133, 0.111, 0.107});
}

// ---------------------------------------------------------------------------------------------------
// Blackjack

enum {
    SUMS = 32,
    CARDS = 11,
    CELLS = SUMS * CARDS * 2,
    HANDS = 300000,
    LESSONS = 1500000,
    STICK = 0,
    HIT = 1
};

static int64_t cell(int sum, int dealer, int usable) {
    return (sum * CARDS + dealer) * 2 + usable;
}

// The tables of the three policies; the last one sticks on the thresholds of the optimal policy.
static int64_t at_least(int sum, int threshold) {
    return sum >= threshold ? STICK : HIT;
}

static int optimal_threshold(int dealer, int usable) {
    if (dealer == 1) return usable ? 19 : 17;
    if (dealer <= 3) return usable ? 18 : 13;
    if (dealer <= 6) return usable ? 18 : 12;
    if (dealer <= 8) return usable ? 18 : 17;
    return usable ? 19 : 17;
}

static void fill_policy(int64_t *policy, int threshold) {
    for (int s = 0; s < SUMS; s++)
        for (int d = 0; d < CARDS; d++)
            for (int u = 0; u < 2; u++)
                policy[cell(s, d, u)] =
                    at_least(s, threshold ? threshold : optimal_threshold(d, u));
}

// Plays one hand into `episode`; returns what it paid.
static double play(const int64_t *policy, const double *q, double epsilon, UpRng *rng) {
    UpTransition t = {0};
    for (episode.length = 0; !t.terminated;) {
        int64_t s = task.state;
        t = step(policy ? policy[s] : up_tabular_epsilon_greedy(q + 2 * s, 2, epsilon, rng));
        assert_int_equal(up_tabular_push(&episode, &t), UP_OK);
    }
    return t.reward;
}

static double evaluate(const int64_t *policy, double *v, UpVisits which) {
    static int64_t visits[CELLS];
    static uint8_t seen[CELLS];
    double sum = 0;
    memset(visits, 0, sizeof visits);
    open_task("Blackjack-v1", "sab=True", 11);
    for (int hand = 0; hand < HANDS; hand++) {
        sum += play(policy, NULL, 0, NULL);
        up_tabular_returns(&episode, 1, 0);
        up_tabular_monte_carlo(v, visits, seen, 0, &episode, which, 0);
    }
    close_task();
    return sum / HANDS;
}

static void test_blackjack_values(void **state) {
    (void)state;
    static const struct {
        int sum, usable;
        double known[3]; // dealer ace, 2, 10
    } row[] = {{20, 0, {0.146, 0.640, 0.435}},
               {19, 0, {-0.786, -0.729, -0.744}},
               {19, 1, {-0.563, -0.447, -0.478}},
               {13, 0, {-0.666, -0.577, -0.601}}};
    static const int dealer[3] = {1, 2, 10};
    static int64_t policy[CELLS];
    static double v[CELLS];
    for (int which = UP_VISITS_FIRST; which <= UP_VISITS_EVERY; which++) {
        memset(v, 0, sizeof v);
        fill_policy(policy, 20);
        expect("stick on 20", evaluate(policy, v, which), -0.3501, 5 * 0.96 / sqrt(HANDS));
        for (int i = 0; i < 4; i++)
            for (int d = 0; d < 3; d++)
                expect("V", v[cell(row[i].sum, dealer[d], row[i].usable)], row[i].known[d], 0.08);
    }
}

static void test_blackjack_policies(void **state) {
    (void)state;
    static int64_t policy[CELLS];
    static double v[CELLS];
    fill_policy(policy, 17);
    expect("stick on 17", evaluate(policy, v, UP_VISITS_FIRST), -0.0759, 5 * 0.96 / sqrt(HANDS));
    fill_policy(policy, 0);
    expect("optimal", evaluate(policy, v, UP_VISITS_FIRST), -0.0431, 5 * 0.96 / sqrt(HANDS));
}

// Q-learning learns the best policy from any hands, such as half random ones. Steps fall with the
// visits of a cell, more slowly than 1/N, so that old guesses are forgotten.
static void test_blackjack_control(void **state) {
    (void)state;
    static double q[CELLS * 2], v[CELLS];
    static int64_t visits[CELLS * 2], policy[CELLS];
    UpRng rng;
    up_rng_seed(&rng, 8);
    open_task("Blackjack-v1", "sab=True", 12);
    for (int i = 0; i < LESSONS; i++) {
        const double *row = q + 2 * task.state;
        UpTransition t = step(up_tabular_epsilon_greedy(row, 2, 0.5, &rng));
        int64_t n = ++visits[2 * t.state + t.action];
        up_tabular_q_learning(q, 2, &t, pow((double)n, -0.8), 1);
    }
    close_task();
    for (int s = 0; s < CELLS; s++)
        policy[s] = up_tabular_greedy(q + (ptrdiff_t)2 * s, 2, NULL);
    expect("Q-learning", evaluate(policy, v, UP_VISITS_FIRST), -0.0431, 0.012);
}

// ---------------------------------------------------------------------------------------------------
// The gradient of a uniform softmax policy on ten arms with means N(4, 1) and rewards N(mean, 1)

enum { ARMS = 10, PROBLEMS = 1000, PULLS = 500 };

// The trace of the covariance of (r − b) ∇ log π, averaged over problems.
static double variance(bool baseline) {
    const double theta[ARMS] = {0};
    double total = 0;
    UpRng rng;
    up_rng_seed(&rng, 2);
    open_task("uphill/Testbed-v0", "mean_of_arms=4", 21);
    for (int problem = 0; problem < PROBLEMS; problem++) {
        double mean[ARMS] = {0}, square = 0, b = 0, reward_sum = 0;
        assert_int_equal(up_tabular_reset(&task, (uint64_t)problem), UP_OK);
        for (int i = 0; baseline && i < PULLS; i++)
            reward_sum += step(up_tabular_sample(theta, ARMS, &rng)).reward;
        b = reward_sum / PULLS;
        for (int i = 0; i < PULLS; i++) {
            double gradient[ARMS] = {0};
            UpTransition t = step(up_tabular_sample(theta, ARMS, &rng));
            up_tabular_score(theta, ARMS, t.action, t.reward - b, gradient);
            for (int a = 0; a < ARMS; a++) {
                mean[a] += gradient[a] / PULLS;
                square += gradient[a] * gradient[a] / PULLS;
            }
        }
        for (int a = 0; a < ARMS; a++)
            square -= mean[a] * mean[a];
        total += square * PULLS / (PULLS - 1);
    }
    close_task();
    return total / PROBLEMS;
}

static void test_gradient_variance(void **state) {
    (void)state;
    expect("variance without a baseline", variance(false), 16.11, 0.35);
    expect("variance with the mean reward", variance(true), 1.62, 0.08);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_walk),        cmocka_unit_test(test_blackjack_values),
        cmocka_unit_test(test_blackjack_policies), cmocka_unit_test(test_blackjack_control),
        cmocka_unit_test(test_gradient_variance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
