#include "env/wrappers/atari_view.h"

#include <string.h>

enum { WIDTH = UP__AREA_WIDTH };

UpStatus up__atari_view_create(UpAtariView *view, const UpEnvDef *def, const UpConsoleInfo *info,
                               int instances, UpArena *arena) {
    int channels = def->grayscale_obs ? 1 : 3;
    view->colour = def->grayscale_obs ? info->grey : info->rgb;
    view->size = (size_t)info->height * (sizeof(int16_t) + (size_t)(info->width * channels));
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

// What is held of an instance, to be written anew.
typedef struct Held {
    uint8_t *number; // (height) int16, not aligned
    uint8_t *row;    // (height, width * channels) of which the first are in use
} Held;

static Held held_of(const UpAtariView *view, int instance) {
    uint8_t *held = view->held + (size_t)instance * view->size;
    return (Held){held, held + (size_t)view->area.height * sizeof(int16_t)};
}

static void set_number(Held held, int y, int number) {
    int16_t value = (int16_t)number;
    memcpy(held.number + (size_t)y * sizeof value, &value, sizeof value);
}

// Most rows equal the one above, and most are the same in both screens: those cost a comparison.
void up__atari_view_see(UpAtariView *view, int instance, const uint8_t *newest,
                        const uint8_t *other) {
    size_t width = (size_t)view->area.width, row = width * (size_t)view->area.channels;
    Held held = held_of(view, instance);
    uint8_t before[WIDTH * UP__AREA_CHANNELS], *to = held.row;
    const uint8_t *a = newest, *b = other;
    int number = -1;
    for (int y = 0; y < view->area.height; y++, a += width, b += other ? width : 0) {
        bool repeats = y > 0 && memcmp(a, a - width, width) == 0 &&
                       (!other || memcmp(b, b - width, width) == 0);
        if (!repeats) {
            colour_row(view, a, to);
            if (other && memcmp(a, b, width) != 0) {
                colour_row(view, b, before);
                maximum(before, row, to);
            }
            to += row;
            number++;
        }
        set_number(held, y, number);
    }
}

static UpAreaRows rows_of(const UpAtariView *view, int instance) {
    Held held = held_of(view, instance);
    UpAreaRows rows = {.row = held.row};
    memcpy(rows.number, held.number, (size_t)view->area.height * sizeof *rows.number);
    // Saved states are foreign data.
    for (int y = 0; y < view->area.height; y++) {
        if (rows.number[y] < 0 || rows.number[y] >= view->area.height) rows.number[y] = 0;
        if (rows.number[y] >= rows.count) rows.count = rows.number[y] + 1;
    }
    return rows;
}

// Episodes end seldom: here every row is written on its own, from the last on, as none moves down.
void up__atari_view_add(UpAtariView *view, int instance, const uint8_t *other) {
    size_t width = (size_t)view->area.width, row = width * (size_t)view->area.channels;
    uint8_t colours[WIDTH * UP__AREA_CHANNELS];
    Held held = held_of(view, instance);
    UpAreaRows rows = rows_of(view, instance);
    for (int y = view->area.height - 1; y >= 0; y--) {
        uint8_t *to = held.row + (size_t)y * row;
        memmove(to, held.row + (size_t)rows.number[y] * row, row);
        colour_row(view, other + (size_t)y * width, colours);
        maximum(colours, row, to);
        set_number(held, y, y);
    }
}

void up__atari_view_write(const UpAtariView *view, int instance, uint8_t *to) {
    UpAreaRows rows = rows_of(view, instance);
    up__area_resize(&view->area, &rows, to);
}
