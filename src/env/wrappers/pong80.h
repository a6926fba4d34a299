// The pong80 preprocessing of the Pong tutorial and Welleck 2020, for frames that really exist:
// rows 35 to 195, every second pixel, red channel, 144 and 109 erased, the rest 1, minus the
// previous frame. The result is sparse; the previous frame is kept as bits.
#ifndef UP_ENV_PREPROCESS_H
#define UP_ENV_PREPROCESS_H

#include <stddef.h>
#include <stdint.h>

#include "uphill/arena.h"
#include "uphill/obs.h"
#include "uphill/status.h"

enum {
    UP__PONG80_SIDE = 80,
    UP__PONG80_DIM = UP__PONG80_SIDE * UP__PONG80_SIDE,
    UP__PONG80_WORDS = UP__PONG80_DIM / 64,
    UP__ATARI_HEIGHT = 210,
    UP__ATARI_WIDTH = 160,
};

typedef struct UpPong80 {
    int instances;
    uint64_t *previous;    // (instances, 100) bits of the last frame; up__pong80_apply
    uint64_t *drawn;       // (instances, 2, 100) bits of two pictures; up__pong80_apply_indexed
    uint8_t *has_previous; // (instances) 0 until an episode's first frame; up__pong80_reset
} UpPong80;

UpStatus up__pong80_create(UpPong80 *pong80, int instances, UpArena *arena);

// The next frame of `instance` is the first of an episode; its difference is zero.
void up__pong80_reset(UpPong80 *pong80, int instance);

// The difference of one frame to the one before. red: (80, 80) as up__pong80_sample gives it.
// entry: room for UP__PONG80_DIM.
void up__pong80_apply(UpPong80 *pong80, int instance, const uint8_t *red, UpSparseEntry *entry,
                      uint32_t *count);

// frame[35:195:2, ::2, 0]. rgb: (210, 160, 3), red: (80, 80).
void up__pong80_sample(const uint8_t *rgb, uint8_t *red);

// The same for a picture (210, 160) of bytes that index a palette: `shown` says for each whether
// its pixels are kept, up__pong80_palette fills it. Pictures are drawn into two buffers by turns;
// rows without a mark are as they were when this buffer was seen last. Marks are taken back.
typedef struct UpPong80Picture {
    const uint8_t *pixel;
    int buffer;       // 0 or 1
    uint8_t *touched; // (210); NULL: any row may be new
} UpPong80Picture;

void up__pong80_palette(const uint8_t rgb[256][3], uint8_t shown[256]);
void up__pong80_apply_indexed(UpPong80 *pong80, int instance, const uint8_t shown[256],
                              const UpPong80Picture *picture, UpSparseEntry *entry,
                              uint32_t *count);

// Everything the next difference depends on. The size is a multiple of 8.
size_t up__pong80_state_size(const UpPong80 *pong80);
void up__pong80_state_save(const UpPong80 *pong80, void *bytes);
void up__pong80_state_load(UpPong80 *pong80, const void *bytes);

#endif
