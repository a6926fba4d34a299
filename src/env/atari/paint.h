// Pixels of a row from sets of them.
#ifndef UP_ENV_ATARI_PAINT_H
#define UP_ENV_ATARI_PAINT_H

#include "env/atari/sets.h"

// Colours lie on top of each other, the background lowest.
enum { UP__LAYER_FIELD, UP__LAYER_SECOND, UP__LAYER_FIRST, UP__LAYERS };
typedef struct UpTiaLayers {
    UpTiaSet set[UP__LAYERS];
    uint8_t colour[UP__LAYERS];
    uint8_t background;
    bool comb; // the first eight pixels are black
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
