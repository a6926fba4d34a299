// The 6507, one instruction and one byte at a time. The fast loop (cpu_fast.c) does the same from
// decoded instructions and comes here for whatever is rare; tests compare the two.
//
// All accesses of an instruction happen at its last cycle; there are no dummy accesses, and a
// read-modify-write writes once: so does the original.
#include "env/atari/alu.h"
#include "env/atari/bus.h"
#include "env/atari/opcodes.h"

enum { VECTOR_RESET = 0xFFFC, VECTOR_BREAK = 0xFFFE };

enum Mode { IMP, ACC, IMM, ZPG, ZPX, ZPY, ABS, ABX, ABY, IZX, IZY, REL, IND };

// clang-format off
enum Operation {
    ADC, ANC, AND, ANE, ARR, ASL, ASR, BCC, BCS, BEQ, BIT, BMI, BNE, BPL, BRK, BVC, BVS, CLC, CLD,
    CLI, CLV, CMP, CPX, CPY, DCP, DEC, DEX, DEY, EOR, INC, INX, INY, ISB, JAM, JMP, JSR, LAS, LAX,
    LDA, LDX, LDY, LSR, LXA, NOP, ORA, PHA, PHP, PLA, PLP, RLA, ROL, ROR, RRA, RTI, RTS, SAX, SBC,
    SBX, SEC, SED, SEI, SHA, SHS, SHX, SHY, SLO, SRE, STA, STX, STY, TAX, TAY, TSX, TXA, TXS, TYA
};
// clang-format on

#define OPERATION(code, operation, mode, cycles) operation,
#define MODE(code, operation, mode, cycles) mode,
#define CYCLES(code, operation, mode, cycles) cycles,
static const uint8_t operation_of[256] = {UP__CPU_OPCODES(OPERATION)};
static const uint8_t mode_of[256] = {UP__CPU_OPCODES(MODE)};
static const uint8_t cycles_of[256] = {UP__CPU_OPCODES(CYCLES)};

static uint8_t fetch(UpAtariBus *bus) {
    return up__atari_read(bus, bus->m->cpu.pc++);
}

static uint16_t fetch_word(UpAtariBus *bus) {
    uint8_t low = fetch(bus);
    return (uint16_t)(low | fetch(bus) << 8);
}

static uint16_t read_word(UpAtariBus *bus, uint16_t low_at, uint16_t high_at) {
    uint8_t low = up__atari_read(bus, low_at);
    return (uint16_t)(low | up__atari_read(bus, high_at) << 8);
}

static void push(UpAtariBus *bus, uint8_t value) {
    up__atari_write(bus, (uint16_t)(0x100 + bus->m->cpu.sp--), value);
}

static uint8_t pull(UpAtariBus *bus) {
    return up__atari_read(bus, (uint16_t)(0x100 + ++bus->m->cpu.sp));
}

static void peek_stack(UpAtariBus *bus) {
    up__atari_read(bus, (uint16_t)(0x100 + bus->m->cpu.sp));
}

// Indexed reads pay a cycle when they leave the page; stores and read-modify-write never do.
static uint16_t indexed(UpAtariBus *bus, uint16_t base, uint8_t index, bool pays) {
    uint16_t address = (uint16_t)(base + index);
    if (pays && (address ^ base) & 0xFF00) bus->m->cycle++;
    return address;
}

static uint16_t effective(UpAtariBus *bus, enum Mode mode, bool pays) {
    UpAtariCpu *cpu = &bus->m->cpu;
    uint8_t at;
    switch (mode) {
    case ZPG:
        return fetch(bus);
    case ZPX:
        return (uint8_t)(fetch(bus) + cpu->x);
    case ZPY:
        return (uint8_t)(fetch(bus) + cpu->y);
    case ABS:
        return fetch_word(bus);
    case ABX:
        return indexed(bus, fetch_word(bus), cpu->x, pays);
    case ABY:
        return indexed(bus, fetch_word(bus), cpu->y, pays);
    case IZX:
        at = (uint8_t)(fetch(bus) + cpu->x);
        return read_word(bus, at, (uint16_t)(at + 1));
    case IZY:
        at = fetch(bus);
        return indexed(bus, read_word(bus, at, (uint16_t)(at + 1)), cpu->y, pays);
    default:
        return 0;
    }
}

static uint8_t shift(UpAtariCpu *cpu, enum Operation operation, uint8_t value) {
    bool left = operation == ASL || operation == ROL;
    uint8_t carry = operation == ROL || operation == ROR ? cpu->p & UP__C : 0;
    uint8_t out = left ? value >> 7 : value & 1;
    cpu->p = up__alu_set(cpu->p, UP__C, out);
    value = (uint8_t)(left ? value << 1 | carry : value >> 1 | carry << 7);
    cpu->p = up__alu_nz(cpu->p, value);
    return value;
}

static void compare(UpAtariCpu *cpu, uint8_t reg, uint8_t value) {
    cpu->p = up__alu_set(cpu->p, UP__C, reg >= value);
    cpu->p = up__alu_nz(cpu->p, (uint8_t)(reg - value));
}

static void load(UpAtariCpu *cpu, uint8_t *reg, uint8_t value) {
    *reg = value;
    cpu->p = up__alu_nz(cpu->p, value);
}

static void add(UpAtariCpu *cpu, uint8_t value) {
    load(cpu, &cpu->a, up__alu_adc(&cpu->p, cpu->a, value));
}

static void subtract(UpAtariCpu *cpu, uint8_t value) {
    load(cpu, &cpu->a, up__alu_sbc(&cpu->p, cpu->a, value));
}

// Operations that take a value. False: not one of these.
static bool do_read(UpAtariCpu *cpu, enum Operation operation, uint8_t value) {
    switch (operation) {
    case ADC:
        add(cpu, value);
        break;
    case SBC:
        subtract(cpu, value);
        break;
    case AND:
        load(cpu, &cpu->a, cpu->a & value);
        break;
    case ORA:
        load(cpu, &cpu->a, cpu->a | value);
        break;
    case EOR:
        load(cpu, &cpu->a, cpu->a ^ value);
        break;
    case CMP:
        compare(cpu, cpu->a, value);
        break;
    case CPX:
        compare(cpu, cpu->x, value);
        break;
    case CPY:
        compare(cpu, cpu->y, value);
        break;
    case LDA:
        load(cpu, &cpu->a, value);
        break;
    case LDX:
        load(cpu, &cpu->x, value);
        break;
    case LDY:
        load(cpu, &cpu->y, value);
        break;
    case NOP:
        break;
    case BIT:
        cpu->p = up__alu_nz(cpu->p, cpu->a & value);
        cpu->p = (uint8_t)((cpu->p & ~(UP__N | UP__V)) | (value & (UP__N | UP__V)));
        break;
    case LAX:
        load(cpu, &cpu->a, value);
        cpu->x = value;
        break;
    case ANC:
        load(cpu, &cpu->a, cpu->a & value);
        cpu->p = up__alu_set(cpu->p, UP__C, cpu->a & 0x80);
        break;
    case ASR:
        cpu->a = shift(cpu, LSR, cpu->a & value);
        break;
    case ARR:
        cpu->a = up__alu_arr(&cpu->p, cpu->a & value);
        break;
    case ANE:
        load(cpu, &cpu->a, (cpu->a | 0xEE) & cpu->x & value);
        break;
    case LXA:
        load(cpu, &cpu->a, (cpu->a | 0xEE) & value);
        cpu->x = cpu->a;
        break;
    case SBX: {
        uint8_t both = cpu->a & cpu->x;
        compare(cpu, both, value);
        cpu->x = (uint8_t)(both - value);
        break;
    }
    case LAS:
        load(cpu, &cpu->a, cpu->sp & value);
        cpu->x = cpu->sp = cpu->a;
        break;
    default:
        return false;
    }
    return true;
}

// What a store puts at `address`. False: not a store.
static bool do_store(UpAtariCpu *cpu, enum Operation operation, uint16_t address, uint8_t *value) {
    uint8_t high = (uint8_t)((address >> 8) + 1);
    switch (operation) {
    case STA:
        *value = cpu->a;
        break;
    case STX:
        *value = cpu->x;
        break;
    case STY:
        *value = cpu->y;
        break;
    case SAX:
        *value = cpu->a & cpu->x;
        break;
    case SHA:
        *value = cpu->a & cpu->x & high;
        break;
    case SHX:
        *value = cpu->x & high;
        break;
    case SHY:
        *value = cpu->y & high;
        break;
    case SHS:
        cpu->sp = cpu->a & cpu->x;
        *value = cpu->sp & high;
        break;
    default:
        return false;
    }
    return true;
}

// Read-modify-write: the value to write back.
static uint8_t modify(UpAtariCpu *cpu, enum Operation operation, uint8_t value) {
    switch (operation) {
    case INC:
        load(cpu, &value, (uint8_t)(value + 1));
        break;
    case DEC:
        load(cpu, &value, (uint8_t)(value - 1));
        break;
    case SLO:
        value = shift(cpu, ASL, value);
        load(cpu, &cpu->a, cpu->a | value);
        break;
    case RLA:
        value = shift(cpu, ROL, value);
        load(cpu, &cpu->a, cpu->a & value);
        break;
    case SRE:
        value = shift(cpu, LSR, value);
        load(cpu, &cpu->a, cpu->a ^ value);
        break;
    case RRA:
        value = shift(cpu, ROR, value);
        add(cpu, value);
        break;
    case DCP:
        value = (uint8_t)(value - 1);
        compare(cpu, cpu->a, value);
        break;
    case ISB:
        value = (uint8_t)(value + 1);
        subtract(cpu, value);
        break;
    default:
        value = shift(cpu, operation, value);
        break;
    }
    return value;
}

static void branch(UpAtariBus *bus, enum Operation operation) {
    UpAtariCpu *cpu = &bus->m->cpu;
    static const uint8_t flag[] = {[BCC] = UP__C, [BCS] = UP__C, [BEQ] = UP__Z, [BNE] = UP__Z,
                                   [BMI] = UP__N, [BPL] = UP__N, [BVC] = UP__V, [BVS] = UP__V};
    bool wanted = operation == BCS || operation == BEQ || operation == BMI || operation == BVS;
    int8_t offset = (int8_t)fetch(bus);
    if (((cpu->p & flag[operation]) != 0) != wanted) return;
    uint16_t target = (uint16_t)(cpu->pc + offset);
    bus->m->cycle += (target ^ cpu->pc) & 0xFF00 ? 2 : 1;
    cpu->pc = target;
}

static void jump_subroutine(UpAtariBus *bus) {
    UpAtariCpu *cpu = &bus->m->cpu;
    uint8_t low = fetch(bus);
    peek_stack(bus);
    push(bus, (uint8_t)(cpu->pc >> 8));
    push(bus, (uint8_t)cpu->pc);
    cpu->pc = (uint16_t)(low | up__atari_read(bus, cpu->pc) << 8);
}

static void software_break(UpAtariBus *bus) {
    UpAtariCpu *cpu = &bus->m->cpu;
    fetch(bus);
    push(bus, (uint8_t)(cpu->pc >> 8));
    push(bus, (uint8_t)cpu->pc);
    push(bus, cpu->p | UP__B);
    cpu->p |= UP__I;
    cpu->pc = read_word(bus, VECTOR_BREAK, VECTOR_BREAK + 1);
}

static void pull_status(UpAtariBus *bus) {
    peek_stack(bus);
    bus->m->cpu.p = pull(bus) | UP__B;
}

static void return_to(UpAtariBus *bus) {
    uint8_t low = pull(bus);
    bus->m->cpu.pc = (uint16_t)(low | pull(bus) << 8);
}

// Operations without an operand, and the jumps.
static void do_implied(UpAtariBus *bus, enum Operation operation) {
    UpAtariCpu *cpu = &bus->m->cpu;
    switch (operation) {
    case BRK:
        software_break(bus);
        break;
    case JSR:
        jump_subroutine(bus);
        break;
    case RTI:
        pull_status(bus);
        return_to(bus);
        break;
    case RTS:
        peek_stack(bus);
        return_to(bus);
        fetch(bus);
        break;
    case PHA:
        push(bus, cpu->a);
        break;
    case PHP:
        push(bus, cpu->p | UP__B);
        break;
    case PLA:
        peek_stack(bus);
        load(cpu, &cpu->a, pull(bus));
        break;
    case PLP:
        pull_status(bus);
        break;
    case CLC:
        cpu->p &= (uint8_t)~UP__C;
        break;
    case CLD:
        cpu->p &= (uint8_t)~UP__D;
        break;
    case CLI:
        cpu->p &= (uint8_t)~UP__I;
        break;
    case CLV:
        cpu->p &= (uint8_t)~UP__V;
        break;
    case SEC:
        cpu->p |= UP__C;
        break;
    case SED:
        cpu->p |= UP__D;
        break;
    case SEI:
        cpu->p |= UP__I;
        break;
    case DEX:
        load(cpu, &cpu->x, (uint8_t)(cpu->x - 1));
        break;
    case DEY:
        load(cpu, &cpu->y, (uint8_t)(cpu->y - 1));
        break;
    case INX:
        load(cpu, &cpu->x, (uint8_t)(cpu->x + 1));
        break;
    case INY:
        load(cpu, &cpu->y, (uint8_t)(cpu->y + 1));
        break;
    case TAX:
        load(cpu, &cpu->x, cpu->a);
        break;
    case TAY:
        load(cpu, &cpu->y, cpu->a);
        break;
    case TSX:
        load(cpu, &cpu->x, cpu->sp);
        break;
    case TXA:
        load(cpu, &cpu->a, cpu->x);
        break;
    case TXS:
        cpu->sp = cpu->x;
        break;
    case TYA:
        load(cpu, &cpu->a, cpu->y);
        break;
    case JAM:
        cpu->jammed = true;
        break;
    default:
        break; // NOP
    }
}

static void jump_indirect(UpAtariBus *bus) {
    uint16_t at = fetch_word(bus);
    bus->m->cpu.pc = read_word(bus, at, (uint16_t)((at & 0xFF00) | ((at + 1) & 0xFF)));
}

void up__cpu_step(UpAtariBus *bus) {
    UpAtariCpu *cpu = &bus->m->cpu;
    uint8_t opcode = fetch(bus), value;
    enum Operation operation = operation_of[opcode];
    enum Mode mode = mode_of[opcode];
    bus->m->cycle += cycles_of[opcode];
    if (mode == IMP) {
        do_implied(bus, operation);
    } else if (mode == ACC) {
        cpu->a = shift(cpu, operation, cpu->a);
    } else if (mode == IMM) {
        do_read(cpu, operation, fetch(bus));
    } else if (mode == REL) {
        branch(bus, operation);
    } else if (mode == IND) {
        jump_indirect(bus);
    } else if (operation == JMP) {
        cpu->pc = fetch_word(bus);
    } else {
        bool reads = do_read(&(UpAtariCpu){0}, operation, 0);
        uint16_t address = effective(bus, mode, reads);
        if (reads) {
            do_read(cpu, operation, up__atari_read(bus, address));
        } else if (do_store(cpu, operation, address, &value)) {
            up__atari_write(bus, address, value);
        } else {
            value = modify(cpu, operation, up__atari_read(bus, address));
            up__atari_write(bus, address, value);
        }
    }
}

void up__cpu_reset(UpAtariBus *bus) {
    UpAtariCpu *cpu = &bus->m->cpu;
    *cpu = (UpAtariCpu){.sp = 0xFF, .p = UP__B, .bus = cpu->bus};
    cpu->pc = read_word(bus, VECTOR_RESET, VECTOR_RESET + 1);
}
