// Categorical distribution: π(a) = softmax(logit)_a. Everything goes through log π, computed with
// the largest logit taken out, so that neither exp nor log can overflow.
#include <tgmath.h>

#include "dist/dist_internal.h"

// log Σ exp(logit)
static UpReal log_sum_exp(int64_t n, const UpReal *logit) {
    UpReal largest = logit[0], sum = 0;
    for (int64_t i = 1; i < n; i++)
        if (logit[i] > largest) largest = logit[i];
    for (int64_t i = 0; i < n; i++)
        sum += exp(logit[i] - largest);
    return largest + log(sum);
}

// p log p, which is 0 where p is.
static UpReal weighted(UpReal p, UpReal value) {
    return p == 0 ? 0 : p * value;
}

// Walks the cumulative distribution; rounding may leave the last action a little more than its
// share.
void up__categorical_sample(int64_t n, const UpReal *logit, UpRng *rng, float *action) {
    UpReal norm = log_sum_exp(n, logit);
    double left = up_rng_double(rng);
    int64_t a = 0;
    while (a < n - 1) {
        left -= (double)exp(logit[a] - norm);
        if (left < 0) break;
        a++;
    }
    action[0] = (float)a;
}

void up__categorical_mode(int64_t n, const UpReal *logit, float *action) {
    int64_t best = 0;
    for (int64_t i = 1; i < n; i++)
        if (logit[i] > logit[best]) best = i;
    action[0] = (float)best;
}

UpReal up__categorical_log_prob(int64_t n, const UpReal *logit, const float *action) {
    return logit[(int64_t)action[0]] - log_sum_exp(n, logit);
}

UpReal up__categorical_entropy(int64_t n, const UpReal *logit) {
    UpReal norm = log_sum_exp(n, logit), entropy = 0;
    for (int64_t i = 0; i < n; i++)
        entropy -= weighted(exp(logit[i] - norm), logit[i] - norm);
    return entropy;
}

UpReal up__categorical_kl(int64_t n, const UpReal *p, const UpReal *q) {
    UpReal p_norm = log_sum_exp(n, p), q_norm = log_sum_exp(n, q), kl = 0;
    for (int64_t i = 0; i < n; i++)
        kl += weighted(exp(p[i] - p_norm), (p[i] - p_norm) - (q[i] - q_norm));
    return kl;
}

// ∂ log π(a)/∂logit_i = [i = a] - π_i,  ∂H/∂logit_i = -π_i (log π_i + H)
void up__categorical_backward(int64_t n, const UpReal *logit, const float *action,
                              UpReal c_log_prob, UpReal c_entropy, UpReal *d_logit) {
    UpReal norm = log_sum_exp(n, logit);
    UpReal entropy = c_entropy != 0 ? up__categorical_entropy(n, logit) : 0;
    for (int64_t i = 0; i < n; i++) {
        UpReal p = exp(logit[i] - norm);
        d_logit[i] -= c_log_prob * p;
        if (c_entropy != 0) d_logit[i] -= c_entropy * weighted(p, logit[i] - norm + entropy);
    }
    d_logit[(int64_t)action[0]] += c_log_prob;
}

// ∂KL/∂q_i = softmax(q)_i - softmax(p)_i
void up__categorical_kl_backward(int64_t n, const UpReal *p, const UpReal *q, UpReal c,
                                 UpReal *d_q) {
    UpReal p_norm = log_sum_exp(n, p), q_norm = log_sum_exp(n, q);
    for (int64_t i = 0; i < n; i++)
        d_q[i] += c * (exp(q[i] - q_norm) - exp(p[i] - p_norm));
}
