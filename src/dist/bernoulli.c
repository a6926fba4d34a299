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

void up__bernoulli_sample(int64_t n, const UpReal *logit, UpRng *rng, float *action) {
    for (int64_t i = 0; i < n; i++)
        action[i] = up_rng_double(rng) < (double)sigmoid(logit[i]);
}

UpReal up__bernoulli_log_prob(int64_t n, const UpReal *logit, const float *action) {
    UpReal sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum -= softplus(action[i] > 0 ? -logit[i] : logit[i]);
    return sum;
}

// With e = exp(-|x|): H = log(1 + e) + |x| e / (1 + e), the same for x and -x.
UpReal up__bernoulli_entropy(int64_t n, const UpReal *logit) {
    UpReal sum = 0;
    for (int64_t i = 0; i < n; i++) {
        UpReal e = exp(-fabs(logit[i]));
        sum += log1p(e) + (e == 0 ? 0 : fabs(logit[i]) * e / (1 + e));
    }
    return sum;
}

UpReal up__bernoulli_kl(int64_t n, const UpReal *p, const UpReal *q) {
    UpReal sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += sigmoid(p[i]) * (softplus(-q[i]) - softplus(-p[i])) +
               sigmoid(-p[i]) * (softplus(q[i]) - softplus(p[i]));
    return sum;
}

// ∂ log π(a)/∂x = a - π(1),  ∂H/∂x = -x π(1) π(0)
void up__bernoulli_backward(int64_t n, const UpReal *logit, const float *action, UpReal c_log_prob,
                            UpReal c_entropy, UpReal *d_logit) {
    for (int64_t i = 0; i < n; i++) {
        UpReal one = sigmoid(logit[i]), zero = sigmoid(-logit[i]);
        d_logit[i] += c_log_prob * (action[i] > 0 ? zero : -one);
        d_logit[i] -= c_entropy * logit[i] * one * zero;
    }
}
