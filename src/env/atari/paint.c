// One row of the picture from sets of pixels: background and playfield first, then what lies on
// top of them, eight pixels at a time.
#include <string.h>

#include "env/atari/span.h"

enum { HALF = 80 };

typedef uint32_t Four __attribute__((vector_size(16)));

#define BITS(n)                                                                                    \
    { (n) & 1 ? ~0u : 0, (n)&2 ? ~0u : 0, (n)&4 ? ~0u : 0, (n)&8 ? ~0u : 0 }
static const Four block_mask[16] = {BITS(0),  BITS(1),  BITS(2),  BITS(3), BITS(4),  BITS(5),
                                    BITS(6),  BITS(7),  BITS(8),  BITS(9), BITS(10), BITS(11),
                                    BITS(12), BITS(13), BITS(14), BITS(15)};

static void paint_half(uint8_t *to, uint32_t blocks, uint8_t back, uint8_t field) {
    uint32_t below = back * 0x01010101u, change = (back ^ field) * 0x01010101u;
    for (int i = 0; i < 5; i++, blocks >>= 4, to += 16) {
        Four four = below ^ (block_mask[blocks & 15] & change);
        memcpy(to, &four, 16);
    }
}

// False: it is what it was.
static bool make_base(UpTiaRow *row, const UpAtariTia *tia, unsigned enabled) {
    uint8_t back = tia->colour[UP__TIA_COLUBK], left = tia->colour[UP__TIA_COLUPF], right = left;
    if ((tia->ctrlpf & 2) && (!(tia->ctrlpf & 4) || !(enabled & ~(1u << UP__PF)))) {
        left = tia->colour[UP__TIA_COLUP0];
        right = tia->colour[UP__TIA_COLUP1];
    }
    uint64_t key = tia->playfield | (uint64_t)tia->reflect << 24 | (uint64_t)back << 32;
    if (tia->playfield) key |= (uint64_t)left << 40 | (uint64_t)right << 48;
    if (row->base_key == key) return false;
    row->base_key = key;
    if (!tia->playfield) {
        memset(row->base, back, sizeof row->base);
        return true;
    }
    paint_half(row->base, tia->playfield, back, left);
    paint_half(row->base + HALF, up__tia_right_field(tia->playfield, tia->reflect), back, right);
    return true;
}

// The background goes into the whole rest of the row at once; what comes later in the line finds it
// there unless it has changed.
static void lay_base(UpTiaRow *row, const UpAtariTia *tia, unsigned enabled, int from) {
    if (!make_base(row, tia, enabled) && row->based) return;
    row->based = true;
    if (from == 0)
        memcpy(row->pixel, row->base, UP__ATARI_COLUMNS);
    else
        memcpy(row->pixel + from, row->base + from, (size_t)(UP__ATARI_COLUMNS - from));
}

// 0xFF for every bit of the byte, the lowest first.
static uint64_t byte_mask(uint64_t bits) {
    uint64_t spread = bits * 0x0101010101010101u & 0x8040201008040201u;
    return ((spread + 0x7F7F7F7F7F7F7F7Fu) >> 7 & 0x0101010101010101u) * 255;
}

static void overlay(uint8_t *row, UpTiaSet set, uint8_t colour) {
    uint64_t fill = colour * 0x0101010101010101u;
    for (int w = 0; w < 3; w++) {
        uint64_t word = set.word[w];
        while (word) {
            int byte = __builtin_ctzll(word) >> 3;
            uint8_t *at = row + 64 * w + 8 * byte;
            uint64_t mask = byte_mask(word >> (8 * byte) & 0xFF), pixels;
            memcpy(&pixels, at, 8);
            pixels ^= (pixels ^ fill) & mask;
            memcpy(at, &pixels, 8);
            word &= ~(0xFFull << (8 * byte));
        }
    }
}

static UpTiaSet united(const UpTiaSet *a, const UpTiaSet *b) {
    return (UpTiaSet){{a->word[0] | b->word[0], a->word[1] | b->word[1], a->word[2] | b->word[2]}};
}

static UpTiaSet without(UpTiaSet a, UpTiaSet b) {
    return (UpTiaSet){{a.word[0] & ~b.word[0], a.word[1] & ~b.word[1], a.word[2] & ~b.word[2]}};
}

static UpTiaSet within(UpTiaSet set, int from, int to) {
    for (int w = 0; w < 3; w++, from -= 64, to -= 64) {
        if (to <= 0 || from >= 64) {
            set.word[w] = 0;
            continue;
        }
        if (to < 64) set.word[w] &= (1ull << to) - 1;
        if (from > 0) set.word[w] &= ~((1ull << from) - 1);
    }
    return set;
}

// Whichever object lies on top, with the playfield in front or in the colours of the score.
static void paint_by_sets(uint8_t *row, UpTiaSets *objects, const UpAtariTia *tia, int from,
                          int to) {
    static const UpTiaSet left_half = {{~0ull, 0xFFFF, 0}};
    bool priority = tia->ctrlpf & 4;
    up__sets_refresh(objects, tia);
    const UpTiaSet *set = objects->set, nothing = {{0, 0, 0}};
    UpTiaSet top = nothing, field = set[UP__PF];
    overlay(row, within(priority ? set[UP__BL] : without(set[UP__BL], field), from, to),
            tia->colour[UP__TIA_COLUPF]);
    if (priority) top = united(&set[UP__PF], &set[UP__BL]);
    UpTiaSet second = without(united(&set[UP__P1], &set[UP__M1]), top);
    if (!priority)
        for (int w = 0; w < 3; w++)
            second.word[w] &= ~(field.word[w] & left_half.word[w]);
    overlay(row, within(second, from, to), tia->colour[UP__TIA_COLUP1]);
    overlay(row, within(without(united(&set[UP__P0], &set[UP__M0]), top), from, to),
            tia->colour[UP__TIA_COLUP0]);
}

// Part of a row that is being painted.
typedef struct Part {
    uint8_t *row;
    int from, to;
} Part;

static inline void blend(uint8_t *at, uint64_t mask, uint64_t fill) {
    uint64_t pixels;
    memcpy(&pixels, at, 8);
    pixels ^= (pixels ^ fill) & mask;
    memcpy(at, &pixels, 8);
}

// Eight pixels at a time; it may touch up to seven bytes to the right, but changes none of them.
static void paint_run(const Part *part, int x, uint64_t bits, int width, uint64_t fill) {
    if (x >= part->to || x + width <= part->from) return;
    if (x + width > part->to) bits &= (1ull << (part->to - x)) - 1;
    if (x < part->from) {
        bits >>= part->from - x;
        x = part->from;
    }
    for (; bits; bits >>= 8, x += 8)
        blend(part->row + x, byte_mask(bits & 0xFF), fill);
}

static void paint_wrapped(const Part *part, int x, uint64_t bits, int width, uint64_t fill) {
    if (x >= UP__ATARI_COLUMNS) x -= UP__ATARI_COLUMNS;
    paint_run(part, x, bits, width, fill);
    int beyond = x + width - UP__ATARI_COLUMNS;
    if (beyond > 0) paint_run(part, 0, bits >> (width - beyond), beyond, fill);
}

// Up to eight pixels. Most lie inside the part.
static inline void paint_eight(const Part *part, int x, uint64_t bits, int width, uint64_t fill) {
    if (x >= part->from && x + 8 <= part->to)
        blend(part->row + x, byte_mask(bits), fill);
    else
        paint_wrapped(part, x, bits, width, fill);
}

static void paint_player(const Part *part, const UpAtariTia *tia, int player) {
    int mode = tia->nusiz[player] & 7, x = tia->position[player];
    uint64_t bits = up__tia_pattern(tia, player), fill = tia->colour[player] * 0x0101010101010101u;
    if (mode == 5 || mode == 7) {
        if (!tia->suppressed[player])
            paint_wrapped(part, x + 1, mode == 5 ? up__tia_doubled(bits) : up__tia_quadrupled(bits),
                          mode == 5 ? 16 : 32, fill);
        return;
    }
    const UpTiaCopies *copies = &up__tia_copies[mode];
    for (int i = tia->suppressed[player]; i < copies->count; i++)
        paint_eight(part, x + copies->start[i], bits, 8, fill);
}

static void paint_missile(const Part *part, const UpAtariTia *tia, int missile) {
    int size = tia->nusiz[missile] >> 4 & 3, x = tia->position[UP__M0 + missile];
    if (missile == 0 && tia->star_shape == 2) return;
    if (missile == 0 && tia->star_shape == 1) size |= 1;
    const UpTiaCopies *copies = &up__tia_copies[tia->nusiz[missile] & 7];
    uint64_t fill = tia->colour[missile] * 0x0101010101010101u;
    for (int i = 0; i < copies->count; i++)
        paint_eight(part, x + copies->start[i], (1u << (1 << size)) - 1, 1 << size, fill);
}

void up__paint(UpTiaRow *row, UpTiaSets *objects, const UpAtariTia *tia, int from, int to) {
    unsigned on = objects->enabled & ~(1u << UP__PF);
    if (tia->vblank & 2) {
        row->based = false;
        memset(row->pixel + from, 0, (size_t)(to - from));
        return;
    }
    lay_base(row, tia, objects->enabled, from);
    if (!on) return;
    // Which lies on top matters where the playfield or the ball is in front.
    if (tia->ctrlpf & 6 && (objects->enabled & (1u << UP__PF | 1u << UP__BL))) {
        paint_by_sets(row->pixel, objects, tia, from, to);
        return;
    }
    Part part = {row->pixel, from, to};
    int ball = 1 << (tia->ctrlpf >> 4 & 3);
    if (on & 1 << UP__BL)
        paint_eight(&part, tia->position[UP__BL], (1u << ball) - 1, ball,
                    tia->colour[UP__TIA_COLUPF] * 0x0101010101010101u);
    if (on & 1 << UP__P1) paint_player(&part, tia, 1);
    if (on & 1 << UP__M1) paint_missile(&part, tia, 1);
    if (on & 1 << UP__P0) paint_player(&part, tia, 0);
    if (on & 1 << UP__M0) paint_missile(&part, tia, 0);
}
