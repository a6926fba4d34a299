// Objects of the television chip as sets of pixels.
#include "env/atari/tia/tia.h"

const UpTiaCopies up__tia_copies[8] = {{1, {0}},         {2, {0, 16}}, {2, {0, 32}},
                                       {3, {0, 16, 32}}, {2, {0, 64}}, {1, {0}},
                                       {3, {0, 32, 64}}, {1, {0}}};

#define BY_4(n, entry) entry(n), entry(n + 1), entry(n + 2), entry(n + 3)
#define BY_16(n, entry) BY_4(n, entry), BY_4(n + 4, entry), BY_4(n + 8, entry), BY_4(n + 12, entry)
#define BY_64(n, entry)                                                                            \
    BY_16(n, entry), BY_16(n + 16, entry), BY_16(n + 32, entry), BY_16(n + 48, entry)
#define BY_256(entry) BY_64(0, entry), BY_64(64, entry), BY_64(128, entry), BY_64(192, entry)

#define MIRRORED(n)                                                                                \
    ((n)&1) << 7 | ((n)&2) << 5 | ((n)&4) << 3 | ((n)&8) << 1 | ((n)&16) >> 1 | ((n)&32) >> 3 |    \
        ((n)&64) >> 5 | ((n)&128) >> 7
const uint8_t up__tia_mirrored[256] = {BY_256(MIRRORED)};

#define BELOW_IN(n) ((n) <= 0 ? 0 : (n) >= 64 ? ~0ull : (1ull << ((n)&63)) - 1)
#define BELOW(n)                                                                                   \
    {                                                                                              \
        { BELOW_IN(n), BELOW_IN(n - 64), BELOW_IN(n - 128) }                                       \
    }
const UpTiaSet up__tia_below[UP__ATARI_COLUMNS + 1] = {
    BY_64(0, BELOW), BY_64(64, BELOW), BY_16(128, BELOW), BY_16(144, BELOW), BELOW(160)};

// ---------------------------------------------------------------------------------------------------
// Players, missiles, ball

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

static void put_copies(UpTiaSet *set, uint64_t pattern, int at, int mode, int first) {
    const UpTiaCopies *copies = &up__tia_copies[mode];
    for (int i = first; i < copies->count; i++)
        put(set, pattern, at + copies->start[i]);
}

// Every bit twice, and four times.
static uint64_t doubled(uint64_t byte) {
    byte = (byte | byte << 4) & 0x0F0F;
    byte = (byte | byte << 2) & 0x3333;
    byte = (byte | byte << 1) & 0x5555;
    return byte * 3;
}

#define QUADRUPLED(n)                                                                              \
    ((n)&1 ? 0xFu : 0) | ((n)&2 ? 0xF0u : 0) | ((n)&4 ? 0xF00u : 0) | ((n)&8 ? 0xF000u : 0) |      \
        ((n)&16 ? 0xF0000u : 0) | ((n)&32 ? 0xF00000u : 0) | ((n)&64 ? 0xF000000u : 0) |           \
        ((n)&128 ? 0xF0000000u : 0)
static const uint32_t quadrupled[256] = {BY_256(QUADRUPLED)};

static void put_player(const UpAtariTia *tia, int player, UpTiaSet *set) {
    uint8_t graphic = up__tia_player(tia, player);
    uint64_t pattern = tia->refp[player] & 8 ? graphic : up__tia_mirrored[graphic];
    int mode = tia->nusiz[player] & 7, at = tia->position[player];
    bool suppressed = tia->suppressed[player];
    if (mode != 5 && mode != 7)
        put_copies(set, pattern, at, mode, suppressed);
    else if (!suppressed)
        put(set, mode == 5 ? doubled(pattern) : quadrupled[pattern], at + 1);
}

static void put_missile(const UpAtariTia *tia, int missile, UpTiaSet *set) {
    enum { WIDER = 1, HIDDEN = 2 }; // by its star mode
    int size = tia->nusiz[missile] >> 4 & 3, shape = missile == 0 ? tia->star_shape & 3 : 0;
    if (shape == HIDDEN) return;
    if (shape == WIDER) size |= 1;
    put_copies(set, (1u << (1 << size)) - 1, tia->position[UP__M0 + missile],
               tia->nusiz[missile] & 7, 0);
}

// ---------------------------------------------------------------------------------------------------
// The playfield

static UpTiaSet field_set(const UpAtariTia *tia) {
    uint32_t left = tia->playfield, right = left;
    if (tia->reflect)
        right = (uint32_t)up__tia_mirrored[left & 0xFF] << 12 |
                (uint32_t)up__tia_mirrored[left >> 8 & 0xFF] << 4 |
                up__tia_mirrored[left >> 16] >> 4;
    uint64_t middle = quadrupled[right >> 4 & 0xFF], last = quadrupled[right >> 12];
    return (UpTiaSet){
        {quadrupled[left & 0xFF] | (uint64_t)quadrupled[left >> 8 & 0xFF] << 32,
         quadrupled[left >> 16] | (uint64_t)quadrupled[right & 15] << 16 | middle << 32, last}};
}

void up__tia_set(const UpAtariTia *tia, int object, UpTiaSet *set) {
    if (object == UP__PF) {
        *set = field_set(tia);
        return;
    }
    *set = (UpTiaSet){{0, 0, 0}};
    if (object <= UP__P1)
        put_player(tia, object, set);
    else if (object <= UP__M1)
        put_missile(tia, object - UP__M0, set);
    else
        put(set, (1u << (1 << (tia->ctrlpf >> 4 & 3))) - 1, tia->position[UP__BL]);
}
