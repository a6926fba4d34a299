// Dispatch over the distributions. Each of them is a file of its own.
#include "dist/dist_internal.h"

void up_dist_sample(const UpDist *dist, const UpReal *param, const UpReal *log_std, UpRng *rng,
                    float *action) {
    switch (dist->kind) {
    case UP_CATEGORICAL:
        up__categorical_sample(dist->params, param, rng, action);
        return;
    case UP_MULTI_CATEGORICAL:
        up__multi_categorical_sample(dist, param, rng, action);
        return;
    case UP_BERNOULLI:
        up__bernoulli_sample(dist->params, param, rng, action);
        return;
    case UP_GAUSSIAN:
        up__gaussian_sample(dist->params, param, log_std, rng, action);
        return;
    case UP_SQUASHED_GAUSSIAN:
        up__squashed_sample(dist, param, rng, action);
        return;
    case UP_CERTAIN:
        up_dist_mode(dist, param, log_std, action);
        return;
    }
}

UpReal up_dist_log_prob(const UpDist *dist, const UpReal *param, const UpReal *log_std,
                        const float *action) {
    switch (dist->kind) {
    case UP_CATEGORICAL:
        return up__categorical_log_prob(dist->params, param, action);
    case UP_MULTI_CATEGORICAL:
        return up__multi_categorical_log_prob(dist, param, action);
    case UP_BERNOULLI:
        return up__bernoulli_log_prob(dist->params, param, action);
    case UP_GAUSSIAN:
        return up__gaussian_log_prob(dist->params, param, log_std, action);
    case UP_SQUASHED_GAUSSIAN:
        return up__squashed_log_prob(dist, param, action);
    case UP_CERTAIN:
        return 0;
    }
    return 0;
}

UpReal up_dist_entropy(const UpDist *dist, const UpReal *param, const UpReal *log_std) {
    switch (dist->kind) {
    case UP_CATEGORICAL:
        return up__categorical_entropy(dist->params, param);
    case UP_MULTI_CATEGORICAL:
        return up__multi_categorical_entropy(dist, param);
    case UP_BERNOULLI:
        return up__bernoulli_entropy(dist->params, param);
    case UP_GAUSSIAN:
        return up__gaussian_entropy(dist->params, log_std);
    case UP_SQUASHED_GAUSSIAN:
        return (UpReal)NAN;
    case UP_CERTAIN:
        return 0;
    }
    return 0;
}

UpReal up_dist_kl(const UpDist *dist, const UpReal *p, const UpReal *p_log_std, const UpReal *q,
                  const UpReal *q_log_std) {
    switch (dist->kind) {
    case UP_CATEGORICAL:
        return up__categorical_kl(dist->params, p, q);
    case UP_MULTI_CATEGORICAL:
        return up__multi_categorical_kl(dist, p, q);
    case UP_BERNOULLI:
        return up__bernoulli_kl(dist->params, p, q);
    case UP_GAUSSIAN:
        return up__gaussian_kl(dist->params, p, p_log_std, q, q_log_std);
    case UP_SQUASHED_GAUSSIAN:
        return up__squashed_kl(dist, p, q);
    case UP_CERTAIN:
        return (UpReal)NAN;
    }
    return 0;
}

void up_dist_backward(const UpDist *dist, const UpReal *param, const UpReal *log_std,
                      const float *action, UpReal c_log_prob, UpReal c_entropy, UpReal *d_param,
                      UpReal *d_log_std) {
    switch (dist->kind) {
    case UP_CATEGORICAL:
        up__categorical_backward(dist->params, param, action, c_log_prob, c_entropy, d_param);
        return;
    case UP_MULTI_CATEGORICAL:
        up__multi_categorical_backward(dist, param, action, c_log_prob, c_entropy, d_param);
        return;
    case UP_BERNOULLI:
        up__bernoulli_backward(dist->params, param, action, c_log_prob, c_entropy, d_param);
        return;
    case UP_GAUSSIAN:
        up__gaussian_backward(dist->params, param, log_std, action, c_log_prob, c_entropy, d_param,
                              d_log_std);
        return;
    case UP_SQUASHED_GAUSSIAN:
        up__squashed_backward(dist, param, action, c_log_prob, d_param);
        return;
    case UP_CERTAIN:
        return;
    }
}
