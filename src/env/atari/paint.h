// Pixels of a row from sets of them.
#ifndef UP_ENV_ATARI_PAINT_H
#define UP_ENV_ATARI_PAINT_H

#include "env/atari/sets.h"

// What is seen of a row, in the order of the chip's colours: the first one lies on top.
enum { UP__LAYERS = UP__TIA_COLUBK };
typedef struct UpTiaLayers {
    const uint8_t *colour; // the background's is the last one
    bool comb;             // the first eight pixels are black
    UpTiaSet set[UP__LAYERS];
} UpTiaLayers;

// Pixels from … to - 1 of the row. Whether any of them is another one than before.
typedef bool UpTiaPaint(const UpTiaLayers *layers, int from, int to, uint8_t *row);

// The fastest that this machine has; all paint the same.
UpTiaPaint *up__paint_best(void);
bool up__paint_plain(const UpTiaLayers *layers, int from, int to, uint8_t *row);
// NULL: the machine cannot.
UpTiaPaint *up__paint_avx2(void);
UpTiaPaint *up__paint_avx512(void);

#endif
