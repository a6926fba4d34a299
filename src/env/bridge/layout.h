// What a worker said about its batch memory, after every number of it was checked.
#ifndef UPHILL_ENV_BRIDGE_LAYOUT_H
#define UPHILL_ENV_BRIDGE_LAYOUT_H

#include "env/bridge/protocol.h"
#include "uphill/env.h"

enum { UP__SCREEN_MAX = 256 }; // rows or columns of an Atari screen, at most

// Of UP__WIRE_VIEW_ATARI's rows, the last byte: which of the two screens in it were seen.
enum { UP__SEEN_NEWEST = 1, UP__SEEN_OTHER = 2 };

typedef struct UpLayout {
    UpSpace obs, action;            // of the environment itself, before any view
    size_t row;                     // bytes of one observation as it travels
    size_t offset[UP__WIRE_ARRAYS]; // from the start of the batch memory
    size_t told;                    // likewise, of infos' numbers; 0: none
    int64_t mask_size;              // 0: no masks
    bool can_save, can_render;
    bool palette; // rows are screens whose bytes index Atari's palette
    int64_t max_episode_steps;
    double reward_threshold, frames_per_second;
} UpLayout;

// Checks an answer against the request that stands in the same header. `size` is that of the
// memory. UP_ENVIRONMENT and what is wrong, where an honest worker of this version cannot have
// written it.
UpStatus up__layout_read(UpLayout *layout, const UpWire *wire, size_t size);

// The same spaces, in rows of the same size?
bool up__layout_fits(const UpLayout *a, const UpLayout *b);

#endif
