// One frame of a machine.
#ifndef UP_ENV_ATARI_FRAME_H
#define UP_ENV_ATARI_FRAME_H

#include "env/atari/machine/screen.h"

// One frame with machine->input. rows NULL: nobody will look at it; RAM and all later frames are
// the same. Rows that `rows` leaves out, and with NULL all rows, hold no particular picture.
void up__atari_frame(UpAtariMachine *machine, const UpAtariCart *cart, UpAtariScreen *screen,
                     const UpAtariRows *rows);

// The same, one byte and one pixel at a time, all rows drawn: what the fast machine is compared to.
void up__atari_frame_plain(UpAtariMachine *machine, const UpAtariCart *cart, UpAtariScreen *screen);

#endif
