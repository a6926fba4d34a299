#ifdef UP_HAVE_GIF

#include "draw/movie_palette.h"

#include <limits.h>
#include <stdlib.h>
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

void up__bins_count(UpColorBin *bin, const uint8_t rgb[3]) {
    bin += up__bin(rgb);
    bin->pixels++;
    if (bin->lead == 0) bin->color = (GifColorType){rgb[0], rgb[1], rgb[2]};
    bool same = bin->color.Red == rgb[0] && bin->color.Green == rgb[1] && bin->color.Blue == rgb[2];
    bin->lead += same ? 1 : -1;
}

static int by_pixels(const void *a, const void *b) {
    const UpColorBin *x = *(const UpColorBin *const *)a, *y = *(const UpColorBin *const *)b;
    if (x->pixels != y->pixels) return x->pixels < y->pixels ? 1 : -1;
    return x < y ? -1 : x > y; // so that one picture always gets one palette
}

static int nearest(const UpPalette *palette, GifColorType color) {
    int best = 0, best_distance = INT_MAX;
    for (int i = 0; i < palette->count; i++) {
        int red = color.Red - palette->color[i].Red, green = color.Green - palette->color[i].Green,
            blue = color.Blue - palette->color[i].Blue;
        int distance = red * red + green * green + blue * blue;
        if (distance < best_distance) best = i, best_distance = distance;
    }
    return best;
}

void up__bins_choose(UpColorBin *bin, UpPalette *palette) {
    UpColorBin *used[UP__COLOR_BINS];
    int count = 0;
    for (int i = 0; i < UP__COLOR_BINS; i++)
        if (bin[i].pixels > 0) used[count++] = &bin[i];
    qsort(used, (size_t)count, sizeof(UpColorBin *), by_pixels);
    up__palette_clear(palette);
    palette->count = count < UP__COLORS ? count : UP__COLORS;
    for (int i = 0; i < palette->count; i++)
        palette->color[i] = used[i]->color;
    for (int i = 0; i < count; i++)
        used[i]->index = (int16_t)(i < palette->count ? i : nearest(palette, used[i]->color));
}

#endif
