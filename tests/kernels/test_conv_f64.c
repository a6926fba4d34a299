// Gradient checks of convolution: kernels, strides and paddings of several sizes, every form of
// input.
#include "gradcheck.h"
#include "kernels/kernels.h"
#include "uphill/arena.h"
#include "uphill/random.h"

enum { ROWS = 3 };

// A convolution over random pictures; the loss is sum(activation(output) * upstream).
typedef struct Check {
    UpArena arena;
    UpConv conv;
    UpObs obs;
    UpConvInput input;
    UpReal *x, *w, *b, *y, *upstream, *scratch;
    size_t in, out, weights;
} Check;

static double loss(void *context) {
    Check *c = context;
    up__kernels()->conv_forward(&c->conv, ROWS, c->input, c->w, c->b, UP_TANH, c->y, c->scratch);
    double sum = 0;
    for (size_t i = 0; i < c->out; i++)
        sum += c->y[i] * c->upstream[i];
    return sum;
}

static UpReal *random_block(UpArena *arena, size_t count, double scale, UpRng *rng) {
    UpReal *block = up_arena_alloc(arena, count, sizeof *block);
    for (size_t i = 0; i < count; i++)
        block[i] = scale * up_rng_normal(rng);
    return block;
}

// `stack` frames a row out of a pool of twice as many as there are rows; 0: rows of single frames.
static void fill_obs(Check *c, UpObsForm form, int64_t stack, bool channels_last, UpRng *rng) {
    int64_t frames = 2 * ROWS, parts = stack > 1 ? stack : 1;
    int64_t dim = (int64_t)c->in / ROWS / parts;
    c->obs = (UpObs){.form = form, .rows = ROWS + 1, .dim = dim, .stack = stack};
    c->obs.f32 = up_arena_alloc(&c->arena, (size_t)(frames * dim), sizeof(float));
    c->obs.u8 = up_arena_alloc(&c->arena, (size_t)(frames * dim), 1);
    c->obs.frame = up_arena_alloc(&c->arena, (size_t)((ROWS + 1) * parts), sizeof(uint32_t));
    for (int64_t i = 0; i < frames * dim; i++) {
        c->obs.f32[i] = (float)up_rng_normal(rng);
        c->obs.u8[i] = (uint8_t)up_rng_integers(rng, 0, 256);
    }
    for (int64_t i = 0; i < (ROWS + 1) * parts; i++)
        c->obs.frame[i] = (uint32_t)up_rng_integers(rng, 0, frames);
    c->input = (UpConvInput){.obs = &c->obs, .first = 1, .channels_last = channels_last};
}

static void create(Check *c, UpConv conv, UpRng *rng) {
    *c = (Check){.conv = conv};
    c->in = (size_t)(ROWS * conv.height * conv.width * conv.in);
    c->out = (size_t)(ROWS * conv.out_height * conv.out_width * conv.out);
    c->weights = (size_t)(conv.kernel * conv.kernel * conv.in * conv.out);
    c->x = random_block(&c->arena, c->in, 1, rng);
    c->w = random_block(&c->arena, c->weights, 0.3, rng);
    c->b = random_block(&c->arena, (size_t)conv.out, 0.3, rng);
    c->y = random_block(&c->arena, c->out, 0, rng);
    c->upstream = random_block(&c->arena, c->out, 1, rng);
    c->scratch = random_block(&c->arena, up__conv_scratch(&conv), 0, rng);
    c->input = (UpConvInput){.real = c->x};
}

// The gradient blocks start at 1 and 2, which shows that backward adds to what is there.
static void check(Check *c) {
    const UpConv *conv = &c->conv;
    const UpKernels *kernels = up__kernels();
    UpReal *dy = up_arena_alloc(&c->arena, c->out, sizeof *dy);
    UpReal *dx = up_arena_alloc(&c->arena, c->in, sizeof *dx);
    UpReal *dw = up_arena_alloc(&c->arena, c->weights, sizeof *dw);
    UpReal *db = up_arena_alloc(&c->arena, (size_t)conv->out, sizeof *db);
    loss(c);
    for (size_t i = 0; i < c->out; i++)
        dy[i] = c->upstream[i] * (1 - c->y[i] * c->y[i]);
    for (size_t i = 0; i < c->in; i++)
        dx[i] = 1;
    for (size_t i = 0; i < c->weights; i++)
        dw[i] = 2;
    kernels->conv_input(conv, ROWS, dy, c->w, dx, c->scratch);
    kernels->conv_weight(conv, ROWS, c->input, dy, dw, db, c->scratch);
    for (size_t i = 0; i < c->in; i++)
        dx[i] -= 1;
    for (size_t i = 0; i < c->weights; i++)
        dw[i] -= 2;
    check_gradient("weight", loss, c, c->w, dw, c->weights);
    check_gradient("bias", loss, c, c->b, db, (size_t)conv->out);
    if (!c->input.obs) check_gradient("input", loss, c, c->x, dx, c->in);
    up_arena_free(&c->arena);
}

static const int64_t shapes[][7] = {
    // in, height, width, out, kernel, stride, padding
    {4, 9, 8, 5, 4, 2, 0}, {2, 6, 7, 3, 3, 1, 0}, {6, 5, 5, 2, 3, 1, 1},
    {4, 7, 7, 3, 3, 2, 2}, {2, 4, 5, 4, 1, 1, 0}, {4, 6, 6, 2, 2, 3, 0},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static UpConv shape(int i) {
    const int64_t *s = shapes[i];
    return up__conv_describe(s[0], s[1], s[2], s[3], s[4], s[5], s[6]);
}

static void test_gradients(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 30);
    for (int i = 0; i < SHAPES; i++) {
        Check c;
        create(&c, shape(i), &rng);
        check(&c);
    }
}

static void test_observations(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 31);
    for (int i = 0; i < 2 * SHAPES; i++) {
        for (int form = UP_OBS_F32; form <= UP_OBS_U8; form++) {
            Check c;
            create(&c, shape(i / 2), &rng);
            fill_obs(&c, (UpObsForm)form, i % 3, i % 2, &rng);
            check(&c);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_observations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
