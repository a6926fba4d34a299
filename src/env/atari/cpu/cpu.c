// The 6507, one instruction and one byte at a time. The fast loop (fast.c) does the same from
// decoded instructions and comes here for whatever is rare; tests compare the two.
//
// All accesses of an instruction happen at its last cycle; there are no dummy accesses, and a
// read-modify-write writes once: so does the original.
#include "env/atari/cpu/ops.h"
#include "env/atari/cpu/opcodes.h"

enum { VECTOR_RESET = 0xFFFC, VECTOR_BREAK = 0xFFFE };

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

static void branch(UpAtariBus *bus, enum Operation operation) {
    UpAtariCpu *cpu = &bus->m->cpu;
    static const uint8_t flag[] = {
        [OP_BCC] = UP__C, [OP_BCS] = UP__C, [OP_BEQ] = UP__Z, [OP_BNE] = UP__Z,
        [OP_BMI] = UP__N, [OP_BPL] = UP__N, [OP_BVC] = UP__V, [OP_BVS] = UP__V};
    bool wanted =
        operation == OP_BCS || operation == OP_BEQ || operation == OP_BMI || operation == OP_BVS;
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

static void do_register(UpAtariCpu *cpu, enum Operation operation) {
    switch (operation) {
    case OP_DEX:
        up__cpu_load(cpu, &cpu->x, (uint8_t)(cpu->x - 1));
        break;
    case OP_DEY:
        up__cpu_load(cpu, &cpu->y, (uint8_t)(cpu->y - 1));
        break;
    case OP_INX:
        up__cpu_load(cpu, &cpu->x, (uint8_t)(cpu->x + 1));
        break;
    case OP_INY:
        up__cpu_load(cpu, &cpu->y, (uint8_t)(cpu->y + 1));
        break;
    case OP_TAX:
        up__cpu_load(cpu, &cpu->x, cpu->a);
        break;
    case OP_TAY:
        up__cpu_load(cpu, &cpu->y, cpu->a);
        break;
    case OP_TSX:
        up__cpu_load(cpu, &cpu->x, cpu->sp);
        break;
    case OP_TXA:
        up__cpu_load(cpu, &cpu->a, cpu->x);
        break;
    case OP_TXS:
        cpu->sp = cpu->x;
        break;
    case OP_TYA:
        up__cpu_load(cpu, &cpu->a, cpu->y);
        break;
    default:
        break; // NOP
    }
}

// Operations without an operand, and the jumps.
static void do_implied(UpAtariBus *bus, enum Operation operation) {
    UpAtariCpu *cpu = &bus->m->cpu;
    switch (operation) {
    case OP_BRK:
        software_break(bus);
        break;
    case OP_JSR:
        jump_subroutine(bus);
        break;
    case OP_RTI:
        pull_status(bus);
        return_to(bus);
        break;
    case OP_RTS:
        peek_stack(bus);
        return_to(bus);
        fetch(bus);
        break;
    case OP_PHA:
        push(bus, cpu->a);
        break;
    case OP_PHP:
        push(bus, cpu->p | UP__B);
        break;
    case OP_PLA:
        peek_stack(bus);
        up__cpu_load(cpu, &cpu->a, pull(bus));
        break;
    case OP_PLP:
        pull_status(bus);
        break;
    case OP_CLC:
        cpu->p &= (uint8_t)~UP__C;
        break;
    case OP_CLD:
        cpu->p &= (uint8_t)~UP__D;
        break;
    case OP_CLI:
        cpu->p &= (uint8_t)~UP__I;
        break;
    case OP_CLV:
        cpu->p &= (uint8_t)~UP__V;
        break;
    case OP_SEC:
        cpu->p |= UP__C;
        break;
    case OP_SED:
        cpu->p |= UP__D;
        break;
    case OP_SEI:
        cpu->p |= UP__I;
        break;
    case OP_JAM:
        cpu->jammed = true;
        break;
    default:
        do_register(cpu, operation);
        break;
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
        cpu->a = up__cpu_shift(cpu, operation, cpu->a);
    } else if (mode == IMM) {
        up__cpu_read(cpu, operation, fetch(bus));
    } else if (mode == REL) {
        branch(bus, operation);
    } else if (mode == IND) {
        jump_indirect(bus);
    } else if (operation == OP_JMP) {
        cpu->pc = fetch_word(bus);
    } else {
        bool reads = up__cpu_reads(operation);
        uint16_t address = effective(bus, mode, reads);
        if (reads) {
            up__cpu_read(cpu, operation, up__atari_read(bus, address));
        } else if (up__cpu_store(cpu, operation, address, &value)) {
            up__atari_write(bus, address, value);
        } else {
            value = up__cpu_modify(cpu, operation, up__atari_read(bus, address));
            up__atari_write(bus, address, value);
        }
    }
}

void up__cpu_reset(UpAtariBus *bus) {
    UpAtariCpu *cpu = &bus->m->cpu;
    *cpu = (UpAtariCpu){.sp = 0xFF, .p = UP__B, .bus = cpu->bus};
    cpu->pc = read_word(bus, VECTOR_RESET, VECTOR_RESET + 1);
}
