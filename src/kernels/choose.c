// Which of our own kernels run on this machine; kernels/onednn.c adds oneDNN where it was found.
#include "kernels/kernels.h"

const UpKernels *up__kernels_own(void) {
#ifdef UP_DOUBLE
    return &up__kernels_reference;
#else
    const UpKernels *best = up__kernels_avx512();
    if (!best) best = up__kernels_avx2();
    return best ? best : up__kernels_128();
#endif
}

#if defined(UP_DOUBLE) || !defined(UP_HAVE_ONEDNN)

const UpKernels *up__kernels(void) {
    return up__kernels_own();
}

#endif
