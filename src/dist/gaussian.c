// Independent normal distributions N(mean, exp(log_std)²): with a learnable vector log_std, with
// one that the network computes beside the means, and that one with tanh behind it (Haarnoja 2018):
//
//   action = middle + reach · y,   y = tanh(u),   u = mean + exp(log_std) · noise
//   log π = log N(u; mean, exp(log_std)²) − log(1 − y²)
#include <stddef.h>
#include <tgmath.h>

#include "dist/dist_internal.h"

static const double HALF_LOG_TWO_PI = 0.91893853320467274178, LOG_TWO = 0.69314718055994530942;

static bool beyond(UpReal log_std) {
    return log_std < UP_DIST_LOG_STD_MIN || log_std > UP_DIST_LOG_STD_MAX;
}

static UpReal held(UpReal log_std) {
    UpReal low = UP_DIST_LOG_STD_MIN, high = UP_DIST_LOG_STD_MAX;
    return log_std < low ? low : log_std > high ? high : log_std;
}

// log_std of component i.
static UpReal spread(const UpDistRow *row, int64_t i) {
    if (row->part->kind == UP_GAUSSIAN) return row->log_std[i];
    return held(row->param[row->part->actions + i]);
}

// Whether a gradient reaches it.
static bool is_free(const UpDistRow *row, int64_t i) {
    return row->part->kind == UP_GAUSSIAN || !beyond(row->param[row->part->actions + i]);
}

// log(1 − tanh²u), which stays finite where tanh(u) is 1 in every digit.
static UpReal log_slope(UpReal u) {
    UpReal x = -2 * u, softplus = (x < 0 ? 0 : x) + log1p(exp(-fabs(x)));
    return 2 * ((UpReal)LOG_TWO - u - softplus);
}

// The u that component i of an action came from. tanh rounds to ±1 far out; such an action counts
// as its nearest neighbour inside.
static UpReal unsquashed(const UpDistRow *row, int64_t i, float action) {
    const UpReal largest = 1 - (UpReal)0x1p-24;
    int64_t b = up__dist_bound(row->dist, row->part->action + i);
    UpReal y = ((UpReal)action - row->dist->middle[b]) / row->dist->reach[b];
    return atanh(y > largest ? largest : y < -largest ? -largest : y);
}

// What a Gaussian had drawn for component i.
static UpReal drawn(const UpDistRow *row, int64_t i, float action) {
    bool squashed = row->part->kind == UP_SQUASHED_GAUSSIAN;
    return squashed ? unsquashed(row, i, action) : (UpReal)action;
}

static UpReal log_prob(const UpDistRow *row, const float *action) {
    UpReal sum = 0;
    for (int64_t i = 0; i < row->part->actions; i++) {
        UpReal s = spread(row, i), u = drawn(row, i, action[i]);
        UpReal z = (u - row->param[i]) * exp(-s);
        sum -= z * z / 2 + s + (UpReal)HALF_LOG_TWO_PI;
        if (row->part->kind == UP_SQUASHED_GAUSSIAN) sum -= log_slope(u);
    }
    return sum;
}

static UpReal sample(const UpDistRow *row, UpRng *rng, float *action) {
    for (int64_t i = 0; i < row->part->actions; i++)
        action[i] =
            (float)((double)row->param[i] + exp((double)spread(row, i)) * up_rng_normal(rng));
    return log_prob(row, action);
}

static UpReal sample_squashed(const UpDistRow *row, UpRng *rng, float *action) {
    for (int64_t i = 0; i < row->part->actions; i++) {
        UpReal u = row->param[i] + exp(spread(row, i)) * (UpReal)up_rng_normal(rng);
        action[i] = (float)up__dist_stretched(row->dist, row->part->action + i, u);
    }
    return log_prob(row, action);
}

static UpReal evaluate(const UpDistRow *row, const float *action, UpReal *entropy, UpReal *norm) {
    bool squashed = row->part->kind == UP_SQUASHED_GAUSSIAN;
    (void)norm;
    if (entropy) *entropy = squashed ? (UpReal)NAN : 0;
    for (int64_t i = 0; entropy && i < row->part->actions; i++)
        *entropy += spread(row, i) + (UpReal)(0.5 + HALF_LOG_TWO_PI);
    return action ? log_prob(row, action) : 0;
}

// tanh moves both alike, so that it has no part in it.
static UpReal kl(const UpDistRow *p, const UpDistRow *q) {
    UpReal sum = 0;
    for (int64_t i = 0; i < p->part->actions; i++) {
        UpReal p_spread = spread(p, i), q_spread = spread(q, i);
        UpReal ratio = exp(p_spread - q_spread);
        UpReal z = (p->param[i] - q->param[i]) * exp(-q_spread);
        sum += q_spread - p_spread + (ratio * ratio + z * z - 1) / 2;
    }
    return sum;
}

// With z = (u - mean)/std: ∂ log π/∂mean = z/std, ∂ log π/∂log_std = z² - 1, ∂H/∂log_std = 1. (The
// entropy of a squashed one, which has no closed form, is left out.)
static void backward(const UpDistRow *row, const float *action, UpReal norm, UpReal entropy,
                     UpReal c_log_prob, UpReal c_entropy, UpReal *d_param, UpReal *d_log_std) {
    int64_t n = row->part->actions;
    bool squashed = row->part->kind == UP_SQUASHED_GAUSSIAN;
    UpReal *d_spread = row->part->kind == UP_GAUSSIAN ? d_log_std : d_param + n;
    (void)norm, (void)entropy;
    for (int64_t i = 0; i < n; i++) {
        UpReal inverse = exp(-spread(row, i));
        UpReal z = (drawn(row, i, action[i]) - row->param[i]) * inverse;
        d_param[i] += c_log_prob * z * inverse;
        if (is_free(row, i)) d_spread[i] += c_log_prob * (z * z - 1) + (squashed ? 0 : c_entropy);
    }
}

// 1/σ² for each mean, 2 for each log_std that the network computes.
static void fisher(const UpDistRow *row, UpReal c, UpReal *u) {
    int64_t n = row->part->actions;
    for (int64_t i = 0; i < n; i++) {
        u[i] *= c * exp(-2 * spread(row, i));
        if (row->part->kind != UP_GAUSSIAN) u[n + i] *= is_free(row, i) ? 2 * c : 0;
    }
}

const UpDistOps up__gaussian = {
    .name = "gaussian",
    .sample = sample,
    .evaluate = evaluate,
    .kl = kl,
    .backward = backward,
    .fisher = fisher,
};

const UpDistOps up__state_gaussian = {
    .name = "gaussian-state",
    .sample = sample,
    .evaluate = evaluate,
    .kl = kl,
    .backward = backward,
    .fisher = fisher,
};

const UpDistOps up__squashed_gaussian = {
    .name = "squashed",
    .sample = sample_squashed,
    .evaluate = evaluate,
    .kl = kl,
    .backward = backward,
    .fisher = fisher,
};

// ---------------------------------------------------------------------------------------------------
// Along the path

// 1 − tanh²u
static UpReal slope(UpReal u) {
    UpReal e = exp(-2 * fabs(u));
    return 4 * e / ((1 + e) * (1 + e));
}

UpReal up_dist_pathwise(const UpDist *dist, const UpReal *param, const UpReal *noise,
                        UpReal *action) {
    bool certain = dist->part->kind == UP_CERTAIN;
    const UpReal *log_std = param + dist->actions;
    UpReal sum = 0;
    for (int64_t i = 0; i < dist->actions; i++) {
        UpReal s = certain ? 0 : held(log_std[i]),
               u = certain ? param[i] : param[i] + exp(s) * noise[i];
        action[i] = up__dist_stretched(dist, i, u);
        if (!certain) sum -= noise[i] * noise[i] / 2 + s + (UpReal)HALF_LOG_TWO_PI + log_slope(u);
    }
    return sum;
}

// With v = exp(log_std) · noise: ∂ action/∂u = reach (1 − y²), ∂u/∂mean = 1, ∂u/∂log_std = v;
// ∂ log π/∂mean = 2y, ∂ log π/∂log_std = 2yv − 1.
void up_dist_pathwise_backward(const UpDist *dist, const UpReal *param, const UpReal *noise,
                               const UpReal *d_action, UpReal d_log_prob, UpReal *d_param) {
    bool certain = dist->part->kind == UP_CERTAIN;
    const UpReal *log_std = param + dist->actions;
    for (int64_t i = 0; i < dist->actions; i++) {
        UpReal v = certain ? 0 : exp(held(log_std[i])) * noise[i], u = param[i] + v;
        UpReal d_u = d_action[i] * dist->reach[up__dist_bound(dist, i)] * slope(u);
        if (!certain) d_u += d_log_prob * 2 * tanh(u);
        d_param[i] += d_u;
        if (!certain && !beyond(log_std[i])) d_param[dist->actions + i] += d_u * v - d_log_prob;
    }
}
