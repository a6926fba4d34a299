// The translation of a piece of code: what is known while it is made.
//
// While translated code runs, the processor's registers lie in the host's (REG_…). Two things are
// late: `State` says by how much the cycle counter and the log's end are behind, and where N, Z and
// C are. settle() brings all up to date, as it has to be wherever code can be entered or left.
//
// Flags that are overwritten before anybody looks at them are not computed: `live` says which are
// looked at after each instruction.
#ifndef UP_ENV_ATARI_JIT_CODE_H
#define UP_ENV_ATARI_JIT_CODE_H

#include "env/atari/cpu/alu.h"
#include "env/atari/jit/ins.h"
#include "env/atari/jit/maps.h"

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
enum {
    WORK_PLACES = 4096,
    WORK_MOST = 1200, // instructions at once; the rest when it is reached again
    DETOURS_MAX =
        4 * WORK_MOST, // of an instruction: whether it is what it was, and three of its read
    LINKS_MAX = 2 * WORK_MOST, // of an instruction: a branch, and where it joins what is written
};
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
    uint16_t pending[WORK_PLACES]; // labels, each once
    UpJitDetour detour[DETOURS_MAX];
    UpJitLink link[LINKS_MAX];
} UpJitWork;

enum { LIVE_N = UP__N, LIVE_Z = UP__Z, LIVE_NZ = UP__N | UP__Z, LIVE_ALL = 0xFF };

// ins.c
UpJitIns up__jit_ins(const UpJitWork *w, uint16_t pc);
static inline bool up__jit_reaches(const UpJitWork *w, uint16_t pc) {
    return (pc & 0xF000) == w->high && w->is[pc & 0xFFF] & IS_REACHED;
}
// Flags that are looked at from there on.
static inline uint8_t up__jit_live(const UpJitWork *w, uint16_t pc) {
    return up__jit_reaches(w, pc) ? w->live[pc & 0xFFF] : LIVE_ALL;
}
// Where a map has the entries for the mode that is translated.
static inline int32_t up__jit_entries(const UpJitWork *w) {
    enum { TABLE = sizeof((UpJitMap *)0)->entry[0] };
    return (int32_t)offsetof(UpJitMap, entry) + w->decimal * TABLE;
}
// Whether the instruction changes from binary to decimal mode or back.
static inline bool up__jit_changes_mode(const UpJitWork *w, const UpJitIns *i) {
    return i->form == FORM_ALONE && i->operation == (w->decimal ? OP_CLD : OP_SED);
}

// ops.c: the code of one instruction. False: it goes nowhere from here.
bool up__jit_write_ins(UpJitWork *w, const UpJitIns *i);
void up__jit_settle(X86 *x, UpJitState *s, uint8_t live);
// branch.c: all that is late was settled.
void up__jit_jump(UpJitWork *w, int condition, uint16_t pc);
// detour.c
void up__jit_write_detour(UpJitWork *w, const UpJitDetour *d);

#endif
