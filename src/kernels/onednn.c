// oneDNN's sgemm behind the three products, where CMake found it, and the mixture of it and our own
// kernels. OpenMP is held to one thread for the length of the
// call: the work was cut into chunks before, so that results do not depend on the number of
// threads.
#if defined(UP_HAVE_ONEDNN) && !defined(UP_DOUBLE)
#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#include "kernels/kernels.h"

// Declared here because clang has no omp.h of its own; oneDNN brings the library.
int omp_get_max_threads(void);
void omp_set_num_threads(int threads);

// C += op(A) op(B), with oneDNN's argument order. False where it failed (it allocates its scratch).
static bool gemm(char transpose_a, char transpose_b, int64_t m, int64_t n, int64_t k,
                 const float *a, int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc) {
    int threads = omp_get_max_threads();
    if (threads != 1) omp_set_num_threads(1);
    dnnl_status_t status =
        dnnl_sgemm(transpose_a, transpose_b, m, n, k, 1.0f, a, lda, b, ldb, 1.0f, c, ldc);
    if (threads != 1) omp_set_num_threads(threads);
    return status == dnnl_success;
}

void up__onednn_product(int64_t m, int64_t n, int64_t k, const float *x, int64_t ldx,
                        const float *w, float *y) {
    if (!gemm('N', 'N', m, n, k, x, ldx, w, n, y, n))
        up__kernels_reference.product(m, n, k, x, ldx, w, y);
}

void up__onednn_product_input(int64_t m, int64_t n, int64_t k, const float *dy, const float *w,
                              float *dx) {
    if (!gemm('N', 'T', m, k, n, dy, n, w, n, dx, k))
        up__kernels_reference.product_input(m, n, k, dy, w, dx);
}

void up__onednn_product_weight(int64_t m, int64_t n, int64_t k, const float *x, int64_t ldx,
                               const float *dy, float *dw) {
    if (!gemm('T', 'N', k, n, m, x, ldx, dy, n, dw, n))
        up__kernels_reference.product_weight(m, n, k, x, ldx, dy, dw);
}

// Our own kernels take the products that bench/kernels.c shows them to be faster at: those of small
// weight matrices, where oneDNN's preparation costs more than it saves, and narrow ones. They also
// keep those up to 256 × 256, at which they are a tenth slower at most, because they allocate
// nothing: oneDNN's sgemm takes and returns a buffer in each call, which the training loop must
// not.
enum { SMALL = 256 * 256, NARROW = 32 };

static UpKernels chosen;
static const UpKernels *own;
static char name[96];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool is_small(int64_t n, int64_t k) {
    return n * k <= SMALL || n < NARROW || k < NARROW;
}

static void product(int64_t m, int64_t n, int64_t k, const float *x, int64_t ldx, const float *w,
                    float *y) {
    if (is_small(n, k))
        own->product(m, n, k, x, ldx, w, y);
    else
        up__onednn_product(m, n, k, x, ldx, w, y);
}

static void product_input(int64_t m, int64_t n, int64_t k, const float *dy, const float *w,
                          float *dx) {
    if (is_small(n, k))
        own->product_input(m, n, k, dy, w, dx);
    else
        up__onednn_product_input(m, n, k, dy, w, dx);
}

static void product_weight(int64_t m, int64_t n, int64_t k, const float *x, int64_t ldx,
                           const float *dy, float *dw) {
    if (is_small(n, k))
        own->product_weight(m, n, k, x, ldx, dy, dw);
    else
        up__onednn_product_weight(m, n, k, x, ldx, dy, dw);
}

static void choose(void) {
    const dnnl_version_t *version = dnnl_version();
    own = up__kernels_own();
    snprintf(name, sizeof name, "oneDNN %d.%d.%d + %s (small)", version->major, version->minor,
             version->patch, own->name);
    chosen = *own;
    chosen.product = product;
    chosen.product_input = product_input;
    chosen.product_weight = product_weight;
    chosen.name = name;
}

const UpKernels *up__kernels(void) {
    pthread_once(&once, choose);
    return &chosen;
}
#endif
