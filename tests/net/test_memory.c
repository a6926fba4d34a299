// Layers that remember: recorded PyTorch results with episodes that begin inside sequences, one
// step at a time and many, any number of threads.
#include <string.h>

#include "net/layers.h"
#include "uphill/random.h"

// A network with its blocks and its cache.
typedef struct Made {
    UpArena arena;
    UpNet net;
    UpNetCache cache;
    size_t params;
    float *param, *grad;
} Made;

static void make(Made *m, const char *text, int64_t in, int64_t rows) {
    int last = -1;
    *m = (Made){0};
    up_net_start(&m->net, UP_READS_NUMBERS, (UpShape){in, 1, 1});
    if (up_net_parse(&m->net, text, true, &last) != UP_OK) fail_msg("%s: %s", text, up_error());
    up_net_place(&m->net, 0, m->net.layers, &m->params);
    m->param = up_arena_alloc(&m->arena, m->params, sizeof *m->param);
    m->grad = up_arena_alloc(&m->arena, m->params, sizeof *m->grad);
    assert_int_equal(up_net_cache_create(&m->cache, &m->net, rows, &m->arena), UP_OK);
}

static float *floats(Made *m, const cJSON *trace, const char *key, int64_t count) {
    float *values = up_arena_alloc(&m->arena, (size_t)count, sizeof *values);
    trace_floats(trace, key, (int)count, values);
    return values;
}

static void replay(const cJSON *trace) {
    Made m;
    int64_t steps = (int64_t)trace_number(trace, "steps");
    int64_t S = (int64_t)trace_number(trace, "sequences"), rows = steps * S;
    make(&m, trace_text(trace, "net"), (int64_t)trace_number(trace, "in"), rows);
    assert_int_equal(move_tensors(trace, &m.net, false, m.param), m.params);
    uint8_t begins[64];
    float *flag = floats(&m, trace, "begins", rows);
    for (int64_t i = 0; i < rows; i++)
        begins[i] = flag[i] > 0;
    float *after = up_arena_alloc(&m.arena, (size_t)(S * m.net.memory), sizeof *after);
    UpInput input = {.real = floats(&m, trace, "x", rows * m.net.inputs),
                     .steps = steps,
                     .begins = begins,
                     .memory = floats(&m, trace, "memory", S * m.net.memory),
                     .memory_out = after};
    const float *y = up_net_forward(&m.net, m.param, input, rows, &m.cache, NULL);
    trace_compare(trace, "y", 0, (int)(rows * m.net.out), y, 2e-6);
    trace_compare(trace, "memory_out", 0, (int)(S * m.net.memory), after, 2e-6);
    const float *upstream = floats(&m, trace, "upstream", rows * m.net.out);
    up_net_backward(&m.net, m.param, input, rows, &m.cache, upstream, m.grad, NULL, NULL);
    move_tensors(trace, &m.net, true, m.grad);
    up_arena_free(&m.arena);
}

static void test_torch(void **state) {
    (void)state;
    cJSON *list = trace_open("torch_memory.json");
    const cJSON *trace;
    cJSON_ArrayForEach(trace, list) replay(trace);
    assert_int_equal(cJSON_GetArraySize(list), 6);
    cJSON_Delete(list);
}

// ---------------------------------------------------------------------------------------------------
// Random sequences

enum { STEPS = 7, SEQUENCES = 37, ROWS = STEPS * SEQUENCES, IN = 5 };
static const char *const networks[] = {"dense:30,relu lstm:40 dense:20,tanh lstm:9 gru:11 dense:3",
                                       "gru:50 gru:33 dense:2", "lstm:64"};
enum { NETWORKS = 3 };

typedef struct Batch {
    Made made;
    float *x, *memory, *upstream;
    uint8_t *begins;
} Batch;

static float *random_floats(Batch *b, int64_t count, double scale, UpRng *rng) {
    float *values = up_arena_alloc(&b->made.arena, (size_t)count, sizeof *values);
    for (int64_t i = 0; i < count; i++)
        values[i] = (float)(scale * up_rng_normal(rng));
    return values;
}

static void make_batch(Batch *b, const char *text) {
    UpRng rng;
    up_rng_seed(&rng, 12);
    make(&b->made, text, IN, ROWS);
    const UpNet *net = &b->made.net;
    for (int l = 0; l < net->layers; l++)
        assert_int_equal(up_layer_init(&net->layer[l], UP_INIT_TORCH, 1, b->made.param, &rng),
                         UP_OK);
    b->x = random_floats(b, ROWS * IN, 1, &rng);
    b->memory = random_floats(b, SEQUENCES * net->memory, 0.5, &rng);
    b->upstream = random_floats(b, ROWS * net->out, 1, &rng);
    b->begins = up_arena_alloc(&b->made.arena, ROWS, 1);
    for (int i = 0; i < ROWS; i++)
        b->begins[i] = up_rng_double(&rng) < 0.2;
}

static UpInput whole(const Batch *b) {
    return (UpInput){.real = b->x, .steps = STEPS, .begins = b->begins, .memory = b->memory};
}

// The bits of output and gradient are the same for 1, 2 and 3 threads.
static void test_threads(void **state) {
    (void)state;
    for (int n = 0; n < NETWORKS; n++) {
        Batch b;
        make_batch(&b, networks[n]);
        Made *m = &b.made;
        size_t outs = (size_t)(ROWS * m->net.out);
        float *y = random_floats(&b, (int64_t)outs, 0, &(UpRng){0});
        float *first = random_floats(&b, (int64_t)m->params, 0, &(UpRng){0});
        for (int threads = 1; threads <= 3; threads++) {
            UpPool *pool;
            assert_int_equal(up_pool_create(&pool, threads), UP_OK);
            memset(m->grad, 0, m->params * sizeof *m->grad);
            const float *out = up_net_forward(&m->net, m->param, whole(&b), ROWS, &m->cache, pool);
            if (threads == 1) memcpy(y, out, outs * sizeof *y);
            assert_memory_equal(y, out, outs * sizeof *y);
            up_net_backward(&m->net, m->param, whole(&b), ROWS, &m->cache, b.upstream, m->grad,
                            NULL, pool);
            if (threads == 1) memcpy(first, m->grad, m->params * sizeof *first);
            assert_memory_equal(first, m->grad, m->params * sizeof *first);
            up_pool_destroy(pool);
        }
        up_arena_free(&m->arena);
    }
}

// Acting goes one step at a time and hands the memory on; learning takes whole sequences. Both give
// the same bits.
static void test_step_by_step(void **state) {
    (void)state;
    for (int n = 0; n < NETWORKS; n++) {
        Batch b, one;
        make_batch(&b, networks[n]);
        make_batch(&one, networks[n]);
        const UpNet *net = &b.made.net;
        const float *y = up_net_forward(net, b.made.param, whole(&b), ROWS, &b.made.cache, NULL);
        float *memory = one.memory;
        for (int t = 0; t < STEPS; t++) {
            UpInput input = {.real = b.x + (ptrdiff_t)(t * SEQUENCES * IN),
                             .begins = b.begins + (ptrdiff_t)(t * SEQUENCES),
                             .memory = memory,
                             .memory_out = memory};
            const float *row =
                up_net_forward(net, one.made.param, input, SEQUENCES, &one.made.cache, NULL);
            size_t count = (size_t)(SEQUENCES * net->out);
            assert_memory_equal(row, y + (size_t)t * count, count * sizeof *row);
        }
        up_arena_free(&b.made.arena);
        up_arena_free(&one.made.arena);
    }
}

// Without memory and beginnings a network starts from 0, and what nobody asked for is not written.
static void test_forgets(void **state) {
    (void)state;
    Batch b;
    make_batch(&b, networks[0]);
    const UpNet *net = &b.made.net;
    size_t bytes = (size_t)(SEQUENCES * net->out) * sizeof(float);
    float *first = random_floats(&b, SEQUENCES * net->out, 0, &(UpRng){0});
    UpInput input = {.real = b.x};
    memcpy(first, up_net_forward(net, b.made.param, input, SEQUENCES, &b.made.cache, NULL), bytes);
    memset(b.begins, 1, ROWS);
    input.begins = b.begins;
    input.memory = b.memory;
    assert_memory_equal(
        first, up_net_forward(net, b.made.param, input, SEQUENCES, &b.made.cache, NULL), bytes);
    up_arena_free(&b.made.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_torch),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_step_by_step),
        cmocka_unit_test(test_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
