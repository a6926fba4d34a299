// MD5 after RFC 1321. Its 64 constants are the first 32 bits behind the point of |sin(i + 1)|.
#include "env/atari/game/md5.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 64, LENGTH_AT = 56 };

static uint32_t turn_left(uint32_t x, int n) {
    return x << n | x >> (32 - n);
}

static void digest_block(uint32_t state[4], const uint8_t *block) {
    static const uint8_t shift[4][4] = {
        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    for (int i = 0; i < 64; i++) {
        uint32_t f;
        int word;
        if (i < 16)
            f = (b & c) | (~b & d), word = i;
        else if (i < 32)
            f = (d & b) | (~d & c), word = (5 * i + 1) % 16;
        else if (i < 48)
            f = b ^ c ^ d, word = (3 * i + 5) % 16;
        else
            f = c ^ (b | ~d), word = 7 * i % 16;
        const uint8_t *at = block + 4 * word;
        uint32_t value =
            (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        uint32_t sine = (uint32_t)(fabs(sin(i + 1)) * 4294967296.0);
        uint32_t next = b + turn_left(a + f + value + sine, shift[i / 16][i % 4]);
        a = d;
        d = c;
        c = b;
        b = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

void up__md5(const void *bytes, size_t size, char text[UP__MD5_TEXT]) {
    uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    size_t whole = size / BLOCK * BLOCK, rest = size - whole;
    for (size_t i = 0; i < whole; i += BLOCK)
        digest_block(state, (const uint8_t *)bytes + i);

    // the rest, a one bit, zeros, and the length in bits
    uint8_t last[2 * BLOCK] = {0};
    memcpy(last, (const uint8_t *)bytes + whole, rest);
    last[rest] = 0x80;
    size_t end = rest < LENGTH_AT ? BLOCK : 2 * BLOCK;
    for (int i = 0; i < 8; i++)
        last[end - 8 + (size_t)i] = (uint8_t)((uint64_t)size * 8 >> (8 * i));
    for (size_t i = 0; i < end; i += BLOCK)
        digest_block(state, last + i);

    for (int i = 0; i < 16; i++)
        snprintf(text + 2 * i, 3, "%02x", (unsigned)(state[i / 4] >> (8 * (i % 4)) & 255));
}
