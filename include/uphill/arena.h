// Memory by lifetime. An arena hands out zeroed, 64-byte aligned memory and gives all of it back at
// once. The training loop allocates from two of them before its first step and never again.
#ifndef UPHILL_ARENA_H
#define UPHILL_ARENA_H

#include <stddef.h>

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct UpArenaBlock UpArenaBlock;

// Zero-initialise it (`UpArena arena = {0};`), then it is ready.
typedef struct UpArena {
    UpArenaBlock *last; // blocks, newest first
    size_t total;       // bytes handed out so far
    size_t failed;      // bytes of the request that could not be met; 0: all were
} UpArena;

// `count` elements of `size` bytes, zeroed, valid until up_arena_free. NULL when memory has run
// out, and from then on. So ask for all that is needed, and look once before the first use:
//
//     a = up_arena_alloc(arena, n, sizeof *a);
//     b = up_arena_alloc(arena, n, sizeof *b);
//     UP_TRY(up_arena_status(arena));
void *up_arena_alloc(UpArena *arena, size_t count, size_t size);

// UP_MEMORY, with its message, where a request could not be met.
UpStatus up_arena_status(const UpArena *arena);

// Gives everything back; the arena can be used again.
void up_arena_free(UpArena *arena);

#ifdef __cplusplus
}
#endif
#endif
