// Reads: where an instruction finds its operand, by what the decoder knows of the address.
#include "env/atari/jit/ops.h"

#include <stddef.h>

// Adds the cycle of a page crossing; `base` known.
static void pay_crossing(UpJitWork *w, int index, uint16_t base) {
    if (!(base & 0xFF)) return;
    x86_alu8_constant(&w->x, X_CMP, index, 256 - (base & 0xFF));
    x86_alu_constant(&w->x, X_SBB, REG_CYCLE, -1);
}

// Takes it back.
void up__jit_unpay_crossing(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    if (i->form == FORM_IX || i->form == FORM_P) return;
    if (up__jit_points(i->form)) {
        x86_load8(x, RAX, x86_at(REG_RAM, i->op.a & 0x7F));
        x86_alu8(x, X_ADD, RAX, up__jit_index(i->form));
        x86_alu_constant(x, X_SBB, REG_CYCLE, 0);
    } else if (i->op.a & 0xFF) {
        x86_alu8_constant(x, X_CMP, up__jit_index(i->form), 256 - (i->op.a & 0xFF));
        x86_alu_constant(x, X_ADC, REG_CYCLE, -1);
    }
}

// Where 256 bytes from an address on lie in the image, if they have no side effects: or -1.
static int table_at(const UpJitWork *w, uint16_t address) {
    uint16_t last = (uint16_t)(address + 255);
    if (!(address & last & 0x1000) || (address ^ last) & 0xE000) return -1;
    if (!up__jit_is_cold(w->cart, address & 0xFFF) || !up__jit_is_cold(w->cart, last & 0xFFF))
        return -1;
    uint32_t place = up__jit_place(w->cart, w->map->bank, address);
    return up__jit_place(w->cart, w->map->bank, last) == place + 255 ? (int)place : -1;
}

// Where detours make a read find its value.
X86Mem up__jit_far_place(const UpJitWork *w, const UpJitIns *i) {
    if (up__jit_in_cart_ram(w, i)) return x86_indexed(REG_RAM, RAX, MACHINE(cart_ram));
    bool cartridge = i->form == FORM_IX || up__jit_points(i->form) || i->op.a & 0x1000;
    if (i->form == FORM_ZX || i->form == FORM_ZY) return x86_indexed(REG_RAM, RAX, 0x80);
    if (!cartridge) return x86_indexed(REG_RAM, RCX, 0);
    bool switched = w->cart->type >= UP__CART_F8 && w->cart->type != UP__CART_E0 &&
                    w->cart->type != UP__CART_FE;
    return x86_indexed(REG_IMAGE, RCX, switched ? w->map->bank[0] * 4096 : 0);
}

// The cartridge at the address in ECX, most likely.
static void read_cartridge(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    const UpAtariCart *cart = w->cart;
    x86_test_constant(x, RCX, 0x1000);
    UpJitDetour *other = up__jit_detour(w, DETOUR_READ, X_E, i), *hot = other;
    if (cart->colds < 0x1000) {
        x86_mov(x, RAX, RCX);
        x86_alu_constant(x, X_AND, RAX, 0xFFF);
        if (cart->cold) x86_alu_constant(x, X_SUB, RAX, cart->cold);
        x86_alu_constant(x, X_CMP, RAX, cart->colds);
        hot = up__jit_detour(w, DETOUR_READ, X_AE, i);
    }
    if (cart->type == UP__CART_E0 || cart->type == UP__CART_FE) {
        x86_mov(x, RAX, RCX);
        x86_shift(x, X_SHR, RAX, 10);
        x86_alu_constant(x, X_AND, RAX, 15);
        x86_alu_constant(x, X_AND, RCX, 1023);
        x86_load64(x, RDX, FRAME(entry));
        x86_alu_mem(x, X_ADD, RCX,
                    (X86Mem){RDX, RAX, 2, (int32_t)offsetof(UpJitMap, place) - up__jit_entries(w)});
    } else {
        x86_alu_constant(x, X_AND, RCX, 0xFFF);
    }
    other->back = hot->back = x->at;
}

static void read_ram_or_port(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    x86_mov(x, RAX, RCX);
    x86_alu_constant(x, X_AND, RAX, 0x1280);
    x86_alu_constant(x, X_CMP, RAX, 0x80);
    UpJitDetour *other = up__jit_detour(w, DETOUR_READ, X_NE, i);
    x86_alu_constant(x, X_AND, RCX, 0x7F);
    other->back = x->at;
}

static UpJitOperand read_far(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    int index = up__jit_index(i->form), table;
    uint16_t base = i->op.a;
    if (i->form == FORM_IX) { // a pointer in RAM, both bytes of it
        x86_lea(x, RAX, x86_at(REG_X, i->op.a));
        x86_sign_extend8(x, RAX, RAX);
        x86_alu_constant(x, X_CMP, RAX, -1);
        up__jit_detour(w, DETOUR_LEAVE, X_GE, i);
        x86_load16(x, RCX, x86_indexed(REG_RAM, RAX, 0x80));
        read_cartridge(w, i);
    } else if (i->form == FORM_P) {
        x86_load16(x, RCX, x86_at(REG_RAM, base & 0x7F));
        read_cartridge(w, i);
    } else if (up__jit_points(i->form)) {
        x86_load16(x, RAX, x86_at(REG_RAM, base & 0x7F));
        x86_lea(x, RCX, x86_indexed(RAX, index, 0));
        x86_alu8(x, X_ADD, RAX, index);
        x86_alu_constant(x, X_ADC, REG_CYCLE, 0);
        read_cartridge(w, i);
    } else {
        pay_crossing(w, index, base);
        if ((table = table_at(w, base)) >= 0)
            return (UpJitOperand){MEMORY, 0, x86_indexed(REG_IMAGE, index, table)};
        if (up__jit_in_cart_ram(w, i))
            return (UpJitOperand){MEMORY, 0, up__jit_cart_ram(w, i, DETOUR_READ)};
        x86_lea(x, RCX, x86_at(index, base));
        if (base & 0x1000)
            read_cartridge(w, i);
        else
            read_ram_or_port(w, i);
    }
    return (UpJitOperand){MEMORY, 0, up__jit_far_place(w, i)};
}

// ---------------------------------------------------------------------------------------------------
// Ports

// A port that needs a function.
static UpJitOperand call_port(UpJitWork *w, const UpJitIns *i) {
    up__jit_settle_log(w);
    x86_set(&w->x, RCX, i->op.a);
    x86_set(&w->x, RDX, i->op.b);
    up__jit_call(w, CALL_READ, w->s.cycles);
    return (UpJitOperand){.kind = IN_EAX};
}

// The timer, as long as it runs.
static UpJitOperand read_timer(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    up__jit_settle_log(w);
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
    return (UpJitOperand){.kind = IN_EAX};
}

// Bit 7 from the host's carry, the others from the bus.
static UpJitOperand pin(UpJitWork *w, const UpJitIns *i) {
    x86_alu(&w->x, X_SBB, RAX, RAX);
    x86_alu_constant(&w->x, X_AND, RAX, 0x80);
    x86_alu_constant(&w->x, X_OR, RAX, i->op.b & 0x3F);
    return (UpJitOperand){.kind = IN_EAX};
}

static UpJitOperand read_pin(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    int reg = i->op.a & 15;
    UpJitOperand constant = {.kind = IMMEDIATE, .value = i->op.b & 0x3F};
    if (reg < 8) return call_port(w, i);
    if (reg > 13) return constant;
    if (reg < 12) {
        x86_lea(x, RCX, x86_at(REG_CYCLE, w->s.cycles));
        x86_compare_mem(
            x, x86_at(REG_FRAME, (int32_t)offsetof(UpJitFrame, charged) + 4 * (reg - 8)), RCX);
        return pin(w, i);
    }
    constant.value |= 0x80;
    if (w->cart->board.jack[reg - 12] == UP__ATARI_PADDLES) return constant;
    x86_load8(x, RAX, x86_at(REG_RAM, MACHINE(input.fire) + reg - 12));
    x86_alu8_constant(x, X_CMP, RAX, 1);
    return pin(w, i);
}

static UpJitOperand read_port(UpJitWork *w, const UpJitIns *i) {
    if (!(i->op.a & 0x80)) return read_pin(w, i);
    switch (i->op.a & 7) {
    case 0:
        return (UpJitOperand){MEMORY, 0, x86_at(REG_RAM, MACHINE(input.swcha))};
    case 1:
        return (UpJitOperand){MEMORY, 0, x86_at(REG_RAM, MACHINE(riot.direction))};
    case 2:
        return (UpJitOperand){MEMORY, 0, x86_at(REG_RAM, MACHINE(input.swchb))};
    case 3:
        return (UpJitOperand){.kind = IMMEDIATE, .value = 0};
    case 4:
    case 6:
        return read_timer(w, i);
    default:
        return call_port(w, i);
    }
}

// ---------------------------------------------------------------------------------------------------
// All

// An indexed access to page zero: where there is RAM, or the TIA by a detour.
X86Mem up__jit_page_zero(UpJitWork *w, const UpJitIns *i, int kind) {
    X86 *x = &w->x;
    x86_lea(x, RAX, x86_at(up__jit_index(i->form), i->op.a));
    x86_sign_extend8(x, RAX, RAX);
    x86_test(x, RAX, RAX);
    UpJitDetour *d = up__jit_detour(w, kind, X_NS, i);
    d->address = RAX;
    return x86_indexed(REG_RAM, RAX, 0x80);
}

UpJitOperand up__jit_read_operand(UpJitWork *w, const UpJitIns *i) {
    const UpAtariOp *op = &i->op;
    int index = up__jit_index(i->form);
    w->s.cycles += op->cycles;
    switch (i->form) {
    case FORM_I:
        return (UpJitOperand){.kind = IMMEDIATE, .value = (uint8_t)op->a};
    case FORM_AB:
        return (UpJitOperand){.kind = IMMEDIATE,
                              .value = w->cart->image[up__jit_place(w->cart, w->map->bank, op->a)]};
    case FORM_IM:
        return (UpJitOperand){MEMORY, 0, x86_at(REG_RAM, op->a & 0x7F)};
    case FORM_CARTRIDGE:
        return up__jit_read_cart(w, i);
    case FORM_Z:
        return (UpJitOperand){MEMORY, 0, x86_at(REG_RAM, op->a)};
    case FORM_ZX:
    case FORM_ZY:
        return (UpJitOperand){MEMORY, 0, up__jit_page_zero(w, i, DETOUR_READ)};
    case FORM_XR:
    case FORM_YR:
        pay_crossing(w, index, op->a);
        return (UpJitOperand){MEMORY, 0, x86_indexed(REG_IMAGE, index, op->b)};
    case FORM_WAIT:
    case FORM_IO:
        return read_port(w, i);
    default:
        return read_far(w, i);
    }
}
