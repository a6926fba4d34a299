// Dense networks: recorded PyTorch results, the forms of input, any number of threads.
#include <string.h>

#include "trace.h"
#include "uphill/net.h"
#include "uphill/random.h"

static const char *const activation_names[] = {"identity",   "sigmoid", "tanh", "relu",
                                               "leaky_relu", "silu",    "elu"};

static UpActivation activation_named(const char *name) {
    for (int a = UP_IDENTITY; a < UP_ACTIVATIONS; a++)
        if (!strcmp(activation_names[a], name)) return (UpActivation)a;
    fail_msg("no activation is called %s", name);
    return UP_IDENTITY;
}

enum { PARAMS_MAX = 256, ROWS_MAX = 8, WIDTH_MAX = 8 };

// Loads or compares a layer; PyTorch's weight is (out, in), ours (in, out).
static void layer_keys(int l, const char *prefix, char *weight, char *bias) {
    snprintf(weight, 32, "%sweight%d", prefix, l);
    snprintf(bias, 32, "%sbias%d", prefix, l);
}

static size_t bias_at(const UpLayer *layer) {
    return layer->param + (size_t)(layer->inputs * layer->outputs);
}

static void load_layer(const cJSON *trace, int l, const UpLayer *layer, float *param) {
    char weight[32], bias[32];
    float w[PARAMS_MAX];
    layer_keys(l, "", weight, bias);
    trace_floats(trace, weight, (int)(layer->inputs * layer->outputs), w);
    for (int64_t i = 0; i < layer->inputs; i++)
        for (int64_t o = 0; o < layer->outputs; o++)
            param[layer->param + (size_t)(i * layer->outputs + o)] = w[o * layer->inputs + i];
    if (layer->bias) trace_floats(trace, bias, (int)layer->outputs, param + bias_at(layer));
}

static void compare_layer(const cJSON *trace, int l, const UpLayer *layer, const float *grad) {
    char weight[32], bias[32];
    float w[PARAMS_MAX];
    layer_keys(l, "d_", weight, bias);
    for (int64_t i = 0; i < layer->inputs; i++)
        for (int64_t o = 0; o < layer->outputs; o++)
            w[o * layer->inputs + i] = grad[layer->param + (size_t)(i * layer->outputs + o)];
    trace_compare(trace, weight, 0, (int)(layer->inputs * layer->outputs), w, 2e-6);
    if (layer->bias)
        trace_compare(trace, bias, 0, (int)layer->outputs, grad + bias_at(layer), 2e-6);
}

static void replay(const cJSON *trace) {
    int rows = (int)trace_number(trace, "rows");
    bool bias = cJSON_IsTrue(trace_item(trace, "bias"));
    float sizes[4], x[ROWS_MAX * WIDTH_MAX], upstream[ROWS_MAX * WIDTH_MAX];
    float param[PARAMS_MAX], grad[PARAMS_MAX] = {0}, d_x[ROWS_MAX * WIDTH_MAX] = {0};
    trace_floats(trace, "sizes", 4, sizes);
    const int64_t hidden[] = {(int64_t)sizes[1], (int64_t)sizes[2]};
    size_t params = 0;
    UpNet mlp = up_net_mlp((int64_t)sizes[0], hidden, 2, (int64_t)sizes[3],
                           activation_named(trace_text(trace, "activation")), bias, &params);
    assert_true(params <= PARAMS_MAX);
    for (int l = 0; l < mlp.layers; l++)
        load_layer(trace, l, &mlp.layer[l], param);
    trace_floats(trace, "x", rows * (int)mlp.inputs, x);
    trace_floats(trace, "upstream", rows * (int)mlp.out, upstream);

    UpArena arena = {0};
    UpNetCache cache;
    assert_int_equal(up_net_cache_create(&cache, &mlp, rows, &arena), UP_OK);
    UpInput input = {.real = x};
    const float *y = up_net_forward(&mlp, param, input, rows, &cache, NULL);
    trace_compare(trace, "y", 0, rows * (int)mlp.out, y, 1e-6);
    up_net_backward(&mlp, param, input, rows, &cache, upstream, grad, d_x, NULL);
    trace_compare(trace, "d_x", 0, rows * (int)mlp.inputs, d_x, 2e-6);
    for (int l = 0; l < mlp.layers; l++)
        compare_layer(trace, l, &mlp.layer[l], grad);
    up_arena_free(&arena);
}

static void test_torch(void **state) {
    (void)state;
    cJSON *list = trace_open("torch_mlp.json");
    const cJSON *trace;
    int cases = 0;
    cJSON_ArrayForEach(trace, list) {
        replay(trace);
        cases++;
    }
    assert_int_equal(cases, 8);
    cJSON_Delete(list);
}

// The same random batch in the forms `a` and `b`, and a network that reads either.
typedef struct Batch {
    UpArena arena;
    UpNet mlp;
    UpNetCache cache;
    size_t params;
    int64_t rows;
    float *param, *grad, *upstream;
    UpObs dense, other;
} Batch;

static float *random_floats(UpArena *arena, size_t count, double scale, UpRng *rng) {
    float *block = up_arena_alloc(arena, count, sizeof *block);
    assert_non_null(block);
    for (size_t i = 0; i < count; i++)
        block[i] = (float)(scale * up_rng_normal(rng));
    return block;
}

static void make_batch(Batch *b, int64_t in, int64_t rows, UpObsForm form, UpRng *rng) {
    *b = (Batch){.rows = rows};
    const int64_t hidden[] = {200, 33};
    b->mlp = up_net_mlp(in, hidden, 2, 6, UP_TANH, true, &b->params);
    b->param = random_floats(&b->arena, b->params, 0.1, rng);
    b->grad = up_arena_alloc(&b->arena, b->params, sizeof(float));
    b->upstream = random_floats(&b->arena, (size_t)(rows * 6), 1, rng);
    assert_int_equal(up_net_cache_create(&b->cache, &b->mlp, rows, &b->arena), UP_OK);
    size_t count = (size_t)(rows * in);
    b->dense = (UpObs){.form = UP_OBS_F32, .rows = rows, .dim = in};
    b->dense.f32 = up_arena_alloc(&b->arena, count, sizeof(float));
    b->other = (UpObs){.form = form, .rows = rows, .dim = in};
    b->other.u8 = up_arena_alloc(&b->arena, count, 1);
    b->other.entry = up_arena_alloc(&b->arena, count, sizeof(UpSparseEntry));
    b->other.begin = up_arena_alloc(&b->arena, (size_t)rows, sizeof(uint64_t));
    b->other.count = up_arena_alloc(&b->arena, (size_t)rows, sizeof(uint32_t));
    for (int64_t i = 0; i < rows; i++) {
        b->other.begin[i] = (uint64_t)(i * in);
        for (int64_t p = 0; p < in; p++) {
            int64_t draw = up_rng_integers(rng, 0, 256), at = i * in + p;
            if (form == UP_OBS_U8) {
                b->other.u8[at] = (uint8_t)draw;
                b->dense.f32[at] = (float)draw / 255;
            } else if (draw < 8) {
                b->dense.f32[at] = draw & 1 ? -1 : 1;
                b->other.entry[b->other.begin[i] + b->other.count[i]++] =
                    (UpSparseEntry)(p * 2 + (draw & 1));
            }
        }
    }
}

// Forward and backward; the output is copied to y (rows, 6), the gradient left in b->grad.
static void run_batch(Batch *b, const UpObs *obs, UpPool *pool, float *y) {
    UpInput input = {.obs = obs};
    memset(b->grad, 0, b->params * sizeof(float));
    const float *out = up_net_forward(&b->mlp, b->param, input, b->rows, &b->cache, pool);
    memcpy(y, out, (size_t)(b->rows * 6) * sizeof(float));
    up_net_backward(&b->mlp, b->param, input, b->rows, &b->cache, b->upstream, b->grad, NULL, pool);
}

static void assert_close(const float *a, const float *b, size_t count, double tolerance) {
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)a[i] - (double)b[i]) <= tolerance * fmax(1, fabs((double)b[i]))))
            fail_msg("element %zu: %.9g and %.9g", i, (double)a[i], (double)b[i]);
}

static void compare_forms(UpObsForm form) {
    UpRng rng;
    up_rng_seed(&rng, 7);
    for (int64_t rows = 1; rows < 200; rows = rows * 3 + 2) {
        Batch b;
        make_batch(&b, 130 + rows, rows, form, &rng);
        float *y = up_arena_alloc(&b.arena, (size_t)(2 * rows * 6), sizeof *y);
        float *grad = up_arena_alloc(&b.arena, b.params, sizeof *grad);
        run_batch(&b, &b.dense, NULL, y);
        memcpy(grad, b.grad, b.params * sizeof *grad);
        run_batch(&b, &b.other, NULL, y + rows * 6);
        assert_close(y + rows * 6, y, (size_t)(rows * 6), 1e-5);
        assert_close(b.grad, grad, b.params, 1e-4);
        up_arena_free(&b.arena);
    }
}

static void test_bytes_are_divided_by_255(void **state) {
    (void)state;
    compare_forms(UP_OBS_U8);
}

static void test_sparse_equals_dense(void **state) {
    (void)state;
    compare_forms(UP_OBS_SPARSE);
}

// A row of a stack is its frames side by side, wherever they lie in the pool.
static void test_stacks(void **state) {
    (void)state;
    enum { STACK = 4, DIM = 41, FRAMES = 50, IN = STACK * DIM, ROWS = 130 };
    for (UpObsForm form = UP_OBS_F32; form <= UP_OBS_U8; form++) {
        Batch b;
        UpRng rng;
        up_rng_seed(&rng, 11);
        make_batch(&b, IN, ROWS, UP_OBS_U8, &rng);
        UpObs stack = {.form = form, .rows = ROWS, .dim = DIM, .stack = STACK};
        stack.f32 = random_floats(&b.arena, FRAMES * DIM, 1, &rng);
        stack.u8 = up_arena_alloc(&b.arena, FRAMES * DIM, 1);
        stack.frame = up_arena_alloc(&b.arena, ROWS * STACK, sizeof *stack.frame);
        for (int i = 0; i < FRAMES * DIM; i++)
            stack.u8[i] = (uint8_t)up_rng_integers(&rng, 0, 256);
        for (int i = 0; i < ROWS * STACK; i++) {
            stack.frame[i] = (uint32_t)up_rng_integers(&rng, 0, FRAMES);
            for (int d = 0; d < DIM; d++) {
                size_t at = stack.frame[i] * DIM + (size_t)d;
                b.dense.f32[i * DIM + d] =
                    form == UP_OBS_U8 ? (float)stack.u8[at] / 255 : stack.f32[at];
            }
        }
        float y[2][ROWS * 6], *grad = up_arena_alloc(&b.arena, b.params, sizeof *grad);
        run_batch(&b, &b.dense, NULL, y[0]);
        memcpy(grad, b.grad, b.params * sizeof *grad);
        run_batch(&b, &stack, NULL, y[1]);
        assert_close(y[1], y[0], ROWS * 6, 1e-5);
        assert_close(b.grad, grad, b.params, 1e-4);
        up_arena_free(&b.arena);
    }
}

// The bits of output and gradient are the same for 1, 2 and 3 threads, with work enough for a pool.
static void test_threads(void **state) {
    (void)state;
    const int64_t rows = 517;
    for (int form = UP_OBS_U8; form <= UP_OBS_SPARSE; form++) {
        Batch b;
        UpRng rng;
        up_rng_seed(&rng, 8);
        make_batch(&b, 300, rows, (UpObsForm)form, &rng);
        size_t count = (size_t)(rows * 6);
        float *y = up_arena_alloc(&b.arena, 2 * count, sizeof *y);
        float *grad = up_arena_alloc(&b.arena, b.params, sizeof *grad);
        for (int dense = 0; dense < 2; dense++) {
            const UpObs *obs = dense ? &b.dense : &b.other;
            run_batch(&b, obs, NULL, y);
            memcpy(grad, b.grad, b.params * sizeof *grad);
            for (int threads = 2; threads <= 3; threads++) {
                UpPool *pool;
                assert_int_equal(up_pool_create(&pool, threads), UP_OK);
                run_batch(&b, obs, pool, y + count);
                up_pool_destroy(pool);
                assert_memory_equal(y, y + count, count * sizeof *y);
                assert_memory_equal(grad, b.grad, b.params * sizeof *grad);
            }
        }
        up_arena_free(&b.arena);
    }
}

// A NaN anywhere in the input must reach the output: whoever trains has to see it.
static void test_nan_reaches_the_output(void **state) {
    (void)state;
    for (int a = UP_IDENTITY; a < UP_ACTIVATIONS; a++) {
        UpArena arena = {0};
        UpNetCache cache;
        UpRng rng;
        up_rng_seed(&rng, 9);
        const int64_t hidden[] = {17};
        size_t params = 0;
        UpNet mlp = up_net_mlp(3, hidden, 1, 2, (UpActivation)a, true, &params);
        float *param = random_floats(&arena, params, 1, &rng), x[6] = {1, 2, 3, 4, NAN, 6};
        assert_int_equal(up_net_cache_create(&cache, &mlp, 2, &arena), UP_OK);
        const float *y = up_net_forward(&mlp, param, (UpInput){.real = x}, 2, &cache, NULL);
        assert_true(isfinite(y[0]) && isfinite(y[1]));
        assert_true(isnan(y[2]) && isnan(y[3]));
        up_arena_free(&arena);
    }
}

static void test_no_layers_is_the_identity(void **state) {
    (void)state;
    size_t params = 3;
    UpNet mlp = up_net_mlp(2, NULL, 0, 0, UP_TANH, true, &params);
    float x[4] = {1, 2, 3, 4}, d[4] = {1, 1, 1, 1}, d_x[4] = {5, 6, 7, 8};
    assert_int_equal(params, 3);
    assert_int_equal(mlp.layers, 0);
    assert_int_equal(mlp.out, 2);
    UpNetCache cache = {0};
    assert_ptr_equal(up_net_forward(&mlp, NULL, (UpInput){.real = x}, 2, &cache, NULL), x);
    up_net_backward(&mlp, NULL, (UpInput){.real = x}, 2, &cache, d, NULL, d_x, NULL);
    const float expected[4] = {6, 7, 8, 9};
    assert_memory_equal(d_x, expected, sizeof expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_torch),
        cmocka_unit_test(test_bytes_are_divided_by_255),
        cmocka_unit_test(test_sparse_equals_dense),
        cmocka_unit_test(test_stacks),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_nan_reaches_the_output),
        cmocka_unit_test(test_no_layers_is_the_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
