// The inner loops: matrix products, the sparse first layer, element-wise functions, optimiser
// steps. One table of functions, filled once: plain C first (the reference, and the only one in the
// double build), replaced by vector kernels and oneDNN where they are faster. All of them run on
// the calling thread; src/net and src/optim cut the work into fixed chunks.
//
// m rows of a batch, k inputs, n outputs. Matrices are row-major.
#ifndef UP_KERNELS_H
#define UP_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/conv.h"
#include "uphill/activation.h"
#include "uphill/obs.h"
#include "uphill/real.h"

// The coefficients of one optimiser step, rounded from double once.
typedef struct UpStepCoef {
    UpReal clip;         // the gradient is multiplied by it first
    UpReal rate;         // learning rate; for Adam divided by 1 - beta1^t
    UpReal momentum;     // SGD
    UpReal fresh;        // Adam: 1 - beta1, weight of the gradient in the first moment
    UpReal decay;        // RMSProp: decay, Adam: beta2; weight of the old mean square
    UpReal fresh_square; // 1 - decay
    UpReal inv_root;     // Adam: 1 / sqrt(1 - beta2^t)
    UpReal epsilon;      // RMSProp, Adam
} UpStepCoef;

typedef struct UpKernels {
    const char *name; // what `uphill doctor` tells: "oneDNN 2.6.3 + avx512 (small)"

    // Y += X W.  x (m, k) with rows `ldx` apart, w (k, n), y (m, n)
    void (*product)(int64_t m, int64_t n, int64_t k, const UpReal *x, int64_t ldx, const UpReal *w,
                    UpReal *y);
    // dX += dY Wᵀ.  dy (m, n), w (k, n), dx (m, k)
    void (*product_input)(int64_t m, int64_t n, int64_t k, const UpReal *dy, const UpReal *w,
                          UpReal *dx);
    // dW += Xᵀ dY.  x (m, k) with rows `ldx` apart, dy (m, n), dw (k, n)
    void (*product_weight)(int64_t m, int64_t n, int64_t k, const UpReal *x, int64_t ldx,
                           const UpReal *dy, UpReal *dw);
    // s += sum over the rows of dy.  dy (m, n), s (n)
    void (*sum_rows)(int64_t m, int64_t n, const UpReal *dy, UpReal *s);

    // Y += X W for a sparse X: each entry adds or subtracts one row of w.  w (obs->dim, n), y (m,
    // n)
    void (*sparse_product)(const UpObs *obs, int64_t first, int64_t m, int64_t n, const UpReal *w,
                           UpReal *y);
    // dW += Xᵀ dY for a sparse X and the columns column <= j < end.  dy (m, n), dw (obs->dim, n)
    void (*sparse_product_weight)(const UpObs *obs, int64_t m, int64_t n, int64_t column,
                                  int64_t end, const UpReal *dy, UpReal *dw);

    // Convolution; conv.h says what x, w and y are. scratch has up__conv_scratch(conv) numbers, 64
    // bytes aligned.
    // Y = activation(x * w + b).  b (out) or NULL, y (rows, out_height, out_width, out)
    void (*conv_forward)(const UpConv *conv, int64_t rows, UpConvInput x, const UpReal *w,
                         const UpReal *b, UpActivation activation, UpReal *y, UpReal *scratch);
    // dX += the gradient of the input, where that is another layer's output.
    void (*conv_input)(const UpConv *conv, int64_t rows, const UpReal *dy, const UpReal *w,
                       UpReal *dx, UpReal *scratch);
    // dW += and db += the gradients of weights and bias over these rows; db may be NULL.
    void (*conv_weight)(const UpConv *conv, int64_t rows, UpConvInput x, const UpReal *dy,
                        UpReal *dw, UpReal *db, UpReal *scratch);

    // y = activation(x); x and y may be the same.
    void (*activate)(UpActivation activation, int64_t count, const UpReal *x, UpReal *y);
    // d *= activation'(…), from the value after the activation (`out`) or, for SiLU, before it
    // (`pre`).
    void (*activate_backward)(UpActivation activation, int64_t count, const UpReal *out,
                              const UpReal *pre, UpReal *d);

    // Sum of squares.
    double (*square_sum)(size_t count, const UpReal *x);
    // One optimiser step over `count` numbers; sets grad to zero.
    void (*sgd)(const UpStepCoef *coef, size_t count, UpReal *param, UpReal *grad, UpReal *first);
    void (*rmsprop)(const UpStepCoef *coef, size_t count, UpReal *param, UpReal *grad,
                    UpReal *second);
    void (*adam)(const UpStepCoef *coef, size_t count, UpReal *param, UpReal *grad, UpReal *first,
                 UpReal *second);
} UpKernels;

// The table in use. Chosen at the first call from what the processor can do; the same afterwards.
const UpKernels *up__kernels(void);

// Numbers too small to be normal count as zero on this thread until up__subnormals_restore().
// Moments that decay end up among them, where each operation costs a hundred times as much.
unsigned up__subnormals_flush(void);
void up__subnormals_restore(unsigned state);

// The plain C reference.
extern const UpKernels up__kernels_reference;

// The fastest of our own; they allocate nothing.
const UpKernels *up__kernels_own(void);

#ifndef UP_DOUBLE
// The vector kernels, or NULL where the compiler or the processor has none.
const UpKernels *up__kernels_avx512(void);
const UpKernels *up__kernels_avx2(void);
const UpKernels *up__kernels_128(void); // there always

#ifdef UP_HAVE_ONEDNN
// oneDNN's sgemm behind the three products, single-threaded.
void up__onednn_product(int64_t m, int64_t n, int64_t k, const float *x, int64_t ldx,
                        const float *w, float *y);
void up__onednn_product_input(int64_t m, int64_t n, int64_t k, const float *dy, const float *w,
                              float *dx);
void up__onednn_product_weight(int64_t m, int64_t n, int64_t k, const float *x, int64_t ldx,
                               const float *dy, float *dw);
#endif
#endif

#endif
