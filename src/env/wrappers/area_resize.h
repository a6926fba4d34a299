// Shrinking a picture by the mean over areas, equal to cv2.resize(..., interpolation=INTER_AREA) to
// the last bit, which is what Gymnasium's AtariPreprocessing uses.
#ifndef UP_ENV_WRAPPERS_AREA_RESIZE_H
#define UP_ENV_WRAPPERS_AREA_RESIZE_H

#include <stdint.h>

#include "uphill/arena.h"
#include "uphill/status.h"

enum {
    UP__AREA_WIDTH = 160, // at most
    UP__AREA_HEIGHT = 256,
    UP__AREA_CHANNELS = 3,
    UP__AREA_ROWS = 4,                           // that are shrunk along x together
    UP__AREA_WORDS = (UP__AREA_WIDTH + 63) / 64, // of a set of the result's rows
};

// Along one axis: cell i is the sum over t of source[first[i] + t] * weight[i * taps + t].
typedef struct UpAreaAxis {
    int taps;
    int32_t *first; // (size)
    int32_t *cell;  // (source) the first cell that a number of the source has a part in
    float *weight;  // (size, taps)
} UpAreaAxis;

typedef struct UpArea UpArea;

// Ways to compute the same.
typedef struct UpAreaKernels {
    // Rows of the picture (ROWS), shrunk along x: (ROWS, padded), of which size * channels count.
    void (*narrow)(const UpArea *area, const uint8_t *const *row, float *to);
    // The mean of such rows (y.taps), rounded: (size * channels).
    void (*sum)(const UpArea *area, const float *const *row, const float *weight, uint8_t *to);
} UpAreaKernels;

struct UpArea {
    int width, height, channels; // of the source
    int size;                    // the result is (size, size, channels)
    int padded;                  // numbers of a row of it, up to a whole number of vectors
    UpAreaAxis x, y;
    const UpAreaKernels *kernels;
    // For vectors: the 16 bytes of a row from at[g] on hold all that numbers 4 g to 4 g + 3 are
    // made of, and pick[t] shuffles them into the four bytes of tap t, with 32 bits each.
    int32_t *at;   // (padded / 4)
    uint8_t *pick; // (x.taps, padded / 4, 16)
    float *weight; // (x.taps, padded)
};

// size is at most width and height: pictures are not enlarged.
UpStatus up__area_create(UpArea *area, int width, int height, int channels, int size,
                         UpArena *arena);

// Adds those of the result's rows that row y of the picture has a part in.
void up__area_mark(const UpArea *area, int y, uint64_t rows[UP__AREA_WORDS]);

// picture: (height, width, channels), to: (size, size, channels), of which `rows` are made; NULL:
// all.
void up__area_resize(const UpArea *area, const uint8_t *picture, const uint64_t *rows, uint8_t *to);

extern const UpAreaKernels up__area_plain;
// Takes vectors where the processor has them and the sizes allow it (area_vector.c).
UpStatus up__area_vectors(UpArea *area, UpArena *arena);

#endif
