// The colours of a GIF's picture: exact where they are few, as in every environment that is drawn;
// else the 255 that represent them best.
#ifndef UP_IO_MOVIE_PALETTE_H
#define UP_IO_MOVIE_PALETTE_H

#include <stdbool.h>
#include <stdint.h>
#include <gif_lib.h>

enum { UP__COLORS = 255, UP__COLOR_SLOTS = 1024 }; // one index is kept for "as before"

typedef struct UpPalette {
    int count;
    GifColorType color[UP__COLORS + 1];
    int16_t slot[UP__COLOR_SLOTS]; // a hash table of indices into `color`; -1 is free
} UpPalette;

void up__palette_clear(UpPalette *palette);

// The index of a colour, -1 if it is absent. With `add` an absent one is added, -1 if all are
// taken.
int up__palette_index(UpPalette *palette, const uint8_t rgb[3], bool add);

#endif
