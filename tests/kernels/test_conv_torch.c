// Convolution beside recorded PyTorch results: every table of kernels on this machine.
#include "kernels/kernels.h"
#include "trace.h"
#include "uphill/arena.h"

// One case, with everything in PyTorch's order: (rows, channels, height, width), (out, in, k, k).
typedef struct Case {
    UpConv conv;
    int rows;
    bool relu, bias, bytes;
    int64_t in_size, out_size, weights; // numbers of a row, of a row, of the weights
    float *x, *y, *upstream, *d_x, *w, *d_w, b[32], d_b[32];
} Case;

static float *numbers(UpArena *arena, const cJSON *trace, const char *key, int64_t count) {
    float *values = up_arena_alloc(arena, (size_t)count, sizeof *values);
    assert_non_null(values);
    if (trace) trace_floats(trace, key, (int)count, values);
    return values;
}

static void load(Case *c, const cJSON *trace, UpArena *arena) {
    float shape[7];
    trace_floats(trace, "shape", 7, shape);
    UpConv conv = up__conv_describe((int64_t)shape[0], (int64_t)shape[1], (int64_t)shape[2],
                                    (int64_t)shape[3], (int64_t)shape[4], (int64_t)shape[5],
                                    (int64_t)shape[6]);
    *c = (Case){.conv = conv, .rows = (int)trace_number(trace, "rows")};
    c->relu = cJSON_IsTrue(trace_item(trace, "relu"));
    c->bias = cJSON_IsTrue(trace_item(trace, "bias"));
    c->bytes = cJSON_IsTrue(trace_item(trace, "bytes"));
    assert_int_equal(conv.out_height, (int)trace_number(trace, "out_height"));
    assert_int_equal(conv.out_width, (int)trace_number(trace, "out_width"));
    c->in_size = conv.in * conv.height * conv.width;
    c->out_size = conv.out * conv.out_height * conv.out_width;
    c->weights = conv.out * conv.in * conv.kernel * conv.kernel;
    c->x = numbers(arena, trace, "x", c->rows * c->in_size);
    c->upstream = numbers(arena, trace, "upstream", c->rows * c->out_size);
    c->w = numbers(arena, trace, "weight", c->weights);
    c->y = numbers(arena, NULL, NULL, c->rows * c->out_size);
    c->d_x = numbers(arena, NULL, NULL, c->rows * c->in_size);
    c->d_w = numbers(arena, NULL, NULL, c->weights);
    if (c->bias) trace_floats(trace, "b", (int)conv.out, c->b);
}

// to[i][p][c] = from[i][c][p], i < count: from planes to pixels; with pixels and channels exchanged
// it goes back.
static float *turned(UpArena *arena, const float *from, int64_t count, int64_t channels,
                     int64_t pixels) {
    float *to = numbers(arena, NULL, NULL, count * channels * pixels);
    for (int64_t i = 0; i < count * channels * pixels; i++) {
        int64_t row = i / (channels * pixels), c = i / pixels % channels, p = i % pixels;
        to[(row * pixels + p) * channels + c] = from[i];
    }
    return to;
}

// (out, in, k, k) to (k, k, in, out).
static float *inner_weights(UpArena *arena, const Case *c) {
    const UpConv *conv = &c->conv;
    int64_t area = conv->kernel * conv->kernel;
    float *rows = turned(arena, c->w, conv->out, conv->in, area); // (out, k, k, in)
    return turned(arena, rows, 1, conv->out, area * conv->in);
}

static void replay(const UpKernels *kernels, const cJSON *trace) {
    UpArena arena = {0};
    Case c;
    load(&c, trace, &arena);
    const UpConv *conv = &c.conv;
    int64_t in_pixels = conv->height * conv->width, area = conv->kernel * conv->kernel;
    int64_t out_pixels = conv->out_height * conv->out_width;
    UpObs obs = {.form = UP_OBS_U8, .rows = c.rows, .dim = c.in_size};
    UpConvInput x = {.real = turned(&arena, c.x, c.rows, conv->in, in_pixels)};
    if (c.bytes) {
        obs.u8 = up_arena_alloc(&arena, (size_t)(c.rows * c.in_size), 1);
        for (int64_t i = 0; i < c.rows * c.in_size; i++)
            obs.u8[i] = (uint8_t)c.x[i];
        x = (UpConvInput){.obs = &obs};
    }
    float *w = inner_weights(&arena, &c);
    float *y = numbers(&arena, NULL, NULL, c.rows * c.out_size);
    float *dy = turned(&arena, c.upstream, c.rows, conv->out, out_pixels);
    float *dx = numbers(&arena, NULL, NULL, c.rows * c.in_size);
    float *dw = numbers(&arena, NULL, NULL, c.weights), db[32] = {0};
    float *scratch = numbers(&arena, NULL, NULL, (int64_t)up__conv_scratch(conv));

    UpActivation activation = c.relu ? UP_RELU : UP_IDENTITY;
    kernels->conv_forward(conv, c.rows, x, w, c.bias ? c.b : NULL, activation, y, scratch);
    kernels->activate_backward(activation, c.rows * c.out_size, y, NULL, dy);
    kernels->conv_input(conv, c.rows, dy, w, dx, scratch);
    kernels->conv_weight(conv, c.rows, x, dy, dw, c.bias ? db : NULL, scratch);

    y = turned(&arena, y, c.rows, out_pixels, conv->out);
    dx = turned(&arena, dx, c.rows, in_pixels, conv->in);
    dw = turned(&arena, dw, 1, area * conv->in, conv->out); // (out, k, k, in)
    dw = turned(&arena, dw, conv->out, area, conv->in);
    trace_compare(trace, "y", 0, (int)(c.rows * c.out_size), y, 2e-6);
    trace_compare(trace, "d_x", 0, (int)(c.rows * c.in_size), dx, 2e-6);
    trace_compare(trace, "d_weight", 0, (int)c.weights, dw, 5e-6);
    if (c.bias) trace_compare(trace, "d_b", 0, (int)conv->out, db, 5e-6);
    up_arena_free(&arena);
}

static void test_torch(void **state) {
    (void)state;
    const UpKernels *list[] = {&up__kernels_reference, up__kernels_avx512(), up__kernels_avx2(),
                               up__kernels_128(), up__kernels()};
    cJSON *cases = trace_open("torch_conv.json");
    assert_int_equal(cJSON_GetArraySize(cases), 7);
    const cJSON *trace;
    for (int t = 0; t < 5; t++)
        cJSON_ArrayForEach(trace, cases) if (list[t]) replay(list[t], trace);
    cJSON_Delete(cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_torch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
