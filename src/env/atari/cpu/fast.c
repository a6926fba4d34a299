// The 6507's fast loop: threaded code over decoded instructions, registers and flags in locals.
// Equal to cpu.c, which executes what has no handler here.
#include "env/atari/cpu/alu.h"
#include "env/atari/cpu/fast_ops.h"
#include "env/atari/cpu/handlers.h"
#include "env/atari/tia/tia.h"

// Decimal arithmetic: flags as the loop keeps them, C in bit 0 and V in bit 7.
static uint32_t decimal(uint32_t a, uint32_t value, uint32_t *carry, uint32_t *overflow, bool add) {
    uint8_t p = (uint8_t)(UP__D | *carry);
    uint8_t result = add ? up__alu_adc(&p, (uint8_t)a, (uint8_t)value)
                         : up__alu_sbc(&p, (uint8_t)a, (uint8_t)value);
    *carry = p & UP__C;
    *overflow = p & UP__V ? 0x80 : 0;
    return result;
}

// TIA registers that only wait in the log when written; the others act at once.
static bool is_logged(uint32_t reg) {
    return reg > UP__WSYNC && reg != UP__HMCLR;
}

enum { NONE = -1 };

// The picture is drawn as far as a write to a register is seen at once.
static void touch(UpAtariBus *bus, int32_t c, int reg) {
    if (reg == NONE) return;
    int32_t clock = 3 * c + up__tia_delay(bus->m, 3 * c, reg & 0x3F);
    if (clock > bus->end_clock) bus->end_clock = clock;
}

// A label for every instruction: jumps from one to the next stay within a function.
// NOLINTNEXTLINE(readability-function-size)
const void *const *up__cpu_run(UpAtariBus *bus) {
#define LABEL(operation, mode) &&h_##operation##_##mode,
    static const void *const handlers[] = {UP__HANDLERS(LABEL)};
    if (!bus) return handlers;

    UpAtariMachine *m = bus->m;
    const UpAtariCart *cart = bus->cart;
    const uint8_t *image = cart->image;
    uint8_t *ram = m->ram, *written = m->tia.written;
    uint64_t *log = bus->log_end;
    const UpAtariOp *ip, *code;
    uint32_t code_pc, a, x, y, sp, nz, carry, overflow, mode_flags;
    uint32_t v, address, length;
    uint32_t cold = cart->cold, colds = cart->colds;
    int32_t c, limit = up__tia_limit(m), line0 = m->tia.frame_start / 3;
    int32_t left = bus->interpreted ? bus->left : INT32_MAX;
    int32_t touched = 0; // by the last write that was logged, or had no effect
    int touched_reg = NONE;
    // In a frame that goes on after a reset the same colour may look different.
    bool all = !m->ended;
    const bool turns = !bus->interpreted; // with translated code, at the next jump

resume: // from the machine's registers
    c = m->cycle;
    a = m->cpu.a;
    x = m->cpu.x;
    y = m->cpu.y;
    sp = m->cpu.sp;
    UNPACK(m->cpu.p);
    if (bus->ended || m->cpu.jammed || --left < 0) goto over;
    if (!(m->cpu.pc & 0x1000)) goto plain;
    code_pc = m->cpu.pc & 0xFC00;
    code = bus->code[m->cpu.pc >> 10 & 15];
    ip = code + (m->cpu.pc & 1023);
    goto * ip->handler;

h_PLAIN_ANY:
    SAVE();
plain:
    bus->log_end = log;
    up__cpu_step(bus);
    log = bus->log_end;
    up__cart_follow(bus);
    if (turns) goto over;
    goto resume;

write_slow: // of v to address; costs are paid
    bus->log_end = log;
    up__atari_write_port(bus, c, (uint16_t)address, (uint8_t)v);
    log = bus->log_end;
    c = m->cycle;
    ip += length;
    if (bus->ended) goto out;
    GO();

limit_passed: // by a write to the TIA register of `address`
    bus->ended = true;
    m->cycle = c;
    bus->end_clock = 3 * c + up__tia_delay(m, 3 * c, (int)(address & 0x3F));
    ip += length;
out:
    SAVE();
over:
    bus->log_end = log;
    touch(bus, touched, touched_reg);
    return NULL;

    UP__READS(READ_HANDLER)
    UP__STORES(STORE_HANDLER)
    UP__MODIFIES(MODIFY_HANDLER)
    UP__BRANCHES(BRANCH_HANDLER)

    IMPLIED(CLC, IMP, carry = 0);
    IMPLIED(SEC, IMP, carry = 1);
    IMPLIED(CLD, IMP, mode_flags &= ~(uint32_t)UP__D);
    IMPLIED(SED, IMP, mode_flags |= UP__D);
    IMPLIED(CLI, IMP, mode_flags &= ~(uint32_t)UP__I);
    IMPLIED(SEI, IMP, mode_flags |= UP__I);
    IMPLIED(CLV, IMP, overflow = 0);
    IMPLIED(DEX, IMP, nz = x = (x - 1) & 0xFF);
    IMPLIED(DEY, IMP, nz = y = (y - 1) & 0xFF);
    IMPLIED(INX, IMP, nz = x = (x + 1) & 0xFF);
    IMPLIED(INY, IMP, nz = y = (y + 1) & 0xFF);
    IMPLIED(TAX, IMP, nz = x = a);
    IMPLIED(TAY, IMP, nz = y = a);
    IMPLIED(TXA, IMP, nz = a = x);
    IMPLIED(TYA, IMP, nz = a = y);
    IMPLIED(TSX, IMP, nz = x = sp);
    IMPLIED(TXS, IMP, sp = x);
    IMPLIED(NOP, IMP, (void)0);
    IMPLIED(ASL, A, (carry = a >> 7, nz = a = a << 1 & 0xFF));
    IMPLIED(LSR, A, (carry = a & 1, nz = a = a >> 1));
    IMPLIED(ROL, A, (a = a << 1 | carry, carry = a >> 8, nz = a &= 0xFF));
    IMPLIED(ROR, A, (a |= carry << 8, carry = a & 1, nz = a >>= 1));

    WAIT(LDA)
    WAIT(LDX)
    WAIT(LDY)
    WAIT(BIT)
    COUNT_DOWN(DEX, x)
    COUNT_DOWN(DEY, y)

h_PHA_IMP:
    PUSH(a);
h_PHP_IMP:
    PUSH(PACK());
h_PLA_IMP:
    if (sp < 0x80 || sp == 0xFF) goto h_PLAIN_ANY;
    c += 4;
    sp++;
    nz = a = ram[sp & 0x7F];
    NEXT(1);
h_PLP_IMP:
    if (sp < 0x80 || sp == 0xFF) goto h_PLAIN_ANY;
    c += 4;
    sp++;
    UNPACK(ram[sp & 0x7F]);
    NEXT(1);
h_JMP_ABS:
    c += 3;
    ENTER(ip->a);
h_JSR_ABS:
    if (sp < 0x81) goto h_PLAIN_ANY;
    c += 6;
    ram[sp & 0x7F] = (uint8_t)((PC() + 2) >> 8);
    ram[(sp - 1) & 0x7F] = (uint8_t)(PC() + 2);
    sp -= 2;
    ENTER(ip->a);
h_RTS_IMP:
    if (sp < 0x80 || sp > 0xFD) goto h_PLAIN_ANY;
    address = ram[(sp + 1) & 0x7F] | (uint32_t)ram[(sp + 2) & 0x7F] << 8;
    // The byte that is read there has no effect, and the one after it is in the cartridge.
    if (!(address & 0x1000) || (address & 0xFFF) - cold >= colds || (address & 0xFFF) == 0xFFF)
        goto h_PLAIN_ANY;
    c += 6;
    sp += 2;
    ENTER(address + 1);
}
