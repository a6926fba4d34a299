// Which board a ROM sits on, from its size and a few byte sequences.
#include <string.h>

#include "env/atari/machine/bus.h"

typedef struct Pattern {
    uint8_t byte[5];
    uint8_t length;
} Pattern;

// A match that ends with the last byte does not count, as in the original.
static int matches(const uint8_t *rom, size_t size, const Pattern *pattern) {
    int count = 0;
    for (size_t i = 0; i + pattern->length < size; i++)
        count += memcmp(rom + i, pattern->byte, pattern->length) == 0;
    return count;
}

static bool any(const uint8_t *rom, size_t size, const Pattern *pattern, int patterns) {
    for (int i = 0; i < patterns; i++)
        if (matches(rom, size, &pattern[i])) return true;
    return false;
}

// Cartridge RAM hides the first 256 bytes of every bank, which are then all the same.
static bool has_ram(const uint8_t *rom, size_t size) {
    for (size_t bank = 0; bank < size; bank += 4096)
        if (memcmp(rom + bank, rom + bank + 1, 255) != 0) return false;
    return true;
}

static bool is_commavid(const uint8_t *rom, size_t size) {
    static const Pattern writes[] = {{{0x9D, 0xFF, 0xF3}, 3}, {{0x99, 0x00, 0xF4}, 3}};
    return any(rom, size, writes, 2);
}

// Boards that no supported game uses.
static bool is_foreign(const uint8_t *rom, size_t size) {
    static const Pattern tigervision = {{0x85, 0x3F}, 2};
    static const Pattern others[] = {{{0x85, 0x3E, 0xA9, 0x00}, 4}, {{0x8D, 0x40, 0x02}, 3}};
    return any(rom, size, others, size == 8192 ? 2 : 1) || matches(rom, size, &tigervision) >= 2;
}

static UpAtariType detect_8k(const uint8_t *rom, size_t size) {
    static const Pattern e0[] = {{{0x8D, 0xE0, 0x1F}, 3}, {{0x8D, 0xE0, 0x5F}, 3},
                                 {{0x8D, 0xE9, 0xFF}, 3}, {{0xAD, 0xE9, 0xFF}, 3},
                                 {{0xAD, 0xED, 0xFF}, 3}, {{0xAD, 0xF3, 0xBF}, 3}};
    static const Pattern fe[] = {{{0x20, 0x00, 0xD0, 0xC6, 0xC5}, 5},
                                 {{0x20, 0xC3, 0xF8, 0xA5, 0x82}, 5},
                                 {{0xD0, 0xFB, 0x20, 0x73, 0xFE}, 5},
                                 {{0x20, 0x00, 0xF0, 0x84, 0xD6}, 5}};
    if (has_ram(rom, size)) return UP__CART_F8SC;
    if (memcmp(rom, rom + 4096, 4096) == 0) return UP__CART_4K;
    if (any(rom, size, e0, 6)) return UP__CART_E0;
    if (is_foreign(rom, size)) return UP__CART_TYPES;
    return any(rom, size, fe, 4) ? UP__CART_FE : UP__CART_F8;
}

// UP__CART_TYPES: none of ours.
UpAtariType up__cart_detect(const uint8_t *rom, size_t size) {
    switch (size) {
    case 2048:
        return is_commavid(rom, size) ? UP__CART_TYPES : UP__CART_2K;
    case 4096:
        if (is_commavid(rom, size)) return UP__CART_TYPES;
        return memcmp(rom, rom + 2048, 2048) == 0 ? UP__CART_2K : UP__CART_4K;
    case 8192:
        return detect_8k(rom, size);
    case 10240:
    case 10495:
    case 10496:
        return UP__CART_DPC;
    case 16384:
        if (has_ram(rom, size)) return UP__CART_F6SC;
        return is_foreign(rom, size) ? UP__CART_TYPES : UP__CART_F6;
    case 32768:
        if (has_ram(rom, size)) return UP__CART_F4SC;
        return is_foreign(rom, size) ? UP__CART_TYPES : UP__CART_F4;
    default:
        return UP__CART_TYPES;
    }
}
