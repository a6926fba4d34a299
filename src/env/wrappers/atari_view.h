// From the screens of a step to the observation that Gymnasium's AtariPreprocessing makes of them:
// the maximum of the last two, as grey or in colour, shrunk to a square.
#ifndef UP_ENV_WRAPPERS_ATARI_VIEW_H
#define UP_ENV_WRAPPERS_ATARI_VIEW_H

#include <stdbool.h>

#include "env/wrappers/area_resize.h"
#include "uphill/env.h"

typedef struct UpAtariView UpAtariView;

// Puts the maximum of two rows of screens, coloured, into `held`. Did that change it?
typedef bool (*UpAtariHold)(const UpAtariView *view, const uint8_t *a, const uint8_t *b,
                            uint8_t *held);

struct UpAtariView {
    const uint8_t *colour; // (256, channels) of a screen's bytes
    uint8_t even[128];     // greys of the even bytes, the only ones in nearly all pictures
    UpAtariHold hold;
    UpArea area;
    size_t size;   // bytes of what is held of an instance
    uint8_t *held; // (instances, size) what was seen last, and the observation of it
};

// As def->screen_size and def->grayscale_obs ask.
UpStatus up__atari_view_create(UpAtariView *view, const UpEnvDef *def, const UpConsoleInfo *info,
                               int instances, UpArena *arena);
UpSpace up__atari_view_space(const UpAtariView *view);

// Screens of palette bytes (height, width), and of each which rows changed since it was seen last;
// those marks are taken back. Where they are NULL that is not known.
typedef struct UpAtariScreens {
    const uint8_t *newest, *other; // other, the one before the newest: NULL if there is none
    uint8_t *touched[2];           // (height), of both
} UpAtariScreens;

void up__atari_view_see(UpAtariView *view, int instance, const UpAtariScreens *screens);

// A step that its episode's end cut short adds to what was seen before, where it saw anything:
// Gymnasium's buffer of the newest screen still holds the maximum of the step before.
void up__atari_view_add(UpAtariView *view, int instance, const uint8_t *other);

// The observation.
void up__atari_view_write(const UpAtariView *view, int instance, uint8_t *to);

// atari_hold.c: with vectors, for grey. NULL where the processor lacks them.
bool up__atari_hold_plain(const UpAtariView *view, const uint8_t *a, const uint8_t *b,
                          uint8_t *held);
// The maximum of what is held and a row.
bool up__atari_hold_more(const UpAtariView *view, const uint8_t *a, uint8_t *held);
UpAtariHold up__atari_hold_avx2(const UpAtariView *view);
UpAtariHold up__atari_hold_avx512(const UpAtariView *view);

#endif
