// Between the chips: what a call of up__atari_frame works on, and the accesses of one instruction.
#ifndef UP_ENV_ATARI_BUS_H
#define UP_ENV_ATARI_BUS_H

#include "env/atari/machine/screen.h"

typedef enum UpAtariType {
    UP__CART_2K,
    UP__CART_4K,
    UP__CART_F8,
    UP__CART_F6,
    UP__CART_F4,
    UP__CART_F8SC,
    UP__CART_F6SC,
    UP__CART_F4SC,
    UP__CART_E0,
    UP__CART_FE,
    UP__CART_DPC,
    UP__CART_TYPES
} UpAtariType;

// A decoded instruction. Where it is rare, its handler executes it byte by byte.
typedef struct UpAtariOp {
    const void *handler;
    uint16_t a, b;  // operands, by handler
    int16_t target; // of a branch, in instructions (bytes of ROM) from this one
    uint8_t cycles;
    uint8_t taken; // cycles of a taken branch
} UpAtariOp;

enum { UP__DPC_BYTES = 2048 }; // that a DPC cartridge displays, behind its code

typedef struct UpJit UpJit; // see jit.h

struct UpAtariCart {
    UpAtariBoard board;
    UpAtariType type;
    uint8_t *rom;
    uint32_t size;
    UpAtariMachine loaded; // what up__atari_load gives
    // Decoded: the ROM in pages of 1 KiB, an instruction for every byte that may begin one.
    UpAtariOp *op;
    uint8_t *image; // the same bytes, a 2-KiB ROM twice; behind them what a DPC displays
    uint32_t image_size;
    uint16_t *kind;       // of each instruction, UpAtariHandler
    uint16_t cold, colds; // first offset without side effects on reading, and their number
    UpJit *jit;           // NULL: all is interpreted
};

typedef struct UpTiaBeam UpTiaBeam;

typedef struct UpAtariBus {
    UpAtariMachine *m;
    const UpAtariCart *cart;
    uint8_t *pixel;          // picture being drawn, or NULL
    const UpAtariRows *rows; // of it
    bool ended;              // the frame ends after this instruction
    int32_t end_clock;       // until which accesses have drawn
    // The rest is NULL or 0 in the plain machine. TIA writes wait in a log, see up__log_entry,
    // until a latch is read or the frame ends.
    UpTiaBeam *beam;
    uint64_t *log, *log_end;
    int32_t window, window_end; // clocks: first of the window, first after it
    uint32_t charge[4];         // cycles that the paddles take
    const UpAtariOp *code[16];  // decoded pages by address bits 10-13; NULL: no cartridge
    const uint8_t *page[16];    // their bytes
    uint8_t bank[3];            // that they are of
    bool interpreted;           // no translated code in this frame, instructions are counted
    int32_t left;               // of them
} UpAtariBus;

uint8_t up__atari_read(UpAtariBus *bus, uint16_t address);
void up__atari_write(UpAtariBus *bus, uint16_t address, uint8_t value);

// One instruction, byte by byte: the reference for the fast loop, and its way out of rare cases.
void up__cpu_step(UpAtariBus *bus);
void up__cpu_reset(UpAtariBus *bus);

// The fast loop: until the frame ends or the CPU jams, and where the frame is not interpreted, only
// to the next jump, from where translated code may go on. With NULL instead of a bus: the table of
// its handlers, by UpAtariHandler.
const void *const *up__cpu_run(UpAtariBus *bus);
// All but the handlers, which the loop has.
bool up__cart_decode(UpAtariCart *cart);
// Of an instruction of these bytes, at an offset in 4 KiB of one piece, where it need not lie in
// the image: returns its UpAtariHandler.
unsigned up__cart_decode_bytes(const UpAtariCart *cart, uint32_t offset, const uint8_t byte[3],
                               UpAtariOp *op);
void up__cart_map(UpAtariBus *bus); // code and page, for the present banks
// The same, if a bank was switched.
static inline void up__cart_follow(UpAtariBus *bus) {
    const uint8_t *now = bus->m->bank, *then = bus->bank;
    if (now[0] != then[0] || now[1] != then[1] || now[2] != then[2]) up__cart_map(bus);
}

// A read of the TIA or RIOT at cycle c; `bits` is what lies on the bus.
uint8_t up__atari_read_port(UpAtariBus *bus, int32_t c, uint16_t address, uint8_t bits);
// A write at cycle c, after which the cycle is m->cycle.
void up__atari_write_port(UpAtariBus *bus, int32_t c, uint16_t address, uint8_t value);
// How many cycles a loop that reads the timer may be moved on without a read that ends it or has an
// effect. It reads at c first and then every `period` cycles, until the count is below `last`.
int32_t up__riot_idle(const UpAtariRiot *riot, int32_t c, int32_t period, int32_t last,
                      bool is_count);
uint8_t up__riot_read(UpAtariMachine *m, uint16_t address);
void up__riot_write(UpAtariMachine *m, uint16_t address, uint8_t value);
void up__riot_reset(UpAtariMachine *m, uint32_t draw);

// The next output of the machine's generator. Its state is not the machine's but is found again
// from the number of draws, which changes only at resets; `mt` has given `*at` of them.
uint32_t up__atari_draw(UpAtariMachine *m, UpMt19937 *mt, uint32_t *at);
// The reset of all chips, with what it draws.
void up__atari_reset_chips(UpAtariMachine *m, const UpAtariCart *cart, UpMt19937 *mt, uint32_t *at);

// A frame that has taken so many cycles is counted on from earlier ones. One call takes fewer than
// UP__CALL_CYCLES_MAX: 25,000 instructions of at most eight cycles and a line's wait.
enum { UP__FRAME_CYCLES_MAX = 1 << 26, UP__CALL_CYCLES_MAX = 1 << 18 };

UpAtariType up__cart_detect(const uint8_t *rom, size_t size);
uint8_t up__cart_read(UpAtariMachine *m, const UpAtariCart *cart, uint16_t address);
void up__cart_write(UpAtariMachine *m, const UpAtariCart *cart, uint16_t address, uint8_t value);
void up__cart_reset(UpAtariMachine *m, const UpAtariCart *cart);
static inline bool up__cart_has_ram(UpAtariType type) {
    return type >= UP__CART_F8SC && type <= UP__CART_F4SC;
}

// Values modulo 2^32, as the counters of the original wrap.
static inline int32_t up__wrap_sub(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a - (uint32_t)b);
}

#endif
