#include "uphill/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "uphill/status.h"

enum { ALIGNMENT = 64, BLOCK_SIZE = 1 << 16 };

// The header fills one alignment unit, so that what follows is aligned too.
struct UpArenaBlock {
    _Alignas(ALIGNMENT) UpArenaBlock *previous;
    size_t used, capacity; // bytes behind the header
};

static UpArenaBlock *block_create(size_t capacity) {
    // calloc gives untouched zero pages for large blocks: a buffer that is never written costs
    // nothing. The address that free() wants is kept in front of the aligned header.
    void *memory = calloc(1, sizeof(void *) + ALIGNMENT + sizeof(UpArenaBlock) + capacity);
    if (!memory) return NULL;
    uintptr_t address = (uintptr_t)memory + sizeof(void *) + ALIGNMENT - 1;
    UpArenaBlock *block = (UpArenaBlock *)(address & ~(uintptr_t)(ALIGNMENT - 1));
    ((void **)block)[-1] = memory;
    block->capacity = capacity;
    return block;
}

UpStatus up_arena_status(const UpArena *arena) {
    if (!arena->failed) return UP_OK;
    if (arena->failed == SIZE_MAX)
        return up_fail(UP_MEMORY, "out of memory: an array is larger than the address space");
    return up_fail(UP_MEMORY, "out of memory: %zu bytes asked for, %zu in use", arena->failed,
                   arena->total);
}

static void *refuse(UpArena *arena, size_t bytes) {
    if (!arena->failed) arena->failed = bytes;
    up_arena_status(arena);
    return NULL;
}

void *up_arena_alloc(UpArena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2)
        return refuse(arena, SIZE_MAX);
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes == 0) bytes = ALIGNMENT;
    if (arena->failed) return refuse(arena, bytes);
    UpArenaBlock *block = arena->last;
    if (!block || block->capacity - block->used < bytes) {
        block = block_create(bytes > BLOCK_SIZE ? bytes : BLOCK_SIZE);
        if (!block) return refuse(arena, bytes);
        block->previous = arena->last;
        arena->last = block;
    }
    void *result = (unsigned char *)(block + 1) + block->used;
    block->used += bytes;
    arena->total += bytes;
    return result;
}

void up_arena_free(UpArena *arena) {
    for (UpArenaBlock *block = arena->last; block;) {
        UpArenaBlock *previous = block->previous;
        free(((void **)block)[-1]);
        block = previous;
    }
    *arena = (UpArena){0};
}
