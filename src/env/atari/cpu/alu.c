// Addition and subtraction, binary and decimal, with the flags of the original.
#include "env/atari/cpu/alu.h"

uint8_t up__alu_adc(uint8_t *p, uint8_t a, uint8_t m) {
    int carry = *p & UP__C;
    int sum = a + m + carry;
    uint8_t result = (uint8_t)sum;
    if (*p & UP__D) {
        sum = up__bcd_value(a) + up__bcd_value(m) + carry;
        result = up__bcd_digits(sum & 0xFF);
        *p = up__alu_set(*p, UP__C, sum > 99);
        *p = up__alu_set(*p, UP__V, ((a ^ result) & (result ^ m)) & 0x80);
        return result;
    }
    *p = up__alu_set(*p, UP__C, sum > 255);
    *p = up__alu_set(*p, UP__V, ((a ^ result) & (result ^ m)) & 0x80);
    return result;
}

uint8_t up__alu_sbc(uint8_t *p, uint8_t a, uint8_t m) {
    int borrow = ~*p & UP__C;
    if (!(*p & UP__D)) return up__alu_adc(p, a, (uint8_t)~m);
    int difference = up__bcd_value(a) - up__bcd_value(m) - borrow;
    if (difference < 0) difference += 100;
    uint8_t result =
        difference < 0 ? (uint8_t)up__bcd_value(256 + difference) : up__bcd_digits(difference);
    *p = up__alu_set(*p, UP__C, a >= m + borrow);
    *p = up__alu_set(*p, UP__V, ((a ^ result) & (result ^ m)) & 0x80);
    return result;
}

uint8_t up__alu_arr(uint8_t *p, uint8_t v) {
    uint8_t a = (uint8_t)(v >> 1 | (*p & UP__C) << 7);
    uint8_t flags = up__alu_nz(*p, a);
    if (!(*p & UP__D)) {
        flags = up__alu_set(flags, UP__C, a & 0x40);
        *p = up__alu_set(flags, UP__V, (a >> 6 ^ a >> 5) & 1);
        return a;
    }
    flags = up__alu_set(flags, UP__N, *p & UP__C);
    flags = up__alu_set(flags, UP__V, (v ^ a) & 0x40);
    if ((v & 15) + (v & 1) > 5) a = (uint8_t)((a & 0xF0) | ((a + 6) & 15));
    int high = (v & 0xF0) + (v & 0x10) > 0x50;
    if (high) a = (uint8_t)(a + 0x60);
    *p = up__alu_set(flags, UP__C, high);
    return a;
}
