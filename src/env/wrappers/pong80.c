// pong80 for frames that really exist. A frame becomes 6,400 bits; the difference to the one before
// is an exclusive or, whose set bits are the sparse row.
#include "env/wrappers/pong80.h"

#include <stdbool.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { FIRST_ROW = 35, BACKGROUND_1 = 144, BACKGROUND_2 = 109 };

UpStatus up__pong80_create(UpPong80 *pong80, int instances, UpArena *arena) {
    size_t count = (size_t)instances;
    pong80->instances = instances;
    pong80->previous = up_arena_alloc(arena, count, UP__PONG80_WORDS * sizeof(uint64_t));
    pong80->drawn = up_arena_alloc(arena, 2 * count, UP__PONG80_WORDS * sizeof(uint64_t));
    pong80->has_previous = up_arena_alloc(arena, count, 1);
    return up_arena_status(arena);
}

void up__pong80_reset(UpPong80 *pong80, int instance) {
    pong80->has_previous[instance] = 0;
}

void up__pong80_sample(const uint8_t *rgb, uint8_t *red) {
    for (int y = 0; y < UP__PONG80_SIDE; y++) {
        const uint8_t *row = rgb + (FIRST_ROW + 2 * y) * UP__ATARI_WIDTH * 3;
        for (int x = 0; x < UP__PONG80_SIDE; x++)
            *red++ = row[x * 6];
    }
}

// 64 pixels as bits: 1 where the red channel is none of 0, 144 and 109.
#ifdef __SSE2__
static uint64_t foreground(const uint8_t *red) {
    const __m128i zero = _mm_setzero_si128();
    const __m128i first = _mm_set1_epi8((char)BACKGROUND_1), second = _mm_set1_epi8(BACKGROUND_2);
    uint64_t bits = 0;
    for (int i = 0; i < 4; i++) {
        __m128i pixels = _mm_loadu_si128((const __m128i *)(const void *)(red + 16 * i));
        __m128i erased = _mm_or_si128(
            _mm_cmpeq_epi8(pixels, zero),
            _mm_or_si128(_mm_cmpeq_epi8(pixels, first), _mm_cmpeq_epi8(pixels, second)));
        bits |= (uint64_t)(uint16_t)~_mm_movemask_epi8(erased) << (16 * i);
    }
    return bits;
}
#else
static uint64_t foreground(const uint8_t *red) {
    uint64_t bits = 0;
    for (int i = 0; i < 64; i++) {
        bool erased = red[i] == 0 || red[i] == BACKGROUND_1 || red[i] == BACKGROUND_2;
        bits |= (uint64_t)!erased << i;
    }
    return bits;
}
#endif

// The difference to the last frame, which `now` takes the place of.
static void difference(UpPong80 *pong80, int instance, const uint64_t now[UP__PONG80_WORDS],
                       UpSparseEntry *entry, uint32_t *count) {
    uint64_t *previous = pong80->previous + (size_t)instance * UP__PONG80_WORDS;
    uint64_t keep = pong80->has_previous[instance] ? UINT64_MAX : 0;
    uint32_t length = 0;
    for (unsigned word = 0; word < UP__PONG80_WORDS; word++) {
        uint64_t changed = (now[word] ^ previous[word]) & keep;
        for (; changed; changed &= changed - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(changed);
            unsigned vanished = (unsigned)(previous[word] >> bit) & 1;
            entry[length++] = (UpSparseEntry)((word * 64 + bit) * 2 + vanished);
        }
        previous[word] = now[word];
    }
    pong80->has_previous[instance] = 1;
    *count = length;
}

void up__pong80_apply(UpPong80 *pong80, int instance, const uint8_t *red, UpSparseEntry *entry,
                      uint32_t *count) {
    uint64_t now[UP__PONG80_WORDS];
    for (size_t word = 0; word < UP__PONG80_WORDS; word++)
        now[word] = foreground(red + 64 * word);
    difference(pong80, instance, now, entry, count);
}

// ---------------------------------------------------------------------------------------------------
// Pictures whose pixels are entries of a palette

void up__pong80_palette(const uint8_t rgb[256][3], uint8_t shown[256]) {
    for (int i = 0; i < 256; i++)
        shown[i] = rgb[i][0] != 0 && rgb[i][0] != BACKGROUND_1 && rgb[i][0] != BACKGROUND_2;
}

// Are 32 pixels, as most are, those of one colour?
static bool is_plain(const uint8_t *pixel) {
    uint64_t part[4], colour = pixel[0] * 0x0101010101010101u;
    memcpy(part, pixel, sizeof part);
    return !((part[0] ^ colour) | (part[1] ^ colour) | (part[2] ^ colour) | (part[3] ^ colour));
}

// 16 of a row's 80 pixels as bits.
static uint64_t sixteen(const uint8_t *pixel, const uint8_t shown[256]) {
    uint64_t bits = 0;
    if (is_plain(pixel)) return shown[pixel[0]] ? 0xFFFF : 0;
    for (int x = 0; x < 16; x++)
        bits |= (uint64_t)shown[pixel[2 * x]] << x;
    return bits;
}

// A row is five groups of 16 pixels, four of which fill a word.
void up__pong80_apply_indexed(UpPong80 *pong80, int instance, const uint8_t shown[256],
                              const UpPong80Picture *picture, UpSparseEntry *entry,
                              uint32_t *count) {
    uint64_t *drawn = pong80->drawn + (size_t)(2 * instance + picture->buffer) * UP__PONG80_WORDS;
    for (int y = 0; y < UP__PONG80_SIDE; y++) {
        const uint8_t *row = picture->pixel + (FIRST_ROW + 2 * y) * UP__ATARI_WIDTH;
        if (picture->touched && !picture->touched[FIRST_ROW + 2 * y]) continue;
        if (picture->touched) picture->touched[FIRST_ROW + 2 * y] = 0;
        for (int part = 0, at = y * UP__PONG80_SIDE; part < 5; part++, at += 16) {
            uint64_t *word = &drawn[at / 64];
            *word = (*word & ~(0xFFFFull << at % 64)) | sixteen(row + 32 * part, shown) << at % 64;
        }
    }
    difference(pong80, instance, drawn, entry, count);
}

// ---------------------------------------------------------------------------------------------------
// Saved state: the frames, then one byte an instance, padded to 8

static size_t frames_size(const UpPong80 *pong80) {
    return (size_t)pong80->instances * UP__PONG80_WORDS * sizeof(uint64_t);
}

size_t up__pong80_state_size(const UpPong80 *pong80) {
    return frames_size(pong80) + ((size_t)pong80->instances + 7) / 8 * 8;
}

void up__pong80_state_save(const UpPong80 *pong80, void *bytes) {
    memset(bytes, 0, up__pong80_state_size(pong80));
    memcpy(bytes, pong80->previous, frames_size(pong80));
    memcpy((char *)bytes + frames_size(pong80), pong80->has_previous, (size_t)pong80->instances);
}

void up__pong80_state_load(UpPong80 *pong80, const void *bytes) {
    memcpy(pong80->previous, bytes, frames_size(pong80));
    memcpy(pong80->has_previous, (const char *)bytes + frames_size(pong80),
           (size_t)pong80->instances);
}
