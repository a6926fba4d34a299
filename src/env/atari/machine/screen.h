// What is seen of a machine: two pictures, notes on which of their rows are stale, and what came
// out of the last frames, so that rows that come out alike are not gone through again.
#ifndef UP_ENV_ATARI_SCREEN_H
#define UP_ENV_ATARI_SCREEN_H

#include "env/atari/machine/machine.h"

// What a latch was read as within a row, see held.h.
typedef struct UpHeldRead {
    uint16_t cycle; // of the row
    uint16_t hits;  // that the row had set by then, UP__HELD_CLEARED
} UpHeldRead;

// Rows of a picture, a bit each.
typedef struct UpRowSet {
    uint64_t word[(UP__ATARI_ROWS_MAX + 63) / 64];
} UpRowSet;

// What came out of a frame, row by row, see held.h.
enum {
    UP__HELD_STATE = 48,
    UP__HELD_MOVABLE = 5,
    UP__HELD_WRITES = 3072,
    UP__HELD_CLEARED = 1 << 12, // beside the latches: those of rows before are cleared
    UP__HELD_READS = 2,
    UP__HELD_SHOWS = 48, // above the bits of registers
};
typedef struct UpAtariHeld {
    int32_t rows;                            // of which that is known, from the first one on
    int32_t frame_start;                     // of the television chip
    uint8_t pauses;                          // frames that are not held: too much changes
    int16_t waste;                           // rows by which more changed than should
    UpRowSet outdated;                       // rows that the picture does not show so
    UpRowSet collide;                        // those that set latches or clear them …
    uint16_t collisions[UP__ATARI_ROWS_MAX]; // … and which
    UpRowSet move;                           // those that have an HMOVE
    UpHeldRead read[UP__ATARI_ROWS_MAX][UP__HELD_READS];
    uint8_t state[UP__ATARI_ROWS_MAX + 1][UP__HELD_STATE];      // of the chip as a row begins …
    uint8_t position[UP__HELD_MOVABLE][UP__ATARI_ROWS_MAX + 1]; // … but for where objects are
    // Registers that are written to in a row, and from UP__HELD_SHOWS on objects that it may show,
    // or old copies of them.
    uint64_t touches[UP__ATARI_ROWS_MAX];
    uint16_t first[UP__ATARI_ROWS_MAX + 1]; // write of a row
    uint16_t writes;
    uint64_t write[UP__HELD_WRITES + 1]; // the last one: behind all others
} UpAtariHeld;

// Rows of the picture that the caller will read: first, first + step, ... below end.
typedef struct UpAtariRows {
    int first, end, step;
} UpAtariRows;

// The order is up__atari_screen_clear's, which sets all before `held` to 0; it costs eight bytes.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct UpAtariScreen {
    // Rows are written eight bytes at a time, so the last one may be looked at beyond its end.
    uint8_t pixel[2][UP__ATARI_ROWS_MAX * UP__ATARI_COLUMNS + 8];
    // Rows that have come to look different since whoever keeps track of it put a 0 here.
    uint8_t touched[2][UP__ATARI_ROWS_MAX];
    UpMt19937 random; // the machine's generator, after `random_draws` outputs
    uint32_t random_draws;
    uint32_t random_seed; // that it was seeded with; 0 and no draws: not yet
    // The machine at the start of the last two frames in each picture, and whether the picture is
    // whole: below a short frame there are rows of the picture two frames ago, which is then drawn
    // after all.
    UpAtariMachine before[2][2];
    uint8_t newest[2]; // of before[picture]
    bool exact[2];
    bool was_short;     // the last frame
    UpAtariRows wanted; // that somebody looked at last
    UpAtariHeld
        held[2]; // of the last frame in each buffer: many games draw every other frame alike
};

// Black pictures, all of whose rows count as touched; nothing is held.
void up__atari_screen_clear(UpAtariScreen *screen);
// All rows count as touched, and as not shown as they are held: for pictures, or one of them, that
// did not come about by drawing only what changes.
void up__screen_repaint(UpAtariScreen *screen);
void up__screen_repaint_one(UpAtariScreen *screen, int buffer);

// The picture of the last frame: (height, 160) palette bytes; valid until the next frame.
static inline uint8_t *up__atari_pixels(const UpAtariMachine *machine, UpAtariScreen *screen) {
    return screen->pixel[machine->buffer];
}

#endif
