#include <math.h>
#include <string.h>

#include "algo/algo_internal.h"
#include "core/obs.h"

enum { CHUNK_ROWS = 1024 }; // samples that a full-rollout gradient takes at once

// Can a policy with a memory be trained as the config says?
static UpStatus check_memory(const UpLearner *l, const UpAlgo *algo, const UpRollout *r) {
    if (!l->M) return UP_OK;
    if (!algo->recurrent)
        return up_fail(UP_UNSUPPORTED,
                       "%s cannot train a policy with a memory (policy.net has lstm or gru): use "
                       "a2c or ppo",
                       algo->name);
    if (r->def.episodes > 0)
        return up_fail(UP_USAGE, "a policy with a memory learns from rollout.steps of each "
                                 "instance: leave rollout.episodes at 0");
    if (r->T % r->segment != 0 || l->rows % r->segment != 0)
        return up_fail(UP_USAGE,
                       "rollout.segment = %lld does not divide %s = %lld, of which a policy with a "
                       "memory learns in segments",
                       (long long)r->segment,
                       r->T % r->segment != 0 ? "rollout.steps" : "the minibatch",
                       (long long)(r->T % r->segment != 0 ? r->T : l->rows));
    return UP_OK;
}

static UpStatus allocate(UpLearner *l, const UpRollout *r) {
    UpArena *arena = &l->arena;
    size_t n = (size_t)l->rows;
    up__obs_create_pointing(&l->obs, &r->obs, l->rows, arena);
    l->order = up_arena_alloc(arena, (size_t)l->order_size, sizeof *l->order);
    l->action = up_arena_alloc(arena, n * (size_t)r->A, sizeof *l->action);
    UpReal **columns[] = {&l->advantage, &l->ret, &l->log_prob, &l->value, &l->d_value};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        *columns[i] = up_arena_alloc(arena, n, sizeof(UpReal));
    l->d_param = up_arena_alloc(arena, n * (size_t)l->policy->dist.params, sizeof *l->d_param);
    if (l->M) {
        l->cell = up_arena_alloc(arena, n, sizeof *l->cell);
        l->begins = up_arena_alloc(arena, n, 1);
        l->memory = up_arena_alloc(arena, n * (size_t)l->M, sizeof *l->memory);
    }
    return up_arena_status(arena);
}

UpStatus up_learner_create(UpLearner *l, const UpAlgo *algo, const UpConfig *config,
                           UpPolicy *policy, UpOptim *optim, const UpRollout *r, UpKeep *keep) {
    int64_t cells = r->T * r->N, M = up_policy_memory(policy), L = M ? r->segment : 1;
    int64_t chunk = cells < CHUNK_ROWS ? cells : CHUNK_ROWS;
    chunk = chunk < L ? L : chunk / L * L;
    *l = (UpLearner){.config = config,
                     .policy = policy,
                     .optim = optim,
                     .pool = policy->pool,
                     .keep = keep,
                     .rows = algo->minibatch ? algo->minibatch(config) : chunk,
                     .L = L,
                     .M = M,
                     .order_size = cells};
    l->seen = up_seen(&l->obs);
    up_rng_stream(&l->shuffle, (uint64_t)config->train.seed, UP_STREAM_SHUFFLE, 0);
    UP_TRY(check_memory(l, algo, r));
    UP_TRY(allocate(l, r));
    UP_TRY(up_policy_reserve(policy, l->rows));
    return algo->prepare ? algo->prepare(l, r) : UP_OK;
}

void up_learner_destroy(UpLearner *l) {
    if (l->release) l->release(l);
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

// Segments begin at rows 0, L, 2L, …. Those that the end of the budget cut short, which happens in
// a run's last rollout alone, are left out.
static void list_segments(UpLearner *l, const UpRollout *r) {
    int64_t count = 0;
    for (int64_t t = 0; t + l->L <= r->length; t += l->L)
        for (int64_t n = 0; n < r->N; n++)
            if (r->valid[(t + l->L - 1) * r->N + n]) l->order[count++] = (uint32_t)(t * r->N + n);
    l->samples = count * l->L;
}

UpStatus up__learner_list(UpLearner *l, const UpRollout *r) {
    int64_t cells = r->length * r->N;
    if (cells > l->order_size) { // only where complete episodes made the rollout grow
        l->order_size = 2 * cells;
        l->order = up_arena_alloc(&l->arena, (size_t)l->order_size, sizeof *l->order);
        UP_TRY(up_arena_status(&l->arena));
    }
    if (l->M) l->L = r->segment < r->length ? r->segment : r->length;
    list_segments(l, r);
    return UP_OK;
}

// The cells of `count` samples from order[first / L] on, each step of all segments, then the next.
static const uint32_t *cells_of(UpLearner *l, const UpRollout *r, int64_t first, int64_t count) {
    const uint32_t *order = l->order + first / l->L;
    int64_t L = l->L, S = count / L;
    if (!l->M) return order;
    size_t M = (size_t)l->M, N = (size_t)r->N;
    for (int64_t i = 0; i < count; i++) {
        l->cell[i] = order[i % S] + (uint32_t)(i / S * r->N);
        l->begins[i] = r->begins[l->cell[i]];
    }
    for (size_t s = 0; s < (size_t)S; s++) {
        size_t segment = order[s] / N / (size_t)r->segment * N + order[s] % N;
        memcpy(l->memory + s * M, r->memory + segment * M, M * sizeof *l->memory);
    }
    l->seen = (UpSeen){&l->obs, L, l->begins, l->memory, NULL};
    return l->cell;
}

void up__learner_gather(UpLearner *l, const UpRollout *r, int64_t first, int64_t count) {
    const uint32_t *cells = cells_of(l, r, first, count);
    up__obs_gather(&r->obs, cells, count, &l->obs);
    for (int64_t i = 0; i < count; i++) {
        size_t cell = cells[i], A = (size_t)r->A;
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
    UpPolicyOut out = up_policy_forward(p, l->seen, UP_HEADS_ALL);
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
    up_policy_backward(p, l->seen, l->d_param, loss->value_weight > 0 ? l->d_value : NULL);
    sums->policy += part.policy;
    sums->value += part.value;
    sums->entropy += part.entropy;
    sums->kl += part.kl;
    sums->clipped += part.clipped;
    return UP_OK;
}

double up__learner_rate(const UpLearner *l) {
    const UpOptimDef *def = &l->config->optim;
    return up_schedule((UpSchedule)def->schedule, def->learning_rate, def->learning_rate_end,
                       l->done);
}

UpStatus up__learner_step(UpLearner *l, const UpRollout *r, UpUpdateStats *stats) {
    double rate = stats->learning_rate = up__learner_rate(l);
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
    int64_t most = l->rows / l->L * l->L;
    for (int64_t done = 0, piece; done < count; done += piece) {
        piece = count - done < most ? count - done : most;
        UP_TRY(up__learner_gradient(l, r, loss, first + done, piece, false, sums));
    }
    return UP_OK;
}

UpStatus up__learner_full_step(UpLearner *l, const UpRollout *r, const UpLoss *loss,
                               UpUpdateStats *stats) {
    UpLossSums sums = {0};
    UP_TRY(up__learner_pieces(l, r, loss, 0, l->samples, &sums));
    double samples = (double)l->samples;
    stats->policy_loss = sums.policy * loss->policy_weight;
    stats->value_loss = l->policy->has_value ? sums.value / samples : NAN;
    stats->entropy = sums.entropy / samples;
    stats->loss =
        stats->policy_loss + loss->value_weight * sums.value - loss->entropy_weight * sums.entropy;
    return up__learner_step(l, r, stats);
}

UpStatus up__learner_policy_step(UpLearner *l, const UpRollout *r, double entropy_weight,
                                 UpUpdateStats *stats) {
    UP_TRY(up__learner_list(l, r));
    double samples = (double)l->samples;
    UpLoss loss = {.policy_weight = 1 / samples, .entropy_weight = entropy_weight / samples};
    return up__learner_full_step(l, r, &loss, stats);
}
