// What a write to a TIA register changes, for the plain machine (tia.c) and for the beam.
#ifndef UP_ENV_ATARI_TIA_STORE_H
#define UP_ENV_ATARI_TIA_STORE_H

#include "env/atari/tia/tia.h"

void up__tia_reset_player(UpAtariMachine *m, int32_t t, int player);
void up__tia_reset_small(UpAtariMachine *m, int32_t t, int object);
// Returns the objects that moved.
unsigned up__tia_hmove(UpAtariMachine *m, const UpAtariCart *cart, int32_t t);
void up__tia_missile_to_player(UpAtariTia *tia, int missile, uint8_t value);

static inline void up__tia_move_missile_0(UpAtariTia *tia, int32_t since, uint8_t value) {
    if (since == UP__STAR_CLOCKS && tia->hm[UP__M0] >> 4 == 7 && value >> 4 == 6) {
        tia->star = 1;
        tia->star_counter = 0;
    }
    tia->hm[UP__M0] = value;
}

// Graphics registers: each write also passes the other player's (and the ball's) value on to the
// copy that a vertical delay shows.
static inline void up__tia_set_graphics(UpAtariTia *tia, int player, uint8_t value) {
    tia->grp[player] = value;
    tia->old_grp[!player] = tia->grp[!player];
    if (player == 1) tia->old_enabl = tia->enabl;
}

// The playfield after a write to one of its three registers.
static inline uint32_t up__tia_field(uint32_t field, int reg, uint8_t value) {
    if (reg == UP__PF0) return (field & 0xFFFF0u) | value >> 4;
    if (reg == UP__PF1) return (field & 0xFF00Fu) | (uint32_t)up__tia_mirrored[value] << 4;
    return (field & 0x00FFFu) | (uint32_t)value << 12;
}

// Colours have no lowest bit but the one that PAL's odd frames give them.
static inline uint8_t up__tia_colour(const UpAtariMachine *m, uint8_t value) {
    return (uint8_t)((value & 0xFE) | (m->pal ? m->lines & 1 : 0));
}

#endif
