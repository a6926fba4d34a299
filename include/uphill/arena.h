// Memory by lifetime. An arena hands out zeroed, 64-byte aligned memory and gives all of it back at
// once. The training loop allocates from two of them before its first step and never again.
#ifndef UPHILL_ARENA_H
#define UPHILL_ARENA_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct UpArenaBlock UpArenaBlock;

// Zero-initialise it (`UpArena arena = {0};`), then it is ready.
typedef struct UpArena {
    UpArenaBlock *last; // blocks, newest first
    size_t total;       // bytes handed out so far
} UpArena;

// `count` elements of `size` bytes, zeroed, valid until up_arena_free. NULL when memory has run out
// (the message is then set; `return up_fail` is not needed, return UP_MEMORY).
void *up_arena_alloc(UpArena *arena, size_t count, size_t size);

// Gives everything back; the arena can be used again.
void up_arena_free(UpArena *arena);

#ifdef __cplusplus
}
#endif
#endif
