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

// What comes of another value of a byte, or of another place of an object.
typedef struct Kind {
    uint32_t seen_in;   // objects
    uint64_t ended_by;  // writes of which something else would come
    uint64_t undone_by; // and those after which it is what it was
} Kind;

#define TO(register) (1ull << UP__##register)
static const Kind kind_of[UP__HELD_STATE] = {
    // seen in, ended by, undone by
    AT(colour[0]) = {UP__PLAYER_0 | UP__MISSILE_0 | UP__DIFFERS_SCORE, 0, TO(COLUP0)},
    AT(nusiz[0]) = {UP__PLAYER_0 | UP__MISSILE_0, TO(RESP0) | TO(RESMP0), TO(NUSIZ0)},
    AT(refp[0]) = {UP__PLAYER_0, 0, TO(REFP0)},
    AT(old_grp[0]) = {UP__PLAYER_0 << UP__DIFFERS_COPY, 0, TO(GRP1)},
    AT(vdelp[0]) = {UP__PLAYER_0 | UP__DIFFERS_DELAY, 0, TO(VDELP0)},
    AT(colour[1]) = {UP__PLAYER_1 | UP__MISSILE_1 | UP__DIFFERS_SCORE, 0, TO(COLUP1)},
    AT(nusiz[1]) = {UP__PLAYER_1 | UP__MISSILE_1, TO(RESP1) | TO(RESMP1), TO(NUSIZ1)},
    AT(refp[1]) = {UP__PLAYER_1, 0, TO(REFP1)},
    AT(old_grp[1]) = {UP__PLAYER_1 << UP__DIFFERS_COPY, 0, TO(GRP0)},
    AT(vdelp[1]) = {UP__PLAYER_1 | UP__DIFFERS_DELAY, 0, TO(VDELP1)},
    AT(hm[UP__P0]) = {0, TO(HMOVE), TO(HMCLR) | TO(HMP0)},
    AT(hm[UP__P1]) = {0, TO(HMOVE), TO(HMCLR) | TO(HMP1)},
    AT(hm[UP__M0]) = {0, TO(HMOVE) | TO(HMM0) /* star mode may begin */, TO(HMCLR) | TO(HMM0)},
    AT(hm[UP__M1]) = {0, TO(HMOVE), TO(HMCLR) | TO(HMM1)},
    AT(hm[UP__BL]) = {0, TO(HMOVE), TO(HMCLR) | TO(HMBL)},
    AT(ctrlpf) = {UP__BALL, 0, TO(CTRLPF)},
    AT(old_enabl) = {UP__BALL << UP__DIFFERS_COPY, 0, TO(GRP1)},
    AT(vdelbl) = {UP__BALL | UP__DIFFERS_DELAY, 0, TO(VDELBL)},
};
// A RESP looks at where the player was, a RESMP at where it is.
static const Kind place_of[UP__HELD_MOVABLE] = {
    [UP__P0] = {UP__PLAYER_0, TO(RESP0) | TO(RESMP0), 0},
    [UP__P1] = {UP__PLAYER_1, TO(RESP1) | TO(RESMP1), 0},
    [UP__M0] = {UP__MISSILE_0, TO(RESMP0), TO(RESM0)},
    [UP__M1] = {UP__MISSILE_1, TO(RESMP1), TO(RESM1)},
    [UP__BL] = {UP__BALL, 0, TO(RESBL)},
};

static void begin(UpHeldDifference *difference) {
    difference->seen_in = difference->moved = 0;
    difference->ended_by = difference->undone_by = 0;
    difference->count = 0;
}

static void add_kind(UpHeldDifference *difference, const Kind *kind) {
    difference->seen_in |= kind->seen_in;
    difference->ended_by |= kind->ended_by;
    difference->undone_by |= kind->undone_by;
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
    if (!(difference->seen_in & (UP__DIFFERS_OLD | UP__DIFFERS_DELAY))) return;
    if (difference->seen_in & delayed(state)) difference->seen_in |= UP__DIFFERS;
    for (int i = 0; i < difference->count; i++)
        if (delay_of(difference->byte[i].place) & up__held_filled(state))
            difference->seen_in |= UP__DIFFERS;
}

// Positions differ by what is to be added, which an HMOVE leaves as it is.
static void compare_positions(const UpAtariHeld *held, int row, const uint8_t *position,
                              UpHeldDifference *difference) {
    for (int i = 0; i < UP__HELD_MOVABLE; i++) {
        int by = position[i] - held->position[i][row];
        difference->offset[i] = (uint8_t)(by < 0 ? by + UP__ATARI_COLUMNS : by);
        if (!by) continue;
        difference->moved |= 1u << i;
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
        difference->seen_in = UP__DIFFERS;
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

void up__held_undo(UpHeldDifference *difference, uint64_t written) {
    if (!(written & difference->undone_by)) return;
    int count = difference->count;
    unsigned moved = difference->moved;
    begin(difference);
    for (int i = 0; i < count; i++) {
        UpHeldByte byte = difference->byte[i];
        if (written & kind_of[byte.place].undone_by) continue;
        add_kind(difference, &kind_of[byte.place]);
        difference->byte[difference->count++] = byte;
    }
    for (int i = 0; i < UP__HELD_MOVABLE; i++) {
        if (!(moved >> i & 1) || written & place_of[i].undone_by) {
            difference->offset[i] = 0;
            continue;
        }
        add_kind(difference, &place_of[i]);
        difference->moved |= 1u << i;
    }
}

static uint8_t farther(uint8_t position, uint8_t offset) {
    int to = position + offset;
    return (uint8_t)(to >= UP__ATARI_COLUMNS ? to - UP__ATARI_COLUMNS : to);
}

void up__held_shift(UpAtariHeld *held, int first, int end, const UpHeldDifference *difference) {
    for (unsigned moved = difference->moved; moved; moved &= moved - 1) {
        int object = __builtin_ctz(moved);
        uint8_t *position = held->position[object], by = difference->offset[object];
        for (int row = first; row < end; row++)
            position[row] = farther(position[row], by);
    }
    for (int i = 0; i < difference->count; i++)
        for (int row = first; row < end; row++)
            held->state[row][difference->byte[i].place] ^= difference->byte[i].change;
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
        state[difference->byte[i].place] ^= difference->byte[i].change;
    for (int i = 0; i < UP__HELD_MOVABLE; i++)
        state[POSITION_AT + i] = farther(held->position[i][row], difference->offset[i]);
}
