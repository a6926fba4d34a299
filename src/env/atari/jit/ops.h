// What the parts of native_ops.c share: each writes the code of some instructions.
#ifndef UP_ENV_ATARI_NATIVE_OPS_H
#define UP_ENV_ATARI_NATIVE_OPS_H

#include "env/atari/jit/code.h"

// Where an instruction's operand is.
typedef struct UpNativeOperand {
    enum { IMMEDIATE, MEMORY, IN_EAX } kind;
    uint8_t value;
    X86Mem mem;
} UpNativeOperand;

// The register that a store writes.
inline int up__native_stored(int operation) {
    return operation == OP_STA ? REG_A : operation == OP_STX ? REG_X : REG_Y;
}

inline bool up__native_stores(int operation) {
    return operation == OP_STA || operation == OP_STX || operation == OP_STY;
}

inline int up__native_index(int form) {
    return form == FORM_ZX || form == FORM_XR || form == FORM_AX || form == FORM_PX ? REG_X : REG_Y;
}

// Whether the address, but for an index, lies in RAM.
inline bool up__native_points(int form) {
    return form == FORM_IY || form == FORM_P || form == FORM_PX || form == FORM_PY;
}

// N and Z are those of a register, and in the host's flags too.
inline void up__native_set_nz(UpNativeWork *w, int reg, bool host) {
    w->s.nz = reg == REG_A ? NZ_IN_A : reg == REG_X ? NZ_IN_X : NZ_IN_Y;
    w->s.host = host ? HOST_NZ : 0;
}

// native_ops.c: adds what is late to REG_LOG; calls a function, after so many cycles.
void up__native_settle_log(UpNativeWork *w);
void up__native_call(UpNativeWork *w, int function, int32_t cycles);

// native_read.c: pays an instruction's cycles and finds its operand.
UpNativeOperand up__native_read_operand(UpNativeWork *w, const UpNativeIns *i);
// An indexed access to page zero: where there is RAM, or the TIA by a detour.
X86Mem up__native_page_zero(UpNativeWork *w, const UpNativeIns *i, int kind);
// Where detours make a read find its value.
X86Mem up__native_far_place(const UpNativeWork *w, const UpNativeIns *i);
// Takes the cycle of a page crossing back.
void up__native_unpay_crossing(UpNativeWork *w, const UpNativeIns *i);

// native_alu.c. The shift is of a register's low byte.
void up__native_write_read(UpNativeWork *w, const UpNativeIns *i);
void up__native_write_modify(UpNativeWork *w, const UpNativeIns *i);
void up__native_write_shift(UpNativeWork *w, const UpNativeIns *i, int reg);

// native_store.c
void up__native_write_store(UpNativeWork *w, const UpNativeIns *i);
// After a function wrote: the time, and whether the frame ended.
void up__native_after_write(UpNativeWork *w, const UpNativeIns *i);

// native_stack.c
void up__native_push_a(UpNativeWork *w, const UpNativeIns *i);
void up__native_push_status(UpNativeWork *w, const UpNativeIns *i);
void up__native_pull_a(UpNativeWork *w, const UpNativeIns *i);
void up__native_pull_status(UpNativeWork *w, const UpNativeIns *i);
void up__native_write_indirect(UpNativeWork *w, const UpNativeIns *i);
void up__native_write_return(UpNativeWork *w, const UpNativeIns *i);
void up__native_write_break(UpNativeWork *w, const UpNativeIns *i);
void up__native_write_break_return(UpNativeWork *w, const UpNativeIns *i);

// native_branch.c: the flag that a branch tests, and whether it branches when that is set.
uint8_t up__native_branch_flag(int operation, bool *when_set);
// False: nothing goes on after it.
bool up__native_write_branch(UpNativeWork *w, const UpNativeIns *i);
bool up__native_write_jump(UpNativeWork *w, const UpNativeIns *i);
void up__native_change_mode(UpNativeWork *w, const UpNativeIns *i);
// Which of the banks an instruction switches, if it does little else; -1: none. All banks after it
// go to `bank`.
int up__native_switched_bank(const UpNativeWork *w, const UpNativeIns *i, uint8_t bank[3]);
void up__native_switch_bank(UpNativeWork *w, const UpNativeIns *i);

// native_cart.c: the cartridge's RAM and display.
bool up__native_in_cart_ram(const UpNativeWork *w, const UpNativeIns *i);
void up__native_clock_random(X86 *x);
UpNativeOperand up__native_read_cart(UpNativeWork *w, const UpNativeIns *i);
void up__native_store_cart(UpNativeWork *w, const UpNativeIns *i);
// The place of an indexed access to the cartridge's RAM, most likely; with the address in ECX.
X86Mem up__native_cart_ram(UpNativeWork *w, const UpNativeIns *i, int kind);

// native_detour.c: jumps to a new detour, if the condition holds.
UpNativeDetour *up__native_detour(UpNativeWork *w, int kind, int condition, const UpNativeIns *i);
// To the interpreter.
void up__native_leave(UpNativeWork *w, UpNativeState s, uint16_t pc);

#endif
