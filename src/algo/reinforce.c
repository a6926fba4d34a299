// REINFORCE (Williams 1992): complete episodes, Monte Carlo returns. The Pong and CartPole
// tutorials; Sun 2024.
#include <stddef.h>

#include "algo/algo_internal.h"

#define ROW(f, type, value, min, max, help, source, when)                                          \
    { #f, type, offsetof(UpReinforceDef, f), value, min, max, NULL, "", help, source, when }

static const UpOption rows[] = {
    ROW(divide, UP_OPTION_BOOL, "true", 0, 1,
        "divide the gradient by the number of episodes begun; else it is their sum",
        "Welleck 2020; CartPole tutorial: false", NULL),
    ROW(value_weight, UP_OPTION_REAL, "0.5", 0, 1e6, "weight of the value's regression",
        "Welleck 2020", "value function=yes"),
    ROW(entropy_weight, UP_OPTION_REAL, "0", 0, 1e3, "weight of the entropy bonus", "Welleck 2020",
        NULL),
};

static const UpOptionTable options = {"reinforce", "REINFORCE", rows, sizeof rows / sizeof *rows};

static void defaults(UpConfig *c) {
    c->rollout.episodes = 10;
    c->advantage.psi = UP_PSI_TO_GO;
    c->advantage.standardize = UP_STANDARDIZE_BATCH;
    c->optim.learning_rate = 1e-3;
}

static UpStatus check(const UpConfig *c) {
    if (c->rollout.episodes > 0) return UP_OK;
    return up_fail(UP_USAGE,
                   "REINFORCE needs complete episodes: set rollout.episodes to 1 or more");
}

// Those that the step budget cut off are in the sum, too.
static double episodes_begun(const UpRollout *r) {
    double episodes = 0;
    for (int64_t cell = 0; cell < r->length * r->N; cell++) {
        bool ended = r->terminated[cell] || r->truncated[cell],
             end = cell + r->N >= r->length * r->N;
        episodes += r->valid[cell] && (ended || end || !r->valid[cell + r->N]);
    }
    return episodes;
}

static UpStatus update(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    const UpReinforceDef *def = &l->config->reinforce;
    up__learner_advantages(l, r, stats);
    UP_TRY(up__learner_list(l, r));
    double episodes = def->divide ? episodes_begun(r) : 1;
    double samples = (double)l->samples;
    UpLoss loss = {.policy_weight = 1 / episodes,
                   .value_weight = def->value_weight / samples,
                   .entropy_weight = def->entropy_weight / samples};
    return up__learner_full_step(l, r, &loss, stats);
}

const UpAlgo up__reinforce = {
    .name = "reinforce",
    .summary = "Monte Carlo policy gradient on complete episodes (Williams 1992)",
    .options = &options,
    .def_offset = offsetof(UpConfig, reinforce),
    .needs_value = false,
    .defaults = defaults,
    .check = check,
    .update = update,
};
