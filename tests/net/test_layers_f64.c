// Gradient and tangent checks of every kind of layer. A kind without a case fails.
#include <string.h>

#include "gradcheck.h"
#include "net/layer.h"
#include "uphill/random.h"

enum { STEPS = 3, ROWS = 2 * STEPS, CASES = 3 };

// Networks that hold a layer of the kind, behind another one where the kind may stand there, and
// what they read.
static const struct Case {
    UpReads reads;
    UpShape in;
    const char *text;
} cases[UP_LAYER_KINDS][CASES] = {
    [UP_LAYER_DENSE] = {{UP_READS_NUMBERS, {4, 1, 1}, "dense:5,elu dense:3"},
                        {UP_READS_PLANES, {2, 4, 5}, "conv:3x3s1,tanh dense:4,silu dense:2"}},
    [UP_LAYER_CONV] = {{UP_READS_PLANES, {2, 6, 5}, "conv:3x2s1,elu conv:2x3s2p1,silu dense:2"},
                       {UP_READS_PIXELS, {3, 5, 5}, "conv:2x3s2p2,tanh conv:3x2s1"}},
    [UP_LAYER_POOL] = {{UP_READS_PLANES, {2, 7, 6}, "conv:3x2s1 pool:3s2p1,tanh dense:2"},
                       {UP_READS_PLANES, {1, 6, 6}, "conv:2x1s1 pool:2s1 pool:2s2"}},
    [UP_LAYER_NORM] = {{UP_READS_NUMBERS, {4, 1, 1}, "dense:37 norm,elu dense:2"},
                       {UP_READS_PLANES, {2, 4, 5}, "conv:3x3s1 norm dense:3,tanh norm"}},
    [UP_LAYER_ADD] = {{UP_READS_NUMBERS, {4, 1, 1}, "dense:3,tanh dense:3 add:1,silu dense:2"},
                      {UP_READS_PLANES,
                       {2, 4, 4},
                       "conv:3x3s1p1 elu conv:3x3s1p1,elu conv:3x3s1p1 add:3 elu dense:2"}},
    [UP_LAYER_ACTIVATE] = {{UP_READS_NUMBERS, {4, 1, 1}, "dense:5 tanh dense:4 silu elu"}},
    [UP_LAYER_EMBED] = {{UP_READS_CHOICES, {7, 1, 1}, "embed:5,tanh dense:2"},
                        {UP_READS_CHOICES, {7, 1, 1}, "embed:3"}},
    [UP_LAYER_LSTM] = {{UP_READS_NUMBERS, {3, 1, 1}, "lstm:4"},
                       {UP_READS_NUMBERS, {3, 1, 1}, "dense:4,tanh lstm:3 lstm:2 dense:2"},
                       {UP_READS_PLANES, {2, 3, 4}, "conv:2x2s1,tanh lstm:3 norm dense:2"}},
    [UP_LAYER_GRU] = {{UP_READS_NUMBERS, {3, 1, 1}, "gru:4"},
                      {UP_READS_NUMBERS, {3, 1, 1}, "dense:4,tanh gru:3 gru:3 add:1 dense:2"},
                      {UP_READS_CHOICES, {5, 1, 1}, "gru:3 dense:3,elu lstm:2"}},
};

typedef struct Check {
    UpArena arena;
    UpNet net;
    UpNetCache cache;
    UpObs obs;
    UpInput input;
    size_t params;
    UpReal *param, *grad, *upstream;
} Check;

static double loss(void *context) {
    Check *c = context;
    const UpReal *y = up_net_forward(&c->net, c->param, c->input, ROWS, &c->cache, NULL);
    double sum = 0;
    for (int64_t i = 0; i < ROWS * c->net.out; i++)
        sum += y[i] * c->upstream[i];
    return sum;
}

static UpReal *random_block(Check *c, size_t count, double scale, UpRng *rng) {
    UpReal *values = up_arena_alloc(&c->arena, count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = scale * up_rng_normal(rng);
    return values;
}

static void fill_obs(Check *c, UpRng *rng) {
    size_t count = (size_t)(ROWS * c->net.inputs);
    UpObs *obs = &c->obs;
    *obs = (UpObs){.form = c->net.reads == UP_READS_CHOICES ? UP_OBS_SPARSE : UP_OBS_F32,
                   .rows = ROWS,
                   .dim = c->net.inputs};
    obs->f32 = up_arena_alloc(&c->arena, count, sizeof *obs->f32);
    obs->entry = up_arena_alloc(&c->arena, ROWS, sizeof *obs->entry);
    obs->begin = up_arena_alloc(&c->arena, ROWS, sizeof *obs->begin);
    obs->count = up_arena_alloc(&c->arena, ROWS, sizeof *obs->count);
    for (size_t i = 0; i < count; i++)
        obs->f32[i] = (float)up_rng_normal(rng);
    for (int i = 0; i < ROWS; i++) {
        obs->begin[i] = (uint64_t)i;
        obs->count[i] = 1;
        obs->entry[i] = (UpSparseEntry)(2 * up_rng_integers(rng, 0, c->net.inputs));
    }
    c->input.obs = obs;
}

// Sequences that remember from before them, and an episode that begins inside.
static void fill_memory(Check *c, UpRng *rng) {
    static uint8_t begins[ROWS];
    if (c->net.memory == 0) return;
    memset(begins, 0, sizeof begins);
    begins[ROWS / STEPS + 1] = 1; // the second step of the second sequence
    c->input.steps = STEPS;
    c->input.begins = begins;
    c->input.memory = random_block(c, (size_t)(ROWS / STEPS * c->net.memory), 0.5, rng);
}

static void create(Check *c, const struct Case *one) {
    UpRng rng;
    int last = -1;
    *c = (Check){.params = 1}; // the block does not begin with the network
    up_rng_seed(&rng, 4);
    up_net_start(&c->net, one->reads, one->in);
    if (up_net_parse(&c->net, one->text, true, &last) != UP_OK)
        fail_msg("%s: %s", one->text, up_error());
    up_net_place(&c->net, 0, c->net.layers, &c->params);
    c->param = random_block(c, c->params, 0.5, &rng);
    c->grad = up_arena_alloc(&c->arena, c->params, sizeof(UpReal));
    c->upstream = random_block(c, (size_t)(ROWS * c->net.out), 1, &rng);
    assert_int_equal(up_net_cache_create(&c->cache, &c->net, ROWS, &c->arena), UP_OK);
    fill_obs(c, &rng);
    fill_memory(c, &rng);
}

// The gradient block starts at 1, which shows that backward adds to what is there.
static void check_backward(Check *c) {
    for (size_t i = 0; i < c->params; i++)
        c->grad[i] = 1;
    loss(c);
    up_net_backward(&c->net, c->param, c->input, ROWS, &c->cache, c->upstream, c->grad, NULL, NULL);
    for (size_t i = 0; i < c->params; i++)
        c->grad[i] -= 1;
    check_gradient("parameter", loss, c, c->param, c->grad, c->params);
}

// The tangent along v against the difference quotient of the output.
static void check_tangent(Check *c) {
    UpRng rng;
    const double h = 1e-5;
    int64_t count = ROWS * c->net.out;
    up_rng_seed(&rng, 6);
    UpReal *v = random_block(c, c->params, 1, &rng), *kept = random_block(c, c->params, 0, &rng);
    UpReal *above = random_block(c, (size_t)count, 0, &rng);
    memcpy(kept, c->param, c->params * sizeof *kept);
    for (int sign = 1; sign >= -1; sign -= 2) {
        for (size_t i = 0; i < c->params; i++)
            c->param[i] = kept[i] + sign * h * v[i];
        const UpReal *y = up_net_forward(&c->net, c->param, c->input, ROWS, &c->cache, NULL);
        for (int64_t i = 0; i < count; i++)
            above[i] += sign * y[i] / (2 * h);
    }
    memcpy(c->param, kept, c->params * sizeof *kept);
    loss(c);
    const UpReal *tangent =
        up_net_tangent(&c->net, c->param, v, c->input, NULL, ROWS, &c->cache, NULL);
    for (int64_t i = 0; i < count; i++)
        if (!(fabs(tangent[i] - above[i]) < 1e-6 * fmax(1e-3, fabs(above[i]))))
            fail_msg("tangent[%d]: %.12g, the difference quotient says %.12g", (int)i, tangent[i],
                     above[i]);
}

static void test_every_kind(void **state) {
    (void)state;
    for (int kind = 0; kind < UP_LAYER_KINDS; kind++) {
        if (!cases[kind][0].text)
            fail_msg("the layer \"%s\" has no case", up__layer_ops[kind]->name);
        for (int i = 0; i < CASES && cases[kind][i].text; i++) {
            Check c;
            bool there = false;
            create(&c, &cases[kind][i]);
            for (int l = 0; l < c.net.layers; l++)
                there |= c.net.layer[l].kind == (UpLayerKind)kind;
            if (!there) fail_msg("%s: no such layer in it", cases[kind][i].text);
            check_backward(&c);
            if (!up_net_no_tangent(&c.net)) check_tangent(&c);
            up_arena_free(&c.arena);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_kind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
