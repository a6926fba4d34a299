// What a write to a TIA register changes; inline, since the log is replayed by it.
#ifndef UP_ENV_ATARI_TIA_STORE_H
#define UP_ENV_ATARI_TIA_STORE_H

#include <string.h>

#include "env/atari/tia.h"

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

static inline uint32_t up__tia_reversed(uint32_t byte) {
    byte = (byte & 0xF0) >> 4 | (byte & 0x0F) << 4;
    byte = (byte & 0xCC) >> 2 | (byte & 0x33) << 2;
    return (byte & 0xAA) >> 1 | (byte & 0x55) << 1;
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
    if (reg == UP__PF1) return (field & 0xFF00Fu) | up__tia_reversed(value) << 4;
    return (field & 0x00FFFu) | (uint32_t)value << 12;
}

// Colours have no lowest bit but the one that PAL's odd frames give them.
static inline uint8_t up__tia_colour(const UpAtariMachine *m, uint8_t value) {
    return (uint8_t)((value & 0xFE) | (m->pal ? m->lines & 1 : 0));
}

// The effect of a write at clock t on everything that is drawn later.
static inline void up__tia_store(UpAtariMachine *m, const UpAtariCart *cart, int32_t t, int reg,
                                 uint8_t value) {
    UpAtariTia *tia = &m->tia;
    value &= up__tia_bits[reg];
    switch (reg) {
    case UP__VBLANK:
        tia->vblank = value;
        break;
    case UP__NUSIZ0:
        tia->star_shape = 0; // fall through
    case UP__NUSIZ1:
        tia->nusiz[reg - UP__NUSIZ0] = value;
        tia->suppressed[reg - UP__NUSIZ0] = 0;
        break;
    case UP__COLUP0:
    case UP__COLUP1:
    case UP__COLUPF:
    case UP__COLUBK:
        tia->colour[reg - UP__COLUP0] = up__tia_colour(m, value);
        break;
    case UP__CTRLPF:
        tia->ctrlpf = value;
        if (up__tia_h(m, t) < 147) tia->reflect = value & 1;
        break;
    case UP__REFP0:
    case UP__REFP1:
        tia->refp[reg - UP__REFP0] = value;
        break;
    case UP__PF0:
    case UP__PF1:
    case UP__PF2:
        tia->playfield = up__tia_field(tia->playfield, reg, value);
        break;
    case UP__RESP0:
    case UP__RESP1:
        up__tia_reset_player(m, t, reg - UP__RESP0);
        break;
    case UP__RESM0:
    case UP__RESM1:
    case UP__RESBL:
        up__tia_reset_small(m, t, reg - UP__RESM0 + UP__M0);
        break;
    case UP__GRP0:
    case UP__GRP1:
        up__tia_set_graphics(tia, reg - UP__GRP0, value);
        break;
    case UP__ENAM0:
    case UP__ENAM1:
        tia->enam[reg - UP__ENAM0] = value;
        break;
    case UP__ENABL:
        tia->enabl = value;
        break;
    case UP__HMM0:
        up__tia_move_missile_0(tia, up__wrap_sub(t, tia->last_hmove), value);
        break;
    case UP__HMP0:
    case UP__HMP1:
    case UP__HMM1:
    case UP__HMBL:
        tia->hm[reg - UP__HMP0] = value;
        break;
    case UP__VDELP0:
    case UP__VDELP1:
        tia->vdelp[reg - UP__VDELP0] = value;
        break;
    case UP__VDELBL:
        tia->vdelbl = value;
        break;
    case UP__RESMP0:
    case UP__RESMP1:
        up__tia_missile_to_player(tia, reg - UP__RESMP0, value);
        break;
    case UP__HMOVE:
        up__tia_hmove(m, cart, t);
        break;
    case UP__HMCLR:
        memset(tia->hm, 0, sizeof tia->hm);
        break;
    case UP__CXCLR:
        tia->collisions = 0;
        break;
    default:
        break;
    }
}

#endif
