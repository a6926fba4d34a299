// Operations of the plain CPU; `operation` is an OP_ of opcodes.h.
#ifndef UP_ENV_ATARI_CPU_OPS_H
#define UP_ENV_ATARI_CPU_OPS_H

#include "env/atari/cpu/alu.h"
#include "env/atari/machine/bus.h"

void up__cpu_load(UpAtariCpu *cpu, uint8_t *reg, uint8_t value);
uint8_t up__cpu_shift(UpAtariCpu *cpu, int operation, uint8_t value);
// Whether an operation takes a value, and one that does.
bool up__cpu_reads(int operation);
bool up__cpu_read(UpAtariCpu *cpu, int operation, uint8_t value);
// What a store puts at `address`. False: not a store.
bool up__cpu_store(UpAtariCpu *cpu, int operation, uint16_t address, uint8_t *value);
// Read-modify-write: the value to write back.
uint8_t up__cpu_modify(UpAtariCpu *cpu, int operation, uint8_t value);

#endif
