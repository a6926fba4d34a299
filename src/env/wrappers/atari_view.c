#include "env/wrappers/atari_view.h"

#include <string.h>

enum { ROW = UP__AREA_WIDTH * UP__AREA_CHANNELS };

// What is held of an instance.
typedef struct Held {
    uint8_t *known; // 1: both screens of the last call count into the rows, and changes are marked
    uint8_t *changed; // (height) rows that the observation does not show yet
    uint8_t *repeats; // (height) rows that equal the one above
    uint8_t *row;     // (height, width * channels)
    uint8_t *shown;   // (size, size, channels) the observation
} Held;

static size_t row_size(const UpAtariView *view) {
    return (size_t)(view->area.width * view->area.channels);
}

static size_t shown_size(const UpAtariView *view) {
    return (size_t)(view->area.size * view->area.size * view->area.channels);
}

static Held held_of(const UpAtariView *view, int instance) {
    size_t height = (size_t)view->area.height;
    Held held = {.known = view->held + (size_t)instance * view->size};
    held.changed = held.known + 1;
    held.repeats = held.changed + height;
    held.row = held.repeats + height;
    held.shown = held.row + height * row_size(view);
    return held;
}

UpStatus up__atari_view_create(UpAtariView *view, const UpEnvDef *def, const UpConsoleInfo *info,
                               int instances, UpArena *arena) {
    int channels = def->grayscale_obs ? 1 : 3;
    view->colour = def->grayscale_obs ? info->grey : info->rgb;
    UP_TRY(up__area_create(&view->area, info->width, info->height, channels, (int)def->screen_size,
                           arena));
    size_t height = (size_t)info->height;
    view->size = 1 + height * (2 + row_size(view)) + shown_size(view);
    view->held = up_arena_alloc(arena, (size_t)instances, view->size);
    return view->held ? UP_OK : UP_MEMORY;
}

UpSpace up__atari_view_space(const UpAtariView *view) {
    UpSpace space = up_space_image(view->area.size, view->area.size, view->area.channels);
    if (view->area.channels == 1) space.dims = 2; // as Gymnasium's
    return space;
}

// Most pixels have neighbours of their colour: eight of them cost as much as one.
static void grey_row(const uint8_t colour[256], const uint8_t *row, int width, uint8_t *to) {
    int x = 0;
    for (; x + 8 <= width; x += 8) {
        uint64_t pixels, greys;
        memcpy(&pixels, row + x, 8);
        if (pixels == (pixels & 0xFF) * 0x0101010101010101u) {
            greys = colour[pixels & 0xFF] * 0x0101010101010101u;
            memcpy(to + x, &greys, 8);
        } else {
            for (int i = x; i < x + 8; i++)
                to[i] = colour[row[i]];
        }
    }
    for (; x < width; x++)
        to[x] = colour[row[x]];
}

static void colour_row(const UpAtariView *view, const uint8_t *row, uint8_t *to) {
    int width = view->area.width;
    if (view->area.channels == 1) {
        grey_row(view->colour, row, width, to);
        return;
    }
    for (int x = 0; x < width; x++)
        memcpy(to + 3 * x, view->colour + 3 * row[x], 3);
}

static void maximum(const uint8_t *a, size_t size, uint8_t *to) {
    for (size_t i = 0; i < size; i++)
        to[i] = a[i] > to[i] ? a[i] : to[i];
}

// A row that is to be held from now on.
static void hold(const UpAtariView *view, Held held, int y, const uint8_t *row) {
    size_t size = row_size(view);
    uint8_t *to = held.row + (size_t)y * size;
    if (memcmp(to, row, size) == 0) return;
    memcpy(to, row, size);
    held.changed[y] = 1;
}

static void find_repeats(const UpAtariView *view, Held held) {
    size_t size = row_size(view);
    for (int y = 1; y < view->area.height; y++) {
        if (!held.changed[y] && !held.changed[y - 1]) continue;
        const uint8_t *row = held.row + (size_t)y * size;
        held.repeats[y] = memcmp(row, row - size, size) == 0;
    }
}

// Is nothing new in row y?
static bool is_kept(Held held, const UpAtariScreens *screens, int y) {
    bool kept = *held.known && !(screens->touched[0][y] | screens->touched[1][y]);
    screens->touched[0][y] = screens->touched[1][y] = 0;
    return kept;
}

void up__atari_view_see(UpAtariView *view, int instance, const UpAtariScreens *screens) {
    size_t width = (size_t)view->area.width, size = row_size(view);
    Held held = held_of(view, instance);
    uint8_t now[ROW], before[ROW];
    const uint8_t *a = screens->newest, *b = screens->other;
    bool marked = b && screens->touched[0] && screens->touched[1];
    for (int y = 0; y < view->area.height; y++, a += width, b += b ? width : 0) {
        if (marked && is_kept(held, screens, y)) continue;
        colour_row(view, a, now);
        if (b && memcmp(a, b, width) != 0) {
            colour_row(view, b, before);
            maximum(before, size, now);
        }
        hold(view, held, y, now);
    }
    *held.known = marked;
    find_repeats(view, held);
}

void up__atari_view_add(UpAtariView *view, int instance, const uint8_t *other) {
    size_t width = (size_t)view->area.width, size = row_size(view);
    Held held = held_of(view, instance);
    uint8_t now[ROW];
    for (int y = 0; y < view->area.height; y++) {
        colour_row(view, other + (size_t)y * width, now);
        maximum(held.row + (size_t)y * size, size, now);
        hold(view, held, y, now);
    }
    *held.known = 0;
    find_repeats(view, held);
}

void up__atari_view_write(const UpAtariView *view, int instance, uint8_t *to) {
    Held held = held_of(view, instance);
    UpAreaRows rows = {.changed = held.changed};
    for (int y = 0; y < view->area.height; y++)
        rows.row[y] =
            y > 0 && held.repeats[y] ? rows.row[y - 1] : held.row + (size_t)y * row_size(view);
    up__area_resize(&view->area, &rows, held.shown);
    memset(held.changed, 0, (size_t)view->area.height);
    memcpy(to, held.shown, shown_size(view));
}
