// The plain C reference: what every other kernel is compared with, and what the double build runs.
#include <math.h>
#include <tgmath.h>

#include "kernels/kernels.h"

static void product(int64_t m, int64_t n, int64_t k, const UpReal *x, int64_t ldx, const UpReal *w,
                    UpReal *y) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++)
                y[i * n + j] += x[i * ldx + p] * w[p * n + j];
}

static void product_input(int64_t m, int64_t n, int64_t k, const UpReal *dy, const UpReal *w,
                          UpReal *dx) {
    for (int64_t i = 0; i < m; i++) {
        for (int64_t p = 0; p < k; p++) {
            UpReal sum = 0;
            for (int64_t j = 0; j < n; j++)
                sum += dy[i * n + j] * w[p * n + j];
            dx[i * k + p] += sum;
        }
    }
}

static void product_weight(int64_t m, int64_t n, int64_t k, const UpReal *x, int64_t ldx,
                           const UpReal *dy, UpReal *dw) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++)
                dw[p * n + j] += x[i * ldx + p] * dy[i * n + j];
}

static void sum_rows(int64_t m, int64_t n, const UpReal *dy, UpReal *s) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++)
            s[j] += dy[i * n + j];
}

static void sparse_product(const UpObs *obs, int64_t first, int64_t m, int64_t n, const UpReal *w,
                           UpReal *y) {
    for (int64_t i = 0; i < m; i++) {
        const UpSparseEntry *entry = obs->entry + obs->begin[first + i];
        for (uint32_t e = 0; e < obs->count[first + i]; e++) {
            const UpReal *row = w + (entry[e] >> 1) * n;
            UpReal sign = entry[e] & 1 ? -1 : 1;
            for (int64_t j = 0; j < n; j++)
                y[i * n + j] += sign * row[j];
        }
    }
}

static void sparse_product_weight(const UpObs *obs, int64_t m, int64_t n, int64_t column,
                                  int64_t end, const UpReal *dy, UpReal *dw) {
    for (int64_t i = 0; i < m; i++) {
        const UpSparseEntry *entry = obs->entry + obs->begin[i];
        for (uint32_t e = 0; e < obs->count[i]; e++) {
            UpReal *row = dw + (entry[e] >> 1) * n;
            UpReal sign = entry[e] & 1 ? -1 : 1;
            for (int64_t j = column; j < end; j++)
                row[j] += sign * dy[i * n + j];
        }
    }
}

static UpReal sigmoid(UpReal x) {
    UpReal e = exp(-fabs(x));
    return (x < 0 ? e : 1) / (1 + e);
}

// Written so that a NaN passes through: max(x, 0) would hide it.
static UpReal activate_one(UpActivation activation, UpReal x) {
    switch (activation) {
    case UP_IDENTITY:
        return x;
    case UP_SIGMOID:
        return sigmoid(x);
    case UP_TANH:
        return tanh(x);
    case UP_RELU:
        return x < 0 ? 0 : x;
    case UP_LEAKY_RELU:
        return x < 0 ? (UpReal)0.01 * x : x;
    case UP_SILU:
        return x * sigmoid(x);
    case UP_ELU:
        return x < 0 ? expm1(x) : x;
    }
    return x;
}

static UpReal derivative(UpActivation activation, UpReal out, UpReal pre) {
    switch (activation) {
    case UP_IDENTITY:
        return 1;
    case UP_SIGMOID:
        return out * (1 - out);
    case UP_TANH:
        return 1 - out * out;
    case UP_RELU:
        return out > 0 ? 1 : 0;
    case UP_LEAKY_RELU:
        return out > 0 ? 1 : (UpReal)0.01;
    case UP_SILU:
        return sigmoid(pre) * (1 + pre * (1 - sigmoid(pre)));
    case UP_ELU:
        return out > 0 ? 1 : out + 1;
    }
    return 1;
}

static void activate(UpActivation activation, int64_t count, const UpReal *x, UpReal *y) {
    for (int64_t i = 0; i < count; i++)
        y[i] = activate_one(activation, x[i]);
}

static void activate_backward(UpActivation activation, int64_t count, const UpReal *out,
                              const UpReal *pre, UpReal *d) {
    for (int64_t i = 0; i < count; i++)
        d[i] *= derivative(activation, out[i], pre ? pre[i] : 0);
}

static void conv_forward(const UpConv *conv, int64_t rows, UpConvInput x, const UpReal *w,
                         const UpReal *b, UpActivation activation, UpReal *y, UpReal *scratch) {
    (void)scratch;
    up__conv_forward_plain(conv, rows, x, w, b, y);
    activate(activation, rows * conv->out_height * conv->out_width * conv->out, y, y);
}

static void conv_input(const UpConv *conv, int64_t rows, const UpReal *dy, const UpReal *w,
                       UpReal *dx, UpReal *scratch) {
    (void)scratch;
    up__conv_input_plain(conv, rows, dy, w, dx);
}

static void conv_weight(const UpConv *conv, int64_t rows, UpConvInput x, const UpReal *dy,
                        UpReal *dw, UpReal *db, UpReal *scratch) {
    (void)scratch;
    up__conv_weight_plain(conv, rows, x, dy, dw, db);
}

static double square_sum(size_t count, const UpReal *x) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

// torch.optim.SGD without dampening or Nesterov: the first step's buffer is the gradient itself,
// which a buffer that starts at zero gives too.
static void sgd(const UpStepCoef *coef, size_t count, UpReal *param, UpReal *grad, UpReal *first) {
    for (size_t i = 0; i < count; i++) {
        UpReal step = coef->clip * grad[i];
        if (first) step = first[i] = coef->momentum * first[i] + step;
        param[i] -= coef->rate * step;
        grad[i] = 0;
    }
}

static void rmsprop(const UpStepCoef *coef, size_t count, UpReal *param, UpReal *grad,
                    UpReal *second) {
    for (size_t i = 0; i < count; i++) {
        UpReal g = coef->clip * grad[i];
        second[i] = coef->decay * second[i] + coef->fresh_square * g * g;
        param[i] -= coef->rate * g / (sqrt(second[i]) + coef->epsilon);
        grad[i] = 0;
    }
}

static void adam(const UpStepCoef *coef, size_t count, UpReal *param, UpReal *grad, UpReal *first,
                 UpReal *second) {
    for (size_t i = 0; i < count; i++) {
        UpReal g = coef->clip * grad[i];
        first[i] += coef->fresh * (g - first[i]);
        second[i] = coef->decay * second[i] + coef->fresh_square * g * g;
        param[i] -= coef->rate * first[i] / (sqrt(second[i]) * coef->inv_root + coef->epsilon);
        grad[i] = 0;
    }
}

const UpKernels up__kernels_reference = {
    .name = "plain C",
    .product = product,
    .product_input = product_input,
    .product_weight = product_weight,
    .sum_rows = sum_rows,
    .sparse_product = sparse_product,
    .sparse_product_weight = sparse_product_weight,
    .conv_forward = conv_forward,
    .conv_input = conv_input,
    .conv_weight = conv_weight,
    .activate = activate,
    .activate_backward = activate_backward,
    .square_sum = square_sum,
    .sgd = sgd,
    .rmsprop = rmsprop,
    .adam = adam,
};
