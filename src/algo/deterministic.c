// The deterministic policy gradient (Silver 2014), ∇J = E ∇_a Q(s, a) ∇ μ(s): what ddpg and td3
// share. One critic or two, targets with or without noise, a policy that steps now and then.
#include <math.h>
#include <string.h>

#include "algo/algo_internal.h"

typedef struct Deterministic {
    UpDeterministicDef def;
    UpReplayed memory;
    UpCritics critics;
    UpActor mode;     // the policy's
    UpReal *target;   // (policy.size) parameters of the target policy; kept
    UpReal *action;   // (batch, A)
    UpReal *y;        // (batch)
    int64_t improved; // steps of the policy in this call
} Deterministic;

UpStatus up__deterministic_check(const UpConfig *c) {
    return up__box_check(c, UP_BOX_TANH);
}

UpStatus up__deterministic_prepare(UpLearner *l, const UpRollout *r, UpDeterministicDef def) {
    Deterministic *d = l->own = up_arena_alloc(&l->arena, 1, sizeof *d);
    UP_TRY(up_arena_status(&l->arena));
    d->def = def;
    UP_TRY(up__replayed_prepare(l, r, &d->memory));
    UP_TRY(up__critics_prepare(l, &d->memory, def.critics, &d->critics));
    size_t batch = (size_t)d->memory.batch.rows, size = l->policy->size;
    d->action = up_arena_alloc(&l->arena, batch * (size_t)r->A, sizeof *d->action);
    d->y = up_arena_alloc(&l->arena, batch, sizeof *d->y);
    d->target = up_arena_alloc(&l->arena, size, sizeof *d->target);
    UP_TRY(up_arena_status(&l->arena));
    memcpy(d->target, l->policy->param, size * sizeof *d->target);
    up__keep_block(l->keep, "policy.target", d->target, size);
    d->mode = up_policy_actor(l->policy);
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Acting

static double held(double action, double low, double high) {
    return action < low ? low : action > high ? high : action;
}

// Adds N(0, σ²), in units of half the Box, within `clip` of it and within the Box.
static double disturbed(const UpSpace *space, int64_t a, double action, double sigma, double clip,
                        UpRng *rng) {
    double low = (double)up_space_low(space, a), high = (double)up_space_high(space, a);
    double noise = held(sigma * up_rng_normal(rng), -clip, clip);
    return held(action + noise * (high - low) / 2, low, high);
}

static void act(void *user, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                UpReal *value) {
    UpLearner *l = user;
    Deterministic *d = l->own;
    const UpSpace *space = &l->policy->action_space;
    d->mode.act(d->mode.user, seen, rng, action, log_prob, value);
    if (up__replayed_random(&d->memory)) {
        up__box_random(space, seen.obs->rows, rng, action);
        return;
    }
    for (int64_t i = 0; i < seen.obs->rows; i++)
        for (int64_t a = 0; a < space->size; a++) {
            float *number = &action[i * space->size + a];
            *number = (float)disturbed(space, a, (double)*number, d->def.noise, INFINITY, &rng[i]);
        }
}

UpActor up__deterministic_actor(UpLearner *l) {
    return (UpActor){.user = l, .act = act, .value = up__no_value};
}

// ---------------------------------------------------------------------------------------------------
// Learning

static const UpReal *find_actions(UpPolicy *p, const UpObs *obs, UpReal *action) {
    const UpReal *param = up_policy_forward(p, up_seen(obs), UP_HEADS_POLICY).param;
    for (int64_t i = 0; i < obs->rows; i++)
        up_dist_pathwise(&p->dist, param + i * p->dist.params, NULL, action + i * p->dist.actions);
    return param;
}

// y = r + γ^n min Q_target(s', μ_target(s') + noise)
static void find_targets(UpLearner *l, Deterministic *d) {
    const UpReplayBatch *b = &d->memory.batch;
    const UpSpace *space = &l->policy->action_space;
    UpCritics *c = &d->critics;
    UpPolicy target = *l->policy;
    target.param = d->target;
    UpObs next = up__replayed_obs(&d->memory, true);
    find_actions(&target, &next, d->action);
    for (int64_t i = 0; d->def.target_noise > 0 && i < b->rows * c->actions; i++)
        d->action[i] = (UpReal)disturbed(space, i % c->actions, (double)d->action[i],
                                         d->def.target_noise, d->def.target_clip, &l->shuffle);
    up__critics_see(c, &next);
    up__critics_act(c, d->action);
    up__critics_least(c, c->target, l->pool);
    for (int64_t i = 0; i < b->rows; i++)
        d->y[i] = b->reward[i] + b->discount[i] * c->least[i];
}

// One step up mean Q(s, μ(s)) of the first critic.
static UpStatus improve_policy(UpLearner *l, Deterministic *d, UpUpdateStats *stats) {
    const UpDist *dist = &l->policy->dist;
    UpCritics first = d->critics;
    first.count = 1;
    UpObs obs = up__replayed_obs(&d->memory, false);
    const UpReal *param = find_actions(l->policy, &obs, d->action);
    up__critics_act(&first, d->action); // the observations are there from learning
    up__critics_least(&first, first.param, l->pool);
    up__critics_gradient(&first, -1 / (double)first.rows, l->pool);
    memset(l->d_param, 0, (size_t)(first.rows * dist->params) * sizeof *l->d_param);
    double value = 0;
    for (int64_t i = 0; i < first.rows; i++) {
        up_dist_pathwise_backward(dist, param + i * dist->params, NULL,
                                  first.d_action + i * dist->actions, 0,
                                  l->d_param + i * dist->params);
        value += (double)first.least[i];
    }
    stats->policy_loss -= value / (double)first.rows;
    d->improved++;
    up_policy_backward(l->policy, up_seen(&obs), l->d_param, NULL);
    return up__learner_step(l, d->memory.rollout, stats);
}

static UpStatus update_once(UpLearner *l, Deterministic *d, UpUpdateStats *stats) {
    UpReplayed *m = &d->memory;
    up_replay_draw(&m->replay, &l->shuffle, l->done, &m->batch);
    find_targets(l, d);
    UP_TRY(up__critics_learn(l, m, &d->critics, d->y, stats));
    up_replay_prioritise(&m->replay, &m->batch, m->error);
    if (d->critics.optim.steps % d->def.delay != 0) return UP_OK;
    UP_TRY(improve_policy(l, d, stats));
    up__polyak(d->critics.size, d->def.tau, d->critics.param, d->critics.target);
    up__polyak(l->policy->size, d->def.tau, l->policy->param, d->target);
    return UP_OK;
}

UpStatus up__deterministic_update(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    Deterministic *d = l->own;
    int64_t updates = up__replayed_add(&d->memory, r);
    if (updates == 0) return UP_OK;
    stats->value_loss = stats->q_value = stats->policy_loss = 0;
    d->improved = 0;
    for (int64_t k = 0; k < updates; k++)
        UP_TRY(update_once(l, d, stats));
    stats->value_loss /= (double)updates;
    stats->q_value /= (double)updates;
    stats->policy_loss = d->improved > 0 ? stats->policy_loss / (double)d->improved : NAN;
    return UP_OK;
}
