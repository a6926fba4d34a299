// How fast the inner loops are on this machine, each beside its alternatives, on one thread:
//
//     build/release/bench/bench_kernels [products|sparse|elements|optim|networks]
//
// Products and sparse products count a multiplication and an addition as two operations.
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernels/kernels.h"
#include "uphill/arena.h"
#include "uphill/net.h"
#include "uphill/random.h"

enum { IMPLEMENTATIONS = 5, FLOATS = 6400 * 1024 };

static UpKernels onednn;
static const UpKernels *implementation[IMPLEMENTATIONS];
static float *a, *b, *c, *d; // (FLOATS) each

// Processor time of the thread, which does not count what others do to the machine; where several
// threads work together, the time on the wall.
static clockid_t clock_used = CLOCK_THREAD_CPUTIME_ID;

static double now(void) {
    struct timespec t;
    clock_gettime(clock_used, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// A whole network, as training uses it.
typedef struct Net {
    UpNet mlp;
    UpNetCache cache;
    UpInput input;
    int64_t rows;
    float *param, *grad, *d_out;
    UpPool *pool;
} Net;

typedef struct Case {
    int64_t m, n, k;
    UpActivation activation;
    UpObs obs;
    Net *net;
} Case;
typedef void (*Body)(const UpKernels *kernels, Case *one);

// Seconds of one call: the best of rounds of a millisecond or more, for 60 ms, as others may use
// the machine.
static double measure(Body body, const UpKernels *kernels, Case *one) {
    body(kernels, one); // oneDNN generates code in its first call
    double best = 1e9, first = now();
    int calls = 1;
    while (now() - first < 0.06) {
        double start = now();
        for (int i = 0; i < calls; i++)
            body(kernels, one);
        double seconds = now() - start;
        if (seconds / calls < best) best = seconds / calls;
        if (seconds < 1e-3) calls *= 2;
    }
    return best;
}

// One line: what `amount` per call comes to for each implementation, in 1e9 a second, and the best
// time.
static void line(const char *what, Body body, Case *one, double amount, bool skip_onednn) {
    double fastest = 1e9;
    printf("%-28s", what);
    for (int i = 0; i < IMPLEMENTATIONS; i++) {
        if (!implementation[i] || (skip_onednn && implementation[i] == &onednn)) {
            printf("%10s", "-");
            continue;
        }
        double seconds = measure(body, implementation[i], one);
        if (seconds < fastest) fastest = seconds;
        printf("%10.2f", 1e-9 * amount / seconds);
    }
    printf("%12.2f us\n", 1e6 * fastest);
}

static void header(const char *title) {
    printf("\n%-28s", title);
    for (int i = 0; i < IMPLEMENTATIONS; i++)
        printf("%10s", implementation[i] ? implementation[i]->name : "-");
    printf("%15s\n", "fastest");
}

static void run_product(const UpKernels *kernels, Case *one) {
    kernels->product(one->m, one->n, one->k, a, one->k, b, c);
}
static void run_product_input(const UpKernels *kernels, Case *one) {
    kernels->product_input(one->m, one->n, one->k, c, b, a);
}
static void run_product_weight(const UpKernels *kernels, Case *one) {
    kernels->product_weight(one->m, one->n, one->k, a, one->k, c, b);
}

static void products(void) {
    static const int64_t shape[][3] = {
        {1, 64, 4},     {1, 64, 64},     {8, 64, 4},       {8, 64, 64},    {8, 2, 64},
        {8, 1, 64},     {64, 64, 4},     {64, 64, 64},     {256, 64, 64},  {256, 2, 64},
        {256, 1, 64},   {64, 64, 17},    {64, 256, 17},    {64, 128, 128}, {16, 256, 256},
        {64, 256, 256}, {256, 256, 256}, {512, 6, 200},    {512, 1, 200},  {64, 200, 200},
        {64, 512, 512}, {64, 200, 6400}, {512, 200, 6400},
    };
    static const Body body[] = {run_product, run_product_input, run_product_weight};
    static const char *const name[] = {"Y += X W", "dX += dY W^T", "dW += X^T dY"};
    for (int f = 0; f < 3; f++) {
        char title[64];
        snprintf(title, sizeof title, "%s, GF/s", name[f]);
        header(title);
        for (size_t i = 0; i < sizeof shape / sizeof shape[0]; i++) {
            Case one = {.m = shape[i][0], .n = shape[i][1], .k = shape[i][2]};
            char what[64];
            snprintf(what, sizeof what, "m %4d  n %4d  k %5d", (int)one.m, (int)one.n, (int)one.k);
            line(what, body[f], &one, 2.0 * (double)(one.m * one.n * one.k), false);
        }
    }
}

static void run_sparse(const UpKernels *kernels, Case *one) {
    kernels->sparse_product(&one->obs, 0, one->m, one->n, b, c);
}
static void run_sparse_weight(const UpKernels *kernels, Case *one) {
    for (int64_t j = 0; j < one->n; j += one->k)
        kernels->sparse_product_weight(&one->obs, one->m, one->n, j,
                                       j + one->k < one->n ? j + one->k : one->n, c, b);
}

// Frames like Pong's: two paddles in their columns and a ball, at random heights.
static double fill_frames(UpObs *obs, int64_t rows, UpArena *arena) {
    UpRng rng;
    up_rng_seed(&rng, 1);
    double entries = 0;
    *obs = (UpObs){.form = UP_OBS_SPARSE, .rows = rows, .dim = 6400};
    obs->entry = up_arena_alloc(arena, (size_t)rows * 64, sizeof *obs->entry);
    obs->begin = up_arena_alloc(arena, (size_t)rows, sizeof *obs->begin);
    obs->count = up_arena_alloc(arena, (size_t)rows, sizeof *obs->count);
    for (int64_t i = 0; i < rows; i++) {
        bool set[6400] = {0};
        for (int part = 0; part < 4; part++) {
            int64_t y = up_rng_integers(&rng, 0, 72), height = part < 2 ? 8 : 2;
            int64_t x = part == 0 ? 8 : part == 1 ? 70 : up_rng_integers(&rng, 9, 68);
            for (int64_t h = 0; h < height; h++)
                for (int64_t w = 0; w < 2; w++)
                    set[(y + h) * 80 + x + w] = true;
        }
        obs->begin[i] = (uint64_t)i * 64;
        for (int p = 0; p < 6400; p++)
            if (set[p])
                obs->entry[obs->begin[i] + obs->count[i]++] = (UpSparseEntry)(p * 2 + (p & 1));
        entries += obs->count[i];
    }
    return entries;
}

static void sparse(void) {
    UpArena arena = {0};
    header("sparse 6400 x 200, GF/s");
    for (int64_t rows = 16; rows <= 2048; rows *= rows < 512 ? 32 : 4) {
        Case one = {.m = rows, .n = 200};
        double operations = 2 * 200 * fill_frames(&one.obs, rows, &arena);
        char what[64];
        snprintf(what, sizeof what, "forward, %d rows", (int)rows);
        line(what, run_sparse, &one, operations, true);
        for (one.k = 32; one.k <= 256; one.k *= 2) {
            snprintf(what, sizeof what, "weights, %d rows, by %d", (int)rows, (int)one.k);
            line(what, run_sparse_weight, &one, operations, true);
        }
    }
    up_arena_free(&arena);
}

static void run_activate(const UpKernels *kernels, Case *one) {
    kernels->activate(one->activation, one->m, a, d);
}
static void run_activate_backward(const UpKernels *kernels, Case *one) {
    kernels->activate_backward(one->activation, one->m, a, b, d);
}

static void elements(void) {
    static const char *const name[] = {"identity",   "sigmoid", "tanh", "relu",
                                       "leaky_relu", "silu",    "elu"};
    header("element-wise, 4096, G/s");
    for (int i = UP_SIGMOID; i < UP_ACTIVATIONS; i++) {
        Case one = {.m = 4096, .activation = (UpActivation)i};
        char what[64];
        line(name[i], run_activate, &one, 4096, true);
        snprintf(what, sizeof what, "%s, backward", name[i]);
        line(what, run_activate_backward, &one, 4096, true);
    }
}

static const UpStepCoef coef = {1, 1e-6f, 0.9f, 0.1f, 0.999f, 0.001f, 1, 1e-8f};

static void run_square_sum(const UpKernels *kernels, Case *one) {
    volatile double sum = kernels->square_sum((size_t)one->m, a);
    (void)sum;
}
static void run_sgd(const UpKernels *kernels, Case *one) {
    kernels->sgd(&coef, (size_t)one->m, a, b, c);
}
static void run_rmsprop(const UpKernels *kernels, Case *one) {
    kernels->rmsprop(&coef, (size_t)one->m, a, b, d);
}
static void run_adam(const UpKernels *kernels, Case *one) {
    kernels->adam(&coef, (size_t)one->m, a, b, c, d);
}
// What memory gives: a copy of as many bytes as Adam reads and writes.
static void run_copy(const UpKernels *kernels, Case *one) {
    (void)kernels;
    memcpy(a, b, (size_t)one->m * 16);
}

static void optim(void) {
    header("optimiser, GB/s");
    for (int64_t count = 4800; count <= 1282000; count = count == 4800 ? 1282000 : count + 1) {
        Case one = {.m = count};
        double numbers = 4 * (double)count;
        printf("%d parameters\n", (int)count);
        line("  norm", run_square_sum, &one, numbers, true);
        line("  SGD with momentum", run_sgd, &one, 6 * numbers, true);
        line("  RMSProp", run_rmsprop, &one, 6 * numbers, true);
        line("  Adam", run_adam, &one, 8 * numbers, true);
        line("  memcpy, as Adam", run_copy, &one, 8 * numbers, true);
    }
}

static void run_forward(const UpKernels *kernels, Case *one) {
    (void)kernels; // those that the library chose
    Net *net = one->net;
    up_net_forward(&net->mlp, net->param, net->input, net->rows, &net->cache, net->pool);
}
static void run_backward(const UpKernels *kernels, Case *one) {
    (void)kernels;
    Net *net = one->net;
    up_net_backward(&net->mlp, net->param, net->input, net->rows, &net->cache, net->d_out,
                    net->grad, NULL, net->pool);
}

static void network(const char *name, int64_t in, int64_t hidden, int layers, int64_t out,
                    UpActivation activation, int64_t rows, UpPool *pool) {
    UpArena arena = {0};
    UpObs obs;
    Net net = {.rows = rows, .pool = pool, .input = {.real = a}, .param = b, .grad = c, .d_out = d};
    const int64_t widths[] = {hidden, hidden};
    size_t params = 0;
    net.mlp = up_net_mlp(in, widths, layers, out, activation, true, &params);
    if (in == 6400) {
        fill_frames(&obs, rows, &arena);
        net.input = (UpInput){.obs = &obs};
    }
    if (up_net_cache_create(&net.cache, &net.mlp, rows, &arena) != UP_OK) return;
    Case one = {.net = &net};
    double forward = measure(run_forward, NULL, &one), backward = measure(run_backward, NULL, &one);
    printf("%-34s%8d%12.2f%12.2f\n", name, (int)rows, 1e6 * forward, 1e6 * backward);
    up_arena_free(&arena);
}

static void networks(void) {
    for (int threads = 1; threads <= 2; threads++) {
        UpPool *pool;
        if (up_pool_create(&pool, threads) != UP_OK) return;
        if (threads > 1) clock_used = CLOCK_MONOTONIC;
        printf("\n%-34s%8s%12s%12s  (%d threads)\n", "network", "rows", "forward us", "backward us",
               threads);
        for (int64_t rows = 1; rows <= 512; rows *= 8)
            network("4-64-64-2 tanh", 4, 64, 2, 2, UP_TANH, rows, pool);
        network("4-64-64-2 tanh", 4, 64, 2, 2, UP_TANH, 256, pool);
        network("17-256-256-6 tanh", 17, 256, 2, 6, UP_TANH, 64, pool);
        network("376-256-256-17 silu", 376, 256, 2, 17, UP_SILU, 256, pool);
        for (int64_t rows = 16; rows <= 2048; rows *= rows < 512 ? 32 : 4)
            network("sparse 6400-200-6 relu", 6400, 200, 1, 6, UP_RELU, rows, pool);
        up_pool_destroy(pool);
    }
}

static void choose_implementations(void) {
    implementation[0] = &up__kernels_reference;
#ifdef UP_HAVE_ONEDNN
    onednn = up__kernels_reference;
    onednn.name = "oneDNN";
    onednn.product = up__onednn_product;
    onednn.product_input = up__onednn_product_input;
    onednn.product_weight = up__onednn_product_weight;
    implementation[1] = &onednn;
#endif
    implementation[2] = up__kernels_128();
    implementation[3] = up__kernels_avx2();
    implementation[4] = up__kernels_avx512();
}

int main(int argc, char **argv) {
    const char *only = argc > 1 ? argv[1] : "";
    UpArena arena = {0};
    UpRng rng;
    float **block[] = {&a, &b, &c, &d};
    up_rng_seed(&rng, 1);
    for (int i = 0; i < 4; i++) {
        *block[i] = up_arena_alloc(&arena, FLOATS, sizeof(float));
        if (!*block[i]) return 1;
        for (size_t j = 0; j < FLOATS; j++)
            (*block[i])[j] = (float)up_rng_uniform(&rng, 0, 0.1);
    }
    choose_implementations();
    up__subnormals_flush(); // as src/net and src/optim do
    printf("in use: %s\n", up__kernels()->name);
    if (!*only || !strcmp(only, "products")) products();
    if (!*only || !strcmp(only, "sparse")) sparse();
    if (!*only || !strcmp(only, "elements")) elements();
    if (!*only || !strcmp(only, "optim")) optim();
    if (!*only || !strcmp(only, "networks")) networks();
    up_arena_free(&arena);
    return 0;
}
