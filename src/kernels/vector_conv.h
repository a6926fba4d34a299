// Convolution as matrix products whose left factor is read where it stands: a tile of up to
// CONV_ROWS rows and TILE_VECTORS vectors of the result stays in registers while its terms are
// added. Forward, a row is a pixel of the output and a term an element of its window; for the
// weights' gradient a row is an element of the window and a term a pixel; for the input's gradient
// a row is a pixel and a term a channel of the output.
#include "kernels/kernels.h"
#include "kernels/simd.h"

enum {
    CONV_ROWS = 12, // of a tile of at most half the vectors; a wider one has half as many
};

// The terms of a sum: three loops, the outermost first. The left factor moves by `step` at each
// turn of a loop, the right one by `ldb` at each term.
typedef struct Terms {
    int64_t count[3], step[3], ldb;
} Terms;

static int64_t conv_least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

// What becomes of a sum: c += scale sum, or c = max(scale sum + b, least), which are an output's
// bias and its ReLU (or -infinity).
typedef struct End {
    bool add;
    float scale, least;
    const float *bias; // NULL: 0
} End;

UP_INLINE void conv_add(const End *end, V sum, float *c, VMask mask) {
    v_store_mask(c, v_fma(v_set(end->scale), sum, v_load_mask(c, mask)), mask);
}

UP_INLINE void conv_set(const End *end, V sum, V bias, float *c, VMask mask) {
    v_store_mask(c, v_max(v_set(end->least), v_fma(v_set(end->scale), sum, bias)), mask);
}

// The sums of a tile to where they belong. Row r goes to c + to[r].
UP_INLINE void conv_end(int R, int C, const End *end, V sum[CONV_ROWS][TILE_VECTORS], float *c,
                        const int64_t *to, VMask mask) {
    UP_UNROLL
    for (int v = 0; v < C; v++) {
        int64_t column = v * LANES;
        V bias = end->bias ? v_load_mask(end->bias + column, mask) : v_set(0);
        if (end->add) {
            UP_UNROLL
            for (int r = 0; r < R; r++)
                conv_add(end, sum[r][v], c + to[r] + column, mask);
        } else {
            UP_UNROLL
            for (int r = 0; r < R; r++)
                conv_set(end, sum[r][v], bias, c + to[r] + column, mask);
        }
    }
}

// R rows and C vectors of columns; a single vector may be masked. Row r reads from a + at[r].
UP_INLINE void conv_tile(int R, int C, const Terms *terms, const End *end, const float *a,
                         const int64_t *at, const float *b, float *c, const int64_t *to,
                         VMask mask) {
    V sum[CONV_ROWS][TILE_VECTORS], row[TILE_VECTORS];
    const float *x[CONV_ROWS];
    int64_t inner = terms->count[2], step = terms->step[2], ldb = terms->ldb;
    UP_UNROLL
    for (int r = 0; r < R; r++) {
        UP_UNROLL
        for (int v = 0; v < C; v++)
            sum[r][v] = v_set(0);
    }
    if (!end->add)
        for (int r = 0; r < R; r++)
            for (int v = 0; v < C; v++)
                __builtin_prefetch(c + to[r] + v * LANES, 1);
    for (int64_t i = 0; i < terms->count[0]; i++) {
        for (int64_t j = 0; j < terms->count[1]; j++) {
            const float *from = a + i * terms->step[0] + j * terms->step[1];
            UP_UNROLL
            for (int r = 0; r < R; r++)
                x[r] = from + at[r];
            for (int64_t t = 0, offset = 0; t < inner; t++, offset += step, b += ldb) {
                UP_UNROLL
                for (int v = 0; v < C; v++)
                    row[v] = v_load_mask(b + v * LANES, mask);
                UP_UNROLL
                for (int r = 0; r < R; r++) {
                    V value = v_set(x[r][offset]);
                    UP_UNROLL
                    for (int v = 0; v < C; v++)
                        sum[r][v] = v_fma(value, row[v], sum[r][v]);
                }
            }
        }
    }
    conv_end(R, C, end, sum, c, to, mask);
}

// Less than a vector of columns where masks are branches.
#if defined(UP_SIMD_128)
static void conv_rest(int64_t rows, int64_t width, const Terms *terms, const End *end,
                      const float *a, const int64_t *at, const float *b, float *c,
                      const int64_t *to) {
    int64_t count = terms->count[0] * terms->count[1] * terms->count[2];
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t o = 0; o < width; o++) {
            float sum = 0, *y = c + to[r] + o;
            for (int64_t n = 0; n < count; n++) {
                int64_t t = n % terms->count[2], j = n / terms->count[2];
                int64_t from = j / terms->count[1] * terms->step[0] +
                               j % terms->count[1] * terms->step[1] + t * terms->step[2];
                sum += a[at[r] + from] * b[n * terms->ldb + o];
            }
            float value = end->scale * sum + (end->add ? *y : end->bias ? end->bias[o] : 0);
            *y = !end->add && value < end->least ? end->least : value;
        }
    }
}
#endif

// One case for each size, so that it is a constant inside.
#define CONV_CASE(R, C, mask)                                                                      \
    case 16 * (C) + (R):                                                                           \
        conv_tile(R, C, terms, end, a, at, b, c, to, mask);                                        \
        break;
#define CONV_FEW(C, mask) CONV_CASE(1, C, mask) CONV_CASE(2, C, mask) CONV_CASE(4, C, mask)
#define CONV_WIDE(C, mask) CONV_FEW(C, mask) CONV_CASE(6, C, mask)
#define CONV_NARROW(C, mask) CONV_FEW(C, mask) CONV_CASE(8, C, mask) CONV_CASE(12, C, mask)

// Rows of the next tile of so many columns: the cases.
static int64_t conv_tile_rows(int64_t left, int64_t width) {
    if (width < TILE_COLUMNS && left >= 8) return left >= 12 ? 12 : 8;
    if (width == TILE_COLUMNS && left >= 6) return 6;
    return left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

// Sums of conv_tile_rows() rows and 1, 2 or TILE_VECTORS vectors of columns, or of less than one.
UP_TARGET static void conv_tile_of(int64_t rows, int64_t width, const Terms *terms, const End *end,
                                   const float *a, const int64_t *at, const float *b, float *c,
                                   const int64_t *to) {
    const VMask full = v_mask(LANES);
#if defined(UP_SIMD_128)
    const VMask mask = full;
    if (width < LANES) {
        conv_rest(rows, width, terms, end, a, at, b, c, to);
        return;
    }
#else
    VMask mask = v_mask(width);
#endif
    switch (16 * ((width + LANES - 1) / LANES) + rows) {
#if defined(UP_SIMD_MANY)
        CONV_WIDE(4, full)
        CONV_NARROW(2, full)
#else
        CONV_WIDE(2, full)
#endif
        CONV_NARROW(1, mask)
    }
}

// Sums of conv_tile_rows() rows and at most TILE_COLUMNS columns.
UP_TARGET static void conv_sum(int64_t rows, int64_t width, const Terms *terms, End end,
                               const float *a, const int64_t *at, const float *b, float *c,
                               const int64_t *to) {
    for (int64_t vectors = TILE_VECTORS, part; width > 0; width -= part) {
        while (vectors > 1 && width < vectors * LANES)
            vectors /= 2;
        part = conv_least(width, vectors * LANES);
        conv_tile_of(rows, part, terms, &end, a, at, b, c, to);
        b += part;
        c += part;
        if (end.bias) end.bias += part;
    }
}

// Pictures as the three functions read or write them: with their padding, one behind the other.
typedef struct Pictures {
    const UpConv *conv;
    int64_t line, size;        // numbers of a row of pixels, of a picture
    int64_t line_step, i_step; // from one output pixel to the next one to the right, and below
} Pictures;

static Pictures conv_pictures(const UpConv *conv) {
    int64_t line = (conv->width + 2 * conv->padding) * conv->in;
    return (Pictures){conv, line, up__conv_padded(conv), conv->stride * conv->in,
                      conv->stride * line};
}

// Walks over the pixels of the output: `at` is the first number of the pixel's window.
typedef struct Walk {
    const Pictures *pictures;
    int64_t i, j, at, picture, row; // where the picture and the row of pixels begin
} Walk;

static int64_t conv_next(Walk *walk) {
    const UpConv *conv = walk->pictures->conv;
    int64_t at = walk->at;
    walk->at += walk->pictures->line_step;
    if (++walk->j == conv->out_width) {
        walk->j = 0;
        walk->at = walk->row += walk->pictures->i_step;
        if (++walk->i == conv->out_height) {
            walk->i = 0;
            walk->at = walk->row = walk->picture += walk->pictures->size;
        }
    }
    return at;
}

// What the next pictures need is asked for while these are worked on: their share of the lines for
// each share of the work.
typedef struct Ahead {
    const float *from[2]; // NULL: nothing
    int64_t size[2], line[2];
    int64_t done, work; // sums so far, and of all these pictures
} Ahead;

static void conv_ahead(Ahead *ahead, int64_t sums) {
    ahead->done += sums;
    for (int i = 0; i < 2; i++) {
        if (!ahead->from[i]) continue;
        int64_t stop = ahead->size[i] * ahead->done / ahead->work;
        for (; ahead->line[i] < stop; ahead->line[i] += 16)
            __builtin_prefetch(ahead->from[i] + ahead->line[i], 0, 2);
    }
}

// Some pictures forward.  x: the first one, y (pictures, out_height, out_width, out)
UP_TARGET static void conv_forward_some(const Pictures *pictures, int64_t count, const float *x,
                                        const float *w, End end, float *y, Ahead ahead) {
    const UpConv *conv = pictures->conv;
    const float *bias = end.bias;
    int64_t out = conv->out, pixels = count * conv->out_height * conv->out_width;
    Terms terms = {{1, conv->kernel, conv->kernel * conv->in}, {0, pictures->line, 1}, out};
    for (int64_t o = 0; o < out; o += TILE_COLUMNS) {
        int64_t width = conv_least(out - o, TILE_COLUMNS);
        Walk walk = {.pictures = pictures};
        end.bias = bias ? bias + o : NULL;
        for (int64_t begin = 0, stop; begin < pixels; begin = stop) {
            int64_t at[CONV_ROWS], to[CONV_ROWS];
            stop = begin + conv_tile_rows(pixels - begin, width);
            for (int64_t p = begin; p < stop; p++) {
                at[p - begin] = conv_next(&walk);
                to[p - begin] = p * out + o;
            }
            conv_sum(stop - begin, width, &terms, end, x, at, w + o, y, to);
            conv_ahead(&ahead, (stop - begin) * width);
        }
    }
}

UP_TARGET static void conv_forward(const UpConv *conv, int64_t rows, UpConvInput x, const float *w,
                                   const float *b, UpActivation activation, float *y,
                                   float *scratch) {
    Pictures pictures = conv_pictures(conv);
    int64_t most = up__conv_pictures(conv), out = conv->out_height * conv->out_width * conv->out;
    End end = {.scale = conv_scale(&x), .least = activation == UP_RELU ? 0 : -INFINITY, .bias = b};
    if (!conv_in_place(conv, &x)) conv_clear(conv, scratch);
    for (int64_t row = 0; row < rows; row += most) {
        int64_t count = conv_least(rows - row, most);
        const float *from = conv_read(conv, &x, row, count, scratch);
        Ahead ahead = {.work = count * out};
        if (conv_in_place(conv, &x) && row + count < rows) {
            ahead.from[0] = from + count * pictures.size;
            ahead.size[0] = conv_least(rows - row - count, most) * pictures.size;
        }
        conv_forward_some(&pictures, count, from, w, end, y + row * out, ahead);
        if (activation != UP_RELU && activation != UP_IDENTITY)
            activate(activation, count * out, y + row * out, y + row * out);
    }
}
