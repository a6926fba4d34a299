// Writes x86-64 instructions, those that translated code uses. Registers are 32 bits wide unless
// the name says otherwise. What sets no flags: load, store, set, mov, lea, setcc.
#ifndef UP_ENV_ATARI_JIT_X86_H
#define UP_ENV_ATARI_JIT_X86_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    NO_INDEX = -1
};

// Arithmetic, by its place in the opcode table; shifts likewise.
enum { X_ADD, X_OR, X_ADC, X_SBB, X_AND, X_SUB, X_XOR, X_CMP };
enum { X_RCL = 2, X_RCR, X_SHL, X_SHR };
enum { X_O, X_NO, X_B, X_AE, X_E, X_NE, X_BE, X_A, X_S, X_NS, X_P, X_GE = 13 };

typedef struct X86Mem {
    int base, index, scale; // 1 << scale
    int32_t disp;
} X86Mem;

// Code in a buffer; it will run at `home`. What no longer fits is lost, and `full`.
typedef struct X86 {
    uint8_t *begin, *at, *end;
    const uint8_t *home;
    bool full;
} X86;

static inline X86Mem x86_at(int base, int32_t disp) {
    return (X86Mem){base, NO_INDEX, 0, disp};
}

static inline X86Mem x86_indexed(int base, int index, int32_t disp) {
    return (X86Mem){base, index, 0, disp};
}

static inline void x86_byte(X86 *x, unsigned byte) {
    if (x->at < x->end)
        *x->at++ = (uint8_t)byte;
    else
        x->full = true;
}

static inline void x86_dword(X86 *x, uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8)
        x86_byte(x, value >> shift);
}

static inline void x86_prefix_opcode(X86 *x, unsigned opcode, unsigned rex) {
    if (rex) x86_byte(x, 0x40 | rex);
    if (opcode > 0xFF) x86_byte(x, opcode >> 8);
    x86_byte(x, opcode & 0xFF);
}

enum { X_WIDE = 8, X_BYTE = 0x40 }; // operand sizes other than 32 bits

// An instruction on a register (or an extension of the opcode) and memory.
static inline void x86_mem(X86 *x, unsigned opcode, int reg, X86Mem m, unsigned size) {
    int index = m.index == NO_INDEX ? 4 : m.index;
    unsigned rex = (size & X_WIDE) | (unsigned)(reg >> 3) << 2 | (unsigned)(m.base >> 3);
    if (m.index != NO_INDEX) rex |= (unsigned)(index >> 3) << 1;
    if (size & X_BYTE && reg >= RSP) rex |= 0x40;
    x86_prefix_opcode(x, opcode, rex);
    bool sib = m.index != NO_INDEX || (m.base & 7) == RSP;
    unsigned mod = m.disp == 0 && (m.base & 7) != RBP ? 0 : m.disp == (int8_t)m.disp ? 1 : 2;
    x86_byte(x, mod << 6 | (unsigned)(reg & 7) << 3 | (unsigned)(sib ? 4 : m.base & 7));
    if (sib)
        x86_byte(x, (unsigned)m.scale << 6 | (unsigned)(index & 7) << 3 | (unsigned)(m.base & 7));
    if (mod == 1) x86_byte(x, (unsigned)m.disp);
    if (mod == 2) x86_dword(x, (uint32_t)m.disp);
}

// An instruction on two registers, or on one and an extension of the opcode.
static inline void x86_reg(X86 *x, unsigned opcode, int reg, int rm, unsigned size) {
    unsigned rex = (size & X_WIDE) | (unsigned)(reg >> 3) << 2 | (unsigned)(rm >> 3);
    if (size & X_BYTE && (reg >= RSP || rm >= RSP)) rex |= 0x40;
    x86_prefix_opcode(x, opcode, rex);
    x86_byte(x, 0xC0 | (unsigned)(reg & 7) << 3 | (unsigned)(rm & 7));
}

// ---------------------------------------------------------------------------------------------------
// Moves

static inline void x86_load8(X86 *x, int reg, X86Mem m) { // zero-extended, as load16
    x86_mem(x, 0x0FB6, reg, m, 0);
}

static inline void x86_load16(X86 *x, int reg, X86Mem m) {
    x86_mem(x, 0x0FB7, reg, m, 0);
}

static inline void x86_load(X86 *x, int reg, X86Mem m) {
    x86_mem(x, 0x8B, reg, m, 0);
}

static inline void x86_load64(X86 *x, int reg, X86Mem m) {
    x86_mem(x, 0x8B, reg, m, X_WIDE);
}

static inline void x86_store8(X86 *x, X86Mem m, int reg) {
    x86_mem(x, 0x88, reg, m, X_BYTE);
}

static inline void x86_store16(X86 *x, X86Mem m, int reg) {
    x86_byte(x, 0x66);
    x86_mem(x, 0x89, reg, m, 0);
}

static inline void x86_store(X86 *x, X86Mem m, int reg) {
    x86_mem(x, 0x89, reg, m, 0);
}

static inline void x86_store64(X86 *x, X86Mem m, int reg) {
    x86_mem(x, 0x89, reg, m, X_WIDE);
}

static inline void x86_store_constant(X86 *x, X86Mem m, uint32_t value) {
    x86_mem(x, 0xC7, 0, m, 0);
    x86_dword(x, value);
}

static inline void x86_store8_constant(X86 *x, X86Mem m, unsigned value) {
    x86_mem(x, 0xC6, 0, m, 0);
    x86_byte(x, value);
}

static inline void x86_mov(X86 *x, int to, int from) {
    x86_reg(x, 0x8B, to, from, 0);
}

static inline void x86_mov64(X86 *x, int to, int from) {
    x86_reg(x, 0x8B, to, from, X_WIDE);
}

static inline void x86_zero_extend8(X86 *x, int to, int from) {
    x86_reg(x, 0x0FB6, to, from, X_BYTE);
}

static inline void x86_sign_extend8(X86 *x, int to, int from) { // to 64 bits
    x86_reg(x, 0x0FBE, to, from, X_WIDE);
}

static inline void x86_set(X86 *x, int reg, uint32_t value) {
    x86_prefix_opcode(x, 0xB8u + (reg & 7), (unsigned)(reg >> 3));
    x86_dword(x, value);
}

static inline void x86_set64(X86 *x, int reg, uint64_t value) {
    x86_prefix_opcode(x, 0xB8u + (reg & 7), X_WIDE | (unsigned)(reg >> 3));
    x86_dword(x, (uint32_t)value);
    x86_dword(x, (uint32_t)(value >> 32));
}

static inline void x86_lea(X86 *x, int reg, X86Mem m) {
    x86_mem(x, 0x8D, reg, m, 0);
}

static inline void x86_lea64(X86 *x, int reg, X86Mem m) {
    x86_mem(x, 0x8D, reg, m, X_WIDE);
}

static inline void x86_setcc(X86 *x, int condition, int reg) {
    x86_reg(x, 0x0F90u + (unsigned)condition, 0, reg, X_BYTE);
}

// ---------------------------------------------------------------------------------------------------
// Arithmetic

static inline void x86_alu8(X86 *x, int operation, int to, int from) {
    x86_reg(x, (unsigned)operation << 3 | 2, to, from, X_BYTE);
}

static inline void x86_alu8_mem(X86 *x, int operation, int to, X86Mem m) {
    x86_mem(x, (unsigned)operation << 3 | 2, to, m, X_BYTE);
}

static inline void x86_alu8_constant(X86 *x, int operation, int to, unsigned value) {
    x86_reg(x, 0x80, operation, to, X_BYTE);
    x86_byte(x, value);
}

static inline void x86_alu(X86 *x, int operation, int to, int from) {
    x86_reg(x, (unsigned)operation << 3 | 3, to, from, 0);
}

static inline void x86_alu64(X86 *x, int operation, int to, int from) {
    x86_reg(x, (unsigned)operation << 3 | 3, to, from, X_WIDE);
}

static inline void x86_alu_mem(X86 *x, int operation, int to, X86Mem m) {
    x86_mem(x, (unsigned)operation << 3 | 3, to, m, 0);
}

static inline void x86_alu_constant(X86 *x, int operation, int to, int32_t value) {
    bool small = value == (int8_t)value;
    x86_reg(x, small ? 0x83 : 0x81, operation, to, 0);
    if (small)
        x86_byte(x, (unsigned)value);
    else
        x86_dword(x, (uint32_t)value);
}

static inline void x86_compare_mem(X86 *x, X86Mem m, int reg) {
    x86_mem(x, 0x39, reg, m, 0);
}

// Of a dword in memory and a small constant.
static inline void x86_alu_mem_constant(X86 *x, int operation, X86Mem m, int value) {
    x86_mem(x, 0x83, operation, m, 0);
    x86_byte(x, (unsigned)value);
}

static inline void x86_compare8_mem_constant(X86 *x, X86Mem m, unsigned value) {
    x86_mem(x, 0x80, X_CMP, m, 0);
    x86_byte(x, value);
}

static inline void x86_compare16_mem_constant(X86 *x, X86Mem m, unsigned value) {
    x86_byte(x, 0x66);
    x86_mem(x, 0x81, X_CMP, m, 0);
    x86_byte(x, value & 0xFF);
    x86_byte(x, value >> 8);
}

static inline void x86_add64_constant(X86 *x, int to, int value) {
    x86_reg(x, 0x83, X_ADD, to, X_WIDE);
    x86_byte(x, (unsigned)value);
}

static inline void x86_test(X86 *x, int a, int b) {
    x86_reg(x, 0x85, b, a, 0);
}

static inline void x86_test64(X86 *x, int a, int b) {
    x86_reg(x, 0x85, b, a, X_WIDE);
}

static inline void x86_test8(X86 *x, int a, int b) {
    x86_reg(x, 0x84, b, a, X_BYTE);
}

static inline void x86_test_constant(X86 *x, int reg, uint32_t value) {
    x86_reg(x, 0xF7, 0, reg, 0);
    x86_dword(x, value);
}

static inline void x86_inc8(X86 *x, int reg, bool down) {
    x86_reg(x, 0xFE, down, reg, X_BYTE);
}

static inline void x86_inc8_mem(X86 *x, X86Mem m, bool down) {
    x86_mem(x, 0xFE, down, m, 0);
}

static inline void x86_shift8(X86 *x, int operation, int reg) { // by one
    x86_reg(x, 0xD0, operation, reg, X_BYTE);
}

static inline void x86_shift(X86 *x, int operation, int reg, unsigned count) {
    x86_reg(x, 0xC1, operation, reg, 0);
    x86_byte(x, count);
}

static inline void x86_sar_by_cl(X86 *x, int reg) {
    x86_reg(x, 0xD3, 7, reg, 0);
}

static inline void x86_bit_to_carry(X86 *x, int reg, unsigned bit) {
    x86_reg(x, 0x0FBA, 4, reg, 0);
    x86_byte(x, bit);
}

static inline void x86_multiply(X86 *x, int to, int from, int32_t factor) {
    x86_reg(x, 0x69, to, from, 0);
    x86_dword(x, (uint32_t)factor);
}

static inline void x86_set_carry(X86 *x, bool carry) {
    x86_byte(x, carry ? 0xF9 : 0xF8);
}

// ---------------------------------------------------------------------------------------------------
// Jumps. A place to be filled in is the end of its four bytes.

enum { X_JUMP = -1, X_CALL = -2 }; // beside conditions

static inline uint8_t *x86_jump(X86 *x, int condition) {
    if (condition == X_JUMP)
        x86_byte(x, 0xE9);
    else if (condition == X_CALL)
        x86_byte(x, 0xE8);
    else
        x86_byte(x, 0x0F), x86_byte(x, 0x80u + (unsigned)condition);
    x86_dword(x, 0);
    return x->at;
}

// Where code written at `at` will be.
static inline const uint8_t *x86_home(const X86 *x, const uint8_t *at) {
    return x->home + (at - x->begin);
}

static inline void x86_lead(const X86 *x, uint8_t *place, const uint8_t *to) {
    if (x->full) return;
    int32_t distance = (int32_t)(to - x86_home(x, place));
    memcpy(place - 4, &distance, 4);
}

static inline void x86_lead_here(const X86 *x, uint8_t *place) {
    x86_lead(x, place, x86_home(x, x->at));
}

static inline void x86_jump_register(X86 *x, int reg) {
    x86_reg(x, 0xFF, 4, reg, 0);
}

static inline void x86_call_register(X86 *x, int reg) {
    x86_reg(x, 0xFF, 2, reg, 0);
}

static inline void x86_push(X86 *x, int reg) {
    x86_prefix_opcode(x, 0x50u + (reg & 7), (unsigned)(reg >> 3));
}

static inline void x86_pop(X86 *x, int reg) {
    x86_prefix_opcode(x, 0x58u + (reg & 7), (unsigned)(reg >> 3));
}

static inline void x86_return(X86 *x) {
    x86_byte(x, 0xC3);
}

#endif
