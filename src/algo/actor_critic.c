// One-step actor-critic: the TD error weighs the action and corrects the value (Sutton & Barto
// 2018, section 13.5; Sun 2024). Actor and critic have an optimiser each.
#include <stddef.h>

#include "algo/algo_internal.h"

static const UpOption rows[] = {
    {"entropy_weight", UP_OPTION_REAL, offsetof(UpActorCriticDef, entropy_weight), "0", 0, 1e3,
     NULL, "", "weight of the entropy bonus", "Welleck 2020", NULL},
};

static const UpOptionTable options = {"actor-critic", "one-step actor-critic", rows,
                                      sizeof rows / sizeof *rows};

static void defaults(UpConfig *c) {
    c->rollout.steps = 1;
    c->advantage.psi = UP_PSI_TD;
    c->advantage.lambda = 0; // the critic's target is r + γ V(s')
    c->optim.learning_rate = 1e-3;
    c->value.epochs = 1;
    c->value.minibatch = 0;
}

static UpStatus update(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    up__learner_advantages(l, r, stats);
    UP_TRY(up__learner_policy_step(l, r, l->config->actor_critic.entropy_weight, stats));
    return up__value_fit(l, r, stats);
}

const UpAlgo up__actor_critic = {
    .name = "actor-critic",
    .summary = "one-step actor-critic on the TD error (Sun 2024)",
    .options = &options,
    .def_offset = offsetof(UpConfig, actor_critic),
    .needs_value = true,
    .fits_value = true,
    .defaults = defaults,
    .check = up__value_check,
    .prepare = up__value_prepare,
    .update = update,
};
