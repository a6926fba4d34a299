// What translated code and the functions that it calls work on.
#ifndef UP_ENV_ATARI_JIT_FRAME_H
#define UP_ENV_ATARI_JIT_FRAME_H

#include "env/atari/jit/jit.h"
#include "env/atari/jit/x86.h"
#include "env/atari/tia/tia.h"

typedef struct UpJitMap UpJitMap; // see maps.h

// The host's registers; RAX, RCX and RDX are free.
enum {
    REG_A = RBX,
    REG_X = R12,
    REG_Y = R13,
    REG_SP = R10,
    REG_NZ = RDI,    // as the loop's nz, see fast_ops.h
    REG_CARRY = R8,  // 0 or 1
    REG_V = R9,      // 0 or 1
    REG_CYCLE = R14, // from the frame's start
    REG_LOG = R15,   // end of the log of TIA writes
    REG_RAM = RBP,
    REG_IMAGE = RSI,
    REG_FRAME = R11,
};

enum { PINS = 4, PINS_FIRST = 12 }; // TIA registers to read that are the same all frame

// What translated code works on beside the registers.
typedef struct UpJitFrame {
    uint8_t *ram;
    const uint8_t *image;
    const void *const *entry; // by program counter, for the present mode
    UpJitMap *const *map;     // by bank
    uint64_t *log;
    UpAtariBus *bus;
    uint32_t a, x, y, sp, nz, carry, overflow, pc;
    uint32_t mode; // the other flags of the status
    int32_t cycle, limit, line0;
    uint32_t halt;       // the frame ended
    uint32_t missing;    // code for the program counter is yet to be made
    uint32_t charged[4]; // the paddles' last cycles at which they read as empty
    uint8_t pin[PINS];
    uint8_t byte; // that was read from where only a function can
} UpJitFrame;
#define FRAME(field) x86_at(REG_FRAME, (int32_t)offsetof(UpJitFrame, field))
#define MACHINE(field)                                                                             \
    ((int32_t)offsetof(UpAtariMachine, field) - (int32_t)offsetof(UpAtariMachine, ram))

// Functions that translated code calls: cycle in EAX, two arguments in EDX and ECX, result in EAX.
typedef uint32_t (*UpJitFunction)(UpJitFrame *frame, int32_t cycle, uint32_t edx, uint32_t ecx);
enum { CALL_READ, CALL_WRITE, CALL_IDLE, CALL_PULL, CALL_ADD, CALL_SUBTRACT, CALLS };

// calls.c: when each paddle will have been charged.
void up__jit_note_paddles(UpJitFrame *f);

#endif
