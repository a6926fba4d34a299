// Stores: RAM, the log of TIA writes, waiting for a line, and what only a function can do.
#include "env/atari/jit/ops.h"

// An entry of the log, of the time after this instruction. Bits that the register does not have
// are left out: the log of the next frame may then be the same. Colours lack only the lowest.
static void log_write(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    X86Mem entry = x86_at(REG_LOG, w->s.logged + 4);
    int bits = up__tia_bits[i->op.b >> 8], value = up__jit_stored(i->operation);
    x86_lea(x, RAX, x86_at(REG_CYCLE, w->s.cycles));
    x86_store(x, x86_at(REG_LOG, w->s.logged), RAX);
    if (!bits) {
        x86_store_constant(x, entry, i->op.b);
        return;
    }
    if (bits < 0xFE) {
        x86_mov(x, RAX, value);
        x86_alu_constant(x, X_AND, RAX, bits);
        value = RAX;
    }
    x86_lea(x, RAX, x86_at(value, i->op.b));
    x86_store(x, entry, RAX);
}

// To a register whose last value is known: without effect where it is the same.
static void store_changed(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    int value = up__jit_stored(i->operation);
    X86Mem last = x86_at(REG_RAM, MACHINE(tia.written) + (i->op.b >> 8));
    x86_alu8_mem(x, X_CMP, value, last);
    uint8_t *same = x86_jump(x, X_E);
    x86_store8(x, last, value);
    log_write(w, i);
    x86_add64_constant(x, REG_LOG, 8);
    x86_lead_here(x, same);
}

// Cycles of a line, as a division by multiplication: exact below 69,905.
enum { DIVIDE_LINE = 55189, DIVIDE_LINE_SHIFT = 22 };

static void wait_for_line(UpJitWork *w) {
    X86 *x = &w->x;
    x86_lea(x, RAX, x86_at(REG_CYCLE, w->s.cycles + UP__LINE_CYCLES - 1));
    x86_alu_mem(x, X_SUB, RAX, FRAME(line0));
    x86_multiply(x, RAX, RAX, DIVIDE_LINE);
    x86_shift(x, X_SHR, RAX, DIVIDE_LINE_SHIFT);
    x86_multiply(x, REG_CYCLE, RAX, UP__LINE_CYCLES);
    x86_alu_mem(x, X_ADD, REG_CYCLE, FRAME(line0));
    w->s.cycles = 0;
    x86_alu_mem(x, X_CMP, REG_CYCLE, FRAME(limit));
    x86_lead(x, x86_jump(x, X_GE), w->jit->leave);
}

// After a function wrote: the time, and whether the frame ended.
void up__jit_after_write(UpJitWork *w, const UpJitIns *i) {
    x86_mov(&w->x, REG_CYCLE, RAX);
    w->s.cycles = 0;
    x86_alu_mem_constant(&w->x, X_CMP, FRAME(halt), 0);
    up__jit_detour(w, DETOUR_LEAVE, X_NE, i)->pc = (uint16_t)(i->pc + i->length);
}

static void clear_motion(UpJitWork *w, const UpJitIns *i) {
    log_write(w, i);
    w->s.logged += 8;
    x86_store_constant(&w->x, x86_at(REG_RAM, MACHINE(tia.written) + UP__HMP0), 0);
    x86_store8_constant(&w->x, x86_at(REG_RAM, MACHINE(tia.written) + UP__HMBL), 0);
}

static void store_port(UpJitWork *w, const UpJitIns *i) {
    if ((i->op.a & 0xBF) == UP__HMCLR) {
        clear_motion(w, i);
        return;
    }
    up__jit_settle_log(w);
    x86_set(&w->x, RCX, i->op.a);
    x86_mov(&w->x, RDX, up__jit_stored(i->operation));
    up__jit_call(w, CALL_WRITE, w->s.cycles);
    up__jit_after_write(w, i);
}

static void store_far(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    if (up__jit_in_cart_ram(w, i)) {
        X86Mem place = up__jit_cart_ram(w, i, DETOUR_WRITE);
        x86_store8(x, place, up__jit_stored(i->operation));
        w->detour[w->detours - 1].back = x->at;
        return;
    }
    if (up__jit_points(i->form)) {
        x86_load16(x, RCX, x86_at(REG_RAM, i->op.a & 0x7F));
        if (i->form != FORM_P) x86_alu(x, X_ADD, RCX, up__jit_index(i->form));
    } else {
        x86_lea(x, RCX, x86_at(up__jit_index(i->form), i->op.a));
    }
    x86_mov(x, RAX, RCX);
    x86_alu_constant(x, X_AND, RAX, 0x1280);
    x86_alu_constant(x, X_CMP, RAX, 0x80);
    UpJitDetour *other = up__jit_detour(w, DETOUR_WRITE, X_NE, i);
    x86_alu_constant(x, X_AND, RCX, 0x7F);
    x86_store8(x, x86_indexed(REG_RAM, RCX, 0), up__jit_stored(i->operation));
    other->back = x->at;
}

void up__jit_write_store(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    w->s.cycles += i->op.cycles;
    switch (i->form) {
    case FORM_Z:
        x86_store8(x, x86_at(REG_RAM, i->op.a), up__jit_stored(i->operation));
        break;
    case FORM_ZX:
    case FORM_ZY: {
        X86Mem place = up__jit_page_zero(w, i, DETOUR_WRITE);
        x86_store8(x, place, up__jit_stored(i->operation));
        w->detour[w->detours - 1].back = x->at;
        break;
    }
    case FORM_TL:
        log_write(w, i);
        w->s.logged += 8;
        break;
    case FORM_TF:
        store_changed(w, i);
        break;
    case FORM_TN:
        break;
    case FORM_CARTRIDGE:
        up__jit_store_cart(w, i);
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
