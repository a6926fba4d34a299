// Gradient checks of dense networks: every activation, with and without bias, every form of input.
#include <string.h>

#include "gradcheck.h"
#include "uphill/net.h"
#include "uphill/random.h"

enum {
    ROWS = 70, // more than one chunk and one conversion tile
    IN = 66,   // likewise
    STACK = 3, // frames in a row, in the checks of stacks
    HEAD = 2,
    PARAMS_MAX = 2048,
    ENTRIES = 9,
};

// A network over random input; the loss is sum(output * upstream).
typedef struct Check {
    UpArena arena;
    UpNet mlp;
    UpNetCache cache;
    UpInput input;
    UpObs obs;
    size_t params;
    UpReal *param, *grad, *upstream, *real, *d_input;
} Check;

static double loss(void *context) {
    Check *c = context;
    const UpReal *y = up_net_forward(&c->mlp, c->param, c->input, ROWS, &c->cache, NULL);
    double sum = 0;
    for (int64_t i = 0; i < ROWS * c->mlp.out; i++)
        sum += y[i] * c->upstream[i];
    return sum;
}

static UpReal *random_block(UpArena *arena, size_t count, double scale, UpRng *rng) {
    UpReal *block = up_arena_alloc(arena, count, sizeof *block);
    for (size_t i = 0; i < count; i++)
        block[i] = scale * up_rng_normal(rng);
    return block;
}

static void fill_obs(Check *c, UpObsForm form, UpRng *rng) {
    c->obs = (UpObs){.form = form, .rows = ROWS, .dim = IN};
    c->obs.f32 = up_arena_alloc(&c->arena, ROWS * IN, sizeof(float));
    c->obs.u8 = up_arena_alloc(&c->arena, ROWS * IN, 1);
    c->obs.entry = up_arena_alloc(&c->arena, ROWS * ENTRIES, sizeof(UpSparseEntry));
    c->obs.begin = up_arena_alloc(&c->arena, ROWS, sizeof(uint64_t));
    c->obs.count = up_arena_alloc(&c->arena, ROWS, sizeof(uint32_t));
    for (int i = 0; i < ROWS * IN; i++) {
        c->obs.f32[i] = (float)up_rng_normal(rng);
        c->obs.u8[i] = (uint8_t)up_rng_integers(rng, 0, 256);
    }
    for (int i = 0; i < ROWS; i++) { // rows of 0 to ENTRIES entries with ascending positions
        c->obs.begin[i] = (uint64_t)((ROWS - 1 - i) * ENTRIES);
        c->obs.count[i] = (uint32_t)up_rng_integers(rng, 0, ENTRIES + 1);
        int64_t position = -1;
        for (uint32_t e = 0; e < c->obs.count[i]; e++) {
            position += up_rng_integers(rng, 1, IN / ENTRIES);
            c->obs.entry[c->obs.begin[i] + e] =
                (UpSparseEntry)(position * 2 + up_rng_integers(rng, 0, 2));
        }
    }
}

// Makes rows of the pool's frames, many of them in several rows.
static void stack_obs(Check *c, UpRng *rng) {
    c->obs.dim = IN / STACK;
    c->obs.stack = STACK;
    c->obs.frame = up_arena_alloc(&c->arena, ROWS * STACK, sizeof(uint32_t));
    for (int i = 0; i < ROWS * STACK; i++)
        c->obs.frame[i] = (uint32_t)up_rng_integers(rng, 0, ROWS * STACK);
}

// The gradient blocks start at 1 and 2, which shows that backward adds to what is there.
static void check(UpActivation activation, bool bias, bool trunk, const UpObsForm *form,
                  bool stacked) {
    Check c = {0};
    UpRng rng;
    up_rng_seed(&rng, 5);
    const int64_t hidden[] = {5, 4};
    size_t params = 0;
    c.mlp = up_net_mlp(IN, hidden, 2, trunk ? 0 : HEAD, activation, bias, &params);
    assert_true(params > 0 && params < PARAMS_MAX);
    c.param = random_block(&c.arena, params, 0.3, &rng);
    c.grad = up_arena_alloc(&c.arena, params, sizeof(UpReal));
    c.real = random_block(&c.arena, ROWS * IN, 1, &rng);
    c.d_input = up_arena_alloc(&c.arena, ROWS * IN, sizeof(UpReal));
    c.upstream = random_block(&c.arena, (size_t)(ROWS * c.mlp.out), 1, &rng);
    assert_int_equal(up_net_cache_create(&c.cache, &c.mlp, ROWS, &c.arena), UP_OK);
    if (form) fill_obs(&c, *form, &rng);
    if (stacked) stack_obs(&c, &rng);
    c.input = form ? (UpInput){.obs = &c.obs} : (UpInput){.real = c.real};
    for (size_t i = 0; i < params; i++)
        c.grad[i] = 1;
    for (int i = 0; i < ROWS * IN; i++)
        c.d_input[i] = 2;

    loss(&c);
    up_net_backward(&c.mlp, c.param, c.input, ROWS, &c.cache, c.upstream, c.grad, c.d_input, NULL);
    for (size_t i = 0; i < params; i++)
        c.grad[i] -= 1;
    for (int i = 0; i < ROWS * IN; i++)
        c.d_input[i] -= 2;
    check_gradient("parameter", loss, &c, c.param, c.grad, params);
    if (!form) check_gradient("input", loss, &c, c.real, c.d_input, ROWS * IN);
    up_arena_free(&c.arena);
}

static void test_activations(void **state) {
    (void)state;
    for (int a = UP_IDENTITY; a < UP_ACTIVATIONS; a++) {
        check((UpActivation)a, true, false, NULL, false);
        check((UpActivation)a, false, true, NULL, false);
    }
}

static void test_forms(void **state) {
    (void)state;
    for (int form = UP_OBS_F32; form <= UP_OBS_SPARSE; form++) {
        UpObsForm f = (UpObsForm)form;
        check(UP_TANH, true, false, &f, false);
        check(UP_TANH, false, true, &f, false);
    }
}

static void test_stacks(void **state) {
    (void)state;
    for (UpObsForm form = UP_OBS_F32; form <= UP_OBS_U8; form++)
        check(UP_TANH, true, false, &form, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activations),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_stacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
