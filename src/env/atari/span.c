// The TIA by spans, for collisions: what the program may read of a picture. Lines and parts of
// lines on which nothing can touch are passed at once. Equal to tia_plain.c.
#include "env/atari/span.h"

#include <string.h>

#include "env/atari/tia_store.h"

// False: that changed nothing, nor will it at the ends of the next lines.
static bool end_line(UpTiaView *view, UpAtariTia *tia) {
    unsigned stale = 0;
    if (tia->reflect != (tia->ctrlpf & 1)) stale |= 1 << UP__PF;
    for (int player = 0; player < 2; player++)
        if (tia->suppressed[player]) stale |= 1u << player;
    if (tia->star || tia->star_shape) stale |= 1 << UP__M0;
    if (!stale) return false;
    view->objects.stale |= (uint8_t)stale;
    view->moved |= (uint8_t)stale;
    up__tia_end_line(tia);
    return true;
}

// The line that begins at clock `line`. False: the end of the one before it changed nothing, nor
// will the ends of the next lines.
static inline bool begin_line(UpAtariBus *bus, int32_t line) {
    UpAtariTia *tia = &bus->m->tia;
    UpTiaView *view = bus->view;
    view->line = line;
    view->begun = true;
    return line == tia->origin || end_line(view, tia);
}

// Moves on over lines on which nothing happens, up to the one of the clock before `end`.
static void skip_lines(UpAtariBus *bus, int32_t end) {
    UpTiaView *view = bus->view;
    view->line += (end - 1 - view->line) / UP__LINE_CLOCKS * UP__LINE_CLOCKS;
    bus->m->tia.drawn = view->line;
    bus->m->tia.comb = 0;
}

void up__span_draw(UpAtariBus *bus, int32_t end) {
    UpAtariTia *tia = &bus->m->tia;
    UpTiaView *view = bus->view;
    if (end > bus->window_end) end = bus->window_end;
    if (end < bus->window || tia->drawn >= end) return;
    for (;;) {
        bool settled = false;
        if (tia->drawn >= view->line + UP__LINE_CLOCKS)
            settled = !begin_line(bus, view->line + UP__LINE_CLOCKS);
        else if (!view->begun)
            settled = !begin_line(bus, view->line);
        unsigned open = up__collide_candidates(view, tia);
        if (open) open = up__collide_open(view, tia, open);
        if (settled && !open && end > view->line + UP__LINE_CLOCKS) skip_lines(bus, end);
        int32_t next = view->line + UP__LINE_CLOCKS;
        if (next > end) next = end;
        int from = tia->drawn - view->line - UP__LINE_BLANK;
        int to = next - view->line - UP__LINE_BLANK;
        if (from < 0) from = 0;
        if (to > 0) {
            if (open) up__collide(view, tia, open, from, to);
            if (from <= 8 && to > 8) tia->comb = 0;
        }
        tia->drawn = next;
        if (next >= end) return;
    }
}

// The same where nothing can touch and no end of a line matters.
static inline void pass(UpAtariBus *bus, int32_t end) {
    UpAtariTia *tia = &bus->m->tia;
    UpTiaView *view = bus->view;
    if (end > bus->window_end) end = bus->window_end;
    if (end < bus->window || tia->drawn >= end) return;
    int32_t comb_end = view->line + UP__LINE_BLANK + 8;
    if (tia->drawn > comb_end) comb_end += UP__LINE_CLOCKS;
    if (end > comb_end) tia->comb = 0;
    if (end > view->line + UP__LINE_CLOCKS)
        view->line += (end - 1 - view->line) / UP__LINE_CLOCKS * UP__LINE_CLOCKS;
    view->begun = true;
    tia->drawn = end;
}

// What a write to a register brings with it.
typedef struct Effect {
    uint8_t stale; // sets
    uint8_t moved; // zones
    uint8_t delay; // clocks until it is seen; the playfield's differs by the cycle
    uint8_t flags;
} Effect;

enum {
    DRAWS = 128, // it matters when it is written
    PLAYFIELD = 16,
    GRAPHICS = 32,
    PLAYER_RESET = 64,
};

#define P0_M0 (1 << UP__P0 | 1 << UP__M0)
#define P1_M1 (1 << UP__P1 | 1 << UP__M1)
#define P0_P1 (1 << UP__P0 | 1 << UP__P1)
#define FIELD (1 << UP__PF)
#define MOVABLE (UP__STALE_ALL & ~FIELD)
static const Effect effect_of[64] = {
    [UP__VBLANK] = {0, 0, 1, DRAWS},
    [UP__NUSIZ0] = {P0_M0, P0_M0, 8, DRAWS},
    [UP__NUSIZ1] = {P1_M1, P1_M1, 8, DRAWS},
    [UP__CTRLPF] = {1 << UP__BL | FIELD, 1 << UP__BL | FIELD, 0, DRAWS},
    [UP__REFP0] = {1 << UP__P0, 0, 1, DRAWS},
    [UP__REFP1] = {1 << UP__P1, 0, 1, DRAWS},
    [UP__PF0] = {FIELD, FIELD, 0, DRAWS | PLAYFIELD | UP__ENABLES_FIELD},
    [UP__PF1] = {FIELD, FIELD, 0, DRAWS | PLAYFIELD | UP__ENABLES_FIELD},
    [UP__PF2] = {FIELD, FIELD, 0, DRAWS | PLAYFIELD | UP__ENABLES_FIELD},
    [UP__RESP0] = {1 << UP__P0, 1 << UP__P0, 0, DRAWS | PLAYER_RESET},
    [UP__RESP1] = {1 << UP__P1, 1 << UP__P1, 0, DRAWS | PLAYER_RESET},
    [UP__RESM0] = {1 << UP__M0, 1 << UP__M0, 8, DRAWS},
    [UP__RESM1] = {1 << UP__M1, 1 << UP__M1, 8, DRAWS},
    [UP__RESBL] = {1 << UP__BL, 1 << UP__BL, 0, DRAWS},
    [UP__GRP0] = {P0_P1, 0, 1, DRAWS | GRAPHICS | UP__ENABLES_PLAYERS},
    [UP__GRP1] = {P0_P1 | 1 << UP__BL, 0, 1,
                  DRAWS | GRAPHICS | UP__ENABLES_PLAYERS | UP__ENABLES_BALL},
    [UP__ENAM0] = {1 << UP__M0, 0, 0, DRAWS | UP__ENABLES_MISSILES},
    [UP__ENAM1] = {1 << UP__M1, 0, 0, DRAWS | UP__ENABLES_MISSILES},
    [UP__ENABL] = {1 << UP__BL, 0, 0, DRAWS | UP__ENABLES_BALL},
    [UP__HMM0] = {0, 1 << UP__M0, 0, DRAWS}, // star mode may begin
    [UP__VDELP0] = {1 << UP__P0, 0, 0, DRAWS | UP__ENABLES_PLAYERS},
    [UP__VDELP1] = {1 << UP__P1, 0, 0, DRAWS | UP__ENABLES_PLAYERS},
    [UP__VDELBL] = {1 << UP__BL, 0, 0, DRAWS | UP__ENABLES_BALL},
    [UP__RESMP0] = {1 << UP__M0, 1 << UP__M0, 0, DRAWS | UP__ENABLES_MISSILES},
    [UP__RESMP1] = {1 << UP__M1, 1 << UP__M1, 0, DRAWS | UP__ENABLES_MISSILES},
    [UP__HMOVE] = {MOVABLE, MOVABLE, 0, DRAWS},
    [UP__CXCLR] = {0, 0, 0, DRAWS},
};

static inline int reg_of(uint64_t entry) {
    return (int)(entry >> 40 & 63);
}

static inline int32_t delay_of(const UpAtariBus *bus, uint64_t entry) {
    static const uint8_t playfield[4] = {4, 5, 2, 3};
    const Effect *effect = &effect_of[reg_of(entry)];
    return effect->flags & PLAYFIELD ? playfield[((int32_t)entry - bus->line0) & 3] : effect->delay;
}

static inline void apply(UpAtariBus *bus, int32_t t, int reg, uint8_t value) {
    UpAtariMachine *m = bus->m;
    UpTiaSets *objects = &bus->view->objects;
    const Effect *effect = &effect_of[reg];
    up__tia_store(m, bus->cart, t, reg, value);
    objects->stale |= effect->stale;
    bus->view->moved |= effect->moved;
    if (effect->flags & UP__ENABLES_ALL)
        objects->enabled = (uint8_t)up__tia_enabled(&m->tia, objects->enabled, effect->flags);
}

// Whether drawing up to `end` stays in the blank part of a line that has begun.
static inline bool is_blank(const UpTiaView *view, const UpAtariTia *tia, int32_t end) {
    return view->begun && tia->drawn < view->line + UP__LINE_CLOCKS &&
           end <= view->line + UP__LINE_BLANK;
}

static void write_one(UpAtariBus *bus, uint64_t entry) {
    int reg = reg_of(entry);
    int32_t t = 3 * (int32_t)entry;
    uint8_t value = (uint8_t)(entry >> 32), flags = effect_of[reg].flags;
    UpAtariMachine *m = bus->m;
    bool star = reg != UP__HMM0 || up__wrap_sub(t, m->tia.last_hmove) == UP__STAR_CLOCKS;
    if (flags & DRAWS && star) {
        int32_t seen = t + delay_of(bus, entry);
        bool together = entry & UP__LOG_TOGETHER;
        if (!together && flags & GRAPHICS && up__tia_repeated(&m->tia, reg - UP__GRP0, value))
            return;
        if (together || !is_blank(bus->view, &m->tia, seen)) up__span_draw(bus, seen);
        if (flags & PLAYER_RESET && up__tia_respx_late(m, t, reg - UP__RESP0))
            up__span_draw(bus, t + UP__RESP_CLOCKS);
    }
    apply(bus, t, reg, value);
}

// ---------------------------------------------------------------------------------------------------
// Where nothing can touch

static inline unsigned switched(unsigned enabled, int object, bool on) {
    return (enabled & ~(1u << object)) | (unsigned)on << object;
}

// Latches that are not set, and could be while the picture is not blank.
static inline unsigned open_latches(const UpAtariTia *tia) {
    return tia->vblank & 2 ? 0 : UP__LATCHES_ALL & ~(unsigned)tia->collisions;
}

// A write that could let something touch from `seen` on. What came before is not looked at again.
static void wake(UpAtariBus *bus, int32_t seen) {
    UpAtariTia *tia = &bus->m->tia;
    uint16_t collisions = tia->collisions;
    tia->collisions = 0xFFFF;
    up__span_draw(bus, seen);
    tia->collisions = collisions;
}

// Writes between which nothing can touch: they are applied without drawing up to them. Returns the
// first that was not.
static const uint64_t *replay_quiet(UpAtariBus *bus, const uint64_t *entry, const uint64_t *end) {
    UpAtariMachine *m = bus->m;
    UpAtariTia *tia = &m->tia;
    UpTiaView *view = bus->view;
    if (up__collide_candidates(view, tia)) return entry;
    unsigned on = view->objects.enabled, stale = 0, moved = view->moved, changed;
    // What may be set as far as is known; where objects moved, all that are open.
    unsigned risk = open_latches(tia) & (moved ? UP__LATCHES_ALL : view->near);
    for (; entry < end; entry++) {
        uint8_t value = (uint8_t)(*entry >> 32);
        unsigned reg = (unsigned)(*entry >> 40);
        int32_t t = 3 * (int32_t)*entry;
        switch (reg) {
        case UP__PF0:
        case UP__PF1:
        case UP__PF2:
            up__tia_store(m, bus->cart, t, (int)reg, value);
            on = switched(on, UP__PF, tia->playfield != 0);
            stale |= FIELD;
            moved |= FIELD;
            risk |= UP__LATCHES_FIELD & open_latches(tia);
            break;
        case UP__GRP0:
            if (up__tia_repeated(tia, 0, value)) continue;
            tia->grp[0] = value;
            tia->old_grp[1] = tia->grp[1];
            on = switched(on, UP__P0, up__tia_player(tia, 0));
            on = switched(on, UP__P1, tia->grp[1]);
            stale |= P0_P1;
            break;
        case UP__GRP1:
            if (up__tia_repeated(tia, 1, value)) continue;
            tia->grp[1] = value;
            tia->old_grp[0] = tia->grp[0];
            tia->old_enabl = tia->enabl;
            on = switched(on, UP__P0, tia->grp[0]);
            on = switched(on, UP__P1, up__tia_player(tia, 1));
            on = switched(on, UP__BL, tia->enabl & 2);
            stale |= P0_P1 | 1 << UP__BL;
            break;
        case UP__ENAM0:
            changed = (tia->enam[0] ^ value) & 2;
            tia->enam[0] = value;
            if (!changed) continue;
            on = switched(on, UP__M0, up__tia_missile(tia, 0));
            stale |= 1 << UP__M0;
            break;
        case UP__ENAM1:
            changed = (tia->enam[1] ^ value) & 2;
            tia->enam[1] = value;
            if (!changed) continue;
            on = switched(on, UP__M1, up__tia_missile(tia, 1));
            stale |= 1 << UP__M1;
            break;
        case UP__ENABL:
            changed = (tia->enabl ^ value) & 2;
            tia->enabl = value;
            if (!changed) continue;
            on = switched(on, UP__BL, up__tia_ball(tia));
            stale |= 1 << UP__BL;
            break;
        case UP__COLUP0:
        case UP__COLUP1:
        case UP__COLUPF:
        case UP__COLUBK:
        case UP__HMP0:
        case UP__HMP1:
        case UP__HMM1:
        case UP__HMBL:
        case UP__HMCLR:
        case UP__VSYNC:
            up__tia_store(m, bus->cart, t, (int)reg, value);
            continue;
        case UP__HMM0:
            if (up__wrap_sub(t, tia->last_hmove) == UP__STAR_CLOCKS) goto out;
            tia->hm[UP__M0] = value;
            continue;
        case UP__HMOVE:
            if (!up__tia_settled(tia)) goto out;
            pass(bus, t);
            changed = up__tia_hmove(m, bus->cart, t);
            if (!changed) continue;
            stale |= changed;
            moved |= changed;
            risk = open_latches(tia);
            break;
        case UP__NUSIZ0:
        case UP__NUSIZ1:
        case UP__CTRLPF:
        case UP__RESM0:
        case UP__RESM1:
        case UP__RESBL:
            if (!up__tia_settled(tia)) goto out;
            pass(bus, t + effect_of[reg].delay); // fall through
        case UP__VBLANK:
        case UP__REFP0:
        case UP__REFP1:
        case UP__VDELP0:
        case UP__VDELP1:
        case UP__VDELBL:
        case UP__CXCLR:
            view->objects.enabled = (uint8_t)on;
            apply(bus, t, (int)reg, value);
            on = view->objects.enabled;
            moved |= view->moved;
            risk = open_latches(tia) & (moved ? UP__LATCHES_ALL : view->near);
            break;
        default:
            goto out;
        }
        if (__builtin_expect(!(up__tia_latches[on] & risk), 1)) continue;
        if (moved) {
            view->moved = (uint8_t)moved;
            up__collide_near(view, tia);
            moved = 0;
            risk = open_latches(tia) & view->near;
            if (!(up__tia_latches[on] & risk)) continue;
        }
        view->objects.stale |= (uint8_t)stale;
        view->objects.enabled = (uint8_t)on;
        wake(bus, t + delay_of(bus, *entry));
        return entry + 1;
    }
out:
    view->objects.stale |= (uint8_t)stale;
    view->objects.enabled = (uint8_t)on;
    view->moved |= (uint8_t)moved;
    return entry;
}

void up__span_replay(UpAtariBus *bus) {
    const uint64_t *entry = bus->view->done, *end = bus->log_end;
    bus->view->done = bus->log_end;
    for (;;) {
        entry = replay_quiet(bus, entry, end);
        if (entry == end) return;
        write_one(bus, *entry++);
    }
}

void up__span_begin(UpAtariBus *bus) {
    UpTiaView *view = bus->view;
    const UpAtariTia *tia = &bus->m->tia;
    view->objects.stale = view->moved = UP__STALE_ALL;
    view->objects.enabled = (uint8_t)up__tia_enabled(tia, 0, UP__ENABLES_ALL);
    view->paired = 0;
    view->done = bus->log;
    bus->line0 = tia->frame_start / 3;
    for (int pin = 0; pin < 4; pin++)
        bus->charge[pin] = up__tia_charge(bus->m->input.resistance[pin]);
    view->line = tia->drawn - up__tia_h(bus->m, tia->drawn);
    view->begun = tia->drawn > view->line;
}
