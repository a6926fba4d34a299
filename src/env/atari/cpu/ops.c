// The plain CPU's arithmetic: operations on a value, values to store, and read-modify-write.
#include "env/atari/cpu/ops.h"

#include "env/atari/cpu/opcodes.h"

uint8_t up__cpu_shift(UpAtariCpu *cpu, int operation, uint8_t value) {
    bool left = operation == OP_ASL || operation == OP_ROL;
    uint8_t carry = operation == OP_ROL || operation == OP_ROR ? cpu->p & UP__C : 0;
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

void up__cpu_load(UpAtariCpu *cpu, uint8_t *reg, uint8_t value) {
    *reg = value;
    cpu->p = up__alu_nz(cpu->p, value);
}

static void add(UpAtariCpu *cpu, uint8_t value) {
    up__cpu_load(cpu, &cpu->a, up__alu_adc(&cpu->p, cpu->a, value));
}

static void subtract(UpAtariCpu *cpu, uint8_t value) {
    up__cpu_load(cpu, &cpu->a, up__alu_sbc(&cpu->p, cpu->a, value));
}

// Opcodes that no manual has.
static bool read_undocumented(UpAtariCpu *cpu, int operation, uint8_t value) {
    switch (operation) {
    case OP_LAX:
        up__cpu_load(cpu, &cpu->a, value);
        cpu->x = value;
        break;
    case OP_ANC:
        up__cpu_load(cpu, &cpu->a, cpu->a & value);
        cpu->p = up__alu_set(cpu->p, UP__C, cpu->a & 0x80);
        break;
    case OP_ASR:
        cpu->a = up__cpu_shift(cpu, OP_LSR, cpu->a & value);
        break;
    case OP_ARR:
        cpu->a = up__alu_arr(&cpu->p, cpu->a & value);
        break;
    case OP_ANE:
        up__cpu_load(cpu, &cpu->a, (cpu->a | 0xEE) & cpu->x & value);
        break;
    case OP_LXA:
        up__cpu_load(cpu, &cpu->a, (cpu->a | 0xEE) & value);
        cpu->x = cpu->a;
        break;
    case OP_SBX: {
        uint8_t both = cpu->a & cpu->x;
        compare(cpu, both, value);
        cpu->x = (uint8_t)(both - value);
        break;
    }
    case OP_LAS:
        up__cpu_load(cpu, &cpu->a, cpu->sp & value);
        cpu->x = cpu->sp = cpu->a;
        break;
    default:
        return false;
    }
    return true;
}

// Operations that take a value. False: not one of these.
bool up__cpu_read(UpAtariCpu *cpu, int operation, uint8_t value) {
    switch (operation) {
    case OP_ADC:
        add(cpu, value);
        break;
    case OP_SBC:
        subtract(cpu, value);
        break;
    case OP_AND:
        up__cpu_load(cpu, &cpu->a, cpu->a & value);
        break;
    case OP_ORA:
        up__cpu_load(cpu, &cpu->a, cpu->a | value);
        break;
    case OP_EOR:
        up__cpu_load(cpu, &cpu->a, cpu->a ^ value);
        break;
    case OP_CMP:
        compare(cpu, cpu->a, value);
        break;
    case OP_CPX:
        compare(cpu, cpu->x, value);
        break;
    case OP_CPY:
        compare(cpu, cpu->y, value);
        break;
    case OP_LDA:
        up__cpu_load(cpu, &cpu->a, value);
        break;
    case OP_LDX:
        up__cpu_load(cpu, &cpu->x, value);
        break;
    case OP_LDY:
        up__cpu_load(cpu, &cpu->y, value);
        break;
    case OP_NOP:
        break;
    case OP_BIT:
        cpu->p = up__alu_nz(cpu->p, cpu->a & value);
        cpu->p = (uint8_t)((cpu->p & ~(UP__N | UP__V)) | (value & (UP__N | UP__V)));
        break;
    default:
        return read_undocumented(cpu, operation, value);
    }
    return true;
}

// What a store puts at `address`. False: not a store.
bool up__cpu_store(UpAtariCpu *cpu, int operation, uint16_t address, uint8_t *value) {
    uint8_t high = (uint8_t)((address >> 8) + 1);
    switch (operation) {
    case OP_STA:
        *value = cpu->a;
        break;
    case OP_STX:
        *value = cpu->x;
        break;
    case OP_STY:
        *value = cpu->y;
        break;
    case OP_SAX:
        *value = cpu->a & cpu->x;
        break;
    case OP_SHA:
        *value = cpu->a & cpu->x & high;
        break;
    case OP_SHX:
        *value = cpu->x & high;
        break;
    case OP_SHY:
        *value = cpu->y & high;
        break;
    case OP_SHS:
        cpu->sp = cpu->a & cpu->x;
        *value = cpu->sp & high;
        break;
    default:
        return false;
    }
    return true;
}

// Read-modify-write: the value to write back.
uint8_t up__cpu_modify(UpAtariCpu *cpu, int operation, uint8_t value) {
    switch (operation) {
    case OP_INC:
        up__cpu_load(cpu, &value, (uint8_t)(value + 1));
        break;
    case OP_DEC:
        up__cpu_load(cpu, &value, (uint8_t)(value - 1));
        break;
    case OP_SLO:
        value = up__cpu_shift(cpu, OP_ASL, value);
        up__cpu_load(cpu, &cpu->a, cpu->a | value);
        break;
    case OP_RLA:
        value = up__cpu_shift(cpu, OP_ROL, value);
        up__cpu_load(cpu, &cpu->a, cpu->a & value);
        break;
    case OP_SRE:
        value = up__cpu_shift(cpu, OP_LSR, value);
        up__cpu_load(cpu, &cpu->a, cpu->a ^ value);
        break;
    case OP_RRA:
        value = up__cpu_shift(cpu, OP_ROR, value);
        add(cpu, value);
        break;
    case OP_DCP:
        value = (uint8_t)(value - 1);
        compare(cpu, cpu->a, value);
        break;
    case OP_ISB:
        value = (uint8_t)(value + 1);
        subtract(cpu, value);
        break;
    default:
        value = up__cpu_shift(cpu, operation, value);
        break;
    }
    return value;
}

bool up__cpu_reads(int operation) {
    UpAtariCpu cpu = {0};
    return up__cpu_read(&cpu, operation, 0);
}
