// A piece of a row: background and playfield first, then what lies on top of them, eight pixels at
// a time.
#include "env/atari/beam.h"

#include <string.h>

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

// The background goes into the whole piece at once.
static void lay_base(UpTiaBase *base, const UpTiaLook *look, uint8_t *row) {
    uint8_t back = look->colour[UP__TIA_COLUBK], left = look->colour[UP__TIA_COLUPF], right = left;
    uint32_t field = look->field & UP__LOOK_FIELD;
    int from = look->from, to = look->to;
    if (!field) {
        memset(row + from, back, (size_t)(to - from));
        return;
    }
    bool alone = !(look->on & ~(unsigned)UP__FIELD);
    if (look->field & UP__LOOK_SCORE && (!(look->field & UP__LOOK_PRIORITY) || alone)) {
        left = look->colour[UP__TIA_COLUP0];
        right = look->colour[UP__TIA_COLUP1];
    }
    uint64_t key = (look->field & (UP__LOOK_FIELD | UP__LOOK_REFLECT)) | (uint64_t)back << 32 |
                   (uint64_t)left << 40 | (uint64_t)right << 48;
    if (base->key != key) {
        base->key = key;
        paint_half(base->pixel, field, back, left);
        paint_half(base->pixel + HALF, up__look_right_field(look->field), back, right);
    }
    if (to - from == UP__ATARI_COLUMNS)
        memcpy(row, base->pixel, UP__ATARI_COLUMNS);
    else
        memcpy(row + from, base->pixel + from, (size_t)(to - from));
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
static void paint_by_sets(uint8_t *row, const UpTiaLook *look, UpTiaSets *sets) {
    static const UpTiaSet left_half = {{~0ull, 0xFFFF, 0}};
    static const UpTiaSet nothing = {{0, 0, 0}};
    bool priority = look->field & UP__LOOK_PRIORITY;
    int from = look->from, to = look->to;
    up__look_sets(look, sets, look->on);
    UpTiaSet set[UP__TIA_OBJECTS];
    for (int i = 0; i < UP__TIA_OBJECTS; i++)
        set[i] = look->on >> i & 1 ? sets->set[i] : nothing;
    UpTiaSet top = nothing, field = set[UP__PF];
    overlay(row, within(priority ? set[UP__BL] : without(set[UP__BL], field), from, to),
            look->colour[UP__TIA_COLUPF]);
    if (priority) top = united(&set[UP__PF], &set[UP__BL]);
    UpTiaSet second = without(united(&set[UP__P1], &set[UP__M1]), top);
    if (!priority)
        for (int w = 0; w < 3; w++)
            second.word[w] &= ~(field.word[w] & left_half.word[w]);
    overlay(row, within(second, from, to), look->colour[UP__TIA_COLUP1]);
    overlay(row, within(without(united(&set[UP__P0], &set[UP__M0]), top), from, to),
            look->colour[UP__TIA_COLUP0]);
}

// Part of a row.
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

static void paint_player(uint8_t *row, const UpTiaLook *look, int player) {
    int mode = look->nusiz[player] & 7, x = look->position[player];
    int suppressed = look->flags / (UP__LOOK_SUPPRESSED << player) & 1;
    uint64_t bits = look->pattern[player], fill = look->colour[player] * 0x0101010101010101u;
    Part part = {row, look->from, look->to};
    if (mode == 5 || mode == 7) {
        if (!suppressed)
            paint_wrapped(&part, x + 1,
                          mode == 5 ? up__look_doubled(bits) : up__look_quadrupled(bits),
                          mode == 5 ? 16 : 32, fill);
        return;
    }
    const UpTiaCopies *copies = &up__tia_copies[mode];
    for (int i = suppressed; i < copies->count; i++)
        paint_eight(&part, x + copies->start[i], bits, 8, fill);
}

static void paint_missile(uint8_t *row, const UpTiaLook *look, int missile) {
    int size, x = look->position[UP__M0 + missile];
    if (!up__look_missile(look, missile, &size)) return;
    const UpTiaCopies *copies = &up__tia_copies[look->nusiz[missile] & 7];
    uint64_t fill = look->colour[missile] * 0x0101010101010101u;
    Part part = {row, look->from, look->to};
    for (int i = 0; i < copies->count; i++)
        paint_eight(&part, x + copies->start[i], (1u << (1 << size)) - 1, 1 << size, fill);
}

static void paint_ball(uint8_t *row, const UpTiaLook *look) {
    int width = 1 << (look->field >> UP__LOOK_BALL_SHIFT & 3);
    Part part = {row, look->from, look->to};
    paint_eight(&part, look->position[UP__BL], (1u << width) - 1, width,
                look->colour[UP__TIA_COLUPF] * 0x0101010101010101u);
}

// Which lies on top matters where the playfield or the ball is in front.
static void paint_objects(uint8_t *row, const UpTiaLook *look, UpTiaSets *sets) {
    unsigned on = look->on;
    if (look->field & (UP__LOOK_SCORE | UP__LOOK_PRIORITY) && on & (UP__FIELD | UP__BALL)) {
        paint_by_sets(row, look, sets);
        return;
    }
    if (on & 1 << UP__BL) paint_ball(row, look);
    if (on & 1 << UP__P1) paint_player(row, look, 1);
    if (on & 1 << UP__M1) paint_missile(row, look, 1);
    if (on & 1 << UP__P0) paint_player(row, look, 0);
    if (on & 1 << UP__M0) paint_missile(row, look, 0);
}

void up__paint(UpTiaBase *base, const UpTiaLook *look, UpTiaSets *sets, uint8_t *row) {
    if (look->flags & UP__LOOK_BLANK) {
        memset(row + look->from, 0, (size_t)(look->to - look->from));
        return;
    }
    lay_base(base, look, row);
    if (look->on & ~(unsigned)UP__FIELD) paint_objects(row, look, sets);
    if (look->flags & UP__LOOK_COMB) {
        int to = look->to < UP__COMB_WIDTH ? look->to : UP__COMB_WIDTH;
        memset(row + look->from, 0, (size_t)(to - look->from));
    }
}
