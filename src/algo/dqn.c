// Deep Q-learning (Mnih 2015), with the action of the target chosen by the network itself (double:
// van Hasselt 2016), with value and advantage apart (duelling: Wang 2016), from priorities (Schaul
// 2016) and over n steps (Hessel 2018). The policy's outputs are Q, or duelling A: its mode acts
// greedily.
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "algo/algo_internal.h"

#define ROW(name, field, type, fallback, min, max, unit, help, source, when)                       \
    { name, type, offsetof(UpDqnDef, field), fallback, min, max, NULL, unit, help, source, when }

static const UpOption rows[] = {
    ROW("double", double_q, UP_OPTION_BOOL, "true", 0, 1, "",
        "the network chooses the action that the target network values", "van Hasselt 2016", NULL),
    ROW("duelling", duelling, UP_OPTION_BOOL, "false", 0, 1, "",
        "Q = V + A - mean A, with the policy's value function as V", "Wang 2016", NULL),
    ROW("epsilon_start", epsilon_start, UP_OPTION_REAL, "1", 0, 1, "",
        "share of random actions at the start", "Mnih 2015", NULL),
    ROW("epsilon_end", epsilon_end, UP_OPTION_REAL, "0.05", 0, 1, "", "and later",
        "Stable-Baselines3", NULL),
    ROW("epsilon_share", epsilon_share, UP_OPTION_REAL, "0.1", 0, 1, "",
        "share of training in which it falls from one to the other", "Stable-Baselines3", NULL),
    ROW("target_every", target_every, UP_OPTION_INT, "10000", 1, 9e15, "steps",
        "of the environment between two copies of the network into the target network", "Mnih 2015",
        NULL),
};

static const UpOptionTable options = {"dqn", "deep Q-learning", rows, sizeof rows / sizeof *rows};

typedef struct Dqn {
    UpReplayed memory;
    UpReal *target;   // (policy.size) parameters of the target network; kept
    UpReal *next;     // (batch) value of what follows
    uint32_t *choice; // (batch) double: the actions that it is taken of
} Dqn;

static void defaults(UpConfig *c) {
    up__replayed_defaults(c);
    c->replay.batch = 32;
    c->replay.updates = 0.25;
    c->optim.learning_rate = 1e-4;
    c->optim.max_grad_norm = 10;
}

static bool has_value(const UpConfig *c) {
    return c->dqn.duelling;
}

static UpStatus prepare(UpLearner *l, const UpRollout *r) {
    UP_TRY(up__values_check(l));
    Dqn *d = up_arena_alloc(&l->arena, 1, sizeof *d);
    size_t size = l->policy->size, batch = (size_t)l->config->replay.batch;
    UpReal *target = up_arena_alloc(&l->arena, size, sizeof *target);
    UpReal *next = up_arena_alloc(&l->arena, batch, sizeof *next);
    uint32_t *choice = up_arena_alloc(&l->arena, batch, sizeof *choice);
    UP_TRY(up_arena_status(&l->arena));
    l->own = d;
    UP_TRY(up__replayed_prepare(l, r, &d->memory));
    d->target = memcpy(target, l->policy->param, size * sizeof *target);
    d->next = next;
    d->choice = choice;
    up__keep_block(l->keep, "dqn.target", target, size);
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Acting

static double epsilon(const UpLearner *l) {
    const Dqn *d = l->own;
    const UpDqnDef *def = &l->config->dqn;
    if (up__replayed_random(&d->memory)) return 1;
    double done = (double)d->memory.rollout->steps / (double)l->config->train.steps;
    return up__epsilon(def->epsilon_start, def->epsilon_end, def->epsilon_share, done);
}

static void act(void *user, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                UpReal *value) {
    UpLearner *l = user;
    int64_t P = l->policy->dist.params;
    double chance = epsilon(l);
    const UpReal *q = up_policy_forward(l->policy, seen, UP_HEADS_POLICY)
                          .param; // duelling: A, which has the same order
    for (int64_t i = 0; i < seen.obs->rows; i++) {
        action[i] = (float)up__epsilon_greedy(q + i * P, P, chance, &rng[i]);
        log_prob[i] = value[i] = 0;
    }
}

static UpActor actor(UpLearner *l) {
    return (UpActor){.user = l, .act = act, .value = up__no_value};
}

// ---------------------------------------------------------------------------------------------------
// Learning

// What is added to a row of the policy's outputs for Q: V − mean A over the actions that may be
// taken, or nothing. *count is how many may be.
static UpReal offset(const UpPolicyOut *out, int64_t row, int64_t P, int64_t *count) {
    const UpReal *a = out->param + row * P;
    UpReal sum = 0;
    *count = 0;
    for (int64_t j = 0; j < P; j++) {
        if (!isfinite(a[j])) continue;
        sum += a[j];
        ++*count;
    }
    return out->value && *count > 0 ? out->value[row] - sum / (UpReal)*count : 0;
}

// next = Q_target(s', a*), with a* = argmax Q_target, or double argmax Q.
static void value_next(UpLearner *l, Dqn *d) {
    UpPolicy target = *l->policy;
    target.param = d->target;
    UpObs obs = up__replayed_obs(&d->memory, true);
    int64_t P = l->policy->dist.params, count;
    if (l->config->dqn.double_q) {
        const UpReal *q = up_policy_forward(l->policy, up_seen(&obs), UP_HEADS_POLICY).param;
        for (int64_t i = 0; i < obs.rows; i++)
            d->choice[i] = (uint32_t)up__best_action(q + i * P, P);
    }
    UpPolicyOut out = up_policy_forward(&target, up_seen(&obs), UP_HEADS_ALL);
    for (int64_t i = 0; i < obs.rows; i++) {
        const UpReal *q = out.param + i * P;
        int64_t a = l->config->dqn.double_q ? d->choice[i] : up__best_action(q, P);
        d->next[i] = q[a] + offset(&out, i, P, &count);
    }
}

// Adds the gradient of mean w · huber(Q(s, a) − r − γ^n next), which is ½ δ² within 1 and |δ| − ½
// beyond.
static void add_gradient(UpLearner *l, Dqn *d, UpUpdateStats *stats) {
    const UpReplayBatch *b = &d->memory.batch;
    UpObs obs = up__replayed_obs(&d->memory, false);
    int64_t P = l->policy->dist.params, count;
    UpPolicyOut out = up_policy_forward(l->policy, up_seen(&obs), UP_HEADS_ALL);
    double loss = 0, values = 0;
    for (int64_t i = 0; i < obs.rows; i++) {
        int64_t a = (int64_t)b->action[i];
        UpReal q = out.param[i * P + a] + offset(&out, i, P, &count);
        UpReal error = q - b->reward[i] - (b->discount[i] > 0 ? b->discount[i] * d->next[i] : 0);
        UpReal size = error < 0 ? -error : error, slope = size < 1 ? error : error < 0 ? -1 : 1;
        UpReal g = b->weight[i] * slope / (UpReal)obs.rows;
        d->memory.error[i] = error;
        loss += (double)(b->weight[i] * (size < 1 ? size * size / 2 : size - (UpReal)0.5));
        values += (double)q;
        for (int64_t j = 0; j < P; j++)
            l->d_param[i * P + j] =
                out.value && isfinite(out.param[i * P + j]) ? -g / (UpReal)count : 0;
        l->d_param[i * P + a] += g;
        l->d_value[i] = g;
    }
    up_policy_backward(l->policy, up_seen(&obs), l->d_param, out.value ? l->d_value : NULL);
    stats->value_loss += loss / (double)obs.rows;
    stats->q_value += values / (double)obs.rows;
}

static UpStatus update(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    Dqn *d = l->own;
    UpReplayed *m = &d->memory;
    int64_t updates = up__replayed_add(m, r);
    stats->exploration = epsilon(l);
    if (up__replayed_passed(r, l->config->dqn.target_every))
        memcpy(d->target, l->policy->param, l->policy->size * sizeof *d->target);
    if (updates == 0) return UP_OK;
    stats->value_loss = stats->q_value = 0;
    for (int64_t k = 0; k < updates; k++) {
        up_replay_draw(&m->replay, &l->shuffle, l->done, &m->batch);
        value_next(l, d);
        add_gradient(l, d, stats);
        UP_TRY(up__learner_step(l, r, stats));
        up_replay_prioritise(&m->replay, &m->batch, m->error);
    }
    stats->value_loss /= (double)updates;
    stats->q_value /= (double)updates;
    return UP_OK;
}

const UpAlgo up__dqn = {
    .name = "dqn",
    .summary = "deep Q-learning from a replay (Mnih 2015)",
    .options = &options,
    .def_offset = offsetof(UpConfig, dqn),
    .replays = true,
    .unread = UP__REPLAYED_UNREAD,
    .certain = "values",
    .has_value = has_value,
    .defaults = defaults,
    .check = up__replayed_check,
    .minibatch = up__replayed_rows,
    .prepare = prepare,
    .actor = actor,
    .update = update,
};
