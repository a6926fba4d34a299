// Vanilla policy gradient: algorithm 1 of Sun 2024. The value function is fitted by regression
// after each batch.
#include <stddef.h>

#include "algo/algo_internal.h"

static const UpOption rows[] = {
    {"entropy_weight", UP_OPTION_REAL, offsetof(UpVpgDef, entropy_weight), "0", 0, 1e3, NULL, "",
     "weight of the entropy bonus", "Welleck 2020", NULL},
};

static const UpOptionTable options = {"vpg", "vanilla policy gradient", rows,
                                      sizeof rows / sizeof *rows};

static void defaults(UpConfig *c) {
    c->advantage.lambda = 0.97;
    c->advantage.standardize = UP_STANDARDIZE_BATCH;
    c->optim.learning_rate = 3e-3;
    c->optim.max_grad_norm = 0;
}

static UpStatus update(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    const UpAdvantageDef *advantage = &l->config->advantage;
    up__learner_advantages(l, r, stats); // line 5
    // Lines 6 and 7.
    UP_TRY(up__learner_policy_step(l, r, l->config->vpg.entropy_weight, stats));
    up_advantage_gae(r, advantage->gamma, 1, 0, advantage->restart); // line 4: R̂_t, in ret
    return up__value_fit(l, r, stats);                               // line 8
}

const UpAlgo up__vpg = {
    .name = "vpg",
    .summary = "vanilla policy gradient, V fitted after each batch (Sun 2024, algorithm 1)",
    .options = &options,
    .def_offset = offsetof(UpConfig, vpg),
    .needs_value = true,
    .fits_value = true,
    .defaults = defaults,
    .check = up__value_check,
    .prepare = up__value_prepare,
    .update = update,
};
