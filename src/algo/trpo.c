// Trust region policy optimisation (Schulman 2015): the natural gradient, shortened until the new
// policy is better by the surrogate and near by KL.
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "algo/algo_internal.h"

static const UpOption rows[] = {
    UP__NATURAL_ROWS(UpTrpoDef),
    {"backtracks", UP_OPTION_INT, offsetof(UpTrpoDef, backtracks), "10", 1, 1000, NULL, "tries",
     "tries of the line search; the policy stays if none holds", "sb3-contrib", NULL},
    {"shrink", UP_OPTION_REAL, offsetof(UpTrpoDef, shrink), "0.8", 0.01, 0.99, NULL, "",
     "each try is as long as the one before times this", "sb3-contrib", "backtracks!=1"},
};

static const UpOptionTable options = {"trpo", "trust region policy optimisation", rows,
                                      sizeof rows / sizeof *rows};

static void defaults(UpConfig *c) {
    c->advantage.standardize = UP_STANDARDIZE_BATCH;
    c->optim.kind = UP_SGD;
}

// Room for the distributions of a rollout's samples.
static UpStatus reserve_old(UpLearner *l) {
    UpNatural *n = &l->natural;
    if (n->old_size >= l->order_size) return UP_OK;
    n->old_size = l->order_size;
    size_t numbers = (size_t)(n->old_size * l->policy->dist.params);
    n->old_param = up_arena_alloc(&l->arena, numbers, sizeof(UpReal));
    return n->old_param ? UP_OK : UP_MEMORY;
}

static UpStatus prepare(UpLearner *l, const UpRollout *r) {
    UP_TRY(reserve_old(l));
    return up__natural_prepare(l, r);
}

// Keeps the distributions that the rollout's samples have now.
static UpStatus keep_old(UpLearner *l, const UpRollout *r) {
    UpNatural *n = &l->natural;
    int64_t P = l->policy->dist.params;
    UP_TRY(reserve_old(l)); // complete episodes may have made the rollout grow
    for (int64_t first = 0, count; first < r->samples; first += count) {
        count = r->samples - first < l->rows ? r->samples - first : l->rows;
        up__learner_gather(l, r, first, count);
        memcpy(n->old_param + first * P,
               up_policy_forward(l->policy, up_seen(&l->obs), UP_HEADS_POLICY).param,
               (size_t)(count * P) * sizeof(UpReal));
    }
    memcpy(n->old, l->policy->param, l->policy->size * sizeof(UpReal));
    return UP_OK;
}

// Mean ρ Â and mean KL(π_old ‖ π) of the policy as it is now.
static void judge(UpLearner *l, const UpRollout *r, double *surrogate, double *kl) {
    const UpPolicy *p = l->policy;
    const UpDist *dist = &p->dist;
    const UpNatural *n = &l->natural;
    bool gaussian = dist->log_stds > 0;
    const UpReal *log_std = gaussian ? p->param + p->log_std : NULL;
    const UpReal *old_log_std = gaussian ? n->old + p->log_std : NULL;
    double sum = 0, distance = 0;
    for (int64_t first = 0, count; first < r->samples; first += count) {
        count = r->samples - first < l->rows ? r->samples - first : l->rows;
        up__learner_gather(l, r, first, count);
        const UpReal *param = up_policy_forward(l->policy, up_seen(&l->obs), UP_HEADS_POLICY).param;
        for (int64_t i = 0; i < count; i++) {
            const UpReal *old = n->old_param + (first + i) * dist->params;
            const UpReal *now = param + i * dist->params;
            UpReal log_prob = up_dist_log_prob(dist, now, log_std, l->action + i * dist->actions);
            sum += exp((double)(log_prob - l->log_prob[i])) * (double)l->advantage[i];
            distance += (double)up_dist_kl(dist, old, old_log_std, now, log_std);
        }
    }
    *surrogate = sum / (double)r->samples;
    *kl = distance / (double)r->samples;
}

// Tries the whole step, then shorter ones. *length becomes that of the step taken; 0: none was.
static void line_search(UpLearner *l, const UpRollout *r, double *length, UpUpdateStats *stats) {
    const UpTrpoDef *def = &l->config->trpo;
    const UpNatural *n = &l->natural;
    UpPolicy *p = l->policy;
    double before, surrogate, kl, share = 1;
    judge(l, r, &before, &kl);
    for (int64_t i = 0; i < def->backtracks; i++, share *= def->shrink) {
        for (size_t k = 0; k < p->size; k++)
            p->param[k] = n->old[k] - (UpReal)share * n->step[k];
        judge(l, r, &surrogate, &kl);
        if (kl <= def->natural.kl && surrogate > before) {
            *length *= share;
            stats->kl = kl;
            stats->policy_loss = -surrogate;
            return;
        }
    }
    memcpy(p->param, n->old, p->size * sizeof *p->param);
    *length = stats->kl = 0;
    stats->policy_loss = -before;
}

static UpStatus update(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    up__learner_advantages(l, r, stats);
    double length;
    UP_TRY(up__natural_direction(l, r, &l->config->trpo.natural, &length, stats));
    UP_TRY(keep_old(l, r));
    line_search(l, r, &length, stats);
    stats->learning_rate = length;
    return up__value_fit(l, r, stats);
}

const UpAlgo up__trpo = {
    .name = "trpo",
    .summary = "trust region policy optimisation (Schulman 2015)",
    .options = &options,
    .def_offset = offsetof(UpConfig, trpo),
    .needs_value = true,
    .fits_value = true,
    .natural = true,
    .defaults = defaults,
    .check = up__value_check,
    .minibatch = up__natural_rows,
    .prepare = prepare,
    .update = update,
};
