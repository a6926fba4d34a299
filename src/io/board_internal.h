// What the files that write TensorBoard's events share.
#ifndef UP_IO_BOARD_INTERNAL_H
#define UP_IO_BOARD_INTERNAL_H

#include "io/event.pb-c.h"
#include "uphill/board.h"

// Appends an event with these values.
UpStatus up__board_values(UpBoard *board, int64_t step, double wall_time,
                          Up__Summary__Value **value, size_t count);

// board_resume.c: cuts what event files in `folder` hold beyond keep_steps.
UpStatus up__board_cut(const char *folder, int64_t keep_steps);

enum { UP__EVENT_LENGTH = 8, UP__EVENT_CRC = 4 }; // bytes of a record's length and of a checksum

#endif
