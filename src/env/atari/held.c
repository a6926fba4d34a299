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
#define MOVES(object) AT(position[object]) = 0xFF, AT(hm[object]) = 0xFF
#define PLAYER(i) MOVES(UP__P0 + i), AT(colour[i]) = 0xFF, AT(nusiz[i]) = 0x37, AT(refp[i]) = 8
#define MISSILE(i) MOVES(UP__M0 + i), AT(colour[i]) = 0xFF, AT(nusiz[i]) = 0x37
#define CERTAINLY(i)                                                                               \
    AT(grp[i]) = 0xFF, AT(vdelp[i]) = 1, AT(suppressed[i]) = 1, AT(enam[i]) = 2, AT(resmp[i]) = 2

enum { OLD_P0 = UP__TIA_OBJECTS, OLD_P1, OLD_BALL, CERTAIN, ASPECTS };

// The bits of each respect in which it may differ.
static const _Alignas(16) uint8_t bits[ASPECTS][UP__HELD_STATE] = {
    [UP__P0] = {PLAYER(0)},
    [UP__P1] = {PLAYER(1)},
    [UP__M0] = {MISSILE(0)},
    [UP__M1] = {MISSILE(1)},
    [UP__BL] = {MOVES(UP__BL), AT(ctrlpf) = 0x30},
    [UP__PF] = {AT(colour[0]) = 0xFF, AT(colour[1]) = 0xFF},
    [OLD_P0] = {AT(old_grp[0]) = 0xFF},
    [OLD_P1] = {AT(old_grp[1]) = 0xFF},
    [OLD_BALL] = {AT(old_enabl) = 2},
    [CERTAIN] = {CERTAINLY(0), CERTAINLY(1), AT(vblank) = 2, AT(ctrlpf) = 7, AT(colour[2]) = 0xFF,
                 AT(colour[3]) = 0xFF, AT(enabl) = 2, AT(vdelbl) = 1, AT(reflect) = 1, AT(comb) = 1,
                 AT(star) = 1, AT(star_counter) = 0xFF, AT(star_shape) = 0xFF, [FIELD_AT] = 0xFF,
                 [FIELD_AT + 1] = 0xFF, [FIELD_AT + 2] = 0xFF, [HMOVE_AT] = 0xFF, [BEGUN_AT] = 1},
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

// An old copy counts as its object where it shows.
static unsigned old_copies(unsigned found, const uint8_t state[UP__HELD_STATE]) {
    static const struct {
        uint8_t aspect, object, delay;
    } copy[3] = {{OLD_P0, UP__P0, offsetof(UpAtariTia, vdelp[0]) - FIRST},
                 {OLD_P1, UP__P1, offsetof(UpAtariTia, vdelp[1]) - FIRST},
                 {OLD_BALL, UP__BL, offsetof(UpAtariTia, vdelbl) - FIRST}};
    unsigned differs = 0;
    for (int i = 0; i < 3; i++)
        if (found >> copy[i].aspect & 1)
            differs |=
                state[copy[i].delay] & 1 ? UP__DIFFERS : 1u << copy[i].object << UP__DIFFERS_COPY;
    return differs;
}

// Byte by byte. Positions differ by what is to be added, which an HMOVE leaves as it is.
static void list(UpHeldDifference *difference, const uint8_t *now, const uint8_t *before,
                 const uint64_t changed[WORDS]) {
    enum { POSITION = offsetof(UpAtariTia, position) - FIRST };
    for (int w = 0; w < WORDS; w++)
        for (uint64_t word = changed[w]; word;) {
            int byte = __builtin_ctzll(word) >> 3, at = 8 * w + byte;
            word &= ~(0xFFull << (8 * byte));
            bool moves = at >= POSITION && at < POSITION + 5;
            int by = moves ? now[at] - before[at] : now[at] ^ before[at];
            difference->byte[difference->count++] = (UpHeldByte){
                (uint8_t)at, (uint8_t)(moves && by < 0 ? by + UP__ATARI_COLUMNS : by), moves};
            difference->ends |= ends[at];
        }
}

void up__held_compare(const UpAtariHeld *held, int row, const uint8_t state[UP__HELD_STATE],
                      UpHeldDifference *difference) {
    uint64_t now[WORDS], before[WORDS], mask[WORDS], changed[WORDS] = {0}, any = 0;
    unsigned found = 0;
    *difference = (UpHeldDifference){0};
    memcpy(now, state, sizeof now);
    memcpy(before, held->state[row], sizeof before);
    for (int w = 0; w < WORDS; w++)
        any |= before[w] ^ now[w];
    if (!any) return;
    difference->in = UP__DIFFERS;
    for (int aspect = CERTAIN; aspect >= 0; aspect--) {
        memcpy(mask, bits[aspect], sizeof mask);
        any = 0;
        for (int w = 0; w < WORDS; w++) {
            uint64_t differs = (before[w] ^ now[w]) & mask[w];
            changed[w] |= differs;
            any |= differs;
        }
        if (any && aspect == CERTAIN) return;
        found |= (unsigned)(any != 0) << aspect;
    }
    difference->in = (found & ((1u << UP__TIA_OBJECTS) - 1)) | old_copies(found, state);
    if (!(difference->in & UP__DIFFERS)) list(difference, state, held->state[row], changed);
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
