// The vector kernels for AVX2 with FMA.
#include "kernels/kernels.h"

#ifndef UP_DOUBLE
#if defined(__x86_64__)

#define UP_SIMD_AVX2
#define VECTOR_NAME "avx2"
#include "kernels/vector_product.h"
#include "kernels/vector_sparse.h"
#include "kernels/vector_math.h"
#include "kernels/vector_optim.h"
#include "kernels/vector_conv_read.h"
#include "kernels/vector_conv.h"
#include "kernels/vector_conv_back.h"
#include "kernels/vector_table.h"

const UpKernels *up__kernels_avx2(void) {
    bool able = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return able ? &vector_kernels : NULL;
}

#else

const UpKernels *up__kernels_avx2(void) {
    return NULL;
}

#endif
#endif
