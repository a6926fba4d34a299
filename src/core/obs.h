// Rows of observations, whatever their form: the one place that tells the forms apart where rows
// are made, viewed, copied and saved.
#ifndef UPHILL_CORE_OBS_H
#define UPHILL_CORE_OBS_H

#include <stdbool.h>
#include <stddef.h>

#include "uphill/arena.h"
#include "uphill/obs.h"

// Room for the rows that obs->form, rows, dim, stack and mask_size describe; sparse ones have slots
// of `dim` entries. With stack > 1 the frames lie one behind the other, and each row's list names
// its own. Ask up_arena_status(arena) before the first use.
void up__obs_create(UpObs *obs, UpArena *arena);

// Room for `rows` rows like those of `pool`, which point to its sparse entries and its frames.
void up__obs_create_pointing(UpObs *obs, const UpObs *pool, int64_t rows, UpArena *arena);

// Rows `first` … first + rows - 1, as a view.
UpObs up__obs_view(const UpObs *obs, int64_t first, int64_t rows);

// Row i of `from` becomes row j of `to`, mask and all. What both point to (the entries or frames of
// one pool) stays where it is; entries of another pool are copied to the row's slot.
void up__obs_copy(const UpObs *from, int64_t i, const UpObs *to, int64_t j);

// Rows cell[0 … count-1] of `from` become the rows of `to`, which up__obs_create_pointing made.
void up__obs_gather(const UpObs *from, const uint32_t *cell, int64_t count, UpObs *to);

// Dense observations: bytes of a frame; where frame 0 lies, also as bytes.
size_t up__obs_frame_bytes(const UpObs *obs);
unsigned char *up__obs_frames(const UpObs *obs);

// Are the numbers of row i, which is no stack, all finite? Bytes and entries always are.
bool up__obs_is_finite(const UpObs *obs, int64_t i);

// All rows as (rows, stack, dim) in one piece, oldest frames first.
void up__obs_save(const UpObs *obs, void *bytes);

#endif
