// A distribution of each kind, small enough to look at: a kind that is added and not here fails
// every test that loops over them.
#ifndef UP_TESTS_DIST_CASES_H
#define UP_TESTS_DIST_CASES_H

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "uphill/dist.h"

enum { CASE_WIDTH = 16 }; // at least the parameters of any of them

// Behind the kinds, distributions of several parts.
enum { MULTI = UP_DIST_KINDS, CASES };

// Box(…) with other bounds for the first components than for the rest.
static inline UpSpace case_box(int64_t size) {
    UpSpace box = up_space_box(size, -1, 1);
    box.bounds = size < 2 ? 1 : 2;
    for (int i = 0; i < box.bounds; i++) {
        box.low[i] = (float)(-1 - i);
        box.high[i] = (float)(0.5 + 2 * i);
    }
    return box;
}

static inline UpDist case_dist(int which) {
    UpSpace multi = {.kind = UP_SPACE_MULTI_DISCRETE, .size = 3, .choices = {3, 2, 4}},
            bits = {.kind = UP_SPACE_MULTI_BINARY, .size = 3}, one = up_space_discrete(5),
            box = case_box(3);
    UpDist dist = {0};
    UpStatus status = UP_USAGE;
    if (which == UP_CATEGORICAL) status = up_dist_for_space(&dist, &one, UP_BOX_GAUSSIAN, false);
    if (which == UP_BERNOULLI) status = up_dist_for_space(&dist, &bits, UP_BOX_GAUSSIAN, false);
    if (which == UP_GAUSSIAN) status = up_dist_for_space(&dist, &box, UP_BOX_GAUSSIAN, false);
    if (which == UP_STATE_GAUSSIAN)
        status = up_dist_for_space(&dist, &box, UP_BOX_STATE_GAUSSIAN, false);
    if (which == UP_SQUASHED_GAUSSIAN)
        status = up_dist_for_space(&dist, &box, UP_BOX_SQUASHED, false);
    if (which == UP_CERTAIN) status = up_dist_for_space(&dist, &box, UP_BOX_TANH, false);
    if (which == MULTI) status = up_dist_for_space(&dist, &multi, UP_BOX_GAUSSIAN, false);
    if (status != UP_OK) fail_msg("distribution %d has no case in tests/dist/cases.h", which);
    assert_true(dist.params <= CASE_WIDTH && dist.actions <= CASE_WIDTH);
    assert_true(which >= UP_DIST_KINDS || (int)dist.part[0].kind == which);
    return dist;
}

// A mask that leaves something open of each choice.
static inline void case_mask(const UpDist *dist, uint8_t *mask, UpRng *rng) {
    for (const UpDistPart *part = dist->part; part < dist->part + dist->parts; part++) {
        bool bits = part->kind == UP_BERNOULLI;
        if (!bits && part->kind != UP_CATEGORICAL) continue;
        for (int64_t i = 0; i < (bits ? part->params : 1); i++) {
            int64_t n = bits ? 2 : part->params, open = up_rng_integers(rng, 0, n);
            for (int64_t a = 0; a < n; a++)
                *mask++ = a == open || up_rng_double(rng) < 0.5;
        }
    }
}

#endif
