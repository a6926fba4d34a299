// One row of functions a kind of part. Pointers are those of the part: its own parameters, its own
// components of the action, its own numbers of log_std.
#ifndef UP_DIST_INTERNAL_H
#define UP_DIST_INTERNAL_H

#include <tgmath.h>

#include "uphill/dist.h"

// A part and the parameters of one row.
typedef struct UpDistRow {
    const UpDist *dist;
    const UpDistPart *part;
    const UpReal *param, *log_std;
} UpDistRow;

typedef struct UpDistOps {
    const char *name;
    UpReal (*sample)(const UpDistRow *row, UpRng *rng, float *action); // returns its log π
    // log π(action); where `entropy` is not NULL that, too, and where `norm` is not NULL what
    // backward wants to have again. action NULL: 0.
    UpReal (*evaluate)(const UpDistRow *row, const float *action, UpReal *entropy, UpReal *norm);
    UpReal (*kl)(const UpDistRow *p, const UpDistRow *q);
    void (*backward)(const UpDistRow *row, const float *action, UpReal norm, UpReal entropy,
                     UpReal c_log_prob, UpReal c_entropy, UpReal *d_param, UpReal *d_log_std);
    void (*fisher)(const UpDistRow *row, UpReal c, UpReal *tangent);
} UpDistOps;

extern const UpDistOps up__categorical, up__bernoulli, up__gaussian, up__state_gaussian,
    up__squashed_gaussian, up__certain;

// p value, which is 0 where p is, even if value is infinite.
static inline UpReal up__weighted(UpReal p, UpReal value) {
    return p == 0 ? 0 : p * value;
}

// Where the bounds of component i of the action stand.
static inline int64_t up__dist_bound(const UpDist *dist, int64_t i) {
    return i < dist->bounds ? i : dist->bounds - 1;
}

static inline UpReal up__dist_stretched(const UpDist *dist, int64_t i, UpReal u) {
    int64_t b = up__dist_bound(dist, i);
    return dist->middle[b] + dist->reach[b] * tanh(u);
}

#endif
