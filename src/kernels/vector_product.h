// Matrix products for matrices that fit the second-level cache, without packing: rows of the right
// factor are loaded as vectors, elements of the left one are broadcast. A tile of the result stays in
// registers. Every sum runs in ascending order from what was there, so results do not depend on tiles.
#include "kernels/simd.h"

enum {
    TILE_ROWS = REGISTERS == 32 ? 6 : 4,
    TILE_VECTORS = REGISTERS == 32 ? 4 : 2,
    TILE_COLUMNS = TILE_VECTORS * LANES,
    DEPTH = 256, // terms of a sum that are added while the tile is in registers
};

// One tile: c[r][j] += Σ_t a[r * ar + t * at] b[t * ldb + j], R rows, C vectors, the last one masked.
UP_INLINE void tile(int R, int C, int64_t depth, const float *a, int64_t ar, int64_t at,
                    const float *b, int64_t ldb, float *c, int64_t ldc, VMask mask) {
    V acc[TILE_ROWS][TILE_VECTORS];
#pragma GCC unroll 8
    for (int r = 0; r < R; r++)
#pragma GCC unroll 8
        for (int v = 0; v < C; v++) {
            const float *p = c + r * ldc + v * LANES;
            acc[r][v] = v < C - 1 ? v_load(p) : v_load_mask(p, mask);
        }
    for (int64_t t = 0; t < depth; t++) {
        V row[TILE_VECTORS];
#pragma GCC unroll 8
        for (int v = 0; v < C; v++) {
            const float *p = b + t * ldb + v * LANES;
            row[v] = v < C - 1 ? v_load(p) : v_load_mask(p, mask);
        }
#pragma GCC unroll 8
        for (int r = 0; r < R; r++) {
            V x = v_set(a[r * ar + t * at]);
#pragma GCC unroll 8
            for (int v = 0; v < C; v++)
                acc[r][v] = v_fma(x, row[v], acc[r][v]);
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; r++)
#pragma GCC unroll 8
        for (int v = 0; v < C; v++) {
            float *p = c + r * ldc + v * LANES;
            if (v < C - 1)
                v_store(p, acc[r][v]);
            else
                v_store_mask(p, acc[r][v], mask);
        }
}

// All rows of one block of C vectors.
UP_INLINE void strip(int C, int64_t rows, int64_t depth, const float *a, int64_t ar, int64_t at,
                     const float *b, int64_t ldb, float *c, int64_t ldc, VMask mask) {
    int64_t r = 0;
    for (; r + TILE_ROWS <= rows; r += TILE_ROWS)
        tile(TILE_ROWS, C, depth, a + r * ar, ar, at, b, ldb, c + r * ldc, ldc, mask);
    a += r * ar;
    c += r * ldc;
    switch (rows - r) {
#if UP_SIMD_TILE_ROWS > 4
    case 5:
        tile(5, C, depth, a, ar, at, b, ldb, c, ldc, mask);
        break;
    case 4:
        tile(4, C, depth, a, ar, at, b, ldb, c, ldc, mask);
        break;
#endif
    case 3:
        tile(3, C, depth, a, ar, at, b, ldb, c, ldc, mask);
        break;
    case 2:
        tile(2, C, depth, a, ar, at, b, ldb, c, ldc, mask);
        break;
    case 1:
        tile(1, C, depth, a, ar, at, b, ldb, c, ldc, mask);
        break;
    }
}
