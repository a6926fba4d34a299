// What a picture was drawn from. A saved machine is never compared with: what is held belongs to
// the pixels beside it.
#include "env/atari/held.h"

#include <stddef.h>
#include <string.h>

enum {
    FIRST = offsetof(UpAtariTia, vblank),
    LAST = offsetof(UpAtariTia, star_shape),
    FIELD_AT = LAST + 1 - FIRST, // the playfield
    HMOVE_AT = FIELD_AT + 4,     // clocks since an HMOVE on which a write may still depend
    BEGUN_AT = HMOVE_AT + 1,     // the line
    WORDS = UP__HELD_STATE / 8,
};
_Static_assert(BEGUN_AT + 3 == UP__HELD_STATE, "a state's bytes are counted");

// ---------------------------------------------------------------------------------------------------
// The chip

// What the rest of a frame depends on. Bits that no pixel does are left as they are.
void up__held_state(const UpPicture *p, uint8_t state[UP__HELD_STATE]) {
    const UpAtariTia *tia = &p->machine.tia;
    int32_t since = up__wrap_sub(p->line, tia->last_hmove);
    memcpy(state, &tia->vblank, FIELD_AT);
    memcpy(state + FIELD_AT, &tia->playfield, 4);
    state[HMOVE_AT] = since >= 0 && since <= UP__STAR_CLOCKS ? (uint8_t)(since + 1) : 0;
    state[BEGUN_AT] = p->begun;
    memset(state + BEGUN_AT + 1, 0, UP__HELD_STATE - BEGUN_AT - 1);
}

void up__held_restore(UpPicture *p, int row, const uint8_t state[UP__HELD_STATE]) {
    UpAtariTia *tia = &p->machine.tia;
    memcpy(&tia->vblank, state, FIELD_AT);
    memcpy(&tia->playfield, state + FIELD_AT, 4);
    p->line = p->window + row * UP__LINE_CLOCKS;
    p->begun = state[BEGUN_AT];
    p->at = p->line + p->begun; // which clock of the blank part does not matter
    p->combed = false;
    if (state[HMOVE_AT]) tia->last_hmove = up__wrap_sub(p->line, state[HMOVE_AT] - 1);
}

#define AT(register) [offsetof(UpAtariTia, register) - FIRST]

// The bits of a state that pixels may depend on.
#define SIDE(i)                                                                                    \
    AT(nusiz[i]) = 0x37, AT(refp[i]) = 8, AT(grp[i]) = 0xFF, AT(old_grp[i]) = 0xFF,                \
    AT(enam[i]) = 2, AT(vdelp[i]) = 1, AT(resmp[i]) = 2, AT(suppressed[i]) = 1
#define OBJECT(o) AT(hm[o]) = 0xFF, AT(position[o]) = 0xFF
static const _Alignas(8) uint8_t bits[UP__HELD_STATE] = {SIDE(0),
                                                         SIDE(1),
                                                         OBJECT(UP__P0),
                                                         OBJECT(UP__P1),
                                                         OBJECT(UP__M0),
                                                         OBJECT(UP__M1),
                                                         OBJECT(UP__BL),
                                                         AT(vblank) = 2,
                                                         AT(ctrlpf) = 0x37,
                                                         AT(enabl) = 2,
                                                         AT(old_enabl) = 2,
                                                         AT(vdelbl) = 1,
                                                         AT(reflect) = 1,
                                                         AT(comb) = 1,
                                                         AT(star) = 1,
                                                         AT(star_counter) = 0xFF,
                                                         AT(star_shape) = 0xFF,
                                                         AT(colour[0]) = 0xFF,
                                                         AT(colour[1]) = 0xFF,
                                                         AT(colour[2]) = 0xFF,
                                                         AT(colour[3]) = 0xFF,
                                                         [FIELD_AT] = 0xFF,
                                                         [FIELD_AT + 1] = 0xFF,
                                                         [FIELD_AT + 2] = 0xFF,
                                                         [HMOVE_AT] = 0xFF,
                                                         [BEGUN_AT] = 1};

// In what a byte lets the chip differ; 0: in what shows for certain.
#define PLAYER(i) 1 << (UP__P0 + i)
#define MISSILE(i) 1 << (UP__M0 + i)
#define OBJECTS(i)                                                                                 \
    AT(position[UP__P0 + i]) = PLAYER(i), AT(hm[UP__P0 + i]) = PLAYER(i),                          \
                         AT(position[UP__M0 + i]) = MISSILE(i), AT(hm[UP__M0 + i]) = MISSILE(i),   \
                         AT(colour[i]) = PLAYER(i) | MISSILE(i) | UP__DIFFERS_SCORE,               \
                         AT(nusiz[i]) = PLAYER(i) | MISSILE(i), AT(refp[i]) = PLAYER(i),           \
                         AT(old_grp[i]) = PLAYER(i) << UP__DIFFERS_COPY
static const uint16_t differs_in[UP__HELD_STATE] = {
    OBJECTS(0),
    OBJECTS(1),
    AT(position[UP__BL]) = 1 << UP__BL,
    AT(hm[UP__BL]) = 1 << UP__BL,
    AT(ctrlpf) = 1 << UP__BL,
    AT(old_enabl) = 1 << UP__BL << UP__DIFFERS_COPY,
};

// Writes that end a difference, or let another one come of it, in rows that look as they did.
#define TO(register) (1ull << UP__##register)
#define END(i)                                                                                     \
    AT(position[UP__P0 + i]) = TO(RESP##i), AT(position[UP__M0 + i]) = TO(RESM##i) | TO(RESMP##i), \
                         AT(hm[UP__P0 + i]) = TO(HMP##i) | TO(HMCLR) | TO(HMOVE),                  \
                         AT(hm[UP__M0 + i]) = TO(HMM##i) | TO(HMCLR) | TO(HMOVE),                  \
                         AT(colour[i]) = TO(COLUP##i), AT(refp[i]) = TO(REFP##i),                  \
                         AT(nusiz[i]) = TO(NUSIZ##i) | TO(RESP##i) | TO(RESMP##i)
static const uint64_t ends[UP__HELD_STATE] = {
    END(0),
    END(1),
    AT(position[UP__BL]) = TO(RESBL),
    AT(hm[UP__BL]) = TO(HMBL) | TO(HMCLR) | TO(HMOVE),
    AT(ctrlpf) = TO(CTRLPF),
};

// An old copy that shows differs for certain.
static unsigned shown_copies(const uint8_t state[UP__HELD_STATE]) {
    enum {
        PLAYERS = offsetof(UpAtariTia, vdelp) - FIRST,
        BALL = offsetof(UpAtariTia, vdelbl) - FIRST
    };
    unsigned shown = (state[PLAYERS] & 1u) << UP__P0 | (state[PLAYERS + 1] & 1u) << UP__P1 |
                     (state[BALL] & 1u) << UP__BL;
    return shown << UP__DIFFERS_COPY;
}

// Positions differ by what is to be added, which an HMOVE leaves as it is.
static UpHeldByte byte_at(int at, uint8_t now, uint8_t before, uint8_t changed) {
    enum { POSITION = offsetof(UpAtariTia, position) - FIRST };
    bool moves = at >= POSITION && at < POSITION + 5;
    int by = moves ? now - before + (now < before ? UP__ATARI_COLUMNS : 0) : changed;
    return (UpHeldByte){(uint8_t)at, (uint8_t)by, moves};
}

void up__held_compare(const UpAtariHeld *held, int row, const uint8_t state[UP__HELD_STATE],
                      UpHeldDifference *difference) {
    enum { CTRLPF = offsetof(UpAtariTia, ctrlpf) - FIRST };
    const uint8_t *before = held->state[row];
    difference->in = 0;
    difference->ends = 0;
    difference->count = 0;
    for (int w = 0; w < WORDS; w++) {
        uint64_t now, then, mask;
        memcpy(&now, state + 8 * w, 8);
        memcpy(&then, before + 8 * w, 8);
        memcpy(&mask, bits + 8 * w, 8);
        for (uint64_t changed = (now ^ then) & mask; changed;) {
            int byte = __builtin_ctzll(changed) >> 3, at = 8 * w + byte;
            uint8_t by = (uint8_t)(changed >> 8 * byte);
            changed &= ~(0xFFull << 8 * byte);
            // The ball's size is not all there is in CTRLPF.
            bool certain = !differs_in[at] || (at == CTRLPF && by & 7);
            difference->in |= certain ? UP__DIFFERS : differs_in[at];
            difference->ends |= ends[at];
            difference->byte[difference->count++] = byte_at(at, state[at], before[at], by);
        }
        if (difference->in & UP__DIFFERS) return;
    }
    if (difference->in & shown_copies(state)) difference->in = UP__DIFFERS;
}

void up__held_apply(const UpHeldDifference *difference, uint8_t state[UP__HELD_STATE]) {
    for (int i = 0; i < difference->count; i++) {
        UpHeldByte byte = difference->byte[i];
        uint8_t *at = &state[byte.at];
        int moved = *at + byte.by;
        *at = !byte.moves                  ? *at ^ byte.by
              : moved >= UP__ATARI_COLUMNS ? (uint8_t)(moved - UP__ATARI_COLUMNS)
                                           : (uint8_t)moved;
    }
}

// ---------------------------------------------------------------------------------------------------
// Writes

int up__held_same(const UpPicture *p, int row) {
    const UpAtariHeld *held = p->held;
    const uint64_t *write = p->entry;
    if (row >= held->rows) return row;
    const uint64_t *before = held->write + held->first[row], *end = held->write + held->writes;
    while (*before == *write && before < end)
        before++, write++;
    int32_t cycle = (int32_t)*write < (int32_t)*before ? (int32_t)*write : (int32_t)*before;
    if (cycle >= up__tia_cycle(p->end)) return held->rows;
    int same = (3 * cycle - p->window) / UP__LINE_CLOCKS;
    return same < held->rows ? same : held->rows;
}

// What a write may bring to light: objects that it switches on, if its value has one of the bits
// once `flip` is turned; and objects of which it may show what they hold already.
static const struct {
    uint8_t on, bits, flip, copied;
} effect_of[64] = {
    [UP__CTRLPF] = {UP__DIFFERS_SCORE, 2, 0, 0},
    [UP__GRP0] = {1 << UP__P0, 0xFF, 0, 1 << UP__P0 | 1 << UP__P1},
    [UP__GRP1] = {1 << UP__P1, 0xFF, 0, 1 << UP__P0 | 1 << UP__P1 | 1 << UP__BL},
    [UP__ENAM0] = {1 << UP__M0, 2, 0, 0},
    [UP__ENAM1] = {1 << UP__M1, 2, 0, 0},
    [UP__ENABL] = {1 << UP__BL, 2, 0, 0},
    [UP__VDELP0] = {0, 0, 0, 1 << UP__P0},
    [UP__VDELP1] = {0, 0, 0, 1 << UP__P1},
    [UP__VDELBL] = {0, 0, 0, 1 << UP__BL},
    [UP__RESMP0] = {1 << UP__M0 | 1 << UP__P0, 2, 2, 0}, // it moves the missile to the player
    [UP__RESMP1] = {1 << UP__M1 | 1 << UP__P1, 2, 2, 0},
};

// Players and ball that are not empty, old copies included.
static unsigned filled(const UpAtariTia *tia) {
    return (unsigned)((tia->grp[0] | tia->old_grp[0]) != 0) << UP__P0 |
           (unsigned)((tia->grp[1] | tia->old_grp[1]) != 0) << UP__P1 |
           (unsigned)((tia->enabl | tia->old_enabl) >> 1 & 1) << UP__BL;
}

void up__held_take(UpPicture *p, int row) {
    const uint64_t *write = p->entry;
    const UpAtariTia *tia = &p->machine.tia;
    int32_t end = up__tia_cycle(p->window + (row + 1) * UP__LINE_CLOCKS);
    unsigned objects = up__tia_enabled(tia, 0, UP__ENABLES_ALL) & ~(1u << UP__PF), copied = 0;
    uint64_t written = 0;
    for (; (int32_t)*write < end; write++) {
        int reg = (int)(*write >> 40 & 63);
        if (((*write >> 32) ^ effect_of[reg].flip) & effect_of[reg].bits)
            objects |= effect_of[reg].on;
        // Where the player stands decides from when the next write is seen.
        if (reg >= UP__RESP0 && reg <= UP__RESP1 && (int32_t)write[1] - (int32_t)*write <= 3)
            objects |= 1u << (UP__P0 + reg - UP__RESP0);
        written |= 1ull << reg;
        copied |= effect_of[reg].copied;
    }
    if (tia->ctrlpf & 2) objects |= UP__DIFFERS_SCORE;
    p->held->first[row] = (uint16_t)(p->entry - p->log);
    p->held->written[row] = written;
    p->held->copied[row] = (uint8_t)copied;
    p->held->objects[row] = (uint8_t)(objects | (copied & filled(tia)));
}

// ---------------------------------------------------------------------------------------------------
// Frames

// Times are compared as they are, so the frames must begin alike. An HMOVE so long ago that the
// counter of clocks went round may have an effect once more.
void up__held_begin(UpPicture *p) {
    UpAtariHeld *held = p->held;
    const UpAtariMachine *m = &p->machine;
    p->comparable = up__wrap_sub(p->window, m->tia.last_hmove) >= 0;
    if (!p->comparable || held->frame_start != m->tia.frame_start) held->rows = 0;
    held->frame_start = m->tia.frame_start;
}

void up__held_end(UpPicture *p, int rows) {
    UpAtariHeld *held = p->held;
    ptrdiff_t writes = p->entry - p->log;
    held->rows = 0;
    if (writes > UP__HELD_WRITES || !p->comparable) return;
    up__held_state(p, held->state[rows]);
    held->rows = rows;
    held->first[rows] = (uint16_t)writes;
    held->writes = (uint16_t)writes;
    memcpy(held->write, p->log, (size_t)writes * sizeof *held->write);
    held->write[writes] = INT32_MAX;
}
