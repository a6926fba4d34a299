// The television's beam: where on the picture it is, and what it shows there. The log of writes is
// gone through once, for what the program may read of a picture, collisions, and for the rows that
// somebody looks at (beam.c, beam_write.c). Equal to tia_plain.c.
//
// Between two writes that change what is seen a line looks the same, so that pixels wait until one
// comes or the line ends: for collisions from `collided` on, for the picture from `shown` on.
#ifndef UP_ENV_ATARI_BEAM_H
#define UP_ENV_ATARI_BEAM_H

#include "env/atari/held.h"

// The background with the playfield, kept from one piece of a row to the next.
typedef struct UpTiaBase {
    _Alignas(16) uint8_t pixel[UP__ATARI_COLUMNS];
    uint64_t key; // what it was made from
} UpTiaBase;

struct UpTiaBeam {
    UpAtariMachine *machine;
    const UpAtariCart *cart;
    const uint64_t *log, *log_end, *done; // the first write not yet gone through
    int32_t line, next;                   // clocks: the line's first, and the next line's
    int32_t end;                          // of the window
    int32_t line0;                        // cycle at which line 0 of the frame began
    int collided, shown;
    UpTiaLook look;
    UpTiaSets sets;       // stale where the look changed
    uint8_t dirty;        // objects that the look does not show as the registers have them
    bool unsettled;       // a line's end may change the look
    bool ended;           // all pixels of the line are drawn
    bool combing, combed; // whether it is known if the line begins with black pixels, and that

    // Collisions; by latch, but for the zones
    uint8_t moved;    // objects whose zones are out of date
    uint8_t changed;  // objects whose sets are
    uint16_t hits;    // latches that pixels set and the chip does not yet know of
    uint16_t judged;  // latches that `near` is known for
    uint16_t near;    // latches of zones that overlap
    uint16_t paired;  // latches that `overlap` is known for
    uint16_t overlap; // latches that a whole line of the present look would set
    uint64_t zone[UP__TIA_OBJECTS];

    // Rows, see rows.c
    UpAtariHeld *held;                      // of the frame before in the same buffer; or NULL
    const uint64_t *matched, *matched_held; // writes before these are the same …
    int same;                               // … and rows before this one
    int known;                              // rows of the frame before that are held
    int rows_same;                          // that came out as they did
    int32_t window, first_cycle;            // of row 0
    int height;
    int at;           // the row that is gone through; -1: above the window
    int reads;        // of latches, in it
    uint64_t written; // registers, in it
    uint8_t lit;      // objects that may show in it
    uint8_t filled;   // players and ball that had something to show, or copies, when it began
    bool open;        // its writes are being gone through
    bool passed;      // the registers are yet to be put right for it
    bool holds;       // the frame can be held
    bool tracked;     // the next row will differ as this one does
    bool compared;    // with what it began with then, which it differs from by this:
    UpHeldDifference differs;
    _Alignas(16) uint8_t state[UP__HELD_STATE]; // that it begins with, unless it was passed

    // The picture; NULL: nobody looks
    const UpAtariRows *rows;
    uint8_t *picture, *touched;
    int row; // of the line
    UpTiaBase base;
    _Alignas(16) uint8_t pixel[UP__ATARI_COLUMNS + 8]; // of the row
};

// A frame with this log begins.
void up__beam_begin(UpTiaBeam *beam, UpAtariBus *bus, UpAtariScreen *screen);
// All pixels before a clock collide.
void up__beam_collide(UpAtariBus *bus, int32_t clock);
// And are painted: the frame ends there.
void up__beam_end(UpAtariBus *bus, int32_t clock);

// The following are shared by its parts.

// Goes through writes before a cycle; the log's end is marked by a write behind all others.
void up__beam_write(UpTiaBeam *beam, int32_t cycle);
// rows.c: goes through the writes and rows before a clock, or finds that they are as they were.
void up__rows_begin(UpTiaBeam *beam, const UpAtariBus *bus, UpAtariScreen *screen);
// False, where a latch is read: what is drawn until then does not matter, and waits.
bool up__rows_replay(UpAtariBus *bus, int32_t clock, bool reads);
// A latch was read, not before the row was gone through.
void up__rows_read(UpTiaBeam *beam, int32_t clock);
void up__rows_end(UpTiaBeam *beam, const UpAtariBus *bus);

// rows_pass.c: rows that come out as they did.
static inline int32_t up__rows_clock(const UpTiaBeam *beam, int row) {
    return beam->window + row * UP__LINE_CLOCKS;
}
static inline int32_t up__rows_cycle(const UpTiaBeam *beam, int row) {
    return beam->first_cycle + row * UP__LINE_CYCLES;
}
// Rows from the present one on, up to the one that is returned, have the same writes as then, as
// far as writes before `clock` can tell.
int up__rows_same(UpTiaBeam *beam, int32_t clock, bool reads);
// Passes rows that come out as they did, up to `same`, before which writes are the same. The
// registers are put right when a row is gone through again.
void up__rows_pass(UpTiaBeam *beam, int same);
// Whether a latch may be read before the row is gone through, since its writes so far are the same:
// if the row sets nothing that is not set already, or if it was read at this time then, too.
bool up__rows_may_wait(UpTiaBeam *beam, int32_t clock);
// Puts the registers right for a row that is gone through after others were passed.
void up__rows_put_right(UpTiaBeam *beam);

// Draws what is left of the line.
void up__beam_end_line(UpTiaBeam *beam);
// The beam stands where the row of this clock begins, with the registers as they are.
void up__beam_put(UpTiaBeam *beam, int32_t line);
// Ends lines until the one of the clock before `clock` has begun.
void up__beam_lines(UpTiaBeam *beam, int32_t clock);
// What of the comb is seen in the line is decided.
void up__beam_comb(UpTiaBeam *beam);
// Lets time go on.
static inline void up__beam_go(UpTiaBeam *beam, int32_t clock) {
    UpAtariTia *tia = &beam->machine->tia;
    if (clock > beam->end) clock = beam->end;
    if (clock <= tia->drawn || clock < beam->window) return;
    if (clock > beam->next) up__beam_lines(beam, clock);
    tia->drawn = clock;
}

// The pixel that the beam has come to; less than 0 in the blank part of a line.
static inline int up__beam_x(const UpTiaBeam *beam) {
    return beam->machine->tia.drawn - beam->line - UP__LINE_BLANK;
}

// collide.c: sets those of the latches that pixels from `collided` to `x` - 1 set.
void up__collide(UpTiaBeam *beam, unsigned latches, int x);

// picture.c: the row of the line, pixels from `shown` to `to` - 1 of it, and what is done with it
// when it, or the frame, has ended.
void up__picture_begin(UpTiaBeam *beam, const UpAtariBus *bus, UpAtariScreen *screen);
static inline bool up__picture_wants(const UpAtariRows *rows, int row) {
    return row >= rows->first && row < rows->end &&
           (rows->step == 1 || (row - rows->first) % rows->step == 0);
}
void up__picture_begin_row(UpTiaBeam *beam);
void up__picture_piece(UpTiaBeam *beam, int to);
void up__picture_row(UpTiaBeam *beam);
void up__picture_end(UpTiaBeam *beam);

// paint.c: a piece of a row. Pixels are written eight at a time, so the row may be looked at up to
// seven bytes beyond its end.
void up__paint(UpTiaBase *base, const UpTiaLook *look, UpTiaSets *sets, uint8_t *row);

// beam_look.c: the look as the registers have it: all of it; what is dirty of it; the playfield;
// and what HMOVE and the ends of lines change.
void up__beam_look(UpTiaBeam *beam);
void up__beam_clean(UpTiaBeam *beam);
void up__beam_look_at_field(UpTiaBeam *beam, uint32_t field);
void up__beam_look_moved(UpTiaBeam *beam);

// Objects that look different from here on, or stand elsewhere.
static inline void up__beam_changed(UpTiaBeam *beam, unsigned objects) {
    beam->sets.stale |= (uint8_t)objects;
    beam->changed |= (uint8_t)objects;
}
static inline void up__beam_moved(UpTiaBeam *beam, unsigned objects) {
    up__beam_changed(beam, objects);
    beam->moved |= (uint8_t)objects;
}

// Pixels before `x` collide as the look has it.
static inline void up__beam_touch(UpTiaBeam *beam, int x) {
    unsigned open = up__tia_latches[beam->look.on] & ~(unsigned)beam->hits;
    if (open && !(beam->look.flags & UP__LOOK_BLANK)) up__collide(beam, open, x);
    beam->collided = x;
}

// Pixels before `x` are as the look has it, and what is dirty.
static inline void up__beam_settle(UpTiaBeam *beam, int x) {
    if (beam->dirty) up__beam_clean(beam);
    if (x > beam->collided) up__beam_touch(beam, x);
    if (x > beam->shown) up__picture_piece(beam, x);
}

#endif
