// A task small enough to enumerate: each form of Ψ gives the exact policy gradient on average,
// within three standard errors; with a sign or an index broken on purpose it does not.
#include <math.h>
#include <stdlib.h>
#include <string.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "algo/algo_internal.h"
#include "train/trainer.h"

enum { STATES = 2, TIMES = 3, ACTIONS = 3, CELLS = STATES * TIMES, NUMBERS = CELLS * ACTIONS };
enum { ENVS = 4, EPISODES = 8, BATCHES = 6000 };

static const double gamma_ = 0.9;
static const double first_state[STATES] = {0.6, 0.4};
// Probability of state 1 next, reward, and probability that the episode ends, by state and action.
static const double next_one[STATES][ACTIONS] = {{0.2, 0.7, 0.5}, {0.9, 0.3, 0.5}};
static const double reward_of[STATES][ACTIONS] = {{1, -0.5, 0.3}, {-1, 2, 0.8}};
static const double end_of[STATES][ACTIONS] = {{0, 0.1, 0.5}, {0.2, 0, 0.5}};

// ---------------------------------------------------------------------------------------------------
// The task as an environment: the observation is one-hot over (time, state)

typedef struct Tiny {
    UpEnv base;
    int state[ENVS], time[ENVS];
    UpRng rng;
} Tiny;

static int cell_of(int time, int state) {
    return time * STATES + state;
}

static void observe(const Tiny *tiny, UpObs *obs, int n) {
    for (int i = 0; i < CELLS; i++)
        obs->f32[n * CELLS + i] = i == cell_of(tiny->time[n], tiny->state[n]);
}

static void begin(Tiny *tiny, int n) {
    tiny->time[n] = 0;
    tiny->state[n] = up_rng_double(&tiny->rng) >= first_state[0];
}

static UpStatus tiny_reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    Tiny *tiny = (Tiny *)env;
    up_rng_seed(&tiny->rng, seeds ? seeds[0] : 0);
    for (int n = 0; n < env->instances; n++) {
        begin(tiny, n);
        observe(tiny, &obs, n);
    }
    return UP_OK;
}

static UpStatus tiny_step(UpEnv *env, UpStep *step) {
    Tiny *tiny = (Tiny *)env;
    for (int n = 0; n < env->instances; n++) {
        if (step->active && !step->active[n]) continue;
        int s = tiny->state[n], a = (int)step->action[n];
        step->reward[n] = reward_of[s][a];
        tiny->state[n] = up_rng_double(&tiny->rng) < next_one[s][a];
        bool ends = up_rng_double(&tiny->rng) < end_of[s][a];
        ends |= ++tiny->time[n] == TIMES;
        step->terminated[n] = ends;
        step->truncated[n] = false;
        if (ends) begin(tiny, n);
        observe(tiny, &step->obs, n);
    }
    return UP_OK;
}

static void tiny_destroy(UpEnv *env) {
    free(env);
}

static UpStatus tiny_create(UpEnv **env, const UpEnvDef *def, int instances) {
    static const UpEnvVtable vtable = {
        .abi = UP_ENV_ABI, .reset = tiny_reset, .step = tiny_step, .destroy = tiny_destroy};
    (void)def;
    Tiny *tiny = calloc(1, sizeof *tiny);
    if (!tiny) return UP_MEMORY;
    tiny->base = (UpEnv){.vtable = &vtable,
                         .spec = {.id = "Tiny-v0",
                                  .obs = up_space_box(CELLS, 0, 1),
                                  .action = up_space_discrete(ACTIONS),
                                  .obs_form = UP_OBS_F32,
                                  .reward_threshold = NAN},
                         .instances = instances};
    *env = &tiny->base;
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// The task by enumeration

typedef struct Exact {
    double pi[CELLS][ACTIONS], value[CELLS], advantage[CELLS][ACTIONS], visits[CELLS];
    double gradient[NUMBERS]; // of E Σ γ^t r_t with respect to the logits
} Exact;

static void solve(Exact *e, const UpReal *logit) {
    *e = (Exact){0};
    for (int c = CELLS - 1; c >= 0; c--) {
        int s = c % STATES, t = c / STATES;
        double sum = 0, q[ACTIONS];
        for (int a = 0; a < ACTIONS; a++)
            sum += exp((double)logit[c * ACTIONS + a]);
        for (int a = 0; a < ACTIONS; a++) {
            e->pi[c][a] = exp((double)logit[c * ACTIONS + a]) / sum;
            double after = 0;
            if (t + 1 < TIMES)
                after = (1 - next_one[s][a]) * e->value[cell_of(t + 1, 0)] +
                        next_one[s][a] * e->value[cell_of(t + 1, 1)];
            q[a] = reward_of[s][a] + gamma_ * (1 - end_of[s][a]) * after;
            e->value[c] += e->pi[c][a] * q[a];
        }
        for (int a = 0; a < ACTIONS; a++)
            e->advantage[c][a] = q[a] - e->value[c];
    }
    for (int c = 0; c < CELLS; c++) {
        int s = c % STATES, t = c / STATES;
        if (t == 0) e->visits[c] = first_state[s];
        for (int a = 0; a < ACTIONS; a++) {
            double goes_on = e->visits[c] * e->pi[c][a] * (1 - end_of[s][a]);
            if (t + 1 < TIMES) {
                e->visits[cell_of(t + 1, 0)] += goes_on * (1 - next_one[s][a]);
                e->visits[cell_of(t + 1, 1)] += goes_on * next_one[s][a];
            }
            e->gradient[c * ACTIONS + a] =
                pow(gamma_, t) * e->visits[c] * e->pi[c][a] * e->advantage[c][a];
        }
    }
}

// ---------------------------------------------------------------------------------------------------
// Estimates

typedef enum Break { WHOLE, SIGN, INDEX } Break; // what is done to Ψ before it is used

typedef struct Rung {
    const char *name;
    UpAdvantageDef def;
    double wrong; // added to each V, as a value function that is not right yet would have it
} Rung;

static UpTrainer *trainer;
static Exact exact;

static int setup(void **state) {
    (void)state;
    static UpConfig config;
    UpStatus status = up_env_register(&(UpEnvInfo){"Tiny-v0", "for this test", tiny_create});
    if (status == UP_OK) status = up_config_default(&config, "reinforce");
    strcpy(config.env.id, "Tiny-v0");
    config.rollout.envs = ENVS;
    config.rollout.episodes = EPISODES;
    config.policy.hidden.count = 0;
    config.policy.bias = false;
    config.train.seed = 2;
    if (status == UP_OK) status = up_train_create(&trainer, &config, NULL);
    if (status != UP_OK) return -1;
    UpRng rng;
    up_rng_seed(&rng, 4);
    for (int i = 0; i < NUMBERS; i++)
        trainer->policy.param[i] = (UpReal)(0.7 * up_rng_normal(&rng));
    solve(&exact, trainer->policy.param);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    up_train_destroy(trainer);
    return 0;
}

static int cell_at(const UpRollout *r, int64_t row) {
    int c = 0;
    while (r->obs.f32[row * CELLS + c] == 0)
        c++;
    return c;
}

static void collect(double wrong) {
    UpRollout *r = &trainer->rollout;
    if (up_rollout_collect(r, trainer->env, &trainer->actor, INT64_MAX) != UP_OK)
        fail_msg("%s", up_error());
    for (int64_t row = 0; row < (r->length + 1) * r->N; row++) {
        int c = cell_at(r, row);
        r->value[row] = (UpReal)(exact.value[c] + wrong * (c % 2 ? -1 : 1));
    }
}

static void break_psi(UpRollout *r, Break how) {
    int64_t cells = r->length * r->N;
    for (int64_t cell = 0; cell < cells && how == SIGN; cell++)
        r->advantage[cell] = -r->advantage[cell];
    for (int64_t cell = 0; cell + r->N < cells && how == INDEX; cell++)
        r->advantage[cell] = r->valid[cell + r->N] ? r->advantage[cell + r->N] : 0;
}

// One estimate of the gradient from EPISODES episodes.
static void estimate(const Rung *rung, Break how, double *gradient) {
    UpLearner *l = &trainer->learner;
    UpRollout *r = &trainer->rollout;
    UpPolicy *p = &trainer->policy;
    collect(rung->wrong);
    up_advantage_psi(r, &rung->def, 0.7);
    if (rung->def.gamma_t) up_advantage_gamma_t(r, gamma_);
    break_psi(r, how);
    UpLoss loss = {.policy_weight = 1.0 / EPISODES};
    UpLossSums sums = {0};
    assert_int_equal(up__learner_list(l, r), UP_OK);
    assert_int_equal(up__learner_pieces(l, r, &loss, 0, r->samples, &sums), UP_OK);
    for (int i = 0; i < NUMBERS; i++)
        gradient[i] = -(double)p->grad[i]; // the loss is descended
    memset(p->grad, 0, p->size * sizeof *p->grad);
}

// How many standard errors the mean of many estimates is away from the exact gradient, where it is
// farthest; and the variance of an estimate, summed over its numbers.
static double distance(const Rung *rung, Break how, double *variance) {
    double sum[NUMBERS] = {0}, square[NUMBERS] = {0}, gradient[NUMBERS], farthest = 0;
    for (int b = 0; b < BATCHES; b++) {
        estimate(rung, how, gradient);
        for (int i = 0; i < NUMBERS; i++) {
            sum[i] += gradient[i];
            square[i] += gradient[i] * gradient[i];
        }
    }
    *variance = 0;
    for (int i = 0; i < NUMBERS; i++) {
        double mean = sum[i] / BATCHES;
        double spread = (square[i] - BATCHES * mean * mean) / (BATCHES - 1);
        *variance += spread;
        farthest = fmax(farthest, fabs(mean - exact.gradient[i]) / sqrt(spread / BATCHES));
    }
    return farthest;
}

#define DEF(form, ...)                                                                             \
    { .psi = form, .gamma = 0.9, __VA_ARGS__ }

static const Rung rungs[] = {
    {"total", DEF(UP_PSI_TOTAL), 0},
    {"to go", DEF(UP_PSI_TO_GO, .gamma_t = true), 0},
    {"minus the average", DEF(UP_PSI_BASELINED, .baseline = UP_BASELINE_AVERAGE, .gamma_t = true),
     0},
    {"minus V", DEF(UP_PSI_BASELINED, .baseline = UP_BASELINE_VALUE, .gamma_t = true), 0},
    {"minus a wrong V", DEF(UP_PSI_BASELINED, .baseline = UP_BASELINE_VALUE, .gamma_t = true), 0.8},
    {"Q, one step", DEF(UP_PSI_Q, .lambda = 0, .gamma_t = true), 0},
    {"Q, λ", DEF(UP_PSI_Q, .lambda = 0.8, .gamma_t = true), 0},
    {"advantage, λ", DEF(UP_PSI_ADVANTAGE, .lambda = 0.8, .gamma_t = true), 0},
    {"advantage, two steps", DEF(UP_PSI_ADVANTAGE, .lambda = 1, .n_steps = 2, .gamma_t = true), 0},
    {"advantage, wrong V, λ = 1", DEF(UP_PSI_ADVANTAGE, .lambda = 1, .gamma_t = true), 0.8},
    {"TD residual", DEF(UP_PSI_TD, .lambda = 0, .gamma_t = true), 0},
};

static void test_rungs(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rungs / sizeof *rungs; i++) {
        double variance, whole = distance(&rungs[i], WHOLE, &variance);
        print_message("%-26s %5.2f standard errors, variance %.4f\n", rungs[i].name, whole,
                      variance);
        if (!(whole < 3)) fail_msg("%s is not unbiased", rungs[i].name);
        double sign = distance(&rungs[i], SIGN, &variance);
        double index = distance(&rungs[i], INDEX, &variance);
        if (!(sign > 3 && index > 3))
            fail_msg("%s: a wrong sign is %.1f standard errors away, a wrong index %.1f",
                     rungs[i].name, sign, index);
    }
}

// What theory calls biased: no γ^t, and a wrong V that stands for rewards.
static void test_biased(void **state) {
    (void)state;
    const Rung biased[] = {
        {"without γ^t", DEF(UP_PSI_TO_GO), 0},
        {"TD residual, wrong V", DEF(UP_PSI_TD, .gamma_t = true), 0.8},
        {"one step, wrong V", DEF(UP_PSI_ADVANTAGE, .n_steps = 1, .lambda = 1, .gamma_t = true),
         0.8},
    };
    for (size_t i = 0; i < sizeof biased / sizeof *biased; i++) {
        double variance, away = distance(&biased[i], WHOLE, &variance);
        if (!(away > 3)) fail_msg("%s: only %.2f standard errors", biased[i].name, away);
    }
}

// On this task each of these has less variance than the one before. (A constant may beat V: the
// baseline of least variance is neither.)
static void test_variance(void **state) {
    (void)state;
    const int ladder[] = {0, 1, 3, 10}; // total, to go, minus V, TD residual
    double before = INFINITY;
    for (size_t i = 0; i < sizeof ladder / sizeof *ladder; i++) {
        double variance;
        distance(&rungs[ladder[i]], WHOLE, &variance);
        if (!(variance < before))
            fail_msg("%s: %.4f after %.4f", rungs[ladder[i]].name, variance, before);
        before = variance;
    }
}

// ---------------------------------------------------------------------------------------------------
// V-trace: another policy plays, and the targets are values of this one

typedef struct Sums {
    double count, sum, square;
} Sums;

// The largest distance in standard errors between the mean target in a state and its exact value.
static double target_distance(const Exact *player, double rho_bar, double c_bar, int shift) {
    UpRollout *r = &trainer->rollout;
    UpAdvantageDef def = DEF(UP_PSI_ADVANTAGE, .lambda = 1);
    Sums cell_sums[CELLS] = {0};
    for (int b = 0; b < BATCHES; b++) {
        collect(0.5);
        for (int64_t row = 0; row < r->length * r->N; row++) {
            int c = cell_at(r, row), a = (int)r->action[row];
            int64_t to = row + shift * r->N;
            if (to < r->length * r->N) r->ratio[to] = (UpReal)(exact.pi[c][a] / player->pi[c][a]);
        }
        up_advantage_vtrace(r, &def, rho_bar, c_bar);
        for (int64_t row = 0; row < r->length * r->N; row++) {
            Sums *s = &cell_sums[cell_at(r, row)];
            double target = (double)r->ret[row];
            if (!r->valid[row]) continue;
            s->count += 1;
            s->sum += target;
            s->square += target * target;
        }
    }
    double farthest = 0;
    for (int c = 0; c < CELLS; c++) {
        const Sums *s = &cell_sums[c];
        double mean = s->sum / s->count;
        double error = sqrt((s->square / s->count - mean * mean) / s->count);
        farthest = fmax(farthest, fabs(mean - exact.value[c]) / error);
    }
    return farthest;
}

static void test_vtrace(void **state) {
    (void)state;
    UpReal kept[NUMBERS];
    UpRng rng;
    up_rng_seed(&rng, 6);
    memcpy(kept, trainer->policy.param, sizeof kept);
    for (int i = 0; i < NUMBERS; i++)
        trainer->policy.param[i] += (UpReal)(0.5 * up_rng_normal(&rng));
    Exact player;
    solve(&player, trainer->policy.param);
    double whole = target_distance(&player, 1e9, 1e9, 0);
    double limited = target_distance(&player, 1, 1, 0),
           shifted = target_distance(&player, 1e9, 1e9, 1);
    double uncorrected = target_distance(&exact, 1e9, 1e9, 0); // all weights are 1
    memcpy(trainer->policy.param, kept, sizeof kept);
    print_message("weights whole %.2f, limited %.1f, shifted %.1f, absent %.1f standard errors\n",
                  whole, limited, shifted, uncorrected);
    assert_true(whole < 3);
    assert_true(limited > 3 && shifted > 3 && uncorrected > 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rungs),
        cmocka_unit_test(test_biased),
        cmocka_unit_test(test_variance),
        cmocka_unit_test(test_vtrace),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
