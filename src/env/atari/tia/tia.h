// The TIA: registers, positions, inputs (tia.c), and drawing, pixel by pixel (plain.c).
#ifndef UP_ENV_ATARI_TIA_H
#define UP_ENV_ATARI_TIA_H

#include "env/atari/machine/bus.h"
#include "env/atari/tia/sets.h"

enum {
    UP__LINE_CLOCKS = 228,
    UP__LINE_CYCLES = 76,
    UP__LINE_BLANK = 68,  // clocks before the first pixel
    UP__RESP_CLOCKS = 11, // after a RESP that finds the player being drawn, until it is finished
    UP__STAR_CLOCKS = 63, // after an HMOVE, when a write to HMM0 may begin star mode
    UP__COMB_WIDTH = 8,   // pixels
};

// Registers by their write addresses.
enum {
    UP__VSYNC,
    UP__VBLANK,
    UP__WSYNC,
    UP__RSYNC,
    UP__NUSIZ0,
    UP__NUSIZ1,
    UP__COLUP0,
    UP__COLUP1,
    UP__COLUPF,
    UP__COLUBK,
    UP__CTRLPF,
    UP__REFP0,
    UP__REFP1,
    UP__PF0,
    UP__PF1,
    UP__PF2,
    UP__RESP0,
    UP__RESP1,
    UP__RESM0,
    UP__RESM1,
    UP__RESBL,
    UP__GRP0 = 0x1B,
    UP__GRP1,
    UP__ENAM0,
    UP__ENAM1,
    UP__ENABL,
    UP__HMP0,
    UP__HMP1,
    UP__HMM0,
    UP__HMM1,
    UP__HMBL,
    UP__VDELP0,
    UP__VDELP1,
    UP__VDELBL,
    UP__RESMP0,
    UP__RESMP1,
    UP__HMOVE,
    UP__HMCLR,
    UP__CXCLR
};

// All registers, as bits.
#define UP__REGISTERS ((1ull << (UP__CXCLR + 1)) - 1)

// The bits of a value that a register has.
extern const uint8_t up__tia_bits[64];

// Bits of CTRLPF.
enum {
    UP__CTRLPF_REFLECT = 1,  // the playfield's right half mirrors the left one
    UP__CTRLPF_SCORE = 2,    // it has the players' colours
    UP__CTRLPF_PRIORITY = 4, // it lies, with the ball, before the players
};

// An entry of the log of writes: cycle, value, register. Bits that the register does not have are
// left out, so that the log of the next frame may be the same.
enum { UP__LOG_VALUE = 32, UP__LOG_REGISTER = 40 };
// A write at the same cycle as the one before or after it in the log.
#define UP__LOG_TOGETHER (64ull << UP__LOG_REGISTER)

static inline uint64_t up__log_entry(int32_t cycle, unsigned reg, unsigned value) {
    uint64_t bits = value & up__tia_bits[reg];
    return (uint64_t)reg << UP__LOG_REGISTER | bits << UP__LOG_VALUE | (uint32_t)cycle;
}

static inline int up__log_register(uint64_t entry) {
    return (int)(entry >> UP__LOG_REGISTER & 63);
}

void up__tia_reset(UpAtariMachine *m);
void up__tia_begin_frame(UpAtariMachine *m, const UpAtariCart *cart);
void up__tia_write(UpAtariBus *bus, uint16_t address, uint8_t value);

// The pins' bits of a read: 7 and 6.
uint8_t up__tia_pins(const UpAtariBus *bus, int reg);
// Cycles until a paddle of this resistance is charged.
static inline uint32_t up__tia_charge(int32_t resistance) {
    return (uint32_t)(1.6 * (double)resistance * 0.01E-6 * 1.19E6);
}
// First cycle at which a write ends the frame.
int32_t up__tia_limit(const UpAtariMachine *m);

// RESP0 and RESP1 in two steps. True: the player is being drawn and finishes 11 clocks first.
bool up__tia_respx_late(const UpAtariMachine *m, int32_t t, int player);
// How many clocks after t a write begins to be seen.
int32_t up__tia_delay(const UpAtariMachine *m, int32_t t, int reg);
// What happens when drawing goes beyond the end of a line.
void up__tia_end_line(UpAtariTia *tia);

// Draws with the present registers up to clock `end`.
void up__tia_draw_plain(UpAtariBus *bus, int32_t end);

// The latches that a pixel sets where these objects (bits 1 << UP__P0 …) are. CX register r reads
// bits 2r + 1 and 2r as its bits 7 and 6.
extern const uint16_t up__tia_latches[64];

static inline int32_t up__tia_h(const UpAtariMachine *m, int32_t t) {
    return up__wrap_sub(t, m->tia.frame_start) % UP__LINE_CLOCKS;
}

// First clock of the window, and the one after its last.
static inline int32_t up__tia_window(const UpAtariMachine *m, const UpAtariCart *cart) {
    return m->tia.frame_start + UP__LINE_CLOCKS * cart->board.first_line;
}

static inline uint8_t up__tia_player(const UpAtariTia *tia, int player) {
    return tia->vdelp[player] & 1 ? tia->old_grp[player] : tia->grp[player];
}

static inline bool up__tia_missile(const UpAtariTia *tia, int missile) {
    return (tia->enam[missile] & 2) && !(tia->resmp[missile] & 2);
}

static inline bool up__tia_ball(const UpAtariTia *tia) {
    return (tia->vdelbl & 1 ? tia->old_enabl : tia->enabl) & 2;
}

#endif
