// What a picture was drawn from, kept to draw the one after it, two or more frames later: the
// television chip as each row began, and all writes. A row is as it was if the same writes find the
// same chip; of an object that is off for all of the row, nothing is looked at.
#ifndef UP_ENV_ATARI_HELD_H
#define UP_ENV_ATARI_HELD_H

#include "env/atari/picture.h"

// First cycle at or after a clock.
static inline int32_t up__tia_cycle(int32_t clock) {
    return clock > 0 ? (clock + 2) / 3 : clock / 3;
}

// In which respects the chip is not what it was.
enum {
    UP__DIFFERS_SCORE = 1 << UP__PF, // beside the objects' bits: the players' colours
    UP__DIFFERS_COPY = 8,            // players' and ball's bits by so many to the left: old copies
    UP__DIFFERS = 1 << 16,           // in what shows for certain
};

typedef struct UpHeldByte {
    uint8_t at, by; // exclusive or
    bool moves;     // or a sum, of positions
} UpHeldByte;

typedef struct UpHeldDifference {
    unsigned in;
    uint64_t ends; // writes, by register, after which it may be another one
    int count;
    UpHeldByte byte[UP__HELD_STATE];
} UpHeldDifference;

// The chip as a row begins, and back.
void up__held_state(const UpPicture *p, uint8_t state[UP__HELD_STATE]);
void up__held_restore(UpPicture *p, int row, const uint8_t state[UP__HELD_STATE]);
// What makes `state` of what the chip was, and that.
void up__held_compare(const UpAtariHeld *held, int row, const uint8_t state[UP__HELD_STATE],
                      UpHeldDifference *difference);
void up__held_apply(const UpHeldDifference *difference, uint8_t state[UP__HELD_STATE]);

// Rows from `row` on, up to the one that is returned, have the same writes as then.
int up__held_same(const UpPicture *p, int row);
// Row `row` with the writes from now on.
void up__held_take(UpPicture *p, int row);

// Before the first row and after the last one.
void up__held_begin(UpPicture *p);
void up__held_end(UpPicture *p, int rows);

#endif
