// Gymnasium's RescaleAction to [-1, 1], to the last bit: each operation in the precision that NumPy
// gives it there. The wrapper stretches with it, and so does a policy that acts alone.
#ifndef UP_ENV_RESCALE_H
#define UP_ENV_RESCALE_H

#include <stdint.h>

#include "uphill/space.h"

// The line from the bounds of component `a`, both finite, to [-1, 1]. A whole number takes the half
// on both sides of it, so that each has the same share.
static inline void up__rescale_line(const UpSpace *space, int64_t a, float *gradient,
                                    float *intercept) {
    float half = up_space_is_whole(space) ? 0.5F : 0;
    float low = up_space_low(space, a) - half, high = up_space_high(space, a) + half;
    *gradient = (float)(2 / ((long double)high - (long double)low));
    *intercept = (float)((double)(*gradient * -low) - 1);
}

// And back: an action between the bounds from one in [-1, 1], which is not clipped.
static inline float up__rescale_back(float action, float gradient, float intercept) {
    return (action - intercept) / gradient;
}

#endif
