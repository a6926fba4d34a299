// What a test's own malloc stands on: the C library's, or that of GCC's address sanitizer, which
// then sees what a failed allocation leaves behind. CAN_REPLACE is 0 where neither can be had.
#ifndef UP_TESTS_ALLOCATOR_H
#define UP_TESTS_ALLOCATOR_H

#include <stdlib.h> // which says __GLIBC__

#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CAN_REPLACE 0
#endif
#endif

#if defined CAN_REPLACE || defined __SANITIZE_THREAD__ || !defined __GLIBC__
#undef CAN_REPLACE
#define CAN_REPLACE 0
#elif defined __SANITIZE_ADDRESS__
#define CAN_REPLACE 1
#define SYSTEM(name) __interceptor_##name
#define UNWATCHED __attribute__((no_sanitize("address", "undefined"))) // called before it is ready
#else
#define CAN_REPLACE 1
#define SYSTEM(name) __libc_##name
#define UNWATCHED
#endif

#if CAN_REPLACE
extern void *SYSTEM(malloc)(size_t size);
extern void *SYSTEM(calloc)(size_t count, size_t size);
extern void *SYSTEM(realloc)(void *memory, size_t size);
#endif

#endif
