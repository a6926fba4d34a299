// Spaces are data: what an observation or an action looks like. Names and meaning are Gymnasium's.
#ifndef UPHILL_SPACE_H
#define UPHILL_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/random.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum UpSpaceKind {
    UP_SPACE_BOX,            // `size` numbers, bounds in low and high
    UP_SPACE_DISCRETE,       // one integer in [0, n)
    UP_SPACE_MULTI_DISCRETE, // `size` integers, component i in [0, choices[i])
    UP_SPACE_MULTI_BINARY,   // `size` bits
    UP_SPACE_SEVERAL, // actions of several kinds at once, the entries of a Dict or Tuple, one
                      //   behind the other: at most UP_SPACE_BOUNDS components, each as
                      //   `choices` says
} UpSpaceKind;

// What a component of UP_SPACE_SEVERAL can be, in `choices`: a number between its bounds, a bit, or
// one of so many.
enum { UP_SPACE_NUMBER = 0, UP_SPACE_BIT = -1 };

// What a Box was declared as. Numbers travel as float32, pictures as bytes, whatever it is.
typedef enum UpDtype {
    UP_DTYPE_F32,
    UP_DTYPE_U8,
    UP_DTYPE_I64,
    UP_DTYPE_F16,
    UP_DTYPE_F64,
    UP_DTYPE_I8,
    UP_DTYPE_I16,
    UP_DTYPE_I32,
    UP_DTYPE_U16,
    UP_DTYPE_U32,
    UP_DTYPE_U64,
    UP_DTYPES
} UpDtype;

enum { UP_SPACE_DIMS = 4, UP_SPACE_BOUNDS = 64, UP_SPACE_PARTS = 16, UP_SPACE_NAME = 32 };

// One entry of a Dict or Tuple that was flattened: numbers first … first+size-1 of a row.
typedef struct UpSpacePart {
    char name[UP_SPACE_NAME]; // the Dict's key, or the Tuple's index
    int64_t first, size;
} UpSpacePart;

typedef struct UpSpace {
    UpSpaceKind kind;
    UpDtype dtype; // of a Box, 0 with the other kinds. Only a picture travels as bytes, all else as
                   //   float; a Box action of whole numbers is rounded by who takes it
    int64_t size;  // numbers in a flat row: 4 for CartPole's observation, 1 for Discrete
    int64_t n;     // Discrete: how many actions
    int dims;      // Box: how many entries of `shape` are used
    int64_t shape[UP_SPACE_DIMS];
    // Bounds of a Box's first UP_SPACE_BOUNDS components. Beyond them, or where all are alike, the
    // last entry that is set stands for the rest; `bounds` says how many are set (at least 1 for a
    // Box, `size` for several kinds).
    int bounds;
    float low[UP_SPACE_BOUNDS], high[UP_SPACE_BOUNDS];
    int64_t choices[UP_SPACE_BOUNDS]; // MultiDiscrete, and several kinds
    int parts;                        // 0, or of how many entries a Dict or Tuple was made
    UpSpacePart part[UP_SPACE_PARTS]; // the first of them, in order
} UpSpace;

UpSpace up_space_discrete(int64_t n);
UpSpace up_space_box(int64_t size, float low, float high);               // a float32 vector
UpSpace up_space_image(int64_t height, int64_t width, int64_t channels); // uint8, 0 to 255
// The spaces of `names` in this order as one, for actions; none of them is itself of several kinds.
// Its size is 0 where they have more components, or are more, than fit. A Box of whole numbers
// reaches half a number further at both ends, so that each has the same share of the line: who
// takes the action rounds.
UpSpace up_space_several(int count, const char *const *names, const UpSpace *spaces);
// Numbers in a one-hot row, as Gymnasium's flatten makes it: n of a Discrete, the sum of a
// MultiDiscrete's choices, one for a bit or a number.
int64_t up_space_flat(const UpSpace *space);
// What component i can be: one of so many choices, 2 for a bit; 0: a number.
int64_t up_space_choices(const UpSpace *space, int64_t component);
// Entries of a mask of such actions, one for each choice of each component, 1 where it may be
// taken: of a Discrete n, of a MultiDiscrete the sum of its choices, of a MultiBinary two for each
// bit (it may be 0, it may be 1), of numbers none. 0: they cannot be masked.
int64_t up_space_mask(const UpSpace *space);
// A Box of bytes, all of them from 0 to 255, in two or more dimensions. It is kept as bytes and
// read divided by 255; every other observation is numbers, which are read as they are.
// docs/spaces.md
bool up_space_is_picture(const UpSpace *space);
float up_space_low(const UpSpace *space, int64_t component);
float up_space_high(const UpSpace *space, int64_t component);
// Is every number of it a whole one? Of all kinds but a Box of floats.
bool up_space_is_whole(const UpSpace *space);
const char *up_dtype_name(UpDtype dtype); // NumPy's: "float32"

// Random values, `size` of them: uniform over a choice or a bounded Box, standard normal over an
// unbounded one. mask (up_space_mask): of the choices that are open, at least one of each; NULL:
// of all.
void up_space_random(const UpSpace *space, const uint8_t *mask, UpRng *rng, float *value);

// "Discrete(2)", "Box(-2, 2, (1,), float32)": Gymnasium's notation, cut to `capacity`.
void up_space_format(const UpSpace *space, char *text, int capacity);

#ifdef __cplusplus
}
#endif
#endif
