// What the television chip shows: its registers as far as pixels and collisions depend on them, in
// a form that is quick to compare.
#ifndef UP_ENV_ATARI_LOOK_H
#define UP_ENV_ATARI_LOOK_H

#include <stdbool.h>
#include <stdint.h>

// Objects of the TIA, in the order of positions, of the HM registers and of collision pairs.
enum { UP__P0, UP__P1, UP__M0, UP__M1, UP__BL, UP__PF, UP__TIA_OBJECTS };
enum {
    UP__PLAYER_0 = 1 << UP__P0,
    UP__PLAYER_1 = 1 << UP__P1,
    UP__MISSILE_0 = 1 << UP__M0,
    UP__BALL = 1 << UP__BL,
    UP__FIELD = 1 << UP__PF,
};
enum { UP__TIA_COLUP0, UP__TIA_COLUP1, UP__TIA_COLUPF, UP__TIA_COLUBK };

typedef struct UpTiaLook {
    uint8_t colour[4];
    uint32_t field;      // the playfield's 20 bits, leftmost lowest, and UP__LOOK_REFLECT …
    uint8_t pattern[2];  // of the players, leftmost pixel lowest; 0: off
    uint8_t nusiz[2];    // copies and sizes
    uint8_t position[5]; // of all but the playfield
    uint8_t on;          // objects that are switched on, bit per object
    uint8_t flags;       // UP__LOOK_BLANK …
    uint8_t from, to;    // pixels of a line: from … to - 1
} UpTiaLook;

enum {
    UP__LOOK_FIELD = 0xFFFFF,
    UP__LOOK_REFLECT = 1 << 20, // the right half mirrors the left one
    // Of CTRLPF:
    UP__LOOK_SCORE = 1 << 25,    // the playfield has the players' colours
    UP__LOOK_PRIORITY = 1 << 26, // playfield and ball lie before the players
    UP__LOOK_BALL_SHIFT = 28,    // the ball is 1, 2, 4 or 8 pixels wide
    UP__LOOK_CTRLPF_SHIFT = 24,
    UP__LOOK_CTRLPF = 0x36,
};

enum {
    UP__LOOK_BLANK = 1,      // all is black, and nothing collides
    UP__LOOK_COMB = 2,       // the first eight pixels are black
    UP__LOOK_SUPPRESSED = 4, // player 0's first copy is missing; twice that: player 1's
    UP__LOOK_SHAPE = 16,     // missile 0 in star mode: as wide as its size with bit 0 set …
    UP__LOOK_HIDDEN = 32,    // … or missing
};

// Whether a colour is to be seen.
static inline bool up__look_shows(const UpTiaLook *look, int colour) {
    bool field = look->on & UP__FIELD;
    if (look->flags & UP__LOOK_BLANK) return false;
    if (colour == UP__TIA_COLUBK) return true;
    if (colour == UP__TIA_COLUPF) return field || look->on & UP__BALL;
    return look->on & (UP__PLAYER_0 | UP__MISSILE_0) << colour ||
           (field && look->field & UP__LOOK_SCORE);
}

// The bits of a byte in reverse.
extern const uint8_t up__look_mirrored[256];

// Every bit twice, and four times.
static inline uint64_t up__look_doubled(uint64_t byte) {
    byte = (byte | byte << 4) & 0x0F0F;
    byte = (byte | byte << 2) & 0x3333;
    byte = (byte | byte << 1) & 0x5555;
    return byte * 3;
}

static inline uint64_t up__look_quadrupled(uint64_t byte) {
    byte = (byte | byte << 12) & 0x000F000F;
    byte = (byte | byte << 6) & 0x03030303;
    byte = (byte | byte << 3) & 0x11111111;
    return byte * 15;
}

// The playfield's right half, leftmost block lowest.
static inline uint32_t up__look_right_field(uint32_t field) {
    uint32_t left = field & UP__LOOK_FIELD;
    if (!(field & UP__LOOK_REFLECT)) return left;
    return (uint32_t)up__look_mirrored[left & 0xFF] << 12 |
           (uint32_t)up__look_mirrored[left >> 8 & 0xFF] << 4 | up__look_mirrored[left >> 16] >> 4;
}

// Pixels, as a shift, of missile `i`; false: it is hidden.
static inline bool up__look_missile(const UpTiaLook *look, int i, int *size) {
    *size = look->nusiz[i] >> 4 & 3;
    if (i != 0) return true;
    if (look->flags & UP__LOOK_SHAPE) *size |= 1;
    return !(look->flags & UP__LOOK_HIDDEN);
}

// Starts of a player's or missile's copies, by the low three bits of NUSIZ.
typedef struct UpTiaCopies {
    uint8_t count, start[3];
} UpTiaCopies;
extern const UpTiaCopies up__tia_copies[8];

// 160 pixels, the leftmost lowest; the upper half of the last word is 0.
typedef struct UpTiaSet {
    uint64_t word[3];
} UpTiaSet;

// The objects' pixels on a line.
typedef struct UpTiaSets {
    UpTiaSet set[UP__TIA_OBJECTS];
    uint8_t stale; // to be made anew, bit per object
} UpTiaSets;

// Brings the sets of these objects, which are on, up to date.
void up__look_sets(const UpTiaLook *look, UpTiaSets *sets, unsigned objects);

// Blocks of four pixels, the leftmost lowest, in which an object that is on could have pixels,
// whatever its pattern.
uint64_t up__look_zone(const UpTiaLook *look, int object);

#endif
