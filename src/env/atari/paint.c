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

// The right half's blocks, from the set of its pixels.
static uint32_t right_blocks(const UpAtariTia *tia) {
    uint32_t blocks = tia->playfield, mirrored = 0;
    if (!tia->reflect) return blocks;
    for (int i = 0; i < 20; i++, blocks >>= 1)
        mirrored = mirrored << 1 | (blocks & 1);
    return mirrored;
}

static bool alone(const UpTiaView *view, const UpAtariTia *tia) {
    (void)view;
    return !up__tia_player(tia, 0) && !up__tia_player(tia, 1) && !up__tia_missile(tia, 0) &&
           !up__tia_missile(tia, 1) && !up__tia_ball(tia);
}

static void make_base(UpTiaView *view, const UpAtariTia *tia) {
    uint8_t back = tia->colour[UP__TIA_COLUBK], left = tia->colour[UP__TIA_COLUPF], right = left;
    if ((tia->ctrlpf & 2) && (!(tia->ctrlpf & 4) || alone(view, tia))) {
        left = tia->colour[UP__TIA_COLUP0];
        right = tia->colour[UP__TIA_COLUP1];
    }
    uint64_t key = tia->playfield | (uint64_t)tia->reflect << 24 | (uint64_t)back << 32 |
                   (uint64_t)left << 40 | (uint64_t)right << 48;
    if (view->base_key[0] == key) return;
    view->base_key[0] = key;
    if (!tia->playfield) {
        memset(view->base, back, sizeof view->base);
        return;
    }
    paint_half(view->base, tia->playfield, back, left);
    paint_half(view->base + HALF, right_blocks(tia), back, right);
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

void up__paint(UpTiaView *view, const UpAtariTia *tia, uint8_t *row, int from, int to) {
    static const UpTiaSet left_half = {{~0ull, 0xFFFF, 0}};
    bool priority = tia->ctrlpf & 4, score = tia->ctrlpf & 2;
    make_base(view, tia);
    memcpy(row + from, view->base + from, (size_t)(to - from));
    if (!(view->enabled & ~(1u << UP__PF))) return;
    const UpTiaSet *set = view->set, nothing = {0};
    UpTiaSet top = nothing, field = set[UP__PF];
    if (view->enabled & 1 << UP__BL) {
        UpTiaSet ball = score && !priority ? without(set[UP__BL], field) : set[UP__BL];
        overlay(row, within(ball, from, to), tia->colour[UP__TIA_COLUPF]);
    }
    if (priority) top = united(&set[UP__PF], &set[UP__BL]);
    if (view->enabled & (1 << UP__P1 | 1 << UP__M1)) {
        UpTiaSet second = without(united(&set[UP__P1], &set[UP__M1]), top);
        if (score && !priority)
            for (int w = 0; w < 3; w++)
                second.word[w] &= ~(field.word[w] & left_half.word[w]);
        overlay(row, within(second, from, to), tia->colour[UP__TIA_COLUP1]);
    }
    if (view->enabled & (1 << UP__P0 | 1 << UP__M0))
        overlay(row, within(without(united(&set[UP__P0], &set[UP__M0]), top), from, to),
                tia->colour[UP__TIA_COLUP0]);
}
