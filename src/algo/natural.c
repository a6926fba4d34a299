// The natural gradient F⁻¹ g by conjugate gradients on Fisher-vector products (Kakade 2001;
// Schulman 2015, appendix C). F is never formed.
#include <math.h>
#include <string.h>

#include "algo/algo_internal.h"

enum { ROWS = 8192, EPISODE_ROWS = 2048 }; // samples that a product takes at once, at most

// The residual's share of its first square length below which F x = g counts as solved.
static const double solved = 1e-10;

int64_t up__natural_rows(const UpConfig *c) {
    int64_t cells = c->rollout.episodes > 0 ? EPISODE_ROWS : c->rollout.envs * c->rollout.steps;
    return cells < ROWS ? cells : ROWS;
}

UpStatus up__natural_prepare(UpLearner *l, const UpRollout *r) {
    const char *kind = up_net_no_tangent(&l->policy->net);
    if (kind)
        return up_fail(UP_USAGE,
                       "%s needs derivatives along a direction, which layers of the kind \"%s\" "
                       "(policy.net) do not have; ppo trains them",
                       l->config->train.algo, kind);
    UpNatural *n = &l->natural;
    UpReal **vector[] = {&n->gradient, &n->step, &n->residual, &n->search, &n->product, &n->old};
    for (size_t i = 0; i < sizeof vector / sizeof *vector; i++) {
        *vector[i] = up_arena_alloc(&l->arena, l->policy->size, sizeof(UpReal));
        if (!*vector[i]) return UP_MEMORY;
    }
    return up__value_prepare(l, r);
}

static double dot(size_t size, const UpReal *x, const UpReal *y) {
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += (double)x[i] * (double)y[i];
    return sum;
}

// y += a x
static void add(size_t size, double a, const UpReal *x, UpReal *y) {
    for (size_t i = 0; i < size; i++)
        y[i] += (UpReal)a * x[i];
}

void up__natural_product(UpLearner *l, const UpRollout *r, const UpReal *v, double damping,
                         UpReal *out) {
    UpPolicy *p = l->policy;
    size_t bytes = p->size * sizeof *out;
    for (int64_t first = 0; first < r->samples; first += l->rows) {
        if (r->samples > l->rows) { // else the forward pass of the whole rollout still stands
            int64_t left = r->samples - first;
            up__learner_gather(l, r, first, left < l->rows ? left : l->rows);
            up_policy_forward(p, up_seen(&l->obs), UP_HEADS_POLICY);
        }
        up_policy_fisher(p, up_seen(&l->obs), v, 1 / (double)r->samples);
    }
    memcpy(out, p->grad, bytes);
    memset(p->grad, 0, bytes);
    add(p->size, damping, v, out);
}

// Solves (F + damping I) step = gradient. Returns stepᵀ (F + damping I) step.
static double solve(UpLearner *l, const UpRollout *r, const UpNaturalDef *def) {
    UpNatural *n = &l->natural;
    size_t size = l->policy->size, bytes = size * sizeof(UpReal);
    memset(n->step, 0, bytes);
    memcpy(n->residual, n->gradient, bytes);
    memcpy(n->search, n->gradient, bytes);
    double square = dot(size, n->residual, n->residual), enough = solved * square;
    for (int64_t i = 0; i < def->cg_steps && square > enough; i++) {
        up__natural_product(l, r, n->search, def->damping, n->product);
        double curvature = dot(size, n->search, n->product);
        if (!(curvature > 0)) break; // rounding has used up what the search could still find
        double length = square / curvature;
        add(size, length, n->search, n->step);
        add(size, -length, n->product, n->residual);
        double next = dot(size, n->residual, n->residual);
        for (size_t k = 0; k < size; k++)
            n->search[k] = n->residual[k] + (UpReal)(next / square) * n->search[k];
        square = next;
    }
    // (F + damping I) step is the gradient minus what is left of it.
    return dot(size, n->step, n->gradient) - dot(size, n->step, n->residual);
}

UpStatus up__natural_direction(UpLearner *l, const UpRollout *r, const UpNaturalDef *def,
                               double *length, UpUpdateStats *stats) {
    UpNatural *n = &l->natural;
    size_t size = l->policy->size;
    UpLoss loss = {.policy_weight = 1 / (double)r->samples};
    UpLossSums sums = {0};
    UP_TRY(up__learner_list(l, r));
    UP_TRY(up__learner_pieces(l, r, &loss, 0, r->samples, &sums));
    memcpy(n->gradient, l->policy->grad, size * sizeof(UpReal));
    memset(l->policy->grad, 0, size * sizeof(UpReal));
    stats->grad_norm = sqrt(dot(size, n->gradient, n->gradient));
    if (!isfinite(stats->grad_norm)) return up__learner_not_finite(l, r, "value.learning_rate");
    stats->policy_loss = sums.policy * loss.policy_weight;
    stats->entropy = sums.entropy / (double)r->samples;
    double square = solve(l, r, def);
    if (!isfinite(square))
        return up_fail(UP_NUMERIC,
                       "conjugate gradients found no finite direction at step %lld of %s; a larger "
                       "damping may help",
                       (long long)r->steps, l->config->env.id);
    *length = square > 0 ? sqrt(2 * def->kl / square) : 0;
    for (size_t i = 0; i < size; i++)
        n->step[i] *= (UpReal)*length;
    return UP_OK;
}
