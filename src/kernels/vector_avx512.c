// The vector kernels for AVX-512.
#include "kernels/kernels.h"

#ifndef UP_DOUBLE
#if defined(__x86_64__)

#define UP_SIMD_AVX512
#define VECTOR_NAME "avx512"
#include "kernels/vector_product.h"
#include "kernels/vector_sparse.h"
#include "kernels/vector_math.h"
#include "kernels/vector_optim.h"
#include "kernels/vector_conv_read.h"
#include "kernels/vector_conv.h"
#include "kernels/vector_conv_back.h"
#include "kernels/vector_table.h"

const UpKernels *up__kernels_avx512(void) {
    bool able = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512vl");
    return able ? &vector_kernels : NULL;
}

#else

const UpKernels *up__kernels_avx512(void) {
    return NULL;
}

#endif
#endif
