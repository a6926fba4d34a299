// What vectors are good for: pixels of a row from sets of them, and logs that are the same.
#ifndef UP_ENV_ATARI_KERNELS_H
#define UP_ENV_ATARI_KERNELS_H

#include <stddef.h>

#include "env/atari/tia/sets.h"

// What is seen of a row, in the order of the chip's colours: the first one lies on top.
enum { UP__LAYERS = UP__TIA_COLUBK };
typedef struct UpTiaLayers {
    const uint8_t *colour; // the background's is the last one
    bool comb;             // the first eight pixels are black
    UpTiaSet set[UP__LAYERS];
} UpTiaLayers;

// Ways to compute the same.
typedef struct UpTiaKernels {
    // Paints pixels from … to - 1 of the row. Whether any of them is another one than before.
    bool (*paint)(const UpTiaLayers *layers, int from, int to, uint8_t *row);
    // How many of the first `count` entries are the same before one is not.
    ptrdiff_t (*same)(const uint64_t *log, const uint64_t *other, ptrdiff_t count);
} UpTiaKernels;

// The fastest that this machine has.
const UpTiaKernels *up__tia_kernels(void);
extern const UpTiaKernels up__tia_kernels_plain;
// NULL: the machine cannot.
const UpTiaKernels *up__tia_kernels_avx2(void);
const UpTiaKernels *up__tia_kernels_avx512(void);

#endif
