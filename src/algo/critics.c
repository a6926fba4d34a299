// Q(s, a) where actions are numbers: the action stands behind the observation in what the network
// reads. Two networks, of which the smaller counts, hold back what a maximum overestimates
// (Fujimoto 2018). Each network is one task: what one does, no other sees.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "algo/algo_internal.h"

// ---------------------------------------------------------------------------------------------------
// Making

static UpStatus describe(UpLearner *l, UpCritics *c) {
    const UpPolicyDef *def = &l->config->policy;
    for (int k = 0; k < c->count; k++)
        c->net[k] = up_net_mlp(c->obs + c->actions, def->hidden.value, (int)def->hidden.count, 1,
                               (UpActivation)def->activation, def->bias, &c->size);
    c->param = up_arena_alloc(&l->arena, c->size, sizeof *c->param);
    c->target = up_arena_alloc(&l->arena, c->size, sizeof *c->target);
    c->grad = up_arena_alloc(&l->arena, c->size, sizeof *c->grad);
    UP_TRY(up_arena_status(&l->arena));
    for (int k = 0; k < c->count; k++) {
        UpRng rng;
        up_rng_stream(&rng, (uint64_t)l->config->train.seed, UP_STREAM_INIT, (uint32_t)k + 1);
        for (int i = 0; i < c->net[k].layers; i++) {
            bool last = i == c->net[k].layers - 1;
            UP_TRY(up_layer_init(&c->net[k].layer[i], (UpInit)def->init,
                                 last ? 1 : def->gain_hidden, c->param, &rng));
        }
    }
    memcpy(c->target, c->param, c->size * sizeof *c->target);
    return UP_OK;
}

UpStatus up__critics_prepare(UpLearner *l, const UpReplayed *m, int count, UpCritics *c) {
    const UpReplay *replay = &m->replay;
    UpSpaceKind seen = l->policy->obs_space.kind;
    if (seen == UP_SPACE_DISCRETE || seen == UP_SPACE_MULTI_DISCRETE)
        return up_fail(UP_UNSUPPORTED,
                       "%s reads observations that are numbers, and those of %s "
                       "are discrete",
                       l->config->train.algo, l->config->env.id);
    *c = (UpCritics){.count = count,
                     .rows = m->batch.rows,
                     .obs = replay->frames.dim * replay->stack,
                     .actions = replay->A};
    UP_TRY(describe(l, c));
    UpArena *arena = &l->arena;
    size_t rows = (size_t)c->rows, in = (size_t)(c->obs + c->actions);
    c->input = up_arena_alloc(arena, rows * in, sizeof *c->input);
    c->least = up_arena_alloc(arena, rows, sizeof *c->least);
    c->d_action = up_arena_alloc(arena, rows * (size_t)c->actions, sizeof *c->d_action);
    for (int k = 0; k < count; k++) {
        c->d_out[k] = up_arena_alloc(arena, rows, sizeof(UpReal));
        c->d_input[k] = up_arena_alloc(arena, rows * in, sizeof(UpReal));
        UP_TRY(up_net_cache_create(&c->cache[k], &c->net[k], c->rows, arena));
    }
    UP_TRY(up_arena_status(arena));
    UP_TRY(up_optim_create(&c->optim, &l->config->optim, c->size, arena));
    static const char *const names[] = {"critic.first", "critic.second", "critic.steps"};
    up_optim_keep(&c->optim, l->keep, names);
    up__keep_block(l->keep, "critic.param", c->param, c->size);
    up__keep_block(l->keep, "critic.target", c->target, c->size);
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Reading

static UpReal number_of(const UpObs *obs, int64_t at) {
    return obs->f32 ? (UpReal)obs->f32[at] : (UpReal)obs->u8[at] / 255;
}

void up__critics_see(UpCritics *c, const UpObs *obs) {
    int64_t frames = obs->frame ? obs->stack : 1, in = c->obs + c->actions;
    for (int64_t i = 0; i < c->rows; i++)
        for (int64_t j = 0; j < frames; j++) {
            int64_t from = (obs->frame ? obs->frame[i * frames + j] : i) * obs->dim;
            UpReal *to = c->input + i * in + j * obs->dim;
            for (int64_t d = 0; d < obs->dim; d++)
                to[d] = number_of(obs, from + d);
        }
}

void up__critics_act(UpCritics *c, const UpReal *action) {
    int64_t in = c->obs + c->actions;
    for (int64_t i = 0; i < c->rows; i++)
        memcpy(c->input + i * in + c->obs, action + i * c->actions,
               (size_t)c->actions * sizeof *action);
}

typedef struct Task {
    UpCritics *c;
    const UpReal *block;
    const UpReal *y, *weight;
    double scale;
} Task;

static const UpReal *forward(const Task *t, int k) {
    UpCritics *c = t->c;
    return up_net_forward(&c->net[k], t->block, (UpInput){.real = c->input}, c->rows, &c->cache[k],
                          NULL);
}

static void forward_task(void *context, int k) {
    forward(context, k);
}

static const UpReal *value_of(const UpCritics *c, int k) {
    return c->cache[k].out[c->net[k].layers - 1];
}

void up__critics_least(UpCritics *c, const UpReal *block, UpPool *pool) {
    Task task = {.c = c, .block = block};
    up_pool_run(pool, c->count, forward_task, &task);
    memcpy(c->least, value_of(c, 0), (size_t)c->rows * sizeof *c->least);
    for (int64_t i = 0; c->count > 1 && i < c->rows; i++)
        if (value_of(c, 1)[i] < c->least[i]) c->least[i] = value_of(c, 1)[i];
}

// ---------------------------------------------------------------------------------------------------
// Gradients

// Of the rows in which this network's Q is the smaller.
static void input_task(void *context, int k) {
    const Task *t = context;
    UpCritics *c = t->c;
    const UpReal *other = c->count > 1 ? value_of(c, 1 - k) : NULL, *mine = value_of(c, k);
    for (int64_t i = 0; i < c->rows; i++) {
        bool counts = !other || (k == 0 ? mine[i] <= other[i] : mine[i] < other[i]);
        c->d_out[k][i] = counts ? (UpReal)t->scale : 0;
    }
    memset(c->d_input[k], 0, (size_t)(c->rows * (c->obs + c->actions)) * sizeof(UpReal));
    up_net_backward(&c->net[k], t->block, (UpInput){.real = c->input}, c->rows, &c->cache[k],
                    c->d_out[k], NULL, c->d_input[k], NULL);
}

void up__critics_gradient(UpCritics *c, double scale, UpPool *pool) {
    Task task = {.c = c, .block = c->param, .scale = scale};
    up_pool_run(pool, c->count, input_task, &task);
    int64_t in = c->obs + c->actions;
    for (int64_t i = 0; i < c->rows; i++)
        for (int64_t a = 0; a < c->actions; a++) {
            UpReal sum = 0;
            for (int k = 0; k < c->count; k++)
                sum += c->d_input[k][i * in + c->obs + a];
            c->d_action[i * c->actions + a] = sum;
        }
}

static void learn_task(void *context, int k) {
    const Task *t = context;
    UpCritics *c = t->c;
    const UpReal *q = forward(t, k);
    c->loss[k] = c->value[k] = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        UpReal error = q[i] - t->y[i];
        c->d_out[k][i] = t->weight[i] * error / (UpReal)c->rows;
        c->loss[k] += 0.5 * (double)(t->weight[i] * error * error);
        c->value[k] += (double)q[i];
    }
    up_net_backward(&c->net[k], t->block, (UpInput){.real = c->input}, c->rows, &c->cache[k],
                    c->d_out[k], c->grad, NULL, NULL);
}

UpStatus up__critics_learn(UpLearner *l, UpReplayed *m, UpCritics *c, const UpReal *y,
                           UpUpdateStats *stats) {
    Task task = {.c = c, .block = c->param, .y = y, .weight = m->batch.weight};
    int64_t in = c->obs + c->actions;
    UpObs obs = up__replayed_obs(m, false);
    up__critics_see(c, &obs);
    for (int64_t i = 0; i < c->rows; i++)
        for (int64_t a = 0; a < c->actions; a++)
            c->input[i * in + c->obs + a] = (UpReal)m->batch.action[i * c->actions + a];
    up_pool_run(l->pool, c->count, learn_task, &task);
    for (int64_t i = 0; i < c->rows; i++)
        m->error[i] = value_of(c, 0)[i] - y[i];
    for (int k = 0; k < c->count; k++) {
        stats->value_loss += c->loss[k] / (double)(c->rows * c->count);
        stats->q_value += c->value[k] / (double)(c->rows * c->count);
    }
    double norm = up_optim_step(&c->optim, up__learner_rate(l), c->param, c->grad, l->pool);
    return isfinite(norm) ? UP_OK : up__learner_not_finite(l, m->rollout, "optim.learning_rate");
}

// ---------------------------------------------------------------------------------------------------
// Actions of a Box

UpStatus up__box_check(const UpConfig *c, int box) {
    UP_TRY(up__replayed_check(c));
    if (c->policy.box != box)
        return up_fail(UP_USAGE, "%s needs policy.box = %s", c->train.algo,
                       box == UP_BOX_TANH ? "tanh" : "squashed");
    if (c->policy.hidden.count == 0)
        return up_fail(UP_USAGE, "%s needs hidden layers: set policy.hidden", c->train.algo);
    return UP_OK;
}

void up__box_random(const UpSpace *space, int64_t rows, UpRng *rng, float *action) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t a = 0; a < space->size; a++)
            action[i * space->size + a] = (float)up_rng_uniform(
                &rng[i], (double)up_space_low(space, a), (double)up_space_high(space, a));
}

bool up__no_value_function(const UpConfig *c) {
    (void)c;
    return false;
}
