#include "env/wrappers/atari_view.h"

#include <string.h>

// What is held of an instance.
typedef struct Held {
    uint64_t *known;  // 1: both screens of the last call are in the picture, and changes are marked
    uint64_t *stale;  // (UP__AREA_WORDS) rows of `shown` that are not what the picture makes them
    uint8_t *picture; // (height, width, channels)
    uint8_t *shown;   // (size, size, channels) the observation
} Held;

enum { LINE = 64, HEAD = (1 + UP__AREA_WORDS) * sizeof(uint64_t), AHEAD = 6 };

// Up to whole lines of the processor's cache.
static size_t in_lines(size_t size) {
    return (size + LINE - 1) / LINE * LINE;
}

static size_t row_size(const UpAtariView *view) {
    return (size_t)view->area.width * (size_t)view->area.channels;
}

static size_t picture_size(const UpAtariView *view) {
    return (size_t)view->area.height * row_size(view);
}

static size_t shown_size(const UpAtariView *view) {
    return (size_t)view->area.size * (size_t)view->area.size * (size_t)view->area.channels;
}

static Held held_of(const UpAtariView *view, int instance) {
    uint8_t *start = view->held + (size_t)instance * view->size;
    Held held = {.known = (void *)start, .picture = start + in_lines(HEAD)};
    held.stale = held.known + 1;
    held.shown = held.picture + in_lines(picture_size(view));
    return held;
}

// The fastest way.
static UpAtariHold choose_hold(const UpAtariView *view) {
    UpAtariHold hold = up__atari_hold_avx512(view);
    if (!hold) hold = up__atari_hold_avx2(view);
    return hold ? hold : up__atari_hold_plain;
}

UpStatus up__atari_view_create(UpAtariView *view, const UpEnvDef *def, const UpConsoleInfo *info,
                               int instances, UpArena *arena) {
    int channels = def->grayscale_obs ? 1 : 3;
    view->colour = def->grayscale_obs ? info->grey : info->rgb;
    for (int i = 0; i < 128; i++)
        view->even[i] = info->grey[2 * i];
    UP_TRY(up__area_create(&view->area, info->width, info->height, channels, (int)def->screen_size,
                           arena));
    view->hold = choose_hold(view);
    view->size = in_lines(HEAD) + in_lines(picture_size(view)) + in_lines(shown_size(view));
    view->held = up_arena_alloc(arena, (size_t)instances, view->size);
    return view->held ? UP_OK : UP_MEMORY;
}

UpSpace up__atari_view_space(const UpAtariView *view) {
    UpSpace space = up_space_image(view->area.size, view->area.size, view->area.channels);
    if (view->area.channels == 1) space.dims = 2; // as Gymnasium's
    return space;
}

// The rows that have a mark on either screen, or all, in order.
static int find_rows(uint8_t *const touched[2], bool all, int height, int16_t *row) {
    int count = 0;
    for (int y = 0; y < height; y++) {
        uint64_t a, b; // marks of eight rows, most of which have none
        if (!all && y + 8 <= height) {
            memcpy(&a, touched[0] + y, 8);
            memcpy(&b, touched[1] + y, 8);
            if (!(a | b)) {
                y += 7;
                continue;
            }
        }
        row[count] = (int16_t)y;
        count += all || (touched[0][y] | touched[1][y]);
    }
    return count;
}

static void see_row(const UpAtariView *view, Held held, int y, const UpAtariScreens *screens) {
    size_t at = (size_t)y * (size_t)view->area.width;
    const uint8_t *a = screens->newest + at, *b = screens->other ? screens->other + at : a;
    if (view->hold(view, a, b, held.picture + (size_t)y * row_size(view)))
        up__area_mark(&view->area, y, held.stale);
}

// In a large batch what is held of an instance has left the cache since its last step.
static void fetch_row(const UpAtariView *view, Held held, int y) {
    for (size_t at = 0; at < row_size(view); at += LINE)
        __builtin_prefetch(held.picture + (size_t)y * row_size(view) + at, 1);
}

void up__atari_view_see(UpAtariView *view, int instance, const UpAtariScreens *screens) {
    Held held = held_of(view, instance);
    uint8_t *const *touched = screens->touched;
    size_t height = (size_t)view->area.height;
    int16_t row[UP__AREA_HEIGHT] = {0};
    bool marked = screens->other && touched[0] && touched[1];
    int count = find_rows(touched, !marked || !*held.known, view->area.height, row);
    for (int i = 0; i < count; i++) {
        if (i + AHEAD < count) fetch_row(view, held, row[i + AHEAD]);
        see_row(view, held, row[i], screens);
    }
    if (marked) memset(touched[0], 0, height);
    if (marked) memset(touched[1], 0, height);
    *held.known = marked;
}

void up__atari_view_add(UpAtariView *view, int instance, const uint8_t *other) {
    size_t width = (size_t)view->area.width, size = row_size(view);
    Held held = held_of(view, instance);
    for (int y = 0; y < view->area.height; y++) {
        uint8_t *to = held.picture + (size_t)y * size;
        if (up__atari_hold_more(view, other + (size_t)y * width, to))
            up__area_mark(&view->area, y, held.stale);
    }
    *held.known = 0;
}

void up__atari_view_write(const UpAtariView *view, int instance, uint8_t *to) {
    Held held = held_of(view, instance);
    up__area_resize(&view->area, held.picture, held.stale, held.shown);
    memset(held.stale, 0, UP__AREA_WORDS * sizeof *held.stale);
    memcpy(to, held.shown, shown_size(view));
}
