// Subnormal numbers as zero, where the processor has such a mode and is slow without it.
#include "kernels/kernels.h"

#if defined(__x86_64__) && !defined(UP_DOUBLE)

#include <xmmintrin.h>

enum { FLUSH_TO_ZERO = 0x8000, SUBNORMALS_ARE_ZERO = 0x0040 };

unsigned up__subnormals_flush(void) {
    unsigned state = _mm_getcsr();
    _mm_setcsr(state | FLUSH_TO_ZERO | SUBNORMALS_ARE_ZERO);
    return state;
}

void up__subnormals_restore(unsigned state) {
    _mm_setcsr(state);
}

#else

unsigned up__subnormals_flush(void) {
    return 0;
}

void up__subnormals_restore(unsigned state) {
    (void)state;
}

#endif
