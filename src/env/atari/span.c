// The TIA by spans: lines and parts of lines on which nothing changes are treated at once, and
// pixels are made for those rows alone that somebody reads. Equal to tia_plain.c.
#include "env/atari/span.h"

#include <string.h>

#include "env/atari/tia_store.h"

enum {
    ENABLES_PLAYERS = 1, // a write may switch them on or off
    ENABLES_MISSILES = 2,
    ENABLES_BALL = 4,
    ENABLES_PLAYFIELD = 8,
};

// Objects that are switched on, whether or not they show.
static unsigned enabled(const UpAtariTia *tia, unsigned before, unsigned which) {
    if (which & ENABLES_PLAYERS)
        before = (before & ~(1u << UP__P0 | 1u << UP__P1)) |
                 (unsigned)(up__tia_player(tia, 0) != 0) << UP__P0 |
                 (unsigned)(up__tia_player(tia, 1) != 0) << UP__P1;
    if (which & ENABLES_MISSILES)
        before = (before & ~(1u << UP__M0 | 1u << UP__M1)) |
                 (unsigned)up__tia_missile(tia, 0) << UP__M0 |
                 (unsigned)up__tia_missile(tia, 1) << UP__M1;
    if (which & ENABLES_BALL)
        before = (before & ~(1u << UP__BL)) | (unsigned)up__tia_ball(tia) << UP__BL;
    if (which & ENABLES_PLAYFIELD)
        before = (before & ~(1u << UP__PF)) | (unsigned)(tia->playfield != 0) << UP__PF;
    return before;
}

static uint8_t *row_if_wanted(const UpAtariBus *bus, int row) {
    const UpAtariRows *rows = bus->rows;
    bool wanted = row >= rows->first && row < rows->end &&
                  (rows->step == 1 || (row - rows->first) % rows->step == 0);
    return wanted ? bus->pixel + row * UP__ATARI_COLUMNS : NULL;
}

static void paint(UpTiaView *view, UpAtariTia *tia, int from, int to) {
    bool whole = from == 0 && to == UP__ATARI_COLUMNS, comb = tia->comb && from < 8;
    uint8_t *row = view->row;
    if (view->changed) view->last = NULL;
    view->changed = false;
    if (whole && view->last)
        memcpy(row, view->last, UP__ATARI_COLUMNS);
    else if (tia->vblank & 2)
        view->based = false, memset(row + from, 0, (size_t)(to - from));
    else
        up__paint(view, tia, row, from, to);
    if (comb) memset(row + from, 0, (size_t)((to < 8 ? to : 8) - from));
    view->last = whole && !comb ? row : NULL;
}

// False: that changed nothing, nor will it at the ends of the next lines.
static bool end_line(UpTiaView *view, UpAtariTia *tia) {
    unsigned stale = 0;
    if (tia->reflect != (tia->ctrlpf & 1)) stale |= 1 << UP__PF;
    for (int player = 0; player < 2; player++)
        if (tia->suppressed[player]) stale |= 1u << player;
    if (tia->star || tia->star_shape) stale |= 1 << UP__M0;
    if (!stale) return false;
    view->stale |= (uint8_t)stale;
    view->moved |= (uint8_t)(stale & ~(1u << UP__PF));
    view->changed = true;
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
    view->based = false;
    if (bus->pixel) view->row = row_if_wanted(bus, (line - tia->origin) / UP__LINE_CLOCKS);
    return line == tia->origin || end_line(view, tia);
}

// Moves on over whole lines on which nothing happens, up to the one of the clock before `end`.
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
        if (settled && !open && !bus->pixel && end > view->line + UP__LINE_CLOCKS)
            skip_lines(bus, end);
        int32_t next = view->line + UP__LINE_CLOCKS;
        if (next > end) next = end;
        int from = tia->drawn - view->line - UP__LINE_BLANK;
        int to = next - view->line - UP__LINE_BLANK;
        if (from < 0) from = 0;
        if (to > 0) {
            if (open) up__collide(view, tia, open, from, to);
            if (view->row) paint(view, tia, from, to);
            if (from <= 8 && to > 8) tia->comb = 0;
        }
        tia->drawn = next;
        if (next >= end) return;
    }
}

// What a write to a register brings with it.
typedef struct Effect {
    uint8_t stale; // sets, and colours or the rest, that look different
    uint8_t moved; // zones
    uint8_t delay; // clocks until it is seen; the playfield's differs by the cycle
    uint8_t flags;
} Effect;

enum {
    ENABLES = 15, // see above
    ORDERED =
        128, // what happens at the ends of lines depends on it, even where nothing can collide
    PLAYFIELD = 16,
    GRAPHICS = 32,
    PLAYER_RESET = 64,
};

#define P0_M0 (1 << UP__P0 | 1 << UP__M0)
#define P1_M1 (1 << UP__P1 | 1 << UP__M1)
#define P0_P1 (1 << UP__P0 | 1 << UP__P1)
#define MOVABLE (UP__STALE_ALL & ~(1 << UP__PF))
static const Effect effect_of[64] = {
    [UP__VBLANK] = {UP__STALE_OTHER, 0, 1, 0},
    [UP__NUSIZ0] = {P0_M0, P0_M0, 8, ORDERED},
    [UP__NUSIZ1] = {P1_M1, P1_M1, 8, ORDERED},
    [UP__COLUP0] = {UP__STALE_COLOUR, 0, 0, 0},
    [UP__COLUP1] = {UP__STALE_COLOUR, 0, 0, 0},
    [UP__COLUPF] = {UP__STALE_COLOUR, 0, 0, 0},
    [UP__COLUBK] = {UP__STALE_COLOUR, 0, 0, 0},
    [UP__CTRLPF] = {1 << UP__BL | 1 << UP__PF, 1 << UP__BL, 0, ORDERED},
    [UP__REFP0] = {1 << UP__P0, 0, 1, 0},
    [UP__REFP1] = {1 << UP__P1, 0, 1, 0},
    [UP__PF0] = {1 << UP__PF, 0, 0, PLAYFIELD | ENABLES_PLAYFIELD},
    [UP__PF1] = {1 << UP__PF, 0, 0, PLAYFIELD | ENABLES_PLAYFIELD},
    [UP__PF2] = {1 << UP__PF, 0, 0, PLAYFIELD | ENABLES_PLAYFIELD},
    [UP__RESP0] = {1 << UP__P0, 1 << UP__P0, 0, ORDERED | PLAYER_RESET},
    [UP__RESP1] = {1 << UP__P1, 1 << UP__P1, 0, ORDERED | PLAYER_RESET},
    [UP__RESM0] = {1 << UP__M0, 1 << UP__M0, 8, ORDERED},
    [UP__RESM1] = {1 << UP__M1, 1 << UP__M1, 8, ORDERED},
    [UP__RESBL] = {1 << UP__BL, 1 << UP__BL, 0, ORDERED},
    [UP__GRP0] = {P0_P1, 0, 1, GRAPHICS | ENABLES_PLAYERS},
    [UP__GRP1] = {P0_P1 | 1 << UP__BL, 0, 1, GRAPHICS | ENABLES_PLAYERS | ENABLES_BALL},
    [UP__ENAM0] = {1 << UP__M0, 0, 0, ENABLES_MISSILES},
    [UP__ENAM1] = {1 << UP__M1, 0, 0, ENABLES_MISSILES},
    [UP__ENABL] = {1 << UP__BL, 0, 0, ENABLES_BALL},
    [UP__VDELP0] = {1 << UP__P0, 0, 0, ENABLES_PLAYERS},
    [UP__VDELP1] = {1 << UP__P1, 0, 0, ENABLES_PLAYERS},
    [UP__VDELBL] = {1 << UP__BL, 0, 0, ENABLES_BALL},
    [UP__RESMP0] = {1 << UP__M0, 1 << UP__M0, 0, ENABLES_MISSILES | ORDERED},
    [UP__RESMP1] = {1 << UP__M1, 1 << UP__M1, 0, ENABLES_MISSILES},
    [UP__HMOVE] = {MOVABLE, MOVABLE, 0, ORDERED},
    [UP__CXCLR] = {UP__STALE_OTHER, 0, 0, 0},
};
static const uint8_t playfield_delay[4] = {4, 5, 2, 3};

// A graphics register that is written again what it and the copy behind it hold.
static bool is_repeated(const UpAtariTia *tia, int player, uint8_t value) {
    return tia->grp[player] == value && tia->old_grp[!player] == tia->grp[!player] &&
           (player == 0 || tia->old_enabl == tia->enabl);
}

static inline void apply(UpAtariBus *bus, int32_t t, int reg, uint8_t value, Effect effect) {
    UpAtariMachine *m = bus->m;
    UpTiaView *view = bus->view;
    up__tia_store(m, bus->cart, t, reg, value);
    view->stale |= effect.stale;
    view->moved |= effect.moved;
    view->changed = true;
    if (effect.flags & ENABLES)
        view->enabled = (uint8_t)enabled(&m->tia, view->enabled, effect.flags);
}

// A write that nobody sees and before which nothing can collide. If that changes now, what came
// before is not to be looked at again.
static inline void write_quiet(UpAtariBus *bus, int32_t t, int reg, uint8_t value, Effect effect) {
    UpAtariTia *tia = &bus->m->tia;
    apply(bus, t, reg, value, effect);
    if (!up__collide_candidates(bus->view, tia)) return;
    uint16_t collisions = tia->collisions;
    tia->collisions = 0xFFFF;
    up__span_draw(bus, t + effect.delay);
    tia->collisions = collisions;
}

// Whether drawing up to `end` stays in the blank part of a line that has begun.
static inline bool is_blank(const UpTiaView *view, const UpAtariTia *tia, int32_t end) {
    return view->begun && tia->drawn < view->line + UP__LINE_CLOCKS &&
           end <= view->line + UP__LINE_BLANK;
}

static inline __attribute__((always_inline)) void write_one(UpAtariBus *bus, uint64_t entry,
                                                            bool seen) {
    int reg = (int)(entry >> 40 & 63);
    int32_t cycle = (int32_t)entry;
    uint8_t value = (uint8_t)(entry >> 32);
    UpAtariMachine *m = bus->m;
    UpTiaView *view = bus->view;
    Effect effect = effect_of[reg];
    int32_t t = 3 * cycle;
    if (!seen) effect.stale &= (uint8_t)~UP__STALE_COLOUR;
    if (!effect.stale) {
        up__tia_store(m, bus->cart, t, reg, value);
        return;
    }
    if (__builtin_expect((entry & UP__LOG_TOGETHER) != 0, 0))
        up__span_draw(bus, t + up__tia_delay(m, t, reg));
    if (effect.flags & GRAPHICS && is_repeated(&m->tia, reg - UP__GRP0, value)) return;
    if (effect.flags & PLAYFIELD) effect.delay = playfield_delay[(cycle - bus->line0) & 3];
    if (!seen && !(effect.flags & ORDERED) && !up__collide_candidates(view, &m->tia)) {
        write_quiet(bus, t, reg, value, effect);
        return;
    }
    if (!is_blank(view, &m->tia, t + effect.delay)) up__span_draw(bus, t + effect.delay);
    if (effect.flags & PLAYER_RESET && up__tia_respx_late(m, t, reg - UP__RESP0))
        up__span_draw(bus, t + 11);
    apply(bus, t, reg, value, effect);
}

void up__span_replay(UpAtariBus *bus) {
    uint64_t *entry = bus->log, *end = bus->log_end;
    bus->log_end = bus->log;
    if (bus->pixel)
        for (; entry < end; entry++)
            write_one(bus, *entry, true);
    else
        for (; entry < end; entry++)
            write_one(bus, *entry, false);
}

void up__span_begin(UpAtariBus *bus) {
    UpTiaView *view = bus->view;
    const UpAtariTia *tia = &bus->m->tia;
    view->stale = UP__STALE_ALL | UP__STALE_COLOUR;
    view->moved = UP__STALE_ALL & ~(1 << UP__PF);
    view->enabled = (uint8_t)enabled(tia, 0, ENABLES);
    view->paired = 0;
    view->last = NULL;
    view->changed = true;
    view->based = false;
    view->row = NULL;
    view->base_key = ~0ull;
    bus->line0 = tia->frame_start / 3;
    for (int pin = 0; pin < 4; pin++)
        bus->charge[pin] = up__tia_charge(bus->m->input.resistance[pin]);
    view->line = tia->drawn - up__tia_h(bus->m, tia->drawn);
    view->begun = tia->drawn > view->line;
    if (view->begun && bus->pixel)
        view->row = row_if_wanted(bus, (view->line - tia->origin) / UP__LINE_CLOCKS);
}
