// Between the chips: what a call of up__atari_frame works on, and the accesses of one instruction.
#ifndef UP_ENV_ATARI_BUS_H
#define UP_ENV_ATARI_BUS_H

#include "env/atari/machine.h"

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

struct UpAtariCart {
    UpAtariBoard board;
    UpAtariType type;
    uint8_t *rom;
    uint32_t size;
    UpAtariMachine loaded; // what up__atari_load gives
};

typedef struct UpAtariBus {
    UpAtariMachine *m;
    const UpAtariCart *cart;
    uint8_t *pixel; // picture being drawn, or NULL
    bool ended;     // the frame ends after this instruction
} UpAtariBus;

uint8_t up__atari_read(UpAtariBus *bus, uint16_t address);
void up__atari_write(UpAtariBus *bus, uint16_t address, uint8_t value);

// One instruction, byte by byte: the reference for the fast loop, and its way out of rare cases.
void up__cpu_step(UpAtariBus *bus);
void up__cpu_reset(UpAtariBus *bus);

uint8_t up__riot_read(UpAtariMachine *m, uint16_t address);
void up__riot_write(UpAtariMachine *m, uint16_t address, uint8_t value);
void up__riot_reset(UpAtariMachine *m, uint32_t draw);

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
