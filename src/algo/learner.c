#include <math.h>
#include <string.h>

#include "algo/algo_internal.h"
#include "core/obs.h"

enum { CHUNK_ROWS = 1024 }; // samples that a full-rollout gradient takes at once

UpStatus up_learner_create(UpLearner *l, const UpAlgo *algo, const UpConfig *config,
                           UpPolicy *policy, UpOptim *optim, const UpRollout *r, UpKeep *keep) {
    UpArena *arena = &l->arena;
    int64_t cells = r->T * r->N, chunk = cells < CHUNK_ROWS ? cells : CHUNK_ROWS;
    *l = (UpLearner){.config = config,
                     .policy = policy,
                     .optim = optim,
                     .pool = policy->pool,
                     .keep = keep,
                     .rows = algo->minibatch ? algo->minibatch(config) : chunk,
                     .order_size = cells};
    size_t n = (size_t)l->rows;
    up_rng_stream(&l->shuffle, (uint64_t)config->train.seed, UP_STREAM_SHUFFLE, 0);
    up__obs_create_pointing(&l->obs, &r->obs, l->rows, arena);
    l->order = up_arena_alloc(arena, (size_t)cells, sizeof *l->order);
    l->action = up_arena_alloc(arena, n * (size_t)r->A, sizeof *l->action);
    UpReal **columns[] = {&l->advantage, &l->ret, &l->log_prob, &l->value, &l->d_value};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        *columns[i] = up_arena_alloc(arena, n, sizeof(UpReal));
    l->d_param = up_arena_alloc(arena, n * (size_t)policy->dist.params, sizeof *l->d_param);
    UP_TRY(up_arena_status(arena));
    UP_TRY(up_policy_reserve(policy, l->rows));
    return algo->prepare ? algo->prepare(l, r) : UP_OK;
}

void up_learner_destroy(UpLearner *l) {
    up_arena_free(&l->arena);
}

// For advantage.baseline = average: the running average of R_t over all episodes so far (lecture 22
// of Deep Learning), b ← 0.99 b + 0.01 (mean R_t of an episode). Where an episode is one step it is
// Welleck 2020's.
static void follow_average(UpLearner *l, const UpRollout *r) {
    const UpAdvantageDef *def = &l->config->advantage;
    if (def->psi != UP_PSI_BASELINED || def->baseline != UP_BASELINE_AVERAGE) return;
    for (int64_t n = 0; n < r->N; n++) {
        double sum = 0, steps = 0;
        for (int64_t t = 0; t < r->length; t++) {
            int64_t cell = t * r->N + n;
            if (!r->valid[cell]) continue;
            sum += r->ret[cell];
            steps++;
            if (!r->terminated[cell] && !r->truncated[cell] && t + 1 < r->length) continue;
            l->average_return += 0.01 * (sum / steps - l->average_return);
            sum = steps = 0;
        }
    }
}

void up__learner_advantages(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    const UpAdvantageDef *def = &l->config->advantage;
    up_advantage_psi(r, def, l->average_return);
    stats->explained_variance = l->policy->has_value ? up_explained_variance(r) : NAN;
    up_advantage_standardize(r, (UpStandardize)def->standardize);
    if (def->gamma_t) up_advantage_gamma_t(r, def->gamma);
    follow_average(l, r);
}

UpStatus up__learner_list(UpLearner *l, const UpRollout *r) {
    int64_t cells = r->length * r->N, count = 0;
    if (cells > l->order_size) { // only where complete episodes made the rollout grow
        l->order_size = 2 * cells;
        l->order = up_arena_alloc(&l->arena, (size_t)l->order_size, sizeof *l->order);
        UP_TRY(up_arena_status(&l->arena));
    }
    for (int64_t cell = 0; cell < cells; cell++)
        if (r->valid[cell]) l->order[count++] = (uint32_t)cell;
    return UP_OK;
}

void up__learner_gather(UpLearner *l, const UpRollout *r, int64_t first, int64_t count) {
    up__obs_gather(&r->obs, l->order + first, count, &l->obs);
    for (int64_t i = 0; i < count; i++) {
        size_t cell = l->order[first + i], A = (size_t)r->A;
        memcpy(l->action + (size_t)i * A, r->action + cell * A, A * sizeof *l->action);
        l->advantage[i] = r->advantage[cell];
        l->ret[i] = r->ret[cell];
        l->log_prob[i] = r->log_prob[cell];
        l->value[i] = r->value[cell];
    }
}

UpStatus up__learner_gradient(UpLearner *l, const UpRollout *r, const UpLoss *loss, int64_t first,
                              int64_t count, bool standardize, UpLossSums *sums) {
    UpPolicy *p = l->policy;
    up__learner_gather(l, r, first, count);
    if (standardize) up_standardize(l->advantage, l->ret, l->value, count);
    UpPolicyOut out = up_policy_forward(p, up_seen(&l->obs), UP_HEADS_ALL);
    UpBatch batch = {.B = count,
                     .dist = &p->dist,
                     .action = l->action,
                     .advantage = l->advantage,
                     .ret = l->ret,
                     .log_prob = l->log_prob,
                     .value = l->value,
                     .param = out.param,
                     .log_std = out.log_std,
                     .new_value = out.value,
                     .d_param = l->d_param,
                     .d_log_std = p->grad + p->log_std,
                     .d_value = l->d_value};
    UpLossSums part = up_loss(loss, &batch, l->pool);
    up_policy_backward(p, up_seen(&l->obs), l->d_param, loss->value_weight > 0 ? l->d_value : NULL);
    sums->policy += part.policy;
    sums->value += part.value;
    sums->entropy += part.entropy;
    sums->kl += part.kl;
    sums->clipped += part.clipped;
    return UP_OK;
}

UpStatus up__learner_step(UpLearner *l, const UpRollout *r, UpUpdateStats *stats) {
    const UpOptimDef *def = &l->config->optim;
    double rate =
        up_schedule((UpSchedule)def->schedule, def->learning_rate, def->learning_rate_end, l->done);
    stats->learning_rate = rate;
    stats->grad_norm = up_optim_step(l->optim, rate, l->policy->param, l->policy->grad, l->pool);
    if (!isfinite(stats->grad_norm))
        return up__learner_not_finite(l, r, "optim.learning_rate or optim.max_grad_norm");
    return UP_OK;
}

UpStatus up__learner_not_finite(const UpLearner *l, const UpRollout *r, const char *option) {
    return up_fail(UP_NUMERIC,
                   "the gradient is not finite at step %lld of %s; a smaller %s may help",
                   (long long)r->steps, l->config->env.id, option);
}

UpStatus up__learner_pieces(UpLearner *l, const UpRollout *r, const UpLoss *loss, int64_t first,
                            int64_t count, UpLossSums *sums) {
    for (int64_t done = 0, piece; done < count; done += piece) {
        piece = count - done < l->rows ? count - done : l->rows;
        UP_TRY(up__learner_gradient(l, r, loss, first + done, piece, false, sums));
    }
    return UP_OK;
}

UpStatus up__learner_full_step(UpLearner *l, const UpRollout *r, const UpLoss *loss,
                               UpUpdateStats *stats) {
    UP_TRY(up__learner_list(l, r));
    UpLossSums sums = {0};
    UP_TRY(up__learner_pieces(l, r, loss, 0, r->samples, &sums));
    double samples = (double)r->samples;
    stats->policy_loss = sums.policy * loss->policy_weight;
    stats->value_loss = l->policy->has_value ? sums.value / samples : NAN;
    stats->entropy = sums.entropy / samples;
    stats->loss =
        stats->policy_loss + loss->value_weight * sums.value - loss->entropy_weight * sums.entropy;
    return up__learner_step(l, r, stats);
}

UpStatus up__learner_policy_step(UpLearner *l, const UpRollout *r, double entropy_weight,
                                 UpUpdateStats *stats) {
    double samples = (double)r->samples;
    UpLoss loss = {.policy_weight = 1 / samples, .entropy_weight = entropy_weight / samples};
    return up__learner_full_step(l, r, &loss, stats);
}
