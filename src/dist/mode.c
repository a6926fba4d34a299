// The most likely action of each distribution; the spread of a Gaussian does not move it. Apart
// from the files that draw and that derive, because acting needs neither.
#include "dist/dist_internal.h"

static void categorical_mode(int64_t n, const UpReal *logit, float *action) {
    int64_t best = 0;
    for (int64_t i = 1; i < n; i++)
        if (logit[i] > logit[best]) best = i;
    action[0] = (float)best;
}

static void multi_categorical_mode(const UpDist *dist, const UpReal *logit, float *action) {
    for (int64_t i = 0; i < dist->actions; logit += dist->choices[i++])
        categorical_mode(dist->choices[i], logit, action + i);
}

static void bernoulli_mode(int64_t n, const UpReal *logit, float *action) {
    for (int64_t i = 0; i < n; i++)
        action[i] = logit[i] > 0;
}

static void gaussian_mode(int64_t n, const UpReal *mean, float *action) {
    for (int64_t i = 0; i < n; i++)
        action[i] = (float)mean[i];
}

// tanh of the mean: where the Gaussian before it is densest, as SAC is evaluated.
static void squashed_mode(const UpDist *dist, const UpReal *mean, float *action) {
    for (int64_t i = 0; i < dist->actions; i++)
        action[i] = (float)up__dist_stretched(dist, i, mean[i]);
}

void up_dist_mode(const UpDist *dist, const UpReal *param, const UpReal *log_std, float *action) {
    (void)log_std;
    switch (dist->kind) {
    case UP_CATEGORICAL:
        categorical_mode(dist->params, param, action);
        return;
    case UP_MULTI_CATEGORICAL:
        multi_categorical_mode(dist, param, action);
        return;
    case UP_BERNOULLI:
        bernoulli_mode(dist->params, param, action);
        return;
    case UP_GAUSSIAN:
        gaussian_mode(dist->params, param, action);
        return;
    case UP_SQUASHED_GAUSSIAN:
    case UP_CERTAIN:
        squashed_mode(dist, param, action);
        return;
    }
}
