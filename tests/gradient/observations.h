// Random observations in each form, for the tests of whole policies.
#ifndef UP_TESTS_OBSERVATIONS_H
#define UP_TESTS_OBSERVATIONS_H

#include <assert.h>

#include "uphill/obs.h"
#include "uphill/random.h"

enum { OBS_NUMBERS_MAX = 1024 };

// Makes obs a view of (rows, dim) numbers, which the next call overwrites.
static void fill_obs(UpObs *obs, UpObsForm form, int rows, int dim, UpRng *rng) {
    static float f32[OBS_NUMBERS_MAX];
    static uint8_t u8[OBS_NUMBERS_MAX];
    static UpSparseEntry entry[OBS_NUMBERS_MAX];
    static uint64_t begin[OBS_NUMBERS_MAX];
    static uint32_t count[OBS_NUMBERS_MAX];
    assert(rows * dim <= OBS_NUMBERS_MAX);
    *obs = (UpObs){.form = form, .rows = rows, .dim = dim};
    uint64_t used = 0;
    for (int i = 0; i < rows; i++) {
        begin[i] = used;
        for (int d = 0; d < dim; d++) {
            f32[i * dim + d] = (float)up_rng_normal(rng);
            u8[i * dim + d] = (uint8_t)up_rng_integers(rng, 0, 256);
            int64_t kind = up_rng_integers(rng, 0, 4); // half of the entries are 0
            if (kind < 2) entry[used++] = (UpSparseEntry)(2 * d + kind);
        }
        count[i] = (uint32_t)(used - begin[i]);
    }
    if (form == UP_OBS_F32) obs->f32 = f32;
    if (form == UP_OBS_U8) obs->u8 = u8;
    if (form != UP_OBS_SPARSE) return;
    obs->entry = entry;
    obs->begin = begin;
    obs->count = count;
}

#endif
