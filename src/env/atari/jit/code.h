// What the parts of the translator share.
//
// While translated code runs, the processor's registers lie in the host's (REG_…). Two things are
// late: `State` says by how much the cycle counter and the log's end are behind, and where N, Z and
// C are. settle() brings all up to date, as it has to be wherever code can be entered or left.
//
// Flags that are overwritten before anybody looks at them are not computed: `live` says which are
// looked at after each instruction.
#ifndef UP_ENV_ATARI_JIT_CODE_H
#define UP_ENV_ATARI_JIT_CODE_H

#include <pthread.h>

#include "env/atari/cpu/alu.h"
#include "env/atari/cpu/handlers.h"
#include "env/atari/jit/jit.h"
#include "env/atari/jit/x86.h"
#include "env/atari/cpu/opcodes.h"
#include "env/atari/tia/tia.h"

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

typedef struct UpJitMap UpJitMap;

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

// A way to lay the cartridge's banks under the addresses, and the code translated for it.
typedef struct UpJitMap {
    uint8_t bank[3];
    uint32_t place[16]; // in the image, of every KiB by address bits 10-13
    // By decimal mode and program counter; NULL: not translated yet.
    const void *entry[2][65536];
} UpJitMap;

enum { JIT_MAPS = 512, JIT_MAPS_USED = 64, JIT_BYTES = 16 << 20 };

struct UpJit {
    pthread_mutex_t lock;
    UpJitMap *map[JIT_MAPS]; // by banks
    int maps;
    uint8_t *code; // JIT_BYTES of address space
    uint32_t used; // whole pages
    const uint8_t *enter, *leave, *call[CALLS];
    const uint8_t *find; // leaves to have code made for the program counter in EDX
    // Where entries lead that are to be interpreted: leaves with EAX as the program counter.
    const uint8_t *interpret;
};

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

enum { NZ_OWN, NZ_IN_A, NZ_IN_X, NZ_IN_Y };
enum { CARRY_OWN, CARRY_0, CARRY_1 };
enum { HOST_Z = 1, HOST_N = 2, HOST_NZ = 3, HOST_C = 4, HOST_NOT_C = 8, HOST_V = 16 };

typedef struct UpJitState {
    int32_t cycles, logged; // not yet added to REG_CYCLE, and bytes to REG_LOG
    uint8_t nz, carry;      // where they are
    uint8_t host;           // what the host's own flags hold: N, Z, C, and "not zero" as V
} UpJitState;

// Code out of the way: what happens rarely in the middle of an instruction.
typedef struct UpJitDetour {
    enum { DETOUR_LEAVE, DETOUR_READ, DETOUR_WRITE, DETOUR_PULL } kind;
    uint8_t *from, *back; // the jump that leads here; where it goes on
    UpJitState state;     // there
    uint16_t pc;          // where to be interpreted
    UpJitIns ins;
    int address; // register of the address, where not ECX
} UpJitDetour;

enum { IS_REACHED = 1, IS_LABEL = 2, IS_LOOP = 4, IS_WRITTEN = 8 };

typedef struct UpJitLink {
    uint8_t *place; // a jump to this label
    uint16_t pc;
} UpJitLink;

// The translation of all that can be reached from one place without leaving its 4 KiB, nor decimal
// or binary mode.
enum { WORK_PLACES = 4096 };
typedef struct UpJitWork {
    UpJit *jit;
    const UpAtariCart *cart;
    UpJitMap *map;
    uint16_t high; // the upper four bits of all addresses
    bool decimal;
    X86 x;
    UpJitState s;
    int detours, links, reached, pendings;
    uint8_t is[WORK_PLACES], live[WORK_PLACES];
    uint8_t ram[UP__ATARI_RAM]; // as it is
    // Not set at first.
    uint8_t *written[WORK_PLACES]; // where labels are
    uint16_t pending[2 * WORK_PLACES];
    UpJitDetour detour[WORK_PLACES];
    UpJitLink link[WORK_PLACES];
} UpJitWork;

enum { LIVE_N = UP__N, LIVE_Z = UP__Z, LIVE_NZ = UP__N | UP__Z, LIVE_ALL = 0xFF };

// jit.c: puts code where it will run.
bool up__jit_publish(UpJit *jit, const X86 *x);

// calls.c: the code that all other code shares.
void up__jit_write_common(UpJit *jit, X86 *x);
// When each paddle will have been charged.
void up__jit_note_paddles(UpJitFrame *f);

// ins.c
// Whether an offset in a bank has no side effects.
static inline bool up__jit_is_cold(const UpAtariCart *cart, uint32_t offset) {
    return offset - cart->cold < cart->colds;
}
// First offset at which banks may be switched.
static inline uint32_t up__jit_hot(const UpAtariCart *cart) {
    return (uint32_t)cart->cold + cart->colds;
}
static inline unsigned up__jit_map_index(const UpAtariCart *cart, const uint8_t bank[3]) {
    return cart->type == UP__CART_E0 ? bank[0] | (unsigned)bank[1] << 3 | (unsigned)bank[2] << 6
                                     : bank[0];
}
uint32_t up__jit_place(const UpAtariCart *cart, const uint8_t bank[3], uint16_t pc);
UpJitIns up__jit_ins(const UpJitWork *w, uint16_t pc);
static inline bool up__jit_reaches(const UpJitWork *w, uint16_t pc) {
    return (pc & 0xF000) == w->high && w->is[pc & 0xFFF] & IS_REACHED;
}
// Flags that are looked at from there on.
static inline uint8_t up__jit_live(const UpJitWork *w, uint16_t pc) {
    return up__jit_reaches(w, pc) ? w->live[pc & 0xFFF] : LIVE_ALL;
}
// Where BRK leads, where no bank switch moves that.
static inline uint16_t up__jit_vector(const UpAtariCart *cart) {
    return (uint16_t)(cart->image[0xFFE] | cart->image[0xFFF] << 8);
}
// Whether code may be entered at an address that a program computed.
bool up__jit_enters(const UpAtariCart *cart, uint16_t pc);
// Makes map->entry[decimal][pc], and those of all that is reached from there.
void up__jit_translate(UpJit *jit, const UpAtariCart *cart, UpJitMap *map, uint16_t pc,
                       bool decimal, const uint8_t ram[UP__ATARI_RAM]);
// Where a map has the entries for the mode that is translated.
static inline int32_t up__jit_entries(const UpJitWork *w) {
    enum { TABLE = sizeof((UpJitMap *)0)->entry[0] };
    return (int32_t)offsetof(UpJitMap, entry) + w->decimal * TABLE;
}
// Whether the instruction changes from binary to decimal mode or back.
static inline bool up__jit_changes_mode(const UpJitWork *w, const UpJitIns *i) {
    return i->form == FORM_ALONE && i->operation == (w->decimal ? OP_CLD : OP_SED);
}
static inline bool up__jit_modifies(int operation) {
    return operation == OP_INC || operation == OP_DEC || operation == OP_ASL ||
           operation == OP_LSR || operation == OP_ROL || operation == OP_ROR;
}

// ops.c: the code of one instruction. False: it goes nowhere from here.
bool up__jit_write_ins(UpJitWork *w, const UpJitIns *i);
void up__jit_settle(X86 *x, UpJitState *s, uint8_t live);
// branch.c: all that is late was settled.
void up__jit_jump(UpJitWork *w, int condition, uint16_t pc);
// detour.c
void up__jit_write_detour(UpJitWork *w, const UpJitDetour *d);

#endif
