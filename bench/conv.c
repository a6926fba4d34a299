// How fast convolution is on this machine, on one thread:
//
//     build/release/bench/bench_conv [layers|whole] [ROWS]
//
// The layers are those of Mnih et al. (2015). Everything is measured by turns with the processor's
// peak (multiply-adds from register to register), in rounds; the figures are medians over the
// rounds of operations a second (a multiplication and an addition are two) and of their share of
// the peak.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "kernels/kernels.h"
#include "uphill/arena.h"
#include "uphill/random.h"

enum { LAYERS = 3, ROUNDS = 15, CHUNK = 64 };

// Processor time of the thread, which does not count what others do to the machine.
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static volatile float sink;

#if defined(__x86_64__)
// Twelve chains of multiply-adds, which no latency holds up.
#define PEAK(name, features, V, set, fma, lanes)                                                   \
    __attribute__((target(features))) static double name(void) {                                   \
        enum { CHAINS = 12, TURNS = 400000 };                                                      \
        V sum[CHAINS], a = set(0.999f), b = set(1e-3f);                                            \
        for (int i = 0; i < CHAINS; i++)                                                           \
            sum[i] = set((float)i);                                                                \
        double start = now();                                                                      \
        for (int t = 0; t < TURNS; t++)                                                            \
            for (int i = 0; i < CHAINS; i++)                                                       \
                sum[i] = fma(sum[i], a, b);                                                        \
        double seconds = now() - start;                                                            \
        for (int i = 0; i < CHAINS; i++)                                                           \
            sink = sum[i][0];                                                                      \
        return 2.0 * lanes * CHAINS * TURNS / seconds;                                             \
    }
PEAK(peak_avx512, "avx512f", __m512, _mm512_set1_ps, _mm512_fmadd_ps, 16)
PEAK(peak_avx2, "avx2,fma", __m256, _mm256_set1_ps, _mm256_fmadd_ps, 8)
#endif

// Operations a second, or 0 where nobody knows how to ask this processor.
static double peak(void) {
#if defined(__x86_64__)
    if (up__kernels_avx512()) return peak_avx512();
    if (up__kernels_avx2()) return peak_avx2();
#endif
    return 0;
}

typedef struct Layer {
    UpConv conv;
    int64_t rows, in, out, weights; // numbers of a row, of a row, of the weights
    UpConvInput x;
    float *w, *b, *y, *dx, *dy, *dw, *db;
} Layer;

typedef struct Bench {
    UpArena arena;
    UpObs obs;
    int64_t rows;
    Layer layer[LAYERS];
    float *scratch;
} Bench;

static float *block(Bench *bench, int64_t count, double scale, UpRng *rng) {
    float *values = up_arena_alloc(&bench->arena, (size_t)count, sizeof *values);
    if (!values) exit(1);
    for (int64_t i = 0; i < count; i++)
        values[i] = (float)(scale * up_rng_normal(rng));
    return values;
}

static void create(Bench *bench, int64_t rows) {
    static const int64_t shape[LAYERS][5] = {
        {4, 84, 32, 8, 4}, {32, 20, 64, 4, 2}, {64, 9, 64, 3, 1}};
    UpRng rng;
    up_rng_seed(&rng, 1);
    *bench = (Bench){.rows = rows};
    size_t scratch = 0;
    for (int l = 0; l < LAYERS; l++) {
        const int64_t *s = shape[l];
        Layer *layer = &bench->layer[l];
        UpConv conv = up__conv_describe(s[0], s[1], s[1], s[2], s[3], s[4], 0);
        int64_t window = conv.kernel * conv.kernel * conv.in;
        *layer = (Layer){.conv = conv, .rows = rows, .weights = window * conv.out};
        layer->in = conv.height * conv.width * conv.in;
        layer->out = conv.out_height * conv.out_width * conv.out;
        layer->w = block(bench, layer->weights, sqrt(2 / (double)window), &rng);
        layer->b = block(bench, conv.out, 0.1, &rng);
        layer->y = block(bench, rows * layer->out, 1, &rng);
        layer->dy = block(bench, rows * layer->out, 1, &rng);
        layer->dw = block(bench, layer->weights, 1, &rng);
        layer->db = block(bench, conv.out, 1, &rng);
        if (l > 0) layer->x.real = bench->layer[l - 1].y;
        if (l > 0) layer->dx = bench->layer[l - 1].dy;
        if (up__conv_scratch(&conv) > scratch) scratch = up__conv_scratch(&conv);
    }
    bench->scratch = block(bench, (int64_t)scratch, 0, &rng);
    // Stacks of four frames of bytes, as an environment gives them.
    int64_t frames = rows + 3, dim = 84 * 84;
    bench->obs = (UpObs){.form = UP_OBS_U8, .rows = rows, .dim = dim, .stack = 4};
    bench->obs.u8 = up_arena_alloc(&bench->arena, (size_t)(frames * dim), 1);
    bench->obs.frame = up_arena_alloc(&bench->arena, (size_t)(rows * 4), sizeof(uint32_t));
    if (!bench->obs.u8 || !bench->obs.frame) exit(1);
    for (int64_t i = 0; i < frames * dim; i++)
        bench->obs.u8[i] = (uint8_t)up_rng_integers(&rng, 0, 256);
    for (int64_t i = 0; i < rows * 4; i++)
        bench->obs.frame[i] = (uint32_t)(i / 4 + i % 4);
    bench->layer[0].x.obs = &bench->obs;
}

static UpConvInput rows_of(const Layer *layer, int64_t row) {
    UpConvInput x = layer->x;
    if (x.obs)
        x.first = row;
    else
        x.real += row * layer->in;
    return x;
}

typedef void (*Body)(const UpKernels *kernels, const Layer *layer, int64_t row, int64_t rows,
                     float *scratch);

static void forward(const UpKernels *kernels, const Layer *layer, int64_t row, int64_t rows,
                    float *scratch) {
    kernels->conv_forward(&layer->conv, rows, rows_of(layer, row), layer->w, layer->b, UP_RELU,
                          layer->y + row * layer->out, scratch);
}
static void input(const UpKernels *kernels, const Layer *layer, int64_t row, int64_t rows,
                  float *scratch) {
    float *dx = layer->dx + row * layer->in;
    memset(dx, 0, (size_t)(rows * layer->in) * sizeof *dx);
    kernels->conv_input(&layer->conv, rows, layer->dy + row * layer->out, layer->w, dx, scratch);
}
static void weight(const UpKernels *kernels, const Layer *layer, int64_t row, int64_t rows,
                   float *scratch) {
    kernels->conv_weight(&layer->conv, rows, rows_of(layer, row), layer->dy + row * layer->out,
                         layer->dw, layer->db, scratch);
}
static const Body body[] = {forward, input, weight};
static const char *const body_name[] = {"forward", "input gradient", "weight gradient"};

// Operations of one of the three for one row.
static double operations(const Layer *layer) {
    return 2.0 * (double)(layer->conv.out_height * layer->conv.out_width * layer->weights);
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

// Operations a second of one of the three over all rows, in chunks.
static double speed(Bench *bench, const UpKernels *kernels, int l, int kind) {
    const Layer *layer = &bench->layer[l];
    double start = now();
    for (int64_t row = 0; row < bench->rows; row += CHUNK)
        body[kind](kernels, layer, row, least(CHUNK, bench->rows - row), bench->scratch);
    return operations(layer) * (double)bench->rows / (now() - start);
}

static void whole_chunk(Bench *bench, const UpKernels *kernels, int64_t row, int64_t rows) {
    for (int l = 0; l < LAYERS; l++)
        forward(kernels, &bench->layer[l], row, rows, bench->scratch);
    const Layer *last = &bench->layer[LAYERS - 1];
    for (int64_t i = row * last->out; i < (row + rows) * last->out; i++)
        last->dy[i] = 1e-3f;
    for (int l = LAYERS - 1; l >= 0; l--) {
        const Layer *layer = &bench->layer[l];
        kernels->activate_backward(UP_RELU, rows * layer->out, layer->y + row * layer->out, NULL,
                                   layer->dy + row * layer->out);
        weight(kernels, layer, row, rows, bench->scratch);
        if (l > 0) input(kernels, layer, row, rows, bench->scratch);
    }
}

// Operations a second of all layers forward and backward, but for the gradient of the pixels.
static double whole_speed(Bench *bench, const UpKernels *kernels) {
    double amount = -operations(&bench->layer[0]), start = now();
    for (int64_t row = 0; row < bench->rows; row += CHUNK)
        whole_chunk(bench, kernels, row, least(CHUNK, bench->rows - row));
    double seconds = now() - start;
    for (int l = 0; l < LAYERS; l++)
        amount += 3 * operations(&bench->layer[l]);
    return amount * (double)bench->rows / seconds;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values) {
    qsort(values, ROUNDS, sizeof *values, by_value);
    return values[ROUNDS / 2];
}

// One figure by turns with the peak; `l` = -1: the whole. Prints GF/s and the share of the peak,
// with its lowest and highest.
static void line(Bench *bench, const UpKernels *kernels, const char *name, int l, int kind) {
    double figure[ROUNDS], share[ROUNDS];
    for (int i = -1; i < ROUNDS; i++) { // the first one warms up
        double before = peak();
        double value = l < 0 ? whole_speed(bench, kernels) : speed(bench, kernels, l, kind);
        double best = (before + peak()) / 2;
        if (i < 0) continue;
        figure[i] = 1e-9 * value;
        share[i] = best > 0 ? 100 * value / best : 0;
    }
    double middle = median(share), gf = median(figure);
    printf("%-10s%-18s%10.1f%10.1f%%   (%.0f to %.0f)\n", name, l < 0 ? "" : body_name[kind], gf,
           middle, share[1], share[ROUNDS - 2]);
}

int main(int argc, char **argv) {
    const char *only = argc > 1 ? argv[1] : "";
    static const char *const name[] = {"layer 1", "layer 2", "layer 3"};
    static Bench bench;
    create(&bench, argc > 2 ? atoi(argv[2]) : 256);
    const UpKernels *list[] = {up__kernels_avx512(), up__kernels_avx2(), up__kernels_128()};
    up__subnormals_flush(); // as src/net does
    double all[ROUNDS];
    for (int i = 0; i < ROUNDS; i++)
        all[i] = 1e-9 * peak();
    printf("peak of one core: %.1f GF/s\n", median(all));
    for (int t = 0; t < 3; t++) {
        if (!list[t]) continue;
        printf("\n%s, %d rows%15s%11s\n", list[t]->name, (int)bench.rows, "GF/s", "of peak");
        for (int l = 0; l < LAYERS && strcmp(only, "whole") != 0; l++)
            for (int kind = 0; kind < 3; kind++)
                if (l > 0 || kind != 1) line(&bench, list[t], name[l], l, kind);
        if (strcmp(only, "layers") != 0) line(&bench, list[t], "whole", -1, 0);
        if (*only) break; // the fastest alone
    }
    up_arena_free(&bench.arena);
    return 0;
}
