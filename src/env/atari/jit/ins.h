// Instructions as the translator sees them.
#ifndef UP_ENV_ATARI_JIT_INS_H
#define UP_ENV_ATARI_JIT_INS_H

#include "env/atari/cpu/handlers.h"
#include "env/atari/cpu/opcodes.h"
#include "env/atari/machine/bus.h"

// Instructions by what their operand is; see handlers.h for the letters.
typedef enum UpForm {
    FORM_PLAIN,
    FORM_WAIT,
    FORM_COUNT,
    FORM_I,
    FORM_Z,
    FORM_ZX,
    FORM_ZY,
    FORM_XR,
    FORM_YR,
    FORM_AB,
    FORM_CARTRIDGE, // a place in the cartridge below its code
    FORM_AX,
    FORM_AY,
    FORM_IX,
    FORM_IY,
    FORM_IO,
    FORM_TL,
    FORM_TF,
    FORM_TN,
    FORM_TW,
    FORM_BRANCH,
    FORM_ALONE,
    FORM_JUMP,
    FORM_INDIRECT, // JMP through a pointer in RAM
    FORM_SWITCH,   // of a bank
    FORM_IDLE,     // INC or DEC where there is nothing
    FORM_BREAK,
    FORM_RETURN, // RTI
    FORM_IM,     // in RAM: a constant that may change
    FORM_P,      // an address that may change, indexed or not
    FORM_PX,
    FORM_PY,
} UpForm;

typedef struct UpJitIns {
    uint16_t pc;
    uint8_t operation, form, length;
    uint8_t checked; // bytes of it that may have changed; 0: in ROM
    UpAtariOp op;
} UpJitIns;

// Whether an offset in a bank has no side effects.
static inline bool up__jit_is_cold(const UpAtariCart *cart, uint32_t offset) {
    return offset - cart->cold < cart->colds;
}
// First offset at which banks may be switched.
static inline uint32_t up__jit_hot(const UpAtariCart *cart) {
    return (uint32_t)cart->cold + cart->colds;
}
// Where BRK leads, where no bank switch moves that.
static inline uint16_t up__jit_vector(const UpAtariCart *cart) {
    return (uint16_t)(cart->image[0xFFE] | cart->image[0xFFF] << 8);
}
static inline bool up__jit_modifies(int operation) {
    return operation == OP_INC || operation == OP_DEC || operation == OP_ASL ||
           operation == OP_LSR || operation == OP_ROL || operation == OP_ROR;
}

#endif
