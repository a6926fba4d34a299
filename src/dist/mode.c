// The most likely action of each distribution, and what a mask does to its logits. Apart from the
// files that draw and that derive, because acting needs neither.
#include <math.h>

#include "dist/dist_internal.h"

static void categorical_mode(int64_t n, const UpReal *logit, float *action) {
    int64_t best = 0;
    for (int64_t i = 1; i < n; i++)
        if (logit[i] > logit[best]) best = i;
    action[0] = (float)best;
}

// The spread of a Gaussian does not move it. Of a squashed one it is tanh of the mean, where the
// Gaussian before it is densest, as SAC is evaluated.
void up_dist_mode(const UpDist *dist, const UpReal *param, const UpReal *log_std, float *action) {
    (void)log_std;
    for (const UpDistPart *p = dist->part; p < dist->part + dist->parts; p++) {
        const UpReal *x = param + p->param;
        float *a = action + p->action;
        if (p->kind == UP_CATEGORICAL) categorical_mode(p->params, x, a);
        for (int64_t i = 0; i < p->actions; i++) {
            if (p->kind == UP_BERNOULLI) a[i] = x[i] > 0;
            if (p->kind == UP_GAUSSIAN || p->kind == UP_STATE_GAUSSIAN) a[i] = (float)x[i];
            if (p->kind == UP_SQUASHED_GAUSSIAN || p->kind == UP_CERTAIN)
                a[i] = (float)up__dist_stretched(dist, p->action + i, x[i]);
        }
    }
}

// A categorical has an entry for each choice, a bit one for 0 and one for 1.
void up_dist_mask(const UpDist *dist, const uint8_t *mask, UpReal *param) {
    for (const UpDistPart *p = dist->part; p < dist->part + dist->parts; p++) {
        UpReal *x = param + p->param;
        for (int64_t i = 0; i < p->params; i++) {
            if (p->kind == UP_CATEGORICAL && !*mask++) x[i] = -(UpReal)INFINITY;
            if (p->kind != UP_BERNOULLI) continue;
            if (!mask[0]) x[i] = (UpReal)INFINITY;
            if (!mask[1]) x[i] = -(UpReal)INFINITY;
            mask += 2;
        }
    }
}
