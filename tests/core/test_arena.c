// Arenas: zeroed, aligned memory that does not overlap, requests that cannot be met, reuse.
#include <string.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "uphill/arena.h"
#include "uphill/random.h"
#include "uphill/status.h"

// The sanitizers' allocators abort where the C library's returns NULL, unless they are told so.
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void);
const char *__tsan_default_options(void) {
    return "allocator_may_return_null=1";
}

enum { PARTS = 500 };

static void check_parts(UpArena *arena, uint64_t seed) {
    static unsigned char *part[PARTS];
    static size_t size[PARTS];
    UpRng rng;
    up_rng_seed(&rng, seed);
    for (int i = 0; i < PARTS; i++) {
        // Most are small, some larger than a block.
        size[i] = (size_t)up_rng_integers(&rng, 0, i % 50 ? 700 : 200000);
        part[i] = up_arena_alloc(arena, size[i], 1);
        assert_non_null(part[i]);
        assert_int_equal((uintptr_t)part[i] % 64, 0);
        for (size_t b = 0; b < size[i]; b++)
            assert_int_equal(part[i][b], 0);
        memset(part[i], i % 255 + 1, size[i]);
    }
    for (int i = 0; i < PARTS; i++) // nobody wrote into a neighbour
        for (size_t b = 0; b < size[i]; b++)
            assert_int_equal(part[i][b], i % 255 + 1);
}

static void test_parts(void **state) {
    (void)state;
    UpArena arena = {0};
    check_parts(&arena, 1);
    assert_true(arena.total > PARTS * 300);
    up_arena_free(&arena);
    assert_null(arena.last);
    assert_int_equal(arena.total, 0);
    check_parts(&arena, 2); // it can be used again
    up_arena_free(&arena);
    up_arena_free(&arena); // and freed twice
}

static void test_impossible(void **state) {
    (void)state;
    UpArena arena = {0};
    assert_non_null(up_arena_alloc(&arena, 10, 1));
    assert_int_equal(up_arena_status(&arena), UP_OK);
    size_t many = ((size_t)1 << 61) + 1; // times 8 it is 8, where a product wraps around
    assert_null(up_arena_alloc(&arena, many, 8));
    assert_non_null(strstr(up_error(), "larger than the address space"));
    // It remembers: nothing comes after it, and whoever asks is told, whatever else went wrong.
    size_t total = arena.total;
    assert_null(up_arena_alloc(&arena, 10, 1));
    assert_int_equal(arena.total, total);
    up_fail(UP_USAGE, "something else");
    assert_int_equal(up_arena_status(&arena), UP_MEMORY);
    assert_non_null(strstr(up_error(), "larger than the address space"));

    static const size_t huge[] = {SIZE_MAX, SIZE_MAX - 100, (size_t)1 << 62};
    for (int i = 0; i < 3; i++) {
        up_arena_free(&arena); // then it is as new
        assert_int_equal(up_arena_status(&arena), UP_OK);
        assert_null(up_arena_alloc(&arena, huge[i], 1));
        assert_int_equal(up_arena_status(&arena), UP_MEMORY);
        assert_memory_equal(up_error(), "out of memory: ", 15);
    }
    up_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_impossible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
