// Cartridges, and machines that were switched on with one.
#ifndef UP_ENV_ATARI_LOAD_H
#define UP_ENV_ATARI_LOAD_H

#include "env/atari/machine/screen.h"

// The ROM with this board, as ALE would detect its type. The copy is the cartridge's own.
// Runs the 60 frames of format detection. On failure *cart is NULL. Free with
// up__atari_cart_free after the last machine that uses it.
UpStatus up__atari_cart_create(UpAtariCart **cart, const uint8_t *rom, size_t size,
                               const UpAtariBoard *board);
void up__atari_cart_free(UpAtariCart *cart);
// "2K", "4K", "F8", "F6", "F4", "F8SC", "F6SC", "F4SC", "E0", "FE", "DPC".
const char *up__atari_cart_type(const UpAtariCart *cart);

// A machine in which the ROM was just loaded: power-on RAM drawn, format detected, two system
// resets done (ALE then resets a third time, with the environment). `screen` may be NULL.
void up__atari_load(UpAtariMachine *machine, const UpAtariCart *cart, UpAtariScreen *screen);

#endif
