// What a cartridge has beside code: the RAM of SC boards, and the display of Pitfall II's.
#include "env/atari/jit/ops.h"

enum { PORT = 128, FETCHERS = 5 }; // bytes of RAM; fetchers that make no music

#define CART_RAM x86_at(REG_RAM, MACHINE(cart_ram))
#define DPC(field) x86_at(REG_RAM, MACHINE(dpc.field))

static X86Mem at(X86Mem place, uint32_t index) {
    place.disp += (int32_t)index;
    return place;
}

// Whether an indexed address begins where the RAM of an SC board is read or written.
bool up__jit_in_cart_ram(const UpJitWork *w, const UpJitIns *i) {
    uint32_t offset = i->op.a & 0xFFF, from = up__jit_stores(i->operation) ? 0 : PORT;
    return (i->form == FORM_AX || i->form == FORM_AY) && up__cart_has_ram(w->cart->type) &&
           i->op.a & 0x1000 && offset - from < PORT;
}

X86Mem up__jit_cart_ram(UpJitWork *w, const UpJitIns *i, int kind) {
    X86 *x = &w->x;
    int index = up__jit_index(i->form);
    x86_lea(x, RCX, x86_at(index, i->op.a));
    x86_lea(x, RAX, x86_at(index, i->op.a & (PORT - 1)));
    x86_alu_constant(x, X_CMP, RAX, PORT);
    up__jit_detour(w, kind, X_AE, i);
    return x86_indexed(REG_RAM, RAX, MACHINE(cart_ram));
}

// The display's random byte: the lowest new bit is set if of four bits an even number is.
void up__jit_clock_random(X86 *x) {
    x86_load8(x, RAX, DPC(random));
    x86_test_constant(x, RAX, 0xB8);
    x86_setcc(x, X_P, RCX);
    x86_alu8(x, X_ADD, RAX, RAX);
    x86_alu8(x, X_OR, RAX, RCX);
    x86_store8(x, DPC(random), RAX);
}

// A byte of the display, where the flag says so if it is masked.
static UpJitOperand fetch(UpJitWork *w, uint32_t fetcher, bool masked) {
    X86 *x = &w->x;
    X86Mem flag = at(DPC(flag), fetcher), counter = at(DPC(counter), 2 * fetcher);
    up__jit_clock_random(x);
    x86_load16(x, RCX, counter);
    x86_alu8_mem(x, X_CMP, RCX, at(DPC(top), fetcher));
    uint8_t *begins = x86_jump(x, X_E);
    x86_alu8_mem(x, X_CMP, RCX, at(DPC(bottom), fetcher));
    uint8_t *stays = x86_jump(x, X_NE);
    x86_store8_constant(x, flag, 0);
    uint8_t *ends = x86_jump(x, X_JUMP);
    x86_lead_here(x, begins);
    x86_store8_constant(x, flag, 0xFF);
    x86_lead_here(x, stays);
    x86_lead_here(x, ends);
    x86_lea(x, RAX, x86_at(RCX, -1));
    x86_alu_constant(x, X_AND, RAX, UP__DPC_BYTES - 1);
    x86_store16(x, counter, RAX);
    x86_alu_constant(x, X_XOR, RCX, UP__DPC_BYTES - 1);
    x86_load8(x, RAX, x86_indexed(REG_IMAGE, RCX, (int32_t)w->cart->image_size));
    if (masked) x86_alu8_mem(x, X_AND, RAX, flag);
    return (UpJitOperand){.kind = IN_EAX};
}

UpJitOperand up__jit_read_cart(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    uint32_t offset = i->op.a & 0xFFF, fetcher = offset & 7, function = offset >> 3;
    if (w->cart->type != UP__CART_DPC && offset >= PORT)
        return (UpJitOperand){MEMORY, 0, at(CART_RAM, offset - PORT)};
    if (w->cart->type != UP__CART_DPC)
        return (UpJitOperand){.kind = IMMEDIATE,
                              .value =
                                  w->cart->image[up__jit_place(w->cart, w->map->bank, i->op.a)]};
    if (fetcher < FETCHERS && (function == 1 || function == 2))
        return fetch(w, fetcher, function == 2);
    x86_set(x, RCX, i->op.a);
    up__jit_call(w, CALL_READ, w->s.cycles);
    return (UpJitOperand){.kind = IN_EAX};
}

void up__jit_store_cart(UpJitWork *w, const UpJitIns *i) {
    X86 *x = &w->x;
    uint32_t offset = i->op.a & 0xFFF;
    if (w->cart->type == UP__CART_DPC) {
        x86_set(x, RCX, i->op.a);
        x86_mov(x, RDX, up__jit_stored(i->operation));
        up__jit_call(w, CALL_WRITE, w->s.cycles);
    } else if (up__cart_has_ram(w->cart->type) && offset < PORT) {
        x86_store8(x, at(CART_RAM, offset), up__jit_stored(i->operation));
    }
}
