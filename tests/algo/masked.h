// PPO with action masks, for every head that has them: an environment closes actions at random,
// pays for those that it closes most, and counts what was taken although it was closed.
#ifndef UP_TESTS_MASKED_H
#define UP_TESTS_MASKED_H

#include <stdatomic.h>
#include <stdlib.h>

#include "scratch.h"
#include "uphill/env.h"
#include "uphill/train.h"

enum { MASKED_DIM = 4, MASKED_EPISODE = 10, MASKED_CHOICES = 64 };

static UpSpace masked_action;      // of the environment that is made next
static atomic_llong masked_taken;  // actions
static atomic_llong masked_closed; // components of them that were closed

typedef struct Masked {
    UpEnv base;
    UpRng rng;
    int64_t steps;
    uint8_t *mask; // (N, mask_size) what was told last
} Masked;

// The first of the choices, which pays, is closed in two of three steps.
static inline void masked_observe(Masked *m, UpObs *obs, int n) {
    const UpSpace *action = &m->base.spec.action;
    uint8_t *mask = m->mask + n * m->base.spec.mask_size;
    for (int64_t d = 0; d < MASKED_DIM; d++)
        obs->f32[n * MASKED_DIM + d] = (float)up_rng_normal(&m->rng);
    for (int64_t c = 0; c < action->size; c++) {
        int64_t choices = up_space_choices(action, c);
        if (choices == 0) continue;
        int64_t open = up_rng_integers(&m->rng, 0, choices); // one at least
        for (int64_t a = 0; a < choices; a++)
            *mask++ = a == open || up_rng_double(&m->rng) < (a == 0 ? 0.1 : 0.5);
    }
    memcpy(obs->mask + n * m->base.spec.mask_size, m->mask + n * m->base.spec.mask_size,
           (size_t)m->base.spec.mask_size);
}

static inline UpStatus masked_reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    Masked *m = (Masked *)env;
    if (seeds) up_rng_seed(&m->rng, seeds[0]);
    m->steps = 0;
    for (int n = 0; n < env->instances; n++)
        masked_observe(m, &obs, n);
    return UP_OK;
}

static inline double masked_pay(Masked *m, const float *action, const uint8_t *mask) {
    const UpSpace *space = &m->base.spec.action;
    double pay = 0;
    for (int64_t c = 0; c < space->size; c++) {
        int64_t choices = up_space_choices(space, c);
        if (choices == 0) continue;
        masked_closed += !mask[(int64_t)action[c]];
        pay += action[c] == 0;
        mask += choices;
    }
    masked_taken++;
    return pay;
}

static inline UpStatus masked_step(UpEnv *env, UpStep *step) {
    Masked *m = (Masked *)env;
    bool ends = ++m->steps % MASKED_EPISODE == 0;
    for (int n = 0; n < env->instances; n++) {
        const float *action = step->action + n * env->spec.action.size;
        step->reward[n] = masked_pay(m, action, m->mask + n * env->spec.mask_size);
        step->terminated[n] = ends;
        step->truncated[n] = 0;
        masked_observe(m, &step->obs, n);
        if (ends)
            memcpy(step->final_obs.f32 + n * MASKED_DIM, step->obs.f32 + n * MASKED_DIM,
                   MASKED_DIM * sizeof(float));
    }
    return UP_OK;
}

static inline void masked_destroy(UpEnv *env) {
    free(((Masked *)env)->mask);
    free(env);
}

static inline UpStatus masked_create(UpEnv **env, const UpEnvDef *def, int instances) {
    static const UpEnvVtable vtable = {
        .abi = UP_ENV_ABI, .reset = masked_reset, .step = masked_step, .destroy = masked_destroy};
    (void)def;
    Masked *m = calloc(1, sizeof *m);
    if (!m) return UP_MEMORY;
    m->base = (UpEnv){.vtable = &vtable, .instances = instances};
    m->base.spec = (UpEnvSpec){.id = "Masked-v0",
                               .obs = up_space_box(MASKED_DIM, -10, 10),
                               .action = masked_action,
                               .mask_size = up_space_mask(&masked_action),
                               .reward_threshold = NAN};
    m->mask = calloc((size_t)instances, (size_t)m->base.spec.mask_size);
    *env = &m->base;
    return m->mask ? UP_OK : UP_MEMORY;
}

static inline UpSpace masked_several(void) {
    const UpSpace spaces[] = {up_space_discrete(3),
                              up_space_box(2, -1, 1),
                              {.kind = UP_SPACE_MULTI_BINARY, .size = 3},
                              {.kind = UP_SPACE_MULTI_DISCRETE, .size = 2, .choices = {4, 2}}};
    const char *const names[] = {"go", "aim", "lamps", "dials"};
    return up_space_several(4, names, spaces);
}

// Trains, and judges greedily in between.
static inline void masked_train(const char *head, UpSpace action, bool bernoulli,
                                const char *steps) {
    static UpConfig config;
    const char *const set[] = {
        "env.id",        "Masked-v0", "rollout.envs",        "8",     "rollout.steps", "64",
        "policy.hidden", "16",        "ppo.minibatch",       "256",   "ppo.epochs",    "2",
        "eval.every",    "50000",     "optim.learning_rate", "0.003", "train.steps",   steps};
    masked_action = action;
    masked_taken = masked_closed = 0;
    assert_ok(up_config_default(&config, "ppo"));
    for (size_t i = 0; i < sizeof set / sizeof *set; i += 2)
        assert_ok(up_config_set(&config, set[i], set[i + 1], "test"));
    if (bernoulli) assert_ok(up_config_set(&config, "policy.bernoulli", "true", "test"));
    UpTrainer *trainer;
    assert_ok(up_train_create(&trainer, &config, NULL));
    assert_ok(up_train_run(trainer, NULL));
    UpProgress progress = *up_train_progress(trainer);
    up_train_destroy(trainer);
    assert_true(progress.steps == atoi(steps) && masked_taken > progress.steps);
    if (masked_closed)
        fail_msg("%s: %lld of %lld actions were closed", head, (long long)masked_closed,
                 (long long)masked_taken);
}

static inline void masked_every_head(const char *steps) {
    UpEnvInfo info = {"Masked-v0", "closes actions", masked_create};
    assert_ok(up_env_register(&info));
    UpSpace bits = {.kind = UP_SPACE_MULTI_BINARY, .size = 4},
            multi = {.kind = UP_SPACE_MULTI_DISCRETE, .size = 3, .choices = {3, 2, 4}};
    masked_train("categorical", up_space_discrete(5), false, steps);
    masked_train("one bit", up_space_discrete(2), true, steps);
    masked_train("multi-categorical", multi, false, steps);
    masked_train("bits", bits, false, steps);
    masked_train("several kinds", masked_several(), false, steps);
}

#endif
