#ifdef UP_HAVE_GIF

#include "io/movie_palette.h"

#include <string.h>

void up__palette_clear(UpPalette *palette) {
    palette->count = 0;
    memset(palette->color, 0, sizeof palette->color);
    memset(palette->slot, -1, sizeof palette->slot);
}

int up__palette_index(UpPalette *palette, const uint8_t rgb[3], bool add) {
    uint32_t key = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
    uint32_t place = (key * 2654435761u) >> 22; // Fibonacci hashing: the top 10 bits
    for (;; place = (place + 1) % UP__COLOR_SLOTS) {
        int index = palette->slot[place];
        if (index < 0) break;
        const GifColorType *color = &palette->color[index];
        if (color->Red == rgb[0] && color->Green == rgb[1] && color->Blue == rgb[2]) return index;
    }
    if (!add || palette->count == UP__COLORS) return -1;
    palette->slot[place] = (int16_t)palette->count;
    palette->color[palette->count] = (GifColorType){rgb[0], rgb[1], rgb[2]};
    return palette->count++;
}

#endif
