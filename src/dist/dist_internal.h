// The distributions, one file each. n is the width of a row of parameters.
#ifndef UP_DIST_INTERNAL_H
#define UP_DIST_INTERNAL_H

#include <tgmath.h>

#include "uphill/dist.h"

// Where the bounds of a squashed component stand.
static inline int64_t up__dist_bound(const UpDist *dist, int64_t i) {
    return i < dist->bounds ? i : dist->bounds - 1;
}

static inline UpReal up__dist_stretched(const UpDist *dist, int64_t i, UpReal u) {
    int64_t b = up__dist_bound(dist, i);
    return dist->middle[b] + dist->reach[b] * tanh(u);
}

void up__categorical_sample(int64_t n, const UpReal *logit, UpRng *rng, float *action);
UpReal up__categorical_log_prob(int64_t n, const UpReal *logit, const float *action);
UpReal up__categorical_entropy(int64_t n, const UpReal *logit);
UpReal up__categorical_kl(int64_t n, const UpReal *p, const UpReal *q);
void up__categorical_backward(int64_t n, const UpReal *logit, const float *action,
                              UpReal c_log_prob, UpReal c_entropy, UpReal *d_logit);

void up__multi_categorical_sample(const UpDist *dist, const UpReal *logit, UpRng *rng,
                                  float *action);
UpReal up__multi_categorical_log_prob(const UpDist *dist, const UpReal *logit, const float *action);
UpReal up__multi_categorical_entropy(const UpDist *dist, const UpReal *logit);
UpReal up__multi_categorical_kl(const UpDist *dist, const UpReal *p, const UpReal *q);
void up__multi_categorical_backward(const UpDist *dist, const UpReal *logit, const float *action,
                                    UpReal c_log_prob, UpReal c_entropy, UpReal *d_logit);

void up__bernoulli_sample(int64_t n, const UpReal *logit, UpRng *rng, float *action);
UpReal up__bernoulli_log_prob(int64_t n, const UpReal *logit, const float *action);
UpReal up__bernoulli_entropy(int64_t n, const UpReal *logit);
UpReal up__bernoulli_kl(int64_t n, const UpReal *p, const UpReal *q);
void up__bernoulli_backward(int64_t n, const UpReal *logit, const float *action, UpReal c_log_prob,
                            UpReal c_entropy, UpReal *d_logit);

void up__gaussian_sample(int64_t n, const UpReal *mean, const UpReal *log_std, UpRng *rng,
                         float *action);
UpReal up__gaussian_log_prob(int64_t n, const UpReal *mean, const UpReal *log_std,
                             const float *action);
UpReal up__gaussian_entropy(int64_t n, const UpReal *log_std);
UpReal up__gaussian_kl(int64_t n, const UpReal *p, const UpReal *p_log_std, const UpReal *q,
                       const UpReal *q_log_std);
void up__gaussian_backward(int64_t n, const UpReal *mean, const UpReal *log_std,
                           const float *action, UpReal c_log_prob, UpReal c_entropy, UpReal *d_mean,
                           UpReal *d_log_std);

void up__squashed_sample(const UpDist *dist, const UpReal *param, UpRng *rng, float *action);
UpReal up__squashed_log_prob(const UpDist *dist, const UpReal *param, const float *action);
UpReal up__squashed_kl(const UpDist *dist, const UpReal *p, const UpReal *q);
void up__squashed_backward(const UpDist *dist, const UpReal *param, const float *action,
                           UpReal c_log_prob, UpReal *d_param);
void up__squashed_fisher(const UpDist *dist, const UpReal *param, UpReal c, UpReal *tangent);

#endif
