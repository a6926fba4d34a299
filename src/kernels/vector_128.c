// The vector kernels for vectors of 128 bits, which need no test of the processor: NEON on ARM,
// SSE2 on older x86-64.
#include "kernels/kernels.h"

#ifndef UP_DOUBLE

#define UP_SIMD_128
#if defined(__aarch64__)
#define VECTOR_NAME "neon"
#elif defined(__x86_64__)
#define VECTOR_NAME "sse2"
#else
#define VECTOR_NAME "128-bit vectors"
#endif
#include "kernels/vector_product.h"
#include "kernels/vector_sparse.h"
#include "kernels/vector_math.h"
#include "kernels/vector_optim.h"
#include "kernels/vector_conv_read.h"
#include "kernels/vector_conv.h"
#include "kernels/vector_conv_back.h"
#include "kernels/vector_table.h"

const UpKernels *up__kernels_128(void) {
    return &vector_kernels;
}

#endif
