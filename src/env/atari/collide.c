// Where the TIA's objects are on a line, as sets of pixels and as zones, and which of them touch.
#include "env/atari/span.h"

static const UpTiaSet empty = {{0, 0, 0}};

// Puts a pattern of up to 32 pixels at `at`, in five words that wrap round after 160 pixels.
static void put(uint64_t wide[5], uint64_t pattern, int at) {
    int shift = at & 63;
    wide[at >> 6] |= pattern << shift;
    wide[(at >> 6) + 1] |= pattern >> 1 >> (63 - shift);
}

static UpTiaSet wrapped(const uint64_t wide[5]) {
    return (UpTiaSet){{wide[0] | wide[2] >> 32 | wide[3] << 32,
                       wide[1] | wide[3] >> 32 | wide[4] << 32, wide[2] & 0xFFFFFFFF}};
}

// A player with this pattern, the leftmost pixel lowest.
static UpTiaSet player_set(const UpAtariTia *tia, int player, uint64_t pattern) {
    uint64_t wide[5] = {0};
    int mode = tia->nusiz[player] & 7, at = tia->position[player];
    if (mode == 5 || mode == 7) {
        if (!tia->suppressed[player])
            put(wide, mode == 5 ? up__tia_doubled(pattern) : up__tia_quadrupled(pattern), at + 1);
    } else {
        const UpTiaCopies *copies = &up__tia_copies[mode];
        for (int i = tia->suppressed[player]; i < copies->count; i++)
            put(wide, pattern, at + copies->start[i]);
    }
    return wrapped(wide);
}

static UpTiaSet missile_set(const UpAtariTia *tia, int missile) {
    uint64_t wide[5] = {0};
    int size = tia->nusiz[missile] >> 4 & 3;
    if (missile == 0 && tia->star_shape == 2) return (UpTiaSet){0};
    if (missile == 0 && tia->star_shape == 1) size |= 1;
    const UpTiaCopies *copies = &up__tia_copies[tia->nusiz[missile] & 7];
    for (int i = 0; i < copies->count; i++)
        put(wide, (1u << (1 << size)) - 1, tia->position[UP__M0 + missile] + copies->start[i]);
    return wrapped(wide);
}

static UpTiaSet ball_set(const UpAtariTia *tia) {
    uint64_t wide[5] = {0};
    put(wide, (1u << (1 << (tia->ctrlpf >> 4 & 3))) - 1, tia->position[UP__BL]);
    return wrapped(wide);
}

static UpTiaSet playfield_set(const UpAtariTia *tia) {
    uint32_t left = tia->playfield, right = up__tia_right_field(left, tia->reflect);
    if (!left) return empty;
    uint64_t first = up__tia_quadrupled(left & 0xFF) | up__tia_quadrupled(left >> 8 & 0xFF) << 32;
    uint64_t second = up__tia_quadrupled(left >> 16 & 0xF) |
                      up__tia_quadrupled(right & 0xFF) << 16 |
                      up__tia_quadrupled(right >> 8 & 0xFF) << 48;
    uint64_t third = up__tia_quadrupled(right >> 8 & 0xFF) >> 16 | up__tia_quadrupled(right >> 16)
                                                                       << 16;
    return (UpTiaSet){{first, second, third}};
}

static bool is_empty(const UpTiaSet *set) {
    return !(set->word[0] | set->word[1] | set->word[2]);
}

// What an object looks like if it is on.
static UpTiaSet object_set(const UpAtariTia *tia, int object) {
    switch (object) {
    case UP__P0:
    case UP__P1:
        return player_set(tia, object, up__tia_pattern(tia, object));
    case UP__M0:
    case UP__M1:
        return missile_set(tia, object - UP__M0);
    case UP__BL:
        return ball_set(tia);
    default:
        return playfield_set(tia);
    }
}

void up__sets_refresh(UpTiaSets *objects, const UpAtariTia *tia) {
    unsigned stale = objects->stale;
    objects->stale = 0;
    for (; stale; stale &= stale - 1) {
        int object = __builtin_ctz(stale);
        objects->set[object] = objects->enabled >> object & 1 ? object_set(tia, object) : empty;
    }
}

// ---------------------------------------------------------------------------------------------------
// Zones

static uint64_t turned(uint64_t blocks, int by) {
    blocks <<= by;
    return (blocks | blocks >> UP__TIA_BLOCKS) & ((1ull << UP__TIA_BLOCKS) - 1);
}

// Copies of something `width` pixels wide. None is farther to the right than 16 blocks.
static uint64_t copies_zone(int at, int width, int mode) {
    static const uint32_t copy[8] = {
        1, 1 | 1 << 4, 1 | 1 << 8, 1 | 1 << 4 | 1 << 8, 1 | 1 << 16, 1, 1 | 1 << 8 | 1 << 16, 1};
    uint64_t one = (1u << (((at & 3) + width + 3) >> 2)) - 1;
    return turned(one * copy[mode], at >> 2);
}

uint64_t up__tia_zone(const UpAtariTia *tia, int object) {
    if (object == UP__PF) {
        uint64_t left = tia->playfield, field = left;
        field |= (uint64_t)up__tia_right_field(tia->playfield, tia->reflect) << 20;
        if (tia->reflect != (tia->ctrlpf & 1))
            field |= (uint64_t)up__tia_right_field(tia->playfield, !tia->reflect) << 20;
        return field;
    }
    int at = tia->position[object];
    if (object == UP__BL) return copies_zone(at, 1 << (tia->ctrlpf >> 4 & 3), 0);
    int nusiz = tia->nusiz[object & 1], mode = nusiz & 7;
    if (object == UP__M0 && (tia->star | tia->star_shape)) return (1ull << UP__TIA_BLOCKS) - 1;
    if (object >= UP__M0) return copies_zone(at, 1 << (nusiz >> 4 & 3), mode);
    if (mode == 5) return copies_zone(at + 1, 16, 5);
    if (mode == 7) return copies_zone(at + 1, 32, 7);
    return copies_zone(at, 8, mode);
}

// ---------------------------------------------------------------------------------------------------
// Latches

// Pairs of objects in the order of the latches.
static const uint8_t pair_of[16][2] = {
    {UP__M0, UP__P0}, {UP__M0, UP__P1}, {UP__M1, UP__P1}, {UP__M1, UP__P0},
    {UP__P0, UP__BL}, {UP__P0, UP__PF}, {UP__P1, UP__BL}, {UP__P1, UP__PF},
    {UP__M0, UP__BL}, {UP__M0, UP__PF}, {UP__M1, UP__BL}, {UP__M1, UP__PF},
    {0, 0},           {UP__BL, UP__PF}, {UP__M0, UP__M1}, {UP__P0, UP__P1}};

static UpTiaSet common(const UpTiaSet *set, int latch) {
    const UpTiaSet *a = &set[pair_of[latch][0]], *b = &set[pair_of[latch][1]];
    return (UpTiaSet){{a->word[0] & b->word[0], a->word[1] & b->word[1], a->word[2] & b->word[2]}};
}

static uint64_t word_range(int from, int to) {
    if (to <= 0 || from >= 64) return 0;
    uint64_t below = to >= 64 ? ~0ull : (1ull << to) - 1;
    return from <= 0 ? below : below & ~((1ull << from) - 1);
}

// The latches that objects could set where they stand now, whatever their patterns.
void up__collide_near(UpTiaView *view, const UpAtariTia *tia) {
    for (unsigned moved = view->moved; moved; moved &= moved - 1) {
        int object = __builtin_ctz(moved);
        view->zone[object] = up__tia_zone(tia, object);
    }
    view->moved = 0;
    unsigned near = 0;
    for (int latch = 0; latch < 16; latch++)
        near |= (unsigned)((view->zone[pair_of[latch][0]] & view->zone[pair_of[latch][1]]) != 0)
                << latch;
    view->near = (uint16_t)(near & UP__LATCHES_ALL);
}

// Of these latches, those that the present registers would set on a whole line.
unsigned up__collide_open(UpTiaView *view, const UpAtariTia *tia, unsigned open) {
    if (view->objects.stale) {
        up__sets_refresh(&view->objects, tia);
        view->paired = 0;
    }
    unsigned unknown = open & ~(unsigned)view->paired;
    view->paired |= (uint16_t)unknown;
    view->overlap &= (uint16_t)~unknown;
    for (; unknown; unknown &= unknown - 1) {
        UpTiaSet both = common(view->objects.set, __builtin_ctz(unknown));
        if (!is_empty(&both)) view->overlap |= (uint16_t)(unknown & -unknown);
    }
    return open & view->overlap;
}

// Sets latches that pixels of this part of a line set.
void up__collide(UpTiaView *view, UpAtariTia *tia, unsigned open, int from, int to) {
    if (from == 0 && to == UP__ATARI_COLUMNS) {
        tia->collisions |= (uint16_t)open;
        return;
    }
    for (; open; open &= open - 1) {
        UpTiaSet both = common(view->objects.set, __builtin_ctz(open));
        if ((both.word[0] & word_range(from, to)) |
            (both.word[1] & word_range(from - 64, to - 64)) |
            (both.word[2] & word_range(from - 128, to - 128)))
            tia->collisions |= (uint16_t)(open & -open);
    }
}
