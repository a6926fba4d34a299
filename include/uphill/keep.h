// What must last. Whoever owns a number or an array that the future of a run depends on registers
// it here once, by name; saving and loading a checkpoint are one loop over these rows.
#ifndef UPHILL_KEEP_H
#define UPHILL_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/arena.h"
#include "uphill/random.h"
#include "uphill/status.h"
#include "uphill/tensors.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { UP_KEEP_MAX = 64, UP_RNG_WORDS = sizeof(UpRng) / sizeof(uint64_t) };

// A tensor of the file or, for single numbers and texts, an entry of its metadata. Names are
// borrowed.
typedef struct UpKept {
    const char *name;
    enum { UP_KEEP_TENSOR, UP_KEEP_INT, UP_KEEP_REAL, UP_KEEP_TEXT } kind;
    UpTensorType type; // of a tensor
    void *data;        // (count), borrowed: saved from here, loaded to here
    int64_t count;     // numbers in it; where `used` is set, the room for them; bytes of a text
    int64_t *used;     // numbers that are in it now, where that changes; else NULL
    bool (*possible)(const void *data, int64_t count); // of a tensor; NULL: any numbers are
    bool optional; // a file without it, or with one of another size, leaves it as it is
} UpKept;

// Zero-initialise it.
typedef struct UpKeep {
    UpKept item[UP_KEEP_MAX];
    int items;                     // UP_KEEP_MAX + 1: more were registered than there is room for
    UpStatus (*after)(void *user); // up_keep_after's
    void *user;
} UpKeep;

// Each returns its row, whose `optional` the caller may set.
UpKept *up_keep(UpKeep *keep, const char *name, UpTensorType type, void *data, int64_t count);
// An array of which *used numbers matter, at most `room`.
UpKept *up_keep_some(UpKeep *keep, const char *name, UpTensorType type, void *data, int64_t *used,
                     int64_t room);
UpKept *up_keep_int(UpKeep *keep, const char *name, int64_t *value); // 0 to 2^53
UpKept *up_keep_real(UpKeep *keep, const char *name, double *value); // exact, NAN and infinity, too
// A text of at most `room` bytes, with the 0 that ends it.
UpKept *up_keep_text(UpKeep *keep, const char *name, char *text, int64_t room);
UpKept *up_keep_random(UpKeep *keep, const char *name, UpRng *rng, int64_t count);
// Counts: whole numbers from 0 to 2^53.
UpKept *up_keep_counts(UpKeep *keep, const char *name, int64_t *value, int64_t count);

// Called once all rows were loaded: who keeps several arrays looks whether they fit each other, and
// makes anew what follows from them. One at most.
void up_keep_after(UpKeep *keep, UpStatus (*after)(void *user), void *user);

size_t up_kept_bytes(const UpKept *kept); // of its room

// What a checkpoint is written from. Zero-initialise it.
enum { UP_SAVING_TENSORS = 192, UP_SAVING_METAS = 64 };
typedef struct UpSaving {
    UpTensor tensor[UP_SAVING_TENSORS];
    int tensors;
    UpMeta meta[UP_SAVING_METAS];
    int metas;
} UpSaving;

// Adds all rows. What they point to is borrowed until the file is written; texts of numbers come
// from `arena`.
UpStatus up_keep_save(const UpKeep *keep, UpSaving *saving, UpArena *arena);
// Fills all rows. UP_MISMATCH names the first tensor that is absent or has another size, UP_FORMAT
// a number that is none; what was read before it stays read.
UpStatus up_keep_load(const UpKeep *keep, const UpTensorFile *file);

#ifdef __cplusplus
}
#endif
#endif
