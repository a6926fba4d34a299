// Shrinking a picture by the mean over areas, equal to cv2.resize(..., interpolation=INTER_AREA) to
// the last bit, which is what Gymnasium's AtariPreprocessing uses.
#ifndef UP_ENV_WRAPPERS_AREA_RESIZE_H
#define UP_ENV_WRAPPERS_AREA_RESIZE_H

#include <stdint.h>

#include "uphill/arena.h"
#include "uphill/status.h"

enum { UP__AREA_WIDTH = 160, UP__AREA_HEIGHT = 256, UP__AREA_CHANNELS = 3 }; // at most

// Along one axis: cell i is the sum over t of source[first[i] + t] * weight[i * taps + t].
typedef struct UpAreaAxis {
    int taps;
    int32_t *first;   // (size)
    float *weight;    // (size, taps)
    int32_t *weighed; // (size) the nearest cell before that has the same weights; -1: none
} UpAreaAxis;

typedef struct UpArea {
    int width, height, channels; // of the source
    int size;                    // the result is (size, size, channels)
    UpAreaAxis x, y;
} UpArea;

// size is at most width and height: pictures are not enlarged.
UpStatus up__area_create(UpArea *area, int width, int height, int channels, int size,
                         UpArena *arena);

// A picture by its rows. What rows have in common is computed once where they are the same array.
typedef struct UpAreaRows {
    const uint8_t *row[UP__AREA_HEIGHT]; // (height) each (width, channels)
    const uint8_t *changed; // (height) 0 where a row is what it was when `to` was made; NULL: all
} UpAreaRows;

// to: (size, size, channels)
void up__area_resize(const UpArea *area, const UpAreaRows *rows, uint8_t *to);

#endif
