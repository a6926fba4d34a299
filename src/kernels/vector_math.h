// Element-wise functions and optimiser steps, a vector at a time; the rest of a block goes through
// the same code with a mask. A NaN passes through all of them.
#include "kernels/kernels.h"
#include "kernels/simd.h"

// x = n ln 2 + r with |r| <= ln(2)/2; returns e^r - 1. The polynomial is a weighted minimax fit of
// (e^r - 1 - r)/r², relative error 2e-8. ln 2 is taken off in two parts.
UP_INLINE V exp_reduced(V x, V *n) {
    *n = v_round(v_mul(x, v_set(1.44269504f)));
    V r = v_fma(*n, v_set(-0.693359375f), x);
    r = v_fma(*n, v_set(2.12194440e-4f), r);
    V p = v_set(0.00138825213f);
    p = v_fma(p, r, v_set(0.00836652052f));
    p = v_fma(p, r, v_set(0.0416672006f));
    p = v_fma(p, r, v_set(0.166665435f));
    p = v_fma(p, r, v_set(0.49999997f));
    return v_fma(v_mul(r, r), p, r);
}

// tanh |x| = e / (e + 2) with e = exp(2|x|) - 1, which keeps its digits near 0. Beyond 9.1 it is 1.
UP_INLINE V v_tanh(V x) {
    V n, y = v_min(v_set(18.2f), v_mul(v_abs(x), v_set(2)));
    V q = exp_reduced(y, &n), power = v_scale(v_set(1), n);
    V e = v_fma(q, power, v_sub(power, v_set(1)));
    return v_copysign(v_quotient(e, v_add(e, v_set(2))), x);
}

// With e = exp(-|x|): 1/(1 + e) for positive x, e/(1 + e) otherwise; neither overflows.
UP_INLINE V v_sigmoid(V x) {
    V n, y = v_max(v_set(-110), v_sub(v_set(0), v_abs(x)));
    V q = exp_reduced(y, &n), e = v_scale(v_add(q, v_set(1)), n);
    return v_quotient(v_if_positive(x, v_set(1), e), v_add(v_set(1), e));
}

// exp(x) - 1 below 0, as tanh has it; beyond -88 it is -1.
UP_INLINE V v_elu(V x) {
    V n, y = v_max(v_set(-88), v_min(v_set(0), x));
    V q = exp_reduced(y, &n), power = v_scale(v_set(1), n);
    return v_if_positive(x, x, v_fma(q, power, v_sub(power, v_set(1))));
}

UP_INLINE V activate_vector(UpActivation activation, V x) {
    switch (activation) {
    case UP_IDENTITY:
        return x;
    case UP_SIGMOID:
        return v_sigmoid(x);
    case UP_TANH:
        return v_tanh(x);
    case UP_RELU:
        return v_max(v_set(0), x);
    case UP_LEAKY_RELU:
        return v_max(v_mul(v_set(0.01f), x), x);
    case UP_SILU:
        return v_mul(x, v_sigmoid(x));
    case UP_ELU:
        return v_elu(x);
    }
    return x;
}

UP_INLINE V derivative_vector(UpActivation activation, V out, V pre) {
    V one = v_set(1);
    switch (activation) {
    case UP_IDENTITY:
        return one;
    case UP_SIGMOID:
        return v_mul(out, v_sub(one, out));
    case UP_TANH:
        return v_sub(one, v_mul(out, out));
    case UP_RELU:
        return v_if_positive(out, one, v_set(0));
    case UP_LEAKY_RELU:
        return v_if_positive(out, one, v_set(0.01f));
    case UP_SILU: {
        V s = v_sigmoid(pre);
        return v_mul(s, v_fma(pre, v_sub(one, s), one));
    }
    case UP_ELU:
        return v_if_positive(out, one, v_add(out, one));
    }
    return one;
}

UP_INLINE void activate_all(UpActivation activation, int64_t count, const float *x, float *y) {
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(y + i, activate_vector(activation, v_load(x + i)));
    VMask mask = v_mask(count - i);
    if (i < count) v_store_mask(y + i, activate_vector(activation, v_load_mask(x + i, mask)), mask);
}

UP_INLINE void backward_all(UpActivation activation, int64_t count, const float *out,
                            const float *pre, float *d) {
    if (!pre) pre = out;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(d + i, v_mul(v_load(d + i),
                             derivative_vector(activation, v_load(out + i), v_load(pre + i))));
    VMask mask = v_mask(count - i);
    if (i >= count) return;
    V factor =
        derivative_vector(activation, v_load_mask(out + i, mask), v_load_mask(pre + i, mask));
    v_store_mask(d + i, v_mul(v_load_mask(d + i, mask), factor), mask);
}

// One case for each activation, so that it is a constant inside.
#define ACTIVATION_CASES(call)                                                                     \
    switch (activation) {                                                                          \
    case UP_IDENTITY:                                                                              \
        call(UP_IDENTITY);                                                                         \
        break;                                                                                     \
    case UP_SIGMOID:                                                                               \
        call(UP_SIGMOID);                                                                          \
        break;                                                                                     \
    case UP_TANH:                                                                                  \
        call(UP_TANH);                                                                             \
        break;                                                                                     \
    case UP_RELU:                                                                                  \
        call(UP_RELU);                                                                             \
        break;                                                                                     \
    case UP_LEAKY_RELU:                                                                            \
        call(UP_LEAKY_RELU);                                                                       \
        break;                                                                                     \
    case UP_SILU:                                                                                  \
        call(UP_SILU);                                                                             \
        break;                                                                                     \
    case UP_ELU:                                                                                   \
        call(UP_ELU);                                                                              \
        break;                                                                                     \
    }

UP_TARGET static void activate(UpActivation activation, int64_t count, const float *x, float *y){
#define CALL(A) activate_all(A, count, x, y)
    ACTIVATION_CASES(CALL)
#undef CALL
}

UP_TARGET static void activate_backward(UpActivation activation, int64_t count, const float *out,
                                        const float *pre, float *d) {
#define CALL(A) backward_all(A, count, out, pre, d)
    ACTIVATION_CASES(CALL)
#undef CALL
}
