// Proximal policy optimisation with the clipped surrogate (Schulman 2017), and the details that
// make it work (Huang 2022, "The 37 implementation details of PPO"; the numbers in docs/ppo.md).
#include <math.h>
#include <stddef.h>

#include "algo/algo_internal.h"

#define ROW(f, type, value, min, max, choices, unit, help, source, when)                           \
    { #f, type, offsetof(UpPpoDef, f), value, min, max, choices, unit, help, source, when }

static const UpOption rows[] = {
    ROW(epochs, UP_OPTION_INT, "10", 1, 1000, NULL, "passes", "passes over each rollout",
        "PPO detail 6", NULL),
    ROW(minibatch, UP_OPTION_INT, "64", 1, 1e7, NULL, "samples", "samples in a minibatch",
        "PPO detail 6", NULL),
    ROW(clip, UP_OPTION_REAL, "0.2", 0.001, 10, NULL, "", "how far the ratio may leave 1",
        "Schulman 2017, eq. 7; PPO detail 8", NULL),
    ROW(clip_schedule, UP_OPTION_CHOICE, "constant", 0, 0, UP_SCHEDULE_CHOICES, "",
        "of the clip, to 0 at the end of training", "Schulman 2017, Atari", NULL),
    ROW(value_clip, UP_OPTION_REAL, "0", 0, 1e9, NULL, "",
        "how far a value may move in an update; 0: as far as it likes", "PPO detail 9", NULL),
    ROW(value_weight, UP_OPTION_REAL, "0.5", 0, 1e6, NULL, "", "weight of the value loss",
        "PPO detail 10", NULL),
    ROW(entropy_weight, UP_OPTION_REAL, "0", 0, 1e3, NULL, "", "weight of the entropy bonus",
        "PPO detail 10", NULL),
    ROW(target_kl, UP_OPTION_REAL, "0", 0, 1e3, NULL, "nats",
        "end an update's epochs early when KL exceeds this; 0: never", "PPO, auxiliary detail",
        NULL),
};

static const UpOptionTable options = {"ppo", "proximal policy optimisation", rows,
                                      sizeof rows / sizeof *rows};

// Good on CartPole, Acrobot, Pendulum and LunarLander alike (docs/ppo.md), whose rewards differ a
// hundredfold: hence their scaling.
static void defaults(UpConfig *c) {
    c->rollout.steps = 256;
    c->rollout.scale_reward = true; // PPO detail 30
    c->rollout.clip_reward = 10;    // PPO detail 31
    c->advantage.standardize = UP_STANDARDIZE_MINIBATCH;
    c->optim.epsilon = 1e-5; // PPO detail 3
}

static int64_t minibatch(const UpConfig *c) {
    return c->ppo.minibatch;
}

static UpStatus check(const UpConfig *c) {
    const UpRolloutDef *rollout = &c->rollout;
    long long samples = rollout->envs * rollout->steps;
    if (rollout->episodes > 0 || c->ppo.minibatch <= samples) return UP_OK;
    return up_fail(UP_USAGE,
                   "ppo.minibatch = %lld is more than a rollout holds: "
                   "%lld rollout.envs × %lld rollout.steps; set it to %lld or less, or gather more",
                   (long long)c->ppo.minibatch, (long long)rollout->envs, (long long)rollout->steps,
                   samples);
}

static void report(const UpPpoDef *def, const UpLossSums *sums, double samples,
                   UpUpdateStats *stats) {
    stats->policy_loss = sums->policy / samples;
    stats->value_loss = sums->value / samples;
    stats->entropy = sums->entropy / samples;
    stats->clip_fraction = sums->clipped / samples;
    stats->loss = stats->policy_loss + def->value_weight * stats->value_loss -
                  def->entropy_weight * stats->entropy;
}

static UpStatus update(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    const UpPpoDef *def = &l->config->ppo;
    const UpAdvantageDef *advantage = &l->config->advantage;
    up__learner_advantages(l, r, stats);
    UP_TRY(up__learner_list(l, r));
    int64_t minibatch = def->minibatch / l->L * l->L;

    UpLoss loss = {.clip = up_schedule((UpSchedule)def->clip_schedule, def->clip, 0, l->done),
                   .value_clip = def->value_clip};
    bool standardize = advantage->standardize == UP_STANDARDIZE_MINIBATCH;
    UpLossSums sums = {0};
    double seen = 0;
    bool stop = false;
    for (int64_t epoch = 0; epoch < def->epochs && !stop; epoch++) {
        double kl = sums.kl, before = seen;
        up_rng_shuffle(&l->shuffle, l->order, (uint32_t)(l->samples / l->L));
        for (int64_t first = 0; first < l->samples; first += minibatch) {
            int64_t left = l->samples - first, count = left < minibatch ? left : minibatch;
            loss.policy_weight = 1 / (double)count;
            loss.value_weight = def->value_weight / (double)count;
            loss.entropy_weight = def->entropy_weight / (double)count;
            UP_TRY(up__learner_gradient(l, r, &loss, first, count, standardize, &sums));
            UP_TRY(up__learner_step(l, r, stats));
            seen += (double)count;
        }
        stats->kl = (sums.kl - kl) / (seen - before);
        stop = def->target_kl > 0 && stats->kl > def->target_kl;
    }
    report(def, &sums, seen, stats);
    return UP_OK;
}

const UpAlgo up__ppo = {
    .name = "ppo",
    .summary = "proximal policy optimisation, clipped surrogate (Schulman 2017)",
    .options = &options,
    .def_offset = offsetof(UpConfig, ppo),
    .needs_value = true,
    .recurrent = true,
    .defaults = defaults,
    .check = check,
    .minibatch = minibatch,
    .update = update,
};
