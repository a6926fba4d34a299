// The 6507's fast loop: threaded code over decoded instructions, registers and flags in locals.
// Equal to cpu.c, which executes what has no handler here.
#include "env/atari/alu.h"
#include "env/atari/handlers.h"
#include "env/atari/span.h"

// A read of the TIA or RIOT at cycle c; `bits` is what lies on the bus.
static uint8_t io_read(UpAtariBus *bus, int32_t c, uint16_t address, uint8_t bits) {
    UpAtariMachine *m = bus->m;
    m->cycle = c;
    if (address & 0x80) return up__riot_read(m, address);
    if (address & 8) return (uint8_t)(up__tia_pins(bus, address & 15) | (bits & 0x3F));
    m->cpu.bus = bits;
    return up__tia_read(bus, address);
}

static void io_write(UpAtariBus *bus, int32_t c, uint16_t address, uint8_t value) {
    bus->m->cycle = c;
    bus->m->cpu.wrote = false;
    up__atari_write(bus, address, value);
}

// Decimal arithmetic: flags as the loop keeps them, C in bit 0 and V in bit 7.
static uint32_t decimal(uint32_t a, uint32_t value, uint32_t *carry, uint32_t *overflow, bool add) {
    uint8_t p = (uint8_t)(UP__D | *carry);
    uint8_t result = add ? up__alu_adc(&p, (uint8_t)a, (uint8_t)value)
                         : up__alu_sbc(&p, (uint8_t)a, (uint8_t)value);
    *carry = p & UP__C;
    *overflow = p & UP__V ? 0x80 : 0;
    return result;
}

// How many cycles a loop that reads the timer may be moved on without a read that ends it or has an
// effect. It reads at c first and then every `period` cycles, until the count is below `last`.
static int32_t idle_cycles(const UpAtariRiot *riot, int32_t c, int32_t period, int32_t last,
                           bool is_count) {
    int32_t elapsed = up__wrap_sub(up__wrap_sub(c, 1), riot->set);
    int32_t count = riot->timer - 1 - (elapsed >> riot->shift);
    // A count of 128 or more looks negative to BPL.
    if (count < last || elapsed < 0 || (last == 0 && is_count && count > 127)) return 0;
    int32_t end = (riot->timer - last) << riot->shift;
    return (end - elapsed + period - 1) / period * period;
}

// TIA registers that only wait in the log when written; the others act at once.
static bool is_logged(uint32_t reg) {
    return reg > UP__WSYNC && reg != UP__HMCLR;
}

// Flags: N is bit 7 or 8 of nz, Z says that its low byte is 0.
#define PACK()                                                                                     \
    (uint8_t)(UP__B | mode_flags | carry | (overflow & 0x80) >> 1 | (nz & 0x180 ? UP__N : 0) |     \
              (nz & 0xFF ? 0 : UP__Z))
#define UNPACK(p)                                                                                  \
    do {                                                                                           \
        uint32_t p_ = (p);                                                                         \
        mode_flags = p_ & (UP__D | UP__I);                                                         \
        carry = p_ & UP__C;                                                                        \
        overflow = (p_ & UP__V) << 1;                                                              \
        nz = (p_ & UP__N) << 1 | (p_ & UP__Z ? 0 : 1);                                             \
    } while (0)

#define NEXT(length)                                                                               \
    do {                                                                                           \
        ip += (length);                                                                            \
        goto * ip->handler;                                                                        \
    } while (0)

// Operations on a value v.
#define DO_LDA nz = a = v
#define DO_LDX nz = x = v
#define DO_LDY nz = y = v
#define DO_LAX nz = a = x = v
#define DO_AND nz = a &= v
#define DO_ORA nz = a |= v
#define DO_EOR nz = a ^= v
#define DO_CMP COMPARE(a)
#define DO_CPX COMPARE(x)
#define DO_CPY COMPARE(y)
#define DO_BIT nz = (a & v) | (v & 0x80) << 1, overflow = v << 1
#define COMPARE(reg) carry = (reg) >= v, nz = ((reg)-v) & 0xFF
#define ADD_BINARY(value)                                                                          \
    do {                                                                                           \
        uint32_t m_ = (value), sum_ = a + m_ + carry;                                              \
        overflow = (a ^ sum_) & (m_ ^ sum_);                                                       \
        carry = sum_ >> 8;                                                                         \
        nz = a = sum_ & 0xFF;                                                                      \
    } while (0)
#define DO_ADC                                                                                     \
    if (__builtin_expect(mode_flags & UP__D, 0))                                                   \
        nz = a = decimal(a, v, &carry, &overflow, true);                                           \
    else                                                                                           \
        ADD_BINARY(v)
#define DO_SBC                                                                                     \
    if (__builtin_expect(mode_flags & UP__D, 0))                                                   \
        nz = a = decimal(a, v, &carry, &overflow, false);                                          \
    else                                                                                           \
        ADD_BINARY(v ^ 0xFF)

// Where a read finds its value. Costs are added first: accesses happen when instructions end.
#define COST() (c += ip->cycles)
#define READ_I2 v = (COST(), ip->a)
#define READ_I3 READ_I2
#define READ_Z2 v = (COST(), ram[ip->a])
#define READ_Z3 READ_Z2
#define READ_ZX READ_PAGE((ip->a + x) & 0xFF)
#define READ_ZY READ_PAGE((ip->a + y) & 0xFF)
#define READ_XR READ_TABLE(x)
#define READ_YR READ_TABLE(y)
#define READ_AB READ_FAR(ip->a, 0)
#define READ_AX READ_FAR(ip->a, x)
#define READ_AY READ_FAR(ip->a, y)
#define READ_IY READ_FAR(ram[ip->a & 0x7F] | (uint32_t)ram[(ip->a & 0x7F) + 1] << 8, y)
#define READ_IO2 READ_PORT(ip->a, ip->b)
#define READ_IO3 READ_IO2
#define READ_PORT(address, bits)                                                                   \
    do {                                                                                           \
        bus->log_end = log;                                                                        \
        v = io_read(bus, c + ip->cycles, (uint16_t)(address), (uint8_t)(bits));                    \
        log = bus->log_end;                                                                        \
        COST();                                                                                    \
    } while (0)
#define READ_PAGE(address)                                                                         \
    do {                                                                                           \
        uint32_t at_ = (address);                                                                  \
        if (__builtin_expect(at_ < 0x80, 0))                                                       \
            READ_PORT(at_, ip->a);                                                                 \
        else                                                                                       \
            v = (COST(), ram[at_ & 0x7F]);                                                         \
    } while (0)
#define READ_TABLE(index)                                                                          \
    v = image[ip->b + (index)];                                                                    \
    c += ip->cycles + (((ip->a & 0xFF) + (index)) >> 8)
#define READ_FAR(from, index)                                                                      \
    do {                                                                                           \
        uint32_t base_ = (from), at_ = (base_ + (index)) & 0xFFFF;                                 \
        if (__builtin_expect(at_ & 0x1000, 1)) {                                                   \
            if (__builtin_expect((at_ & 0xFFF) - cold >= colds, 0)) goto h_PLAIN_ANY;              \
            v = bus->page[at_ >> 10 & 15][at_ & 1023];                                             \
        } else if ((at_ & 0x280) == 0x80) {                                                        \
            v = ram[at_ & 0x7F];                                                                   \
        } else {                                                                                   \
            c += (base_ ^ at_) >> 8 != 0;                                                          \
            READ_PORT(at_, base_ >> 8);                                                            \
            break;                                                                                 \
        }                                                                                          \
        c += ip->cycles + ((base_ ^ at_) >> 8 != 0);                                               \
    } while (0)

#define LENGTH_I2 2
#define LENGTH_I3 3
#define LENGTH_Z2 2
#define LENGTH_Z3 3
#define LENGTH_ZX 2
#define LENGTH_ZY 2
#define LENGTH_XR 3
#define LENGTH_YR 3
#define LENGTH_AB 3
#define LENGTH_AX 3
#define LENGTH_AY 3
#define LENGTH_IY 2
#define LENGTH_IO2 2
#define LENGTH_IO3 3
#define LENGTH_TL2 2
#define LENGTH_TL3 3
#define LENGTH_TF2 2
#define LENGTH_TF3 3
#define LENGTH_TC2 2
#define LENGTH_TC3 3
#define LENGTH_TN2 2
#define LENGTH_TN3 3
#define LENGTH_TW2 2
#define LENGTH_TW3 3

#define READ_HANDLER(operation, mode)                                                              \
    h_##operation##_##mode : {                                                                     \
        READ_##mode;                                                                               \
        DO_##operation;                                                                            \
        NEXT(LENGTH_##mode);                                                                       \
    }

// Stores of v. A write to the TIA beyond the last line ends the frame.
#define VALUE_STA a
#define VALUE_STX x
#define VALUE_STY y
#define WRITE_Z2 COST(), ram[ip->a] = (uint8_t)v
#define WRITE_Z3 WRITE_Z2
#define WRITE_TL2                                                                                  \
    COST();                                                                                        \
    *log++ = (uint64_t)(ip->b | v) << 32 | (uint32_t)c;                                            \
    CHECK_LIMIT(ip->b >> 8)
#define WRITE_TL3 WRITE_TL2
#define WRITE_TF2                                                                                  \
    COST();                                                                                        \
    *log = (uint64_t)(ip->b | v) << 32 | (uint32_t)c;                                              \
    log += written[ip->b >> 8] != v;                                                               \
    written[ip->b >> 8] = (uint8_t)v;                                                              \
    CHECK_LIMIT(ip->b >> 8)
#define WRITE_TF3 WRITE_TF2
#define WRITE_TC2                                                                                  \
    COST();                                                                                        \
    *log = (uint64_t)(ip->b | v) << 32 | (uint32_t)c;                                              \
    log += seen & (written[ip->b >> 8] != v);                                                      \
    written[ip->b >> 8] = (uint8_t)v;                                                              \
    CHECK_LIMIT(ip->b >> 8)
#define WRITE_TC3 WRITE_TC2
#define WRITE_TN2                                                                                  \
    COST();                                                                                        \
    CHECK_LIMIT(ip->b >> 8)
#define WRITE_TN3 WRITE_TN2
#define WRITE_TW2                                                                                  \
    do {                                                                                           \
        COST();                                                                                    \
        uint32_t into_ = (uint32_t)(c - line0) % UP__LINE_CYCLES;                                  \
        address = UP__WSYNC;                                                                       \
        if (__builtin_expect(c >= limit, 0)) goto write_slow;                                      \
        c += into_ ? UP__LINE_CYCLES - (int32_t)into_ : 0;                                         \
    } while (0)
#define WRITE_TW3 WRITE_TW2
#define WRITE_IO2                                                                                  \
    address = ip->a;                                                                               \
    COST();                                                                                        \
    goto write_slow
#define WRITE_IO3 WRITE_IO2
#define WRITE_ZX WRITE_FAR((ip->a + x) & 0xFF)
#define WRITE_ZY WRITE_FAR((ip->a + y) & 0xFF)
#define WRITE_AX WRITE_FAR((ip->a + x) & 0xFFFF)
#define WRITE_AY WRITE_FAR((ip->a + y) & 0xFFFF)
#define WRITE_IY                                                                                   \
    WRITE_FAR(((ram[ip->a & 0x7F] | (uint32_t)ram[(ip->a & 0x7F) + 1] << 8) + y) & 0xFFFF)
#define WRITE_FAR(to)                                                                              \
    do {                                                                                           \
        address = (to);                                                                            \
        if (address & 0x1000) goto h_PLAIN_ANY;                                                    \
        COST();                                                                                    \
        if ((address & 0x280) == 0x80) {                                                           \
            ram[address & 0x7F] = (uint8_t)v;                                                      \
        } else if (!(address & 0x80) && is_logged(address & 0x3F)) {                               \
            *log++ = (uint64_t)((address & 0x3F) << 8 | v) << 32 | (uint32_t)c;                    \
            written[address & 0x3F] = (uint8_t)v;                                                  \
            CHECK_LIMIT(address);                                                                  \
        } else {                                                                                   \
            goto write_slow;                                                                       \
        }                                                                                          \
    } while (0)
// The instruction is complete but for moving on.
#define CHECK_LIMIT(reg)                                                                           \
    if (__builtin_expect(c >= limit, 0)) {                                                         \
        address = (reg);                                                                           \
        goto limit_passed;                                                                         \
    }

#define STORE_HANDLER(operation, mode)                                                             \
    h_##operation##_##mode : {                                                                     \
        v = VALUE_##operation;                                                                     \
        length = LENGTH_##mode;                                                                    \
        WRITE_##mode;                                                                              \
        NEXT(LENGTH_##mode);                                                                       \
    }

#define DO_INC nz = v = (v + 1) & 0xFF
#define DO_DEC nz = v = (v - 1) & 0xFF
#define DO_ASL carry = v >> 7, nz = v = v << 1 & 0xFF
#define DO_LSR carry = v & 1, nz = v = v >> 1
#define DO_ROL                                                                                     \
    v = v << 1 | carry;                                                                            \
    carry = v >> 8;                                                                                \
    nz = v &= 0xFF
#define DO_ROR                                                                                     \
    v |= carry << 8;                                                                               \
    carry = v & 1;                                                                                 \
    nz = v >>= 1

#define MODIFY_HANDLER(operation, mode)                                                            \
    h_##operation##_##mode : {                                                                     \
        uint32_t at_ = PLACE_##mode;                                                               \
        if (IS_##mode && at_ < 0x80) goto h_PLAIN_ANY;                                             \
        v = ram[at_ & 0x7F];                                                                       \
        COST();                                                                                    \
        DO_##operation;                                                                            \
        ram[at_ & 0x7F] = (uint8_t)v;                                                              \
        NEXT(2);                                                                                   \
    }
#define PLACE_Z2 ip->a
#define PLACE_ZX ((ip->a + x) & 0xFF)
#define IS_Z2 false
#define IS_ZX true

#define IF_BCC !carry
#define IF_BCS carry
#define IF_BEQ !(nz & 0xFF)
#define IF_BNE nz & 0xFF
#define IF_BMI nz & 0x180
#define IF_BPL !(nz & 0x180)
#define IF_BVC !(overflow & 0x80)
#define IF_BVS overflow & 0x80
#define STOP_F
#define STOP_B                                                                                     \
    if (__builtin_expect(c >= stop, 0)) goto out;
#define BRANCH_HANDLER(operation, way)                                                             \
    h_##operation##_##way : if (IF_##operation) {                                                  \
        c += ip->taken;                                                                            \
        ip += ip->target;                                                                          \
        STOP_##way goto * ip->handler;                                                             \
    }                                                                                              \
    c += 2;                                                                                        \
    NEXT(2);

#define WAIT(operation)                                                                            \
    h_##operation##_WAIT : c +=                                                                    \
                           idle_cycles(&m->riot, c + 4, 4 + ip->taken, ip->target, !(ip->a & 1));  \
    if (__builtin_expect(c >= stop, 0)) goto out;                                                  \
    goto h_##operation##_IO3;
#define COUNT_DOWN(operation, reg)                                                                 \
    h_##operation##_BNE : {                                                                        \
        int32_t more_ = (int32_t)((reg - 1) & 0xFF);                                               \
        c += 4 + more_ * (2 + ip->taken);                                                          \
        nz = reg = 0;                                                                              \
        NEXT(3);                                                                                   \
    }                                                                                              \
    h_##operation##_BPL : {                                                                        \
        int32_t more_ = reg > 128 ? 0 : (int32_t)reg;                                              \
        c += 4 + more_ * (2 + ip->taken);                                                          \
        nz = reg = reg > 128 ? reg - 1 : 0xFF;                                                     \
        NEXT(3);                                                                                   \
    }

// Continues at an address in the cartridge.
#define ENTER(pc)                                                                                  \
    do {                                                                                           \
        uint32_t pc_ = (pc);                                                                       \
        code = bus->code[pc_ >> 10 & 15];                                                          \
        code_pc = pc_ & 0xFC00;                                                                    \
        ip = code + (pc_ & 1023);                                                                  \
        if (__builtin_expect(c >= stop, 0)) goto out;                                              \
        goto * ip->handler;                                                                        \
    } while (0)
#define PC() ((uint32_t)(code_pc + (ip - code)))

#define IMPLIED(operation, mode, effect)                                                           \
    h_##operation##_##mode : c += 2;                                                               \
    effect;                                                                                        \
    NEXT(1)
#define PUSH(value)                                                                                \
    do {                                                                                           \
        uint32_t value_ = (value);                                                                 \
        address = sp;                                                                              \
        if (sp >= 0x80) {                                                                          \
            c += 3;                                                                                \
            ram[sp & 0x7F] = (uint8_t)value_;                                                      \
            sp--;                                                                                  \
            NEXT(1);                                                                               \
        }                                                                                          \
        if (!is_logged(sp & 0x3F)) goto h_PLAIN_ANY;                                               \
        c += 3;                                                                                    \
        *log++ = (uint64_t)((sp & 0x3F) << 8 | value_) << 32 | (uint32_t)c;                        \
        written[sp & 0x3F] = (uint8_t)value_;                                                      \
        sp = (sp - 1) & 0xFF;                                                                      \
        length = 1;                                                                                \
        CHECK_LIMIT(address);                                                                      \
        NEXT(1);                                                                                   \
    } while (0)

const void *const *up__cpu_run(UpAtariBus *bus, int32_t stop) {
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
    uint32_t v, address, length, seen = bus->pixel != NULL;
    uint32_t cold = cart->cold, colds = cart->colds;
    int32_t c, limit = up__tia_limit(m), line0 = m->tia.frame_start / 3;

resume: // from the machine's registers
    c = m->cycle;
    a = m->cpu.a;
    x = m->cpu.x;
    y = m->cpu.y;
    sp = m->cpu.sp;
    UNPACK(m->cpu.p);
    if (bus->ended || m->cpu.jammed || c >= stop) {
        bus->log_end = log;
        return NULL;
    }
    if (!(m->cpu.pc & 0x1000)) goto plain;
    code_pc = m->cpu.pc & 0xFC00;
    code = bus->code[m->cpu.pc >> 10 & 15];
    ip = code + (m->cpu.pc & 1023);
    goto * ip->handler;

h_PLAIN_ANY:
    m->cycle = c;
    m->cpu.a = (uint8_t)a;
    m->cpu.x = (uint8_t)x;
    m->cpu.y = (uint8_t)y;
    m->cpu.sp = (uint8_t)sp;
    m->cpu.p = PACK();
    m->cpu.pc = (uint16_t)PC();
plain:
    bus->log_end = log;
    up__cpu_step(bus);
    log = bus->log_end;
    if (m->bank[0] != bus->bank[0] || m->bank[1] != bus->bank[1] || m->bank[2] != bus->bank[2])
        up__cart_map(bus);
    goto resume;

write_slow: // of v to address; costs are paid
    bus->log_end = log;
    io_write(bus, c, (uint16_t)address, (uint8_t)v);
    log = bus->log_end;
    c = m->cycle;
    ip += length;
    if (bus->ended) goto out;
    goto * ip->handler;

limit_passed: // by a write to the TIA register of `address`
    bus->ended = true;
    m->cycle = c;
    bus->end_clock = 3 * c + up__tia_delay(m, 3 * c, (int)(address & 0x3F));
    ip += length;
out:
    m->cycle = c;
    m->cpu.a = (uint8_t)a;
    m->cpu.x = (uint8_t)x;
    m->cpu.y = (uint8_t)y;
    m->cpu.sp = (uint8_t)sp;
    m->cpu.p = PACK();
    m->cpu.pc = (uint16_t)PC();
    bus->log_end = log;
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
