// Rows that come out as in the frame before. What is held does not depend on which machine it came
// from: the same chip and the same writes give the same row.
#include "env/atari/beam/held.h"

#include <stddef.h>
#include <string.h>

enum {
    FIRST = offsetof(UpAtariTia, vblank),
    LAST = offsetof(UpAtariTia, star_shape),
    FIELD_AT = LAST + 1 - FIRST, // the playfield
    HMOVE_AT = FIELD_AT + 4,     // clocks since an HMOVE on which a write may still depend
    BEGUN_AT = HMOVE_AT + 1,     // the line
    POSITION_AT = offsetof(UpAtariTia, position) - FIRST,
    WORDS = UP__HELD_STATE / 8,
};
_Static_assert(BEGUN_AT + 3 == UP__HELD_STATE, "a state's bytes are counted");

// ---------------------------------------------------------------------------------------------------
// The chip

void up__held_state(const UpAtariTia *tia, int32_t line, uint8_t state[UP__HELD_STATE]) {
    int32_t since = up__wrap_sub(line, tia->last_hmove);
    memcpy(state, &tia->vblank, FIELD_AT);
    memcpy(state + FIELD_AT, &tia->playfield, 4);
    state[HMOVE_AT] = since >= 0 && since <= UP__STAR_CLOCKS ? (uint8_t)(since + 1) : 0;
    state[BEGUN_AT] = tia->drawn > line;
    memset(state + BEGUN_AT + 1, 0, UP__HELD_STATE - BEGUN_AT - 1);
}

void up__held_restore(UpAtariTia *tia, int32_t line, const uint8_t state[UP__HELD_STATE]) {
    memcpy(&tia->vblank, state, FIELD_AT);
    memcpy(&tia->playfield, state + FIELD_AT, 4);
    tia->drawn = line + state[BEGUN_AT]; // which clock of the blank part does not matter
}

#define AT(register) [offsetof(UpAtariTia, register) - FIRST]

// Bits of a state that show for certain. Others show where an object does.
static const uint8_t certain[UP__HELD_STATE] = {AT(vblank) = 0xFF,
                                                AT(ctrlpf) = 7,
                                                AT(enabl) = 0xFF,
                                                AT(colour[UP__TIA_COLUPF]) = 0xFF,
                                                AT(colour[UP__TIA_COLUBK]) = 0xFF,
                                                AT(grp[0]) = 0xFF,
                                                AT(grp[1]) = 0xFF,
                                                AT(enam[0]) = 0xFF,
                                                AT(enam[1]) = 0xFF,
                                                AT(resmp[0]) = 0xFF,
                                                AT(resmp[1]) = 0xFF,
                                                AT(suppressed[0]) = 0xFF,
                                                AT(suppressed[1]) = 0xFF,
                                                AT(reflect) = 0xFF,
                                                AT(comb) = 0xFF,
                                                AT(star) = 0xFF,
                                                AT(star_counter) = 0xFF,
                                                AT(star_shape) = 0xFF,
                                                [FIELD_AT] = 0xFF,
                                                [FIELD_AT + 1] = 0xFF,
                                                [FIELD_AT + 2] = 0xFF,
                                                [FIELD_AT + 3] = 0xFF,
                                                [HMOVE_AT] = 0xFF,
                                                [BEGUN_AT] = 0xFF};

// What another value of a byte, or another place of an object, leads to.
typedef struct Kind {
    uint32_t in;    // objects that it is seen in
    uint64_t ends;  // writes by which something else would come of it
    uint64_t drops; // and those after which it is what it was
} Kind;

#define TO(register) (1ull << UP__##register)
#define PLAYER(i) 1 << (UP__P0 + i)
#define MISSILE(i) 1 << (UP__M0 + i)
#define MOTION(object, register, ...)                                                              \
    AT(hm[UP__##object]) = {0, TO(HMOVE) __VA_ARGS__, TO(HMCLR) | TO(register)}
#define SIDE(i, other)                                                                             \
    AT(colour[i]) = {PLAYER(i) | MISSILE(i) | UP__DIFFERS_SCORE, 0, TO(COLUP##i)},                 \
    AT(nusiz[i]) = {PLAYER(i) | MISSILE(i), TO(RESP##i) | TO(RESMP##i), TO(NUSIZ##i)},             \
    AT(refp[i]) = {PLAYER(i), 0, TO(REFP##i)},                                                     \
    AT(old_grp[i]) = {PLAYER(i) << UP__DIFFERS_COPY, 0, TO(GRP##other)},                           \
    AT(vdelp[i]) = {PLAYER(i) | UP__DIFFERS_DELAY, 0, TO(VDELP##i)}
static const Kind kind_of[UP__HELD_STATE] = {
    SIDE(0, 1),
    SIDE(1, 0),
    MOTION(P0, HMP0),
    MOTION(P1, HMP1),
    MOTION(M0, HMM0, | TO(HMM0)), // star mode may begin
    MOTION(M1, HMM1),
    MOTION(BL, HMBL),
    AT(ctrlpf) = {UP__BALL, 0, TO(CTRLPF)},
    AT(old_enabl) = {UP__BALL << UP__DIFFERS_COPY, 0, TO(GRP1)},
    AT(vdelbl) = {UP__BALL | UP__DIFFERS_DELAY, 0, TO(VDELBL)},
};
// A RESP looks at where the player was, a RESMP at where it is.
static const Kind place_of[UP__HELD_MOVABLE] = {
    [UP__P0] = {UP__PLAYER_0, TO(RESP0) | TO(RESMP0), 0},
    [UP__P1] = {UP__PLAYER_1, TO(RESP1) | TO(RESMP1), 0},
    [UP__M0] = {UP__MISSILE_0, TO(RESMP0), TO(RESM0)},
    [UP__M1] = {UP__MISSILE_0 << 1, TO(RESMP1), TO(RESM1)},
    [UP__BL] = {UP__BALL, 0, TO(RESBL)},
};

static void begin(UpHeldDifference *difference) {
    difference->in = difference->moves = 0;
    difference->ends = difference->drops = 0;
    difference->count = 0;
}

static void add_kind(UpHeldDifference *difference, const Kind *kind) {
    difference->in |= kind->in;
    difference->ends |= kind->ends;
    difference->drops |= kind->drops;
}

// Old copies that show, and delays of what is not empty, differ for certain.
static unsigned delayed(const uint8_t state[UP__HELD_STATE]) {
    const uint8_t *delay = state + (offsetof(UpAtariTia, vdelp) - FIRST);
    uint8_t ball = state[offsetof(UpAtariTia, vdelbl) - FIRST];
    unsigned shown = (delay[0] & 1u) << UP__P0 | (delay[1] & 1u) << UP__P1 | (ball & 1u) << UP__BL;
    return shown << UP__DIFFERS_COPY;
}

unsigned up__held_filled(const uint8_t state[UP__HELD_STATE]) {
    const uint8_t *now = state + (offsetof(UpAtariTia, grp) - FIRST);
    const uint8_t *old = state + (offsetof(UpAtariTia, old_grp) - FIRST);
    uint8_t ball =
        state[offsetof(UpAtariTia, enabl) - FIRST] | state[offsetof(UpAtariTia, old_enabl) - FIRST];
    return (unsigned)((now[0] | old[0]) != 0) << UP__P0 |
           (unsigned)((now[1] | old[1]) != 0) << UP__P1 | (ball & 2u) >> 1 << UP__BL;
}

// The object whose delay a byte is.
static unsigned delay_of(int at) {
    if (at == offsetof(UpAtariTia, vdelp) - FIRST) return UP__PLAYER_0;
    if (at == offsetof(UpAtariTia, vdelp) + 1 - FIRST) return UP__PLAYER_1;
    return at == offsetof(UpAtariTia, vdelbl) - FIRST ? UP__BALL : 0;
}

void up__held_judge(UpHeldDifference *difference, const uint8_t state[UP__HELD_STATE]) {
    if (!(difference->in & (UP__DIFFERS_OLD | UP__DIFFERS_DELAY))) return;
    if (difference->in & delayed(state)) difference->in |= UP__DIFFERS;
    for (int i = 0; i < difference->count; i++)
        if (delay_of(difference->byte[i].at) & up__held_filled(state))
            difference->in |= UP__DIFFERS;
}

// Positions differ by what is to be added, which an HMOVE leaves as it is.
static void compare_positions(const UpAtariHeld *held, int row, const uint8_t *position,
                              UpHeldDifference *difference) {
    for (int i = 0; i < UP__HELD_MOVABLE; i++) {
        int by = position[i] - held->position[i][row];
        difference->by[i] = (uint8_t)(by < 0 ? by + UP__ATARI_COLUMNS : by);
        if (!by) continue;
        difference->moves |= 1u << i;
        add_kind(difference, &place_of[i]);
    }
}

void up__held_compare(const UpAtariHeld *held, int row, const uint8_t state[UP__HELD_STATE],
                      UpHeldDifference *difference) {
    const uint8_t *before = held->state[row];
    begin(difference);
    uint64_t now[WORDS], then[WORDS], mask[WORDS], seen = 0;
    memcpy(now, state, sizeof now);
    memcpy(then, before, sizeof then);
    memcpy(mask, certain, sizeof mask);
    for (int w = 0; w < WORDS; w++) {
        now[w] ^= then[w];
        seen |= now[w] & mask[w];
    }
    if (seen) {
        difference->in = UP__DIFFERS;
        return;
    }
    compare_positions(held, row, state + POSITION_AT, difference);
    for (int w = 0; w < WORDS; w++)
        for (uint64_t changed = now[w]; changed;) {
            int byte = __builtin_ctzll(changed) >> 3, at = 8 * w + byte;
            uint8_t by = (uint8_t)(changed >> 8 * byte);
            changed &= ~(0xFFull << 8 * byte);
            if (at >= POSITION_AT && at < POSITION_AT + UP__HELD_MOVABLE) continue;
            add_kind(difference, &kind_of[at]);
            difference->byte[difference->count++] = (UpHeldByte){(uint8_t)at, by};
        }
    up__held_judge(difference, state);
}

void up__held_drop(UpHeldDifference *difference, uint64_t written) {
    if (!(written & difference->drops)) return;
    int count = difference->count;
    unsigned moves = difference->moves;
    begin(difference);
    for (int i = 0; i < count; i++) {
        UpHeldByte byte = difference->byte[i];
        if (written & kind_of[byte.at].drops) continue;
        add_kind(difference, &kind_of[byte.at]);
        difference->byte[difference->count++] = byte;
    }
    for (int i = 0; i < UP__HELD_MOVABLE; i++) {
        if (!(moves >> i & 1) || written & place_of[i].drops) {
            difference->by[i] = 0;
            continue;
        }
        add_kind(difference, &place_of[i]);
        difference->moves |= 1u << i;
    }
}

static uint8_t moved(uint8_t position, uint8_t by) {
    int to = position + by;
    return (uint8_t)(to >= UP__ATARI_COLUMNS ? to - UP__ATARI_COLUMNS : to);
}

void up__held_shift(UpAtariHeld *held, int first, int end, const UpHeldDifference *difference) {
    for (unsigned moves = difference->moves; moves; moves &= moves - 1) {
        int object = __builtin_ctz(moves);
        uint8_t *position = held->position[object], by = difference->by[object];
        for (int row = first; row < end; row++)
            position[row] = moved(position[row], by);
    }
    for (int i = 0; i < difference->count; i++)
        for (int row = first; row < end; row++)
            held->state[row][difference->byte[i].at] ^= difference->byte[i].by;
}

void up__held_save(UpAtariHeld *held, int row, const uint8_t state[UP__HELD_STATE]) {
    memcpy(held->state[row], state, UP__HELD_STATE);
    for (int i = 0; i < UP__HELD_MOVABLE; i++)
        held->position[i][row] = state[POSITION_AT + i];
}

void up__held_state_of(const UpAtariHeld *held, int row, const UpHeldDifference *difference,
                       uint8_t state[UP__HELD_STATE]) {
    memcpy(state, held->state[row], UP__HELD_STATE);
    for (int i = 0; i < difference->count; i++)
        state[difference->byte[i].at] ^= difference->byte[i].by;
    for (int i = 0; i < UP__HELD_MOVABLE; i++)
        state[POSITION_AT + i] = moved(held->position[i][row], difference->by[i]);
}
