// What the television chip shows, as sets of pixels and as zones.
#include "env/atari/look.h"

#include "env/atari/machine.h"

const UpTiaCopies up__tia_copies[8] = {{1, {0}},         {2, {0, 16}}, {2, {0, 32}},
                                       {3, {0, 16, 32}}, {2, {0, 64}}, {1, {0}},
                                       {3, {0, 32, 64}}, {1, {0}}};

#define MIRRORED(n)                                                                                \
    ((n)&1) << 7 | ((n)&2) << 5 | ((n)&4) << 3 | ((n)&8) << 1 | ((n)&16) >> 1 | ((n)&32) >> 3 |    \
        ((n)&64) >> 5 | ((n)&128) >> 7
#define MIRRORED_4(n) MIRRORED(n), MIRRORED(n + 1), MIRRORED(n + 2), MIRRORED(n + 3)
#define MIRRORED_16(n) MIRRORED_4(n), MIRRORED_4(n + 4), MIRRORED_4(n + 8), MIRRORED_4(n + 12)
#define MIRRORED_64(n) MIRRORED_16(n), MIRRORED_16(n + 16), MIRRORED_16(n + 32), MIRRORED_16(n + 48)
const uint8_t up__look_mirrored[256] = {MIRRORED_64(0), MIRRORED_64(64), MIRRORED_64(128),
                                        MIRRORED_64(192)};

// ---------------------------------------------------------------------------------------------------
// Sets

// Adds a pattern of up to 32 pixels at `at`, which may be beyond the line's end, where it goes on
// at the line's beginning.
static inline void put(UpTiaSet *set, uint64_t pattern, int at) {
    enum { LAST_WORD = 128, LAST_BITS = 32 };
    if (at >= UP__ATARI_COLUMNS) at -= UP__ATARI_COLUMNS;
    uint64_t low = pattern << (at & 63), high = pattern >> 1 >> (63 - (at & 63));
    if (at >= LAST_WORD) {
        set->word[2] |= low & ((1ull << LAST_BITS) - 1);
        set->word[0] |= low >> LAST_BITS | high << LAST_BITS;
    } else if (at >= 64) {
        set->word[1] |= low;
        set->word[2] |= high;
    } else {
        set->word[0] |= low;
        set->word[1] |= high;
    }
}

static UpTiaSet player_set(const UpTiaLook *look, int player) {
    UpTiaSet set = {{0, 0, 0}};
    uint64_t pattern = look->pattern[player];
    int mode = look->nusiz[player] & 7, at = look->position[player];
    int suppressed = look->flags / (UP__LOOK_SUPPRESSED << player) & 1;
    if (mode == 5 || mode == 7) {
        if (!suppressed)
            put(&set, mode == 5 ? up__look_doubled(pattern) : up__look_quadrupled(pattern), at + 1);
        return set;
    }
    const UpTiaCopies *copies = &up__tia_copies[mode];
    for (int i = suppressed; i < copies->count; i++)
        put(&set, pattern, at + copies->start[i]);
    return set;
}

static UpTiaSet missile_set(const UpTiaLook *look, int missile) {
    UpTiaSet set = {{0, 0, 0}};
    int size;
    if (!up__look_missile(look, missile, &size)) return set;
    const UpTiaCopies *copies = &up__tia_copies[look->nusiz[missile] & 7];
    for (int i = 0; i < copies->count; i++)
        put(&set, (1u << (1 << size)) - 1, look->position[UP__M0 + missile] + copies->start[i]);
    return set;
}

static UpTiaSet ball_set(const UpTiaLook *look) {
    UpTiaSet set = {{0, 0, 0}};
    put(&set, (1u << (1 << (look->field >> UP__LOOK_BALL_SHIFT & 3))) - 1, look->position[UP__BL]);
    return set;
}

static UpTiaSet playfield_set(const UpTiaLook *look) {
    uint32_t left = look->field & UP__LOOK_FIELD, right = up__look_right_field(look->field);
    uint64_t first = up__look_quadrupled(left & 0xFF) | up__look_quadrupled(left >> 8 & 0xFF) << 32;
    uint64_t middle = up__look_quadrupled(right >> 8 & 0xFF);
    uint64_t second = up__look_quadrupled(left >> 16 & 0xF) |
                      up__look_quadrupled(right & 0xFF) << 16 | middle << 48;
    return (UpTiaSet){{first, second, middle >> 16 | up__look_quadrupled(right >> 16) << 16}};
}

void up__look_sets(const UpTiaLook *look, UpTiaSets *sets, unsigned objects) {
    unsigned stale = sets->stale & objects;
    sets->stale &= (uint8_t)~stale;
    for (; stale; stale &= stale - 1) {
        int object = __builtin_ctz(stale);
        sets->set[object] = object <= UP__P1   ? player_set(look, object)
                            : object <= UP__M1 ? missile_set(look, object - UP__M0)
                            : object == UP__BL ? ball_set(look)
                                               : playfield_set(look);
    }
}

// ---------------------------------------------------------------------------------------------------
// Zones

// Copies of something `width` pixels wide. None is farther to the right than 16 blocks.
static uint64_t copies_zone(int at, int width, int mode) {
    static const uint32_t copy[8] = {
        1, 1 | 1 << 4, 1 | 1 << 8, 1 | 1 << 4 | 1 << 8, 1 | 1 << 16, 1, 1 | 1 << 8 | 1 << 16, 1};
    enum { BLOCKS = UP__ATARI_COLUMNS / 4 };
    uint64_t one = (1u << (((at & 3) + width + 3) >> 2)) - 1, all = one * copy[mode] << (at >> 2);
    return (all | all >> BLOCKS) & ((1ull << BLOCKS) - 1);
}

uint64_t up__look_zone(const UpTiaLook *look, int object) {
    if (object == UP__PF)
        return (look->field & UP__LOOK_FIELD) | (uint64_t)up__look_right_field(look->field) << 20;
    int at = look->position[object], size;
    if (object == UP__BL) return copies_zone(at, 1 << (look->field >> UP__LOOK_BALL_SHIFT & 3), 0);
    int mode = look->nusiz[object & 1] & 7;
    if (object >= UP__M0) {
        if (!up__look_missile(look, object - UP__M0, &size)) return 0;
        return copies_zone(at, 1 << size, mode);
    }
    if (mode == 5) return copies_zone(at + 1, 16, 5);
    if (mode == 7) return copies_zone(at + 1, 32, 7);
    return copies_zone(at, 8, mode);
}
