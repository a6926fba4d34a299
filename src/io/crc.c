// Table-driven, eight bytes a turn: table[k][b] is the checksum of byte b followed by k zero bytes,
// so that the eight look-ups of a turn are independent. Reference: Kounavis and Berry, "A
// Systematic Approach to Building High Performance Software-Based CRC Generators" (2005).
#include "io/crc.h"

#include <pthread.h>

enum { SLICES = 8 };
typedef uint32_t Table[SLICES][256];

static Table crc32_table, crc32c_table;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// `polynomial` with its bits reversed.
static void fill(Table table, uint32_t polynomial) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? polynomial : 0);
        table[0][byte] = crc;
    }
    for (int slice = 1; slice < SLICES; slice++)
        for (int byte = 0; byte < 256; byte++) {
            uint32_t before = table[slice - 1][byte];
            table[slice][byte] = (before >> 8) ^ table[0][before & 255];
        }
}

static void fill_both(void) {
    fill(crc32_table, 0xEDB88320u);
    fill(crc32c_table, 0x82F63B78u);
}

static uint32_t run(Table table, uint32_t crc, const uint8_t *byte, size_t size) {
    crc = ~crc;
    for (; size >= SLICES; byte += SLICES, size -= SLICES) {
        uint32_t low = crc ^ ((uint32_t)byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 |
                              (uint32_t)byte[3] << 24);
        crc = table[7][low & 255] ^ table[6][low >> 8 & 255] ^ table[5][low >> 16 & 255] ^
              table[4][low >> 24] ^ table[3][byte[4]] ^ table[2][byte[5]] ^ table[1][byte[6]] ^
              table[0][byte[7]];
    }
    for (; size > 0; byte++, size--)
        crc = (crc >> 8) ^ table[0][(crc ^ *byte) & 255];
    return ~crc;
}

uint32_t up__crc32(uint32_t crc, const void *bytes, size_t size) {
    pthread_once(&once, fill_both);
    return run(crc32_table, crc, bytes, size);
}

uint32_t up__crc32c(uint32_t crc, const void *bytes, size_t size) {
    pthread_once(&once, fill_both);
    return run(crc32c_table, crc, bytes, size);
}
