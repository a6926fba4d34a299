// Making a policy that learns, and the way back through it.
#include <string.h>

#include "policy/policy_internal.h"

static UpStatus init_mlp(const UpPolicy *p, const UpMlp *mlp, bool head, double gain, UpRng *rng) {
    for (int i = 0; i < mlp->layers; i++) {
        bool last = head && i == mlp->layers - 1;
        UP_TRY(up_dense_init(&mlp->layer[i], (UpInit)p->def.init, last ? gain : p->def.gain_hidden,
                             p->param, rng));
    }
    return UP_OK;
}

static UpStatus init_params(UpPolicy *p, uint64_t seed) {
    UpRng rng;
    up_rng_stream(&rng, seed, UP_STREAM_INIT, 0);
    UP_TRY(init_mlp(p, &p->trunk, false, 0, &rng));
    UP_TRY(init_mlp(p, &p->head, true, p->def.gain_policy, &rng));
    if (p->has_value) UP_TRY(init_mlp(p, &p->critic, true, p->def.gain_value, &rng));
    for (int64_t a = 0; p->dist.kind == UP_GAUSSIAN && a < p->dist.actions; a++)
        p->param[p->log_std + (size_t)a] = (UpReal)p->def.log_std;
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

void up_policy_backward(UpPolicy *p, const UpObs *obs, const UpReal *d_param,
                        const UpReal *d_value) {
    int64_t rows = obs->rows;
    UpInput below = {.obs = up__policy_seen(p, obs)}, input = below;
    UpReal *d_input = NULL;
    if (p->trunk.layers > 0) {
        input = (UpInput){.real = p->trunk_cache.out[p->trunk.layers - 1]};
        d_input = p->d_trunk;
        memset(d_input, 0, (size_t)(rows * p->trunk.out) * sizeof *d_input);
    }
    if (d_param)
        up_mlp_backward(&p->head, p->param, input, rows, &p->head_cache, d_param, p->grad, d_input,
                        p->pool);
    if (p->has_value && d_value)
        up_mlp_backward(&p->critic, p->param, input, rows, &p->critic_cache, d_value, p->grad,
                        d_input, p->pool);
    if (p->trunk.layers > 0)
        up_mlp_backward(&p->trunk, p->param, below, rows, &p->trunk_cache, d_input, p->grad, NULL,
                        p->pool);
}

// Σ_rows Jᵀ M J v, with J the derivative of the distribution's parameters with respect to the
// policy's, and M the distribution's own matrix.
void up_policy_fisher(UpPolicy *p, const UpObs *obs, const UpReal *v, double scale) {
    int64_t rows = obs->rows, P = p->dist.params;
    UpInput input = {.obs = up__policy_seen(p, obs)};
    const UpReal *d_input = NULL;
    if (p->trunk.layers > 0) {
        d_input =
            up_mlp_tangent(&p->trunk, p->param, v, input, NULL, rows, &p->trunk_cache, p->pool);
        input = (UpInput){.real = p->trunk_cache.out[p->trunk.layers - 1]};
    }
    UpReal *tangent =
        up_mlp_tangent(&p->head, p->param, v, input, d_input, rows, &p->head_cache, p->pool);
    const UpReal *param = p->head_cache.out[p->head.layers - 1];
    bool gaussian = p->dist.kind == UP_GAUSSIAN;
    const UpReal *log_std = gaussian ? p->param + p->log_std : NULL;
    for (int64_t i = 0; i < rows; i++)
        up_dist_fisher(&p->dist, param + i * P, log_std, (UpReal)scale, tangent + i * P);
    up_policy_backward(p, obs, tangent, NULL);
    for (int64_t a = 0; gaussian && a < p->dist.actions; a++) {
        size_t at = p->log_std + (size_t)a;
        p->grad[at] += (UpReal)(2 * scale * (double)rows) * v[at];
    }
}

UpStatus up_policy_fits(const UpPolicy *p, const UpEnvSpec *spec) {
    const UpSpace *obs = &p->obs_space, *action = &p->action_space;
    int64_t stack = spec->stack > 1 ? spec->stack : 1;
    bool reads = obs->kind == spec->obs.kind && p->obs_form == spec->obs_form &&
                 obs->size == spec->obs.size && up_space_flat(obs) == up_space_flat(&spec->obs) &&
                 p->stack == stack;
    bool acts = action->kind == spec->action.kind && action->size == spec->action.size &&
                up_space_flat(action) == up_space_flat(&spec->action) &&
                (!spec->mask_size || spec->mask_size == p->dist.params);
    if (reads && acts) return UP_OK;
    return up_fail(UP_MISMATCH, "%s has other %s than what the policy was trained on", spec->id,
                   reads ? "actions" : "observations");
}
