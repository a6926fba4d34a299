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

static inline void kl_gaussian(int64_t n, const UpReal *p, const UpReal *p_log_std, const UpReal *q,
                               const UpReal *q_log_std, double c, UpReal *d_q,
                               UpReal *d_q_log_std) {
    for (int64_t i = 0; i < n; i++) {
        double ratio = exp((double)(p_log_std[i] - q_log_std[i]));
        double inverse = exp(-(double)q_log_std[i]), z = (double)(q[i] - p[i]) * inverse;
        d_q[i] += (UpReal)(c * z * inverse);
        d_q_log_std[i] += (UpReal)(c * (1 - ratio * ratio - z * z));
    }
}

static inline UpReal kl_held(UpReal log_std) {
    return (UpReal)fmin(fmax((double)log_std, UP_DIST_LOG_STD_MIN), UP_DIST_LOG_STD_MAX);
}

// What a network computes of log_std is held within its bounds; beyond them no gradient reaches it.
static inline void kl_network(int64_t n, const UpReal *p, const UpReal *q, double c, UpReal *d_q) {
    for (int64_t i = 0; i < n; i++) {
        UpReal p_log_std = kl_held(p[n + i]), q_log_std = kl_held(q[n + i]), d = 0;
        kl_gaussian(1, p + i, &p_log_std, q + i, &q_log_std, c, d_q + i, &d);
        if (q_log_std == q[n + i]) d_q[n + i] += d;
    }
}

// d_q += c · ∂ KL(p ‖ q)/∂q, and likewise d_q_log_std.
static inline void kl_backward(const UpDist *dist, const UpReal *p, const UpReal *p_log_std,
                               const UpReal *q, const UpReal *q_log_std, double c, UpReal *d_q,
                               UpReal *d_q_log_std) {
    for (const UpDistPart *part = dist->part; part < dist->part + dist->parts; part++) {
        int64_t n = part->params, at = part->param, s = part->log_std, A = part->actions;
        if (part->kind == UP_CATEGORICAL) kl_softmax(n, p + at, q + at, c, d_q + at);
        for (int64_t i = at; i < at + n && part->kind == UP_BERNOULLI; i++)
            d_q[i] += (UpReal)(c * (kl_sigmoid(q[i]) - kl_sigmoid(p[i])));
        if (part->kind == UP_GAUSSIAN)
            kl_gaussian(n, p + at, p_log_std + s, q + at, q_log_std + s, c, d_q + at,
                        d_q_log_std + s);
        if (part->kind == UP_STATE_GAUSSIAN || part->kind == UP_SQUASHED_GAUSSIAN)
            kl_network(A, p + at, q + at, c, d_q + at);
    }
}

#endif
