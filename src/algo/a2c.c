// Advantage actor-critic, synchronous (Mnih 2016, algorithm S3 without the asynchrony). Document
// 002.
#include <stddef.h>

#include "algo/algo_internal.h"

#define ROW(field, type, fallback, min, max, choices, help, source, when)                          \
    { #field, type, offsetof(UpA2cDef, field), fallback, min, max, choices, "", help, source, when }

static const UpOption rows[] = {
    ROW(reduction, UP_OPTION_CHOICE, "samples", 0, 0, "samples|instances",
        "policy loss: mean over samples, or sum over steps and mean over instances",
        "Welleck 2020: instances", NULL),
    ROW(value_weight, UP_OPTION_REAL, "0.5", 0, 1e6, NULL, "weight of the value loss",
        "Welleck 2020: 2", NULL),
    ROW(entropy_weight, UP_OPTION_REAL, "0.01", 0, 1e3, NULL, "weight of the entropy bonus",
        "Welleck 2020", NULL),
};

static const UpOptionTable options = {"a2c", "advantage actor-critic", rows,
                                      sizeof rows / sizeof *rows};

static void defaults(UpConfig *c) {
    c->rollout.envs = 16;
    c->rollout.steps = 5;
    c->advantage.lambda = 1; // the n-step return
    c->optim.kind = UP_RMSPROP;
    c->optim.learning_rate = 7e-4;
    c->optim.epsilon = 1e-5;
}

static UpStatus update(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    const UpA2cDef *def = &l->config->a2c;
    up__learner_advantages(l, r, stats);
    UP_TRY(up__learner_list(l, r));
    double samples = (double)l->samples;
    double divisor = def->reduction == UP_MEAN_INSTANCES ? (double)r->N : samples;
    UpLoss loss = {.policy_weight = 1 / divisor,
                   .value_weight = def->value_weight / samples,
                   .entropy_weight = def->entropy_weight / samples};
    return up__learner_full_step(l, r, &loss, stats);
}

const UpAlgo up__a2c = {
    .name = "a2c",
    .summary = "synchronous advantage actor-critic (Mnih 2016)",
    .options = &options,
    .def_offset = offsetof(UpConfig, a2c),
    .needs_value = true,
    .recurrent = true,
    .defaults = defaults,
    .update = update,
};
