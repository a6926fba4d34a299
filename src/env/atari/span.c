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

static UpTiaSet player_set(const UpAtariTia *tia, int player) {
    uint64_t wide[5] = {0}, pattern = up__tia_player(tia, player);
    int mode = tia->nusiz[player] & 7, at = tia->position[player];
    if (!pattern) return (UpTiaSet){0};
    if (!(tia->refp[player] & 8)) pattern = reversed(pattern);
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
    if (!up__tia_missile(tia, missile) || (missile == 0 && tia->star_shape == 2))
        return (UpTiaSet){0};
    if (missile == 0 && tia->star_shape == 1) size |= 1;
    const UpTiaCopies *copies = &up__tia_copies[tia->nusiz[missile] & 7];
    for (int i = 0; i < copies->count; i++)
        put(wide, (1u << (1 << size)) - 1, tia->position[UP__M0 + missile] + copies->start[i]);
    return wrapped(wide);
}

static UpTiaSet ball_set(const UpAtariTia *tia) {
    uint64_t wide[5] = {0};
    if (up__tia_ball(tia))
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

static bool is_empty(const UpTiaSet *set) {
    return !(set->word[0] | set->word[1] | set->word[2]);
}

static void refresh(UpTiaView *view, const UpAtariTia *tia) {
    unsigned stale = view->stale & UP__STALE_ALL;
    view->last = NULL;
    view->stale = 0;
    if (stale) view->paired = false;
    for (; stale; stale &= stale - 1) {
        int object = __builtin_ctz(stale);
        UpTiaSet *set = &view->set[object];
        switch (object) {
        case UP__P0:
        case UP__P1:
            *set = player_set(tia, object);
            break;
        case UP__M0:
        case UP__M1:
            *set = missile_set(tia, object - UP__M0);
            break;
        case UP__BL:
            *set = ball_set(tia);
            break;
        default:
            *set = playfield_set(tia);
            break;
        }
        unsigned bit = 1u << object;
        view->active = (uint8_t)((view->active & ~bit) | (is_empty(set) ? 0 : bit));
    }
}

// Pairs of objects in the order of the latches.
static const uint8_t pair_of[16][2] = {
    {UP__M0, UP__P0}, {UP__M0, UP__P1}, {UP__M1, UP__P1}, {UP__M1, UP__P0},
    {UP__P0, UP__BL}, {UP__P0, UP__PF}, {UP__P1, UP__BL}, {UP__P1, UP__PF},
    {UP__M0, UP__BL}, {UP__M0, UP__PF}, {UP__M1, UP__BL}, {UP__M1, UP__PF},
    {0, 0},           {UP__BL, UP__PF}, {UP__M0, UP__M1}, {UP__P0, UP__P1}};

static UpTiaSet common(const UpTiaView *view, int latch) {
    const UpTiaSet *a = &view->set[pair_of[latch][0]], *b = &view->set[pair_of[latch][1]];
    return (UpTiaSet){{a->word[0] & b->word[0], a->word[1] & b->word[1], a->word[2] & b->word[2]}};
}

static uint64_t word_range(int from, int to) {
    if (to <= 0 || from >= 64) return 0;
    uint64_t below = to >= 64 ? ~0ull : (1ull << to) - 1;
    return from <= 0 ? below : below & ~((1ull << from) - 1);
}

static void collide(UpTiaView *view, UpAtariTia *tia, int from, int to) {
    unsigned open = up__tia_latches[view->active] & ~tia->collisions;
    if (!open) return;
    if (!view->paired) {
        view->overlap = 0;
        view->paired = true;
        for (unsigned left = up__tia_latches[view->active]; left; left &= left - 1) {
            UpTiaSet both = common(view, __builtin_ctz(left));
            if (!is_empty(&both)) view->overlap |= (uint16_t)(left & -left);
        }
    }
    open &= view->overlap;
    if (from == 0 && to == UP__ATARI_COLUMNS) {
        tia->collisions |= (uint16_t)open;
        return;
    }
    for (; open; open &= open - 1) {
        UpTiaSet both = common(view, __builtin_ctz(open));
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

// Part of one line, or whole lines on which nothing changes.
static void emit(UpAtariBus *bus, int from, int to) {
    UpAtariTia *tia = &bus->m->tia;
    UpTiaView *view = bus->view;
    bool dark = tia->vblank & 2, comb = tia->comb && from < 8;
    if (view->stale) refresh(view, tia);
    if (!dark) collide(view, tia, from, to);
    if (to > 8) tia->comb = 0;
    if (!bus->pixel) return;
    int row = (view->line - tia->origin) / UP__LINE_CLOCKS;
    if (!wanted(bus, row)) return;
    uint8_t *pixel = bus->pixel + row * UP__ATARI_COLUMNS;
    bool whole = from == 0 && to == UP__ATARI_COLUMNS;
    if (whole && view->last) {
        memcpy(pixel, view->last, UP__ATARI_COLUMNS);
    } else if (dark) {
        memset(pixel + from, 0, (size_t)(to - from));
    } else {
        up__paint(view, tia, pixel, from, to);
    }
    if (comb) memset(pixel + from, 0, (size_t)((to < 8 ? to : 8) - from));
    view->last = whole && !comb ? pixel : NULL;
}

static void end_line(UpTiaView *view, UpAtariTia *tia) {
    unsigned stale = 0;
    if (tia->reflect != (tia->ctrlpf & 1)) stale |= 1 << UP__PF;
    for (int player = 0; player < 2; player++)
        if (tia->suppressed[player]) stale |= 1u << player;
    if (tia->star || tia->star_shape) stale |= 1 << UP__M0;
    view->stale |= (uint8_t)stale;
    up__tia_end_line(tia);
}

void up__span_draw(UpAtariBus *bus, int32_t end) {
    UpAtariTia *tia = &bus->m->tia;
    UpTiaView *view = bus->view;
    int32_t first = bus->window, last = bus->window_end;
    if (end > last) end = last;
    if (end < first || tia->drawn >= end) return;
    while (tia->drawn < end) {
        int32_t next = view->line + UP__LINE_CLOCKS;
        if (tia->drawn >= next) {
            view->line = next;
            next += UP__LINE_CLOCKS;
        }
        if (tia->drawn == view->line && tia->drawn > tia->origin) end_line(view, tia);
        if (next > end) next = end;
        int from = tia->drawn - view->line - UP__LINE_BLANK;
        int to = next - view->line - UP__LINE_BLANK;
        if (to > 0) emit(bus, from < 0 ? 0 : from, to);
        tia->drawn = next;
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

void up__span_write(UpAtariBus *bus, int32_t t, int reg, uint8_t value) {
    UpAtariMachine *m = bus->m;
    unsigned stale = stale_of[reg];
    if (!bus->pixel) stale &= ~(unsigned)UP__STALE_COLOUR;
    if (!stale) {
        up__tia_apply(m, bus->cart, t, reg, value);
        return;
    }
    up__span_draw(bus, t + up__tia_delay(m, t, reg));
    if ((reg == UP__RESP0 || reg == UP__RESP1) && up__tia_respx_late(m, t, reg - UP__RESP0))
        up__span_draw(bus, t + 11);
    up__tia_apply(m, bus->cart, t, reg, value);
    bus->view->stale |= (uint8_t)stale;
}

void up__span_replay(UpAtariBus *bus) {
    uint64_t *entry = bus->log, *end = bus->log_end;
    bus->log_end = bus->log;
    for (; entry < end; entry++)
        up__span_write(bus, 3 * (int32_t)*entry, (int)(*entry >> 40), (uint8_t)(*entry >> 32));
}

void up__span_begin(UpAtariBus *bus) {
    UpTiaView *view = bus->view;
    const UpAtariTia *tia = &bus->m->tia;
    view->stale = UP__STALE_ALL | UP__STALE_COLOUR;
    view->active = 0;
    view->paired = false;
    view->last = NULL;
    view->base_key[0] = view->base_key[1] = ~0ull;
    view->line = tia->drawn - up__tia_h(bus->m, tia->drawn);
}
