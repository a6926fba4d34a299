// The picture of a frame, from the log of its writes. Of a row that nobody reads, or that looks as
// it did two frames ago, the writes only happen.
#include <string.h>

#include "env/atari/held.h"

// ---------------------------------------------------------------------------------------------------
// Lines

void up__picture_paint(UpPicture *p, int to) {
    if (p->painted == 0) p->row.based = false;
    up__paint(&p->row, &p->objects, &p->machine.tia, p->painted, to);
    p->painted = to;
}

typedef uint64_t Sixteen __attribute__((vector_size(16)));

// Puts the finished row where it belongs, if it looks different from what is there.
static void store_row(UpPicture *p) {
    Sixteen differs = {0, 0}, now, before;
    for (int i = 0; i < UP__ATARI_COLUMNS; i += 16) {
        memcpy(&now, p->row.pixel + i, 16);
        memcpy(&before, p->pixel + i, 16);
        differs |= before ^ now;
    }
    if (!(differs[0] | differs[1])) return;
    memcpy(p->pixel, p->row.pixel, UP__ATARI_COLUMNS);
    *p->touched = 1;
}

static void finish_row(UpPicture *p) {
    bool whole = p->painted == 0;
    if (!whole || p->dirty || p->row_combed != p->combed) up__picture_paint(p, UP__ATARI_COLUMNS);
    if (p->combed) memset(p->row.pixel, 0, 8);
    p->row_combed = p->combed;
    p->dirty = !whole;
    store_row(p);
    p->pixel = NULL;
}

static void begin_line(UpPicture *p) {
    UpAtariTia *tia = &p->machine.tia;
    p->begun = true;
    p->painted = 0;
    p->combed = false;
    if (p->line == p->window || up__tia_settled(tia)) return;
    p->moved = p->objects.stale = UP__STALE_ALL;
    p->dirty = true;
    up__tia_end_line(tia);
}

void up__picture_pass(UpPicture *p, int32_t end) {
    if (end > p->end) end = p->end;
    if (end < p->window) return;
    while (p->at < end) {
        if (!p->begun) begin_line(p);
        int32_t next = p->line + UP__LINE_CLOCKS, comb_end = p->line + UP__LINE_BLANK + 8;
        int32_t to = end < next ? end : next;
        if (p->at <= comb_end && to > comb_end) {
            p->combed = p->machine.tia.comb;
            p->machine.tia.comb = 0;
        }
        p->at = to;
        if (to < next) continue;
        if (p->pixel) finish_row(p);
        p->line = next;
        p->begun = false;
    }
}

// A frame may end within a line: what was drawn of it stays.
static void end_frame(UpPicture *p) {
    int x = p->at - p->line - UP__LINE_BLANK;
    if (!p->begun || !p->pixel || x <= 0) return;
    if (x > p->painted) up__picture_paint(p, x);
    if (p->combed || (x <= 8 && p->machine.tia.comb)) memset(p->row.pixel, 0, 8);
    memcpy(p->row.pixel + x, p->pixel + x, (size_t)(UP__ATARI_COLUMNS - x));
    store_row(p);
}

// ---------------------------------------------------------------------------------------------------
// Writes

enum { LATE = 4 }; // cycles before a line's end from which on a write may be seen behind it only

static void pass_late(UpPicture *p, int32_t t, int reg) {
    const UpAtariMachine *m = &p->machine;
    bool player = reg == UP__RESP0 || reg == UP__RESP1;
    up__picture_pass(p, t + up__tia_delay(m, t, reg));
    if (player && up__tia_respx_late(m, t, reg - UP__RESP0))
        up__picture_pass(p, t + UP__RESP_CLOCKS);
}

// The writes before clock `next`, none of which is to be seen: they need no more than to happen on
// the right side of the line's end.
static void pass_over(UpPicture *p, int32_t next) {
    UpAtariMachine *m = &p->machine;
    int32_t end = up__tia_cycle(next), late = end - LATE;
    const uint64_t *entry = p->entry;
    p->passed = true;
    for (; (int32_t)*entry < end; entry++) {
        int reg = (int)(*entry >> 40 & 63);
        int32_t t = 3 * (int32_t)*entry;
        if ((int32_t)*entry >= late || reg == UP__HMOVE || t == p->line)
            pass_late(p, t, reg);
        else if (!p->begun && t > p->line)
            begin_line(p);
        up__tia_store(m, p->cart, t, reg, (uint8_t)(*entry >> 32));
    }
    p->entry = entry;
    up__picture_pass(p, next);
}

// The writes before clock `next` with a row to be painted, up to clock `end`.
static void draw_line(UpPicture *p, int32_t next, int32_t end) {
    int32_t behind = up__tia_cycle(next);
    if (p->passed) {
        p->moved = p->objects.stale = UP__STALE_ALL;
        p->dirty = true;
        p->objects.enabled = (uint8_t)up__tia_enabled(&p->machine.tia, 0, UP__ENABLES_ALL);
    }
    p->passed = false;
    p->painted = 0;
    for (; (int32_t)*p->entry < behind; p->entry++)
        up__picture_write(p, *p->entry);
    up__picture_pass(p, end);
}

// ---------------------------------------------------------------------------------------------------
// Rows

// Does somebody read it?
static bool is_wanted(const UpAtariRows *rows, int row) {
    return row >= rows->first && (rows->step == 1 || (row - rows->first) % rows->step == 0);
}

// Does the row look as it did where that differs?
static bool keeps(const UpPicture *p, int row, unsigned differs) {
    unsigned objects = p->held->objects[row];
    if (objects & UP__HELD_UNDRAWN && is_wanted(p->rows, row)) return false;
    return !((objects & differs) | (p->held->copied[row] & differs >> UP__DIFFERS_COPY));
}

// Rows from `row` on, up to the one that is returned, look as they did: the writes up to `same` are
// those of then, and in what else differs is not to be seen.
static int keep_rows(UpPicture *p, int row, int same, const uint8_t state[UP__HELD_STATE]) {
    UpAtariHeld *held = p->held;
    UpHeldDifference difference;
    uint8_t now[UP__HELD_STATE];
    int first = row, write = held->first[row], shift = (int)(p->entry - p->log) - write;
    up__held_compare(held, row, state, &difference);
    if (difference.in & UP__DIFFERS) return row;
    bool ends = false;
    for (; row < same && !ends && keeps(p, row, difference.in); row++) {
        held->first[row] = (uint16_t)(held->first[row] + shift);
        up__held_apply(&difference, held->state[row]);
        ends = held->written[row] & difference.ends;
    }
    if (row == first) return row;
    int last = ends ? row - 1 : row;
    memcpy(now, held->state[last], sizeof now);
    if (!ends) up__held_apply(&difference, now);
    up__held_restore(p, last, now);
    p->entry = p->log + held->first[last] + (ends ? 0 : shift);
    p->passed = true;
    if (ends) pass_over(p, p->line + UP__LINE_CLOCKS);
    return row;
}

static void draw_row(UpPicture *p, int row) {
    UpAtariHeld *held = p->held;
    int32_t next = p->line + UP__LINE_CLOCKS;
    up__held_take(p, row);
    if (is_wanted(p->rows, row)) {
        p->pixel = p->picture + row * UP__ATARI_COLUMNS;
        p->touched = p->touches + row;
        draw_line(p, next, next);
    } else {
        held->objects[row] |= UP__HELD_UNDRAWN;
        pass_over(p, next);
    }
}

static void draw_rows(UpPicture *p, int rows) {
    for (int row = 0, same = 0, kept; row < rows; row = kept) {
        uint8_t state[UP__HELD_STATE];
        if (row >= same) same = up__held_same(p, row);
        if (same > rows) same = rows;
        up__held_state(p, state);
        kept = row < same ? keep_rows(p, row, same, state) : row;
        if (kept > row) continue;
        memcpy(p->held->state[row], state, sizeof state);
        draw_row(p, kept++);
    }
}

void up__picture_draw(const UpAtariBus *bus, const UpAtariMachine *start, UpAtariScreen *screen) {
    int32_t window = bus->window;
    UpPicture p = {.machine = *start,
                   .cart = bus->cart,
                   .rows = bus->rows,
                   .held = &screen->held[start->buffer],
                   .picture = bus->pixel,
                   .touches = screen->touched[start->buffer],
                   .entry = bus->log,
                   .at = window,
                   .line = window,
                   .window = window,
                   .end = bus->window_end,
                   .row.base_key = ~0ull};
    *bus->log_end = INT32_MAX; // a write behind all others
    pass_over(&p, window);
    p.log = p.entry;
    int whole = (bus->end_clock - window) / UP__LINE_CLOCKS;
    if (whole < 0) whole = 0;
    if (whole > bus->rows->end) whole = bus->rows->end;
    up__held_begin(&p);
    draw_rows(&p, whole);
    up__held_end(&p, whole);
    if (whole == bus->rows->end || !is_wanted(bus->rows, whole)) return;
    p.pixel = p.picture + whole * UP__ATARI_COLUMNS;
    p.touched = p.touches + whole;
    draw_line(&p, window + (whole + 1) * UP__LINE_CLOCKS, bus->end_clock);
    end_frame(&p);
}
