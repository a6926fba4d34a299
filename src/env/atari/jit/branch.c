// Branches, jumps, calls, and the links between pieces of code, of other banks too.
#include "env/atari/jit/ops.h"

// To code that may not be translated yet.
static void jump_far(UpJitWork *w, uint16_t pc) {
    X86 *x = &w->x;
    x86_load64(x, RCX, FRAME(entry));
    x86_load64(x, RCX, x86_at(RCX, 8 * pc));
    x86_set(x, RDX, pc);
    x86_set(x, RAX, pc);
    x86_alu_mem(x, X_CMP, REG_CYCLE, FRAME(limit));
    x86_lead(x, x86_jump(x, X_GE), w->jit->leave);
    x86_test64(x, RCX, RCX);
    x86_lead(x, x86_jump(x, X_E), w->jit->find);
    x86_jump_register(x, RCX);
}

// All that is late was settled.
void up__jit_jump(UpJitWork *w, int condition, uint16_t pc) {
    X86 *x = &w->x;
    if (up__jit_reaches(w, pc)) {
        w->link[w->links] = (UpJitLink){x86_jump(x, condition), pc};
        if (w->links < LINKS_MAX - 1) // as with detours
            w->links++;
        else
            x->full = true;
        return;
    }
    uint8_t *over = condition == X_JUMP ? NULL : x86_jump(x, condition ^ 1);
    jump_far(w, pc);
    if (over) x86_lead_here(x, over);
}

// ---------------------------------------------------------------------------------------------------
// Branches

// The flag that a branch tests, and whether it branches when that is set.
uint8_t up__jit_branch_flag(int operation, bool *when_set) {
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

// The host's condition under which a branch is taken.
static int condition(UpJitWork *w, uint8_t flag, bool when_set) {
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

bool up__jit_write_branch(UpJitWork *w, const UpJitIns *i) {
    uint16_t target = (uint16_t)(i->pc + i->op.target);
    bool when_set;
    uint8_t flag = up__jit_branch_flag(i->operation, &when_set), live = up__jit_live(w, target);
    int taken = X_JUMP;
    if (flag == UP__C && w->s.carry != CARRY_OWN) {
        if ((w->s.carry == CARRY_1) != when_set) {
            w->s.cycles += 2;
            return true;
        }
    } else {
        taken = condition(w, flag, when_set);
    }
    w->s.cycles += i->op.taken;
    up__jit_settle(&w->x, &w->s, live);
    up__jit_jump(w, taken, target);
    w->s.cycles = 2 - i->op.taken;
    return taken != X_JUMP;
}

bool up__jit_write_jump(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    if (i->operation == OP_JSR) {
        x86_alu8_constant(x, X_CMP, REG_SP, 0x81);
        up__jit_detour(w, DETOUR_LEAVE, X_B, i);
        x86_set(x, RAX, (uint16_t)(i->pc + 2));
        x86_store16(x, x86_indexed(REG_RAM, REG_SP, -0x81), RAX);
        x86_alu8_constant(x, X_SUB, REG_SP, 2);
    }
    w->s.cycles += i->operation == OP_JSR ? 6 : 3;
    up__jit_settle(x, &w->s, up__jit_live(w, i->op.a));
    up__jit_jump(w, X_JUMP, i->op.a);
    return false;
}

// SED in binary, CLD in decimal mode: what follows has code of its own for either.
void up__jit_change_mode(UpJitWork *w, const UpJitIns *i) {
    enum { TABLE = sizeof((UpJitMap *)0)->entry[0] };
    X86 *x = &w->x;
    x86_load64(x, RCX, FRAME(entry));
    x86_lea64(x, RCX, x86_at(RCX, w->decimal ? -TABLE : TABLE));
    x86_store64(x, FRAME(entry), RCX);
    x86_alu_mem_constant(x, w->decimal ? X_AND : X_OR, FRAME(mode), w->decimal ? ~UP__D : UP__D);
    w->s.cycles += 2;
    up__jit_settle(x, &w->s, LIVE_ALL);
    jump_far(w, (uint16_t)(i->pc + 1));
}

// ---------------------------------------------------------------------------------------------------
// Bank switches

// The register that a load fills, or -1.
static int value_of_load(int operation) {
    return operation == OP_LDA   ? REG_A
           : operation == OP_LDX ? REG_X
           : operation == OP_LDY ? REG_Y
                                 : -1;
}

int up__jit_switched_bank(const UpJitWork *w, const UpJitIns *i, uint8_t bank[3]) {
    UpAtariType type = w->cart->type;
    memcpy(bank, w->map->bank, sizeof w->map->bank);
    if (mode_of[w->cart->image[up__jit_place(w->cart, w->map->bank, i->pc)]] != ABS ||
        !(i->op.a & 0x1000) || type < UP__CART_F8 || type == UP__CART_FE)
        return -1;
    if (value_of_load(i->operation) < 0 && i->operation != OP_BIT && !up__jit_stores(i->operation))
        return -1;
    int banks = (int)(w->cart->size / 4096), offset = i->op.a & 0xFFF, slice = 0;
    int to = offset - (banks == 2 ? 0xFF8 : banks == 4 ? 0xFF6 : 0xFF4);
    if (type == UP__CART_E0) {
        banks = 8;
        slice = (offset - 0xFE0) >> 3;
        to = slice >= 0 && slice < 3 ? offset & 7 : -1;
    }
    if (to < 0 || to >= banks) return -1;
    bank[slice] = (uint8_t)to;
    return slice;
}

// What a read from the new bank does.
static void read_constant(UpJitWork *w, const UpJitIns *i, uint8_t value) {
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
        up__jit_set_nz(w, reg, false);
    }
}

void up__jit_switch_bank(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    uint8_t bank[3];
    int which = up__jit_switched_bank(w, i, bank);
    x86_load64(x, RCX, FRAME(map));
    x86_load64(x, RCX, x86_at(RCX, 8 * (int32_t)up__jit_map_index(w->cart, bank)));
    x86_test64(x, RCX, RCX);
    up__jit_detour(w, DETOUR_LEAVE, X_E, i);
    x86_lea64(x, RCX, x86_at(RCX, up__jit_entries(w)));
    x86_store64(x, FRAME(entry), RCX);
    x86_store8_constant(x, x86_at(REG_RAM, MACHINE(bank) + which), bank[which]);
    if (w->cart->type == UP__CART_DPC) up__jit_clock_random(x);
    w->s.cycles += i->op.cycles;
    read_constant(w, i, w->cart->image[up__jit_place(w->cart, bank, i->op.a)]);
    up__jit_settle(x, &w->s, LIVE_ALL);
    jump_far(w, (uint16_t)(i->pc + 3));
}
