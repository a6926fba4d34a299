// Independent bits: π(1) = sigmoid(logit). With softplus(x) = log(1 + e^x), log π(1) =
// -softplus(-x) and log π(0) = -softplus(x); nothing overflows and small probabilities keep their
// digits.
#include <tgmath.h>

#include "dist/dist_internal.h"

static UpReal softplus(UpReal x) {
    return (x < 0 ? 0 : x) + log1p(exp(-fabs(x)));
}

static UpReal sigmoid(UpReal x) {
    return 1 / (1 + exp(-x));
}

static UpReal log_prob(int64_t n, const UpReal *logit, const float *action) {
    UpReal sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum -= softplus(action[i] > 0 ? -logit[i] : logit[i]);
    return sum;
}

static UpReal sample(const UpDistRow *row, UpRng *rng, float *action) {
    for (int64_t i = 0; i < row->part->params; i++)
        action[i] = up_rng_double(rng) < (double)sigmoid(row->param[i]);
    return log_prob(row->part->params, row->param, action);
}

// With e = exp(-|x|): H = log(1 + e) + |x| e / (1 + e), the same for x and -x.
static UpReal evaluate(const UpDistRow *row, const float *action, UpReal *entropy, UpReal *norm) {
    int64_t n = row->part->params;
    (void)norm;
    if (entropy) *entropy = 0;
    for (int64_t i = 0; entropy && i < n; i++) {
        UpReal size = fabs(row->param[i]), e = exp(-size);
        *entropy += log1p(e) + (e == 0 ? 0 : size * e / (1 + e));
    }
    return action ? log_prob(n, row->param, action) : 0;
}

static UpReal kl(const UpDistRow *p_row, const UpDistRow *q_row) {
    const UpReal *p = p_row->param, *q = q_row->param;
    UpReal sum = 0;
    for (int64_t i = 0; i < p_row->part->params; i++)
        sum += up__weighted(sigmoid(p[i]), softplus(-q[i]) - softplus(-p[i])) +
               up__weighted(sigmoid(-p[i]), softplus(q[i]) - softplus(p[i]));
    return sum;
}

// ∂ log π(a)/∂x = a - π(1),  ∂H/∂x = -x π(1) π(0)
static void backward(const UpDistRow *row, const float *action, UpReal norm, UpReal entropy,
                     UpReal c_log_prob, UpReal c_entropy, UpReal *d_logit, UpReal *d_log_std) {
    (void)norm, (void)entropy, (void)d_log_std;
    for (int64_t i = 0; i < row->part->params; i++) {
        UpReal x = row->param[i], one = sigmoid(x), zero = sigmoid(-x);
        d_logit[i] += c_log_prob * (action[i] > 0 ? zero : -one);
        if (one != 0 && zero != 0) d_logit[i] -= c_entropy * x * one * zero;
    }
}

// π(1) π(0) for each bit.
static void fisher(const UpDistRow *row, UpReal c, UpReal *u) {
    for (int64_t i = 0; i < row->part->params; i++) {
        UpReal e = exp(-fabs(row->param[i]));
        u[i] *= c * e / ((1 + e) * (1 + e));
    }
}

const UpDistOps up__bernoulli = {
    .name = "bernoulli",
    .sample = sample,
    .evaluate = evaluate,
    .kl = kl,
    .backward = backward,
    .fisher = fisher,
};
