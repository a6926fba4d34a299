// Independent categorical distributions, one for each component of a MultiDiscrete action. Their
// logits lie one behind the other.
#include "dist/dist_internal.h"

void up__multi_categorical_sample(const UpDist *dist, const UpReal *logit, UpRng *rng,
                                  float *action) {
    for (int64_t i = 0; i < dist->actions; logit += dist->choices[i++])
        up__categorical_sample(dist->choices[i], logit, rng, action + i);
}

UpReal up__multi_categorical_log_prob(const UpDist *dist, const UpReal *logit,
                                      const float *action) {
    UpReal sum = 0;
    for (int64_t i = 0; i < dist->actions; logit += dist->choices[i++])
        sum += up__categorical_log_prob(dist->choices[i], logit, action + i);
    return sum;
}

UpReal up__multi_categorical_entropy(const UpDist *dist, const UpReal *logit) {
    UpReal sum = 0;
    for (int64_t i = 0; i < dist->actions; logit += dist->choices[i++])
        sum += up__categorical_entropy(dist->choices[i], logit);
    return sum;
}

UpReal up__multi_categorical_kl(const UpDist *dist, const UpReal *p, const UpReal *q) {
    UpReal sum = 0;
    for (int64_t i = 0; i < dist->actions; i++) {
        sum += up__categorical_kl(dist->choices[i], p, q);
        p += dist->choices[i];
        q += dist->choices[i];
    }
    return sum;
}

void up__multi_categorical_backward(const UpDist *dist, const UpReal *logit, const float *action,
                                    UpReal c_log_prob, UpReal c_entropy, UpReal *d_logit) {
    for (int64_t i = 0; i < dist->actions; i++) {
        up__categorical_backward(dist->choices[i], logit, action + i, c_log_prob, c_entropy,
                                 d_logit);
        logit += dist->choices[i];
        d_logit += dist->choices[i];
    }
}
