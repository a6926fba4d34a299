// The colours of a GIF's picture: exact where they are few; else the 255 most frequent ones, so
// that a background keeps its colour from frame to frame, and the nearest of them for the rest.
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

enum { UP__COLOR_BINS = 32 * 32 * 32 };

// Colours that agree in the upper five bits of each channel, and the most frequent of them.
typedef struct UpColorBin {
    int64_t pixels;
    int64_t lead; // of `color` over the others (Boyer and Moore's vote)
    GifColorType color;
    int16_t index; // in the palette
} UpColorBin;

void up__palette_clear(UpPalette *palette);

// The index of a colour, -1 if it is absent. With `add` an absent one is added, -1 if all are
// taken.
int up__palette_index(UpPalette *palette, const uint8_t rgb[3], bool add);

// Choosing colours: clear the bins (UP__COLOR_BINS), count every pixel, choose; then each bin knows
// its index.
void up__bins_count(UpColorBin *bin, const uint8_t rgb[3]);
void up__bins_choose(UpColorBin *bin, UpPalette *palette);
static inline uint32_t up__bin(const uint8_t rgb[3]) {
    return (uint32_t)(rgb[0] >> 3) << 10 | (uint32_t)(rgb[1] >> 3) << 5 | rgb[2] >> 3;
}

#endif
