// TensorBoard event files (optional component, needs protobuf-c).
#ifndef UPHILL_BOARD_H
#define UPHILL_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct UpBoard UpBoard;

// Opens a new file events.out.tfevents.<…>.uphill.<…> in `folder`. keep_steps < 0 leaves the others
// there alone. keep_steps >= 0 goes on with their run (resume): what they hold beyond keep_steps is
// cut off, so that each step is there once.
UpStatus up_board_open(UpBoard **board, const char *folder, int64_t keep_steps);

typedef struct UpBoardValue {
    const char *tag; // "loss/kl": TensorBoard groups by what stands before the slash
    double value;
} UpBoardValue;

// One event with the values of a step, now, that is at `wall_time` (seconds since 1970).
UpStatus up_board_row(UpBoard *board, int64_t step, double wall_time, const UpBoardValue *value,
                      int count);

// The options of a run, as the text of its config.ini: a page of TEXT, and the run's row in
// HPARAMS.
UpStatus up_board_config(UpBoard *board, double wall_time, const char *ini);

// A picture or film under IMAGES: the bytes of a PNG or GIF file.
UpStatus up_board_image(UpBoard *board, const char *tag, int64_t step, double wall_time, int width,
                        int height, const void *bytes, size_t size);

// Events are handed to the operating system here, and where the buffer is full. Where that fails,
// no part of an event stays in the file.
UpStatus up_board_flush(UpBoard *board);
void up_board_close(UpBoard *board); // NULL is fine

#ifdef __cplusplus
}
#endif
#endif
