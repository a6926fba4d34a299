// Returns, advantages and their scales against sums written out as their definitions, over random
// rollouts with every kind of ending.
#include <float.h>
#include <math.h>
#include <string.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "uphill/advantage.h"
#include "uphill/random.h"

enum { T = 23, N = 4, CELLS = T * N, ROLLOUTS = 50 };

static struct {
    UpReal value[CELLS + N], reward[CELLS], final_value[CELLS], advantage[CELLS], ret[CELLS];
    UpReal ratio[CELLS];
    int64_t first_age[N];
    uint8_t terminated[CELLS], truncated[CELLS], valid[CELLS], paid[CELLS];
} room;

// Random numbers and endings; instance n sits idle for its last idle[n] steps. With `complete`, the
// step before that ends an episode.
static UpRollout make(UpRng *rng, const int idle[N], bool complete) {
    memset(&room, 0, sizeof room);
    for (int i = 0; i < CELLS + N; i++)
        room.value[i] = (UpReal)up_rng_normal(rng);
    int64_t samples = 0;
    for (int i = 0; i < CELLS; i++) {
        int t = i / N, n = i % N;
        room.valid[i] = t < T - idle[n];
        samples += room.valid[i];
        room.advantage[i] = room.ret[i] = 99; // whatever an earlier update left
        if (!room.valid[i]) continue;
        double dice = up_rng_double(rng);
        bool must = complete && t == T - idle[n] - 1;
        room.terminated[i] = dice < 0.12 || must;
        room.truncated[i] = dice > 0.92 && !room.terminated[i];
        if (room.truncated[i]) room.final_value[i] = (UpReal)up_rng_normal(rng);
        room.paid[i] = up_rng_double(rng) >= 0.4;
        // A move's penalty makes a reward of steps that were not paid, and may eat up what was.
        bool plain = i % 5 > 0;
        room.reward[i] = room.paid[i] == plain ? (UpReal)up_rng_normal(rng) : 0;
        room.ratio[i] = (UpReal)exp(up_rng_normal(rng));
    }
    for (int n = 0; n < N; n++)
        room.first_age[n] = up_rng_integers(rng, 0, 9);
    return (UpRollout){.T = T,
                       .N = N,
                       .length = T,
                       .samples = samples,
                       .value = room.value,
                       .reward = room.reward,
                       .final_value = room.final_value,
                       .advantage = room.advantage,
                       .ret = room.ret,
                       .ratio = room.ratio,
                       .first_age = room.first_age,
                       .terminated = room.terminated,
                       .truncated = room.truncated,
                       .valid = room.valid,
                       .paid = room.paid};
}

static UpRollout make_random(UpRng *rng, bool complete) {
    int idle[N];
    for (int n = 0; n < N; n++)
        idle[n] = (int)up_rng_integers(rng, 0, 6);
    return make(rng, idle, complete);
}

static bool ended(int cell) {
    return room.terminated[cell] || room.truncated[cell];
}

static void near(const char *what, int cell, double result, double expected) {
    if (!(fabs(result - expected) < 2e-5 * fmax(1, fabs(expected))))
        fail_msg("%s[%d, %d]: %.9g, the definition says %.9g", what, cell / N, cell % N, result,
                 expected);
}

// ---------------------------------------------------------------------------------------------------

static bool cut(int cell, bool restart) {
    return restart && room.paid[cell];
}

// r + γ V(next) − V, with V(next) of `values` where an episode goes on.
static double delta_of(int cell, double gamma, bool restart, const UpReal *values) {
    double next = ended(cell) ? (double)room.final_value[cell] : (double)values[cell + N];
    if (cut(cell, restart)) next = 0;
    return (double)room.reward[cell] + gamma * next - (double)values[cell];
}

// Â_t = Σ_{l<n} (γλ)^l δ_{t+l} up to the end of the episode, of the rollout, or of what was played.
// With `restart` a step that was paid ends it as a terminated step does.
static double gae_of(int cell, double gamma, double lambda, int64_t n, bool restart) {
    double sum = 0, weight = 1;
    for (int at = cell; at < CELLS && room.valid[at] && n > 0; at += N, n--) {
        sum += weight * delta_of(at, gamma, restart, room.value);
        weight *= gamma * lambda;
        if (ended(at) || cut(at, restart)) break;
    }
    return sum;
}

static void test_gae(void **state) {
    (void)state;
    static const double lambdas[] = {0, 0.5, 0.95, 1};
    static const int64_t steps[] = {0, 1, 3, 100};
    UpRng rng;
    up_rng_seed(&rng, 1);
    for (int i = 0; i < ROLLOUTS; i++) {
        UpRollout r = make_random(&rng, false);
        double gamma = i % 2 ? 0.99 : 1, lambda = lambdas[i % 4];
        bool restart = i % 3 == 0;
        int64_t n = steps[i / 4 % 4];
        up_advantage_gae(&r, gamma, lambda, n, restart);
        for (int cell = 0; cell < CELLS; cell++) {
            double expected = gae_of(cell, gamma, lambda, n > 0 ? n : T, restart);
            near("advantage", cell, (double)r.advantage[cell], expected);
            if (room.valid[cell]) expected += (double)room.value[cell];
            near("ret", cell, (double)r.ret[cell], expected);
        }
    }
}

// λ = 1 is the n-step return with the last value as its rest.
static void test_gae_is_n_step_return(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 2);
    UpRollout r = make(&rng, (int[N]){0}, false);
    up_advantage_gae(&r, 0.9, 1, 0, false);
    for (int cell = 0; cell < CELLS; cell++) {
        double sum = 0, weight = 1;
        int at = cell;
        for (; at < CELLS; at += N) {
            sum += weight * (double)room.reward[at];
            weight *= 0.9;
            if (ended(at)) break;
        }
        sum += weight * (double)(at < CELLS ? room.final_value[at] : room.value[at]);
        near("ret", cell, (double)r.ret[cell], sum);
    }
}

static int first_of(int cell, bool restart) {
    while (cell >= N && !ended(cell - N) && !cut(cell - N, restart))
        cell -= N;
    return cell;
}

// Σ γ^i r over the rest of the episode, up to the first step that was paid with `restart`.
static double return_of(int cell, double gamma, bool restart) {
    double sum = 0, weight = 1;
    for (int at = cell; at < CELLS && room.valid[at]; at += N) {
        sum += weight * (double)room.reward[at];
        weight *= gamma;
        if (ended(at) || cut(at, restart)) break;
    }
    return sum;
}

static void test_returns(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 3);
    for (int i = 0; i < ROLLOUTS; i++) {
        // Where the budget ends a run, the last episodes are not complete.
        UpRollout r = make_random(&rng, i % 5 > 0);
        bool total = i % 2, restart = i / 2 % 2;
        double gamma = i % 3 ? 0.95 : 1;
        up_advantage_returns(&r, gamma, total, restart);
        for (int cell = 0; cell < CELLS; cell++) {
            if (!room.valid[cell]) continue;
            near("ret", cell, (double)r.ret[cell], return_of(cell, gamma, restart));
            near("advantage", cell, (double)r.advantage[cell],
                 return_of(total ? first_of(cell, restart) : cell, gamma, restart));
        }
    }
}

static void test_baseline(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 4);
    for (int kind = UP_BASELINE_NONE; kind <= UP_BASELINE_VALUE; kind++) {
        UpRollout r = make_random(&rng, true);
        up_advantage_returns(&r, 0.9, false, false);
        up_advantage_baseline(&r, (UpBaseline)kind, 1.25);
        for (int cell = 0; cell < CELLS; cell++) {
            double minus = kind == UP_BASELINE_AVERAGE ? 1.25
                           : kind == UP_BASELINE_VALUE ? (double)room.value[cell]
                                                       : 0;
            if (room.valid[cell])
                near("advantage", cell, (double)r.advantage[cell], (double)r.ret[cell] - minus);
        }
    }
}

// ---------------------------------------------------------------------------------------------------
// The six forms

static double psi_of(const UpAdvantageDef *def, int cell, double average) {
    double to_go = return_of(cell, def->gamma, def->restart), value = (double)room.value[cell];
    int64_t n = def->n_steps > 0 ? def->n_steps : T;
    double gae = gae_of(cell, def->gamma, def->lambda, n, def->restart);
    switch ((UpPsi)def->psi) {
    case UP_PSI_TOTAL:
        return return_of(first_of(cell, def->restart), def->gamma, def->restart);
    case UP_PSI_TO_GO:
        return to_go;
    case UP_PSI_BASELINED:
        return to_go - (def->baseline == UP_BASELINE_AVERAGE ? average : value);
    case UP_PSI_Q:
        return gae + value;
    case UP_PSI_ADVANTAGE:
        return gae;
    case UP_PSI_TD:
        return delta_of(cell, def->gamma, def->restart, room.value);
    }
    return NAN;
}

static void test_psi(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 8);
    for (int i = 0; i < 3 * ROLLOUTS; i++) {
        UpRollout r = make_random(&rng, true);
        UpAdvantageDef def = {.gamma = 0.97,
                              .lambda = 0.8,
                              .n_steps = i % 4 == 0 ? 2 : 0,
                              .psi = i % 6,
                              .baseline = i / 6 % 2 ? UP_BASELINE_AVERAGE : UP_BASELINE_VALUE,
                              .restart = i / 12 % 2};
        up_advantage_psi(&r, &def, 0.75);
        for (int cell = 0; cell < CELLS; cell++) {
            if (!room.valid[cell]) continue;
            near("psi", cell, (double)r.advantage[cell], psi_of(&def, cell, 0.75));
            double target = return_of(cell, def.gamma, def.restart);
            if (def.psi >= UP_PSI_Q)
                target = (double)room.value[cell] +
                         gae_of(cell, def.gamma, def.lambda, def.n_steps > 0 ? 2 : T, def.restart);
            near("target", cell, (double)r.ret[cell], target);
        }
        bool learned = def.baseline == UP_BASELINE_VALUE || def.psi >= UP_PSI_Q;
        assert_int_equal(up_advantage_needs_value(&def), learned);
    }
}

// The factor counts from the beginning of an episode, which may lie before the rollout.
static void test_gamma_t(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 9);
    for (int i = 0; i < ROLLOUTS; i++) {
        UpRollout r = make_random(&rng, false);
        up_advantage_gamma_t(&r, 0.9);
        for (int cell = 0; cell < CELLS; cell++) {
            if (!room.valid[cell]) continue;
            int first = first_of(cell, false), age = (cell - first) / N;
            if (first < N) age += (int)room.first_age[cell % N];
            near("gamma_t", cell, (double)r.advantage[cell], 99 * pow(0.9, age));
        }
    }
}

// V-trace as the sum that Espeholt et al. write (their equation 1), each term with the product of
// all weights before it; and Ψ with the target of the step that follows.
static double vtrace_of(int cell, const UpAdvantageDef *def, double rho_bar, double c_bar) {
    double sum = (double)room.value[cell], weight = 1;
    for (int at = cell; at < CELLS && room.valid[at]; at += N) {
        double rho = fmin(rho_bar, (double)room.ratio[at]);
        sum += weight * rho * delta_of(at, def->gamma, def->restart, room.value);
        weight *= def->gamma * def->lambda * fmin(c_bar, (double)room.ratio[at]);
        if (ended(at) || cut(at, def->restart)) break;
    }
    return sum;
}

static void test_vtrace(void **state) {
    (void)state;
    static const double limits[] = {1, 0.5, 2, 1e9};
    UpRng rng;
    up_rng_seed(&rng, 10);
    for (int i = 0; i < ROLLOUTS; i++) {
        UpRollout r = make_random(&rng, false);
        UpAdvantageDef def = {.gamma = 0.95, .lambda = i % 2 ? 0.9 : 1, .restart = i % 3 == 0};
        double rho_bar = limits[i % 4], c_bar = limits[i / 4 % 4];
        up_advantage_vtrace(&r, &def, rho_bar, c_bar);
        for (int cell = 0; cell < CELLS; cell++) {
            if (!room.valid[cell]) continue;
            bool over = ended(cell) || cut(cell, def.restart);
            double next = cut(cell, def.restart) ? 0
                          : over                 ? (double)room.final_value[cell]
                                                 : (double)room.value[cell + N];
            if (!over && cell + N < CELLS && room.valid[cell + N])
                next = vtrace_of(cell + N, &def, rho_bar, c_bar);
            double psi = (double)room.reward[cell] + def.gamma * next - (double)room.value[cell];
            near("target", cell, (double)r.ret[cell], vtrace_of(cell, &def, rho_bar, c_bar));
            near("psi", cell, (double)r.advantage[cell],
                 fmin(rho_bar, (double)room.ratio[cell]) * psi);
        }
    }
}

// With the policy that played, V-trace is the n-step return.
static void test_vtrace_on_policy(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 11);
    UpRollout r = make_random(&rng, false);
    for (int cell = 0; cell < CELLS; cell++)
        r.ratio[cell] = 1;
    UpAdvantageDef def = {.gamma = 0.9, .lambda = 1};
    up_advantage_vtrace(&r, &def, 1, 1);
    for (int cell = 0; cell < CELLS; cell++)
        near("psi", cell, (double)r.advantage[cell], gae_of(cell, 0.9, 1, T, false));
}

// ---------------------------------------------------------------------------------------------------

// (x − mean) / (deviation + 1e-8) over the cells that `in` chooses for `cell`.
static double standard_of(const UpReal *x, int cell, bool (*in)(int cell, int other)) {
    double count = 0, mean = 0, variance = 0;
    for (int i = 0; i < CELLS; i++)
        if (room.valid[i] && in(cell, i)) count++;
    for (int i = 0; i < CELLS; i++)
        if (room.valid[i] && in(cell, i)) mean += (double)x[i] / count;
    for (int i = 0; i < CELLS; i++)
        if (room.valid[i] && in(cell, i)) variance += pow((double)x[i] - mean, 2) / count;
    double largest = 0; // a deviation below 4 units of its last digit is rounding
    for (int i = 0; i < CELLS; i++)
        if (room.valid[i] && in(cell, i)) largest = fmax(largest, fabs((double)x[i]));
    if (sqrt(variance) <= 4 * FLT_EPSILON * largest) return 0;
    return ((double)x[cell] - mean) / (sqrt(variance) + 1e-8);
}

static bool in_rollout(int cell, int other) {
    (void)cell;
    (void)other;
    return true;
}

static bool in_episode(int cell, int other) {
    return cell % N == other % N && first_of(cell, false) == first_of(other, false);
}

static void test_standardize(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 5);
    for (int i = 0; i < ROLLOUTS; i++) {
        UpRollout r = make_random(&rng, i % 3 > 0);
        bool episode = i % 2;
        UpReal before[CELLS];
        for (int cell = 0; cell < CELLS; cell++) // far from 0, where careless sums lose digits
            before[cell] = r.advantage[cell] = (UpReal)(4e6 + 5 * up_rng_normal(&rng));
        up_advantage_standardize(&r, episode ? UP_STANDARDIZE_EPISODE : UP_STANDARDIZE_BATCH);
        for (int cell = 0; cell < CELLS; cell++)
            if (room.valid[cell])
                near("standardised", cell, (double)r.advantage[cell],
                     standard_of(before, cell, episode ? in_episode : in_rollout));
    }
}

// The two choices that change nothing here.
static void test_standardize_elsewhere(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 6);
    UpRollout r = make_random(&rng, true);
    UpReal before[CELLS];
    for (int cell = 0; cell < CELLS; cell++)
        before[cell] = r.advantage[cell] = (UpReal)cell;
    up_advantage_standardize(&r, UP_STANDARDIZE_NONE);
    up_advantage_standardize(&r, UP_STANDARDIZE_MINIBATCH);
    assert_memory_equal(before, r.advantage, sizeof before);
}

static void test_standardize_array(void **state) {
    (void)state;
    UpReal x[] = {3, 5, 10}, one[] = {4}, alike[] = {7, 7}, zero[3] = {0};
    up_standardize(x, zero, zero, 3); // mean 6, squares 9 + 1 + 16 over 2
    for (int i = 0; i < 3; i++)
        near("array", i, (double)x[i], ((double[]){3, 5, 10}[i] - 6) / (sqrt(13) + 1e-8));
    up_standardize(one, zero, zero, 1);
    assert_true(one[0] == 4);
    up_standardize(alike, zero, zero, 2);
    assert_true(alike[0] == 0 && alike[1] == 0);
    UpReal rounded[] = {1e-7F, -1e-7F, 0}, value[] = {1, -1, 1}; // what is left of 1 − 1
    up_standardize(rounded, zero, value, 3);
    assert_memory_equal(rounded, zero, sizeof zero);
    up_standardize(value, zero, zero, 3);
    assert_true(value[0] > 0.5);
}

// 0 1 0 0 −1 are two games: the first is worth 1, the second −1.
static void test_total_of_games(void **state) {
    (void)state;
    static const UpReal reward[] = {0, 1, 0, 0, -1}, expected[] = {1, 1, -1, -1, -1};
    memset(&room, 0, sizeof room);
    for (int t = 0; t < 5; t++) {
        room.reward[t] = reward[t];
        room.paid[t] = reward[t] != 0;
        room.valid[t] = 1;
    }
    room.terminated[4] = 1;
    UpRollout r = {.N = 1,
                   .length = 5,
                   .reward = room.reward,
                   .paid = room.paid,
                   .valid = room.valid,
                   .terminated = room.terminated,
                   .truncated = room.truncated,
                   .ret = room.ret,
                   .advantage = room.advantage};
    up_advantage_returns(&r, 1, true, true);
    assert_memory_equal(room.advantage, expected, sizeof expected);
}

// Ψ = Q of an episode that was never paid is 0 but for rounding, which is no reason to act.
static void test_nothing_was_paid(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 12);
    UpRollout r = make(&rng, (int[N]){0}, true);
    memset(room.reward, 0, sizeof room.reward);
    memset(room.truncated, 0, sizeof room.truncated);
    UpAdvantageDef def = {.gamma = 0.99, .lambda = 1, .psi = UP_PSI_Q};
    up_advantage_psi(&r, &def, 0);
    up_advantage_standardize(&r, UP_STANDARDIZE_EPISODE);
    for (int cell = 0; cell < CELLS; cell++)
        assert_true(r.advantage[cell] == 0);
}

static void test_explained_variance(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 7);
    for (int i = 0; i < ROLLOUTS; i++) {
        UpRollout r = make_random(&rng, true);
        double count = 0, mean[2] = {0}, variance[2] = {0};
        for (int cell = 0; cell < CELLS; cell++)
            r.ret[cell] = 2 * room.value[cell] + (UpReal)(0.3 * up_rng_normal(&rng));
        for (int pass = 0; pass < 3; pass++)
            for (int cell = 0; cell < CELLS; cell++) {
                double x[] = {(double)r.ret[cell], (double)r.ret[cell] - (double)r.value[cell]};
                if (!room.valid[cell]) continue;
                count += pass == 0;
                for (int j = 0; j < 2 && pass == 1; j++)
                    mean[j] += x[j] / count;
                for (int j = 0; j < 2 && pass == 2; j++)
                    variance[j] += (x[j] - mean[j]) * (x[j] - mean[j]) / count;
            }
        assert_true(fabs(up_explained_variance(&r) - (1 - variance[1] / variance[0])) < 1e-5);
        memcpy(room.ret, room.value, sizeof room.ret);
        assert_true(up_explained_variance(&r) == 1);
        for (int cell = 0; cell < CELLS; cell++)
            room.ret[cell] = 3;
        assert_true(isnan(up_explained_variance(&r)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gae),
        cmocka_unit_test(test_gae_is_n_step_return),
        cmocka_unit_test(test_returns),
        cmocka_unit_test(test_baseline),
        cmocka_unit_test(test_psi),
        cmocka_unit_test(test_gamma_t),
        cmocka_unit_test(test_vtrace),
        cmocka_unit_test(test_vtrace_on_policy),
        cmocka_unit_test(test_standardize),
        cmocka_unit_test(test_standardize_elsewhere),
        cmocka_unit_test(test_standardize_array),
        cmocka_unit_test(test_total_of_games),
        cmocka_unit_test(test_nothing_was_paid),
        cmocka_unit_test(test_explained_variance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
