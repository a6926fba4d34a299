// The vectors' pixels and comparisons against the plain ones, which the games are played with where
// there are no vectors.
#include "scratch.h"

#include <string.h>

#include "env/atari/beam/kernels.h"
#include "uphill/random.h"

enum { ROUNDS = 20000, COLUMNS = UP__ATARI_COLUMNS, MARGIN = 32 };

static const UpTiaKernels *kinds[2];

static int below(UpRng *rng, int end) {
    return (int)up_rng_integers(rng, 0, end);
}

// Nothing, a few pixels, or anything.
static uint64_t word(UpRng *rng) {
    uint64_t any = up_rng_u64(rng);
    int kind = below(rng, 3);
    return kind == 0 ? 0 : kind == 1 ? any & up_rng_u64(rng) & up_rng_u64(rng) : any;
}

static void random_layers(UpRng *rng, uint8_t colour[4], UpTiaLayers *layers) {
    for (int i = 0; i < 4; i++)
        colour[i] = (uint8_t)below(rng, 3);
    layers->colour = colour;
    layers->comb = below(rng, 2);
    for (int i = 0; i < UP__LAYERS; i++) {
        for (int w = 0; w < 2; w++)
            layers->set[i].word[w] = word(rng);
        layers->set[i].word[2] = (uint32_t)word(rng);
    }
}

// Few colours, so that rows often come out as they were.
static void test_paint(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 3);
    int changes = 0;
    uint8_t row[3][COLUMNS + 2 * MARGIN];
    memset(row, 1, sizeof row);
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t colour[4];
        UpTiaLayers layers;
        random_layers(&rng, colour, &layers);
        int from = below(&rng, 2) ? 0 : below(&rng, COLUMNS), at = below(&rng, MARGIN);
        int to = below(&rng, 2) ? COLUMNS : from + 1 + below(&rng, COLUMNS - from);
        for (int again = 0; again < 2; again++) {
            bool changed = up__tia_kernels_plain.paint(&layers, from, to, row[0] + at);
            changes += changed;
            assert_true(!again || !changed);
            for (int k = 0; k < 2; k++) {
                if (!kinds[k]) continue;
                assert_int_equal(kinds[k]->paint(&layers, from, to, row[k + 1] + at), changed);
                assert_memory_equal(row[k + 1], row[0], sizeof row[0]);
            }
        }
    }
    assert_in_range(changes, ROUNDS / 2, ROUNDS);
}

static void test_same(void **state) {
    (void)state;
    enum { ENTRIES = 70 };
    UpRng rng;
    up_rng_seed(&rng, 4);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t one[ENTRIES], other[ENTRIES];
        for (int i = 0; i < ENTRIES; i++)
            one[i] = other[i] = up_rng_u64(&rng);
        int from = below(&rng, 8), count = below(&rng, ENTRIES - from);
        for (int changes = below(&rng, 3); changes > 0; changes--)
            other[below(&rng, ENTRIES)] ^= 1ull << below(&rng, 64);
        ptrdiff_t same = up__tia_kernels_plain.same(one + from, other + from, count);
        assert_true(same == count || one[from + same] != other[from + same]);
        assert_memory_equal(one + from, other + from, (size_t)same * sizeof *one);
        for (int k = 0; k < 2; k++)
            if (kinds[k]) assert_int_equal(kinds[k]->same(one + from, other + from, count), same);
    }
}

int main(void) {
    kinds[0] = up__tia_kernels_avx2();
    kinds[1] = up__tia_kernels_avx512();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_paint), cmocka_unit_test(test_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
