// Every kernel beside the plain C reference, over random shapes with many edges.
#include <math.h>
#include <stdio.h>
#include <string.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "counting.h"
#include "kernels/kernels.h"
#include "uphill/arena.h"
#include "uphill/random.h"

#ifndef SHAPES
#define SHAPES 400 // random ones; fewer under an emulator
#endif

enum { TABLES = 5, GUARD = 64 }; // numbers behind each block that nobody may touch

// All there are on this machine: AVX-512, AVX2, vectors of 128 bits (NEON, SSE2), oneDNN's
// products, and the mixture in use.
static int tables(const UpKernels *list[TABLES]) {
    int count = 0;
    if (up__kernels_avx512()) list[count++] = up__kernels_avx512();
    if (up__kernels_avx2()) list[count++] = up__kernels_avx2();
    list[count++] = up__kernels_128();
#ifdef UP_HAVE_ONEDNN
    static UpKernels onednn;
    onednn = up__kernels_reference;
    onednn.name = "oneDNN";
    onednn.product = up__onednn_product;
    onednn.product_input = up__onednn_product_input;
    onednn.product_weight = up__onednn_product_weight;
    list[count++] = &onednn;
#endif
    list[count++] = up__kernels();
    return count;
}

static float *block(UpArena *arena, int64_t count, UpRng *rng) {
    float *values = up_arena_alloc(arena, (size_t)count + GUARD, sizeof *values);
    assert_non_null(values);
    for (int64_t i = 0; i < count; i++)
        values[i] = (float)up_rng_normal(rng);
    for (int64_t i = count; i < count + GUARD; i++)
        values[i] = 12345;
    return values;
}

static float *copy(UpArena *arena, const float *from, int64_t count) {
    float *values = up_arena_alloc(arena, (size_t)count + GUARD, sizeof *values);
    assert_non_null(values);
    memcpy(values, from, ((size_t)count + GUARD) * sizeof *values);
    return values;
}

// `terms` products were added; rounding grows with its root, generously.
static void compare(const char *who, const char *what, const float *got, const float *want,
                    int64_t count, int64_t terms) {
    double tolerance = 4e-6 * sqrt((double)terms + 1);
    for (int64_t i = 0; i < count; i++)
        if (!(fabs((double)got[i] - (double)want[i]) <= tolerance * fmax(1, fabs((double)want[i]))))
            fail_msg("%s, %s: element %lld of %lld is %.9g, the reference says %.9g", who, what,
                     (long long)i, (long long)count, (double)got[i], (double)want[i]);
    for (int64_t i = count; i < count + GUARD; i++)
        if (got[i] != 12345) fail_msg("%s, %s: wrote behind the end", who, what);
}

static void check_products(int64_t m, int64_t n, int64_t k, int64_t ldx, UpRng *rng) {
    const UpKernels *list[TABLES], *ref = &up__kernels_reference;
    int count = tables(list);
    UpArena arena = {0};
    char what[96];
    float *x = block(&arena, m * ldx, rng), *w = block(&arena, k * n, rng);
    float *y = block(&arena, m * n, rng), *dx = block(&arena, m * k, rng);
    float *want_y = copy(&arena, y, m * n), *want_dx = copy(&arena, dx, m * k);
    float *want_dw = copy(&arena, w, k * n), *s = block(&arena, n, rng);
    float *want_s = copy(&arena, s, n);
    ref->product(m, n, k, x, ldx, w, want_y);
    ref->product_input(m, n, k, y, w, want_dx);
    ref->product_weight(m, n, k, x, ldx, y, want_dw);
    ref->sum_rows(m, n, y, want_s);
    for (int t = 0; t < count; t++) {
        float *got_y = copy(&arena, y, m * n), *got_dx = copy(&arena, dx, m * k);
        float *got_dw = copy(&arena, w, k * n), *got_s = copy(&arena, s, n);
        snprintf(what, sizeof what, "m %d n %d k %d ldx %d", (int)m, (int)n, (int)k, (int)ldx);
        list[t]->product(m, n, k, x, ldx, w, got_y);
        compare(list[t]->name, what, got_y, want_y, m * n, k);
        list[t]->product_input(m, n, k, y, w, got_dx);
        compare(list[t]->name, what, got_dx, want_dx, m * k, n);
        list[t]->product_weight(m, n, k, x, ldx, y, got_dw);
        compare(list[t]->name, what, got_dw, want_dw, k * n, m);
        list[t]->sum_rows(m, n, y, got_s);
        compare(list[t]->name, what, got_s, want_s, n, m);
    }
    up_arena_free(&arena);
}

// Sizes around every width of a vector, tile and block.
static int64_t edge(UpRng *rng, int64_t largest) {
    static const int64_t base[] = {1, 2, 4, 6, 8, 12, 16, 32, 48, 64, 128, 200, 256};
    for (;;) {
        int64_t size = base[up_rng_integers(rng, 0, sizeof base / sizeof base[0])] +
                       up_rng_integers(rng, -1, 2);
        if (size >= 1 && size <= largest) return size;
    }
}

static void test_products(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 18);
    for (int i = 0; i < SHAPES; i++) {
        int64_t m = edge(&rng, 70), n = edge(&rng, 260), k = edge(&rng, 260);
        check_products(m, n, k, k + (i % 3 ? 0 : up_rng_integers(&rng, 0, 9)), &rng);
    }
    for (int64_t m = 1; m <= 8; m++)
        for (int64_t n = 1; n <= 20; n++)
            check_products(m, n, 5, 5, &rng);
    check_products(16, 200, 6400, 6400, &rng);
}

// Rows of 0 to 70 entries, out of order in the pool, among them the last position.
static void fill_sparse(UpObs *obs, int64_t rows, int64_t dim, UpArena *arena, UpRng *rng) {
    *obs = (UpObs){.form = UP_OBS_SPARSE, .rows = rows, .dim = dim};
    obs->entry = up_arena_alloc(arena, (size_t)rows * 70, sizeof *obs->entry);
    obs->begin = up_arena_alloc(arena, (size_t)rows, sizeof *obs->begin);
    obs->count = up_arena_alloc(arena, (size_t)rows, sizeof *obs->count);
    for (int64_t i = 0; i < rows; i++) {
        int64_t most = dim < 70 ? dim : 70, count = up_rng_integers(rng, 0, most + 1);
        obs->begin[i] = (uint64_t)((rows - 1 - i) * 70);
        obs->count[i] = (uint32_t)count;
        for (int64_t e = 0; e < count; e++) { // from the end on, leaving room for the others
            int64_t position = dim - count + e - (i % 2 && e < count / 2 ? (dim - count) / 2 : 0);
            obs->entry[obs->begin[i] + (uint64_t)e] =
                (UpSparseEntry)(position * 2 + up_rng_integers(rng, 0, 2));
        }
    }
}

static void check_sparse(int64_t m, int64_t n, int64_t dim, UpRng *rng) {
    const UpKernels *list[TABLES], *ref = &up__kernels_reference;
    int count = tables(list);
    UpArena arena = {0};
    UpObs obs;
    char what[96];
    fill_sparse(&obs, m + 3, dim, &arena, rng);
    float *w = block(&arena, dim * n, rng), *y = block(&arena, (m + 3) * n, rng);
    float *want_y = copy(&arena, y, (m + 3) * n), *want_dw = copy(&arena, w, dim * n);
    int64_t column = up_rng_integers(rng, 0, n), end = up_rng_integers(rng, column, n + 1);
    ref->sparse_product(&obs, 3, m, n, w, want_y);
    ref->sparse_product_weight(&obs, m, n, column, end, y, want_dw);
    for (int t = 0; t < count; t++) {
        float *got_y = copy(&arena, y, (m + 3) * n), *got_dw = copy(&arena, w, dim * n);
        snprintf(what, sizeof what, "sparse m %d n %d dim %d columns %d to %d", (int)m, (int)n,
                 (int)dim, (int)column, (int)end);
        list[t]->sparse_product(&obs, 3, m, n, w, got_y);
        compare(list[t]->name, what, got_y, want_y, (m + 3) * n, 70);
        list[t]->sparse_product_weight(&obs, m, n, column, end, y, got_dw);
        compare(list[t]->name, what, got_dw, want_dw, dim * n, m);
    }
    up_arena_free(&arena);
}

static void test_sparse(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 19);
    for (int i = 0; i < SHAPES / 2; i++)
        check_sparse(edge(&rng, 40), edge(&rng, 260), edge(&rng, 260), &rng);
    for (int64_t n = 1; n <= 300; n += 7)
        check_sparse(3, n, 10, &rng);
    check_sparse(40, 200, 6400, &rng);
    check_sparse(5, 17, UP_SPARSE_DIM_MAX, &rng);
}

// The distance in units of the last place of `want`; a number below `floor` counts as that.
static double ulps(float got, double want, double floor) {
    if (isnan(want)) return isnan(got) ? 0 : INFINITY;
    if (isinf(want) || isinf(got)) return (double)got == want ? 0 : INFINITY;
    double place = ldexp(1, ilogb(fmax(fabs(want), floor)) - 23);
    return fabs((double)got - want) / place;
}

static double exact(UpActivation activation, double x) {
    switch (activation) {
    case UP_SIGMOID:
        return 1 / (1 + exp(-x));
    case UP_TANH:
        return tanh(x);
    case UP_RELU:
        return x < 0 ? 0 : x;
    case UP_LEAKY_RELU:
        return x < 0 ? (double)0.01f * x : x;
    case UP_SILU:
        return x / (1 + exp(-x));
    case UP_ELU:
        return x < 0 ? expm1(x) : x;
    case UP_IDENTITY:
        break;
    }
    return x;
}

// Every activation within 4 units in the last place of the exact value, from the smallest numbers
// to the largest, and at the special ones.
static void test_activations(void **state) {
    (void)state;
    enum { COUNT = 100003 };
    static float x[COUNT], y[COUNT];
    const float special[] = {0,       -0.0f, NAN,    INFINITY,   -INFINITY, 1e-40f,
                             -1e-40f, 88,    -88,    103.9f,     -103.9f,   3e38f,
                             -3e38f,  9.01f, -9.01f, 0.3465736f, 1e-30f};
    const int specials = sizeof special / sizeof special[0];
    for (int i = 0; i < COUNT; i++) {
        float magnitude = exp2f(-40 + 50 * (float)(i / 2) / (COUNT / 2));
        x[i] = i % 2 ? -magnitude : magnitude;
    }
    memcpy(x + COUNT - specials, special, sizeof special);
    const UpKernels *list[TABLES];
    int count = tables(list);
    for (int t = 0; t < count; t++) {
        for (int a = UP_IDENTITY; a < UP_ACTIVATIONS; a++) {
            list[t]->activate((UpActivation)a, COUNT, x, y);
            for (int i = 0; i < COUNT; i++) {
                double want = exact((UpActivation)a, (double)x[i]);
                // x sigmoid(x) loses digits where the sigmoid is subnormal
                double floor = a == UP_SILU && x[i] < -80 ? 2e-36 : 1.17549435e-38;
                if (!(ulps(y[i], want, floor) <= 4))
                    fail_msg("%s, activation %d: at %.9g it is %.9g, exactly %.9g", list[t]->name,
                             a, (double)x[i], (double)y[i], want);
            }
        }
    }
}

static void test_activations_backward(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 20);
    const UpKernels *list[TABLES], *ref = &up__kernels_reference;
    int count = tables(list);
    for (int64_t length = 1; length < 70; length++) {
        UpArena arena = {0};
        float *pre = block(&arena, length, &rng), *d = block(&arena, length, &rng);
        float *out = copy(&arena, pre, length);
        for (int a = UP_IDENTITY; a < UP_ACTIVATIONS; a++) {
            const float *given = a == UP_SILU ? pre : NULL;
            float *want = copy(&arena, d, length);
            ref->activate((UpActivation)a, length, pre, out);
            ref->activate_backward((UpActivation)a, length, out, given, want);
            for (int t = 0; t < count; t++) {
                float *got = copy(&arena, d, length), *y = copy(&arena, pre, length);
                list[t]->activate((UpActivation)a, length, y, y); // in place
                compare(list[t]->name, "activate", y, out, length, 0);
                list[t]->activate_backward((UpActivation)a, length, out, given, got);
                compare(list[t]->name, "activate_backward", got, want, length, 0);
            }
        }
        up_arena_free(&arena);
    }
}

static void check_optim(int64_t size, UpRng *rng) {
    static const UpStepCoef coef = {.clip = 0.7f,
                                    .rate = 0.01f,
                                    .momentum = 0.9f,
                                    .fresh = 0.1f,
                                    .decay = 0.99f,
                                    .fresh_square = 0.01f,
                                    .inv_root = 3,
                                    .epsilon = 1e-5f};
    const UpKernels *list[TABLES], *ref = &up__kernels_reference;
    int count = tables(list);
    UpArena arena = {0};
    float *start[4]; // parameter, gradient, first moment, second moment
    for (int b = 0; b < 4; b++)
        start[b] = block(&arena, size, rng);
    for (int64_t i = 0; i < size; i++)
        start[3][i] = fabsf(start[3][i]);
    for (int t = 0; t < count; t++) {
        double norm = list[t]->square_sum((size_t)size, start[0]);
        double exact_norm = ref->square_sum((size_t)size, start[0]);
        assert_true(fabs(norm - exact_norm) <= 1e-12 * exact_norm);
        for (int rule = 0; rule < 4; rule++) {
            float *got[4], *want[4];
            for (int b = 0; b < 4; b++) {
                got[b] = copy(&arena, start[b], size);
                want[b] = copy(&arena, start[b], size);
            }
            for (int who = 0; who < 2; who++) {
                const UpKernels *kernels = who ? ref : list[t];
                float **v = who ? want : got;
                if (rule == 0) kernels->sgd(&coef, (size_t)size, v[0], v[1], NULL);
                if (rule == 1) kernels->sgd(&coef, (size_t)size, v[0], v[1], v[2]);
                if (rule == 2) kernels->rmsprop(&coef, (size_t)size, v[0], v[1], v[3]);
                if (rule == 3) kernels->adam(&coef, (size_t)size, v[0], v[1], v[2], v[3]);
            }
            for (int b = 0; b < 4; b++)
                compare(list[t]->name, "optimiser step", got[b], want[b], size, 0);
        }
    }
    up_arena_free(&arena);
}

static void test_optim(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 21);
    for (int64_t size = 1; size < 70; size++)
        check_optim(size, &rng);
    check_optim(10001, &rng);
}

// A NaN or an infinity in either factor reaches the result, in the middle of a block and at its
// end.
static void test_not_finite(void **state) {
    (void)state;
    const UpKernels *list[TABLES];
    int count = tables(list);
    UpRng rng;
    up_rng_seed(&rng, 22);
    for (int t = 0; t < count; t++) {
        for (int at = 0; at < 33; at += 16) {
            UpArena arena = {0};
            float *x = block(&arena, 33, &rng), *w = block(&arena, 33 * 2, &rng), y[2] = {0};
            x[at] = NAN;
            list[t]->product(1, 2, 33, x, 33, w, y);
            assert_true(isnan(y[0]) && isnan(y[1]));
            x[at] = 1;
            w[2 * at + 1] = INFINITY;
            y[0] = y[1] = 0;
            list[t]->product(1, 2, 33, x, 33, w, y);
            assert_true(isfinite(y[0]) && isinf(y[1]));
            x[at] = NAN;
            assert_true(isnan(list[t]->square_sum(33, x)));
            up_arena_free(&arena);
        }
    }
}

// One row alone gives the same bits as the same row in a batch, with every one of our own kernels:
// what a policy says does not depend on how many environments it serves.
static void test_rows_do_not_depend_on_the_batch(void **state) {
    (void)state;
    const UpKernels *list[] = {up__kernels_avx512(), up__kernels_avx2(), up__kernels_128()};
    UpRng rng;
    up_rng_seed(&rng, 23);
    for (int t = 0; t < 3; t++) {
        for (int64_t n = 1; n <= 64 && list[t]; n += 9) {
            UpArena arena = {0};
            float *x = block(&arena, 13 * 64, &rng), *w = block(&arena, 64 * n, &rng);
            float *all = up_arena_alloc(&arena, (size_t)(13 * n), sizeof *all);
            float *one = up_arena_alloc(&arena, (size_t)n, sizeof *one);
            list[t]->product(13, n, 64, x, 64, w, all);
            list[t]->product(1, n, 64, x + 12 * 64, 64, w, one);
            assert_memory_equal(one, all + 12 * n, (size_t)n * sizeof *one);
            up_arena_free(&arena);
        }
    }
}

// Small products go through our own kernels on every machine, with oneDNN beside them and without:
// they allocate nothing, and oneDNN's do.
static void test_small_products_are_our_own(void **state) {
    (void)state;
    const UpKernels *own = up__kernels_own(), *used = up__kernels();
    assert_non_null(strstr(up__kernels()->name, own->name));
#ifdef UP_HAVE_ONEDNN
    assert_non_null(strstr(up__kernels()->name, "oneDNN "));
#else
    assert_ptr_equal(own, used);
#endif
    UpRng rng;
    up_rng_seed(&rng, 24);
    enum { M = 3, N = 256, K = 256 };
    UpArena arena = {0};
    float *x = block(&arena, M * K, &rng), *w = block(&arena, K * N, &rng);
    float *y = block(&arena, M * N, &rng), *z = copy(&arena, y, M * N);
    atomic_store(&counting, true);
    used->product(M, N, K, x, K, w, y);
    atomic_store(&counting, false);
    if (CAN_COUNT) assert_int_equal(allocations + frees, 0);
    own->product(M, N, K, x, K, w, z);
    assert_memory_equal(y, z, M * N * sizeof *y);
    up_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_sparse),
        cmocka_unit_test(test_activations),
        cmocka_unit_test(test_activations_backward),
        cmocka_unit_test(test_optim),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_rows_do_not_depend_on_the_batch),
        cmocka_unit_test(test_small_products_are_our_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
