// Actor-critic on a learned Q (Sutton 2000; off policy: Degris 2012): the critic is Q-learning's,
// on replayed steps, under the policy as it is now; the actor follows the advantage Q − V, V = Σ π
// Q, of every action of the states that were drawn (Ciosek & Whiteson 2018), so that no importance
// weights are needed.
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "algo/algo_internal.h"

#define ROW(field, fallback, max, help, source)                                                    \
    {                                                                                              \
#field, UP_OPTION_REAL, offsetof(UpQActorCriticDef, field), fallback, 0, max, NULL, "",    \
            help, source, NULL                                                                     \
    }

static const UpOption rows[] = {
    ROW(tau, "0.01", 1, "share of the target network that each update renews", "Lillicrap 2016"),
    ROW(critic_rate, "0.001", 10, "learning rate of Q, by Adam", ""),
    ROW(entropy_weight, "0.01", 1e3, "weight of the entropy bonus", "Welleck 2020"),
};

static const UpOptionTable options = {"q-actor-critic", "actor-critic on a replayed Q", rows,
                                      sizeof rows / sizeof *rows};

typedef struct QActorCritic {
    UpReplayed memory;
    UpPolicy critic; // whose outputs are Q
    UpReal *target;  // (critic.size) kept, as the critic's own
    UpReal *y;       // (batch)
    UpReal *chance;  // (P) π(·|s) of one row
    UpOptim optim;   // of the critic
} QActorCritic;

static void defaults(UpConfig *c) {
    up__replayed_defaults(c);
    c->rollout.envs = 8;
    c->replay.size = 100000;
    c->replay.batch = 128;
    c->replay.start = 1000;
    c->replay.updates = 0.25;
    c->optim.learning_rate = 1e-3;
}

static void release(UpLearner *l) {
    QActorCritic *q = l->own;
    up_policy_destroy(&q->critic);
}

static UpStatus create_critic(UpLearner *l, QActorCritic *q) {
    const UpConfig *c = l->config;
    const UpPolicy *p = l->policy;
    UpEnvSpec spec = {.obs = p->obs_space,
                      .action = p->action_space,
                      .obs_form = p->obs_form,
                      .stack = p->stack,
                      .mask_size = q->memory.replay.frames.mask_size};
    UpPolicyDef def = c->policy;
    def.gain_policy = 1; // its outputs are values
    UP_TRY(up_policy_create(&q->critic, &def, &spec, false, c->replay.batch,
                            (uint64_t)c->train.seed + 1));
    l->release = release;
    q->critic.pool = l->pool;
    UpOptimDef adam = up_optim_def_default();
    adam.max_grad_norm = c->optim.max_grad_norm;
    UP_TRY(up_optim_create(&q->optim, &adam, q->critic.size, &l->arena));
    static const char *const names[] = {"critic.first", "critic.second", "critic.steps"};
    up_optim_keep(&q->optim, l->keep, names);
    q->target = up_arena_alloc(&l->arena, q->critic.size, sizeof *q->target);
    UP_TRY(up_arena_status(&l->arena));
    memcpy(q->target, q->critic.param, q->critic.size * sizeof *q->target);
    up__keep_block(l->keep, "critic.param", q->critic.param, q->critic.size);
    up__keep_block(l->keep, "critic.target", q->target, q->critic.size);
    return UP_OK;
}

static UpStatus prepare(UpLearner *l, const UpRollout *r) {
    UP_TRY(up__values_check(l));
    QActorCritic *q = l->own = up_arena_alloc(&l->arena, 1, sizeof *q);
    UP_TRY(up_arena_status(&l->arena));
    UP_TRY(up__replayed_prepare(l, r, &q->memory));
    q->y = up_arena_alloc(&l->arena, (size_t)l->config->replay.batch, sizeof *q->y);
    q->chance = up_arena_alloc(&l->arena, (size_t)l->policy->dist.params, sizeof *q->chance);
    UP_TRY(up_arena_status(&l->arena));
    return create_critic(l, q);
}

static void act(void *user, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                UpReal *value) {
    UpLearner *l = user;
    QActorCritic *q = l->own;
    const UpDist *dist = &l->policy->dist;
    const UpReal *logit = up_policy_forward(l->policy, seen, UP_HEADS_POLICY).param;
    for (int64_t i = 0; i < seen.obs->rows; i++) {
        const UpReal *row = logit + i * dist->params;
        if (up__replayed_random(&q->memory))
            action[i] = (float)up__epsilon_greedy(row, dist->params, 1, &rng[i]);
        else
            up_dist_sample(dist, row, NULL, &rng[i], &action[i]);
        log_prob[i] = value[i] = 0;
    }
}

static UpActor actor(UpLearner *l) {
    return (UpActor){.user = l, .act = act, .value = up__no_value};
}

// ---------------------------------------------------------------------------------------------------
// Learning

// π(·|s) of a row of logits, and Σ π Q.
static UpReal expect(const UpReal *logit, const UpReal *value, int64_t P, UpReal *chance) {
    UpReal most = logit[up__best_action(logit, P)], sum = 0, mean = 0;
    for (int64_t a = 0; a < P; a++)
        sum += chance[a] = (UpReal)exp((double)(logit[a] - most));
    for (int64_t a = 0; a < P; a++) {
        chance[a] /= sum;
        if (chance[a] > 0) mean += chance[a] * value[a];
    }
    return mean;
}

// y = r + γ^n Σ_a π(a|s') Q_target(s', a)
static void find_targets(UpLearner *l, QActorCritic *q) {
    const UpReplayBatch *b = &q->memory.batch;
    int64_t P = l->policy->dist.params;
    UpObs next = up__replayed_obs(&q->memory, true);
    UpPolicy target = q->critic;
    target.param = q->target;
    const UpReal *logit = up_policy_forward(l->policy, up_seen(&next), UP_HEADS_POLICY).param;
    const UpReal *value = up_policy_forward(&target, up_seen(&next), UP_HEADS_POLICY).param;
    for (int64_t i = 0; i < b->rows; i++) {
        UpReal v = b->discount[i] > 0 ? expect(logit + i * P, value + i * P, P, q->chance) : 0;
        q->y[i] = b->reward[i] + b->discount[i] * v;
    }
}

// One step down mean ½ w (Q(s, a) − y)².
static UpStatus learn_values(UpLearner *l, QActorCritic *q, UpUpdateStats *stats) {
    UpReplayed *m = &q->memory;
    const UpReplayBatch *b = &m->batch;
    int64_t P = l->policy->dist.params;
    UpObs obs = up__replayed_obs(m, false);
    const UpReal *value = up_policy_forward(&q->critic, up_seen(&obs), UP_HEADS_POLICY).param;
    memset(l->d_param, 0, (size_t)(b->rows * P) * sizeof *l->d_param);
    double loss = 0, sum = 0;
    for (int64_t i = 0; i < b->rows; i++) {
        int64_t at = i * P + (int64_t)b->action[i];
        UpReal error = m->error[i] = value[at] - q->y[i];
        l->d_param[at] = b->weight[i] * error / (UpReal)b->rows;
        loss += 0.5 * (double)(b->weight[i] * error * error);
        sum += (double)value[at];
    }
    stats->value_loss += loss / (double)b->rows;
    stats->q_value += sum / (double)b->rows;
    up_policy_backward(&q->critic, up_seen(&obs), l->d_param, NULL);
    double norm = up_optim_step(&q->optim, l->config->q_actor_critic.critic_rate, q->critic.param,
                                q->critic.grad, l->pool);
    return isfinite(norm) ? UP_OK
                          : up__learner_not_finite(l, m->rollout, "q-actor-critic.critic_rate");
}

// One step down mean −Σ_a π(a|s) A(s, a) − w_H H, A = Q − V held fast. Of the first, the derivative
// with respect to a logit is −π A, as Σ π A = 0.
static UpStatus improve_policy(UpLearner *l, QActorCritic *q, UpUpdateStats *stats) {
    const UpDist *dist = &l->policy->dist;
    int64_t P = dist->params, B = q->memory.batch.rows;
    UpReal weight = (UpReal)(l->config->q_actor_critic.entropy_weight / (double)B);
    UpObs obs = up__replayed_obs(&q->memory, false);
    const UpReal *value = up_policy_forward(&q->critic, up_seen(&obs), UP_HEADS_POLICY).param;
    const UpReal *logit = up_policy_forward(l->policy, up_seen(&obs), UP_HEADS_POLICY).param;
    memset(l->d_param, 0, (size_t)(B * P) * sizeof *l->d_param);
    double entropy = 0, sum = 0;
    for (int64_t i = 0; i < B; i++) {
        const UpReal *row = logit + i * P;
        UpReal *d = l->d_param + i * P, v = expect(row, value + i * P, P, q->chance);
        const float *action = &q->memory.batch.action[i];
        UpReal h;
        UpDistKept kept;
        up_dist_evaluate(dist, row, NULL, action, &h, &kept);
        up_dist_backward(dist, row, NULL, action, &kept, 0, -weight, d, NULL);
        for (int64_t a = 0; a < P; a++)
            if (q->chance[a] > 0) d[a] -= q->chance[a] * (value[i * P + a] - v) / (UpReal)B;
        entropy += (double)h;
        sum += (double)v;
    }
    stats->entropy += entropy / (double)B;
    stats->policy_loss -= sum / (double)B;
    up_policy_backward(l->policy, up_seen(&obs), l->d_param, NULL);
    return up__learner_step(l, q->memory.rollout, stats);
}

static UpStatus update(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    QActorCritic *q = l->own;
    UpReplayed *m = &q->memory;
    int64_t updates = up__replayed_add(m, r);
    if (updates == 0) return UP_OK;
    double *mean[] = {&stats->value_loss, &stats->q_value, &stats->policy_loss, &stats->entropy};
    for (size_t i = 0; i < sizeof mean / sizeof *mean; i++)
        *mean[i] = 0;
    for (int64_t k = 0; k < updates; k++) {
        up_replay_draw(&m->replay, &l->shuffle, l->done, &m->batch);
        find_targets(l, q);
        UP_TRY(learn_values(l, q, stats));
        UP_TRY(improve_policy(l, q, stats));
        up__polyak(q->critic.size, l->config->q_actor_critic.tau, q->critic.param, q->target);
        up_replay_prioritise(&m->replay, &m->batch, m->error);
    }
    for (size_t i = 0; i < sizeof mean / sizeof *mean; i++)
        *mean[i] /= (double)updates;
    return UP_OK;
}

const UpAlgo up__q_actor_critic = {
    .name = "q-actor-critic",
    .summary = "actor-critic on the advantage Q - V of a replayed Q",
    .options = &options,
    .def_offset = offsetof(UpConfig, q_actor_critic),
    .replays = true,
    .unread = UP__REPLAYED_UNREAD,
    .has_value = up__no_value_function,
    .defaults = defaults,
    .check = up__replayed_check,
    .minibatch = up__replayed_rows,
    .prepare = prepare,
    .actor = actor,
    .update = update,
};
