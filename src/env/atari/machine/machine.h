// An Atari 2600, equal byte for byte in RAM and picture to the one inside ALE 0.12. docs/atari.md
// says how it works and how that was measured.
//
//   UpAtariCart    a ROM decoded once, and the board settings of its game. Immutable, shared by
//                  any number of machines and threads.
//   UpAtariMachine everything that the future depends on, flat and without a pointer: saving,
//                  restoring and cloning are assignments.
//   UpAtariScreen  what is seen of it: two pictures, and notes on which of their rows are stale.
//                  Lies beside the machine and may be NULL where nobody looks.
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

// The ROM with this board, as ALE would detect its type. The copy is the cartridge's own.
// Runs the 60 frames of format detection. On failure *cart is NULL. Free with
// up__atari_cart_free after the last machine that uses it.
UpStatus up__atari_cart_create(UpAtariCart **cart, const uint8_t *rom, size_t size,
                               const UpAtariBoard *board);
void up__atari_cart_free(UpAtariCart *cart);
const UpAtariBoard *up__atari_cart_board(const UpAtariCart *cart);
// "2K", "4K", "F8", "F6", "F4", "F8SC", "F6SC", "F4SC", "E0", "FE", "DPC".
const char *up__atari_cart_type(const UpAtariCart *cart);

// What a latch was read as within a row, see held.h.
typedef struct UpHeldRead {
    uint16_t cycle; // of the row
    uint16_t hits;  // that the row had set by then, UP__HELD_CLEARED
} UpHeldRead;

// Rows of a picture, a bit each.
typedef struct UpRowSet {
    uint64_t word[(UP__ATARI_ROWS_MAX + 63) / 64];
} UpRowSet;

// What came out of a frame, row by row, see held.h.
enum {
    UP__HELD_STATE = 48,
    UP__HELD_MOVABLE = 5,
    UP__HELD_WRITES = 3072,
    UP__HELD_CLEARED = 1 << 12, // beside the latches: those of rows before are cleared
    UP__HELD_READS = 2,
    UP__HELD_SHOWS = 48, // above the bits of registers
};
typedef struct UpAtariHeld {
    int32_t rows;                            // of which that is known, from the first one on
    int32_t frame_start;                     // of the television chip
    uint8_t pauses;                          // frames that are not held: too much changes
    int16_t waste;                           // rows by which more changed than should
    UpRowSet outdated;                       // rows that the picture does not show so
    UpRowSet collide;                        // those that set latches or clear them …
    uint16_t collisions[UP__ATARI_ROWS_MAX]; // … and which
    UpRowSet move;                           // those that have an HMOVE
    UpHeldRead read[UP__ATARI_ROWS_MAX][UP__HELD_READS];
    uint8_t state[UP__ATARI_ROWS_MAX + 1][UP__HELD_STATE];      // of the chip as a row begins …
    uint8_t position[UP__HELD_MOVABLE][UP__ATARI_ROWS_MAX + 1]; // … but for where objects are
    // Registers that are written to in a row, and from UP__HELD_SHOWS on objects that it may show,
    // or old copies of them.
    uint64_t touches[UP__ATARI_ROWS_MAX];
    uint16_t first[UP__ATARI_ROWS_MAX + 1]; // write of a row
    uint16_t writes;
    uint64_t write[UP__HELD_WRITES + 1]; // the last one: behind all others
} UpAtariHeld;

// Rows of the picture that the caller will read: first, first + step, ... below end.
typedef struct UpAtariRows {
    int first, end, step;
} UpAtariRows;

typedef struct UpAtariScreen {
    // Rows are written eight bytes at a time, so the last one may be looked at beyond its end.
    uint8_t pixel[2][UP__ATARI_ROWS_MAX * UP__ATARI_COLUMNS + 8];
    // Rows that have come to look different since whoever keeps track of it put a 0 here.
    uint8_t touched[2][UP__ATARI_ROWS_MAX];
    UpMt19937 random; // the machine's generator, after `random_draws` outputs
    uint32_t random_draws;
    uint32_t random_seed; // that it was seeded with; 0 and no draws: not yet
    // The machine at the start of the last two frames in each picture, and whether the picture is
    // whole: below a short frame there are rows of the picture two frames ago, which is then drawn
    // after all.
    UpAtariMachine before[2][2];
    uint8_t newest[2]; // of before[picture]
    bool exact[2];
    bool was_short;     // the last frame
    UpAtariRows wanted; // that somebody looked at last
    UpAtariHeld
        held[2]; // of the last frame in each buffer: many games draw every other frame alike
} UpAtariScreen;

// Black pictures, all of whose rows count as touched; nothing is held.
void up__atari_screen_clear(UpAtariScreen *screen);

// A machine in which the ROM was just loaded: power-on RAM drawn, format detected, two system
// resets done (ALE then resets a third time, with the environment). `screen` may be NULL.
void up__atari_load(UpAtariMachine *machine, const UpAtariCart *cart, UpAtariScreen *screen);

// The console's reset of all chips (not the reset switch): RAM stays.
void up__atari_reset(UpAtariMachine *machine, const UpAtariCart *cart, UpAtariScreen *screen);

// One frame with machine->input. rows NULL: nobody will look at it; RAM and all later frames are
// the same. Rows that `rows` leaves out, and with NULL all rows, hold no particular picture.
void up__atari_frame(UpAtariMachine *machine, const UpAtariCart *cart, UpAtariScreen *screen,
                     const UpAtariRows *rows);

// The same, one byte and one pixel at a time, all rows drawn: what the fast machine is compared to.
void up__atari_frame_plain(UpAtariMachine *machine, const UpAtariCart *cart, UpAtariScreen *screen);

// The picture of the last frame: (height, 160) palette bytes; valid until the next frame.
static inline uint8_t *up__atari_pixels(const UpAtariMachine *machine, UpAtariScreen *screen) {
    return screen->pixel[machine->buffer];
}

// Colours of palette bytes, with ALE's odd entries: as RGB, as grey (in RGB), and as its greyscale
// screen gives them.
typedef struct UpAtariPalette {
    uint8_t rgb[256][3];
    uint8_t grey[256];
} UpAtariPalette;

const UpAtariPalette *up__atari_palette(bool pal);

#endif
