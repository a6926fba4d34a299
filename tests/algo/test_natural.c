// The natural gradient where it is known in closed form.
//   softmax over one state's logits:  F x = g has x = A, the advantages, up to a constant
//   Gaussian:                         x = g σ² for the mean, g / 2 for log_std
#include <math.h>
#include <string.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "algo/algo_internal.h"
#include "scripted.h"
#include "train/trainer.h"

enum { ROWS = 48, ACTIONS = 4, DIM = 2 };

// A linear policy of one state: the observation is always 1.
static UpTrainer *make(const char *algo, UpSpace action) {
    static UpConfig config;
    assert_int_equal(up_config_default(&config, algo), UP_OK);
    strcpy(config.env.id, "Scripted-v0");
    config.rollout.envs = 1;
    config.rollout.steps = ROWS;
    config.policy.hidden.count = 0;
    config.policy.bias = false;
    config.advantage.standardize = UP_STANDARDIZE_NONE;
    script_plain();
    script.spec.obs = up_space_box(1, 0, 1);
    script.spec.action = action;
    UpTrainer *t;
    if (up_train_create(&t, &config, NULL) != UP_OK) fail_msg("%s", up_error());
    UpRollout *r = &t->rollout;
    r->length = r->samples = ROWS;
    for (int i = 0; i < ROWS; i++) {
        r->obs.f32[i] = r->valid[i] = 1;
        r->terminated[i] = 1; // so that Â = r − V = r
        r->truncated[i] = 0;
        r->value[i] = r->final_value[i] = r->log_prob[i] = 0;
    }
    return t;
}

static void direction(UpTrainer *t, const UpNaturalDef *def, double *length) {
    UpUpdateStats stats;
    up__learner_advantages(&t->learner, &t->rollout, &stats);
    if (up__natural_direction(&t->learner, &t->rollout, def, length, &stats) != UP_OK)
        fail_msg("%s", up_error());
}

static void near(const char *what, double result, double expected) {
    if (!(fabs(result - expected) < 2e-4 * fmax(1, fabs(expected))))
        fail_msg("%s: %.9g, in closed form %.9g", what, result, expected);
}

// Actions occur exactly as often as the policy takes them, so that the estimate is the expectation.
static void test_softmax(void **state) {
    (void)state;
    static const int often[ACTIONS] = {24, 12, 8, 4}; // of 48
    static const double advantage[ACTIONS] = {0.5, -1, 2, 0.25};
    UpTrainer *t = make("npg", up_space_discrete(ACTIONS));
    UpRollout *r = &t->rollout;
    double mean = 0;
    for (int a = 0, i = 0; a < ACTIONS; a++) {
        t->policy.param[a] = (UpReal)log(often[a]);
        mean += advantage[a] * often[a] / ROWS;
        for (int k = 0; k < often[a]; k++, i++) {
            r->action[i] = (float)a;
            r->reward[i] = (UpReal)advantage[a];
        }
    }
    UpNaturalDef def = {.kl = 0.01, .cg_steps = 20, .damping = 0};
    double length, square = 0;
    direction(t, &def, &length);
    for (int a = 0; a < ACTIONS; a++) // gᵀ F⁻¹ g is the variance of A
        square += (advantage[a] - mean) * (advantage[a] - mean) * often[a] / ROWS;
    near("length", length, sqrt(2 * def.kl / square));
    const UpReal *step = t->learner.natural.step; // is subtracted; the constant is free
    for (int a = 1; a < ACTIONS; a++)
        near("step", -((double)step[a] - (double)step[0]) / length, advantage[a] - advantage[0]);
    up_train_destroy(t);
}

static void test_gaussian(void **state) {
    (void)state;
    UpTrainer *t = make("npg", up_space_box(DIM, -1, 1));
    UpRollout *r = &t->rollout;
    const UpPolicy *p = &t->policy;
    const double mean[DIM] = {0.3, -0.7}, log_std[DIM] = {-0.5, 0.4};
    double gradient[2 * DIM] = {0};
    UpRng rng;
    up_rng_seed(&rng, 3);
    for (int d = 0; d < DIM; d++) {
        p->param[d] = (UpReal)mean[d];
        p->param[p->log_std + (size_t)d] = (UpReal)log_std[d];
    }
    for (int i = 0; i < ROWS; i++) {
        r->reward[i] = (UpReal)up_rng_normal(&rng);
        for (int d = 0; d < DIM; d++) {
            double z = up_rng_normal(&rng), std = exp(log_std[d]);
            r->action[i * DIM + d] = (float)(mean[d] + std * z);
            gradient[d] -= (double)r->reward[i] * z / std / ROWS;
            gradient[DIM + d] -= (double)r->reward[i] * (z * z - 1) / ROWS;
        }
    }
    for (int damped = 0; damped < 2; damped++) {
        UpNaturalDef def = {.kl = 0.02, .cg_steps = 20, .damping = damped ? 0.3 : 0};
        double length, square = 0, x[2 * DIM];
        direction(t, &def, &length);
        for (int i = 0; i < 2 * DIM; i++) {
            double fisher = i < DIM ? exp(-2 * log_std[i]) : 2;
            x[i] = gradient[i] / (fisher + def.damping);
            square += gradient[i] * x[i];
        }
        near("length", length, sqrt(2 * def.kl / square));
        for (int i = 0; i < 2 * DIM; i++) {
            size_t at = i < DIM ? (size_t)i : p->log_std + (size_t)(i - DIM);
            near("step", (double)t->learner.natural.step[at], length * x[i]);
        }
    }
    up_train_destroy(t);
}

// Nothing to gain: no step, and nothing that is not a number.
static void test_no_gradient(void **state) {
    (void)state;
    static const char *const algos[] = {"npg", "trpo"};
    for (int i = 0; i < 2; i++) {
        UpTrainer *t = make(algos[i], up_space_discrete(ACTIONS));
        UpReal before[ACTIONS];
        for (int k = 0; k < ROWS; k++)
            t->rollout.reward[k] = t->rollout.action[k] = 0;
        memcpy(before, t->policy.param, sizeof before);
        UpUpdateStats stats = {0};
        assert_int_equal(t->algo->update(&t->learner, &t->rollout, &stats), UP_OK);
        assert_memory_equal(before, t->policy.param, sizeof before);
        assert_true(isfinite(stats.policy_loss) && stats.learning_rate == 0);
        up_train_destroy(t);
    }
}

// A reward that is not a number is told, not learned from.
static void test_not_finite(void **state) {
    (void)state;
    UpTrainer *t = make("trpo", up_space_discrete(ACTIONS));
    memset(t->rollout.action, 0, ROWS * sizeof(float));
    t->rollout.reward[3] = (UpReal)NAN;
    UpUpdateStats stats = {0};
    assert_int_equal(t->algo->update(&t->learner, &t->rollout, &stats), UP_NUMERIC);
    assert_non_null(strstr(up_error(), "not finite"));
    up_train_destroy(t);
}

// A direction too long for the numbers is told before it reaches the policy: features of 0.001 make
// the Fisher matrix small and the gradient, of rewards near the largest float, large.
static void test_too_long(void **state) {
    (void)state;
    static const char *const algos[] = {"npg", "trpo"};
    for (int i = 0; i < 2; i++) {
        UpTrainer *t = make(algos[i], up_space_discrete(ACTIONS));
        UpReal before[ACTIONS];
        memcpy(before, t->policy.param, sizeof before);
        t->config.npg.natural.damping = t->config.trpo.natural.damping = 0;
        for (int k = 0; k < ROWS; k++) {
            t->rollout.obs.f32[k] = 1e-3F;
            t->rollout.action[k] = (float)(k % ACTIONS);
            t->rollout.reward[k] = k % ACTIONS ? 0 : (UpReal)1e36;
        }
        UpUpdateStats stats = {0};
        assert_int_equal(t->algo->update(&t->learner, &t->rollout, &stats), UP_NUMERIC);
        assert_non_null(strstr(up_error(), "larger damping"));
        assert_memory_equal(before, t->policy.param, sizeof before);
        up_train_destroy(t);
    }
}

static int register_scripted(void **state) {
    (void)state;
    return up_env_register(&(UpEnvInfo){"Scripted-v0", "for tests", scripted_create}) != UP_OK;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_softmax),     cmocka_unit_test(test_gaussian),
        cmocka_unit_test(test_no_gradient), cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests(tests, register_scripted, NULL);
}
