// The sparse first layer. A row of the batch keeps its C vectors of outputs in registers while its
// entries add or subtract rows of the weights; going back, it is its gradient that stays there.
#include "kernels/kernels.h"
#include "kernels/simd.h"

UP_INLINE V sparse_sign(UpSparseEntry entry) {
    return v_set(entry & 1 ? -1.0f : 1.0f);
}

// y[i][0 … C vectors) += Σ ±w[position], the last vector masked. w and y point to the first column.
UP_INLINE void sparse_forward(int C, const UpObs *obs, int64_t first, int64_t m, int64_t n,
                              const float *w, float *y, VMask mask) {
    V sum[SPARSE_VECTORS];
    for (int64_t i = 0; i < m; i++, y += n) {
        const UpSparseEntry *entry = obs->entry + obs->begin[first + i];
        const UpSparseEntry *end = entry + obs->count[first + i];
        for (int v = 0; v < C - 1; v++)
            sum[v] = v_load(y + v * LANES);
        sum[C - 1] = v_load_mask(y + (C - 1) * LANES, mask);
        for (; entry < end; entry++) {
            const float *row = w + (*entry >> 1) * n;
            V sign = sparse_sign(*entry);
            for (int v = 0; v < C - 1; v++)
                sum[v] = v_fma(sign, v_load(row + v * LANES), sum[v]);
            sum[C - 1] = v_fma(sign, v_load_mask(row + (C - 1) * LANES, mask), sum[C - 1]);
        }
        for (int v = 0; v < C - 1; v++)
            v_store(y + v * LANES, sum[v]);
        v_store_mask(y + (C - 1) * LANES, sum[C - 1], mask);
    }
}

// dw[position][0 … C vectors) ±= dy[i]
UP_INLINE void sparse_backward(int C, const UpObs *obs, int64_t m, int64_t n, const float *dy,
                               float *dw, VMask mask) {
    V d[SPARSE_VECTORS];
    for (int64_t i = 0; i < m; i++, dy += n) {
        const UpSparseEntry *entry = obs->entry + obs->begin[i];
        const UpSparseEntry *end = entry + obs->count[i];
        for (int v = 0; v < C - 1; v++)
            d[v] = v_load(dy + v * LANES);
        d[C - 1] = v_load_mask(dy + (C - 1) * LANES, mask);
        for (; entry < end; entry++) {
            float *row = dw + (*entry >> 1) * n;
            V sign = sparse_sign(*entry);
            for (int v = 0; v < C - 1; v++)
                v_store(row + v * LANES, v_fma(sign, d[v], v_load(row + v * LANES)));
            float *last = row + (C - 1) * LANES;
            v_store_mask(last, v_fma(sign, d[C - 1], v_load_mask(last, mask)), mask);
        }
    }
}

// One case for each number of vectors, so that it is a constant inside.
#define SPARSE_CASE(C, call)                                                                       \
    case C:                                                                                        \
        call(C);                                                                                   \
        break;
#define SPARSE_CASES_8(call)                                                                       \
    SPARSE_CASE(1, call)                                                                           \
    SPARSE_CASE(2, call)                                                                           \
    SPARSE_CASE(3, call)                                                                           \
    SPARSE_CASE(4, call)                                                                           \
    SPARSE_CASE(5, call)                                                                           \
    SPARSE_CASE(6, call)                                                                           \
    SPARSE_CASE(7, call)                                                                           \
    SPARSE_CASE(8, call)
#if defined(UP_SIMD_MANY)
#define SPARSE_CASES(call)                                                                         \
    SPARSE_CASES_8(call)                                                                           \
    SPARSE_CASE(9, call)                                                                           \
    SPARSE_CASE(10, call)                                                                          \
    SPARSE_CASE(11, call)                                                                          \
    SPARSE_CASE(12, call)                                                                          \
    SPARSE_CASE(13, call)                                                                          \
    SPARSE_CASE(14, call)                                                                          \
    SPARSE_CASE(15, call)                                                                          \
    SPARSE_CASE(16, call)
#else
#define SPARSE_CASES(call) SPARSE_CASES_8(call)
#endif

UP_TARGET static void sparse_product(const UpObs *obs, int64_t first, int64_t m, int64_t n,
                                     const float *w, float *y) {
    for (int64_t j = 0; j < n; j += SPARSE_VECTORS * LANES) {
        int64_t left = n - j, vectors = (left + LANES - 1) / LANES;
        if (vectors > SPARSE_VECTORS) vectors = SPARSE_VECTORS;
        VMask mask = v_mask(left - (vectors - 1) * LANES);
#define CALL(C) sparse_forward(C, obs, first, m, n, w + j, y + j, mask)
        switch (vectors) { SPARSE_CASES(CALL) }
#undef CALL
    }
}

UP_TARGET static void sparse_product_weight(const UpObs *obs, int64_t m, int64_t n, int64_t column,
                                            int64_t end, const float *dy, float *dw) {
    for (int64_t j = column; j < end; j += SPARSE_VECTORS * LANES) {
        int64_t left = end - j, vectors = (left + LANES - 1) / LANES;
        if (vectors > SPARSE_VECTORS) vectors = SPARSE_VECTORS;
        VMask mask = v_mask(left - (vectors - 1) * LANES);
#define CALL(C) sparse_backward(C, obs, m, n, dy + j, dw + j, mask)
        switch (vectors) { SPARSE_CASES(CALL) }
#undef CALL
    }
}
