// Which kernels run on this machine.
#include <pthread.h>
#include <stdio.h>

#include "kernels/kernels.h"

#ifdef UP_DOUBLE

const UpKernels *up__kernels(void) {
    return &up__kernels_reference;
}

#else

#include <oneapi/dnnl/dnnl.h>

// The vector kernels take the products that bench/kernels.c shows them to be faster at: those of
// small weight matrices, where oneDNN's preparation costs more than it saves, and narrow ones. They
// also keep those up to 256 × 256, at which they are a tenth slower at most, because they allocate
// nothing: oneDNN's sgemm takes and returns a buffer in each call, which the training loop must
// not.
enum { SMALL = 256 * 256, NARROW = 32 };

static UpKernels chosen;
static const UpKernels *small; // the vector kernels, or NULL
static char name[96];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool is_small(int64_t n, int64_t k) {
    return n * k <= SMALL || n < NARROW || k < NARROW;
}

static void product(int64_t m, int64_t n, int64_t k, const float *x, int64_t ldx, const float *w,
                    float *y) {
    if (is_small(n, k))
        small->product(m, n, k, x, ldx, w, y);
    else
        up__onednn_product(m, n, k, x, ldx, w, y);
}

static void product_input(int64_t m, int64_t n, int64_t k, const float *dy, const float *w,
                          float *dx) {
    if (is_small(n, k))
        small->product_input(m, n, k, dy, w, dx);
    else
        up__onednn_product_input(m, n, k, dy, w, dx);
}

static void product_weight(int64_t m, int64_t n, int64_t k, const float *x, int64_t ldx,
                           const float *dy, float *dw) {
    if (is_small(n, k))
        small->product_weight(m, n, k, x, ldx, dy, dw);
    else
        up__onednn_product_weight(m, n, k, x, ldx, dy, dw);
}

static void choose(void) {
    const dnnl_version_t *version = dnnl_version();
    int length = snprintf(name, sizeof name, "oneDNN %d.%d.%d", version->major, version->minor,
                          version->patch);
    small = up__kernels_avx512() ? up__kernels_avx512() : up__kernels_avx2();
    chosen = small ? *small : up__kernels_reference;
    chosen.product = small ? product : up__onednn_product;
    chosen.product_input = small ? product_input : up__onednn_product_input;
    chosen.product_weight = small ? product_weight : up__onednn_product_weight;
    if (small) snprintf(name + length, sizeof name - (size_t)length, " + %s (small)", small->name);
    chosen.name = name;
}

const UpKernels *up__kernels(void) {
    pthread_once(&once, choose);
    return &chosen;
}

#endif
