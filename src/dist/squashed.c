// Actions that tanh holds within a Box: a Gaussian before it (Haarnoja 2018), or the network's own
// number (Lillicrap 2015).
//
//   action = middle + reach · y,   y = tanh(u),   u = mean + exp(log_std) · noise
//   log π = log N(u; mean, exp(log_std)²) − log(1 − y²)
#include <tgmath.h>

#include "dist/dist_internal.h"

static const double HALF_LOG_TWO_PI = 0.91893853320467274178, LOG_TWO = 0.69314718055994530942;

static UpReal held(UpReal log_std) {
    UpReal low = UP_DIST_LOG_STD_MIN, high = UP_DIST_LOG_STD_MAX;
    return log_std < low ? low : log_std > high ? high : log_std;
}

static bool beyond(UpReal log_std) {
    return log_std < UP_DIST_LOG_STD_MIN || log_std > UP_DIST_LOG_STD_MAX;
}

// log(1 − tanh²u), which stays finite where tanh(u) is 1 in every digit.
static UpReal log_slope(UpReal u) {
    UpReal x = -2 * u;
    UpReal softplus = (x < 0 ? 0 : x) + log1p(exp(-fabs(x)));
    return 2 * ((UpReal)LOG_TWO - u - softplus);
}

// 1 − tanh²u
static UpReal slope(UpReal u) {
    UpReal e = exp(-2 * fabs(u));
    return 4 * e / ((1 + e) * (1 + e));
}

// The u that an action came from. tanh rounds to ±1 far out; such an action counts as its nearest
// neighbour inside.
static UpReal unsquashed(const UpDist *dist, int64_t i, float action) {
    const UpReal largest = 1 - (UpReal)0x1p-24;
    int64_t b = up__dist_bound(dist, i);
    UpReal y = ((UpReal)action - dist->middle[b]) / dist->reach[b];
    return atanh(y > largest ? largest : y < -largest ? -largest : y);
}

void up__squashed_sample(const UpDist *dist, const UpReal *param, UpRng *rng, float *action) {
    const UpReal *log_std = param + dist->actions;
    for (int64_t i = 0; i < dist->actions; i++) {
        UpReal noise = (UpReal)up_rng_normal(rng);
        action[i] = (float)up__dist_stretched(dist, i, param[i] + exp(held(log_std[i])) * noise);
    }
}

UpReal up__squashed_log_prob(const UpDist *dist, const UpReal *param, const float *action) {
    const UpReal *log_std = param + dist->actions;
    UpReal sum = 0;
    for (int64_t i = 0; i < dist->actions; i++) {
        UpReal s = held(log_std[i]), u = unsquashed(dist, i, action[i]);
        UpReal z = (u - param[i]) * exp(-s);
        sum -= z * z / 2 + s + (UpReal)HALF_LOG_TWO_PI + log_slope(u);
    }
    return sum;
}

// tanh moves both alike, so this is the divergence of the Gaussians before it.
UpReal up__squashed_kl(const UpDist *dist, const UpReal *p, const UpReal *q) {
    int64_t n = dist->actions;
    UpReal sum = 0;
    for (int64_t i = 0; i < n; i++) {
        UpReal p_log_std = held(p[n + i]), q_log_std = held(q[n + i]);
        UpReal ratio = exp(p_log_std - q_log_std), z = (p[i] - q[i]) * exp(-q_log_std);
        sum += q_log_std - p_log_std + (ratio * ratio + z * z - 1) / 2;
    }
    return sum;
}

void up__squashed_backward(const UpDist *dist, const UpReal *param, const float *action,
                           UpReal c_log_prob, UpReal *d_param) {
    int64_t n = dist->actions;
    for (int64_t i = 0; i < n; i++) {
        UpReal inverse = exp(-held(param[n + i]));
        UpReal z = (unsquashed(dist, i, action[i]) - param[i]) * inverse;
        d_param[i] += c_log_prob * z * inverse;
        if (!beyond(param[n + i])) d_param[n + i] += c_log_prob * (z * z - 1);
    }
}

// 1/σ² for each mean, 2 for each log_std.
void up__squashed_fisher(const UpDist *dist, const UpReal *param, UpReal c, UpReal *tangent) {
    int64_t n = dist->actions;
    for (int64_t i = 0; i < n; i++) {
        tangent[i] *= c * exp(-2 * held(param[n + i]));
        tangent[n + i] *= beyond(param[n + i]) ? 0 : 2 * c;
    }
}

static UpReal squashed_pathwise(const UpDist *dist, const UpReal *param, const UpReal *noise,
                                UpReal *action) {
    int64_t n = dist->actions;
    UpReal sum = 0;
    for (int64_t i = 0; i < n; i++) {
        UpReal s = held(param[n + i]), u = param[i] + exp(s) * noise[i];
        action[i] = up__dist_stretched(dist, i, u);
        sum -= noise[i] * noise[i] / 2 + s + (UpReal)HALF_LOG_TWO_PI + log_slope(u);
    }
    return sum;
}

// With v = exp(log_std) · noise: ∂ action/∂u = reach (1 − y²), ∂u/∂mean = 1, ∂u/∂log_std = v;
// ∂ log π/∂mean = 2y, ∂ log π/∂log_std = 2yv − 1.
static void squashed_pathwise_backward(const UpDist *dist, const UpReal *param, const UpReal *noise,
                                       const UpReal *d_action, UpReal d_log_prob, UpReal *d_param) {
    int64_t n = dist->actions;
    for (int64_t i = 0; i < n; i++) {
        UpReal v = exp(held(param[n + i])) * noise[i], u = param[i] + v;
        UpReal d_u = d_action[i] * dist->reach[up__dist_bound(dist, i)] * slope(u) +
                     d_log_prob * 2 * tanh(u);
        d_param[i] += d_u;
        if (!beyond(param[n + i])) d_param[n + i] += d_u * v - d_log_prob;
    }
}

UpReal up_dist_pathwise(const UpDist *dist, const UpReal *param, const UpReal *noise,
                        UpReal *action) {
    if (dist->kind == UP_SQUASHED_GAUSSIAN) return squashed_pathwise(dist, param, noise, action);
    for (int64_t i = 0; i < dist->actions; i++)
        action[i] = up__dist_stretched(dist, i, param[i]);
    return 0;
}

void up_dist_pathwise_backward(const UpDist *dist, const UpReal *param, const UpReal *noise,
                               const UpReal *d_action, UpReal d_log_prob, UpReal *d_param) {
    if (dist->kind == UP_SQUASHED_GAUSSIAN) {
        squashed_pathwise_backward(dist, param, noise, d_action, d_log_prob, d_param);
        return;
    }
    for (int64_t i = 0; i < dist->actions; i++)
        d_param[i] += d_action[i] * dist->reach[up__dist_bound(dist, i)] * slope(param[i]);
}
