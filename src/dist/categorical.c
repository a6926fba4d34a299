// Categorical distribution: π(a) = softmax(logit)_a. Everything goes through log π, computed with
// the largest logit taken out, so that neither exp nor log can overflow.
#include <stddef.h>
#include <tgmath.h>

#include "dist/dist_internal.h"

// log Σ exp(logit), so that log π(i) = logit_i - norm, and the entropy if it is asked for: with the
// largest logit M and Z = Σ exp(logit - M), H = log Z - Σ exp(logit - M) (logit - M) / Z.
static UpReal normalise(int64_t n, const UpReal *logit, UpReal *entropy) {
    UpReal largest = logit[0], sum = 0, moment = 0;
    for (int64_t i = 1; i < n; i++)
        if (logit[i] > largest) largest = logit[i];
    for (int64_t i = 0; i < n; i++) {
        UpReal e = exp(logit[i] - largest);
        sum += e;
        moment += up__weighted(e, logit[i] - largest);
    }
    UpReal log_sum = log(sum);
    if (entropy) *entropy = log_sum - moment / sum;
    return largest + log_sum;
}

// Walks the cumulative distribution; rounding may leave the last action that may be taken a little
// more than its share.
static UpReal sample(const UpDistRow *row, UpRng *rng, float *action) {
    const UpReal *logit = row->param;
    int64_t n = row->part->params, drawn = 0;
    UpReal norm = normalise(n, logit, NULL);
    double left = up_rng_double(rng);
    for (int64_t a = 0; a < n && left >= 0; a++) {
        if (logit[a] == -INFINITY) continue;
        left -= (double)exp(logit[a] - norm);
        drawn = a;
    }
    action[0] = (float)drawn;
    return logit[drawn] - norm;
}

static UpReal evaluate(const UpDistRow *row, const float *action, UpReal *entropy, UpReal *kept) {
    UpReal norm = normalise(row->part->params, row->param, entropy);
    if (kept) *kept = norm;
    return action ? row->param[(int64_t)action[0]] - norm : 0;
}

static UpReal kl(const UpDistRow *p_row, const UpDistRow *q_row) {
    const UpReal *p = p_row->param, *q = q_row->param;
    int64_t n = p_row->part->params;
    UpReal p_norm = normalise(n, p, NULL), q_norm = normalise(n, q, NULL), sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += up__weighted(exp(p[i] - p_norm), (p[i] - p_norm) - (q[i] - q_norm));
    return sum;
}

// ∂ log π(a)/∂logit_i = [i = a] - π_i,  ∂H/∂logit_i = -π_i (log π_i + H)
static void backward(const UpDistRow *row, const float *action, UpReal norm, UpReal entropy,
                     UpReal c_log_prob, UpReal c_entropy, UpReal *d_logit, UpReal *d_log_std) {
    (void)d_log_std;
    for (int64_t i = 0; i < row->part->params; i++) {
        UpReal log_p = row->param[i] - norm, p = exp(log_p);
        d_logit[i] -= c_log_prob * p + c_entropy * up__weighted(p, log_p + entropy);
    }
    d_logit[(int64_t)action[0]] += c_log_prob;
}

// diag(p) − p pᵀ, with p = softmax(logit).
static void fisher(const UpDistRow *row, UpReal c, UpReal *u) {
    const UpReal *logit = row->param;
    int64_t n = row->part->params;
    UpReal largest = logit[0], sum = 0, mean = 0;
    for (int64_t i = 1; i < n; i++)
        if (logit[i] > largest) largest = logit[i];
    for (int64_t i = 0; i < n; i++) {
        UpReal e = exp(logit[i] - largest);
        sum += e;
        mean += e * u[i];
    }
    mean /= sum;
    for (int64_t i = 0; i < n; i++)
        u[i] = c * exp(logit[i] - largest) / sum * (u[i] - mean);
}

const UpDistOps up__categorical = {
    .name = "categorical",
    .sample = sample,
    .evaluate = evaluate,
    .kl = kl,
    .backward = backward,
    .fisher = fisher,
};
