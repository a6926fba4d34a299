// What a write to the television chip changes of what is seen. Most change nothing: they repeat
// what a register holds, or set up the next HMOVE; then the beam need not go on.
#include "env/atari/beam/beam.h"
#include "env/atari/tia/store.h"

#include <string.h>

// Where a colour changes, what has it is painted: nothing collides by it.
static bool shows(const UpTiaBeam *beam, int colour) {
    unsigned objects = beam->on | beam->had;
    bool field = objects & UP__FIELD;
    if (colour == UP__TIA_COLUBK) return true;
    if (colour == UP__TIA_COLUPF) return field || objects & UP__BALL;
    return objects & (UP__PLAYER_0 | UP__MISSILE_0) << colour ||
           (field && beam->machine->tia.ctrlpf & UP__CTRLPF_SCORE);
}

static void write_colour(UpTiaBeam *beam, int32_t t, int which, uint8_t value) {
    UpAtariMachine *m = beam->machine;
    uint8_t colour = up__tia_colour(m, value);
    if (m->tia.colour[which] == colour) return;
    up__beam_go(beam, t);
    int x = up__beam_x(beam);
    if (x > beam->picture.shown && shows(beam, which)) up__picture_piece(beam, x);
    m->tia.colour[which] = colour;
}

// Graphics of a player: also of the other one and of the ball, where those show old copies.
static inline void write_player(UpTiaBeam *beam, int32_t t, int player, uint8_t value) {
    UpAtariTia *tia = &beam->machine->tia;
    int other = !player;
    unsigned objects = 0;
    up__beam_go(beam, t + 1);
    if (!tia->vdelp[player] && tia->grp[player] != value) objects |= 1u << player;
    if (tia->vdelp[other] && tia->old_grp[other] != tia->grp[other]) objects |= 1u << other;
    if (player == 1 && tia->vdelbl && tia->old_enabl != tia->enabl) objects |= UP__BALL;
    if (objects) up__beam_settle(beam, objects);
    up__tia_set_graphics(tia, player, value);
    beam->rows.lit |= (uint8_t)((value != 0) << player);
    if (!objects) return;
    up__beam_show(beam, UP__PLAYER_0, up__tia_player(tia, 0));
    up__beam_show(beam, UP__PLAYER_1, up__tia_player(tia, 1));
    up__beam_show(beam, UP__BALL, up__tia_ball(tia));
    beam->stale |= (uint8_t)objects;
}

static void write_field(UpTiaBeam *beam, int32_t t, int reg, uint8_t value) {
    static const uint8_t delay[4] = {4, 5, 2, 3}; // by the cycle
    UpAtariTia *tia = &beam->machine->tia;
    uint32_t field = up__tia_field(tia->playfield, reg, value);
    if (field == tia->playfield) return;
    up__beam_go(beam, t + delay[(t / 3 - beam->cycle0) & 3]);
    up__beam_settle(beam, UP__FIELD);
    tia->playfield = field;
    up__beam_show(beam, UP__FIELD, field);
    beam->stale |= UP__FIELD;
}

static void write_ctrlpf(UpTiaBeam *beam, int32_t t, uint8_t value) {
    UpAtariTia *tia = &beam->machine->tia;
    up__beam_go(beam, t);
    bool reflect = value & UP__CTRLPF_REFLECT;
    if (value & UP__CTRLPF_SCORE) beam->rows.lit |= UP__DIFFERS_SCORE;
    if (tia->ctrlpf == value && tia->reflect == reflect) return;
    up__picture_piece(beam, up__beam_x(beam));
    up__beam_settle(beam, UP__FIELD | UP__BALL);
    tia->ctrlpf = value;
    if (up__tia_h(beam->machine, t) < 147) tia->reflect = reflect;
    if (tia->reflect != reflect) beam->line.unsettled = true;
    beam->stale |= UP__FIELD | UP__BALL;
}

static void write_nusiz(UpTiaBeam *beam, int32_t t, int i, uint8_t value) {
    UpAtariTia *tia = &beam->machine->tia;
    unsigned objects = (UP__PLAYER_0 | UP__MISSILE_0) << i;
    up__beam_go(beam, t + 8);
    if (tia->nusiz[i] == value && !tia->suppressed[i] && (i || !tia->star_shape)) return;
    up__beam_settle(beam, objects);
    tia->nusiz[i] = value;
    tia->suppressed[i] = 0;
    if (i == 0) tia->star_shape = 0;
    beam->stale |= (uint8_t)objects;
}

static void write_resp(UpTiaBeam *beam, int32_t t, int player) {
    UpAtariMachine *m = beam->machine;
    up__beam_go(beam, t);
    if (up__tia_respx_late(m, t, player)) up__beam_go(beam, t + UP__RESP_CLOCKS);
    up__beam_settle(beam, 1u << player);
    up__tia_reset_player(m, t, player);
    if (m->tia.suppressed[player]) beam->line.unsettled = true;
    beam->stale |= (uint8_t)(1u << player);
}

static void write_small(UpTiaBeam *beam, int32_t t, int object) {
    up__beam_go(beam, t + (object == UP__BL ? 0 : 8));
    up__beam_settle(beam, 1u << object);
    up__tia_reset_small(beam->machine, t, object);
    beam->stale |= (uint8_t)(1u << object);
}

static void write_resmp(UpTiaBeam *beam, int32_t t, int missile, uint8_t value) {
    UpAtariTia *tia = &beam->machine->tia;
    up__beam_go(beam, t);
    if (tia->resmp[missile] == value && !(missile == 0 && tia->star_shape)) return;
    up__beam_settle(beam, UP__MISSILE_0 << missile);
    up__tia_missile_to_player(tia, missile, value);
    beam->rows.lit |= (uint8_t)(UP__MISSILE_0 << missile);
    up__beam_show(beam, UP__MISSILE_0 << missile, up__tia_missile(tia, missile));
    beam->stale |= (uint8_t)(UP__MISSILE_0 << missile);
}

// Most HMOVEs only put black pixels before the line.
static inline bool moves(const UpTiaBeam *beam, int32_t t) {
    const UpAtariTia *tia = &beam->machine->tia;
    int h = t - beam->line.first;
    return h < 0 || h > 27 || tia->hm[0] | tia->hm[1] | tia->hm[2] | tia->hm[3] | tia->hm[4] ||
           tia->suppressed[0] | tia->suppressed[1] | tia->star | tia->star_shape;
}

static void write_hmove(UpTiaBeam *beam, int32_t t) {
    UpAtariMachine *m = beam->machine;
    UpAtariTia *tia = &m->tia;
    up__beam_go(beam, t);
    int x = up__beam_x(beam);
    if (x <= 0 && !moves(beam, t)) {
        if (!beam->cart->board.no_comb) tia->comb = 1;
        tia->last_hmove = t;
        return;
    }
    if (x > UP__COMB_WIDTH && !beam->line.combing) up__beam_comb(beam);
    up__beam_settle(beam, UP__OBJECTS);
    up__tia_hmove(m, beam->cart, t);
    beam->stale |= UP__OBJECTS & ~UP__FIELD;
}

static void write_hmm0(UpTiaBeam *beam, int32_t t, uint8_t value) {
    UpAtariTia *tia = &beam->machine->tia;
    int32_t since = up__wrap_sub(t, tia->last_hmove);
    if (since == UP__STAR_CLOCKS) up__beam_go(beam, t);
    up__tia_move_missile_0(tia, since, value);
    if (tia->star) beam->line.unsettled = true;
}

// A bit of a register that shows an object, or which copy of it.
static void write_bit(UpTiaBeam *beam, int32_t seen, uint8_t *reg, uint8_t value, unsigned object) {
    if (*reg == value) return;
    up__beam_go(beam, seen);
    up__beam_settle(beam, object);
    *reg = value;
    beam->rows.lit |= (uint8_t)object;
    up__beam_switch(beam, object);
}

static void write_vblank(UpTiaBeam *beam, int32_t t, uint8_t value) {
    UpAtariTia *tia = &beam->machine->tia;
    up__beam_go(beam, t + 1);
    if (tia->vblank != value) up__beam_cut(beam);
    tia->vblank = value;
}

// Pixels that have been drawn do not collide any more.
static void write_cxclr(UpTiaBeam *beam, int32_t t) {
    up__beam_go(beam, t);
    int x = up__beam_x(beam);
    beam->line.cleared = x > 0 ? x : 0;
    beam->rows.clears = true;
    beam->machine->tia.collisions = beam->hits = 0;
}

// Registers that are written once a frame or so.
static void write_rare(UpTiaBeam *beam, int32_t t, int reg, uint8_t value) {
    UpAtariTia *tia = &beam->machine->tia;
    switch (reg) {
    case UP__RESMP0:
    case UP__RESMP1:
        write_resmp(beam, t, reg - UP__RESMP0, value);
        break;
    case UP__VBLANK:
        write_vblank(beam, t, value);
        break;
    case UP__NUSIZ0:
    case UP__NUSIZ1:
        write_nusiz(beam, t, reg - UP__NUSIZ0, value);
        break;
    case UP__CTRLPF:
        write_ctrlpf(beam, t, value);
        break;
    case UP__REFP0:
    case UP__REFP1:
        write_bit(beam, t + 1, &tia->refp[reg - UP__REFP0], value,
                  UP__PLAYER_0 << (reg - UP__REFP0));
        break;
    case UP__VDELP0:
    case UP__VDELP1:
        write_bit(beam, t, &tia->vdelp[reg - UP__VDELP0], value,
                  UP__PLAYER_0 << (reg - UP__VDELP0));
        break;
    case UP__VDELBL:
        write_bit(beam, t, &tia->vdelbl, value, UP__BALL);
        break;
    case UP__CXCLR:
        write_cxclr(beam, t);
        break;
    default: // the picture does not depend on it
        break;
    }
}

static inline void write(UpTiaBeam *beam, const uint64_t *entry, int32_t t, int reg) {
    UpAtariTia *tia = &beam->machine->tia;
    uint8_t value = (uint8_t)(*entry >> UP__LOG_VALUE) & up__tia_bits[reg];
    switch (reg) {
    case UP__RESP0:
    case UP__RESP1:
        // Where the player stood decides from when on the next write is seen.
        if ((int32_t)entry[1] - (int32_t)*entry <= 3)
            beam->rows.lit |= (uint8_t)(1 << (reg - UP__RESP0));
        write_resp(beam, t, reg - UP__RESP0);
        break;
    case UP__RESM0:
    case UP__RESM1:
    case UP__RESBL:
        write_small(beam, t, reg - UP__RESM0 + UP__M0);
        break;
    case UP__HMM0:
        write_hmm0(beam, t, value);
        break;
    case UP__HMP0:
    case UP__HMP1:
    case UP__HMM1:
    case UP__HMBL:
        tia->hm[reg - UP__HMP0] = value;
        break;
    case UP__HMCLR:
        memset(tia->hm, 0, sizeof tia->hm);
        break;
    case UP__HMOVE:
        write_hmove(beam, t);
        break;
    case UP__COLUP0:
    case UP__COLUP1:
    case UP__COLUPF:
    case UP__COLUBK:
        write_colour(beam, t, reg - UP__COLUP0, value);
        break;
    case UP__PF0:
    case UP__PF1:
    case UP__PF2:
        write_field(beam, t, reg, value);
        break;
    case UP__GRP0:
        write_player(beam, t, 0, value);
        break;
    case UP__GRP1:
        write_player(beam, t, 1, value);
        break;
    case UP__ENAM0:
    case UP__ENAM1:
        write_bit(beam, t, &tia->enam[reg - UP__ENAM0], value, UP__MISSILE_0 << (reg - UP__ENAM0));
        break;
    case UP__ENABL:
        write_bit(beam, t, &tia->enabl, value, UP__BALL);
        break;
    default:
        write_rare(beam, t, reg, value);
        break;
    }
}

void up__beam_write(UpTiaBeam *beam, int32_t cycle) {
    const uint64_t *entry = beam->done;
    for (; (int32_t)*entry < cycle; entry++) {
        int32_t t = 3 * (int32_t)*entry;
        int reg = (int)(*entry >> UP__LOG_REGISTER);
        // Of writes at the same time the first may be seen later than the second would be.
        if (__builtin_expect(*entry >= UP__LOG_TOGETHER, 0)) {
            reg &= 63;
            up__beam_go(beam, t + up__tia_delay(beam->machine, t, reg));
        }
        write(beam, entry, t, reg);
    }
    beam->done = entry;
}
