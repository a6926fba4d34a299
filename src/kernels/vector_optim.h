// Optimiser steps: one pass over parameters, gradient and moments, which also sets the gradient to
// zero. What a vector does is written once; the end of a block runs it with a mask.
#include "kernels/kernels.h"
#include "kernels/simd.h"

UP_TARGET static double square_sum(size_t count, const float *x) {
    VSum sum = {0}, other = {0};
    size_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
        v_square_add(&sum, v_load(x + i));
        v_square_add(&other, v_load(x + i + LANES));
    }
    for (; i < count; i += LANES)
        v_square_add(&sum, v_load_mask(x + i, v_mask((int64_t)(count - i))));
    return v_square_total(&sum, &other);
}

// The coefficients, broadcast.
typedef struct Coef {
    V clip, rate, momentum, fresh, decay, fresh_square, inv_root, epsilon;
} Coef;

UP_INLINE Coef broadcast(const UpStepCoef *c) {
    return (Coef){v_set(c->clip),  v_set(c->rate),         v_set(c->momentum), v_set(c->fresh),
                  v_set(c->decay), v_set(c->fresh_square), v_set(c->inv_root), v_set(c->epsilon)};
}

// Each rule takes a gradient, updates the moments and returns what is subtracted from the
// parameter.
UP_INLINE V sgd_rule(const Coef *c, V g, V *first, V *second) {
    (void)second;
    *first = v_fma(c->momentum, *first, g);
    return v_mul(c->rate, *first);
}

UP_INLINE V rmsprop_rule(const Coef *c, V g, V *first, V *second) {
    (void)first;
    *second = v_fma(c->fresh_square, v_mul(g, g), v_mul(c->decay, *second));
    return v_quotient(v_mul(c->rate, g), v_add(v_root(*second), c->epsilon));
}

UP_INLINE V adam_rule(const Coef *c, V g, V *first, V *second) {
    *first = v_fma(c->fresh, v_sub(g, *first), *first);
    *second = v_fma(c->fresh_square, v_mul(g, g), v_mul(c->decay, *second));
    return v_quotient(v_mul(c->rate, *first), v_fma(v_root(*second), c->inv_root, c->epsilon));
}

typedef V (*Rule)(const Coef *c, V g, V *first, V *second);

// `first` and `second` may be NULL where the rule has no use for them.
UP_INLINE void step_all(Rule rule, const UpStepCoef *coef, size_t count, float *param, float *grad,
                        float *first, float *second) {
    const Coef c = broadcast(coef);
    V zero = v_set(0), a = zero, b = zero;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        if (first) a = v_load(first + i);
        if (second) b = v_load(second + i);
        V step = rule(&c, v_mul(c.clip, v_load(grad + i)), &a, &b);
        v_store(param + i, v_sub(v_load(param + i), step));
        v_store(grad + i, zero);
        if (first) v_store(first + i, a);
        if (second) v_store(second + i, b);
        if (!first) a = zero;
    }
    if (i == count) return;
    VMask mask = v_mask((int64_t)(count - i));
    if (first) a = v_load_mask(first + i, mask);
    if (second) b = v_load_mask(second + i, mask);
    V step = rule(&c, v_mul(c.clip, v_load_mask(grad + i, mask)), &a, &b);
    v_store_mask(param + i, v_sub(v_load_mask(param + i, mask), step), mask);
    v_store_mask(grad + i, zero, mask);
    if (first) v_store_mask(first + i, a, mask);
    if (second) v_store_mask(second + i, b, mask);
}

UP_TARGET static void sgd(const UpStepCoef *coef, size_t count, float *param, float *grad,
                          float *first) {
    if (first)
        step_all(sgd_rule, coef, count, param, grad, first, NULL);
    else
        step_all(sgd_rule, coef, count, param, grad, NULL, NULL);
}

UP_TARGET static void rmsprop(const UpStepCoef *coef, size_t count, float *param, float *grad,
                              float *second) {
    step_all(rmsprop_rule, coef, count, param, grad, NULL, second);
}

UP_TARGET static void adam(const UpStepCoef *coef, size_t count, float *param, float *grad,
                           float *first, float *second) {
    step_all(adam_rule, coef, count, param, grad, first, second);
}
