// The way into translated code and out of it, and the functions that it calls.
#include "env/atari/cpu/alu.h"
#include "env/atari/jit/ins.h"
#include "env/atari/jit/maps.h"

enum { PLA = 0x68 };

// ---------------------------------------------------------------------------------------------------
// Functions that translated code calls

// UINT32_MAX: it may switch a bank.
static uint32_t read_cartridge(UpAtariBus *bus, int32_t cycle, uint32_t address) {
    const UpAtariCart *cart = bus->cart;
    uint32_t offset = address & 0xFFF;
    if (offset >= up__jit_hot(cart)) return UINT32_MAX;
    up__cart_follow(bus);
    if (offset >= cart->cold) return bus->page[address >> 10 & 15][address & 1023];
    bus->m->cycle = cycle;
    return up__cart_read(bus->m, cart, (uint16_t)address);
}

// UINT32_MAX: a read that may switch a bank.
static uint32_t call_read(UpJitFrame *f, int32_t cycle, uint32_t bits, uint32_t address) {
    UpAtariBus *bus = f->bus;
    if (address & 0x1000) return read_cartridge(bus, cycle, address);
    if ((address & 0x280) == 0x80) return bus->m->ram[address & 0x7F];
    bus->log_end = f->log;
    uint8_t value = up__atari_read_port(bus, cycle, (uint16_t)address, (uint8_t)bits);
    f->log = bus->log_end;
    return value;
}

// Of each pin: a paddle is charged after so many cycles.
void up__jit_note_paddles(UpJitFrame *f) {
    const UpAtariBus *bus = f->bus;
    const UpAtariMachine *m = bus->m;
    for (int pin = 0; pin < 4; pin++)
        if (m->input.resistance[pin] == 0)
            f->charged[pin] = 0;
        else if (bus->cart->board.jack[pin >> 1] == UP__ATARI_JOYSTICK || m->tia.dump)
            f->charged[pin] = UINT32_MAX;
        else
            f->charged[pin] = (uint32_t)m->tia.dump_end + bus->charge[pin];
}

// The cycle after it.
static uint32_t call_write(UpJitFrame *f, int32_t cycle, uint32_t value, uint32_t address) {
    UpAtariBus *bus = f->bus;
    bus->log_end = f->log;
    up__atari_write_port(bus, cycle, (uint16_t)address, (uint8_t)value);
    f->log = bus->log_end;
    f->halt = bus->ended;
    if ((address & 0xBF) == UP__VBLANK) up__jit_note_paddles(f);
    return (uint32_t)bus->m->cycle;
}

// `last` with bit 8: the count, not the status, is read.
static uint32_t call_idle(UpJitFrame *f, int32_t cycle, uint32_t period, uint32_t last) {
    return (uint32_t)up__riot_idle(&f->bus->m->riot, cycle, (int32_t)period, last & 1, last >> 8);
}

// PLA where the stack lies in the TIA.
static uint32_t call_pull(UpJitFrame *f, int32_t cycle, uint32_t edx, uint32_t sp) {
    UpAtariBus *bus = f->bus;
    (void)edx;
    bus->log_end = f->log;
    bus->m->cycle = cycle;
    bus->m->cpu.bus = PLA;
    up__atari_read(bus, (uint16_t)(0x100 + sp));
    uint8_t value = up__atari_read(bus, (uint16_t)(0x100 + ((sp + 1) & 0xFF)));
    f->log = bus->log_end;
    return value;
}

// Decimal arithmetic, on A in ECX.
static uint32_t call_decimal(UpJitFrame *f, uint32_t value, uint32_t a,
                             uint8_t (*operate)(uint8_t *, uint8_t, uint8_t)) {
    uint8_t p = (uint8_t)(UP__D | f->carry), result = operate(&p, (uint8_t)a, (uint8_t)value);
    f->carry = p & UP__C;
    f->overflow = p >> 6 & 1;
    return result;
}

static uint32_t call_add(UpJitFrame *f, int32_t cycle, uint32_t value, uint32_t a) {
    (void)cycle;
    return call_decimal(f, value, a, up__alu_adc);
}

static uint32_t call_subtract(UpJitFrame *f, int32_t cycle, uint32_t value, uint32_t a) {
    (void)cycle;
    return call_decimal(f, value, a, up__alu_sbc);
}

// ---------------------------------------------------------------------------------------------------
// The way in and out

enum { SAVED = 6, FRAME_ROOM = 24, FRAME_AT = 8 }; // on the stack, which stays aligned to 16
static const int saved[SAVED] = {RBX, RBP, R12, R13, R14, R15};

static void load_shared(X86 *x) {
    x86_load(x, REG_NZ, FRAME(nz));
    x86_load(x, REG_CARRY, FRAME(carry));
    x86_load(x, REG_V, FRAME(overflow));
    x86_load(x, REG_SP, FRAME(sp));
    x86_load64(x, REG_LOG, FRAME(log));
    x86_load64(x, REG_IMAGE, FRAME(image));
}

static void store_shared(X86 *x) {
    x86_store(x, FRAME(nz), REG_NZ);
    x86_store(x, FRAME(carry), REG_CARRY);
    x86_store(x, FRAME(overflow), REG_V);
    x86_store(x, FRAME(sp), REG_SP);
    x86_store64(x, FRAME(log), REG_LOG);
}

// void enter(UpJitFrame *, const void *code)
static void write_enter(X86 *x) {
    for (int i = 0; i < SAVED; i++)
        x86_push(x, saved[i]);
    x86_add64_constant(x, RSP, -FRAME_ROOM);
    x86_store64(x, x86_at(RSP, FRAME_AT), RDI);
    x86_mov64(x, REG_FRAME, RDI);
    x86_mov64(x, RAX, RSI);
    load_shared(x);
    x86_load(x, REG_A, FRAME(a));
    x86_load(x, REG_X, FRAME(x));
    x86_load(x, REG_Y, FRAME(y));
    x86_load(x, REG_CYCLE, FRAME(cycle));
    x86_load64(x, REG_RAM, FRAME(ram));
    x86_jump_register(x, RAX);
}

// With the program counter in EDX.
static void write_leave(X86 *x) {
    store_shared(x);
    x86_store(x, FRAME(a), REG_A);
    x86_store(x, FRAME(x), REG_X);
    x86_store(x, FRAME(y), REG_Y);
    x86_store(x, FRAME(cycle), REG_CYCLE);
    x86_store(x, FRAME(pc), RDX);
    x86_add64_constant(x, RSP, FRAME_ROOM);
    for (int i = SAVED - 1; i >= 0; i--)
        x86_pop(x, saved[i]);
    x86_return(x);
}

static void write_call(X86 *x, UpJitFunction function) {
    uint64_t address = 0;
    memcpy(&address, &function, sizeof function);
    x86_add64_constant(x, RSP, -8);
    store_shared(x);
    x86_mov64(x, RDI, REG_FRAME);
    x86_mov(x, RSI, RAX);
    x86_set64(x, RAX, address);
    x86_call_register(x, RAX);
    x86_load64(x, REG_FRAME, x86_at(RSP, 16 + FRAME_AT));
    load_shared(x);
    x86_add64_constant(x, RSP, 8);
    x86_return(x);
}

// Before the function that reads: the paddles and RAM.
static void write_peek(X86 *x) {
    x86_test_constant(x, RCX, 0x1080);
    uint8_t *other = x86_jump(x, X_NE);
    x86_alu_constant(x, X_AND, RCX, 15);
    x86_test_constant(x, RCX, 4);
    uint8_t *no_paddle = x86_jump(x, X_NE);
    x86_alu_constant(x, X_CMP, RCX, 8);
    uint8_t *latch = x86_jump(x, X_B);
    x86_compare_mem(x, (X86Mem){REG_FRAME, RCX, 2, (int32_t)offsetof(UpJitFrame, charged) - 4 * 8},
                    RAX);
    x86_alu(x, X_SBB, RAX, RAX);
    x86_alu_constant(x, X_AND, RAX, 0x80);
    x86_alu_constant(x, X_AND, RDX, 0x3F);
    x86_alu(x, X_OR, RAX, RDX);
    x86_return(x);
    x86_lead_here(x, other);
    x86_test_constant(x, RCX, 0x1200);
    uint8_t *no_ram = x86_jump(x, X_NE);
    x86_alu_constant(x, X_AND, RCX, 0x7F);
    x86_load8(x, RAX, x86_indexed(REG_RAM, RCX, 0));
    x86_return(x);
    x86_lead_here(x, no_ram);
    x86_lead_here(x, no_paddle);
    x86_lead_here(x, latch);
}

// Before the function that pulls: pins that do not change in a frame. The other bits are those of
// the read before it, which has none of its own either.
static void write_pull(X86 *x) {
    x86_lea(x, RDX, x86_at(RCX, 1 - PINS_FIRST));
    x86_alu_constant(x, X_AND, RDX, 15);
    x86_alu_constant(x, X_CMP, RDX, PINS - 1);
    uint8_t *other = x86_jump(x, X_A);
    x86_load8(x, RAX, x86_indexed(REG_FRAME, RDX, (int32_t)offsetof(UpJitFrame, pin)));
    x86_alu_constant(x, X_OR, RAX, PLA & 0x3F);
    x86_return(x);
    x86_lead_here(x, other);
}

// Before the function that writes: RAM, and TIA registers that only wait in the log.
static void write_poke(X86 *x) {
    x86_test_constant(x, RCX, 0x1080);
    uint8_t *high = x86_jump(x, X_NE);
    x86_alu_constant(x, X_AND, RCX, 0x3F);
    x86_alu_constant(x, X_CMP, RCX, UP__WSYNC);
    uint8_t *at_once = x86_jump(x, X_BE);
    x86_alu_constant(x, X_CMP, RCX, UP__HMCLR);
    uint8_t *clears = x86_jump(x, X_E);
    x86_store8(x, x86_indexed(REG_RAM, RCX, MACHINE(tia.written)), RDX);
    x86_store(x, x86_at(REG_LOG, 0), RAX);
    x86_set64(x, RAX, (uint64_t)(uintptr_t)up__tia_bits);
    x86_load8(x, RAX, x86_indexed(RAX, RCX, 0));
    x86_alu(x, X_AND, RDX, RAX);
    x86_shift(x, X_SHL, RCX, 8);
    x86_alu(x, X_OR, RDX, RCX);
    x86_store(x, x86_at(REG_LOG, 4), RDX);
    x86_load(x, RAX, x86_at(REG_LOG, 0));
    x86_add64_constant(x, REG_LOG, 8);
    x86_return(x);
    x86_lead_here(x, high);
    x86_test_constant(x, RCX, 0x1200);
    uint8_t *no_ram = x86_jump(x, X_NE);
    x86_alu_constant(x, X_AND, RCX, 0x7F);
    x86_store8(x, x86_indexed(REG_RAM, RCX, 0), RDX);
    x86_return(x);
    x86_lead_here(x, at_once);
    x86_lead_here(x, clears);
    x86_lead_here(x, no_ram);
}

void up__jit_write_common(UpJit *jit, X86 *x) {
    static const UpJitFunction function[CALLS] = {
        [CALL_READ] = call_read, [CALL_WRITE] = call_write, [CALL_IDLE] = call_idle,
        [CALL_PULL] = call_pull, [CALL_ADD] = call_add,     [CALL_SUBTRACT] = call_subtract};
    jit->enter = x86_home(x, x->at);
    write_enter(x);
    jit->interpret = x86_home(x, x->at);
    x86_mov(x, RDX, RAX);
    jit->leave = x86_home(x, x->at);
    write_leave(x);
    jit->find = x86_home(x, x->at);
    x86_store_constant(x, FRAME(missing), 1);
    x86_lead(x, x86_jump(x, X_JUMP), jit->leave);
    for (int i = 0; i < CALLS; i++) {
        jit->call[i] = x86_home(x, x->at);
        if (i == CALL_READ) write_peek(x);
        if (i == CALL_WRITE) write_poke(x);
        if (i == CALL_PULL) write_pull(x);
        write_call(x, function[i]);
    }
}
