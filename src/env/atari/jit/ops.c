// The host's code for one instruction. Equal to the fast loop's handlers (fast_ops.h). By theme:
// read.c, alu.c, store.c, stack.c, branch.c, detour.c.
#include "env/atari/jit/ops.h"

void up__jit_settle(X86 *x, UpJitState *s, uint8_t live) {
    static const uint8_t home[] = {[NZ_IN_A] = REG_A, [NZ_IN_X] = REG_X, [NZ_IN_Y] = REG_Y};
    if (s->cycles) x86_lea(x, REG_CYCLE, x86_at(REG_CYCLE, s->cycles));
    if (s->logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, s->logged));
    s->cycles = s->logged = 0;
    if (live & LIVE_NZ && s->nz != NZ_OWN) x86_mov(x, REG_NZ, home[s->nz]);
    if (live & UP__C && s->carry != CARRY_OWN) x86_set(x, REG_CARRY, s->carry == CARRY_1);
}

void up__jit_settle_log(UpJitWork *w) {
    if (w->s.logged) x86_lea64(&w->x, REG_LOG, x86_at(REG_LOG, w->s.logged));
    w->s.logged = 0;
}

void up__jit_call(UpJitWork *w, int function, int32_t cycles) {
    x86_lea(&w->x, RAX, x86_at(REG_CYCLE, cycles));
    x86_lead(&w->x, x86_jump(&w->x, X_CALL), w->jit->call[function]);
}

// ---------------------------------------------------------------------------------------------------
// Registers, and waits

static void step_register(UpJitWork *w, int reg, bool down) {
    x86_inc8(&w->x, reg, down);
    up__jit_set_nz(w, reg, true);
}

static void transfer(UpJitWork *w, int to, int from) {
    x86_mov(&w->x, to, from);
    if (to != REG_SP) up__jit_set_nz(w, to, false);
}

static void write_register(UpJitWork *w, int operation) {
    switch (operation) {
    case OP_DEX:
    case OP_INX:
        step_register(w, REG_X, operation == OP_DEX);
        break;
    case OP_DEY:
    case OP_INY:
        step_register(w, REG_Y, operation == OP_DEY);
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
    default: // NOP, CLD and SED in their mode
        break;
    }
}

static void write_alone(UpJitWork *w, const UpJitIns *i) {
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
    case OP_ASL:
    case OP_LSR:
    case OP_ROL:
    case OP_ROR:
        up__jit_write_shift(w, i, REG_A);
        w->s.nz = NZ_IN_A;
        break;
    case OP_PHA:
        up__jit_push_a(w, i);
        break;
    case OP_PHP:
        up__jit_push_status(w, i);
        break;
    case OP_PLA:
        up__jit_pull_a(w, i);
        break;
    case OP_PLP:
        up__jit_pull_status(w, i);
        break;
    default:
        write_register(w, i->operation);
        break;
    }
}

// A register counted down to 0.
static void count_down(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    int reg = i->operation == OP_DEX ? REG_X : REG_Y;
    x86_lea(x, RAX, x86_at(reg, -1));
    x86_zero_extend8(x, RAX, RAX);
    x86_multiply(x, RAX, RAX, 2 + i->op.taken);
    x86_alu(x, X_ADD, REG_CYCLE, RAX);
    x86_set(x, reg, 0);
    w->s.cycles += 4;
    up__jit_set_nz(w, reg, false);
}

static void wait_for_timer(UpJitWork *w, const UpJitIns *i) {
    up__jit_settle_log(w);
    x86_set(&w->x, RDX, 4u + i->op.taken);
    x86_set(&w->x, RCX, (uint32_t)i->op.target | (i->op.a & 1 ? 0 : 0x100));
    up__jit_call(w, CALL_IDLE, w->s.cycles + 4);
    x86_alu(&w->x, X_ADD, REG_CYCLE, RAX);
}

// ---------------------------------------------------------------------------------------------------
// All

// Whether an instruction in RAM is what it was.
static void check(UpJitWork *w, const UpJitIns *i) {
    unsigned at = i->pc & 0x7F;
    X86Mem place = x86_at(REG_RAM, (int32_t)at);
    w->s.host = 0;
    if (i->checked == 1)
        x86_compare8_mem_constant(&w->x, place, w->ram[at]);
    else
        x86_compare16_mem_constant(&w->x, place, w->ram[at] | (unsigned)w->ram[at + 1] << 8);
    up__jit_detour(w, DETOUR_LEAVE, X_NE, i);
}

bool up__jit_write_ins(UpJitWork *w, const UpJitIns *i) {
    if (i->checked) check(w, i);
    if (i->form == FORM_BRANCH) return up__jit_write_branch(w, i);
    w->s.host = 0;
    switch (i->form) {
    case FORM_PLAIN:
        up__jit_leave(w, w->s, i->pc);
        return false;
    case FORM_SWITCH:
        up__jit_switch_bank(w, i);
        return false;
    case FORM_JUMP:
        return up__jit_write_jump(w, i);
    case FORM_INDIRECT:
        up__jit_write_indirect(w, i);
        return false;
    case FORM_BREAK:
        up__jit_write_break(w, i);
        return false;
    case FORM_RETURN:
        up__jit_write_break_return(w, i);
        return false;
    case FORM_ALONE:
        if (i->operation == OP_RTS) {
            up__jit_write_return(w, i);
            return false;
        }
        if (up__jit_changes_mode(w, i)) {
            up__jit_change_mode(w, i);
            return false;
        }
        write_alone(w, i);
        return true;
    case FORM_COUNT:
        count_down(w, i);
        return true;
    case FORM_WAIT:
        wait_for_timer(w, i);
        break;
    default:
        break;
    }
    if (up__jit_stores(i->operation))
        up__jit_write_store(w, i);
    else if (up__jit_modifies(i->operation))
        up__jit_write_modify(w, i);
    else
        up__jit_write_read(w, i);
    return true;
}
