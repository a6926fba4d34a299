// Arithmetic of the 6507 on packed status bytes.
#ifndef UP_ENV_ATARI_ALU_H
#define UP_ENV_ATARI_ALU_H

#include <stdint.h>

enum { UP__C = 1, UP__Z = 2, UP__I = 4, UP__D = 8, UP__B = 0x30, UP__V = 0x40, UP__N = 0x80 };

static inline uint8_t up__alu_nz(uint8_t p, uint8_t value) {
    return (uint8_t)((p & ~(UP__N | UP__Z)) | (value & UP__N) | (value ? 0 : UP__Z));
}

static inline uint8_t up__alu_set(uint8_t p, uint8_t flag, int on) {
    return (uint8_t)(on ? p | flag : p & ~flag);
}

// Two decimal digits as a number; digits above 9 count what they count.
static inline int up__bcd_value(int byte) {
    return 10 * (byte >> 4) + (byte & 15);
}

static inline uint8_t up__bcd_digits(int n) {
    return (uint8_t)((n / 10 % 10) << 4 | n % 10);
}

// The sum or difference; carry and overflow go to *p, N and Z to neither.
uint8_t up__alu_adc(uint8_t *p, uint8_t a, uint8_t m);
uint8_t up__alu_sbc(uint8_t *p, uint8_t a, uint8_t m);
// ARR, after the AND: every flag goes to *p.
uint8_t up__alu_arr(uint8_t *p, uint8_t v);

#endif
