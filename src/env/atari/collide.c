// Which objects touch: by where they could have pixels, then by their pixels on a whole line, then
// by those of a part of it. What was found out holds until something looks different.
#include "env/atari/beam.h"

// Pairs of objects in the order of the latches.
static const uint8_t pair_of[16][2] = {
    {UP__M0, UP__P0}, {UP__M0, UP__P1}, {UP__M1, UP__P1}, {UP__M1, UP__P0},
    {UP__P0, UP__BL}, {UP__P0, UP__PF}, {UP__P1, UP__BL}, {UP__P1, UP__PF},
    {UP__M0, UP__BL}, {UP__M0, UP__PF}, {UP__M1, UP__BL}, {UP__M1, UP__PF},
    {0, 0},           {UP__BL, UP__PF}, {UP__M0, UP__M1}, {UP__P0, UP__P1}};

// Latches of pairs that have any of these objects.
static unsigned latches_of(unsigned objects) {
    enum { ALL = (1 << UP__TIA_OBJECTS) - 1 };
    return up__tia_latches[ALL] & ~(unsigned)up__tia_latches[ALL & ~objects];
}

static UpTiaSet common(const UpTiaSet *set, int latch) {
    const UpTiaSet *a = &set[pair_of[latch][0]], *b = &set[pair_of[latch][1]];
    return (UpTiaSet){{a->word[0] & b->word[0], a->word[1] & b->word[1], a->word[2] & b->word[2]}};
}

static uint64_t word_range(int from, int to) {
    if (to <= 0 || from >= 64) return 0;
    uint64_t below = to >= 64 ? ~0ull : (1ull << to) - 1;
    return from <= 0 ? below : below & ~((1ull << from) - 1);
}

static uint64_t zone(UpTiaBeam *beam, int object) {
    if (beam->moved >> object & 1) {
        beam->zone[object] = up__look_zone(&beam->look, object);
        beam->moved &= (uint8_t) ~(1u << object);
    }
    return beam->zone[object];
}

// Those whose objects have a block of pixels in common.
static unsigned near(UpTiaBeam *beam, unsigned latches) {
    if (beam->moved) beam->judged &= (uint16_t)~latches_of(beam->moved);
    unsigned unknown = latches & ~(unsigned)beam->judged;
    beam->judged |= (uint16_t)unknown;
    beam->near &= (uint16_t)~unknown;
    for (; unknown; unknown &= unknown - 1) {
        const uint8_t *pair = pair_of[__builtin_ctz(unknown)];
        if (zone(beam, pair[0]) & zone(beam, pair[1])) beam->near |= (uint16_t)(unknown & -unknown);
    }
    return latches & beam->near;
}

// Those that the present look would set on a whole line.
static unsigned overlapping(UpTiaBeam *beam, unsigned latches) {
    if (beam->changed) beam->paired &= (uint16_t)~latches_of(beam->changed);
    beam->changed = 0;
    unsigned unknown = latches & ~(unsigned)beam->paired;
    beam->paired |= (uint16_t)unknown;
    beam->overlap &= (uint16_t)~unknown;
    for (; unknown; unknown &= unknown - 1) {
        int latch = __builtin_ctz(unknown);
        up__look_sets(&beam->look, &beam->sets, 1u << pair_of[latch][0] | 1u << pair_of[latch][1]);
        UpTiaSet both = common(beam->sets.set, latch);
        if (both.word[0] | both.word[1] | both.word[2])
            beam->overlap |= (uint16_t)(unknown & -unknown);
    }
    return latches & beam->overlap;
}

void up__collide(UpTiaBeam *beam, unsigned latches, int x) {
    int from = beam->collided;
    unsigned open = near(beam, latches);
    if (open) open = overlapping(beam, open);
    if (from == 0 && x == UP__ATARI_COLUMNS) {
        beam->hits |= (uint16_t)open;
        return;
    }
    for (; open; open &= open - 1) {
        UpTiaSet both = common(beam->sets.set, __builtin_ctz(open));
        if ((both.word[0] & word_range(from, x)) | (both.word[1] & word_range(from - 64, x - 64)) |
            (both.word[2] & word_range(from - 128, x - 128)))
            beam->hits |= (uint16_t)(open & -open);
    }
}
