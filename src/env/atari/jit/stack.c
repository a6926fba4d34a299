// The stack: pushes, pulls, BRK, RTS and RTI. And jumps to where RAM says.
#include "env/atari/jit/ops.h"

void up__jit_push_a(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    w->s.cycles++;
    x86_test8(x, REG_SP, REG_SP);
    UpJitDetour *d = up__jit_detour(w, DETOUR_WRITE, X_NS, i);
    d->address = REG_SP;
    x86_store8(x, x86_indexed(REG_RAM, REG_SP, -0x80), REG_A);
    d->back = x->at;
    x86_inc8(x, REG_SP, true);
}

// EDX |= bit, if the condition holds.
static void put_flag(X86 *x, int condition, unsigned bit) {
    x86_setcc(x, condition, RCX);
    x86_zero_extend8(x, RCX, RCX);
    x86_shift(x, X_SHL, RCX, bit);
    x86_alu(x, X_OR, RDX, RCX);
}

// The status in EDX. All is settled.
static void pack_status(X86 *x) {
    x86_load(x, RDX, FRAME(mode));
    x86_alu(x, X_OR, RDX, REG_CARRY);
    x86_test(x, REG_V, REG_V);
    put_flag(x, X_NE, 6);
    x86_test8(x, REG_NZ, REG_NZ);
    put_flag(x, X_E, 1);
    x86_test_constant(x, REG_NZ, 0x180);
    put_flag(x, X_NE, 7);
}

void up__jit_push_status(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    w->s.cycles++;
    up__jit_settle(x, &w->s, LIVE_ALL);
    pack_status(x);
    x86_lea(x, RCX, x86_at(REG_SP, 0x100));
    up__jit_call(w, CALL_WRITE, 0);
    x86_inc8(x, REG_SP, true);
    up__jit_after_write(w, i);
}

void up__jit_pull_a(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    w->s.cycles += 2;
    x86_lea(x, RAX, x86_at(REG_SP, -0x80));
    x86_alu_constant(x, X_CMP, RAX, 0x7E);
    UpJitDetour *other = up__jit_detour(w, DETOUR_PULL, X_A, i);
    x86_inc8(x, REG_SP, false);
    x86_load8(x, REG_A, x86_indexed(REG_RAM, REG_SP, -0x80));
    other->back = x->at;
    up__jit_set_nz(w, REG_A, false);
}

// Where the code for the 6502's address in RAX begins, into RCX.
static void find_code(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    x86_load64(x, RCX, FRAME(entry));
    x86_load64(x, RCX, (X86Mem){RCX, RAX, 3, 0});
    x86_test64(x, RCX, RCX);
    up__jit_detour(w, DETOUR_LEAVE, X_E, i);
}

// The end of a return, with the code's address in RCX.
static void go_on(UpJitWork *w) {
    up__jit_settle(&w->x, &w->s, LIVE_ALL);
    x86_alu_mem(&w->x, X_CMP, REG_CYCLE, FRAME(limit));
    x86_lead(&w->x, x86_jump(&w->x, X_GE), w->jit->leave);
    x86_jump_register(&w->x, RCX);
}

void up__jit_write_return(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    x86_lea(x, RAX, x86_at(REG_SP, -0x80));
    x86_alu_constant(x, X_CMP, RAX, 0x7D);
    up__jit_detour(w, DETOUR_LEAVE, X_A, i);
    x86_load16(x, RAX, x86_indexed(REG_RAM, REG_SP, -0x7F));
    x86_alu_constant(x, X_ADD, RAX, 1);
    x86_test_constant(x, RAX, 0xFFF);
    up__jit_detour(w, DETOUR_LEAVE, X_E, i);
    find_code(w, i);
    x86_alu8_constant(x, X_ADD, REG_SP, 2);
    w->s.cycles += 6;
    go_on(w);
}

void up__jit_write_break(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    x86_alu8_constant(x, X_CMP, REG_SP, 0x82);
    up__jit_detour(w, DETOUR_LEAVE, X_B, i);
    w->s.cycles += 7;
    up__jit_settle(x, &w->s, LIVE_ALL);
    pack_status(x);
    x86_set(x, RAX, (uint16_t)(i->pc + 2));
    x86_store16(x, x86_indexed(REG_RAM, REG_SP, -0x81), RAX);
    x86_store8(x, x86_indexed(REG_RAM, REG_SP, -0x82), RDX);
    x86_alu8_constant(x, X_SUB, REG_SP, 3);
    x86_alu_mem_constant(x, X_OR, FRAME(mode), UP__I);
    up__jit_jump(w, X_JUMP, up__jit_vector(w->cart));
}

void up__jit_write_indirect(UpJitWork *w, const UpJitIns *i) {
    x86_load16(&w->x, RAX, x86_at(REG_RAM, i->op.a & 0x7F));
    find_code(w, i);
    w->s.cycles += i->op.cycles;
    go_on(w);
}

// A status that was pulled into EDX, unless it changes to decimal mode or back.
static void unpack_status(UpJitWork *w) {
    X86 *x = &w->x;
    w->s = (UpJitState){.cycles = w->s.cycles, .logged = w->s.logged};
    x86_bit_to_carry(x, RDX, 6);
    x86_setcc(x, X_B, REG_V);
    x86_bit_to_carry(x, RDX, 0);
    x86_setcc(x, X_B, REG_CARRY);
    x86_mov(x, REG_NZ, RDX); // N to bit 8, Z's opposite to bit 1
    x86_alu_constant(x, X_AND, REG_NZ, UP__N | UP__Z);
    x86_alu_constant(x, X_XOR, REG_NZ, UP__Z);
    x86_alu(x, X_ADD, REG_NZ, REG_NZ);
    x86_alu_constant(x, X_AND, RDX, UP__D | UP__I);
    x86_alu_constant(x, X_OR, RDX, UP__B);
    x86_store(x, FRAME(mode), RDX);
}

static void peek_status(UpJitWork *w, const UpJitIns *i, int most) {
    X86 *x = &w->x;
    x86_lea(x, RAX, x86_at(REG_SP, -0x80));
    x86_alu_constant(x, X_CMP, RAX, most);
    up__jit_detour(w, DETOUR_LEAVE, X_A, i);
    x86_load8(x, RDX, x86_indexed(REG_RAM, REG_SP, -0x7F));
    x86_test_constant(x, RDX, UP__D);
    up__jit_detour(w, DETOUR_LEAVE, w->decimal ? X_E : X_NE, i);
}

void up__jit_pull_status(UpJitWork *w, const UpJitIns *i) {
    w->s.cycles -= 2;
    peek_status(w, i, 0x7E);
    w->s.cycles += 4;
    unpack_status(w);
    x86_inc8(&w->x, REG_SP, false);
}

void up__jit_write_break_return(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    peek_status(w, i, 0x7C);
    x86_load16(x, RAX, x86_indexed(REG_RAM, REG_SP, -0x7E));
    find_code(w, i);
    w->s.cycles += 6;
    unpack_status(w);
    x86_alu8_constant(x, X_ADD, REG_SP, 3);
    go_on(w);
}
