// Parallel Q-learning (Gallici 2024): many instances in place of a replay and of a target network.
// Each rollout is passed over a few times, and Q follows its own λ-returns (Peng's Q(λ)).
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "algo/algo_internal.h"

#define ROW(field, type, fallback, min, max, unit, help, source)                                   \
    { #field, type, offsetof(UpPqnDef, field), fallback, min, max, NULL, unit, help, source, NULL }

static const UpOption rows[] = {
    ROW(epochs, UP_OPTION_INT, "4", 1, 1000, "passes", "passes over each rollout", "Gallici 2024"),
    ROW(minibatch, UP_OPTION_INT, "256", 1, 1e7, "samples", "samples in a minibatch", ""),
    ROW(epsilon_start, UP_OPTION_REAL, "1", 0, 1, "", "share of random actions at the start",
        "Gallici 2024"),
    ROW(epsilon_end, UP_OPTION_REAL, "0.05", 0, 1, "", "and later", ""),
    ROW(epsilon_share, UP_OPTION_REAL, "0.1", 0, 1, "",
        "share of training in which it falls from one to the other", "Gallici 2024"),
};

static const UpOptionTable options = {"pqn", "parallel Q-learning", rows,
                                      sizeof rows / sizeof *rows};

static void defaults(UpConfig *c) {
    c->rollout.envs = 32;
    c->rollout.steps = 32;
    c->rollout.scale_reward = false;
    c->rollout.clip_reward = 0;
    c->policy.activation = UP_RELU;
    c->policy.init = UP_INIT_TORCH;
    c->policy.normalize_obs = false;
    c->advantage.lambda = 0.9;
    c->advantage.standardize = UP_STANDARDIZE_NONE;
    c->optim.learning_rate = 1e-3;
    c->optim.schedule = UP_LINEAR;
    c->optim.max_grad_norm = 10;
}

static UpStatus check(const UpConfig *c) {
    int64_t cells = c->rollout.envs * c->rollout.steps;
    if (c->rollout.episodes > 0)
        return up_fail(UP_USAGE, "pqn plays rollout.steps of each instance; leave "
                                 "rollout.episodes at 0");
    if (c->pqn.minibatch > cells)
        return up_fail(UP_USAGE,
                       "pqn.minibatch = %lld is more than a rollout holds: %lld rollout.envs × "
                       "%lld rollout.steps",
                       (long long)c->pqn.minibatch, (long long)c->rollout.envs,
                       (long long)c->rollout.steps);
    return UP_OK;
}

static int64_t minibatch(const UpConfig *c) {
    return c->pqn.minibatch;
}

static UpStatus prepare(UpLearner *l, const UpRollout *r) {
    l->own = (void *)r; // whose steps say how far training is
    return up__values_check(l);
}

// ---------------------------------------------------------------------------------------------------
// Acting

static double epsilon(const UpLearner *l) {
    const UpPqnDef *def = &l->config->pqn;
    const UpRollout *r = l->own;
    return up__epsilon(def->epsilon_start, def->epsilon_end, def->epsilon_share,
                       (double)r->steps / (double)l->config->train.steps);
}

static const UpReal *values(UpLearner *l, UpSeen seen) {
    return up_policy_forward(l->policy, seen, UP_HEADS_POLICY).param;
}

// V(s) = max Q(s, a)
static void act(void *user, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                UpReal *value) {
    UpLearner *l = user;
    int64_t P = l->policy->dist.params;
    double chance = epsilon(l);
    const UpReal *q = values(l, seen);
    for (int64_t i = 0; i < seen.obs->rows; i++) {
        const UpReal *row = q + i * P;
        action[i] = (float)up__epsilon_greedy(row, P, chance, &rng[i]);
        value[i] = row[up__best_action(row, P)];
        log_prob[i] = 0;
    }
}

static void best_value(void *user, UpSeen seen, UpReal *value) {
    UpLearner *l = user;
    int64_t P = l->policy->dist.params;
    const UpReal *q = values(l, seen);
    for (int64_t i = 0; i < seen.obs->rows; i++)
        value[i] = q[i * P + up__best_action(q + i * P, P)];
}

static void observe(void *user, UpObs *obs, const uint8_t *active, bool learn) {
    UpLearner *l = user;
    up_policy_observe(l->policy, obs, active, learn);
}

static UpActor actor(UpLearner *l) {
    return (UpActor){.user = l, .observe = observe, .act = act, .value = best_value};
}

// ---------------------------------------------------------------------------------------------------
// Learning

// One step down mean ½ (Q(s, a) − G)² of the samples order[first … first+count).
static UpStatus learn(UpLearner *l, const UpRollout *r, int64_t first, int64_t count, double *loss,
                      double *sum, UpUpdateStats *stats) {
    int64_t P = l->policy->dist.params;
    up__learner_gather(l, r, first, count);
    const UpReal *q = values(l, up_seen(&l->obs));
    memset(l->d_param, 0, (size_t)(count * P) * sizeof *l->d_param);
    for (int64_t i = 0; i < count; i++) {
        int64_t at = i * P + (int64_t)l->action[i];
        UpReal error = q[at] - l->ret[i];
        l->d_param[at] = error / (UpReal)count;
        *loss += 0.5 * (double)(error * error);
        *sum += (double)q[at];
    }
    up_policy_backward(l->policy, up_seen(&l->obs), l->d_param, NULL);
    return up__learner_step(l, r, stats);
}

// G_t = r_t + γ ((1 − λ) max Q(s_{t+1}) + λ G_{t+1}): what gae makes of V = max Q.
static UpStatus update(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    const UpPqnDef *def = &l->config->pqn;
    const UpAdvantageDef *advantage = &l->config->advantage;
    double loss = 0, sum = 0, seen = (double)(r->samples * def->epochs);
    up_advantage_gae(r, advantage->gamma, advantage->lambda, 0, advantage->restart);
    UP_TRY(up__learner_list(l, r));
    for (int64_t epoch = 0; epoch < def->epochs; epoch++) {
        up_rng_shuffle(&l->shuffle, l->order, (uint32_t)r->samples);
        for (int64_t first = 0; first < r->samples; first += def->minibatch) {
            int64_t left = r->samples - first;
            int64_t count = left < def->minibatch ? left : def->minibatch;
            UP_TRY(learn(l, r, first, count, &loss, &sum, stats));
        }
    }
    stats->value_loss = loss / seen;
    stats->q_value = sum / seen;
    stats->exploration = epsilon(l);
    return UP_OK;
}

const UpAlgo up__pqn = {
    .name = "pqn",
    .summary = "parallel Q-learning without a replay (Gallici 2024)",
    .options = &options,
    .def_offset = offsetof(UpConfig, pqn),
    .certain = "values",
    .unread = "advantage.psi advantage.baseline advantage.n_steps advantage.gamma_t "
              "advantage.standardize",
    .has_value = up__no_value_function,
    .defaults = defaults,
    .check = check,
    .minibatch = minibatch,
    .prepare = prepare,
    .actor = actor,
    .update = update,
};
