// A frame that is being drawn, line by line (picture.c), and what writes change in a line
// (picture_write.c).
#ifndef UP_ENV_ATARI_PICTURE_H
#define UP_ENV_ATARI_PICTURE_H

#include "env/atari/span.h"
#include "env/atari/tia_store.h"

typedef struct UpPicture {
    UpAtariMachine machine; // its television chip as it was at `at`
    const UpAtariCart *cart;
    UpTiaSets objects;
    uint64_t zone[UP__TIA_OBJECTS];
    uint8_t moved;       // zones to make anew
    int32_t at;          // clock that was come to
    int32_t line;        // clock at which its line begins
    int32_t window, end; // clocks of the window
    bool begun;          // the line, that is, the end of the one before it was dealt with
    bool combed;         // the line begins with black pixels
    int painted;         // pixels of the line that need no more painting
    UpTiaRow row;
    bool dirty;               // `row` is not what the present registers show on a whole line
    bool row_combed;          // `row` begins with black pixels
    uint8_t *pixel, *touched; // of the row that is being painted; NULL: the line is passed over
    bool passed;              // writes happened that painting does not know of
    const UpAtariRows *rows;
    uint8_t *picture, *touches;
    UpAtariHeld *held;
    const uint64_t *log, *entry; // writes: first of the window, next one
    bool comparable;             // with what is held
} UpPicture;

// Brings the row up to pixel `to`.
void up__picture_paint(UpPicture *p, int to);
// Lets time go on to clock `end`. What a line's end changes waits until it goes on behind it.
void up__picture_pass(UpPicture *p, int32_t end);
// A write of the line that is being painted.
void up__picture_write(UpPicture *p, uint64_t entry);

#endif
