// All kinds of layers: recorded PyTorch results by PyTorch's names, any number of threads, and
// descriptions as text.
#include <string.h>

#include "net/layers.h"
#include "uphill/net.h"
#include "uphill/random.h"

// What a trace's network reads.
static void start(UpNet *net, const cJSON *trace) {
    const char *reads = trace_text(trace, "reads");
    float side[3] = {0, 1, 1};
    trace_floats(trace, "shape", cJSON_GetArraySize(trace_item(trace, "shape")), side);
    UpReads kind = !strcmp(reads, "picture")   ? UP_READS_PLANES
                   : !strcmp(reads, "choices") ? UP_READS_CHOICES
                                               : UP_READS_NUMBERS;
    up_net_start(net, kind, (UpShape){(int64_t)side[0], (int64_t)side[1], (int64_t)side[2]});
}

// The observations of a trace.
static UpInput read_input(const cJSON *trace, const UpNet *net, int64_t rows, UpObs *obs,
                          UpArena *arena) {
    bool choices = net->reads == UP_READS_CHOICES;
    int64_t width = choices ? 1 : net->inputs;
    trace_floats(trace, "x", (int)(rows * width), block);
    *obs = (UpObs){.rows = rows, .dim = net->inputs};
    obs->form = choices ? UP_OBS_SPARSE : net->reads == UP_READS_NUMBERS ? UP_OBS_F32 : UP_OBS_U8;
    obs->f32 = up_arena_alloc(arena, (size_t)(rows * width), sizeof(float));
    obs->u8 = up_arena_alloc(arena, (size_t)(rows * width), 1);
    obs->entry = up_arena_alloc(arena, (size_t)rows, sizeof *obs->entry);
    obs->begin = up_arena_alloc(arena, (size_t)rows, sizeof *obs->begin);
    obs->count = up_arena_alloc(arena, (size_t)rows, sizeof *obs->count);
    for (int64_t i = 0; i < rows * width; i++) {
        obs->f32[i] = block[i];
        obs->u8[i] = (uint8_t)block[i];
    }
    for (int64_t i = 0; i < rows && choices; i++) {
        obs->begin[i] = (uint64_t)i;
        obs->count[i] = 1;
        obs->entry[i] = (UpSparseEntry)(2 * (int64_t)block[i]);
    }
    return (UpInput){.obs = obs};
}

static void replay(const cJSON *trace) {
    UpArena arena = {0};
    UpNet net;
    UpNetCache cache;
    UpObs obs;
    size_t params = 0;
    int last = -1, rows = (int)trace_number(trace, "rows");
    start(&net, trace);
    if (up_net_parse(&net, trace_text(trace, "net"), true, &last) != UP_OK)
        fail_msg("%s: %s", trace_text(trace, "name"), up_error());
    up_net_place(&net, 0, net.layers, &params);
    float *param = up_arena_alloc(&arena, params, sizeof *param);
    float *grad = up_arena_alloc(&arena, params, sizeof *grad);
    UpInput input = read_input(trace, &net, rows, &obs, &arena);
    assert_int_equal(up_net_cache_create(&cache, &net, rows, &arena), UP_OK);
    assert_int_equal(move_tensors(trace, &net, false, param), params);

    const float *y = up_net_forward(&net, param, input, rows, &cache, NULL);
    trace_compare(trace, "y", 0, rows * (int)net.out, y, 2e-6);
    float *upstream = up_arena_alloc(&arena, (size_t)(rows * net.out), sizeof *upstream);
    trace_floats(trace, "upstream", rows * (int)net.out, upstream);
    up_net_backward(&net, param, input, rows, &cache, upstream, grad, NULL, NULL);
    move_tensors(trace, &net, true, grad);
    up_arena_free(&arena);
}

static void test_torch(void **state) {
    (void)state;
    cJSON *list = trace_open("torch_layers.json");
    const cJSON *trace;
    bool seen[UP_LAYER_KINDS] = {false};
    cJSON_ArrayForEach(trace, list) {
        UpNet net;
        int last = -1;
        replay(trace);
        start(&net, trace);
        assert_int_equal(up_net_parse(&net, trace_text(trace, "net"), true, &last), UP_OK);
        for (int l = 0; l < net.layers; l++)
            seen[net.layer[l].kind] = true;
    }
    cJSON_Delete(list);
    list = trace_open("torch_memory.json"); // tests/net/test_memory.c replays these
    cJSON_ArrayForEach(trace, list) {
        UpNet net;
        int last = -1;
        up_net_start(&net, UP_READS_NUMBERS, (UpShape){4, 1, 1});
        assert_int_equal(up_net_parse(&net, trace_text(trace, "net"), true, &last), UP_OK);
        for (int l = 0; l < net.layers; l++)
            seen[net.layer[l].kind] = true;
    }
    cJSON_Delete(list);
    for (int kind = 0; kind < UP_LAYER_KINDS; kind++)
        if (!seen[kind]) fail_msg("no trace of PyTorch has a layer of kind %d", kind);
}

// ---------------------------------------------------------------------------------------------------
// Threads

enum { SIDE = 21, FRAMES = 40, STACK = 4, ROWS = 150 };

static void random_frames(UpObs *obs, UpRng *rng, UpArena *arena) {
    *obs = (UpObs){.form = UP_OBS_U8, .rows = ROWS, .dim = SIDE * SIDE, .stack = STACK};
    obs->u8 = up_arena_alloc(arena, FRAMES * SIDE * SIDE, 1);
    obs->frame = up_arena_alloc(arena, ROWS * STACK, sizeof *obs->frame);
    for (int i = 0; i < FRAMES * SIDE * SIDE; i++)
        obs->u8[i] = (uint8_t)up_rng_integers(rng, 0, 256);
    for (int i = 0; i < ROWS * STACK; i++)
        obs->frame[i] = (uint32_t)up_rng_integers(rng, 0, FRAMES);
}

// The bits of output and gradient are the same for 1, 2 and 3 threads.
static void check_threads(const char *text) {
    UpArena arena = {0};
    UpRng rng;
    UpNet net;
    UpNetCache cache;
    UpObs obs;
    size_t params = 0;
    int last = -1;
    up_rng_seed(&rng, 3);
    random_frames(&obs, &rng, &arena);
    up_net_start(&net, UP_READS_PLANES, (UpShape){STACK, SIDE, SIDE});
    assert_int_equal(up_net_parse(&net, text, true, &last), UP_OK);
    up_net_place(&net, 0, net.layers, &params);
    size_t outs = (size_t)(ROWS * net.out);
    float *param = up_arena_alloc(&arena, params, sizeof *param);
    float *grad = up_arena_alloc(&arena, 2 * params, sizeof *grad), *first = grad + params;
    float *upstream = up_arena_alloc(&arena, outs, sizeof *upstream);
    float *y = up_arena_alloc(&arena, outs, sizeof *y);
    assert_int_equal(up_net_cache_create(&cache, &net, ROWS, &arena), UP_OK);
    for (int l = 0; l < net.layers; l++)
        assert_int_equal(up_layer_init(&net.layer[l], UP_INIT_TORCH, 1, param, &rng), UP_OK);
    for (size_t i = 0; i < outs; i++)
        upstream[i] = (float)up_rng_normal(&rng);
    for (int threads = 1; threads <= 3; threads++) {
        UpPool *pool;
        UpInput input = {.obs = &obs};
        assert_int_equal(up_pool_create(&pool, threads), UP_OK);
        memset(grad, 0, params * sizeof *grad);
        const float *out = up_net_forward(&net, param, input, ROWS, &cache, pool);
        if (threads == 1) memcpy(y, out, outs * sizeof *y);
        assert_memory_equal(y, out, outs * sizeof *y);
        up_net_backward(&net, param, input, ROWS, &cache, upstream, grad, NULL, pool);
        if (threads == 1) memcpy(first, grad, params * sizeof *grad);
        assert_memory_equal(first, grad, params * sizeof *grad);
        up_pool_destroy(pool);
    }
    up_arena_free(&arena);
}

static void test_threads(void **state) {
    (void)state;
    check_threads("conv:8x5s2,relu conv:8x3s1,silu dense:30,relu dense:3");
    check_threads("conv:6x3s1p1 pool:3s2p1 relu conv:6x3s1p1,elu conv:6x3s1p1 add:3 norm,relu "
                  "dense:20");
}

// ---------------------------------------------------------------------------------------------------
// Text

static void parse(UpNet *net, UpReads reads, UpShape in, const char *text, UpStatus status,
                  const char *message) {
    int last = -1;
    up_net_start(net, reads, in);
    UpStatus got = up_net_parse(net, text, true, &last);
    if (got != status || (message && !strstr(up_error(), message)))
        fail_msg("%s: %d, %s", text, (int)got, up_error());
}

static void test_text(void **state) {
    (void)state;
    static const char *const text[] = {"conv:32x8s4,relu", "conv:64x4s2,relu", "conv:64x3s1,relu",
                                       "dense:512,relu"};
    const UpShape atari = {4, 84, 84};
    UpNet net;
    parse(&net, UP_READS_PLANES, atari, "nature", UP_OK, NULL);
    assert_int_equal(net.layers, 4);
    for (int l = 0; l < 4; l++) {
        char line[64];
        up_layer_format(&net, l, line, sizeof line);
        assert_string_equal(line, text[l]);
    }
    assert_int_equal(net.layer[2].outputs, 64 * 7 * 7); // Mnih 2015
    parse(&net, UP_READS_PLANES, atari, "impala", UP_OK, NULL);
    int convolutions = 0;
    for (int l = 0; l < net.layers; l++)
        convolutions += net.layer[l].kind == UP_LAYER_CONV;
    assert_int_equal(convolutions, 15); // Espeholt 2018
    assert_int_equal(net.layer[net.layers - 1].inputs, 32 * 11 * 11);
    parse(&net, UP_READS_NUMBERS, (UpShape){3, 1, 1}, "mlp:64x32,elu norm,relu", UP_OK, NULL);
    assert_int_equal(net.layers, 3);
    assert_int_equal(net.layer[1].activation, UP_ELU);
    assert_int_equal(net.out, 32);
}

static void test_text_refused(void **state) {
    (void)state;
    static const struct {
        UpReads reads;
        const char *text, *message;
    } row[] = {
        {UP_READS_PLANES, "conv:8x13s1", "layer 1, conv:8x13s1: a kernel of 13 x 13 does not fit"},
        {UP_READS_PLANES, "conv:8x4s2 conv:8x6s1", "layer 2, conv:8x6s1: a kernel of 6 x 6"},
        {UP_READS_PLANES, "conv:8x4s0", "it must be dense:N"},
        {UP_READS_PLANES, "conv:8x4", "it must be dense:N"},
        {UP_READS_PLANES, "conv:2x1s1 pool:3s1p2", "half of its kernel"},
        {UP_READS_PLANES, "dense:8 conv:4x3s1", "the layer before it gives 8 numbers"},
        {UP_READS_NUMBERS, "conv:4x3s1", "the observation is none"},
        {UP_READS_NUMBERS, "embed:4", "this one is none"},
        {UP_READS_CHOICES, "dense:4 embed:4", "the first layer"},
        {UP_READS_NUMBERS, "norm", "layer 1, norm: it needs a layer before it"},
        {UP_READS_NUMBERS, "dense:4 add:1", "not so many layers"},
        {UP_READS_NUMBERS, "dense:4 dense:5 add:1", "other shapes: 5 x 1 x 1 and 4 x 1 x 1"},
        {UP_READS_NUMBERS, "dense:4,rely", "the activation is one of"},
        {UP_READS_NUMBERS, "dense:4,relu8", "the activation is one of"},
        {UP_READS_NUMBERS, "dense:0", "it must be dense:N"},
        {UP_READS_NUMBERS, "dense:99999999999999999999", "it must be dense:N"},
        {UP_READS_NUMBERS, "dense:4 dance:4", "layer 2, dance:4: it must be"},
        {UP_READS_NUMBERS, "mlp:4x", "layer 1, mlp:4x: it must be"},
        {UP_READS_NUMBERS, "lstm:4,tanh", "it has its own activations"},
        {UP_READS_NUMBERS, "gru:", "it must be"},
        {UP_READS_NUMBERS, "mlp:4,no", "the activation is one of"},
        {UP_READS_NUMBERS, "Nature", "it must be"},
        {UP_READS_NUMBERS,
         "dense:1111111111111111111111111111111111111111111111111111111111111111111111111",
         "it must be"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        UpNet net;
        UpShape in = row[i].reads == UP_READS_PLANES ? (UpShape){1, 12, 12} : (UpShape){3, 1, 1};
        parse(&net, row[i].reads, in, row[i].text, UP_USAGE, row[i].message);
    }
    UpNet net;
    char many[UP_NET_LAYERS * 8 + 16] = "";
    for (int i = 0; i <= UP_NET_LAYERS; i++)
        strcat(many, "dense:1 ");
    parse(&net, UP_READS_NUMBERS, (UpShape){3, 1, 1}, many, UP_USAGE, "a network has at most 96");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_torch),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_text_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
