// The first layer's products over the three forms of an observation.
#include "net/input.h"

#include "kernels/kernels.h"

enum {
    TILE = 64,          // rows and columns that are converted at a time, on the stack
    WEIGHT_PARTS = 4,   // blocks of dW of a dense layer, within these limits of rows in a block:
    WEIGHT_MIN = 32,    //   fewer repeat too much of oneDNN's preparation
    WEIGHT_MAX = 512,   //   more leave threads without work
    SPARSE_WIDTH = 256, // columns of dW of a sparse layer in two blocks, at most
    LINE = 16,          // numbers in a cache line, which blocks should not share
};

static bool is_sparse(UpInput input) {
    return input.obs && input.obs->form == UP_OBS_SPARSE;
}

const UpReal *up__input_real(UpInput input) {
    if (!input.obs) return input.real;
#ifndef UP_DOUBLE
    if (input.obs->form == UP_OBS_F32 && input.obs->stack <= 1) return input.obs->f32;
#endif
    return NULL;
}

static int64_t min_of(int64_t a, int64_t b) {
    return a < b ? a : b;
}

// Converts n numbers that lie side by side.
static void convert_run(const UpObs *obs, int64_t at, int64_t n, UpReal *to) {
    if (obs->form == UP_OBS_U8)
        for (int64_t j = 0; j < n; j++)
            to[j] = (UpReal)obs->u8[at + j] / 255;
    else
        for (int64_t j = 0; j < n; j++)
            to[j] = (UpReal)obs->f32[at + j];
}

// Converts a tile of m rows and n columns; a row of a stack lies in pieces.  tile (m, TILE)
static void convert(const UpObs *obs, int64_t row, int64_t m, int64_t column, int64_t n,
                    UpReal *tile) {
    for (int64_t i = 0; i < m; i++) {
        if (obs->stack <= 1) {
            convert_run(obs, (row + i) * obs->dim + column, n, tile + i * TILE);
            continue;
        }
        const uint32_t *frame = obs->frame + (row + i) * obs->stack;
        for (int64_t j = 0, run; j < n; j += run) {
            int64_t part = (column + j) / obs->dim, offset = (column + j) % obs->dim;
            run = min_of(n - j, obs->dim - offset);
            convert_run(obs, frame[part] * obs->dim + offset, run, tile + i * TILE + j);
        }
    }
}

void up__input_product(UpInput input, int64_t first, int64_t m, int64_t in, int64_t out,
                       const UpReal *w, UpReal *y) {
    const UpKernels *kernels = up__kernels();
    const UpReal *x = up__input_real(input);
    if (is_sparse(input)) {
        kernels->sparse_product(input.obs, first, m, out, w, y);
        return;
    }
    if (x) {
        kernels->product(m, out, in, x + first * in, in, w, y);
        return;
    }
    UpReal tile[TILE * TILE];
    for (int64_t i = 0; i < m; i += TILE) {
        for (int64_t p = 0; p < in; p += TILE) {
            int64_t rows = min_of(TILE, m - i), columns = min_of(TILE, in - p);
            convert(input.obs, first + i, rows, p, columns, tile);
            kernels->product(rows, out, columns, tile, TILE, w + p * out, y + i * out);
        }
    }
}

// Rows of dW in a block of a dense layer.
static int64_t block_rows(int64_t in) {
    int64_t rows = (in + WEIGHT_PARTS - 1) / WEIGHT_PARTS;
    if (rows < WEIGHT_MIN) rows = WEIGHT_MIN;
    return min_of(rows, WEIGHT_MAX);
}

// Columns of dW in a block of a sparse layer: two blocks of equal width, or a multiple of two.
static int64_t block_columns(int64_t out) {
    int64_t blocks = 2 * ((out + SPARSE_WIDTH - 1) / SPARSE_WIDTH);
    return ((out + blocks - 1) / blocks + LINE - 1) / LINE * LINE;
}

int up__input_blocks(UpInput input, int64_t in, int64_t out) {
    int64_t size = is_sparse(input) ? out : in;
    int64_t width = is_sparse(input) ? block_columns(out) : block_rows(in);
    return (int)((size + width - 1) / width);
}

void up__input_product_weight(UpInput input, int64_t m, int64_t in, int64_t out, int block,
                              const UpReal *dy, UpReal *dw) {
    const UpKernels *kernels = up__kernels();
    if (is_sparse(input)) {
        int64_t column = block * block_columns(out);
        kernels->sparse_product_weight(input.obs, m, out, column,
                                       min_of(column + block_columns(out), out), dy, dw);
        return;
    }
    int64_t begin = block * block_rows(in), end = min_of(begin + block_rows(in), in);
    const UpReal *x = up__input_real(input);
    if (x) {
        kernels->product_weight(m, out, end - begin, x + begin, in, dy, dw + begin * out);
        return;
    }
    UpReal tile[TILE * TILE];
    for (int64_t i = 0; i < m; i += TILE) {
        for (int64_t p = begin; p < end; p += TILE) {
            int64_t rows = min_of(TILE, m - i), columns = min_of(TILE, end - p);
            convert(input.obs, i, rows, p, columns, tile);
            kernels->product_weight(rows, out, columns, tile, TILE, dy + i * out, dw + p * out);
        }
    }
}
