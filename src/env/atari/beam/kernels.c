// Without vectors.
#include "env/atari/beam/kernels.h"

#include <string.h>

#include "env/atari/tia/tia.h"

// 0xFF for every bit of the byte, the lowest first.
static uint64_t byte_mask(uint64_t bits) {
    uint64_t spread = bits * 0x0101010101010101u & 0x8040201008040201u;
    return ((spread + 0x7F7F7F7F7F7F7F7Fu) >> 7 & 0x0101010101010101u) * 255;
}

static void overlay(uint8_t *row, const UpTiaSet *set, uint8_t colour) {
    uint64_t fill = colour * 0x0101010101010101u;
    for (int w = 0; w < UP__SET_WORDS; w++) {
        uint64_t word = set->word[w];
        while (word) {
            int byte = __builtin_ctzll(word) >> 3;
            uint8_t *at = row + 64 * w + 8 * byte;
            uint64_t mask = byte_mask(word >> (8 * byte) & 0xFF), pixels;
            memcpy(&pixels, at, 8);
            pixels ^= (pixels ^ fill) & mask;
            memcpy(at, &pixels, 8);
            word &= ~(0xFFull << (8 * byte));
        }
    }
}

static bool paint(const UpTiaLayers *layers, int from, int to, uint8_t *row) {
    uint8_t pixel[UP__ATARI_COLUMNS];
    size_t count = (size_t)(to - from);
    memset(pixel, layers->colour[UP__TIA_COLUBK], sizeof pixel);
    for (int i = UP__LAYERS - 1; i >= 0; i--)
        overlay(pixel, &layers->set[i], layers->colour[i]);
    if (layers->comb) memset(pixel, 0, UP__COMB_WIDTH);
    if (!memcmp(row + from, pixel + from, count)) return false;
    memcpy(row + from, pixel + from, count);
    return true;
}

static ptrdiff_t same(const uint64_t *log, const uint64_t *other, ptrdiff_t count) {
    ptrdiff_t i = 0;
    while (i < count && log[i] == other[i])
        i++;
    return i;
}

const UpTiaKernels up__tia_kernels_plain = {paint, same};

const UpTiaKernels *up__tia_kernels(void) {
    const UpTiaKernels *kernels = up__tia_kernels_avx512();
    if (!kernels) kernels = up__tia_kernels_avx2();
    return kernels ? kernels : &up__tia_kernels_plain;
}
