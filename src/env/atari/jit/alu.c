// Loads, arithmetic, shifts, and where they leave the flags.
#include "env/atari/jit/ops.h"

static void load(X86 *x, int reg, const UpJitOperand *v) {
    if (v->kind == IMMEDIATE)
        x86_set(x, reg, v->value);
    else if (v->kind == MEMORY)
        x86_load8(x, reg, v->mem);
    else if (reg != RAX)
        x86_mov(x, reg, RAX);
}

static void alu(X86 *x, int operation, int reg, const UpJitOperand *v) {
    if (v->kind == IMMEDIATE)
        x86_alu8_constant(x, operation, reg, v->value);
    else if (v->kind == MEMORY)
        x86_alu8_mem(x, operation, reg, v->mem);
    else
        x86_alu8(x, operation, reg, RAX);
}

// ---------------------------------------------------------------------------------------------------
// Flags

// Flags that are looked at later than by the branches that follow at once and for which the host's
// own flags will do.
static uint8_t escaping(const UpJitWork *w, const UpJitIns *i, uint8_t host) {
    uint16_t pc = (uint16_t)(i->pc + i->length);
    uint8_t live = 0;
    bool when_set;
    while (up__jit_reaches(w, pc) && !(w->is[pc & 0xFFF] & IS_LABEL)) {
        UpJitIns next = up__jit_ins(w, pc);
        if (next.form != FORM_BRANCH || !(up__jit_branch_flag(next.operation, &when_set) & host))
            break;
        live |= up__jit_live(w, (uint16_t)(pc + next.op.target));
        pc = (uint16_t)(pc + 2);
    }
    return live | up__jit_live(w, pc);
}

// The host has the carry in its own, or the opposite, and N and Z as w->s.host says.
static void keep_carry(UpJitWork *w, const UpJitIns *i, int host) {
    uint8_t live = escaping(w, i, UP__C | (w->s.host ? LIVE_NZ : 0));
    w->s.carry = CARRY_OWN;
    w->s.host |= (uint8_t)host;
    if (live & UP__C) x86_setcc(&w->x, host == HOST_C ? X_B : X_AE, REG_CARRY);
}

// The host's carry, or its opposite.
static void use_carry(UpJitWork *w, bool opposite) {
    X86 *x = &w->x;
    if (w->s.carry != CARRY_OWN)
        x86_set_carry(x, (w->s.carry == CARRY_1) != opposite);
    else if (opposite)
        x86_alu_constant(x, X_CMP, REG_CARRY, 1);
    else
        x86_bit_to_carry(x, REG_CARRY, 0);
}

// One branch follows, and nothing else looks at the flags: then it needs one of them only.
static uint8_t only_branch(const UpJitWork *w, uint16_t pc) {
    bool when_set;
    if (!up__jit_reaches(w, pc) || w->is[pc & 0xFFF] & IS_LABEL) return 0;
    UpJitIns next = up__jit_ins(w, pc);
    if (next.form != FORM_BRANCH) return 0;
    uint8_t after =
        up__jit_live(w, (uint16_t)(pc + 2)) | up__jit_live(w, (uint16_t)(pc + next.op.target));
    return after & (LIVE_NZ | UP__V) ? 0 : up__jit_branch_flag(next.operation, &when_set);
}

// ---------------------------------------------------------------------------------------------------
// Instructions that read

static void add_decimal(UpJitWork *w, const UpJitOperand *v, bool subtract) {
    X86 *x = &w->x;
    load(x, RDX, v);
    x86_mov(x, RCX, REG_A);
    if (w->s.carry != CARRY_OWN) x86_set(x, REG_CARRY, w->s.carry == CARRY_1);
    up__jit_call(w, subtract ? CALL_SUBTRACT : CALL_ADD, 0);
    x86_mov(x, REG_A, RAX);
    w->s.carry = CARRY_OWN;
    up__jit_set_nz(w, REG_A, false);
}

static void add(UpJitWork *w, const UpJitIns *i, const UpJitOperand *v, bool subtract) {
    X86 *x = &w->x;
    bool easy = w->s.carry == (subtract ? CARRY_1 : CARRY_0);
    if (!easy) use_carry(w, subtract);
    alu(x, easy ? (subtract ? X_SUB : X_ADD) : (subtract ? X_SBB : X_ADC), REG_A, v);
    if (up__jit_live(w, (uint16_t)(i->pc + i->length)) & UP__V) x86_setcc(x, X_O, REG_V);
    w->s.nz = NZ_IN_A;
    w->s.host = HOST_NZ;
    keep_carry(w, i, subtract ? HOST_NOT_C : HOST_C);
}

static void compare(UpJitWork *w, const UpJitIns *i, int reg, const UpJitOperand *v) {
    X86 *x = &w->x;
    if (escaping(w, i, LIVE_NZ | UP__C) & LIVE_NZ) {
        x86_mov(x, REG_NZ, reg);
        alu(x, X_SUB, REG_NZ, v);
    } else {
        alu(x, X_CMP, reg, v);
    }
    w->s.nz = NZ_OWN;
    w->s.host = HOST_NZ;
    keep_carry(w, i, HOST_NOT_C);
}

static void bit(UpJitWork *w, const UpJitIns *i, const UpJitOperand *v) {
    X86 *x = &w->x;
    uint16_t next = (uint16_t)(i->pc + i->length);
    uint8_t live = up__jit_live(w, next), only = only_branch(w, next);
    load(x, RAX, v);
    w->s.nz = NZ_OWN;
    if (only == UP__N || only == UP__Z) {
        x86_test8(x, RAX, only == UP__N ? RAX : REG_A);
        w->s.host = only == UP__N ? HOST_N : HOST_Z;
    } else if (only == UP__V) {
        x86_test_constant(x, RAX, 0x40);
        w->s.host = HOST_V;
    } else if (only != UP__C) {
        if (live & LIVE_NZ) {
            x86_mov(x, REG_NZ, RAX);
            x86_alu_constant(x, X_AND, REG_NZ, 0x80);
            x86_alu(x, X_ADD, REG_NZ, REG_NZ);
            x86_mov(x, RCX, RAX);
            x86_alu(x, X_AND, RCX, REG_A);
            x86_alu(x, X_OR, REG_NZ, RCX);
        }
        if (live & UP__V) {
            x86_bit_to_carry(x, RAX, 6);
            x86_setcc(x, X_B, REG_V);
        }
    }
}

void up__jit_write_read(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    UpJitOperand v = up__jit_read_operand(w, i);
    switch (i->operation) {
    case OP_LDX:
    case OP_LDY:
        load(x, i->operation == OP_LDX ? REG_X : REG_Y, &v);
        up__jit_set_nz(w, i->operation == OP_LDX ? REG_X : REG_Y, false);
        break;
    case OP_AND:
    case OP_ORA:
    case OP_EOR:
        alu(x, i->operation == OP_AND ? X_AND : i->operation == OP_ORA ? X_OR : X_XOR, REG_A, &v);
        up__jit_set_nz(w, REG_A, true);
        break;
    case OP_ADC:
    case OP_SBC:
        if (w->decimal)
            add_decimal(w, &v, i->operation == OP_SBC);
        else
            add(w, i, &v, i->operation == OP_SBC);
        break;
    case OP_CMP:
        compare(w, i, REG_A, &v);
        break;
    case OP_CPX:
        compare(w, i, REG_X, &v);
        break;
    case OP_CPY:
        compare(w, i, REG_Y, &v);
        break;
    case OP_BIT:
        bit(w, i, &v);
        break;
    default: // LDA, LAX
        load(x, REG_A, &v);
        if (i->operation == OP_LAX) x86_mov(x, REG_X, REG_A);
        up__jit_set_nz(w, REG_A, false);
        break;
    }
}

// ---------------------------------------------------------------------------------------------------
// Shifts, and instructions that modify memory

// ASL, LSR, ROL, ROR of a register's low byte.
void up__jit_write_shift(UpJitWork *w, const UpJitIns *i, int reg) {
    X86 *x = &w->x;
    w->s.host = HOST_NZ;
    switch (i->operation) {
    case OP_ASL:
        x86_shift8(x, X_SHL, reg);
        break;
    case OP_LSR:
        x86_shift8(x, X_SHR, reg);
        break;
    case OP_ROL:
        use_carry(w, false);
        x86_alu8(x, X_ADC, reg, reg);
        break;
    default:
        use_carry(w, false);
        x86_shift8(x, X_RCR, reg);
        w->s.host = 0;
        break;
    }
    keep_carry(w, i, HOST_C);
}

// What is read there is what lies on the bus, the address, and that is neither negative nor 0 then.
static void modify_nothing(UpJitWork *w, const UpJitIns *i) {
    x86_set(&w->x, REG_NZ, i->op.a & 0x3F);
    w->s.cycles += i->op.cycles;
    w->s.nz = NZ_OWN;
}

void up__jit_write_modify(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    if (i->form == FORM_IDLE) {
        modify_nothing(w, i);
        return;
    }
    X86Mem place = x86_at(REG_RAM, i->op.a);
    if (i->form == FORM_ZX) place = up__jit_page_zero(w, i, DETOUR_LEAVE);
    w->s.cycles += i->op.cycles;
    w->s.nz = NZ_OWN;
    uint16_t next = (uint16_t)(i->pc + i->length);
    if (i->operation == OP_INC || i->operation == OP_DEC) {
        x86_inc8_mem(x, place, i->operation == OP_DEC);
        w->s.host = HOST_NZ;
        if (escaping(w, i, LIVE_NZ) & LIVE_NZ) x86_load8(x, REG_NZ, place);
        return;
    }
    x86_load8(x, RCX, place);
    up__jit_write_shift(w, i, RCX);
    x86_store8(x, place, RCX);
    uint8_t live = w->s.host & HOST_NZ ? escaping(w, i, LIVE_NZ | UP__C) : up__jit_live(w, next);
    if (live & LIVE_NZ) x86_zero_extend8(x, REG_NZ, RCX);
}
