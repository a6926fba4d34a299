// This program's own malloc and free, which count while `counting` is set. They stand before the C
// library's for the whole process, shared libraries included. Include it in one file of a program.
#ifndef UP_TESTS_COUNTING_H
#define UP_TESTS_COUNTING_H

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED
#endif

static atomic_bool counting;
static atomic_int allocations, frees;
static atomic_int failing; // the number of the allocation that fails, from 1; 0: none

#if defined __GLIBC__ && !defined SANITIZED
enum { CAN_COUNT = 1 };

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *pointer);

static void count(atomic_int *counter) {
    if (atomic_load(&counting)) atomic_fetch_add(counter, 1);
}

// Counts an allocation; false where it shall fail.
static bool grant(void) {
    if (!atomic_load(&counting)) return true;
    int number = atomic_fetch_add(&allocations, 1) + 1;
    if (number != atomic_load(&failing)) return true;
    errno = ENOMEM;
    return false;
}

void *malloc(size_t size) {
    return grant() ? __libc_malloc(size) : NULL;
}

void *calloc(size_t number, size_t size) {
    return grant() ? __libc_calloc(number, size) : NULL;
}

void *realloc(void *old, size_t size) {
    return grant() ? __libc_realloc(old, size) : NULL;
}

void *aligned_alloc(size_t alignment, size_t size) {
    return grant() ? __libc_memalign(alignment, size) : NULL;
}

void *memalign(size_t alignment, size_t size) {
    return grant() ? __libc_memalign(alignment, size) : NULL;
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    *result = grant() ? __libc_memalign(alignment, size) : NULL;
    return *result ? 0 : ENOMEM;
}

void free(void *pointer) {
    if (pointer) count(&frees);
    __libc_free(pointer);
}
#else
enum { CAN_COUNT = 0 };
#endif

#endif
