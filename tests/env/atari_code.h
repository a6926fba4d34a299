// Random programs for the Atari, as games could have them.
#ifndef UP_TESTS_ENV_ATARI_CODE_H
#define UP_TESTS_ENV_ATARI_CODE_H

#include <string.h>

#include "uphill/random.h"

static uint8_t byte(UpRng *rng) {
    return (uint8_t)up_rng_integers(rng, 0, 256);
}

// An indexed access over the end of a page, of a hot spot or the cartridge's memory, and what cycle
// the next write to the TIA falls on. At most 14 bytes.
static size_t put_crossing(UpRng *rng, uint8_t *code) {
    bool hot = byte(rng) & 1, y = byte(rng) & 1, stores = byte(rng) % 4 == 0;
    uint8_t index = (uint8_t)(0xF0 + byte(rng) % 16);
    int spot = byte(rng) & 1 ? byte(rng) % 28 : 0x16 + byte(rng) % 4;
    int target = hot ? 0xFFE0 + spot : 0xF000 + byte(rng) % 240, base = target - index;
    uint8_t lo = (uint8_t)base, hi = (uint8_t)(base >> 8);
    if (byte(rng) & 1) {
        const uint8_t indexed[] = {y ? 0xA0 : 0xA2,
                                   index,
                                   (uint8_t)((y ? 0xB9 : 0xBD) - 0x20 * stores),
                                   lo,
                                   hi,
                                   0x85,
                                   0x1B};
        memcpy(code, indexed, sizeof indexed);
        return sizeof indexed;
    }
    const uint8_t pointed[] = {
        0xA9, lo,   0x85, 0x90, 0xA9, hi, 0x85, 0x91, 0xA0, index, (uint8_t)(0xB1 - 0x20 * stores),
        0x90, 0x85, 0x1B};
    memcpy(code, pointed, sizeof pointed);
    return sizeof pointed;
}

// A shift of a byte in memory, then something else, then a look at the flags it left. 10 bytes.
static size_t put_shift(UpRng *rng, uint8_t *code) {
    static const uint8_t values[] = {0x00, 0x01, 0x40, 0x80, 0xFF};
    uint8_t place = 0x80 | byte(rng), value = values[byte(rng) % sizeof values];
    const uint8_t shift[] = {0xA9,
                             value,
                             0x85,
                             place,
                             0xA9,
                             (uint8_t)(byte(rng) & 0x81),
                             (uint8_t)(0x06 | (byte(rng) & 0x60)),
                             place};
    memcpy(code, shift, sizeof shift);
    code[8] = byte(rng) & 1 ? 0xEA : 0x08; // NOP or PHP
    code[9] = 0x08;
    return sizeof shift + 2;
}

// Accesses to what lies below a cartridge's code, its RAM or display. At most 12 bytes.
static size_t put_cartridge(UpRng *rng, uint8_t *code) {
    static const uint8_t direct[] = {0xAD, 0x8D, 0x9D, 0x99, 0xBD, 0xB9, 0xCD,
                                     0x2C, 0xAE, 0x8E, 0x8C, 0x7D, 0xBE, 0xAF};
    uint8_t low = byte(rng);
    if (byte(rng) & 1) low &= 0x1F;           // fetchers of the display
    if (byte(rng) % 8 == 0) low = 0x58 | low; // and what sets them
    if (byte(rng) & 1) {
        const uint8_t access[] = {direct[byte(rng) % sizeof direct], low, 0xF0, 0x08, 0x85, 0x94};
        memcpy(code, access, sizeof access);
        return sizeof access;
    }
    const uint8_t pointed[] = {
        0xA9, low,  0x85, 0x92, 0xA9, 0xF0, 0x85, 0x93, byte(rng) & 1 ? 0xB1 : 0x91,
        0x92, 0x85, 0x94};
    memcpy(code, pointed, sizeof pointed);
    return sizeof pointed;
}

// A display's fetcher at its top or bottom, then read; it may make music. 15 bytes.
static size_t put_fetcher(UpRng *rng, uint8_t *code) {
    uint8_t i = byte(rng) % 8, music = byte(rng) & 0x10, read = byte(rng) & 0x18;
    if (music) i = 5 + byte(rng) % 3, read &= 0x08;
    const uint8_t set[] = {0xA9, (uint8_t)(music | (byte(rng) & 7)), // value
                           0x8D, (uint8_t)(0x58 | i),
                           0xF0, // music, high bits of the counter
                           0x8D, (uint8_t)(0x40 | (byte(rng) & 8) | i),
                           0xF0, // top or bottom
                           0x8D, (uint8_t)(0x50 | i),
                           0xF0, // counter
                           0xAD, (uint8_t)(read | i),
                           0xF0, 0x48};
    memcpy(code, set, sizeof set);
    return sizeof set;
}

// A loop of so many instructions that a frame may not end in it, after something that draws. 14
// bytes.
static size_t put_thought(UpRng *rng, uint8_t *code) {
    static const uint8_t last[] = {0x02, 0x04, 0x05, 0x06, 0x0B, 0x0D, 0x0E, 0x1B, 0x2A, 0x3A};
    uint8_t step = byte(rng) & 1 ? 0xCA : 0xE8, loop = byte(rng) & 1 ? 0xD0 : 0x10;
    const uint8_t thought[] = {byte(rng) & 1 ? 0x85 : 0xA5,
                               last[byte(rng) % sizeof last],
                               0xA0,
                               byte(rng) % 128,
                               0xA2,
                               byte(rng) % 128,
                               step,
                               loop,
                               0xFD,
                               0xE6,
                               0x96,
                               0x88,
                               0xD0,
                               0xF8};
    memcpy(code, thought, sizeof thought);
    return sizeof thought;
}

// Code that runs in RAM and may change itself; its last three bytes are to lead on. Returns its
// length, at most `most`.
static size_t write_ram(UpRng *rng, uint8_t *code, size_t most) {
    static const uint8_t one[] = {0xCA, 0xC8, 0x18, 0x48, 0x68, 0x08, 0x0A, 0xAA, 0xF8, 0xD8};
    static const uint8_t two[] = {0xA9, 0x69, 0x85, 0xA5, 0xE6, 0xE6, 0xC6, 0xB5, 0x95,
                                  0xB1, 0x91, 0xA2, 0xA0, 0x29, 0x86, 0x06, 0xC9, 0xC9};
    static const uint8_t three[] = {0xAD, 0xBD, 0xB9, 0x8D, 0x9D, 0x99, 0x7D, 0xCD, 0xBE, 0xEE};
    static const uint8_t branches[] = {0xD0, 0xF0, 0x90, 0x10};
    size_t at = 0;
    while (at + 8 <= most) {
        uint8_t length = 1 + byte(rng) % 3;
        code[at] = length == 1   ? one[byte(rng) % sizeof one]
                   : length == 2 ? two[byte(rng) % sizeof two]
                                 : three[byte(rng) % sizeof three];
        code[at + 1] = byte(rng) & 1 ? byte(rng) & 0x0F : 0xA0 | (byte(rng) & 0x1F);
        code[at + 2] = byte(rng) & 1 ? 0xF0 | byte(rng) : byte(rng) & 1;
        if (byte(rng) % 8 == 0) code[at + 1] = 0xF4 + byte(rng) % 8, code[at + 2] = 0xFF;
        at += length;
        if (byte(rng) % 4) continue;
        code[at++] = branches[byte(rng) % sizeof branches];
        code[at++] = byte(rng) & 3;
    }
    return at + 3;
}

// Copies such code and runs it, or calls it twice, with another byte in it. At most 50 bytes; `at`
// is where in the bank.
static size_t put_ram(UpRng *rng, uint8_t *code, size_t at) {
    enum { HEAD = 23, MOST = 27 };
    bool call = byte(rng) & 1;
    uint8_t to = byte(rng) & 1 ? 0xA0 : 0x80, high = byte(rng) & 1;
    size_t length = write_ram(rng, code + HEAD, 8 + byte(rng) % (MOST - 7));
    size_t from = 0xF000 | (at + HEAD), next = from + length;
    const uint8_t jump = call ? 0x20 : 0x4C, put = byte(rng) & 1 ? 0x08 : byte(rng); // often PHP
    const uint8_t head[HEAD] = {0xA2,
                                (uint8_t)(length - 1), // LDX
                                0xBD,
                                (uint8_t)from,
                                (uint8_t)(from >> 8), // LDA, X
                                0x95,
                                to,
                                0xCA,
                                0x10,
                                0xF8, // STA, X; DEX; BPL
                                jump,
                                to,
                                high,
                                0xA9,
                                put,
                                0x85,
                                (uint8_t)(to + byte(rng) % (length - 3)),
                                jump,
                                to,
                                high,
                                0x4C,
                                (uint8_t)next,
                                (uint8_t)(next >> 8)};
    const uint8_t tail[] = {call ? 0x60 : 0x4C, (uint8_t)next, (uint8_t)(next >> 8)};
    memcpy(code, head, sizeof head);
    memcpy(code + HEAD + length - 3, tail, sizeof tail);
    return HEAD + length;
}

// The status from a byte on the stack, and what it does to arithmetic. 5 bytes.
static size_t put_status(UpRng *rng, uint8_t *code) {
    const uint8_t pull[] = {0xA9, byte(rng), 0x48, 0x28, 0x08};
    memcpy(code, pull, sizeof pull);
    return sizeof pull;
}

// A jump through a pointer in RAM, by one of its addresses, a little forward or anywhere. 11 bytes.
static size_t put_indirect(UpRng *rng, uint8_t *code, size_t at) {
    size_t to = byte(rng) % 8 ? at + 11 + byte(rng) % 16 : (size_t)byte(rng) << 8 | byte(rng);
    uint8_t pointer = byte(rng) % 4 ? 0x80 | (byte(rng) & 0x7E) : 0xFF;
    const uint8_t jump[] = {0xA9,         (uint8_t)to,
                            0x85,         pointer,
                            0xA9,         (uint8_t)(0xF0 | to >> 8),
                            0x85,         (uint8_t)(pointer + 1),
                            0x6C,         pointer,
                            byte(rng) & 1};
    memcpy(code, jump, sizeof jump);
    return sizeof jump;
}

// Decimal arithmetic on any digits, and a look at its flags. 12 bytes.
static size_t put_decimal(UpRng *rng, uint8_t *code) {
    const uint8_t sum[] = {0xF8,      byte(rng) & 1 ? 0x18 : 0x38, 0xA9,
                           byte(rng), byte(rng) & 1 ? 0x69 : 0xE9, byte(rng),
                           0x08,      byte(rng) & 1 ? 0x65 : 0xF5, 0x80 | byte(rng),
                           0x08,      byte(rng) & 3 ? 0xD8 : 0xEA, 0x48};
    memcpy(code, sum, sizeof sum);
    return sizeof sum;
}

// A read or write of a hot spot, where there are banks, but for two by which banks are told to be
// an E0 cartridge's. 3 bytes.
static size_t put_switch(UpRng *rng, uint8_t *code) {
    static const uint8_t ways[] = {0xAD, 0x8D, 0x2C, 0xAE, 0x8C};
    code[0] = ways[byte(rng) % sizeof ways];
    code[1] = (uint8_t)(byte(rng) & 1 ? 0xE0 + byte(rng) % 32 : 0xF6 + byte(rng) % 4);
    if (code[1] == 0xE9 || code[1] == 0xED) code[1]--;
    code[2] = 0xFF;
    return 3;
}

// Code that a game could have: loads, stores to the TIA, waits, subroutines, a VSYNC now and then,
// and some bytes that are anything; often at what a cartridge has beside code. Every bank starts
// the same way and ends with vectors.
static void write_program(UpRng *rng, uint8_t *bank, size_t size, bool has_more) {
    static const uint8_t registers[] = {
        0x02, 0x02, 0x02, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F,
        0x10, 0x11, 0x12, 0x13, 0x14, 0x1B, 0x1C, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F, 0x20, 0x21, 0x22,
        0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x2C, 0x01, 0x15, 0x3A};
    static const uint8_t alone[] = {0x88, 0xCA, 0xE8, 0xC8, 0xAA, 0xA8, 0x8A, 0x98,
                                    0x18, 0x38, 0x0A, 0x4A, 0x2A, 0x6A, 0x48, 0x68,
                                    0x08, 0x28, 0xEA, 0xBA, 0xD8, 0xF8, 0x9A, 0x68};
    static const uint8_t ports[] = {0xA5, 0xA5, 0xE6, 0xC6};
    static const uint8_t page_zero[] = {0xA5, 0xA6, 0xA4, 0x85, 0x86, 0x84, 0xE6, 0xC6, 0x06,
                                        0x46, 0x26, 0x66, 0x65, 0xE5, 0xC5, 0x25, 0x05, 0x45,
                                        0x24, 0xE4, 0xC4, 0xA7, 0xC7, 0xE7, 0x87, 0x04, 0xB5,
                                        0x95, 0xD6, 0xF6, 0xB1, 0xA1, 0x91, 0x75, 0x55};
    static const uint8_t far[] = {0xBD, 0xB9, 0xAD, 0x8D, 0x9D, 0x99, 0x7D, 0xDD, 0x2C,
                                  0xBE, 0xBC, 0xCD, 0xAE, 0xAC, 0x5D, 0x1D, 0xEE, 0xFE,
                                  0x0C, 0x1C, 0xCE, 0x0E, 0x4E, 0x2E, 0x6E};
    static const uint8_t compares[] = {0xC5, 0xE4, 0xC4, 0xC9, 0xE0, 0xC0, 0x24, 0xE6, 0xC6, 0x06,
                                       0x46, 0x26, 0x66, 0x29, 0x65, 0xE5, 0x69, 0xE9, 0xA5, 0xB1};
    size_t at = 0, end = size - 16;
#define PUT(value) bank[at++] = (uint8_t)(value)
    while (at < end) {
        switch (byte(rng) % (has_more ? 29 : 22)) {
        case 0:
        case 1:
        case 2:
        case 3: // LDA #, STA register
            PUT(0xA9), PUT(byte(rng)), PUT(0x85);
            PUT(registers[byte(rng) % sizeof registers]);
            break;
        case 4:
        case 5:
            PUT(0x85 + (byte(rng) & 1)), PUT(registers[byte(rng) % sizeof registers]);
            break;
        case 6:
        case 7:
            PUT(alone[byte(rng) % sizeof alone]);
            break;
        case 8:
        case 9:
            PUT(page_zero[byte(rng) % sizeof page_zero]), PUT(0x80 | byte(rng));
            break;
        case 10: // far, sometimes at a port or a hot spot
            PUT(far[byte(rng) % sizeof far]), PUT(byte(rng));
            PUT(byte(rng) & 3 ? 0xF0 | byte(rng) : byte(rng) & 3);
            break;
        case 11: // branch forward, once or on several flags of one result
            if (byte(rng) & 1) PUT(compares[byte(rng) % sizeof compares]), PUT(byte(rng) | 0x80);
            do
                PUT(0x10 | (byte(rng) & 0xE0)), PUT(byte(rng) % 24);
            while (byte(rng) & 1 && at < end);
            break;
        case 12: // count down, or wait for the timer
            if (byte(rng) & 1) {
                PUT(0xA0 | (byte(rng) & 2)), PUT(byte(rng) % 40);
                PUT(byte(rng) & 1 ? 0xCA : 0x88), PUT(byte(rng) & 1 ? 0xD0 : 0x10), PUT(0xFD);
            } else {
                PUT(0xA9), PUT(byte(rng) % 32), PUT(0x8D), PUT(0x94 | (byte(rng) & 3)), PUT(0x02);
                PUT(0xAD), PUT(0x84 | (byte(rng) & 1)), PUT(0x02), PUT(byte(rng) & 1 ? 0xD0 : 0x10);
                PUT(0xFB);
            }
            break;
        case 13: // VSYNC for three lines
            if (byte(rng) & 1) break;
            PUT(0xA9), PUT(2), PUT(0x85), PUT(0), PUT(0x85), PUT(2), PUT(0x85), PUT(2);
            PUT(0x85), PUT(2), PUT(0xA9), PUT(0), PUT(0x85), PUT(0);
            break;
        case 14:
            if (byte(rng) & 1)
                PUT(0x20), PUT(byte(rng)), PUT(0xF0 | byte(rng));
            else
                PUT(ports[byte(rng) % sizeof ports]), PUT(0x30 | byte(rng) % 16 | (byte(rng) & 14)),
                    PUT(0x08);
            break;
        case 15:
            if (byte(rng) & 1) at += put_switch(rng, bank + at);
            at += put_crossing(rng, bank + at);
            break;
        case 16:
            at += put_shift(rng, bank + at);
            break;
        case 17:
            at += put_status(rng, bank + at);
            break;
        case 18:
            at += put_indirect(rng, bank + at, at);
            break;
        case 19:
            at += put_decimal(rng, bank + at);
            break;
        case 20:
            if (at + 50 < end && byte(rng) & 1) at += put_ram(rng, bank + at, at);
            if (byte(rng) & 1) at += put_switch(rng, bank + at);
            break;
        case 21:
            if (byte(rng) & 1)
                PUT(byte(rng));
            else if (byte(rng) % 4 == 0)
                at += put_thought(rng, bank + at);
            break;
        case 22:
            at += put_fetcher(rng, bank + at);
            break;
        default:
            at += put_cartridge(rng, bank + at);
            break;
        }
    }
#undef PUT
    for (at = end; at < size; at += 2) {
        bank[at] = byte(rng);
        bank[at + 1] = 0xF0 | (byte(rng) & 7);
    }
}

#endif
