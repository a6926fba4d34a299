// Categorical distribution: π(a) = softmax(logit)_a. Everything goes through log π, computed with
// the largest logit taken out, so that neither exp nor log can overflow.
#include <stddef.h>
#include <tgmath.h>

#include "dist/dist_internal.h"

// p value, which is 0 where p is, even if value is infinite.
static UpReal weighted(UpReal p, UpReal value) {
    return p == 0 ? 0 : p * value;
}

// log Σ exp(logit), so that log π(i) = logit_i - norm, and the entropy if it is asked for: with the
// largest logit M and Z = Σ exp(logit - M), H = log Z - Σ exp(logit - M) (logit - M) / Z.
static UpReal normalise(int64_t n, const UpReal *logit, UpReal *entropy) {
    UpReal largest = logit[0], sum = 0, moment = 0;
    for (int64_t i = 1; i < n; i++)
        if (logit[i] > largest) largest = logit[i];
    for (int64_t i = 0; i < n; i++) {
        UpReal e = exp(logit[i] - largest);
        sum += e;
        moment += weighted(e, logit[i] - largest);
    }
    UpReal log_sum = log(sum);
    if (entropy) *entropy = log_sum - moment / sum;
    return largest + log_sum;
}

// Walks the cumulative distribution; rounding may leave the last action that may be taken a little
// more than its share.
void up__categorical_sample(int64_t n, const UpReal *logit, UpRng *rng, float *action) {
    UpReal norm = normalise(n, logit, NULL);
    double left = up_rng_double(rng);
    int64_t drawn = 0;
    for (int64_t a = 0; a < n && left >= 0; a++) {
        if (logit[a] == -INFINITY) continue;
        left -= (double)exp(logit[a] - norm);
        drawn = a;
    }
    action[0] = (float)drawn;
}

UpReal up__categorical_log_prob(int64_t n, const UpReal *logit, const float *action) {
    return logit[(int64_t)action[0]] - normalise(n, logit, NULL);
}

UpReal up__categorical_entropy(int64_t n, const UpReal *logit) {
    UpReal entropy;
    normalise(n, logit, &entropy);
    return entropy;
}

UpReal up__categorical_kl(int64_t n, const UpReal *p, const UpReal *q) {
    UpReal p_norm = normalise(n, p, NULL), q_norm = normalise(n, q, NULL), kl = 0;
    for (int64_t i = 0; i < n; i++)
        kl += weighted(exp(p[i] - p_norm), (p[i] - p_norm) - (q[i] - q_norm));
    return kl;
}

// ∂ log π(a)/∂logit_i = [i = a] - π_i,  ∂H/∂logit_i = -π_i (log π_i + H)
void up__categorical_backward(int64_t n, const UpReal *logit, const float *action,
                              UpReal c_log_prob, UpReal c_entropy, UpReal *d_logit) {
    UpReal entropy, norm = normalise(n, logit, &entropy);
    for (int64_t i = 0; i < n; i++) {
        UpReal log_p = logit[i] - norm, p = exp(log_p);
        d_logit[i] -= c_log_prob * p + c_entropy * weighted(p, log_p + entropy);
    }
    d_logit[(int64_t)action[0]] += c_log_prob;
}
