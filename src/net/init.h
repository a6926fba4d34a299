// Initial weights, for all kinds of layers.
#ifndef UP_NET_INIT_H
#define UP_NET_INIT_H

#include "uphill/net.h"

// The weights between `in` inputs and `out` outputs, (in, out).
typedef struct UpMatrix {
    UpReal *at;
    int64_t in, out;
} UpMatrix;

// bias (out), or NULL
UpStatus up__init_weights(UpInit init, double gain, UpMatrix w, UpReal *bias, UpRng *rng);

void up__init_uniform(double bound, int64_t count, UpReal *values, UpRng *rng);

#endif
