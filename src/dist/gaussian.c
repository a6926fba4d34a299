// Independent normal distributions N(mean, exp(log_std)²).
#include <tgmath.h>

#include "dist/dist_internal.h"

static const double HALF_LOG_TWO_PI = 0.91893853320467274178;

void up__gaussian_sample(int64_t n, const UpReal *mean, const UpReal *log_std, UpRng *rng,
                         float *action) {
    for (int64_t i = 0; i < n; i++)
        action[i] = (float)((double)mean[i] + exp((double)log_std[i]) * up_rng_normal(rng));
}

UpReal up__gaussian_log_prob(int64_t n, const UpReal *mean, const UpReal *log_std,
                             const float *action) {
    UpReal sum = 0;
    for (int64_t i = 0; i < n; i++) {
        UpReal z = ((UpReal)action[i] - mean[i]) * exp(-log_std[i]);
        sum -= z * z / 2 + log_std[i] + (UpReal)HALF_LOG_TWO_PI;
    }
    return sum;
}

UpReal up__gaussian_entropy(int64_t n, const UpReal *log_std) {
    UpReal sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += log_std[i] + (UpReal)(0.5 + HALF_LOG_TWO_PI);
    return sum;
}

UpReal up__gaussian_kl(int64_t n, const UpReal *p, const UpReal *p_log_std, const UpReal *q,
                       const UpReal *q_log_std) {
    UpReal sum = 0;
    for (int64_t i = 0; i < n; i++) {
        UpReal ratio = exp(p_log_std[i] - q_log_std[i]);
        UpReal z = (p[i] - q[i]) * exp(-q_log_std[i]);
        sum += q_log_std[i] - p_log_std[i] + (ratio * ratio + z * z - 1) / 2;
    }
    return sum;
}

// With z = (action - mean)/std: ∂ log π/∂mean = z/std, ∂ log π/∂log_std = z² - 1, ∂H/∂log_std = 1.
void up__gaussian_backward(int64_t n, const UpReal *mean, const UpReal *log_std,
                           const float *action, UpReal c_log_prob, UpReal c_entropy, UpReal *d_mean,
                           UpReal *d_log_std) {
    for (int64_t i = 0; i < n; i++) {
        UpReal inverse = exp(-log_std[i]);
        UpReal z = ((UpReal)action[i] - mean[i]) * inverse;
        d_mean[i] += c_log_prob * z * inverse;
        d_log_std[i] += c_log_prob * (z * z - 1) + c_entropy;
    }
}
