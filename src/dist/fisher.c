// The Fisher matrix of each distribution, times a vector.
#include <tgmath.h>

#include "dist/dist_internal.h"

// diag(p) − p pᵀ, with p = softmax(logit).
static void categorical(int64_t n, const UpReal *logit, UpReal c, UpReal *u) {
    UpReal largest = logit[0], sum = 0, mean = 0;
    for (int64_t i = 1; i < n; i++)
        if (logit[i] > largest) largest = logit[i];
    for (int64_t i = 0; i < n; i++) {
        UpReal e = exp(logit[i] - largest);
        sum += e;
        mean += e * u[i];
    }
    mean /= sum;
    for (int64_t i = 0; i < n; i++)
        u[i] = c * exp(logit[i] - largest) / sum * (u[i] - mean);
}

// π(1) π(0) for each bit.
static void bernoulli(int64_t n, const UpReal *logit, UpReal c, UpReal *u) {
    for (int64_t i = 0; i < n; i++) {
        UpReal e = exp(-fabs(logit[i]));
        u[i] *= c * e / ((1 + e) * (1 + e));
    }
}

// 1 / σ² for each mean.
static void gaussian(int64_t n, const UpReal *log_std, UpReal c, UpReal *u) {
    for (int64_t i = 0; i < n; i++)
        u[i] *= c * exp(-2 * log_std[i]);
}

void up_dist_fisher(const UpDist *dist, const UpReal *param, const UpReal *log_std, UpReal c,
                    UpReal *tangent) {
    switch (dist->kind) {
    case UP_CATEGORICAL:
        categorical(dist->params, param, c, tangent);
        return;
    case UP_MULTI_CATEGORICAL:
        for (int64_t a = 0, first = 0; a < dist->actions; first += dist->choices[a++])
            categorical(dist->choices[a], param + first, c, tangent + first);
        return;
    case UP_BERNOULLI:
        bernoulli(dist->params, param, c, tangent);
        return;
    case UP_GAUSSIAN:
        gaussian(dist->params, log_std, c, tangent);
        return;
    case UP_SQUASHED_GAUSSIAN:
        up__squashed_fisher(dist, param, c, tangent);
        return;
    case UP_CERTAIN:
        return;
    }
}
