// What the objects show of a line, and which of them touch.
#include "env/atari/beam/beam.h"

#include <string.h>

static unsigned on_now(const UpAtariTia *tia) {
    return (unsigned)(up__tia_player(tia, 0) != 0) << UP__P0 |
           (unsigned)(up__tia_player(tia, 1) != 0) << UP__P1 |
           (unsigned)up__tia_missile(tia, 0) << UP__M0 |
           (unsigned)up__tia_missile(tia, 1) << UP__M1 | (unsigned)up__tia_ball(tia) << UP__BL |
           (unsigned)(tia->playfield != 0) << UP__PF;
}

void up__beam_take(UpTiaBeam *beam) {
    beam->on = (uint8_t)on_now(&beam->machine->tia);
    beam->stale = UP__OBJECTS;
}

void up__beam_switch(UpTiaBeam *beam, unsigned objects) {
    beam->on = (uint8_t)on_now(&beam->machine->tia);
    beam->stale |= (uint8_t)objects;
}

static inline void note(UpTiaBeam *beam, int object, int x) {
    unsigned bit = 1u << object;
    UpTiaSet *set = &beam->set[object], *pixels = &beam->pixels[object];
    int since = beam->since[object];
    if (beam->stale & bit) up__tia_set(&beam->machine->tia, object, set);
    beam->stale &= (uint8_t)~bit;
    beam->had |= (uint8_t)bit;
    if (since == 0 && x == UP__ATARI_COLUMNS) {
        *pixels = *set;
        return;
    }
    const UpTiaSet *all = &up__tia_below[x], *before = &up__tia_below[since];
    for (int w = 0; w < UP__SET_WORDS; w++)
        pixels->word[w] |= set->word[w] & all->word[w] & ~before->word[w];
}

void up__beam_note(UpTiaBeam *beam, unsigned objects, int x) {
    for (; objects; objects &= objects - 1) {
        int object = __builtin_ctz(objects);
        if (x <= beam->since[object]) continue;
        if (beam->on >> object & 1) note(beam, object, x);
        beam->since[object] = (uint8_t)x;
    }
}

// Pairs of objects in the order of the latches.
static const uint8_t pair_of[16][2] = {
    {UP__M0, UP__P0}, {UP__M0, UP__P1}, {UP__M1, UP__P1}, {UP__M1, UP__P0},
    {UP__P0, UP__BL}, {UP__P0, UP__PF}, {UP__P1, UP__BL}, {UP__P1, UP__PF},
    {UP__M0, UP__BL}, {UP__M0, UP__PF}, {UP__M1, UP__BL}, {UP__M1, UP__PF},
    {0, 0},           {UP__BL, UP__PF}, {UP__M0, UP__M1}, {UP__P0, UP__P1}};

void up__beam_touch(UpTiaBeam *beam, int x) {
    unsigned open = up__tia_latches[beam->on | beam->had] & ~(unsigned)beam->hits;
    if (!open || beam->line.ended || beam->machine->tia.vblank & 2) return;
    up__beam_note(beam, beam->on, x);
    const UpTiaSet *before = &up__tia_below[beam->line.cleared];
    for (; open; open &= open - 1) {
        const uint8_t *pair = pair_of[__builtin_ctz(open)];
        const UpTiaSet *a = &beam->pixels[pair[0]], *b = &beam->pixels[pair[1]];
        if ((a->word[0] & b->word[0] & ~before->word[0]) |
            (a->word[1] & b->word[1] & ~before->word[1]) |
            (a->word[2] & b->word[2] & ~before->word[2]))
            beam->hits |= (uint16_t)(open & -open);
    }
}

void up__beam_forget(UpTiaBeam *beam, int x) {
    memset(beam->since, x, sizeof beam->since);
    for (unsigned had = beam->had; had; had &= had - 1)
        beam->pixels[__builtin_ctz(had)] = (UpTiaSet){{0, 0, 0}};
    beam->had = 0;
}

void up__beam_cut(UpTiaBeam *beam) {
    int x = up__beam_x(beam);
    if (x <= 0) return;
    up__beam_touch(beam, x);
    up__picture_piece(beam, x);
    up__beam_forget(beam, x);
}
