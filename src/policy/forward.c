// What a policy is made of, and its way from observations to actions: all that acting needs.
#include <math.h>

#include "policy/policy_internal.h"

// Integers, which a network reads one-hot.
static bool is_discrete(const UpSpace *space) {
    return space->kind == UP_SPACE_DISCRETE || space->kind == UP_SPACE_MULTI_DISCRETE;
}

static void describe(UpPolicy *p, int64_t in) {
    const UpPolicyDef *def = &p->def;
    UpActivation activation = (UpActivation)def->activation;
    int hidden = (int)def->hidden.count;
    size_t offset = 0;
    if (def->shared) {
        p->trunk =
            up_mlp_describe(in, def->hidden.value, hidden, 0, activation, def->bias, &offset);
        if (hidden > 0) in = p->trunk.out;
        hidden = 0;
    }
    p->head = up_mlp_describe(in, def->hidden.value, hidden, p->dist.params, activation, def->bias,
                              &offset);
    if (p->has_value)
        p->critic =
            up_mlp_describe(in, def->hidden.value, hidden, 1, activation, def->bias, &offset);
    p->log_std = offset;
    if (p->dist.kind == UP_GAUSSIAN) offset += (size_t)p->dist.actions;
    p->size = offset;
}

static UpStatus check_spaces(const UpPolicy *p, const UpEnvSpec *spec) {
    if (spec->mask_size && spec->mask_size != p->dist.params)
        return up_fail(UP_UNSUPPORTED,
                       "%s masks its actions, which needs a choice among them; set "
                       "policy.bernoulli to false",
                       spec->id);
    if (is_discrete(&spec->obs) && up_space_flat(&spec->obs) > UP_SPARSE_DIM_MAX)
        return up_fail(UP_UNSUPPORTED,
                       "%s has %lld discrete observations, and a policy can tell %d apart",
                       spec->id, (long long)up_space_flat(&spec->obs), UP_SPARSE_DIM_MAX);
    return UP_OK;
}

UpStatus up__policy_describe(UpPolicy *p, const UpPolicyDef *def, const UpEnvSpec *spec,
                             bool value) {
    *p = (UpPolicy){.def = *def,
                    .obs_space = spec->obs,
                    .action_space = spec->action,
                    .obs_form = spec->obs_form,
                    .stack = spec->stack > 1 ? spec->stack : 1,
                    .has_value = value};
    UP_TRY(up_fail_in(
        up_dist_for_space(&p->dist, &spec->action, (UpBoxHead)def->box, def->bernoulli), spec->id));
    UP_TRY(check_spaces(p, spec));
    describe(p, up_space_flat(&spec->obs) * p->stack);
    return UP_OK;
}

UpStatus up__policy_allocate(UpPolicy *p, bool learns) {
    p->param = up_arena_alloc(&p->arena, p->size, sizeof *p->param);
    if (learns) p->grad = up_arena_alloc(&p->arena, p->size, sizeof *p->grad);
    UP_TRY(up_arena_status(&p->arena));
    if (!p->def.normalize_obs) return UP_OK;
    if (p->obs_form != UP_OBS_F32 || is_discrete(&p->obs_space))
        return up_fail(UP_USAGE,
                       "policy.normalize_obs works on numbers, and this environment has %s; set it "
                       "to false",
                       is_discrete(&p->obs_space) ? "discrete observations" : "pictures");
    size_t D = (size_t)p->obs_space.size;
    p->stats.mean = up_arena_alloc(&p->arena, D, sizeof(double));
    p->stats.var = up_arena_alloc(&p->arena, D, sizeof(double));
    UP_TRY(up_arena_status(&p->arena));
    for (size_t d = 0; d < D; d++)
        p->stats.var[d] = 1;
    p->stats.count = 1e-4; // as Gymnasium's RunningMeanStd
    return UP_OK;
}

void up_policy_destroy(UpPolicy *p) {
    up_arena_free(&p->arena);
    up_arena_free(&p->cache_arena);
    *p = (UpPolicy){0};
}

static UpStatus reserve_one_hot(UpPolicy *p, int64_t rows) {
    UpObs *obs = &p->one_hot;
    size_t size = (size_t)p->obs_space.size;
    *obs = (UpObs){.form = UP_OBS_SPARSE, .dim = up_space_flat(&p->obs_space)};
    obs->entry = up_arena_alloc(&p->cache_arena, (size_t)rows * size, sizeof *obs->entry);
    obs->begin = up_arena_alloc(&p->cache_arena, (size_t)rows, sizeof *obs->begin);
    obs->count = up_arena_alloc(&p->cache_arena, (size_t)rows, sizeof *obs->count);
    UP_TRY(up_arena_status(&p->cache_arena));
    for (size_t i = 0; i < (size_t)rows; i++) {
        obs->begin[i] = i * size;
        obs->count[i] = (uint32_t)size;
    }
    return UP_OK;
}

UpStatus up_policy_reserve(UpPolicy *p, int64_t rows) {
    if (rows <= p->rows) return UP_OK;
    up_arena_free(&p->cache_arena);
    p->rows = 0;
    UP_TRY(up_mlp_cache_create(&p->trunk_cache, &p->trunk, rows, &p->cache_arena));
    UP_TRY(up_mlp_cache_create(&p->head_cache, &p->head, rows, &p->cache_arena));
    if (p->has_value)
        UP_TRY(up_mlp_cache_create(&p->critic_cache, &p->critic, rows, &p->cache_arena));
    if (p->trunk.layers > 0)
        p->d_trunk = up_arena_alloc(&p->cache_arena, (size_t)(rows * p->trunk.out), sizeof(UpReal));
    UP_TRY(up_arena_status(&p->cache_arena));
    if (is_discrete(&p->obs_space)) UP_TRY(reserve_one_hot(p, rows));
    p->rows = rows;
    return UP_OK;
}

// The rows as the network reads them: of a discrete space, as Gymnasium's flatten writes them.
const UpObs *up__policy_seen(UpPolicy *p, const UpObs *obs) {
    if (!is_discrete(&p->obs_space)) return obs;
    UpObs *to = &p->one_hot;
    const UpSpace *space = &p->obs_space;
    to->rows = obs->rows;
    for (int64_t i = 0; i < obs->rows; i++) {
        UpSparseEntry *entry = to->entry + to->begin[i];
        int64_t first = 0;
        for (int64_t c = 0; c < space->size; c++) {
            int64_t n = space->kind == UP_SPACE_DISCRETE ? space->n : space->choices[c];
            float value = obs->f32[i * obs->dim + c];
            bool inside = value >= 0 && value < (float)n; // a wrong one must do no harm
            entry[c] = (UpSparseEntry)(2 * (first + (inside ? (int64_t)value : 0)));
            first += n;
        }
    }
    return to;
}

// Actions that may not be taken have no probability: their logits, the network's last outputs, are
// overwritten. Nothing flows back into them.
static void apply_mask(UpPolicy *p, const UpObs *obs) {
    if (!obs->mask) return;
    UpReal *logit = p->head_cache.out[p->head.layers - 1];
    for (int64_t i = 0; i < obs->rows * obs->mask_size; i++)
        if (!obs->mask[i]) logit[i] = -(UpReal)INFINITY;
}

// What the heads read: the trunk's output, or the observation itself.
static UpInput trunk_forward(UpPolicy *p, const UpObs *obs) {
    UpInput input = {.obs = up__policy_seen(p, obs)};
    if (p->trunk.layers == 0) return input;
    const UpReal *hidden =
        up_mlp_forward(&p->trunk, p->param, input, obs->rows, &p->trunk_cache, p->pool);
    return (UpInput){.real = hidden};
}

UpPolicyOut up_policy_forward(UpPolicy *p, const UpObs *obs) {
    UpInput input = trunk_forward(p, obs);
    UpPolicyOut out = {0};
    out.param = up_mlp_forward(&p->head, p->param, input, obs->rows, &p->head_cache, p->pool);
    apply_mask(p, obs);
    if (p->dist.kind == UP_GAUSSIAN) out.log_std = p->param + p->log_std;
    if (p->has_value)
        out.value =
            up_mlp_forward(&p->critic, p->param, input, obs->rows, &p->critic_cache, p->pool);
    return out;
}

const UpReal *up_policy_value(UpPolicy *p, const UpObs *obs) {
    if (!p->has_value) return NULL;
    return up_mlp_forward(&p->critic, p->param, trunk_forward(p, obs), obs->rows, &p->critic_cache,
                          p->pool);
}

const UpReal *up_policy_param(UpPolicy *p, const UpObs *obs) {
    const UpReal *param = up_mlp_forward(&p->head, p->param, trunk_forward(p, obs), obs->rows,
                                         &p->head_cache, p->pool);
    apply_mask(p, obs);
    return param;
}

void up__policy_clip(const UpPolicy *p, float *action) {
    const UpSpace *space = &p->action_space;
    for (int64_t a = 0; space->kind == UP_SPACE_BOX && a < space->size; a++) {
        float low = up_space_low(space, a), high = up_space_high(space, a);
        action[a] = action[a] < low ? low : action[a] > high ? high : action[a];
    }
}
