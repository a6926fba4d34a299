// Making a policy that learns, and the way back through it.
#include <string.h>

#include "policy/policy_internal.h"

// Hidden layers have one gain, heads their own. Numbers are drawn in the order of the block.
static UpStatus init_layers(UpPolicy *p, int first, int end, double gain, UpRng *rng) {
    for (int l = first; l < end; l++)
        UP_TRY(up_layer_init(&p->net.layer[l], (UpInit)p->def.init, gain, p->param, rng));
    return UP_OK;
}

// A log_std that the network computes starts where a learnt one does, by its bias.
static void init_spread(UpPolicy *p) {
    UpLayerTensor tensor[UP_LAYER_TENSORS];
    int tensors = up_layer_tensors(&p->net.layer[p->head[UP_HEAD_POLICY].layer], tensor);
    const UpLayerTensor *bias = &tensor[tensors - 1]; // behind the weight
    for (const UpDistPart *part = p->dist.part; part < p->dist.part + p->dist.parts; part++)
        for (int64_t i = part->actions; tensors > 1 && i < part->params; i++)
            if (part->kind == UP_STATE_GAUSSIAN || part->kind == UP_SQUASHED_GAUSSIAN)
                p->param[bias->at + (size_t)(part->param + i)] = (UpReal)p->def.log_std;
}

static UpStatus init_params(UpPolicy *p, uint64_t seed) {
    const double gain[UP_HEAD_KINDS] = {p->def.gain_policy, p->def.gain_value};
    UpRng rng;
    up_rng_stream(&rng, seed, UP_STREAM_INIT, 0);
    UP_TRY(init_layers(p, 0, p->shared, p->def.gain_hidden, &rng));
    for (int h = 0; h < UP_HEAD_KINDS; h++) {
        const UpHead *head = &p->head[h];
        if (head->layer < 0) continue;
        UP_TRY(init_layers(p, head->first, head->layer, p->def.gain_hidden, &rng));
        UP_TRY(init_layers(p, head->layer, head->layer + 1, gain[h], &rng));
    }
    for (int64_t a = 0; a < p->dist.log_stds; a++)
        p->param[p->log_std + (size_t)a] = (UpReal)p->def.log_std;
    init_spread(p);
    return UP_OK;
}

UpStatus up_policy_create(UpPolicy *p, const UpPolicyDef *def, const UpEnvSpec *spec, bool value,
                          int64_t rows, uint64_t seed) {
    UP_TRY(up__policy_describe(p, def, spec, value));
    UpStatus status = up__policy_allocate(p, true);
    if (status == UP_OK) status = init_params(p, seed);
    if (status == UP_OK) status = up_policy_reserve(p, rows);
    if (status != UP_OK) up_policy_destroy(p);
    return status;
}

void up_policy_backward(UpPolicy *p, UpSeen seen, const UpReal *d_param, const UpReal *d_value) {
    UpNetEnd end[UP_HEAD_KINDS];
    int ends = 0;
    if (d_param) end[ends++] = (UpNetEnd){p->head[UP_HEAD_POLICY].layer, d_param};
    if (d_value && p->has_value) end[ends++] = (UpNetEnd){p->head[UP_HEAD_VALUE].layer, d_value};
    up_net_backward_from(&p->net, p->param, up__policy_input(p, seen), seen.obs->rows, end, ends,
                         &p->cache, p->grad, NULL, p->pool);
}

// Σ_rows Jᵀ M J v, with J the derivative of the distribution's parameters with respect to the
// policy's, and M the distribution's own matrix.
void up_policy_fisher(UpPolicy *p, UpSeen seen, const UpReal *v, double scale) {
    int64_t rows = seen.obs->rows, P = p->dist.params;
    UpNetEnd end = {.layer = p->head[UP_HEAD_POLICY].layer};
    up_net_tangent_to(&p->net, p->param, v, up__policy_input(p, seen), NULL, rows, &end, 1,
                      &p->cache, p->pool);
    UpReal *tangent = p->cache.d_out[end.layer];
    const UpReal *param = p->cache.out[end.layer];
    const UpReal *log_std = p->dist.log_stds ? p->param + p->log_std : NULL;
    for (int64_t i = 0; i < rows; i++)
        up_dist_fisher(&p->dist, param + i * P, log_std, (UpReal)scale, tangent + i * P);
    up_policy_backward(p, seen, tangent, NULL);
    for (int64_t a = 0; a < p->dist.log_stds; a++) {
        size_t at = p->log_std + (size_t)a;
        p->grad[at] += (UpReal)(2 * scale * (double)rows) * v[at];
    }
}

static bool same_choices(const UpSpace *a, const UpSpace *b) {
    for (int64_t i = 0; i < a->size; i++)
        if (up_space_choices(a, i) != up_space_choices(b, i)) return false;
    return true;
}

UpStatus up_policy_fits(const UpPolicy *p, const UpEnvSpec *spec) {
    const UpSpace *obs = &p->obs_space, *action = &p->action_space;
    int64_t stack = spec->stack > 1 ? spec->stack : 1;
    bool reads = obs->kind == spec->obs.kind && p->obs_form == spec->obs_form &&
                 obs->size == spec->obs.size && up_space_flat(obs) == up_space_flat(&spec->obs) &&
                 p->stack == stack;
    bool acts = action->kind == spec->action.kind && action->size == spec->action.size &&
                same_choices(action, &spec->action) &&
                (!spec->mask_size || spec->mask_size == p->dist.masks);
    if (reads && acts) return UP_OK;
    return up_fail(UP_MISMATCH, "%s has other %s than what the policy was trained on", spec->id,
                   reads ? "actions" : "observations");
}
