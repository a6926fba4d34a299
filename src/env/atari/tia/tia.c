// The TIA's registers. Nothing is drawn here but by calling up__tia_draw_plain before a change.
#include "env/atari/tia/tia.h"

#include <string.h>

#include "env/atari/tia/store.h"

const uint8_t up__tia_bits[64] = {
    [UP__VBLANK] = 0x02, [UP__NUSIZ0] = 0x37, [UP__NUSIZ1] = 0x37, [UP__COLUP0] = 0xFE,
    [UP__COLUP1] = 0xFE, [UP__COLUPF] = 0xFE, [UP__COLUBK] = 0xFE, [UP__CTRLPF] = 0x37,
    [UP__REFP0] = 0x08,  [UP__REFP1] = 0x08,  [UP__PF0] = 0xF0,    [UP__PF1] = 0xFF,
    [UP__PF2] = 0xFF,    [UP__GRP0] = 0xFF,   [UP__GRP1] = 0xFF,   [UP__ENAM0] = 0x02,
    [UP__ENAM1] = 0x02,  [UP__ENABL] = 0x02,  [UP__HMP0] = 0xF0,   [UP__HMP1] = 0xF0,
    [UP__HMM0] = 0xF0,   [UP__HMM1] = 0xF0,   [UP__HMBL] = 0xF0,   [UP__VDELP0] = 0x01,
    [UP__VDELP1] = 0x01, [UP__VDELBL] = 0x01, [UP__RESMP0] = 0x02, [UP__RESMP1] = 0x02};

enum { LIMIT_NTSC = 290, LIMIT_PAL = 342, NEVER = INT32_MAX };

void up__tia_reset(UpAtariMachine *m) {
    m->tia = (UpAtariTia){.vsync_end = NEVER};
}

void up__tia_begin_frame(UpAtariMachine *m, const UpAtariCart *cart) {
    UpAtariTia *tia = &m->tia;
    int32_t elapsed = m->cycle;
    tia->frame_start = -up__tia_h(m, 3 * elapsed);
    tia->vsync_end = up__wrap_sub(tia->vsync_end, 3 * elapsed);
    tia->last_hmove = up__wrap_sub(tia->last_hmove, 3 * elapsed);
    tia->dump_end = up__wrap_sub(tia->dump_end, elapsed);
    m->riot.set = up__wrap_sub(m->riot.set, elapsed);
    m->riot.expiry = up__wrap_sub(m->riot.expiry, elapsed);
    m->dpc.clocked = up__wrap_sub(m->dpc.clocked, elapsed);
    m->cycle = 0;
    tia->drawn = tia->origin = up__tia_window(m, cart);
    for (int i = 0; m->pal && i < 4; i++)
        tia->colour[i] = (uint8_t)((tia->colour[i] & 0xFE) | (m->lines & 1));
}

// Both objects of a pair among those of n.
#define PAIR(n, i, j, latch) (((n) >> (i) & (n) >> (j)&1) << (latch))
#define LATCHES(n)                                                                                 \
    PAIR(n, UP__M0, UP__P0, 0) | PAIR(n, UP__M0, UP__P1, 1) | PAIR(n, UP__M1, UP__P1, 2) |         \
        PAIR(n, UP__M1, UP__P0, 3) | PAIR(n, UP__P0, UP__BL, 4) | PAIR(n, UP__P0, UP__PF, 5) |     \
        PAIR(n, UP__P1, UP__BL, 6) | PAIR(n, UP__P1, UP__PF, 7) | PAIR(n, UP__M0, UP__BL, 8) |     \
        PAIR(n, UP__M0, UP__PF, 9) | PAIR(n, UP__M1, UP__BL, 10) | PAIR(n, UP__M1, UP__PF, 11) |   \
        PAIR(n, UP__BL, UP__PF, 13) | PAIR(n, UP__M0, UP__M1, 14) | PAIR(n, UP__P0, UP__P1, 15)
#define LATCHES_4(n) LATCHES(n), LATCHES(n + 1), LATCHES(n + 2), LATCHES(n + 3)
#define LATCHES_16(n) LATCHES_4(n), LATCHES_4(n + 4), LATCHES_4(n + 8), LATCHES_4(n + 12)
const uint16_t up__tia_latches[64] = {LATCHES_16(0), LATCHES_16(16), LATCHES_16(32),
                                      LATCHES_16(48)};

// A paddle's capacitor is full when so many cycles have passed since the dump ended.
static uint8_t read_paddle(const UpAtariBus *bus, int pin) {
    const UpAtariMachine *m = bus->m;
    int32_t resistance = m->input.resistance[pin];
    if (resistance == 0) return 0x80;
    if (bus->cart->board.jack[pin >> 1] == UP__ATARI_JOYSTICK || m->tia.dump) return 0;
    uint32_t charge = bus->beam ? bus->charge[pin] : up__tia_charge(resistance);
    return (uint32_t)m->cycle > (uint32_t)m->tia.dump_end + charge ? 0x80 : 0;
}

uint8_t up__tia_pins(const UpAtariBus *bus, int reg) {
    const UpAtariMachine *m = bus->m;
    if (reg < 8) return (uint8_t)(((m->tia.collisions >> (2 * reg)) & 3) << 6);
    if (reg < 12) return read_paddle(bus, reg - 8);
    if (reg > 13) return 0;
    bool paddles = bus->cart->board.jack[reg - 12] == UP__ATARI_PADDLES;
    return paddles || !m->input.fire[reg - 12] ? 0x80 : 0;
}

int32_t up__tia_delay(const UpAtariMachine *m, int32_t t, int reg) {
    static const uint8_t playfield[4] = {4, 5, 2, 3};
    switch (reg) {
    case UP__VBLANK:
    case UP__REFP0:
    case UP__REFP1:
    case UP__GRP0:
    case UP__GRP1:
        return 1;
    case UP__NUSIZ0:
    case UP__NUSIZ1:
    case UP__RESM0:
    case UP__RESM1:
        return 8;
    case UP__PF0:
    case UP__PF1:
    case UP__PF2:
        return playfield[up__tia_h(m, t) / 3 & 3];
    default:
        return 0;
    }
}

static int new_position(const UpAtariMachine *m, int32_t t, int blank, int shift) {
    int h = up__tia_h(m, t);
    return h < UP__LINE_BLANK ? blank : (h - UP__LINE_BLANK + shift) % UP__ATARI_COLUMNS;
}

// The copy that is just being drawn, or about to be, decides what a RESP leaves to be seen.
enum Resp { NEAR, DRAWING, FAR };
static enum Resp respx_case(const UpAtariMachine *m, int32_t t, int player) {
    int mode = m->tia.nusiz[player] & 7, width = mode == 5 ? 16 : mode == 7 ? 32 : 8;
    int d = (new_position(m, t, 3, 5) - m->tia.position[player] + UP__ATARI_COLUMNS) %
            UP__ATARI_COLUMNS;
    const UpTiaCopies *copies = &up__tia_copies[mode];
    for (int i = 0; i < copies->count; i++) {
        int from = d - copies->start[i];
        if (from >= 0 && from < 4) return NEAR;
        if (from >= 4 && from < 4 + width) return DRAWING;
    }
    return FAR;
}

bool up__tia_respx_late(const UpAtariMachine *m, int32_t t, int player) {
    return respx_case(m, t, player) == DRAWING;
}

void up__tia_reset_player(UpAtariMachine *m, int32_t t, int player) {
    m->tia.suppressed[player] = respx_case(m, t, player) != NEAR;
    m->tia.position[player] = (uint8_t)new_position(m, t, 3, 5);
}

// Missiles and ball have six exceptions shortly after an HMOVE, found in games that use them.
void up__tia_reset_small(UpAtariMachine *m, int32_t t, int object) {
    static const struct {
        uint8_t object, since, h, position;
    } exception[] = {{UP__M0, 60, 69, 8},  {UP__M1, 9, 18, 3}, {UP__BL, 54, 60, 10},
                     {UP__BL, 54, 69, 10}, {UP__BL, 9, 18, 3}, {UP__BL, 21, 30, 6},
                     {UP__BL, 18, 27, 5}};
    int position = new_position(m, t, 2, 4), h = up__tia_h(m, t);
    int32_t since = up__wrap_sub(t, m->tia.last_hmove);
    for (size_t i = 0; i < sizeof exception / sizeof exception[0]; i++)
        if (exception[i].object == object && since == exception[i].since && h == exception[i].h)
            position = exception[i].position;
    m->tia.position[object] = (uint8_t)position;
    if (object == UP__M0) m->tia.star_shape = 0;
}

static uint8_t wrap_position(int position) {
    return (uint8_t)(position < 0                    ? position + UP__ATARI_COLUMNS
                     : position >= UP__ATARI_COLUMNS ? position - UP__ATARI_COLUMNS
                                                     : position);
}

// HMOVE at cycle k of a line moves all five at once: by eight to the right, which the comb takes,
// and back by the steps that were set, as many of them as there is time for. Later in the line
// there is only what is left of the steps.
unsigned up__tia_hmove(UpAtariMachine *m, const UpAtariCart *cart, int32_t t) {
    UpAtariTia *tia = &m->tia;
    int k = up__tia_h(m, t) / 3, most = 15, late = 0;
    unsigned moved = 0;
    bool combed = k <= 20 || k == 75;
    if (combed && !cart->board.no_comb) tia->comb = 1;
    if (k <= 20 && (70 - 3 * k) / 4 < most) most = (70 - 3 * k) / 4;
    if (!combed) late = (222 - 3 * k) / 4;
    tia->last_hmove = t;
    tia->star = tia->star_shape = 0;
    tia->suppressed[0] = tia->suppressed[1] = 0;
    bool still = combed && most >= 8; // what steps of 0 leave in its place
    for (int i = 0; i < 5; i++) {
        if (still && !tia->hm[i]) continue;
        int n = (tia->hm[i] >> 4) ^ 8;
        int shift = combed ? 8 - (n < most ? n : most) : n > late ? late - n : 0;
        if (!shift) continue;
        tia->position[i] = wrap_position(tia->position[i] + shift);
        moved |= 1u << i;
    }
    return moved;
}

void up__tia_end_line(UpAtariTia *tia) {
    static const uint8_t step[4] = {18, 33, 0, 17};
    tia->reflect = tia->ctrlpf & UP__CTRLPF_REFLECT;
    tia->suppressed[0] = tia->suppressed[1] = 0;
    tia->star_shape = 0;
    if (!tia->star) return;
    tia->star_counter = (tia->star_counter + 1) & 3;
    tia->star_shape = tia->star_counter;
    tia->position[UP__M0] = wrap_position(tia->position[UP__M0] - step[tia->star_counter]);
}

void up__tia_missile_to_player(UpAtariTia *tia, int missile, uint8_t value) {
    if ((tia->resmp[missile] & 2) && !(value & 2)) {
        int mode = tia->nusiz[missile] & 7, middle = mode == 5 ? 8 : mode == 7 ? 16 : 4;
        tia->position[UP__M0 + missile] =
            (uint8_t)((tia->position[missile] + middle) % UP__ATARI_COLUMNS);
    }
    tia->resmp[missile] = value;
    if (missile == 0) tia->star_shape = 0;
}

// Writes that decide where an object is.
static void store_place(UpAtariMachine *m, const UpAtariCart *cart, int32_t t, int reg,
                        uint8_t value) {
    UpAtariTia *tia = &m->tia;
    switch (reg) {
    case UP__RESP0:
    case UP__RESP1:
        up__tia_reset_player(m, t, reg - UP__RESP0);
        break;
    case UP__RESM0:
    case UP__RESM1:
    case UP__RESBL:
        up__tia_reset_small(m, t, reg - UP__RESM0 + UP__M0);
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
    default:
        break;
    }
}

// The effect of a write at clock t on everything that is drawn later.
static void store(UpAtariMachine *m, const UpAtariCart *cart, int32_t t, int reg, uint8_t value) {
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
        if (up__tia_h(m, t) < 147) tia->reflect = value & UP__CTRLPF_REFLECT;
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
    case UP__VDELP0:
    case UP__VDELP1:
        tia->vdelp[reg - UP__VDELP0] = value;
        break;
    case UP__VDELBL:
        tia->vdelbl = value;
        break;
    case UP__CXCLR:
        tia->collisions = 0;
        break;
    default:
        store_place(m, cart, t, reg, value);
        break;
    }
}

static void set_vsync(UpAtariBus *bus, int32_t t, uint8_t value) {
    UpAtariTia *tia = &bus->m->tia;
    tia->vsync = value;
    if (value & 2) {
        tia->vsync_end = t + UP__LINE_CLOCKS;
    } else if (t >= tia->vsync_end) {
        tia->vsync_end = NEVER;
        bus->ended = true;
    }
}

static void set_dump(UpAtariMachine *m, uint8_t value) {
    if (m->tia.dump && !(value & 0x80)) m->tia.dump_end = m->cycle;
    m->tia.dump = value & 0x80;
}

static void wait_for_line(UpAtariMachine *m) {
    if (m->cpu.wrote) return;
    int32_t into = (m->cycle - m->tia.frame_start / 3) % UP__LINE_CYCLES;
    if (into) m->cycle += UP__LINE_CYCLES - into;
}

int32_t up__tia_limit(const UpAtariMachine *m) {
    return m->tia.frame_start / 3 + ((m->pal ? LIMIT_PAL : LIMIT_NTSC) + 1) * UP__LINE_CYCLES;
}

void up__tia_write(UpAtariBus *bus, uint16_t address, uint8_t value) {
    UpAtariMachine *m = bus->m;
    int reg = address & 0x3F;
    int32_t t = 3 * m->cycle;
    m->tia.written[reg] = value;
    if (reg == UP__HMCLR) memset(&m->tia.written[UP__HMP0], 0, 5);
    bus->end_clock = t + up__tia_delay(m, t, reg);
    if (!bus->beam) up__tia_draw_plain(bus, bus->end_clock);
    if (m->cycle >= up__tia_limit(m)) bus->ended = true;
    if (reg == UP__VSYNC) set_vsync(bus, t, value);
    if (reg == UP__VBLANK) set_dump(m, value);
    if (reg == UP__WSYNC) wait_for_line(m);
    if (bus->beam) {
        uint64_t entry = up__log_entry(t / 3, (unsigned)reg, value);
        // Pushes of one instruction: the first may have been drawn up to after the second.
        if (bus->log_end > bus->log && (uint32_t)bus->log_end[-1] == (uint32_t)entry) {
            bus->log_end[-1] |= UP__LOG_TOGETHER;
            entry |= UP__LOG_TOGETHER;
        }
        *bus->log_end++ = entry;
        return;
    }
    if ((reg == UP__RESP0 || reg == UP__RESP1) && up__tia_respx_late(m, t, reg - UP__RESP0))
        up__tia_draw_plain(bus, t + UP__RESP_CLOCKS);
    store(m, bus->cart, t, reg, value);
}
