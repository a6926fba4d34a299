// TensorBoard event files: one scalar after another (optional component, needs protobuf-c).
#ifndef UPHILL_BOARD_H
#define UPHILL_BOARD_H

#include <stdint.h>

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct UpBoard UpBoard;

// Appends to a new file events.out.tfevents.<…> in `folder`.
UpStatus up_board_open(UpBoard **board, const char *folder);
UpStatus up_board_scalar(UpBoard *board, const char *tag, int64_t step, double wall_time,
                         double value);
UpStatus up_board_flush(UpBoard *board);
void up_board_close(UpBoard *board); // NULL is fine

#ifdef __cplusplus
}
#endif
#endif
