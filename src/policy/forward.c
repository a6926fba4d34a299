// What a policy is made of, and its way from observations to actions: all that acting needs.
#include <math.h>

#include "policy/policy_internal.h"

// Integers, which a network reads one-hot.
static bool is_discrete(const UpSpace *space) {
    return space->kind == UP_SPACE_DISCRETE || space->kind == UP_SPACE_MULTI_DISCRETE;
}

// A Box of two dimensions or more is a picture: (rows, columns), or three, of which the channels
// are the first where that is the smallest, else the last. The frames of a stack are channels, too.
static UpShape input_shape(const UpPolicy *p, UpReads *reads) {
    const UpSpace *space = &p->obs_space;
    const int64_t *side = space->shape;
    *reads = is_discrete(space) ? UP_READS_CHOICES : UP_READS_NUMBERS;
    if (space->kind != UP_SPACE_BOX || p->obs_form == UP_OBS_SPARSE ||
        (space->dims != 2 && space->dims != 3))
        return (UpShape){up_space_flat(space) * p->stack, 1, 1};
    *reads = UP_READS_PLANES;
    if (space->dims == 2) return (UpShape){p->stack, side[0], side[1]};
    if (side[0] < side[1] && side[0] < side[2])
        return (UpShape){side[0] * p->stack, side[1], side[2]};
    *reads = UP_READS_PIXELS;
    return (UpShape){side[2] * p->stack, side[0], side[1]};
}

static UpStatus add_dense(UpPolicy *p, int from, int64_t out, UpActivation activation) {
    return up_net_add(&p->net, (UpLayer){.kind = UP_LAYER_DENSE,
                                         .activation = activation,
                                         .from = from,
                                         .bias = p->def.bias,
                                         .out = {out, 1, 1}});
}

// Adds the hidden layers; *last is the last of them, or -1 if there are none.
static UpStatus add_hidden(UpPolicy *p, int *last) {
    *last = -1;
    if (up_policy_has_net(&p->def))
        return up_fail_in(up_net_parse(&p->net, p->def.net, p->def.bias, last), "policy.net");
    for (int64_t i = 0; i < p->def.hidden.count; i++) {
        UP_TRY(add_dense(p, *last, p->def.hidden.value[i], (UpActivation)p->def.activation));
        *last = p->net.layers - 1;
    }
    return UP_OK;
}

// Backward takes layers from the last one to the first. The value's stand before the policy's, so
// that the policy's gradient reaches a shared layer first, as it always did; in the block the
// policy's numbers come first.
static UpStatus add_head(UpPolicy *p, UpHeadKind kind, int64_t width, int behind) {
    UpHead *head = &p->head[kind];
    *head = (UpHead){.kind = kind, .first = p->net.layers, .width = width};
    if (!p->def.shared) UP_TRY(add_hidden(p, &behind));
    UP_TRY(add_dense(p, behind, width, UP_IDENTITY));
    head->layer = p->net.layers - 1;
    return UP_OK;
}

// Backward takes layers from the last one to the first. The value's stand before the policy's, so
// that the policy's gradient reaches a shared layer first, as it always did; in the block the
// policy's numbers come first.
static UpStatus describe(UpPolicy *p) {
    int last = -1;
    size_t offset = 0;
    UpReads reads;
    UpShape in = input_shape(p, &reads);
    up_net_start(&p->net, reads, in);
    if (p->def.shared) UP_TRY(add_hidden(p, &last));
    p->shared = p->net.layers;
    up_net_place(&p->net, 0, p->shared, &offset);
    p->head[UP_HEAD_VALUE].layer = -1;
    if (p->has_value) UP_TRY(add_head(p, UP_HEAD_VALUE, 1, last));
    UP_TRY(add_head(p, UP_HEAD_POLICY, p->dist.params, last));
    for (UpHead *head = p->head; head < p->head + UP_HEAD_KINDS; head++) {
        head->begin = offset;
        if (head->layer >= 0) up_net_place(&p->net, head->first, head->layer + 1, &offset);
        head->end = offset;
    }
    p->log_std = offset;
    offset += (size_t)p->dist.log_stds;
    p->size = offset;
    return UP_OK;
}

static UpStatus check_spaces(const UpPolicy *p, const UpEnvSpec *spec) {
    if (spec->mask_size && spec->mask_size != p->dist.masks)
        return up_fail(UP_UNSUPPORTED,
                       "%s has action masks of %lld entries; its action space has %lld choices",
                       spec->id, (long long)spec->mask_size, (long long)p->dist.masks);
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
    return describe(p);
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
    UP_TRY(up_net_cache_create(&p->cache, &p->net, rows, &p->cache_arena));
    if (is_discrete(&p->obs_space)) UP_TRY(reserve_one_hot(p, rows));
    p->rows = rows;
    return UP_OK;
}

// The rows as the network reads them: of a discrete space, as Gymnasium's flatten writes them.
static const UpObs *one_hot(UpPolicy *p, const UpObs *obs) {
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

int64_t up_policy_memory(const UpPolicy *p) {
    return p->net.memory;
}

UpInput up__policy_input(UpPolicy *p, UpSeen seen) {
    bool whole = is_discrete(&p->obs_space);
    return (UpInput){.obs = whole ? one_hot(p, seen.obs) : seen.obs,
                     .steps = seen.steps,
                     .begins = seen.begins,
                     .memory = seen.memory,
                     .memory_out = seen.memory_out};
}

int up__policy_ends(const UpPolicy *p, unsigned heads, UpNetEnd end[UP_HEAD_KINDS]) {
    int ends = 0;
    for (int h = 0; h < UP_HEAD_KINDS; h++)
        if (heads & (1u << h) && p->head[h].layer >= 0)
            end[ends++] = (UpNetEnd){.layer = p->head[h].layer};
    return ends;
}

// Actions that may not be taken have no probability: their logits, the network's last outputs, are
// overwritten. Nothing flows back into them.
static void apply_mask(UpPolicy *p, const UpObs *obs) {
    if (!obs->mask) return;
    UpReal *logit = p->cache.out[p->head[UP_HEAD_POLICY].layer];
    for (int64_t i = 0; i < obs->rows; i++)
        up_dist_mask(&p->dist, obs->mask + i * obs->mask_size, logit + i * p->dist.params);
}

UpPolicyOut up_policy_forward(UpPolicy *p, UpSeen seen, unsigned heads) {
    UpNetEnd end[UP_HEAD_KINDS];
    int ends = up__policy_ends(p, heads, end);
    UpPolicyOut out = {0};
    up_net_forward_to(&p->net, p->param, up__policy_input(p, seen), seen.obs->rows, end, ends,
                      &p->cache, p->pool);
    if (heads & UP_HEADS_POLICY) {
        apply_mask(p, seen.obs);
        out.param = p->cache.out[p->head[UP_HEAD_POLICY].layer];
        if (p->dist.log_stds) out.log_std = p->param + p->log_std;
    }
    if (heads & UP_HEADS_VALUE && p->has_value)
        out.value = p->cache.out[p->head[UP_HEAD_VALUE].layer];
    return out;
}

void up__policy_clip(const UpPolicy *p, float *action) {
    const UpSpace *space = &p->action_space;
    for (int64_t a = 0; a < space->size; a++) {
        if (up_space_choices(space, a)) continue;
        float low = up_space_low(space, a), high = up_space_high(space, a);
        action[a] = action[a] < low ? low : action[a] > high ? high : action[a];
    }
}
