// An Atari 2600, equal byte for byte in RAM and picture to the one inside ALE 0.12. docs/atari.md
// says how it works and how that was measured.
//
//   UpAtariCart    a ROM decoded once, and the board settings of its game. Immutable, shared by
//                  any number of machines and threads.
//   UpAtariMachine everything that the future depends on, flat and without a pointer: saving,
//                  restoring and cloning are assignments.
//   UpAtariScreen  what is seen of it, see screen.h. Lies beside the machine and may be NULL where
//                  nobody looks.
//
// A cartridge is made by console/load.h, which also switches a machine on; console/frame.h plays.
#ifndef UP_ENV_ATARI_MACHINE_H
#define UP_ENV_ATARI_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uphill/status.h"

enum {
    UP__ATARI_COLUMNS = 160,
    UP__ATARI_ROWS_MAX = 300, // of a picture buffer
    UP__ATARI_RAM = 128,
    UP__ATARI_SEED = 4753849, // of the machine's own randomness, ALE's system_random_seed
};

// The generator of C++'s std::mt19937: power-on contents here, sticky actions in the environment.
typedef struct UpMt19937 {
    uint32_t word[624];
    int index;
} UpMt19937;

void up__mt19937_seed(UpMt19937 *mt, uint32_t seed);
uint32_t up__mt19937_next(UpMt19937 *mt);

typedef enum UpAtariJack { UP__ATARI_JOYSTICK, UP__ATARI_PADDLES } UpAtariJack;

// What the game's entry in the data base says of its hardware.
typedef struct UpAtariBoard {
    int first_line;      // of the window; 34 but for a few games
    int height;          // rows of the window; 210 but for a few; PAL's 250 is found by itself
    bool no_comb;        // HMOVE blanks no pixels
    UpAtariJack jack[2]; // left, right. Swaps are the business of who sets UpAtariInput
    uint8_t difficulty;  // bit 0 left A, bit 1 right A: in force during format detection only
    uint32_t seed;       // UP__ATARI_SEED
} UpAtariBoard;

// What the console and the jacks are told before a frame, constant in it. Pressed bits are 0 in
// swcha and swchb as on the chip.
typedef struct UpAtariInput {
    uint8_t swcha;         // bits 7-4 left, 3-0 right jack: right, left, down, up from high to low
    uint8_t swchb;         // bit 0 reset, bit 1 select, bit 6 left A, bit 7 right A; idle 3F
    uint8_t fire[2];       // 1: joystick button of the left (INPT4), right (INPT5) jack pressed
    int32_t resistance[4]; // of INPT0-3; ohms; read on paddle jacks only, 0 = always charged
} UpAtariInput;

enum { UP__ATARI_SWCHB_RESET = 1, UP__ATARI_SWCHB_SELECT = 2, UP__ATARI_SWCHB_IDLE = 0x3F };

typedef struct UpAtariCpu {
    uint16_t pc;
    uint8_t a, x, y, sp;
    uint8_t p;   // N V 1 1 D I Z C
    uint8_t bus; // last byte that anybody read or wrote
    bool wrote;  // the last access was a write
    bool jammed; // by one of the twelve opcodes that stop it; until a reset
} UpAtariCpu;

typedef struct UpAtariRiot {
    uint8_t timer, shift, expired, direction;
    int32_t set, expiry; // cycles: of the write, of the first read after the end
} UpAtariRiot;

typedef struct UpAtariTia {
    // Times are colour clocks, three to a cycle, from where the cycle counter was 0.
    int32_t frame_start; // where line 0 of the frame began
    int32_t drawn;       // first clock not yet drawn
    int32_t origin;      // clock that belongs to the buffer's first pixel
    int32_t vsync_end;   // earliest clock at which leaving VSYNC ends the frame
    int32_t last_hmove;
    int32_t dump_end;    // cycle at which the paddles' capacitors were last let go
    uint32_t playfield;  // 20 bits, leftmost lowest
    uint16_t collisions; // the 15 latches, see tia.h
    uint8_t written[64]; // last value written to each address
    uint8_t dump;        // bit 7: the paddles' capacitors are held empty
    uint8_t vsync, vblank, ctrlpf, enabl, old_enabl, vdelbl;
    uint8_t colour[4];
    uint8_t nusiz[2], refp[2], grp[2], old_grp[2], enam[2], vdelp[2], resmp[2];
    uint8_t hm[5], position[5];
    uint8_t suppressed[2];                  // the players' first copies, until the line's end
    uint8_t reflect;                        // the playfield; follows ctrlpf late
    uint8_t comb;                           // the next drawn line begins with black pixels
    uint8_t star, star_counter, star_shape; // of missile 0 after a late HMM0 write
} UpAtariTia;

typedef struct UpAtariDpc {
    uint8_t top[8], bottom[8], flag[8];
    uint16_t counter[8];
    uint8_t music[3];
    uint8_t random;
    int32_t clocked; // cycle of the last music tick
    double fraction;
} UpAtariDpc;

typedef struct UpAtariMachine {
    int32_t cycle; // from the frame's start
    UpAtariCpu cpu;
    UpAtariRiot riot;
    UpAtariInput input; // the caller's to set
    UpAtariTia tia;
    uint8_t ram[UP__ATARI_RAM];
    uint8_t cart_ram[128]; // of SC cartridges
    uint8_t bank[3];       // bank, or the three slices of an E0 cartridge
    UpAtariDpc dpc;
    bool pal;
    bool ended;     // the last call finished its frame; otherwise the next call continues it
    bool greyed;    // rows of the unfinished frame are grey already
    uint8_t buffer; // which picture is the current one
    int32_t height; // rows of the window
    int32_t lines;  // of the last complete frame
    int64_t frames; // calls of up__atari_frame, format detection excluded
    uint32_t draws; // taken from the machine's generator
} UpAtariMachine;

typedef struct UpAtariCart UpAtariCart;

typedef struct UpAtariScreen UpAtariScreen;

// The console's reset of all chips (not the reset switch): RAM stays.
void up__atari_reset(UpAtariMachine *machine, const UpAtariCart *cart, UpAtariScreen *screen);

// Colours of palette bytes, with ALE's odd entries: as RGB, as grey (in RGB), and as its greyscale
// screen gives them.
typedef struct UpAtariPalette {
    uint8_t rgb[256][3];
    uint8_t grey[256];
} UpAtariPalette;

const UpAtariPalette *up__atari_palette(bool pal);

#endif
