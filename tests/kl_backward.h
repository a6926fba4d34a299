// The gradient of KL(p ‖ q) with respect to q, from which the Fisher products are checked. It is
// held against PyTorch and against difference quotients of up_dist_kl itself (tests/dist).
#ifndef UP_TESTS_KL_BACKWARD_H
#define UP_TESTS_KL_BACKWARD_H

#include <math.h>

#include "uphill/dist.h"

static inline double kl_norm(int64_t n, const UpReal *logit) {
    double largest = -INFINITY, sum = 0;
    for (int64_t i = 0; i < n; i++)
        largest = fmax(largest, (double)logit[i]);
    for (int64_t i = 0; i < n; i++)
        sum += exp((double)logit[i] - largest);
    return largest + log(sum);
}

// softmax(q) − softmax(p)
static inline void kl_softmax(int64_t n, const UpReal *p, const UpReal *q, double c, UpReal *d_q) {
    double p_norm = kl_norm(n, p), q_norm = kl_norm(n, q);
    for (int64_t i = 0; i < n; i++)
        d_q[i] += (UpReal)(c * (exp((double)q[i] - q_norm) - exp((double)p[i] - p_norm)));
}

static inline double kl_sigmoid(UpReal logit) {
    return 1 / (1 + exp(-(double)logit));
}

// d_q += c · ∂ KL(p ‖ q)/∂q, and likewise d_q_log_std.
static inline void kl_backward(const UpDist *dist, const UpReal *p, const UpReal *p_log_std,
                               const UpReal *q, const UpReal *q_log_std, double c, UpReal *d_q,
                               UpReal *d_q_log_std) {
    bool one = dist->kind == UP_CATEGORICAL, several = dist->kind == UP_MULTI_CATEGORICAL;
    for (int64_t a = 0, first = 0; a < dist->actions && (one || several); a++) {
        int64_t n = one ? dist->params : dist->choices[a];
        kl_softmax(n, p + first, q + first, c, d_q + first);
        first += n;
    }
    for (int64_t i = 0; i < dist->params && dist->kind == UP_BERNOULLI; i++)
        d_q[i] += (UpReal)(c * (kl_sigmoid(q[i]) - kl_sigmoid(p[i])));
    for (int64_t i = 0; i < dist->params && dist->kind == UP_GAUSSIAN; i++) {
        double ratio = exp((double)(p_log_std[i] - q_log_std[i]));
        double inverse = exp(-(double)q_log_std[i]), z = (double)(q[i] - p[i]) * inverse;
        d_q[i] += (UpReal)(c * z * inverse);
        d_q_log_std[i] += (UpReal)(c * (1 - ratio * ratio - z * z));
    }
}

#endif
