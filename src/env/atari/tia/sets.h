// The pixels of a line that each object of the television chip has, as its registers stand.
#ifndef UP_ENV_ATARI_SETS_H
#define UP_ENV_ATARI_SETS_H

#include "env/atari/machine/machine.h"

// Objects of the TIA, in the order of positions, of the HM registers and of collision pairs.
enum { UP__P0, UP__P1, UP__M0, UP__M1, UP__BL, UP__PF, UP__TIA_OBJECTS };
enum {
    UP__PLAYER_0 = 1 << UP__P0,
    UP__PLAYER_1 = 1 << UP__P1,
    UP__MISSILE_0 = 1 << UP__M0,
    UP__MISSILE_1 = 1 << UP__M1,
    UP__BALL = 1 << UP__BL,
    UP__FIELD = 1 << UP__PF,
    UP__OBJECTS = (1 << UP__TIA_OBJECTS) - 1,
};
enum { UP__TIA_COLUP0, UP__TIA_COLUP1, UP__TIA_COLUPF, UP__TIA_COLUBK };

// The bits of a byte in reverse.
extern const uint8_t up__tia_mirrored[256];

// Starts of a player's or missile's copies, by the low three bits of NUSIZ.
typedef struct UpTiaCopies {
    uint8_t count, start[3];
} UpTiaCopies;
extern const UpTiaCopies up__tia_copies[8];

// 160 pixels, the leftmost lowest; the upper half of the last word is 0.
enum { UP__SET_WORDS = 3 };
typedef struct UpTiaSet {
    uint64_t word[UP__SET_WORDS];
} UpTiaSet;

// Pixels 0 … n - 1.
extern const UpTiaSet up__tia_below[UP__ATARI_COLUMNS + 1];

// Pixels of an object that is switched on.
void up__tia_set(const UpAtariTia *tia, int object, UpTiaSet *set);

#endif
