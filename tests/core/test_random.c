// Random numbers against NumPy's, recorded by tools/record_random.py.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

#include "uphill/random.h"

// The next word of a line that is being read.
static char *next_word(char **line) {
    char *word;
    do
        word = strsep(line, " \n");
    while (word && *word == 0);
    return word;
}

static uint64_t next_u64(char **line) {
    char *word = next_word(line);
    assert_non_null(word);
    return word[0] == '-' ? (uint64_t)strtoll(word, NULL, 10) : strtoull(word, NULL, 10);
}

static double next_double(char **line) {
    char *word = next_word(line);
    assert_non_null(word);
    return strtod(word, NULL);
}

static void colon(char **line) {
    assert_string_equal(next_word(line), ":");
}

// Equality to the last bit.
static void same(double expected, double drawn) {
    if (memcmp(&expected, &drawn, sizeof drawn) != 0)
        fail_msg("NumPy drew %a, we drew %a", expected, drawn);
}

static void check_integers(UpRng *rng, char **line) {
    int64_t low = (int64_t)next_u64(line), high = (int64_t)next_u64(line);
    colon(line);
    for (int i = 0; i < 8; i++)
        assert_int_equal((int64_t)next_u64(line), up_rng_integers(rng, low, high));
}

static void check_mixed(UpRng *rng, char **line) {
    colon(line);
    for (int i = 0; i < 16; i++) {
        assert_int_equal((int64_t)next_u64(line), up_rng_integers(rng, 0, 6));
        same(next_double(line), up_rng_double(rng));
        same(next_double(line), up_rng_normal(rng));
    }
}

static void check_tail(UpRng *rng, char **line) {
    uint64_t skip = next_u64(line);
    colon(line);
    for (uint64_t i = 0; i < skip; i++)
        up_rng_normal(rng);
    double tail = up_rng_normal(rng);
    assert_true(fabs(tail) > 3.7);
    same(next_double(line), tail);
    same(next_double(line), up_rng_normal(rng));
}

static void check_line(char *line) {
    const char *kind = next_word(&line);
    uint64_t seed = next_u64(&line);
    UpRng rng;
    up_rng_seed(&rng, seed);
    if (strcmp(kind, "integers") == 0) {
        check_integers(&rng, &line);
    } else if (strcmp(kind, "mixed") == 0) {
        check_mixed(&rng, &line);
    } else if (strcmp(kind, "tail") == 0) {
        check_tail(&rng, &line);
    } else if (strcmp(kind, "stream") == 0) {
        UpStream purpose = (UpStream)next_u64(&line);
        up_rng_stream(&rng, seed, purpose, (uint32_t)next_u64(&line));
        colon(&line);
        for (int i = 0; i < 4; i++)
            assert_int_equal(next_u64(&line), up_rng_u64(&rng));
    } else if (strcmp(kind, "u64") == 0) {
        colon(&line);
        for (int i = 0; i < 8; i++)
            assert_int_equal(next_u64(&line), up_rng_u64(&rng));
    } else {
        colon(&line);
        bool normal = strcmp(kind, "normal") == 0, uniform = strcmp(kind, "uniform") == 0;
        for (int i = 0; i < (normal ? 64 : 8); i++)
            same(next_double(&line), normal    ? up_rng_normal(&rng)
                                     : uniform ? up_rng_uniform(&rng, -0.05, 0.05)
                                               : up_rng_double(&rng));
    }
    assert_null(next_word(&line));
}

static void test_recorded(void **state) {
    (void)state;
    FILE *file = fopen(UP_TEST_DATA "/random.txt", "r");
    assert_non_null(file);
    char *line = NULL;
    size_t capacity = 0;
    int lines = 0;
    while (getline(&line, &capacity, file) > 0) {
        check_line(line);
        lines++;
    }
    free(line);
    fclose(file);
    assert_true(lines > 100);
}

// A million draws, so that every layer of the ziggurat and its wedges take part: an FNV-1a-like
// hash of their words, from numpy.random.default_rng(5).standard_normal(1_000_000).
static void test_million_normals(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 5);
    uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < 1000000; i++) {
        double drawn = up_rng_normal(&rng);
        uint64_t bits;
        memcpy(&bits, &drawn, sizeof bits);
        hash = (hash ^ bits) * 0x100000001b3u;
    }
    assert_int_equal(hash, 0xe76f49348355aef6u);
}

static void test_u32_halves(void **state) {
    (void)state;
    UpRng whole, half;
    up_rng_seed(&whole, 3);
    up_rng_seed(&half, 3);
    for (int i = 0; i < 4; i++) {
        uint64_t both = up_rng_u64(&whole);
        assert_int_equal((uint32_t)both, up_rng_u32(&half));
        assert_int_equal(both >> 32, up_rng_u32(&half));
    }
}

// Every order of four must come up about equally often.
static void test_shuffle(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 11);
    int seen[256] = {0}, orders = 0;
    for (int i = 0; i < 24000; i++) {
        uint32_t v[4] = {0, 1, 2, 3};
        up_rng_shuffle(&rng, v, 4);
        assert_int_equal(1U << v[0] | 1U << v[1] | 1U << v[2] | 1U << v[3], 15);
        seen[v[0] | v[1] << 2 | v[2] << 4 | v[3] << 6]++;
    }
    for (int i = 0; i < 256; i++) {
        if (!seen[i]) continue;
        orders++;
        assert_in_range(seen[i], 850, 1150);
    }
    assert_int_equal(orders, 24);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded),
        cmocka_unit_test(test_million_normals),
        cmocka_unit_test(test_u32_halves),
        cmocka_unit_test(test_shuffle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
