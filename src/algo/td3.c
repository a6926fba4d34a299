// Twin delayed deep deterministic policy gradient (Fujimoto 2018): two critics, of which the
// smaller counts, a policy that steps after every few steps of theirs, and noise on the actions
// that targets are made of.
#include <stddef.h>

#include "algo/algo_internal.h"

#define ROW(field, type, fallback, min, max, unit, help, source, when)                             \
    { #field, type, offsetof(UpTd3Def, field), fallback, min, max, NULL, unit, help, source, when }

static const UpOption rows[] = {
    ROW(tau, UP_OPTION_REAL, "0.005", 0, 1, "",
        "share of the target networks that each of the policy's updates renews", "Fujimoto 2018",
        NULL),
    ROW(noise, UP_OPTION_REAL, "0.1", 0, 10, "",
        "deviation of what is added to actions that are played, in units of half the Box",
        "Fujimoto 2018", NULL),
    ROW(policy_delay, UP_OPTION_INT, "2", 1, 1000, "updates",
        "of the critics for each one of the policy", "Fujimoto 2018", NULL),
    ROW(target_noise, UP_OPTION_REAL, "0.2", 0, 10, "",
        "deviation of what is added to the actions of targets", "Fujimoto 2018", NULL),
    ROW(target_clip, UP_OPTION_REAL, "0.5", 0, 10, "", "and its limit", "Fujimoto 2018",
        "target_noise!=0"),
};

static const UpOptionTable options = {"td3", "twin delayed DDPG", rows, sizeof rows / sizeof *rows};

static void defaults(UpConfig *c) {
    up__replayed_defaults(c);
    c->env.rescale_action = true;
    c->policy.box = UP_BOX_TANH;
    c->policy.hidden = (UpSizes){2, {400, 300}};
    c->optim.learning_rate = 1e-3;
}

static UpStatus prepare(UpLearner *l, const UpRollout *r) {
    const UpTd3Def *def = &l->config->td3;
    return up__deterministic_prepare(l, r,
                                     (UpDeterministicDef){.critics = 2,
                                                          .delay = def->policy_delay,
                                                          .tau = def->tau,
                                                          .noise = def->noise,
                                                          .target_noise = def->target_noise,
                                                          .target_clip = def->target_clip});
}

const UpAlgo up__td3 = {
    .name = "td3",
    .summary = "twin delayed deep deterministic policy gradient (Fujimoto 2018)",
    .options = &options,
    .def_offset = offsetof(UpConfig, td3),
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
