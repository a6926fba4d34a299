// The television's beam: where on the picture it is, and what it shows there. The log of writes is
// gone through once, for what the program may read of a picture, collisions, and for the rows that
// somebody looks at (beam.c, beam_write.c). Equal to tia_plain.c.
//
// Nothing is done at a write but what it changes: the pixels of an object are noted down when it is
// about to look different, or at the line's end, where it is found out which objects touch. The
// picture is painted a whole line at once unless a colour changes within it.
#ifndef UP_ENV_ATARI_BEAM_H
#define UP_ENV_ATARI_BEAM_H

#include "env/atari/beam/held.h"
#include "env/atari/beam/kernels.h"

struct UpTiaBeam {
    UpAtariMachine *machine;
    const UpAtariCart *cart;
    const UpTiaKernels *kernels;
    const uint64_t *log, *log_end, *done; // the first write not yet gone through
    int32_t line, next;                   // clocks: the line's first, and the next line's
    int32_t end;                          // of the window
    int32_t line0;                        // cycle at which line 0 of the frame began

    // Objects
    _Alignas(16) UpTiaSet pixels[UP__TIA_OBJECTS]; // of the line, up to `since`
    UpTiaSet set[UP__TIA_OBJECTS];                 // of a whole line that looks as it does now
    _Alignas(8) uint8_t since[8];                  // pixel from which an object does
    int cleared;                                   // pixel of the line from which latches are set
    uint16_t hits;        // latches that pixels set and the chip does not yet know of
    uint8_t on;           // objects that are switched on
    uint8_t stale;        // those that do not look like their `set`
    uint8_t had;          // those that have `pixels`
    bool unsettled;       // a line's end may change what objects look like
    bool ended;           // all pixels of the line are drawn
    bool combing, combed; // whether it is known if the line begins with black pixels, and that

    // Rows, see rows.c; first of all, what the present one is like
    bool clears;   // latches, it does
    bool open;     // its writes are being gone through
    bool passed;   // the registers are yet to be put right for it
    bool holds;    // the frame can be held
    bool tracked;  // the next row will differ as this one does
    bool compared; // with what it began with then, which it differs from by `differs`
    uint8_t lit;   // objects that may show in it
    int at;        // its number; -1: above the window
    int reads;     // of latches, in it
    int same;      // rows before this one have the same writes …
    const uint64_t *matched, *matched_held; // … as far as writes before these are
    UpAtariHeld *held;                      // of the frame before in the same buffer; or NULL
    int known;                              // rows of the frame before that are held
    int rows_same;                          // that came out as they did
    int32_t window, first_cycle;            // of row 0
    UpHeldDifference differs;
    uint8_t state[UP__HELD_STATE]; // that it begins with, unless it was passed

    // The picture; NULL: nobody looks. Where somebody looked before, rows that are gone through are
    // painted, though not `seen`: the next frame that is may find them as they are.
    const UpAtariRows *rows;
    uint8_t *picture, *touched;
    int height;
    int row;   // of the line
    int shown; // pixels of it that are painted
    bool seen;
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
    if (clock <= tia->drawn) return;
    if (clock <= beam->next)
        tia->drawn = clock;
    else
        up__beam_lines(beam, clock);
}

// The pixel that the beam has come to; less than 0 in the blank part of a line.
static inline int up__beam_x(const UpTiaBeam *beam) {
    return beam->machine->tia.drawn - beam->line - UP__LINE_BLANK;
}

// beam_objects.c: all objects look as the registers have it; these do from here on.
void up__beam_take(UpTiaBeam *beam);
void up__beam_switch(UpTiaBeam *beam, unsigned objects);
static inline void up__beam_show(UpTiaBeam *beam, unsigned object, bool on) {
    beam->on = (uint8_t)((beam->on & ~object) | (on ? object : 0));
}
// Notes down the pixels before x of these objects, as far as it has not been done.
void up__beam_note(UpTiaBeam *beam, unsigned objects, int x);
// Objects whose pixels before x touch set their latches.
void up__beam_touch(UpTiaBeam *beam, int x);
// No pixels are noted down, and none before x will be.
void up__beam_forget(UpTiaBeam *beam, int x);
// What was drawn of the line is done with.
void up__beam_cut(UpTiaBeam *beam);

// picture.c: pixels up to x of the line are painted, if somebody looks.
void up__picture_begin(UpTiaBeam *beam, const UpAtariBus *bus, UpAtariScreen *screen);
static inline bool up__picture_wants(const UpAtariRows *rows, int row) {
    return row >= rows->first && row < rows->end &&
           (rows->step == 1 || (row - rows->first) % rows->step == 0);
}
void up__picture_fetch(const UpTiaBeam *beam, int row);
void up__picture_piece(UpTiaBeam *beam, int x);

// These objects are about to look different. What colour the playfield has in front of the players
// depends on which of them are switched on.
static inline void up__beam_settle(UpTiaBeam *beam, unsigned objects) {
    enum { BOTH = UP__CTRLPF_SCORE | UP__CTRLPF_PRIORITY };
    int x = up__beam_x(beam);
    if (x <= 0) return;
    if ((beam->machine->tia.ctrlpf & BOTH) == BOTH) up__picture_piece(beam, x);
    up__beam_note(beam, objects, x);
}

#endif
