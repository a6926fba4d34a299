// The observation normaliser (PPO details 28 and 29).
#include <math.h>

#include "uphill/policy.h"

// Merges the batch's mean and variance of one component into the running ones (Chan et al. 1979).
static void merge(UpObsStats *s, int64_t d, double mean, double var, double count) {
    double total = s->count + count, delta = mean - s->mean[d];
    double m2 = s->var[d] * s->count + var * count + delta * delta * s->count * count / total;
    s->mean[d] += delta * count / total;
    s->var[d] = m2 / total;
}

// Component d of row i: of a stack's newest frame, as the older ones have been here already.
static float *component(const UpObs *obs, int64_t i, int64_t d) {
    int64_t row = obs->stack > 1 ? obs->frame[(i + 1) * obs->stack - 1] : i;
    return &obs->f32[row * obs->dim + d];
}

static void learn_stats(UpObsStats *s, const UpObs *obs, const uint8_t *active) {
    int64_t count = 0;
    for (int64_t i = 0; i < obs->rows; i++)
        count += !active || active[i];
    if (count == 0) return;
    for (int64_t d = 0; d < obs->dim; d++) {
        double sum = 0, squares = 0;
        for (int64_t i = 0; i < obs->rows; i++)
            if (!active || active[i]) sum += (double)*component(obs, i, d);
        double mean = sum / (double)count;
        for (int64_t i = 0; i < obs->rows; i++) {
            double distance = (double)*component(obs, i, d) - mean;
            if (!active || active[i]) squares += distance * distance;
        }
        merge(s, d, mean, squares / (double)count, (double)count);
    }
    s->count += (double)count;
}

void up_policy_observe(UpPolicy *p, UpObs *obs, const uint8_t *active, bool learn) {
    if (!p->def.normalize_obs) return;
    if (learn) learn_stats(&p->stats, obs, active);
    double clip = p->def.clip_obs;
    for (int64_t d = 0; d < obs->dim; d++) {
        double mean = p->stats.mean[d], scale = 1 / sqrt(p->stats.var[d] + 1e-8);
        for (int64_t i = 0; i < obs->rows; i++) {
            float *value = component(obs, i, d);
            double z = ((double)*value - mean) * scale;
            if (!active || active[i]) *value = (float)(z > clip ? clip : z < -clip ? -clip : z);
        }
    }
}
