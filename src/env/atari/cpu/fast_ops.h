// The bodies of the fast loop's handlers, as macros over the locals of up__cpu_run:
//
//   bus, m, ram, image   what they work on: the bus, its machine, memory, the cartridge's bytes
//   ip                   the decoded instruction that is executed
//   code, code_pc        the page that it lies in, and the program counter of the page's first byte
//   a, x, y, sp          the processor's registers, each within 0 … 255
//   nz, carry, overflow  flags: N is bit 7 or 8 of nz, Z says that its low byte is 0; carry is 0 or
//   1;
//                        V is bit 7 of overflow
//   mode_flags           D and I, where the status byte has them
//   c                    the cycle
//   limit, line0         the cycle from which a write to the TIA ends the frame, that of line 0
//   v, address, length   what an instruction reads or writes, and where; its bytes
//   log, written         the end of the log of TIA writes; the value last written to each register
//   all                  whether writes are logged even if they repeat the one before
//   touched, touched_reg the last write's cycle and register, by which the picture is drawn so far
//   cold, colds          first offset in 4 KiB of cartridge without side effects, and how many
//   left                 instructions until the frame is given up
//   turns                whether translated code takes over at the next jump
#ifndef UP_ENV_ATARI_FAST_OPS_H
#define UP_ENV_ATARI_FAST_OPS_H

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

// Instructions are counted down, until none is left.
#define GO()                                                                                       \
    do {                                                                                           \
        if (__builtin_expect(--left < 0, 0)) goto out;                                             \
        goto * ip->handler;                                                                        \
    } while (0)
#define NEXT(length)                                                                               \
    do {                                                                                           \
        ip += (length);                                                                            \
        GO();                                                                                      \
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
        v = up__atari_read_port(bus, c + ip->cycles, (uint16_t)(address), (uint8_t)(bits));        \
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

#define READ_HANDLER(operation, mode)                                                              \
    h_##operation##_##mode : {                                                                     \
        READ_##mode;                                                                               \
        DO_##operation;                                                                            \
        NEXT(UP__LENGTH_##mode);                                                                   \
    }

// Stores of v. A write to the TIA beyond the last line ends the frame.
#define VALUE_STA a
#define VALUE_STX x
#define VALUE_STY y
#define WRITE_Z2 COST(), ram[ip->a] = (uint8_t)v
#define WRITE_Z3 WRITE_Z2
#define WRITE_TL2                                                                                  \
    COST();                                                                                        \
    *log++ = up__log_entry(c, ip->b >> 8, v);                                                      \
    CHECK_LIMIT(ip->b >> 8)
#define WRITE_TL3 WRITE_TL2
#define WRITE_TF2                                                                                  \
    COST();                                                                                        \
    *log = up__log_entry(c, ip->b >> 8, v);                                                        \
    log += all | (written[ip->b >> 8] != v);                                                       \
    written[ip->b >> 8] = (uint8_t)v;                                                              \
    CHECK_LIMIT(ip->b >> 8)
#define WRITE_TF3 WRITE_TF2
#define WRITE_TN2                                                                                  \
    COST();                                                                                        \
    CHECK_LIMIT(ip->b >> 8)
#define WRITE_TN3 WRITE_TN2
#define WRITE_TW2                                                                                  \
    do {                                                                                           \
        COST();                                                                                    \
        uint32_t into_ = (uint32_t)(c - line0) % UP__LINE_CYCLES;                                  \
        address = UP__WSYNC;                                                                       \
        touched = c;                                                                               \
        touched_reg = UP__WSYNC;                                                                   \
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
            *log++ = up__log_entry(c, address & 0x3F, v);                                          \
            written[address & 0x3F] = (uint8_t)v;                                                  \
            CHECK_LIMIT(address);                                                                  \
        } else {                                                                                   \
            goto write_slow;                                                                       \
        }                                                                                          \
    } while (0)
// The instruction is complete but for moving on.
#define CHECK_LIMIT(reg)                                                                           \
    touched = c;                                                                                   \
    touched_reg = (int)(reg);                                                                      \
    if (__builtin_expect(c >= limit, 0)) {                                                         \
        address = (reg);                                                                           \
        goto limit_passed;                                                                         \
    }

#define STORE_HANDLER(operation, mode)                                                             \
    h_##operation##_##mode : {                                                                     \
        v = VALUE_##operation;                                                                     \
        length = UP__LENGTH_##mode;                                                                \
        WRITE_##mode;                                                                              \
        NEXT(UP__LENGTH_##mode);                                                                   \
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
        NEXT(UP__LENGTH_##mode);                                                                   \
    }
#define PLACE_Z2 ip->a
#define PLACE_Z3 ip->a
#define PLACE_ZX ((ip->a + x) & 0xFF)
#define IS_Z2 false
#define IS_Z3 false
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
    if (__builtin_expect(turns, 0)) goto out;
#define BRANCH_HANDLER(operation, way)                                                             \
    h_##operation##_##way : if (IF_##operation) {                                                  \
        c += ip->taken;                                                                            \
        ip += ip->target;                                                                          \
        STOP_##way GO();                                                                           \
    }                                                                                              \
    c += 2;                                                                                        \
    NEXT(2);

// Two instructions at a time, which both count.
#define WAIT(operation)                                                                            \
    h_##operation##_WAIT : {                                                                       \
        int32_t period_ = 4 + ip->taken;                                                           \
        int32_t more_ =                                                                            \
            up__riot_idle(&m->riot, c + 4, period_, ip->target, !(ip->a & 1)) / period_;           \
        if (more_ > left / 2) more_ = left / 2;                                                    \
        left -= 2 * more_;                                                                         \
        c += more_ * period_;                                                                      \
    }                                                                                              \
    goto h_##operation##_IO3;
#define COUNT_DOWN(operation, reg)                                                                 \
    h_##operation##_BNE : {                                                                        \
        int32_t more_ = (int32_t)((reg - 1) & 0xFF);                                               \
        if (left <= 2 * more_) goto h_##operation##_IMP;                                           \
        left -= 2 * more_ + 1;                                                                     \
        c += 4 + more_ * (2 + ip->taken);                                                          \
        nz = reg = 0;                                                                              \
        NEXT(3);                                                                                   \
    }                                                                                              \
    h_##operation##_BPL : {                                                                        \
        int32_t more_ = reg > 128 ? 0 : (int32_t)reg;                                              \
        if (left <= 2 * more_) goto h_##operation##_IMP;                                           \
        left -= 2 * more_ + 1;                                                                     \
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
        if (__builtin_expect(turns, 0)) goto out;                                                  \
        GO();                                                                                      \
    } while (0)
#define PC() ((uint32_t)(code_pc + (ip - code)))
// The registers and flags from locals to the machine.
#define SAVE()                                                                                     \
    do {                                                                                           \
        m->cycle = c;                                                                              \
        m->cpu.a = (uint8_t)a;                                                                     \
        m->cpu.x = (uint8_t)x;                                                                     \
        m->cpu.y = (uint8_t)y;                                                                     \
        m->cpu.sp = (uint8_t)sp;                                                                   \
        m->cpu.p = PACK();                                                                         \
        m->cpu.pc = (uint16_t)PC();                                                                \
    } while (0)

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
        *log++ = up__log_entry(c, sp & 0x3F, value_);                                              \
        written[sp & 0x3F] = (uint8_t)value_;                                                      \
        sp = (sp - 1) & 0xFF;                                                                      \
        length = 1;                                                                                \
        CHECK_LIMIT(address);                                                                      \
        NEXT(1);                                                                                   \
    } while (0)

#endif
