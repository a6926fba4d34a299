// The host's code for single instructions. Equal to the fast loop's handlers (fast_ops.h).
#include "env/atari/native_code.h"

#include <stddef.h>

static int value_of(int operation) {
    return operation == OP_STA ? REG_A : operation == OP_STX ? REG_X : REG_Y;
}

static bool is_store(int operation) {
    return operation == OP_STA || operation == OP_STX || operation == OP_STY;
}

// The register that a load fills, or -1.
static int value_of_load(int operation) {
    return operation == OP_LDA   ? REG_A
           : operation == OP_LDX ? REG_X
           : operation == OP_LDY ? REG_Y
                                 : -1;
}

void up__native_settle(X86 *x, UpNativeState *s, uint8_t live) {
    static const uint8_t home[] = {[NZ_IN_A] = REG_A, [NZ_IN_X] = REG_X, [NZ_IN_Y] = REG_Y};
    if (s->cycles) x86_lea(x, REG_CYCLE, x86_at(REG_CYCLE, s->cycles));
    if (s->logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, s->logged));
    s->cycles = s->logged = 0;
    if (live & LIVE_NZ && s->nz != NZ_OWN) x86_mov(x, REG_NZ, home[s->nz]);
    if (live & UP__C && s->carry != CARRY_OWN) x86_set(x, REG_CARRY, s->carry == CARRY_1);
}

static void leave(UpNativeWork *w, UpNativeState s, uint16_t pc) {
    up__native_settle(&w->x, &s, LIVE_ALL);
    x86_set(&w->x, RDX, pc);
    x86_lead(&w->x, x86_jump(&w->x, X_JUMP), w->native->leave);
}

// To code that may not be translated yet.
static void jump_far(UpNativeWork *w, uint16_t pc) {
    X86 *x = &w->x;
    x86_load64(x, RCX, FRAME(entry));
    x86_load64(x, RCX, x86_at(RCX, 8 * pc));
    x86_set(x, RDX, pc);
    x86_set(x, RAX, pc);
    x86_test64(x, RCX, RCX);
    x86_lead(x, x86_jump(x, X_E), w->native->leave);
    x86_jump_register(x, RCX);
}

// All that is late was settled.
void up__native_jump(UpNativeWork *w, int condition, uint16_t pc) {
    X86 *x = &w->x;
    if (up__native_reaches(w, pc)) {
        w->link[w->links++] = (UpNativeLink){x86_jump(x, condition), pc};
        return;
    }
    uint8_t *over = condition == X_JUMP ? NULL : x86_jump(x, condition ^ 1);
    jump_far(w, pc);
    if (over) x86_lead_here(x, over);
}

static UpNativeDetour *detour(UpNativeWork *w, int kind, int condition, const UpNativeIns *i) {
    UpNativeDetour *d = &w->detour[w->detours++];
    UpNativeDetour made = {.kind = kind,
                           .from = x86_jump(&w->x, condition),
                           .state = w->s,
                           .pc = i->pc,
                           .ins = *i,
                           .address = RCX};
    made.back = w->x.at;
    memcpy(d, &made, sizeof made);
    return d;
}

static void call(UpNativeWork *w, int function, int32_t cycles) {
    x86_lea(&w->x, RAX, x86_at(REG_CYCLE, cycles));
    x86_lead(&w->x, x86_jump(&w->x, X_CALL), w->native->call[function]);
}

static void settle_log(UpNativeWork *w) {
    if (w->s.logged) x86_lea64(&w->x, REG_LOG, x86_at(REG_LOG, w->s.logged));
    w->s.logged = 0;
}

// ---------------------------------------------------------------------------------------------------
// Reads

typedef struct Operand {
    enum { IMMEDIATE, MEMORY, IN_EAX } kind;
    uint8_t value;
    X86Mem mem;
} Operand;

static int index_of(int form) {
    return form == FORM_ZX || form == FORM_XR || form == FORM_AX ? REG_X : REG_Y;
}

// Adds the cycle of a page crossing; `base` known.
static void pay_crossing(UpNativeWork *w, int index, uint16_t base) {
    if (!(base & 0xFF)) return;
    x86_alu8_constant(&w->x, X_CMP, index, 256 - (base & 0xFF));
    x86_alu_constant(&w->x, X_SBB, REG_CYCLE, -1);
}

// Takes it back.
static void unpay_crossing(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    if (i->form == FORM_IX) return;
    if (i->form == FORM_IY) {
        x86_load8(x, RAX, x86_at(REG_RAM, i->op->a & 0x7F));
        x86_alu8(x, X_ADD, RAX, REG_Y);
        x86_alu_constant(x, X_SBB, REG_CYCLE, 0);
    } else if (i->op->a & 0xFF) {
        x86_alu8_constant(x, X_CMP, index_of(i->form), 256 - (i->op->a & 0xFF));
        x86_alu_constant(x, X_ADC, REG_CYCLE, -1);
    }
}

static bool is_cold(const UpAtariCart *cart, uint32_t offset) {
    return offset - cart->cold < cart->colds;
}

// Where 256 bytes from an address on lie in the image, if they have no side effects: or -1.
static int table_at(const UpNativeWork *w, uint16_t address) {
    uint16_t last = (uint16_t)(address + 255);
    if (!(address & last & 0x1000) || (address ^ last) & 0xE000) return -1;
    if (!is_cold(w->cart, address & 0xFFF) || !is_cold(w->cart, last & 0xFFF)) return -1;
    uint32_t place = up__native_place(w->cart, w->map, address);
    return up__native_place(w->cart, w->map, last) == place + 255 ? (int)place : -1;
}

// Where detours make a read find its value.
static X86Mem far_place(const UpNativeWork *w, const UpNativeIns *i) {
    bool cartridge = i->form == FORM_IX || i->form == FORM_IY || i->op->a & 0x1000;
    if (i->form == FORM_ZX || i->form == FORM_ZY) return x86_indexed(REG_RAM, RAX, 0x80);
    if (!cartridge) return x86_indexed(REG_RAM, RCX, 0);
    bool switched = w->cart->type >= UP__CART_F8 && w->cart->type != UP__CART_E0 &&
                    w->cart->type != UP__CART_FE;
    return x86_indexed(REG_IMAGE, RCX, switched ? w->map->bank[0] * 4096 : 0);
}

// The cartridge at the address in ECX, most likely.
static void read_cartridge(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    const UpAtariCart *cart = w->cart;
    if (cart->type == UP__CART_E0 || cart->type == UP__CART_FE) {
        detour(w, DETOUR_READ, X_JUMP, i);
        return;
    }
    x86_test_constant(x, RCX, 0x1000);
    UpNativeDetour *other = detour(w, DETOUR_READ, X_E, i);
    x86_alu_constant(x, X_AND, RCX, 0xFFF);
    if (cart->colds < 0x1000) {
        x86_lea(x, RAX, x86_at(RCX, -cart->cold));
        x86_alu_constant(x, X_CMP, RAX, cart->colds);
        detour(w, DETOUR_LEAVE, X_AE, i);
    }
    other->back = x->at;
}

static void read_ram_or_port(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    x86_mov(x, RAX, RCX);
    x86_alu_constant(x, X_AND, RAX, 0x1280);
    x86_alu_constant(x, X_CMP, RAX, 0x80);
    UpNativeDetour *other = detour(w, DETOUR_READ, X_NE, i);
    x86_alu_constant(x, X_AND, RCX, 0x7F);
    other->back = x->at;
}

static Operand read_far(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    int index = index_of(i->form), table;
    uint16_t base = i->op->a;
    if (i->form == FORM_IX) { // a pointer in RAM, both bytes of it
        x86_lea(x, RAX,
                x86_at(REG_X, w->cart->image[up__native_place(w->cart, w->map, i->pc) + 1]));
        x86_sign_extend8(x, RAX, RAX);
        x86_alu_constant(x, X_CMP, RAX, -1);
        detour(w, DETOUR_LEAVE, X_GE, i);
        x86_load16(x, RCX, x86_indexed(REG_RAM, RAX, 0x80));
        read_cartridge(w, i);
    } else if (i->form == FORM_IY) {
        x86_load16(x, RAX, x86_at(REG_RAM, base & 0x7F));
        x86_lea(x, RCX, x86_indexed(RAX, REG_Y, 0));
        x86_alu8(x, X_ADD, RAX, REG_Y);
        x86_alu_constant(x, X_ADC, REG_CYCLE, 0);
        read_cartridge(w, i);
    } else {
        pay_crossing(w, index, base);
        if ((table = table_at(w, base)) >= 0)
            return (Operand){MEMORY, 0, x86_indexed(REG_IMAGE, index, table)};
        x86_lea(x, RCX, x86_at(index, base));
        if (base & 0x1000)
            read_cartridge(w, i);
        else
            read_ram_or_port(w, i);
    }
    return (Operand){MEMORY, 0, far_place(w, i)};
}

// A port that needs a function.
static Operand call_port(UpNativeWork *w, const UpNativeIns *i) {
    settle_log(w);
    x86_set(&w->x, RCX, i->op->a);
    x86_set(&w->x, RDX, i->op->b);
    call(w, CALL_READ, w->s.cycles);
    return (Operand){.kind = IN_EAX};
}

// The timer, as long as it runs.
static Operand read_timer(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    settle_log(w);
    x86_lea(x, RAX, x86_at(REG_CYCLE, w->s.cycles - 1));
    x86_alu_mem(x, X_SUB, RAX, x86_at(REG_RAM, MACHINE(riot.set)));
    x86_load8(x, RCX, x86_at(REG_RAM, MACHINE(riot.shift)));
    x86_sar_by_cl(x, RAX);
    x86_load8(x, RCX, x86_at(REG_RAM, MACHINE(riot.timer)));
    x86_alu_constant(x, X_SUB, RCX, 1);
    x86_alu(x, X_SUB, RCX, RAX);
    x86_zero_extend8(x, RAX, RCX);
    x86_test(x, RCX, RCX);
    uint8_t *runs = x86_jump(x, X_NS);
    call_port(w, i);
    x86_lead_here(x, runs);
    return (Operand){.kind = IN_EAX};
}

// Bit 7 from the host's carry, the others from the bus.
static Operand pin(UpNativeWork *w, const UpNativeIns *i) {
    x86_alu(&w->x, X_SBB, RAX, RAX);
    x86_alu_constant(&w->x, X_AND, RAX, 0x80);
    x86_alu_constant(&w->x, X_OR, RAX, i->op->b & 0x3F);
    return (Operand){.kind = IN_EAX};
}

static Operand read_pin(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    int reg = i->op->a & 15;
    Operand constant = {.kind = IMMEDIATE, .value = i->op->b & 0x3F};
    if (reg < 8) return call_port(w, i);
    if (reg > 13) return constant;
    if (reg < 12) {
        x86_lea(x, RCX, x86_at(REG_CYCLE, w->s.cycles));
        x86_compare_mem(
            x, x86_at(REG_FRAME, (int32_t)offsetof(UpNativeFrame, charged) + 4 * (reg - 8)), RCX);
        return pin(w, i);
    }
    constant.value |= 0x80;
    if (w->cart->board.jack[reg - 12] == UP__ATARI_PADDLES) return constant;
    x86_load8(x, RAX, x86_at(REG_RAM, MACHINE(input.fire) + reg - 12));
    x86_alu8_constant(x, X_CMP, RAX, 1);
    return pin(w, i);
}

static Operand read_port(UpNativeWork *w, const UpNativeIns *i) {
    if (!(i->op->a & 0x80)) return read_pin(w, i);
    switch (i->op->a & 7) {
    case 0:
        return (Operand){MEMORY, 0, x86_at(REG_RAM, MACHINE(input.swcha))};
    case 1:
        return (Operand){MEMORY, 0, x86_at(REG_RAM, MACHINE(riot.direction))};
    case 2:
        return (Operand){MEMORY, 0, x86_at(REG_RAM, MACHINE(input.swchb))};
    case 3:
        return (Operand){.kind = IMMEDIATE, .value = 0};
    case 4:
    case 6:
        return read_timer(w, i);
    default:
        return call_port(w, i);
    }
}

// An indexed access to page zero: where there is RAM, or the TIA by a detour.
static X86Mem page_zero(UpNativeWork *w, const UpNativeIns *i, int kind) {
    X86 *x = &w->x;
    x86_lea(x, RAX, x86_at(index_of(i->form), i->op->a));
    x86_sign_extend8(x, RAX, RAX);
    x86_test(x, RAX, RAX);
    UpNativeDetour *d = detour(w, kind, X_NS, i);
    d->address = RAX;
    return x86_indexed(REG_RAM, RAX, 0x80);
}

static Operand read_operand(UpNativeWork *w, const UpNativeIns *i) {
    const UpAtariOp *op = i->op;
    int index = index_of(i->form);
    w->s.cycles += op->cycles;
    switch (i->form) {
    case FORM_I:
        return (Operand){.kind = IMMEDIATE, .value = (uint8_t)op->a};
    case FORM_AB:
        return (Operand){.kind = IMMEDIATE,
                         .value = w->cart->image[up__native_place(w->cart, w->map, op->a)]};
    case FORM_Z:
        return (Operand){MEMORY, 0, x86_at(REG_RAM, op->a)};
    case FORM_ZX:
    case FORM_ZY:
        return (Operand){MEMORY, 0, page_zero(w, i, DETOUR_READ)};
    case FORM_XR:
    case FORM_YR:
        pay_crossing(w, index, op->a);
        return (Operand){MEMORY, 0, x86_indexed(REG_IMAGE, index, op->b)};
    case FORM_WAIT:
    case FORM_IO:
        return read_port(w, i);
    default:
        return read_far(w, i);
    }
}

static void load(X86 *x, int reg, const Operand *v) {
    if (v->kind == IMMEDIATE)
        x86_set(x, reg, v->value);
    else if (v->kind == MEMORY)
        x86_load8(x, reg, v->mem);
    else if (reg != RAX)
        x86_mov(x, reg, RAX);
}

static void alu(X86 *x, int operation, int reg, const Operand *v) {
    if (v->kind == IMMEDIATE)
        x86_alu8_constant(x, operation, reg, v->value);
    else if (v->kind == MEMORY)
        x86_alu8_mem(x, operation, reg, v->mem);
    else
        x86_alu8(x, operation, reg, RAX);
}

// ---------------------------------------------------------------------------------------------------
// Arithmetic

// The flag that a branch tests, and whether it branches when that is set.
static uint8_t branch_flag(int operation, bool *when_set) {
    *when_set =
        operation == OP_BCS || operation == OP_BEQ || operation == OP_BMI || operation == OP_BVS;
    switch (operation) {
    case OP_BCC:
    case OP_BCS:
        return UP__C;
    case OP_BEQ:
    case OP_BNE:
        return UP__Z;
    case OP_BMI:
    case OP_BPL:
        return UP__N;
    default:
        return UP__V;
    }
}

// Flags that are looked at later than by the branches that follow at once and for which the host's
// own flags will do.
static uint8_t escaping(const UpNativeWork *w, const UpNativeIns *i, uint8_t host) {
    uint16_t pc = (uint16_t)(i->pc + i->length);
    uint8_t live = 0;
    bool when_set;
    while (up__native_reaches(w, pc) && !(w->is[pc & 0xFFF] & IS_LABEL)) {
        UpNativeIns next = up__native_ins(w, pc);
        if (next.form != FORM_BRANCH || !(branch_flag(next.operation, &when_set) & host)) break;
        live |= up__native_live(w, (uint16_t)(pc + next.op->target));
        pc = (uint16_t)(pc + 2);
    }
    return live | up__native_live(w, pc);
}

// The host has the carry in its own, or the opposite, and N and Z as w->s.host says.
static void keep_carry(UpNativeWork *w, const UpNativeIns *i, int host) {
    uint8_t live = escaping(w, i, UP__C | (w->s.host ? LIVE_NZ : 0));
    w->s.carry = CARRY_OWN;
    w->s.host |= (uint8_t)host;
    if (live & UP__C) x86_setcc(&w->x, host == HOST_C ? X_B : X_AE, REG_CARRY);
}

// The host's carry, or its opposite.
static void use_carry(UpNativeWork *w, bool opposite) {
    X86 *x = &w->x;
    if (w->s.carry != CARRY_OWN)
        x86_set_carry(x, (w->s.carry == CARRY_1) != opposite);
    else if (opposite)
        x86_alu_constant(x, X_CMP, REG_CARRY, 1);
    else
        x86_bit_to_carry(x, REG_CARRY, 0);
}

static void add(UpNativeWork *w, const UpNativeIns *i, const Operand *v, bool subtract) {
    X86 *x = &w->x;
    bool easy = w->s.carry == (subtract ? CARRY_1 : CARRY_0);
    if (!easy) use_carry(w, subtract);
    alu(x, easy ? (subtract ? X_SUB : X_ADD) : (subtract ? X_SBB : X_ADC), REG_A, v);
    if (up__native_live(w, (uint16_t)(i->pc + i->length)) & UP__V) x86_setcc(x, X_O, REG_V);
    w->s.nz = NZ_IN_A;
    w->s.host = HOST_NZ;
    keep_carry(w, i, subtract ? HOST_NOT_C : HOST_C);
}

static void compare(UpNativeWork *w, const UpNativeIns *i, int reg, const Operand *v) {
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

// One branch follows, and nothing else looks at the flags: then it needs one of them only.
static uint8_t only_branch(const UpNativeWork *w, uint16_t pc) {
    bool when_set;
    if (!up__native_reaches(w, pc) || w->is[pc & 0xFFF] & IS_LABEL) return 0;
    UpNativeIns next = up__native_ins(w, pc);
    if (next.form != FORM_BRANCH) return 0;
    uint8_t after = up__native_live(w, (uint16_t)(pc + 2)) |
                    up__native_live(w, (uint16_t)(pc + next.op->target));
    return after & (LIVE_NZ | UP__V) ? 0 : branch_flag(next.operation, &when_set);
}

static void bit(UpNativeWork *w, const UpNativeIns *i, const Operand *v) {
    X86 *x = &w->x;
    uint16_t next = (uint16_t)(i->pc + i->length);
    uint8_t live = up__native_live(w, next), only = only_branch(w, next);
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

static void set_nz(UpNativeWork *w, int reg, bool host) {
    w->s.nz = reg == REG_A ? NZ_IN_A : reg == REG_X ? NZ_IN_X : NZ_IN_Y;
    w->s.host = host ? HOST_NZ : 0;
}

static void write_read(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    Operand v = read_operand(w, i);
    switch (i->operation) {
    case OP_LDX:
    case OP_LDY:
        load(x, i->operation == OP_LDX ? REG_X : REG_Y, &v);
        set_nz(w, i->operation == OP_LDX ? REG_X : REG_Y, false);
        break;
    case OP_AND:
    case OP_ORA:
    case OP_EOR:
        alu(x, i->operation == OP_AND ? X_AND : i->operation == OP_ORA ? X_OR : X_XOR, REG_A, &v);
        set_nz(w, REG_A, true);
        break;
    case OP_ADC:
    case OP_SBC:
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
        set_nz(w, REG_A, false);
        break;
    }
}

// ASL, LSR, ROL, ROR of a register's low byte.
static void shift(UpNativeWork *w, const UpNativeIns *i, int reg) {
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

static void write_modify(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    X86Mem place = x86_at(REG_RAM, i->op->a);
    if (i->form == FORM_ZX) place = page_zero(w, i, DETOUR_LEAVE);
    w->s.cycles += i->op->cycles;
    w->s.nz = NZ_OWN;
    uint16_t next = (uint16_t)(i->pc + i->length);
    if (i->operation == OP_INC || i->operation == OP_DEC) {
        x86_inc8_mem(x, place, i->operation == OP_DEC);
        w->s.host = HOST_NZ;
        if (escaping(w, i, LIVE_NZ) & LIVE_NZ) x86_load8(x, REG_NZ, place);
        return;
    }
    x86_load8(x, RCX, place);
    shift(w, i, RCX);
    x86_store8(x, place, RCX);
    uint8_t live = w->s.host & HOST_NZ ? escaping(w, i, LIVE_NZ | UP__C) : up__native_live(w, next);
    if (live & LIVE_NZ) x86_zero_extend8(x, REG_NZ, RCX);
}

// ---------------------------------------------------------------------------------------------------
// Stores

// An entry of the log, of the time after this instruction.
static void log_write(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    x86_lea(x, RAX, x86_at(REG_CYCLE, w->s.cycles));
    x86_store(x, x86_at(REG_LOG, w->s.logged), RAX);
    x86_lea(x, RAX, x86_at(value_of(i->operation), i->op->b));
    x86_store(x, x86_at(REG_LOG, w->s.logged + 4), RAX);
}

// To a register whose last value is known: without effect where it is the same.
static void store_changed(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    int value = value_of(i->operation);
    X86Mem last = x86_at(REG_RAM, MACHINE(tia.written) + (i->op->b >> 8));
    uint8_t *unseen = NULL;
    x86_alu8_mem(x, X_CMP, value, last);
    uint8_t *same = x86_jump(x, X_E);
    x86_store8(x, last, value);
    if (i->form == FORM_TC) {
        x86_alu_mem_constant(x, X_CMP, FRAME(seen), 0);
        unseen = x86_jump(x, X_E);
    }
    log_write(w, i);
    x86_add64_constant(x, REG_LOG, 8);
    x86_lead_here(x, same);
    if (unseen) x86_lead_here(x, unseen);
}

// Cycles of a line, as a division by multiplication: exact below 69,905.
enum { DIVIDE_LINE = 55189, DIVIDE_LINE_SHIFT = 22 };

static void wait_for_line(UpNativeWork *w) {
    X86 *x = &w->x;
    x86_lea(x, RAX, x86_at(REG_CYCLE, w->s.cycles + UP__LINE_CYCLES - 1));
    x86_alu_mem(x, X_SUB, RAX, FRAME(line0));
    x86_multiply(x, RAX, RAX, DIVIDE_LINE);
    x86_shift(x, X_SHR, RAX, DIVIDE_LINE_SHIFT);
    x86_multiply(x, REG_CYCLE, RAX, UP__LINE_CYCLES);
    x86_alu_mem(x, X_ADD, REG_CYCLE, FRAME(line0));
    w->s.cycles = 0;
    x86_alu_mem(x, X_CMP, REG_CYCLE, FRAME(limit));
    x86_lead(x, x86_jump(x, X_GE), w->native->leave);
}

// After a function wrote: the time, and whether the frame ended.
static void after_write(UpNativeWork *w, const UpNativeIns *i) {
    x86_mov(&w->x, REG_CYCLE, RAX);
    w->s.cycles = 0;
    x86_alu_mem_constant(&w->x, X_CMP, FRAME(halt), 0);
    detour(w, DETOUR_LEAVE, X_NE, i)->pc = (uint16_t)(i->pc + i->length);
}

static void clear_motion(UpNativeWork *w, const UpNativeIns *i) {
    log_write(w, i);
    w->s.logged += 8;
    x86_store_constant(&w->x, x86_at(REG_RAM, MACHINE(tia.written) + UP__HMP0), 0);
    x86_store8_constant(&w->x, x86_at(REG_RAM, MACHINE(tia.written) + UP__HMBL), 0);
}

static void store_port(UpNativeWork *w, const UpNativeIns *i) {
    if ((i->op->a & 0xBF) == UP__HMCLR) {
        clear_motion(w, i);
        return;
    }
    settle_log(w);
    x86_set(&w->x, RCX, i->op->a);
    x86_mov(&w->x, RDX, value_of(i->operation));
    call(w, CALL_WRITE, w->s.cycles);
    after_write(w, i);
}

static void store_far(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    if (i->form == FORM_IY) {
        x86_load16(x, RAX, x86_at(REG_RAM, i->op->a & 0x7F));
        x86_lea(x, RCX, x86_indexed(RAX, REG_Y, 0));
    } else {
        x86_lea(x, RCX, x86_at(index_of(i->form), i->op->a));
    }
    x86_mov(x, RAX, RCX);
    x86_alu_constant(x, X_AND, RAX, 0x1280);
    x86_alu_constant(x, X_CMP, RAX, 0x80);
    UpNativeDetour *other = detour(w, DETOUR_WRITE, X_NE, i);
    x86_alu_constant(x, X_AND, RCX, 0x7F);
    x86_store8(x, x86_indexed(REG_RAM, RCX, 0), value_of(i->operation));
    other->back = x->at;
}

static void write_store(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    w->s.cycles += i->op->cycles;
    switch (i->form) {
    case FORM_Z:
        x86_store8(x, x86_at(REG_RAM, i->op->a), value_of(i->operation));
        break;
    case FORM_ZX:
    case FORM_ZY: {
        X86Mem place = page_zero(w, i, DETOUR_WRITE);
        x86_store8(x, place, value_of(i->operation));
        w->detour[w->detours - 1].back = x->at;
        break;
    }
    case FORM_TL:
        log_write(w, i);
        w->s.logged += 8;
        break;
    case FORM_TF:
    case FORM_TC:
        store_changed(w, i);
        break;
    case FORM_TN:
        break;
    case FORM_TW:
        wait_for_line(w);
        break;
    case FORM_IO:
        store_port(w, i);
        break;
    default:
        store_far(w, i);
        break;
    }
}

// ---------------------------------------------------------------------------------------------------
// The rest

static void step_register(UpNativeWork *w, int reg, bool down) {
    x86_inc8(&w->x, reg, down);
    set_nz(w, reg, true);
}

static void transfer(UpNativeWork *w, int to, int from) {
    x86_mov(&w->x, to, from);
    if (to != REG_SP) set_nz(w, to, false);
}

static void push_a(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    w->s.cycles++;
    x86_test8(x, REG_SP, REG_SP);
    UpNativeDetour *d = detour(w, DETOUR_WRITE, X_NS, i);
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

static void push_status(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    w->s.cycles++;
    up__native_settle(x, &w->s, LIVE_ALL);
    pack_status(x);
    x86_lea(x, RCX, x86_at(REG_SP, 0x100));
    call(w, CALL_WRITE, 0);
    x86_inc8(x, REG_SP, true);
    after_write(w, i);
}

static void pull_a(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    w->s.cycles += 2;
    x86_lea(x, RAX, x86_at(REG_SP, -0x80));
    x86_alu_constant(x, X_CMP, RAX, 0x7E);
    UpNativeDetour *other = detour(w, DETOUR_PULL, X_A, i);
    x86_inc8(x, REG_SP, false);
    x86_load8(x, REG_A, x86_indexed(REG_RAM, REG_SP, -0x80));
    other->back = x->at;
    set_nz(w, REG_A, false);
}

// The end of a return, with the code's address in RCX.
static void go_on(UpNativeWork *w) {
    up__native_settle(&w->x, &w->s, LIVE_ALL);
    x86_alu_mem(&w->x, X_CMP, REG_CYCLE, FRAME(limit));
    x86_lead(&w->x, x86_jump(&w->x, X_GE), w->native->leave);
    x86_jump_register(&w->x, RCX);
}

static void return_to(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    x86_lea(x, RAX, x86_at(REG_SP, -0x80));
    x86_alu_constant(x, X_CMP, RAX, 0x7D);
    detour(w, DETOUR_LEAVE, X_A, i);
    x86_load16(x, RAX, x86_indexed(REG_RAM, REG_SP, -0x7F));
    x86_alu_constant(x, X_ADD, RAX, 1);
    x86_test_constant(x, RAX, 0xFFF);
    detour(w, DETOUR_LEAVE, X_E, i);
    x86_load64(x, RCX, FRAME(entry));
    x86_load64(x, RCX, (X86Mem){RCX, RAX, 3, 0});
    x86_test64(x, RCX, RCX);
    detour(w, DETOUR_LEAVE, X_E, i);
    x86_alu8_constant(x, X_ADD, REG_SP, 2);
    w->s.cycles += 6;
    go_on(w);
}

static void write_break(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    x86_alu8_constant(x, X_CMP, REG_SP, 0x82);
    detour(w, DETOUR_LEAVE, X_B, i);
    w->s.cycles += 7;
    up__native_settle(x, &w->s, LIVE_ALL);
    pack_status(x);
    x86_set(x, RAX, (uint16_t)(i->pc + 2));
    x86_store16(x, x86_indexed(REG_RAM, REG_SP, -0x81), RAX);
    x86_store8(x, x86_indexed(REG_RAM, REG_SP, -0x82), RDX);
    x86_alu8_constant(x, X_SUB, REG_SP, 3);
    x86_alu_mem_constant(x, X_OR, FRAME(mode), UP__I);
    up__native_jump(w, X_JUMP, up__native_vector(w->cart));
}

// RTI. Decimal mode is not for here.
static void return_from_break(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    x86_lea(x, RAX, x86_at(REG_SP, -0x80));
    x86_alu_constant(x, X_CMP, RAX, 0x7C);
    detour(w, DETOUR_LEAVE, X_A, i);
    x86_load8(x, RDX, x86_indexed(REG_RAM, REG_SP, -0x7F));
    x86_test_constant(x, RDX, UP__D);
    detour(w, DETOUR_LEAVE, X_NE, i);
    x86_load16(x, RAX, x86_indexed(REG_RAM, REG_SP, -0x7E));
    x86_load64(x, RCX, FRAME(entry));
    x86_load64(x, RCX, (X86Mem){RCX, RAX, 3, 0});
    x86_test64(x, RCX, RCX);
    detour(w, DETOUR_LEAVE, X_E, i);
    w->s = (UpNativeState){.cycles = w->s.cycles + 6, .logged = w->s.logged};
    x86_alu8_constant(x, X_ADD, REG_SP, 3);
    x86_bit_to_carry(x, RDX, 6);
    x86_setcc(x, X_B, REG_V);
    x86_bit_to_carry(x, RDX, 0);
    x86_setcc(x, X_B, REG_CARRY);
    x86_mov(x, REG_NZ, RDX); // N to bit 8, Z's opposite to bit 1
    x86_alu_constant(x, X_AND, REG_NZ, UP__N | UP__Z);
    x86_alu_constant(x, X_XOR, REG_NZ, UP__Z);
    x86_alu(x, X_ADD, REG_NZ, REG_NZ);
    x86_alu_constant(x, X_AND, RDX, UP__I);
    x86_alu_constant(x, X_OR, RDX, UP__B);
    x86_store(x, FRAME(mode), RDX);
    go_on(w);
}

// False: it is to be interpreted.
static bool write_alone(UpNativeWork *w, const UpNativeIns *i) {
    w->s.host = 0;
    w->s.cycles += 2;
    switch (i->operation) {
    case OP_CLC:
    case OP_SEC:
        w->s.carry = i->operation == OP_SEC ? CARRY_1 : CARRY_0;
        break;
    case OP_CLI:
        x86_alu_mem_constant(&w->x, X_AND, FRAME(mode), ~UP__I);
        break;
    case OP_SEI:
        x86_alu_mem_constant(&w->x, X_OR, FRAME(mode), UP__I);
        break;
    case OP_CLV:
        x86_set(&w->x, REG_V, 0);
        break;
    case OP_DEX:
    case OP_INX:
        step_register(w, REG_X, i->operation == OP_DEX);
        break;
    case OP_DEY:
    case OP_INY:
        step_register(w, REG_Y, i->operation == OP_DEY);
        break;
    case OP_TAX:
        transfer(w, REG_X, REG_A);
        break;
    case OP_TAY:
        transfer(w, REG_Y, REG_A);
        break;
    case OP_TXA:
        transfer(w, REG_A, REG_X);
        break;
    case OP_TYA:
        transfer(w, REG_A, REG_Y);
        break;
    case OP_TSX:
        transfer(w, REG_X, REG_SP);
        break;
    case OP_TXS:
        transfer(w, REG_SP, REG_X);
        break;
    case OP_ASL:
    case OP_LSR:
    case OP_ROL:
    case OP_ROR:
        shift(w, i, REG_A);
        w->s.nz = NZ_IN_A;
        break;
    case OP_PHA:
        push_a(w, i);
        break;
    case OP_PHP:
        push_status(w, i);
        break;
    case OP_PLA:
        pull_a(w, i);
        break;
    case OP_CLD: // translated code runs in binary mode only
    case OP_NOP:
        break;
    default: // SED, PLP
        w->s.cycles -= 2;
        return false;
    }
    return true;
}

// The host's condition under which a branch is taken.
static int condition(UpNativeWork *w, uint8_t flag, bool when_set) {
    static const uint8_t home[] = {REG_NZ, REG_A, REG_X, REG_Y};
    X86 *x = &w->x;
    int nz = home[w->s.nz], host = w->s.host, set = X_NE;
    if (flag == UP__Z) set = X_E;
    if (flag == UP__N && (host & HOST_N || w->s.nz != NZ_OWN)) set = X_S;
    if (flag == UP__C && host & HOST_C) set = X_B;
    if (flag == UP__C && host & HOST_NOT_C) set = X_AE;
    bool has = flag == UP__Z   ? host & HOST_Z
               : flag == UP__N ? host & HOST_N
               : flag == UP__C ? host & (HOST_C | HOST_NOT_C)
                               : host & HOST_V;
    if (!has) {
        w->s.host = 0;
        if (flag == UP__C)
            x86_test(x, REG_CARRY, REG_CARRY);
        else if (flag == UP__V)
            x86_test(x, REG_V, REG_V);
        else if (set == X_NE)
            x86_test_constant(x, nz, 0x180);
        else
            x86_test8(x, nz, nz);
    }
    return when_set ? set : set ^ 1;
}

static bool write_branch(UpNativeWork *w, const UpNativeIns *i) {
    uint16_t target = (uint16_t)(i->pc + i->op->target);
    bool when_set;
    uint8_t flag = branch_flag(i->operation, &when_set), live = up__native_live(w, target);
    int taken = X_JUMP;
    if (flag == UP__C && w->s.carry != CARRY_OWN) {
        if ((w->s.carry == CARRY_1) != when_set) {
            w->s.cycles += 2;
            return true;
        }
    } else {
        taken = condition(w, flag, when_set);
    }
    w->s.cycles += i->op->taken;
    up__native_settle(&w->x, &w->s, live);
    up__native_jump(w, taken, target);
    w->s.cycles = 2 - i->op->taken;
    return taken != X_JUMP;
}

static bool write_jump(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    if (i->operation == OP_JSR) {
        x86_alu8_constant(x, X_CMP, REG_SP, 0x81);
        detour(w, DETOUR_LEAVE, X_B, i);
        x86_set(x, RAX, (uint16_t)(i->pc + 2));
        x86_store16(x, x86_indexed(REG_RAM, REG_SP, -0x81), RAX);
        x86_alu8_constant(x, X_SUB, REG_SP, 2);
    }
    w->s.cycles += i->operation == OP_JSR ? 6 : 3;
    up__native_settle(x, &w->s, up__native_live(w, i->op->a));
    up__native_jump(w, X_JUMP, i->op->a);
    return false;
}

// A register counted down to 0.
static void count_down(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    int reg = i->operation == OP_DEX ? REG_X : REG_Y;
    x86_lea(x, RAX, x86_at(reg, -1));
    x86_zero_extend8(x, RAX, RAX);
    x86_multiply(x, RAX, RAX, 2 + i->op->taken);
    x86_alu(x, X_ADD, REG_CYCLE, RAX);
    x86_set(x, reg, 0);
    w->s.cycles += 4;
    set_nz(w, reg, false);
}

static void wait_for_timer(UpNativeWork *w, const UpNativeIns *i) {
    settle_log(w);
    x86_set(&w->x, RDX, 4u + i->op->taken);
    x86_set(&w->x, RCX, (uint32_t)i->op->target | (i->op->a & 1 ? 0 : 0x100));
    call(w, CALL_IDLE, w->s.cycles + 4);
    x86_alu(&w->x, X_ADD, REG_CYCLE, RAX);
}

// The bank that an instruction switches to and does little else; -1: none.
static int switched_bank(const UpNativeWork *w, const UpNativeIns *i, uint16_t address) {
    UpAtariType type = w->cart->type;
    if (mode_of[w->cart->image[up__native_place(w->cart, w->map, i->pc)]] != ABS ||
        !(address & 0x1000) || type < UP__CART_F8 || type > UP__CART_F4SC)
        return -1;
    if (value_of_load(i->operation) < 0 && i->operation != OP_BIT && !is_store(i->operation))
        return -1;
    int banks = (int)(w->cart->size / 4096);
    int bank = (address & 0xFFF) - (banks == 2 ? 0xFF8 : banks == 4 ? 0xFF6 : 0xFF4);
    return bank >= 0 && bank < banks ? bank : -1;
}

// What a read from the new bank does.
static void read_constant(UpNativeWork *w, const UpNativeIns *i, uint8_t value) {
    X86 *x = &w->x;
    int reg = value_of_load(i->operation);
    if (i->operation == OP_BIT) {
        x86_mov(x, REG_NZ, REG_A);
        x86_alu_constant(x, X_AND, REG_NZ, value);
        x86_alu_constant(x, X_OR, REG_NZ, (value & 0x80) << 1);
        x86_set(x, REG_V, value >> 6 & 1);
        w->s.nz = NZ_OWN;
    } else if (reg >= 0) {
        x86_set(x, reg, value);
        set_nz(w, reg, false);
    }
}

static bool switch_bank(UpNativeWork *w, const UpNativeIns *i) {
    X86 *x = &w->x;
    uint16_t address = i->op->a, next = (uint16_t)(i->pc + 3);
    int bank = switched_bank(w, i, address);
    if (bank < 0) return false;
    x86_load64(x, RCX, FRAME(map));
    x86_load64(x, RCX, x86_at(RCX, 8 * bank));
    x86_test64(x, RCX, RCX);
    detour(w, DETOUR_LEAVE, X_E, i);
    x86_add64_constant(x, RCX, offsetof(UpNativeMap, entry));
    x86_store64(x, FRAME(entry), RCX);
    x86_store8_constant(x, x86_at(REG_RAM, MACHINE(bank)), (unsigned)bank);
    w->s.cycles += i->op->cycles;
    read_constant(w, i, w->cart->image[bank * 4096 + (address & 0xFFF)]);
    up__native_settle(x, &w->s, LIVE_ALL);
    jump_far(w, next);
    return true;
}

bool up__native_write_ins(UpNativeWork *w, const UpNativeIns *i) {
    if (i->form == FORM_BRANCH) return write_branch(w, i);
    w->s.host = 0;
    switch (i->form) {
    case FORM_PLAIN:
        if (!switch_bank(w, i)) leave(w, w->s, i->pc);
        return false;
    case FORM_JUMP:
        return write_jump(w, i);
    case FORM_BREAK:
        write_break(w, i);
        return false;
    case FORM_RETURN:
        return_from_break(w, i);
        return false;
    case FORM_ALONE:
        if (i->operation == OP_RTS) {
            return_to(w, i);
            return false;
        }
        if (write_alone(w, i)) return true;
        leave(w, w->s, i->pc);
        return false;
    case FORM_COUNT:
        count_down(w, i);
        return true;
    case FORM_WAIT:
        wait_for_timer(w, i);
        break;
    default:
        break;
    }
    if (is_store(i->operation))
        write_store(w, i);
    else if (up__native_modifies(i->operation))
        write_modify(w, i);
    else
        write_read(w, i);
    return true;
}

// ---------------------------------------------------------------------------------------------------
// Detours

// Before a read whose costs are paid.
static void leave_before(UpNativeWork *w, const UpNativeDetour *d) {
    UpNativeState s = d->state;
    s.cycles -= d->ins.op->cycles;
    unpay_crossing(w, &d->ins);
    leave(w, s, d->pc);
}

static void detour_read(UpNativeWork *w, const UpNativeDetour *d) {
    X86 *x = &w->x;
    const UpNativeIns *i = &d->ins;
    X86Mem place = far_place(w, i);
    if (d->address != RCX) x86_mov(x, RCX, d->address);
    if (d->state.logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, d->state.logged));
    if (i->form == FORM_IX)
        x86_mov(x, RDX, RCX), x86_shift(x, X_SHR, RDX, 8);
    else if (i->form == FORM_IY)
        x86_load8(x, RDX, x86_at(REG_RAM, (i->op->a & 0x7F) + 1));
    else
        x86_set(x, RDX, i->form == FORM_ZX || i->form == FORM_ZY ? i->op->a : i->op->a >> 8);
    call(w, CALL_READ, d->state.cycles);
    if (d->state.logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, -d->state.logged));
    x86_test(x, RAX, RAX);
    uint8_t *hot = x86_jump(x, X_S);
    x86_store8(x, FRAME(byte), RAX);
    x86_lea64(x, place.index,
              x86_at(REG_FRAME, (int32_t)offsetof(UpNativeFrame, byte) - place.disp));
    x86_alu64(x, X_SUB, place.index, place.base);
    x86_lead(x, x86_jump(x, X_JUMP), x86_home(x, d->back));
    x86_lead_here(x, hot);
    leave_before(w, d);
}

static void detour_write(UpNativeWork *w, const UpNativeDetour *d) {
    X86 *x = &w->x;
    const UpNativeIns *i = &d->ins;
    UpNativeState before = d->state, after = d->state;
    before.cycles -= i->op->cycles;
    if (d->address != RCX) x86_mov(x, RCX, d->address);
    x86_test_constant(x, RCX, 0x1000);
    uint8_t *cartridge = x86_jump(x, X_NE);
    if (after.logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, after.logged));
    x86_mov(x, RDX, i->operation == OP_PHA ? REG_A : value_of(i->operation));
    call(w, CALL_WRITE, after.cycles);
    if (after.logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, -after.logged));
    x86_lea(x, REG_CYCLE, x86_at(RAX, -after.cycles));
    x86_alu_mem_constant(x, X_CMP, FRAME(halt), 0);
    x86_lead(x, x86_jump(x, X_E), x86_home(x, d->back));
    if (i->operation == OP_PHA) x86_inc8(x, REG_SP, true);
    leave(w, after, (uint16_t)(i->pc + i->length));
    x86_lead_here(x, cartridge);
    leave(w, before, d->pc);
}

static void detour_pull(UpNativeWork *w, const UpNativeDetour *d) {
    X86 *x = &w->x;
    if (d->state.logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, d->state.logged));
    x86_mov(x, RCX, REG_SP);
    call(w, CALL_PULL, d->state.cycles);
    if (d->state.logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, -d->state.logged));
    x86_mov(x, REG_A, RAX);
    x86_inc8(x, REG_SP, false);
    x86_lead(x, x86_jump(x, X_JUMP), x86_home(x, d->back));
}

void up__native_write_detour(UpNativeWork *w, const UpNativeDetour *d) {
    x86_lead_here(&w->x, d->from);
    if (d->kind == DETOUR_READ) {
        detour_read(w, d);
    } else if (d->kind == DETOUR_WRITE) {
        detour_write(w, d);
    } else if (d->kind == DETOUR_PULL) {
        detour_pull(w, d);
    } else if (d->ins.form == FORM_AX || d->ins.form == FORM_AY || d->ins.form == FORM_IX ||
               d->ins.form == FORM_IY) {
        leave_before(w, d);
    } else {
        leave(w, d->state, d->pc);
    }
}
