// Convolution: every vector kernel beside the plain C reference, over random shapes with many edges
// and every form of input.
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

enum { TABLES = 4, GUARD = 64 }; // numbers behind each block that nobody may touch

static int tables(const UpKernels *list[TABLES]) {
    int count = 0;
    if (up__kernels_avx512()) list[count++] = up__kernels_avx512();
    if (up__kernels_avx2()) list[count++] = up__kernels_avx2();
    list[count++] = up__kernels_128();
    list[count++] = up__kernels();
    return count;
}

static float *block(UpArena *arena, int64_t count, UpRng *rng) {
    float *values = up_arena_alloc(arena, (size_t)count + GUARD, sizeof *values);
    assert_non_null(values);
    for (int64_t i = 0; i < count; i++)
        values[i] = rng ? (float)up_rng_normal(rng) : NAN;
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
static void compare(const char *who, const char *what, const UpConv *conv, const float *got,
                    const float *want, int64_t count, int64_t terms) {
    double tolerance = 4e-6 * sqrt((double)terms + 1);
    for (int64_t i = 0; i < count + GUARD; i++) {
        double limit = i < count ? tolerance * fmax(1, fabs((double)want[i])) : 0;
        if (!(fabs((double)got[i] - (double)want[i]) <= limit))
            fail_msg("%s, %s, %d x %d x %d to %d, kernel %d stride %d padding %d: element %lld of "
                     "%lld is %.9g, the reference says %.9g",
                     who, what, (int)conv->in, (int)conv->height, (int)conv->width, (int)conv->out,
                     (int)conv->kernel, (int)conv->stride, (int)conv->padding, (long long)i,
                     (long long)count, (double)got[i], (double)want[i]);
    }
}

// A convolution, what it reads, and how many numbers all of it has.
typedef struct Case {
    UpArena arena;
    UpConv conv;
    int64_t rows, in, out, weights;
    UpObs obs;
    UpConvInput x;
    float *w, *b, *dy, *scratch;
} Case;

static void create(Case *c, UpConv conv, int64_t rows, UpRng *rng) {
    *c = (Case){.conv = conv, .rows = rows};
    c->in = rows * conv.height * conv.width * conv.in;
    c->out = rows * conv.out_height * conv.out_width * conv.out;
    c->weights = conv.kernel * conv.kernel * conv.in * conv.out;
    c->x = (UpConvInput){.real = block(&c->arena, c->in, rng)};
    c->w = block(&c->arena, c->weights, rng);
    c->b = block(&c->arena, conv.out, rng);
    c->dy = block(&c->arena, c->out, rng);
    c->scratch = block(&c->arena, (int64_t)up__conv_scratch(&conv), NULL);
}

// Reads frames of an observation instead; `stack` of them a row.
static void observe(Case *c, UpObsForm form, int64_t stack, bool channels_last, UpRng *rng) {
    int64_t frames = 2 * c->rows + 3, dim = c->in / c->rows / stack;
    c->obs = (UpObs){.form = form, .rows = c->rows + 2, .dim = dim, .stack = stack};
    c->obs.f32 = block(&c->arena, frames * dim, rng);
    c->obs.u8 = up_arena_alloc(&c->arena, (size_t)(frames * dim), 1);
    c->obs.frame = up_arena_alloc(&c->arena, (size_t)((c->rows + 2) * stack), sizeof(uint32_t));
    for (int64_t i = 0; i < frames * dim; i++)
        c->obs.u8[i] = (uint8_t)up_rng_integers(rng, 0, 256);
    for (int64_t i = 0; i < (c->rows + 2) * stack; i++)
        c->obs.frame[i] = (uint32_t)up_rng_integers(rng, 0, frames);
    c->x = (UpConvInput){.obs = &c->obs, .first = 2, .channels_last = channels_last};
}

static void check(Case *c, bool bias, UpActivation activation, UpRng *rng) {
    const UpKernels *list[TABLES], *ref = &up__kernels_reference;
    int count = tables(list);
    const UpConv *conv = &c->conv;
    UpArena *arena = &c->arena;
    const float *b = bias ? c->b : NULL;
    float *dx = block(arena, c->in, rng), *db = block(arena, conv->out, rng);
    float *want_y = block(arena, c->out, NULL), *want_dx = copy(arena, dx, c->in);
    float *want_dw = copy(arena, c->w, c->weights), *want_db = copy(arena, db, conv->out);
    ref->conv_forward(conv, c->rows, c->x, c->w, b, activation, want_y, c->scratch);
    ref->conv_input(conv, c->rows, c->dy, c->w, want_dx, c->scratch);
    ref->conv_weight(conv, c->rows, c->x, c->dy, want_dw, bias ? want_db : NULL, c->scratch);
    int64_t window = conv->kernel * conv->kernel * conv->in, pixels = c->out / conv->out;
    float *scratch = block(arena, (int64_t)up__conv_scratch(conv), NULL);
    for (int t = 0; t < count; t++) {
        const char *name = list[t]->name;
        float *y = block(arena, c->out, NULL), *got_dx = copy(arena, dx, c->in);
        float *dw = copy(arena, c->w, c->weights), *got_db = copy(arena, db, conv->out);
        list[t]->conv_forward(conv, c->rows, c->x, c->w, b, activation, y, scratch);
        compare(name, "output", conv, y, want_y, c->out, window);
        list[t]->conv_input(conv, c->rows, c->dy, c->w, got_dx, scratch);
        compare(name, "input's gradient", conv, got_dx, want_dx, c->in,
                window / conv->in * conv->out);
        list[t]->conv_weight(conv, c->rows, c->x, c->dy, dw, bias ? got_db : NULL, scratch);
        compare(name, "weights' gradient", conv, dw, want_dw, c->weights, pixels);
        compare(name, "bias's gradient", conv, got_db, want_db, conv->out, pixels);
    }
    for (int64_t i = 0; i < GUARD; i++)
        if (scratch[up__conv_scratch(conv) + (size_t)i] != 12345) fail_msg("behind the scratch");
    up_arena_free(arena);
}

// Sizes around every width of a vector and tile.
static int64_t channels(UpRng *rng) {
    static const int64_t base[] = {1, 2, 3, 4, 4, 6, 8, 12, 16, 17, 20, 31, 32, 33, 48, 64, 66, 80};
    return base[up_rng_integers(rng, 0, sizeof base / sizeof base[0])];
}

static UpConv random_shape(UpRng *rng) {
    for (;;) {
        int64_t kernel = up_rng_integers(rng, 1, 6), padding = up_rng_integers(rng, -2, 3);
        UpConv conv = up__conv_describe(channels(rng), up_rng_integers(rng, 1, 12),
                                        up_rng_integers(rng, 1, 12), channels(rng), kernel,
                                        up_rng_integers(rng, 1, 5), padding < 0 ? 0 : padding);
        if (conv.out_height > 0 && conv.out_width > 0) return conv;
    }
}

static void test_shapes(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 40);
    for (int i = 0; i < SHAPES; i++) {
        Case c;
        create(&c, random_shape(&rng), up_rng_integers(&rng, 1, 5), &rng);
        check(&c, i % 2, (UpActivation)(i % 6), &rng);
    }
}

static void test_observations(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 41);
    for (int i = 0; i < SHAPES; i++) {
        Case c;
        create(&c, random_shape(&rng), up_rng_integers(&rng, 1, 4), &rng);
        int64_t stack = up_rng_integers(&rng, 1, 5);
        while (c.conv.in % stack)
            stack--;
        observe(&c, i % 3 ? UP_OBS_U8 : UP_OBS_F32, stack, i % 5 < 2, &rng);
        check(&c, i % 2, i % 4 ? UP_RELU : UP_IDENTITY, &rng);
    }
}

// The three layers of Mnih et al. (2015).
static const int64_t nature[3][6] = {
    {4, 84, 32, 8, 4, 0}, {32, 20, 64, 4, 2, 0}, {64, 9, 64, 3, 1, 0}};

static UpConv nature_layer(int i) {
    const int64_t *n = nature[i];
    return up__conv_describe(n[0], n[1], n[1], n[2], n[3], n[4], n[5]);
}

static void test_nature(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 42);
    for (int i = 0; i < 3; i++) {
        Case c;
        create(&c, nature_layer(i), SHAPES < 100 ? 1 : 3, &rng);
        if (i == 0) observe(&c, UP_OBS_U8, 4, false, &rng);
        check(&c, true, UP_RELU, &rng);
    }
}

// What a row comes to does not depend on the others in the call, to the bit; and gradients of
// weights are the same for rows in two calls as for rows in one where the cut is between pictures
// that are worked on together.
static void test_rows_do_not_depend_on_the_batch(void **state) {
    (void)state;
    enum { ROWS = 7 };
    UpRng rng;
    up_rng_seed(&rng, 43);
    const UpKernels *list[TABLES];
    int count = tables(list);
    for (int i = 0; i < 30; i++) {
        UpConv conv = random_shape(&rng);
        for (int t = 0; t < count; t++) {
            Case c;
            create(&c, conv, ROWS, &rng);
            int64_t in = c.in / ROWS, out = c.out / ROWS;
            float *y = block(&c.arena, c.out, NULL), *one = block(&c.arena, out, NULL);
            float *dx = copy(&c.arena, c.x.real, c.in), *one_dx = copy(&c.arena, dx, c.in);
            list[t]->conv_forward(&conv, ROWS, c.x, c.w, c.b, UP_RELU, y, c.scratch);
            list[t]->conv_input(&conv, ROWS, c.dy, c.w, dx, c.scratch);
            for (int64_t row = 0; row < ROWS; row++) {
                UpConvInput x = {.real = c.x.real + row * in};
                list[t]->conv_forward(&conv, 1, x, c.w, c.b, UP_RELU, one, c.scratch);
                assert_memory_equal(one, y + row * out, (size_t)out * sizeof *one);
                list[t]->conv_input(&conv, 1, c.dy + row * out, c.w, one_dx + row * in, c.scratch);
            }
            assert_memory_equal(one_dx, dx, (size_t)c.in * sizeof *dx);
            up_arena_free(&c.arena);
        }
    }
}

// A NaN or an infinity in a picture reaches the pixels whose window has it, through the ReLU, too.
static void test_not_finite(void **state) {
    (void)state;
    const UpKernels *list[TABLES];
    int count = tables(list);
    UpRng rng;
    up_rng_seed(&rng, 44);
    UpConv conv = up__conv_describe(3, 6, 6, 5, 3, 3, 0);
    for (int t = 0; t < count; t++) {
        Case c;
        create(&c, conv, 1, &rng);
        float *x = copy(&c.arena, c.x.real, c.in), y[4 * 5], dw[3 * 3 * 3 * 5] = {0};
        x[0] = NAN;
        list[t]->conv_forward(&conv, 1, (UpConvInput){.real = x}, c.w, c.b, UP_RELU, y, c.scratch);
        for (int i = 0; i < 20; i++)
            assert_true(i < 5 ? isnan(y[i]) : isfinite(y[i]));
        list[t]->conv_weight(&conv, 1, (UpConvInput){.real = x}, c.dy, dw, NULL, c.scratch);
        assert_true(isnan(dw[0]) && isfinite(dw[5]));
        up_arena_free(&c.arena);
    }
}

static void test_allocates_nothing(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 45);
    for (int i = 0; i < 3; i++) {
        Case c;
        create(&c, nature_layer(i), 1, &rng);
        float *y = block(&c.arena, c.out, NULL), *dx = copy(&c.arena, c.x.real, c.in);
        atomic_store(&counting, true);
        up__kernels()->conv_forward(&c.conv, 1, c.x, c.w, c.b, UP_RELU, y, c.scratch);
        up__kernels()->conv_input(&c.conv, 1, c.dy, c.w, dx, c.scratch);
        up__kernels()->conv_weight(&c.conv, 1, c.x, c.dy, c.w, c.b, c.scratch);
        atomic_store(&counting, false);
        if (CAN_COUNT) assert_int_equal(allocations + frees, 0);
        up_arena_free(&c.arena);
    }
}

static void test_describe(void **state) {
    (void)state;
    static const int64_t want[][6] = {
        // side, kernel, stride, padding, side of what comes out
        {84, 8, 4, 0, 20}, {20, 4, 2, 0, 9}, {9, 3, 1, 0, 7}, {84, 3, 1, 1, 84}, {7, 3, 2, 1, 4},
        {2, 3, 1, 0, 0},   {2, 3, 1, 1, 2},  {3, 3, 5, 0, 1}, {1, 8, 4, 0, 0},
    };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        const int64_t *n = want[i];
        UpConv conv = up__conv_describe(1, n[0], n[0] + 1, 1, n[1], n[2], n[3]);
        assert_int_equal(conv.out_height, n[4]);
        conv = up__conv_describe(1, n[0] + 1, n[0], 1, n[1], n[2], n[3]);
        assert_int_equal(conv.out_width, n[4]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_describe),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_observations),
        cmocka_unit_test(test_nature),
        cmocka_unit_test(test_rows_do_not_depend_on_the_batch),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
