// What the parts of ops.c share: each writes the code of some instructions.
#ifndef UP_ENV_ATARI_JIT_OPS_H
#define UP_ENV_ATARI_JIT_OPS_H

#include "env/atari/jit/code.h"

// Where an instruction's operand is.
typedef struct UpJitOperand {
    enum { IMMEDIATE, MEMORY, IN_EAX } kind;
    uint8_t value;
    X86Mem mem;
} UpJitOperand;

// The register that a store writes.
inline int up__jit_stored(int operation) {
    return operation == OP_STA ? REG_A : operation == OP_STX ? REG_X : REG_Y;
}

inline bool up__jit_stores(int operation) {
    return operation == OP_STA || operation == OP_STX || operation == OP_STY;
}

inline int up__jit_index(int form) {
    return form == FORM_ZX || form == FORM_XR || form == FORM_AX || form == FORM_PX ? REG_X : REG_Y;
}

// Whether the address, but for an index, lies in RAM.
inline bool up__jit_points(int form) {
    return form == FORM_IY || form == FORM_P || form == FORM_PX || form == FORM_PY;
}

// N and Z are those of a register, and in the host's flags too.
inline void up__jit_set_nz(UpJitWork *w, int reg, bool host) {
    w->s.nz = reg == REG_A ? NZ_IN_A : reg == REG_X ? NZ_IN_X : NZ_IN_Y;
    w->s.host = host ? HOST_NZ : 0;
}

// ops.c: adds what is late to REG_LOG; calls a function, after so many cycles.
void up__jit_settle_log(UpJitWork *w);
void up__jit_call(UpJitWork *w, int function, int32_t cycles);

// read.c: pays an instruction's cycles and finds its operand.
UpJitOperand up__jit_read_operand(UpJitWork *w, const UpJitIns *i);
// An indexed access to page zero: where there is RAM, or the TIA by a detour.
X86Mem up__jit_page_zero(UpJitWork *w, const UpJitIns *i, int kind);
// Where detours make a read find its value.
X86Mem up__jit_far_place(const UpJitWork *w, const UpJitIns *i);
// Takes the cycle of a page crossing back.
void up__jit_unpay_crossing(UpJitWork *w, const UpJitIns *i);

// alu.c. The shift is of a register's low byte.
void up__jit_write_read(UpJitWork *w, const UpJitIns *i);
void up__jit_write_modify(UpJitWork *w, const UpJitIns *i);
void up__jit_write_shift(UpJitWork *w, const UpJitIns *i, int reg);

// store.c
void up__jit_write_store(UpJitWork *w, const UpJitIns *i);
// After a function wrote: the time, and whether the frame ended.
void up__jit_after_write(UpJitWork *w, const UpJitIns *i);

// stack.c
void up__jit_push_a(UpJitWork *w, const UpJitIns *i);
void up__jit_push_status(UpJitWork *w, const UpJitIns *i);
void up__jit_pull_a(UpJitWork *w, const UpJitIns *i);
void up__jit_pull_status(UpJitWork *w, const UpJitIns *i);
void up__jit_write_indirect(UpJitWork *w, const UpJitIns *i);
void up__jit_write_return(UpJitWork *w, const UpJitIns *i);
void up__jit_write_break(UpJitWork *w, const UpJitIns *i);
void up__jit_write_break_return(UpJitWork *w, const UpJitIns *i);

// branch.c: the flag that a branch tests, and whether it branches when that is set.
uint8_t up__jit_branch_flag(int operation, bool *when_set);
// False: nothing goes on after it.
bool up__jit_write_branch(UpJitWork *w, const UpJitIns *i);
bool up__jit_write_jump(UpJitWork *w, const UpJitIns *i);
void up__jit_change_mode(UpJitWork *w, const UpJitIns *i);
// Which of the banks an instruction switches, if it does little else; -1: none. All banks after it
// go to `bank`.
int up__jit_switched_bank(const UpJitWork *w, const UpJitIns *i, uint8_t bank[3]);
void up__jit_switch_bank(UpJitWork *w, const UpJitIns *i);

// cart.c: the cartridge's RAM and display.
bool up__jit_in_cart_ram(const UpJitWork *w, const UpJitIns *i);
void up__jit_clock_random(X86 *x);
UpJitOperand up__jit_read_cart(UpJitWork *w, const UpJitIns *i);
void up__jit_store_cart(UpJitWork *w, const UpJitIns *i);
// The place of an indexed access to the cartridge's RAM, most likely; with the address in ECX.
X86Mem up__jit_cart_ram(UpJitWork *w, const UpJitIns *i, int kind);

// detour.c: jumps to a new detour, if the condition holds.
UpJitDetour *up__jit_detour(UpJitWork *w, int kind, int condition, const UpJitIns *i);
// To the interpreter.
void up__jit_leave(UpJitWork *w, UpJitState s, uint16_t pc);

#endif
