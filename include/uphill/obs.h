// A batch of observations in one of three forms. A frame of Pong has about fifty pixels that
// changed out of 6,400; the sparse form keeps only those, from the emulator to the first layer's
// gradient.
#ifndef UPHILL_OBS_H
#define UPHILL_OBS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum UpObsForm {
    UP_OBS_F32,    // values, float
    UP_OBS_U8,     // bytes of an image; a network reads them divided by 255
    UP_OBS_SPARSE, // the positions of the +1 and -1 entries of rows that are 0 elsewhere
} UpObsForm;

// An entry of a sparse row: position * 2, plus 1 if the value there is -1. Positions ascend in a
// row.
typedef uint16_t UpSparseEntry;
enum { UP_SPARSE_DIM_MAX = 32768 };

// A view of `rows` observations of `dim` numbers. It owns nothing.
//   F32, U8:  row i is  f32 + i * dim,  u8 + i * dim
//   SPARSE:   row i is  entry + begin[i],  count[i] entries
//   F32 and U8 with stack > 1:  `dim` is that of one frame, and row i is the `stack` frames
//             f32 + frame[i * stack + j] * dim, oldest first; rows share the frames of a pool
// `begin` makes a view of shuffled rows as cheap as one of neighbours: a minibatch copies no pixel.
typedef struct UpObs {
    UpObsForm form;
    int64_t rows, dim;
    float *f32;           // (rows, dim)
    uint8_t *u8;          // (rows, dim)
    UpSparseEntry *entry; // a pool, or `rows` slots of `dim` entries
    uint64_t *begin;      // (rows) offset of each row in `entry`
    uint32_t *count;      // (rows) entries in each row
    int64_t stack;        // frames in a row; 0 or 1: the row is one
    uint32_t *frame;      // (rows, stack) numbers of the frames in the pool, where stack > 1
    int64_t mask_size;    // width of a mask; 0: every action may be taken always
    uint8_t *mask;        // (rows, mask_size) 1 where an action may be taken now; NULL: all may
} UpObs;

#ifdef __cplusplus
}
#endif
#endif
