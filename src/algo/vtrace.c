// Actor-critic on V-trace targets (Espeholt 2018): several passes over each rollout, each corrected
// for how far the policy has moved from the one that played it.
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "algo/algo_internal.h"

#define ROW(f, type, value, min, max, unit, help, source, when)                                    \
    { #f, type, offsetof(UpVtraceDef, f), value, min, max, NULL, unit, help, source, when }

static const UpOption rows[] = {
    ROW(epochs, UP_OPTION_INT, "2", 1, 1000, "passes", "passes over each rollout", "", NULL),
    ROW(minibatch, UP_OPTION_INT, "256", 0, 1e9, "samples",
        "samples in a minibatch; 0: the whole rollout", "", NULL),
    ROW(rho_bar, UP_OPTION_REAL, "1", 0, 1e9, "",
        "limit of the importance weight of a TD residual: what the values converge to",
        "Espeholt 2018", NULL),
    ROW(c_bar, UP_OPTION_REAL, "1", 0, 1e9, "",
        "limit of the importance weights that carry residuals back: how fast they do",
        "Espeholt 2018", NULL),
    ROW(value_weight, UP_OPTION_REAL, "0.5", 0, 1e6, "", "weight of the value loss",
        "Espeholt 2018", NULL),
    ROW(entropy_weight, UP_OPTION_REAL, "0.01", 0, 1e3, "", "weight of the entropy bonus",
        "Espeholt 2018", NULL),
};

static const UpOptionTable options = {"vtrace", "actor-critic on V-trace targets", rows,
                                      sizeof rows / sizeof *rows};

static void defaults(UpConfig *c) {
    c->advantage.lambda = 1;
    c->optim.learning_rate = 1e-3;
}

static UpStatus check(const UpConfig *c) {
    if (c->rollout.episodes > 0)
        return up_fail(UP_USAGE, "vtrace plays rollout.steps of each instance; leave "
                                 "rollout.episodes at 0");
    if (c->advantage.psi == UP_PSI_ADVANTAGE && c->advantage.n_steps == 0) return UP_OK;
    return up_fail(UP_USAGE, "vtrace has its own Ψ, along whole rollouts: leave advantage.psi at "
                             "advantage and advantage.n_steps at 0");
}

static void refresh_row(UpLearner *l, UpRollout *r, int64_t t) {
    UpObs obs = up_rollout_obs(r, t);
    const UpReal *value = up_policy_forward(l->policy, up_seen(&obs), UP_HEADS_VALUE).value;
    memcpy(r->value + t * r->N, value, (size_t)r->N * sizeof *value);
}

// V of every observation and π(a|s) / π_old(a|s) of every action, under the policy as it is now.
static void refresh(UpLearner *l, UpRollout *r) {
    const UpDist *dist = &l->policy->dist;
    for (int64_t first = 0, count; first < r->samples; first += count) {
        count = r->samples - first < l->rows ? r->samples - first : l->rows;
        up__learner_gather(l, r, first, count);
        UpPolicyOut out = up_policy_forward(l->policy, up_seen(&l->obs), UP_HEADS_ALL);
        for (int64_t i = 0; i < count; i++) {
            uint32_t cell = l->order[first + i];
            UpReal log_prob = up_dist_log_prob(dist, out.param + i * dist->params, out.log_std,
                                               l->action + i * dist->actions);
            r->ratio[cell] = (UpReal)exp((double)(log_prob - l->log_prob[i]));
            r->value[cell] = out.value[i];
        }
    }
    refresh_row(l, r, r->length);
    // Where the step budget ended inside the last row, valid steps bootstrap from its idle cells.
    if (r->length > 0 && r->samples < r->length * r->N) refresh_row(l, r, r->length - 1);
}

// Mean (ρ − 1) − log ρ over the rollout.
static double mean_kl(const UpRollout *r) {
    double sum = 0;
    for (int64_t cell = 0; cell < r->length * r->N; cell++)
        if (r->valid[cell]) sum += (double)r->ratio[cell] - 1 - log((double)r->ratio[cell]);
    return sum / (double)r->samples;
}

static UpStatus update(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    const UpVtraceDef *def = &l->config->vtrace;
    const UpAdvantageDef *advantage = &l->config->advantage;
    int64_t minibatch = def->minibatch > 0 ? def->minibatch : r->samples;
    UpLossSums sums = {0};
    for (int64_t epoch = 0; epoch < def->epochs; epoch++) {
        UP_TRY(up__learner_list(l, r));
        refresh(l, r);
        up_advantage_vtrace(r, advantage, def->rho_bar, def->c_bar);
        if (epoch == 0) stats->explained_variance = up_explained_variance(r);
        stats->kl = mean_kl(r);
        up_advantage_standardize(r, (UpStandardize)advantage->standardize);
        if (advantage->gamma_t) up_advantage_gamma_t(r, advantage->gamma);
        if (minibatch < r->samples) up_rng_shuffle(&l->shuffle, l->order, (uint32_t)r->samples);
        for (int64_t first = 0; first < r->samples; first += minibatch) {
            int64_t left = r->samples - first, count = left < minibatch ? left : minibatch;
            UpLoss loss = {.policy_weight = 1 / (double)count,
                           .value_weight = def->value_weight / (double)count,
                           .entropy_weight = def->entropy_weight / (double)count};
            UP_TRY(up__learner_pieces(l, r, &loss, first, count, &sums));
            UP_TRY(up__learner_step(l, r, stats));
        }
    }
    double seen = (double)(r->samples * def->epochs);
    stats->policy_loss = sums.policy / seen;
    stats->value_loss = sums.value / seen;
    stats->entropy = sums.entropy / seen;
    return UP_OK;
}

const UpAlgo up__vtrace = {
    .name = "vtrace",
    .summary = "actor-critic on V-trace targets, several passes (Espeholt 2018)",
    .options = &options,
    .def_offset = offsetof(UpConfig, vtrace),
    .needs_value = true,
    .unread = "advantage.psi advantage.baseline advantage.n_steps",
    .defaults = defaults,
    .check = check,
    .update = update,
};
