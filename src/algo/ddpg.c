// Deep deterministic policy gradient (Lillicrap 2016): Q-learning where the action that maximises Q
// is a network's.
#include <stddef.h>

#include "algo/algo_internal.h"

#define ROW(field, fallback, max, help, source)                                                    \
    {                                                                                              \
#field, UP_OPTION_REAL, offsetof(UpDdpgDef, field), fallback, 0, max, NULL, "", help,      \
            source, NULL                                                                           \
    }

static const UpOption rows[] = {
    ROW(tau, "0.005", 1, "share of the target networks that each update renews",
        "Lillicrap 2016: 0.001; Stable-Baselines3: 0.005"),
    ROW(noise, "0.1", 10,
        "deviation of what is added to actions that are played, in units of half the Box",
        "Fujimoto 2018"),
};

static const UpOptionTable options = {"ddpg", "deep deterministic policy gradient", rows,
                                      sizeof rows / sizeof *rows};

static void defaults(UpConfig *c) {
    up__replayed_defaults(c);
    c->env.rescale_action = true;
    c->policy.box = UP_BOX_TANH;
    c->policy.hidden = (UpSizes){2, {400, 300}};
    c->optim.learning_rate = 1e-3;
}

static UpStatus prepare(UpLearner *l, const UpRollout *r) {
    const UpDdpgDef *def = &l->config->ddpg;
    return up__deterministic_prepare(
        l, r, (UpDeterministicDef){.critics = 1, .delay = 1, .tau = def->tau, .noise = def->noise});
}

const UpAlgo up__ddpg = {
    .name = "ddpg",
    .summary = "deep deterministic policy gradient (Lillicrap 2016)",
    .options = &options,
    .def_offset = offsetof(UpConfig, ddpg),
    .pathwise = true,
    .replays = true,
    .unread = UP__REPLAYED_UNREAD,
    .certain = "one action",
    .has_value = up__no_value_function,
    .defaults = defaults,
    .check = up__deterministic_check,
    .minibatch = up__replayed_rows,
    .prepare = prepare,
    .actor = up__deterministic_actor,
    .update = up__deterministic_update,
};
