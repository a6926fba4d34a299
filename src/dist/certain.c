// Actions that nothing is drawn for: the network's own numbers, which tanh holds within a Box
// (Lillicrap 2015).
#include <stddef.h>
#include <tgmath.h>

#include "dist/dist_internal.h"

static UpReal sample(const UpDistRow *row, UpRng *rng, float *action) {
    (void)rng;
    for (int64_t i = 0; i < row->part->actions; i++)
        action[i] = (float)up__dist_stretched(row->dist, row->part->action + i, row->param[i]);
    return 0;
}

static UpReal evaluate(const UpDistRow *row, const float *action, UpReal *entropy, UpReal *norm) {
    (void)row, (void)action, (void)norm;
    if (entropy) *entropy = 0;
    return 0;
}

static UpReal kl(const UpDistRow *p, const UpDistRow *q) {
    (void)p, (void)q;
    return (UpReal)NAN;
}

static void backward(const UpDistRow *row, const float *action, UpReal norm, UpReal entropy,
                     UpReal c_log_prob, UpReal c_entropy, UpReal *d_param, UpReal *d_log_std) {
    (void)row, (void)action, (void)norm, (void)entropy, (void)c_log_prob, (void)c_entropy;
    (void)d_param, (void)d_log_std;
}

static void fisher(const UpDistRow *row, UpReal c, UpReal *u) {
    (void)c;
    for (int64_t i = 0; i < row->part->params; i++)
        u[i] = 0;
}

const UpDistOps up__certain = {
    .name = "tanh",
    .sample = sample,
    .evaluate = evaluate,
    .kl = kl,
    .backward = backward,
    .fisher = fisher,
};
