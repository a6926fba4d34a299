// The TIA by spans: lines and parts of lines on which nothing changes are treated at once, and
// pixels are made for those rows alone that somebody reads. Equal to tia_plain.c.
#include "env/atari/span.h"

#include <string.h>

static uint64_t reversed(uint64_t byte) {
    byte = (byte & 0xF0) >> 4 | (byte & 0x0F) << 4;
    byte = (byte & 0xCC) >> 2 | (byte & 0x33) << 2;
    return (byte & 0xAA) >> 1 | (byte & 0x55) << 1;
}

// Every bit twice, and four times.
static uint64_t doubled(uint64_t byte) {
    byte = (byte | byte << 4) & 0x0F0F;
    byte = (byte | byte << 2) & 0x3333;
    byte = (byte | byte << 1) & 0x5555;
    return byte * 3;
}

static uint64_t quadrupled(uint64_t byte) {
    byte = (byte | byte << 12) & 0x000F000F;
    byte = (byte | byte << 6) & 0x03030303;
    byte = (byte | byte << 3) & 0x11111111;
    return byte * 15;
}

// Puts a pattern of up to 32 pixels at `at`, in five words that wrap round after 160 pixels.
static void put(uint64_t wide[5], uint64_t pattern, int at) {
    int shift = at & 63;
    wide[at >> 6] |= pattern << shift;
    wide[(at >> 6) + 1] |= pattern >> 1 >> (63 - shift);
}

static UpTiaSet wrapped(const uint64_t wide[5]) {
    return (UpTiaSet){{wide[0] | wide[2] >> 32 | wide[3] << 32,
                       wide[1] | wide[3] >> 32 | wide[4] << 32, wide[2] & 0xFFFFFFFF}};
}

// A player with this pattern, the leftmost pixel lowest.
static UpTiaSet player_set(const UpAtariTia *tia, int player, uint64_t pattern) {
    uint64_t wide[5] = {0};
    int mode = tia->nusiz[player] & 7, at = tia->position[player];
    if (mode == 5 || mode == 7) {
        if (!tia->suppressed[player])
            put(wide, mode == 5 ? doubled(pattern) : quadrupled(pattern), at + 1);
    } else {
        const UpTiaCopies *copies = &up__tia_copies[mode];
        for (int i = tia->suppressed[player]; i < copies->count; i++)
            put(wide, pattern, at + copies->start[i]);
    }
    return wrapped(wide);
}

static UpTiaSet missile_set(const UpAtariTia *tia, int missile) {
    uint64_t wide[5] = {0};
    int size = tia->nusiz[missile] >> 4 & 3;
    if (missile == 0 && tia->star_shape == 2) return (UpTiaSet){0};
    if (missile == 0 && tia->star_shape == 1) size |= 1;
    const UpTiaCopies *copies = &up__tia_copies[tia->nusiz[missile] & 7];
    for (int i = 0; i < copies->count; i++)
        put(wide, (1u << (1 << size)) - 1, tia->position[UP__M0 + missile] + copies->start[i]);
    return wrapped(wide);
}

static UpTiaSet ball_set(const UpAtariTia *tia) {
    uint64_t wide[5] = {0};
    put(wide, (1u << (1 << (tia->ctrlpf >> 4 & 3))) - 1, tia->position[UP__BL]);
    return wrapped(wide);
}

static UpTiaSet playfield_set(const UpAtariTia *tia) {
    uint32_t left = tia->playfield, right = left;
    if (!left) return (UpTiaSet){0};
    if (tia->reflect)
        right = (uint32_t)(reversed(left & 0xFF) << 12 | reversed(left >> 8 & 0xFF) << 4 |
                           reversed(left >> 16) >> 4);
    uint64_t first = quadrupled(left & 0xFF) | quadrupled(left >> 8 & 0xFF) << 32;
    uint64_t second = quadrupled(left >> 16 & 0xF) | quadrupled(right & 0xFF) << 16 |
                      quadrupled(right >> 8 & 0xFF) << 48;
    uint64_t third = quadrupled(right >> 8 & 0xFF) >> 16 | quadrupled(right >> 16) << 16;
    return (UpTiaSet){{first, second, third}};
}

static const UpTiaSet empty = {{0, 0, 0}};

static bool is_empty(const UpTiaSet *set) {
    return !(set->word[0] | set->word[1] | set->word[2]);
}

// What an object looks like if it is on; `full`: where it could have pixels at all.
static UpTiaSet object_set(const UpAtariTia *tia, int object, bool full) {
    uint64_t pattern = 0xFF;
    switch (object) {
    case UP__P0:
    case UP__P1:
        if (!full) pattern = up__tia_player(tia, object);
        if (!full && !(tia->refp[object] & 8)) pattern = reversed(pattern);
        return player_set(tia, object, pattern);
    case UP__M0:
    case UP__M1:
        return missile_set(tia, object - UP__M0);
    case UP__BL:
        return ball_set(tia);
    default:
        return playfield_set(tia);
    }
}

// Makes the sets anew that are out of date.
static void refresh(UpTiaView *view, const UpAtariTia *tia) {
    unsigned stale = view->stale & UP__STALE_ALL;
    view->last = NULL;
    view->stale = 0;
    view->paired = 0;
    for (; stale; stale &= stale - 1) {
        int object = __builtin_ctz(stale);
        view->set[object] = view->enabled >> object & 1 ? object_set(tia, object, false) : empty;
    }
}

// Pairs of objects in the order of the latches.
static const uint8_t pair_of[16][2] = {
    {UP__M0, UP__P0}, {UP__M0, UP__P1}, {UP__M1, UP__P1}, {UP__M1, UP__P0},
    {UP__P0, UP__BL}, {UP__P0, UP__PF}, {UP__P1, UP__BL}, {UP__P1, UP__PF},
    {UP__M0, UP__BL}, {UP__M0, UP__PF}, {UP__M1, UP__BL}, {UP__M1, UP__PF},
    {0, 0},           {UP__BL, UP__PF}, {UP__M0, UP__M1}, {UP__P0, UP__P1}};

static UpTiaSet common(const UpTiaSet *set, int latch) {
    const UpTiaSet *a = &set[pair_of[latch][0]], *b = &set[pair_of[latch][1]];
    return (UpTiaSet){{a->word[0] & b->word[0], a->word[1] & b->word[1], a->word[2] & b->word[2]}};
}

static uint64_t word_range(int from, int to) {
    if (to <= 0 || from >= 64) return 0;
    uint64_t below = to >= 64 ? ~0ull : (1ull << to) - 1;
    return from <= 0 ? below : below & ~((1ull << from) - 1);
}

// Objects that are switched on, whether or not they show.
static unsigned enabled(const UpAtariTia *tia) {
    return (unsigned)(up__tia_player(tia, 0) != 0) << UP__P0 |
           (unsigned)(up__tia_player(tia, 1) != 0) << UP__P1 |
           (unsigned)up__tia_missile(tia, 0) << UP__M0 |
           (unsigned)up__tia_missile(tia, 1) << UP__M1 | (unsigned)up__tia_ball(tia) << UP__BL |
           (unsigned)(tia->playfield != 0) << UP__PF;
}

// Latches of a playfield, which may have pixels anywhere.
enum { PLAYFIELD_LATCHES = 0x2AA0 };

// The latches that objects could set where they stand now, whatever their patterns.
static void find_near(UpTiaView *view, const UpAtariTia *tia) {
    view->near = PLAYFIELD_LATCHES;
    for (unsigned moved = view->moved; moved; moved &= moved - 1) {
        int object = __builtin_ctz(moved);
        view->zone[object] = object_set(tia, object, true);
    }
    view->moved = 0;
    uint64_t twice = 0;
    for (int w = 0; w < 3; w++) {
        uint64_t once = 0;
        for (int object = 0; object < UP__PF; object++) {
            twice |= once & view->zone[object].word[w];
            once |= view->zone[object].word[w];
        }
    }
    for (unsigned left = twice ? 0xD55F : 0; left; left &= left - 1) {
        UpTiaSet both = common(view->zone, __builtin_ctz(left));
        if (!is_empty(&both)) view->near |= (uint16_t)(left & -left);
    }
}

// Latches not yet set that could be: by which objects are on, and then by where they are.
static unsigned candidates(UpTiaView *view, const UpAtariTia *tia) {
    unsigned open = up__tia_latches[view->enabled] & ~(unsigned)tia->collisions;
    if (!open || tia->vblank & 2) return 0;
    if (view->moved) find_near(view, tia);
    return open & view->near;
}

// Of these latches, those that the present registers would set on a whole line.
static unsigned open_latches(UpTiaView *view, const UpAtariTia *tia, unsigned open) {
    if (view->stale) refresh(view, tia);
    unsigned unknown = open & ~(unsigned)view->paired;
    view->paired |= (uint16_t)unknown;
    view->overlap &= (uint16_t)~unknown;
    for (; unknown; unknown &= unknown - 1) {
        UpTiaSet both = common(view->set, __builtin_ctz(unknown));
        if (!is_empty(&both)) view->overlap |= (uint16_t)(unknown & -unknown);
    }
    return open & view->overlap;
}

// Sets latches that pixels of this part of a line set.
static void collide(UpTiaView *view, UpAtariTia *tia, unsigned open, int from, int to) {
    if (from == 0 && to == UP__ATARI_COLUMNS) {
        tia->collisions |= (uint16_t)open;
        return;
    }
    for (; open; open &= open - 1) {
        UpTiaSet both = common(view->set, __builtin_ctz(open));
        if ((both.word[0] & word_range(from, to)) |
            (both.word[1] & word_range(from - 64, to - 64)) |
            (both.word[2] & word_range(from - 128, to - 128)))
            tia->collisions |= (uint16_t)(open & -open);
    }
}

static bool wanted(const UpAtariBus *bus, int row) {
    const UpAtariRows *rows = bus->rows;
    return row >= rows->first && row < rows->end &&
           (rows->step == 1 || (row - rows->first) % rows->step == 0);
}

static void paint(UpAtariBus *bus, int from, int to) {
    UpAtariTia *tia = &bus->m->tia;
    UpTiaView *view = bus->view;
    int row = (view->line - tia->origin) / UP__LINE_CLOCKS;
    if (!wanted(bus, row)) return;
    if (view->stale) refresh(view, tia);
    uint8_t *pixel = bus->pixel + row * UP__ATARI_COLUMNS;
    bool whole = from == 0 && to == UP__ATARI_COLUMNS, comb = tia->comb && from < 8;
    if (whole && view->last)
        memcpy(pixel, view->last, UP__ATARI_COLUMNS);
    else if (tia->vblank & 2)
        memset(pixel + from, 0, (size_t)(to - from));
    else
        up__paint(view, tia, pixel, from, to);
    if (comb) memset(pixel + from, 0, (size_t)((to < 8 ? to : 8) - from));
    view->last = whole && !comb ? pixel : NULL;
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
    up__tia_end_line(tia);
    return true;
}

void up__span_draw(UpAtariBus *bus, int32_t end) {
    UpAtariTia *tia = &bus->m->tia;
    UpTiaView *view = bus->view;
    if (end > bus->window_end) end = bus->window_end;
    if (end < bus->window || tia->drawn >= end) return;
    for (;;) {
        int32_t next = view->line + UP__LINE_CLOCKS;
        bool settled = false;
        if (tia->drawn >= next) {
            view->line = next;
            next += UP__LINE_CLOCKS;
        }
        if (tia->drawn == view->line && tia->drawn > tia->origin) settled = !end_line(view, tia);
        unsigned open = candidates(view, tia);
        if (open) open = open_latches(view, tia, open);
        if (settled && !open && !bus->pixel && end > next) {
            int32_t lines = (end - 1 - view->line) / UP__LINE_CLOCKS;
            view->line += lines * UP__LINE_CLOCKS;
            tia->drawn = view->line;
            tia->comb = 0;
            next = view->line + UP__LINE_CLOCKS;
        }
        if (next > end) next = end;
        int from = tia->drawn - view->line - UP__LINE_BLANK;
        int to = next - view->line - UP__LINE_BLANK;
        if (from < 0) from = 0;
        if (to > 0) {
            if (open) collide(view, tia, open, from, to);
            if (bus->pixel) paint(bus, from, to);
            if (to > 8) tia->comb = 0;
        }
        tia->drawn = next;
        if (next >= end) return;
    }
}

// Which sets a register's value goes into.
static const uint8_t stale_of[64] = {
    [UP__VBLANK] = UP__STALE_OTHER,
    [UP__NUSIZ0] = 1 << UP__P0 | 1 << UP__M0,
    [UP__NUSIZ1] = 1 << UP__P1 | 1 << UP__M1,
    [UP__COLUP0] = UP__STALE_COLOUR,
    [UP__COLUP1] = UP__STALE_COLOUR,
    [UP__COLUPF] = UP__STALE_COLOUR,
    [UP__COLUBK] = UP__STALE_COLOUR,
    [UP__CTRLPF] = 1 << UP__BL | 1 << UP__PF,
    [UP__REFP0] = 1 << UP__P0,
    [UP__REFP1] = 1 << UP__P1,
    [UP__PF0] = 1 << UP__PF,
    [UP__PF1] = 1 << UP__PF,
    [UP__PF2] = 1 << UP__PF,
    [UP__RESP0] = 1 << UP__P0,
    [UP__RESP1] = 1 << UP__P1,
    [UP__RESM0] = 1 << UP__M0,
    [UP__RESM1] = 1 << UP__M1,
    [UP__RESBL] = 1 << UP__BL,
    [UP__GRP0] = 1 << UP__P0 | 1 << UP__P1,
    [UP__GRP1] = 1 << UP__P0 | 1 << UP__P1 | 1 << UP__BL,
    [UP__ENAM0] = 1 << UP__M0,
    [UP__ENAM1] = 1 << UP__M1,
    [UP__ENABL] = 1 << UP__BL,
    [UP__VDELP0] = 1 << UP__P0,
    [UP__VDELP1] = 1 << UP__P1,
    [UP__VDELBL] = 1 << UP__BL,
    [UP__RESMP0] = 1 << UP__M0,
    [UP__RESMP1] = 1 << UP__M1,
    [UP__CXCLR] = UP__STALE_OTHER,
    [UP__HMOVE] = UP__STALE_ALL & ~(1 << UP__PF),
};

// Whose zones a register moves or resizes.
static const uint8_t moved_of[64] = {[UP__NUSIZ0] = 1 << UP__P0 | 1 << UP__M0,
                                     [UP__NUSIZ1] = 1 << UP__P1 | 1 << UP__M1,
                                     [UP__CTRLPF] = 1 << UP__BL,
                                     [UP__RESP0] = 1 << UP__P0,
                                     [UP__RESP1] = 1 << UP__P1,
                                     [UP__RESM0] = 1 << UP__M0,
                                     [UP__RESM1] = 1 << UP__M1,
                                     [UP__RESBL] = 1 << UP__BL,
                                     [UP__RESMP0] = 1 << UP__M0,
                                     [UP__RESMP1] = 1 << UP__M1,
                                     [UP__HMOVE] = UP__STALE_ALL & ~(1 << UP__PF)};

// Clocks from a write to its effect; playfield registers differ by the cycle of the line.
static const uint8_t delay_of[64] = {
    [UP__VBLANK] = 1, [UP__NUSIZ0] = 8, [UP__NUSIZ1] = 8, [UP__REFP0] = 1, [UP__REFP1] = 1,
    [UP__RESM0] = 8,  [UP__RESM1] = 8,  [UP__GRP0] = 1,   [UP__GRP1] = 1};
static const uint8_t playfield_delay[4] = {4, 5, 2, 3};

// A graphics register that is written again what it and the copy behind it hold.
static bool is_repeated(const UpAtariTia *tia, int player, uint8_t value) {
    return tia->grp[player] == value && tia->old_grp[!player] == tia->grp[!player] &&
           (player == 0 || tia->old_enabl == tia->enabl);
}

// Registers on which drawing up to a write depends even where nothing can collide: they take part
// in what happens at the ends of lines.
static bool is_ordered(int reg) {
    return reg == UP__CTRLPF || reg == UP__NUSIZ0 || reg == UP__NUSIZ1 ||
           (reg >= UP__RESP0 && reg <= UP__RESBL) || reg == UP__HMOVE || reg == UP__RESMP0;
}

static void apply(UpAtariBus *bus, int32_t t, int reg, uint8_t value, unsigned stale) {
    UpAtariMachine *m = bus->m;
    UpTiaView *view = bus->view;
    up__tia_apply(m, bus->cart, t, reg, value);
    view->stale |= (uint8_t)stale;
    view->moved |= moved_of[reg];
    view->enabled = (uint8_t)enabled(&m->tia);
}

static void write_one(UpAtariBus *bus, int32_t cycle, int reg, uint8_t value) {
    UpAtariMachine *m = bus->m;
    UpTiaView *view = bus->view;
    unsigned stale = stale_of[reg];
    int32_t t = 3 * cycle, end = t + delay_of[reg];
    if (!bus->pixel) stale &= ~(unsigned)UP__STALE_COLOUR;
    if ((reg == UP__GRP0 || reg == UP__GRP1) && is_repeated(&m->tia, reg - UP__GRP0, value)) return;
    if (!stale) {
        up__tia_apply(m, bus->cart, t, reg, value);
        return;
    }
    if (reg >= UP__PF0 && reg <= UP__PF2) end += playfield_delay[(cycle - bus->line0) & 3];
    if (!bus->pixel && !is_ordered(reg) && !candidates(view, &m->tia)) {
        // Nothing can collide. If that changes now, what came before is not to be looked at again.
        apply(bus, t, reg, value, stale);
        if (!candidates(view, &m->tia)) return;
        uint16_t after = m->tia.collisions;
        m->tia.collisions = 0xFFFF;
        up__span_draw(bus, end);
        m->tia.collisions = after;
        return;
    }
    up__span_draw(bus, end);
    if ((reg == UP__RESP0 || reg == UP__RESP1) && up__tia_respx_late(m, t, reg - UP__RESP0))
        up__span_draw(bus, t + 11);
    apply(bus, t, reg, value, stale);
}

void up__span_replay(UpAtariBus *bus) {
    uint64_t *entry = bus->log, *end = bus->log_end;
    bus->log_end = bus->log;
    for (; entry < end; entry++)
        write_one(bus, (int32_t)*entry, (int)(*entry >> 40), (uint8_t)(*entry >> 32));
}

void up__span_begin(UpAtariBus *bus) {
    UpTiaView *view = bus->view;
    const UpAtariTia *tia = &bus->m->tia;
    view->stale = UP__STALE_ALL | UP__STALE_COLOUR;
    view->moved = UP__STALE_ALL & ~(1 << UP__PF);
    view->enabled = (uint8_t)enabled(tia);
    view->paired = 0;
    view->last = NULL;
    view->base_key[0] = view->base_key[1] = ~0ull;
    bus->line0 = tia->frame_start / 3;
    view->line = tia->drawn - up__tia_h(bus->m, tia->drawn);
}
