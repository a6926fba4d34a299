// The television's beam: where on the picture it is, and what it shows there. The log of writes is
// gone through once, for what the program may read of a picture, collisions, and for the rows that
// somebody looks at (beam.c, write.c). Equal to tia/plain.c.
//
// Nothing is done at a write but what it changes: the pixels of an object are noted down when it is
// about to look different, or at the line's end, where it is found out which objects touch. The
// picture is painted a whole line at once unless a colour changes within it.
#ifndef UP_ENV_ATARI_BEAM_H
#define UP_ENV_ATARI_BEAM_H

#include "env/atari/beam/held.h"
#include "env/atari/beam/kernels.h"

// The line that the beam is in. Times are clocks.
typedef struct UpBeamLine {
    int32_t first, next; // of the line, and of the line after it
    int32_t end;         // of the window
    int cleared;         // pixel from which latches are set
    bool unsettled;      // its end may change what objects look like
    bool ended;          // all its pixels are drawn
    bool combing;        // it is known whether it begins with black pixels …
    bool combed;         // … and that
} UpBeamLine;

// What is known of the present row, the row `at`. rows.c says how one becomes another.
typedef enum UpRowState {
    UP__ROW_OPEN,     // its writes are being gone through
    UP__ROW_TRACKED,  // so they are, and what differs now will differ as the next row begins
    UP__ROW_REACHED,  // the one before it was gone through
    UP__ROW_COMPARED, // so it was, and how the chip differs from what it was is known, too
    UP__ROW_PASSED,   // the one before it was passed: that is known, the registers are not
} UpRowState;

// Rows, and the frame before in the same buffer that they are compared with.
typedef struct UpBeamRows {
    UpAtariHeld *held; // that frame; NULL: nothing is compared
    int known;         // rows of it that are held
    bool holds;        // this frame can be held
    int height;
    int32_t window, first_cycle; // clock and cycle at which row 0 begins
    int passed;                  // rows that came out as they did

    int same;                               // rows before this one have the same writes …
    const uint64_t *matched, *matched_held; // … as far as writes before these are

    int at; // the present row's number; -1: above the window
    UpRowState state;
    bool clears;                  // latches, it does
    uint8_t lit;                  // objects that may show in it
    int reads;                    // of latches, in it
    UpHeldDifference differs;     // of the chip from what it was
    uint8_t chip[UP__HELD_STATE]; // as the row begins, unless rows were passed
} UpBeamRows;

// The picture. Where somebody looked before, rows that are gone through are painted, though not
// `seen`: the next frame that is may find them as they are.
typedef struct UpBeamPicture {
    const UpAtariRows *wanted;
    uint8_t *pixel, *touched; // NULL: nobody looks
    int row;                  // of the line
    int shown;                // pixels of it that are painted
    bool seen;
} UpBeamPicture;

struct UpTiaBeam {
    UpAtariMachine *machine;
    const UpAtariCart *cart;
    const UpTiaKernels *kernels;
    const uint64_t *log, *log_end, *done; // the first write not yet gone through
    int32_t cycle0;                       // at which line 0 of the frame began
    UpBeamLine line;
    // Objects
    _Alignas(16) UpTiaSet pixels[UP__TIA_OBJECTS]; // of the line, up to `since`
    UpTiaSet set[UP__TIA_OBJECTS];                 // of a whole line that looks as it does now
    _Alignas(8) uint8_t since[8];                  // pixel from which an object does
    uint16_t hits; // latches that pixels set and the chip does not yet know of
    uint8_t on;    // objects that are switched on
    uint8_t stale; // those that do not look like their `set`
    uint8_t had;   // those that have `pixels`
    UpBeamRows rows;
    UpBeamPicture picture;
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

// pass.c: rows that come out as they did.
static inline int32_t up__rows_clock(const UpTiaBeam *beam, int row) {
    return beam->rows.window + row * UP__LINE_CLOCKS;
}
static inline int32_t up__rows_cycle(const UpTiaBeam *beam, int row) {
    return beam->rows.first_cycle + row * UP__LINE_CYCLES;
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
    if (clock <= beam->line.next)
        tia->drawn = clock;
    else
        up__beam_lines(beam, clock);
}

// The pixel that the beam has come to; less than 0 in the blank part of a line.
static inline int up__beam_x(const UpTiaBeam *beam) {
    return beam->machine->tia.drawn - beam->line.first - UP__LINE_BLANK;
}

// objects.c: all objects look as the registers have it; these do from here on.
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
