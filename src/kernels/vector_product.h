// Matrix products for matrices that fit the second-level cache, without packing: rows of the right
// factor are loaded as vectors, elements of the left one are broadcast, and a tile of the result
// stays in registers. Sums run in ascending order from what was there, so results do not depend on
// tiles.
#include "kernels/kernels.h"
#include "kernels/simd.h"

enum {
    TILE_ROWS = 6,
    TILE_COLUMNS = TILE_VECTORS * LANES,
    DEPTH = 128, // terms of a sum that are added while a tile is in registers
};

// The left factor: element (r, t) stands at p[r * row + t * term].
typedef struct Left {
    const float *p;
    int64_t row, term;
} Left;

// c[r][j] += Σ_t a(r, t) b[t][j] for R rows and C vectors of columns, the last of them masked.
UP_INLINE void tile(int R, int C, int64_t depth, Left a, const float *b, int64_t ldb, float *c,
                    int64_t ldc, VMask mask) {
    V sum[TILE_ROWS][TILE_VECTORS], row[TILE_VECTORS];
    for (int r = 0; r < R; r++) {
        for (int v = 0; v < C - 1; v++)
            sum[r][v] = v_load(c + r * ldc + v * LANES);
        sum[r][C - 1] = v_load_mask(c + r * ldc + (C - 1) * LANES, mask);
    }
    for (int64_t t = 0; t < depth; t++) {
        for (int v = 0; v < C - 1; v++)
            row[v] = v_load(b + t * ldb + v * LANES);
        row[C - 1] = v_load_mask(b + t * ldb + (C - 1) * LANES, mask);
        for (int r = 0; r < R; r++) {
            V x = v_set(a.p[r * a.row + t * a.term]);
            for (int v = 0; v < C; v++)
                sum[r][v] = v_fma(x, row[v], sum[r][v]);
        }
    }
    for (int r = 0; r < R; r++) {
        for (int v = 0; v < C - 1; v++)
            v_store(c + r * ldc + v * LANES, sum[r][v]);
        v_store_mask(c + r * ldc + (C - 1) * LANES, sum[r][C - 1], mask);
    }
}

// All rows of C vectors of columns.
UP_INLINE void strip(int C, int64_t rows, int64_t depth, Left a, const float *b, int64_t ldb,
                     float *c, int64_t ldc, VMask mask) {
    while (rows >= TILE_ROWS) {
        tile(TILE_ROWS, C, depth, a, b, ldb, c, ldc, mask);
        rows -= TILE_ROWS;
        a.p += TILE_ROWS * a.row;
        c += TILE_ROWS * ldc;
    }
    switch (rows) {
    case 5:
        tile(5, C, depth, a, b, ldb, c, ldc, mask);
        break;
    case 4:
        tile(4, C, depth, a, b, ldb, c, ldc, mask);
        break;
    case 3:
        tile(3, C, depth, a, b, ldb, c, ldc, mask);
        break;
    case 2:
        tile(2, C, depth, a, b, ldb, c, ldc, mask);
        break;
    case 1:
        tile(1, C, depth, a, b, ldb, c, ldc, mask);
        break;
    }
}

// One case for each number of vectors, so that it is a constant inside.
#define STRIP_CASE(C, mask)                                                                        \
    case C:                                                                                        \
        strip(C, rows, depth, a, b, ldb, c, ldc, mask);                                            \
        break;
#if defined(UP_SIMD_MANY)
#define STRIP_CASES(mask)                                                                          \
    STRIP_CASE(4, mask) STRIP_CASE(3, mask) STRIP_CASE(2, mask) STRIP_CASE(1, mask)
#else
#define STRIP_CASES(mask) STRIP_CASE(2, mask) STRIP_CASE(1, mask)
#endif

// At most TILE_COLUMNS columns.
UP_TARGET static void columns(int64_t rows, int64_t n, int64_t depth, Left a, const float *b,
                              int64_t ldb, float *c, int64_t ldc) {
    int64_t vectors = (n + LANES - 1) / LANES;
    VMask mask = v_mask(n - (vectors - 1) * LANES);
#if defined(UP_SIMD_128) // its masks are branches, which a constant one takes away
    if (mask == LANES) {
        switch (vectors) { STRIP_CASES(LANES) }
        return;
    }
#endif
    switch (vectors) { STRIP_CASES(mask) }
}

// C += A B.  A (rows, terms), b (terms, n), c (rows, n)
UP_TARGET static void multiply(int64_t rows, int64_t n, int64_t terms, Left a, const float *b,
                               float *c) {
    for (int64_t t = 0; t < terms; t += DEPTH, a.p += DEPTH * a.term, b += DEPTH * n) {
        int64_t depth = terms - t < DEPTH ? terms - t : DEPTH;
        for (int64_t j = 0; j < n; j += TILE_COLUMNS) {
            int64_t width = n - j < TILE_COLUMNS ? n - j : TILE_COLUMNS;
            columns(rows, width, depth, a, b + j, n, c + j, n);
        }
    }
}

// Y += X w for a single output: a dot product per row.
UP_TARGET static void product_column(int64_t m, int64_t k, const float *x, int64_t ldx,
                                     const float *w, float *y) {
    VMask mask = v_mask(k % LANES);
    for (int64_t i = 0; i < m; i++, x += ldx) {
        V sum = v_set(0), other = v_set(0);
        int64_t p = 0;
        for (; p + 2 * LANES <= k; p += 2 * LANES) {
            sum = v_fma(v_load(x + p), v_load(w + p), sum);
            other = v_fma(v_load(x + p + LANES), v_load(w + p + LANES), other);
        }
        if (p + LANES <= k) {
            sum = v_fma(v_load(x + p), v_load(w + p), sum);
            p += LANES;
        }
        if (p < k) other = v_fma(v_load_mask(x + p, mask), v_load_mask(w + p, mask), other);
        y[i] += v_sum(v_add(sum, other));
    }
}

UP_TARGET static void product(int64_t m, int64_t n, int64_t k, const float *x, int64_t ldx,
                              const float *w, float *y) {
    if (n == 1)
        product_column(m, k, x, ldx, w, y);
    else
        multiply(m, n, k, (Left){x, ldx, 1}, w, y);
}

// panel[j][i] = w[i][j] for `width` rows of w, n apart, and `depth` columns; four by four.
UP_TARGET static void transpose(int64_t width, int64_t depth, const float *w, int64_t n,
                                float *panel) {
    int64_t i = 0;
    for (; i + 4 <= width; i += 4) {
        int64_t j = 0;
        for (; j + 4 <= depth; j += 4)
            v4_transpose(w + i * n + j, n, panel + j * TILE_COLUMNS + i, TILE_COLUMNS);
        for (; j < depth; j++)
            for (int64_t r = i; r < i + 4; r++)
                panel[j * TILE_COLUMNS + r] = w[r * n + j];
    }
    for (; i < width; i++)
        for (int64_t j = 0; j < depth; j++)
            panel[j * TILE_COLUMNS + i] = w[i * n + j];
}

// Wᵀ in panels of TILE_COLUMNS inputs, on the stack.
UP_TARGET static void product_input(int64_t m, int64_t n, int64_t k, const float *dy,
                                    const float *w, float *dx) {
    _Alignas(64) float panel[DEPTH * TILE_COLUMNS];
    for (int64_t p = 0; p < k; p += TILE_COLUMNS) {
        int64_t width = k - p < TILE_COLUMNS ? k - p : TILE_COLUMNS;
        for (int64_t t = 0; t < n; t += DEPTH) {
            int64_t depth = n - t < DEPTH ? n - t : DEPTH;
            transpose(width, depth, w + p * n + t, n, panel);
            columns(m, width, depth, (Left){dy + t, n, 1}, panel, TILE_COLUMNS, dx + p, k);
        }
    }
}

// For few outputs dWᵀ = dYᵀ X fills the vectors better; the result is then transposed.
UP_TARGET static void product_weight_narrow(int64_t m, int64_t n, int64_t k, const float *x,
                                            int64_t ldx, const float *dy, float *dw) {
    float sum[LANES * TILE_COLUMNS];
    for (int64_t p = 0; p < k; p += TILE_COLUMNS) {
        int64_t width = k - p < TILE_COLUMNS ? k - p : TILE_COLUMNS;
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = 0; i < width; i++)
                sum[j * TILE_COLUMNS + i] = dw[(p + i) * n + j];
        columns(n, width, m, (Left){dy, 1, n}, x + p, ldx, sum, TILE_COLUMNS);
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = 0; i < width; i++)
                dw[(p + i) * n + j] = sum[j * TILE_COLUMNS + i];
    }
}

UP_TARGET static void product_weight(int64_t m, int64_t n, int64_t k, const float *x, int64_t ldx,
                                     const float *dy, float *dw) {
    if (n < LANES && k > n)
        product_weight_narrow(m, n, k, x, ldx, dy, dw);
    else
        multiply(k, n, m, (Left){x, 1, ldx}, dy, dw);
}

UP_TARGET static void sum_rows(int64_t m, int64_t n, const float *dy, float *s) {
    for (int64_t j = 0; j < n; j += LANES) {
        VMask mask = v_mask(n - j);
        V sum = v_load_mask(s + j, mask);
        for (int64_t i = 0; i < m; i++)
            sum = v_add(sum, v_load_mask(dy + i * n + j, mask));
        v_store_mask(s + j, sum, mask);
    }
}
