#include "env/wrappers/atari_view.h"

#include <string.h>

enum { WIDTH = UP__AREA_WIDTH };

UpStatus up__atari_view_create(UpAtariView *view, const UpEnvDef *def, const UpConsoleInfo *info,
                               int instances, UpArena *arena) {
    int channels = def->grayscale_obs ? 1 : 3;
    view->colour = def->grayscale_obs ? info->grey : info->rgb;
    view->size = (size_t)(info->height * info->width * channels);
    view->held = up_arena_alloc(arena, (size_t)instances, view->size);
    if (!view->held) return UP_MEMORY;
    return up__area_create(&view->area, info->width, info->height, channels, (int)def->screen_size,
                           arena);
}

UpSpace up__atari_view_space(const UpAtariView *view) {
    UpSpace space = up_space_image(view->area.size, view->area.size, view->area.channels);
    if (view->area.channels == 1) space.dims = 2; // as Gymnasium's
    return space;
}

static void colour_row(const UpAtariView *view, const uint8_t *row, uint8_t *to) {
    int width = view->area.width;
    for (int x = 0; x < width && view->area.channels == 1; x++)
        to[x] = view->colour[row[x]];
    for (int x = 0; x < width && view->area.channels == 3; x++)
        memcpy(to + 3 * x, view->colour + 3 * row[x], 3);
}

static void maximum(const uint8_t *a, size_t size, uint8_t *to) {
    for (size_t i = 0; i < size; i++)
        to[i] = a[i] > to[i] ? a[i] : to[i];
}

// Most rows equal the one above, and most are the same in both screens: those cost a comparison.
void up__atari_view_see(UpAtariView *view, int instance, const uint8_t *newest,
                        const uint8_t *other) {
    size_t width = (size_t)view->area.width, row = width * (size_t)view->area.channels;
    uint8_t *to = view->held + (size_t)instance * view->size;
    uint8_t before[WIDTH * UP__AREA_CHANNELS];
    const uint8_t *a = newest, *b = other ? other : newest;
    for (int y = 0; y < view->area.height; y++, a += width, b += width, to += row) {
        if (y > 0 && memcmp(a, a - width, width) == 0 && memcmp(b, b - width, width) == 0) {
            memcpy(to, to - row, row);
            continue;
        }
        colour_row(view, a, to);
        if (memcmp(a, b, width) == 0) continue;
        colour_row(view, b, before);
        maximum(before, row, to);
    }
}

void up__atari_view_add(UpAtariView *view, int instance, const uint8_t *other) {
    size_t width = (size_t)view->area.width, row = width * (size_t)view->area.channels;
    uint8_t *to = view->held + (size_t)instance * view->size;
    uint8_t colours[WIDTH * UP__AREA_CHANNELS];
    for (int y = 0; y < view->area.height; y++) {
        colour_row(view, other + (size_t)y * width, colours);
        maximum(colours, row, to + (size_t)y * row);
    }
}

void up__atari_view_write(const UpAtariView *view, int instance, uint8_t *to) {
    up__area_resize(&view->area, view->held + (size_t)instance * view->size, to);
}
