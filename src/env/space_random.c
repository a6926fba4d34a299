// Random values of a space, actions mostly.
#include <math.h>

#include "uphill/space.h"

enum { INTEGERS_IN_FLOAT = 1 << 24 };

// One of `n` choices, of those that the mask leaves open (NULL: all).
static int64_t random_open(const uint8_t *mask, int64_t n, UpRng *rng) {
    if (!mask) return up_rng_integers(rng, 0, n);
    int64_t open = 0;
    for (int64_t a = 0; a < n; a++)
        open += mask[a];
    int64_t skip = up_rng_integers(rng, 0, open), a = 0;
    while (!mask[a] || skip-- > 0)
        a++;
    return a;
}

// Of a Box of whole numbers each has the same chance.
static float random_between(const UpSpace *space, int64_t i, UpRng *rng) {
    float low = up_space_low(space, i), high = up_space_high(space, i);
    bool bounded = isfinite(low) && isfinite(high);
    if (up_space_is_whole(space) && low >= -INTEGERS_IN_FLOAT && high <= INTEGERS_IN_FLOAT)
        return (float)up_rng_integers(rng, (int64_t)low, (int64_t)high + 1);
    return (float)(bounded ? up_rng_uniform(rng, (double)low, (double)high) : up_rng_normal(rng));
}

void up_space_random(const UpSpace *space, const uint8_t *mask, UpRng *rng, float *value) {
    for (int64_t i = 0; i < space->size; i++) {
        int64_t n = up_space_choices(space, i);
        value[i] = n ? (float)random_open(mask, n, rng) : random_between(space, i, rng);
        if (mask) mask += n;
    }
}
