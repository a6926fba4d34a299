// Rows of observations in each form: viewed, copied within a pool and out of it, gathered, saved.
#include <math.h>
#include <string.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/obs.h"

enum { ROWS = 4, DIM = 3, MASKS = 2, STACK = 2 };

static UpObs make(UpObsForm form, int64_t stack, UpArena *arena) {
    UpObs obs = {.form = form, .rows = ROWS, .dim = DIM, .stack = stack, .mask_size = MASKS};
    up__obs_create(&obs, arena);
    assert_int_equal(up_arena_status(arena), UP_OK);
    for (int i = 0; i < ROWS * DIM * (stack > 1 ? (int)stack : 1); i++) {
        if (obs.f32) obs.f32[i] = (float)i;
        if (obs.u8) obs.u8[i] = (uint8_t)i;
        if (obs.entry) obs.entry[i] = (UpSparseEntry)i;
    }
    for (int i = 0; i < ROWS; i++) {
        if (obs.count) obs.count[i] = (uint32_t)(i % DIM) + 1;
        obs.mask[i * MASKS] = (uint8_t)(i & 1);
        obs.mask[i * MASKS + 1] = (uint8_t)(i >> 1);
    }
    return obs;
}

// Number `d` of a row that make() wrote, wherever it lies; `frame` of its stack.
static double number(const UpObs *obs, int64_t row, int64_t frame, int64_t d) {
    int64_t at = (obs->frame ? obs->frame[row * obs->stack + frame] : row) * obs->dim + d;
    if (obs->f32) return (double)obs->f32[at];
    return obs->u8 ? obs->u8[at] : obs->entry[obs->begin[row] + (uint64_t)d];
}

static void assert_same(const UpObs *a, int64_t i, const UpObs *b, int64_t j) {
    int64_t numbers = a->count ? a->count[i] : DIM;
    if (a->count) assert_int_equal(a->count[i], b->count[j]);
    for (int64_t f = 0; f < (a->frame ? a->stack : 1); f++)
        for (int64_t d = 0; d < numbers; d++)
            assert_true(number(a, i, f, d) == number(b, j, f, d));
    assert_memory_equal(a->mask + i * MASKS, b->mask + j * MASKS, MASKS);
}

static const struct {
    UpObsForm form;
    int64_t stack;
} kinds[] = {
    {UP_OBS_F32, 1}, {UP_OBS_U8, 1}, {UP_OBS_SPARSE, 1}, {UP_OBS_F32, STACK}, {UP_OBS_U8, STACK}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void test_view(void **state) {
    (void)state;
    UpArena arena = {0};
    for (int k = 0; k < KINDS; k++) {
        UpObs obs = make(kinds[k].form, kinds[k].stack, &arena), view = up__obs_view(&obs, 1, 2);
        assert_int_equal(view.rows, 2);
        for (int i = 0; i < 2; i++)
            assert_same(&view, i, &obs, i + 1);
    }
    up_arena_free(&arena);
}

static void test_copy_within(void **state) {
    (void)state;
    UpArena arena = {0};
    for (int k = 0; k < KINDS; k++) {
        UpObs obs = make(kinds[k].form, kinds[k].stack, &arena);
        UpObs as_it_was = make(kinds[k].form, kinds[k].stack, &arena);
        up__obs_copy(&obs, 1, &obs, 3);
        assert_same(&obs, 3, &as_it_was, 1);
        for (int i = 0; i < 3; i++)
            assert_same(&obs, i, &as_it_was, i);
    }
    up_arena_free(&arena);
}

// Sparse rows go to the slots of the other pool.
static void test_copy_out(void **state) {
    (void)state;
    UpArena arena = {0};
    for (int k = 0; k < 3; k++) {
        UpObs obs = make(kinds[k].form, 1, &arena), to = make(kinds[k].form, 1, &arena);
        up__obs_copy(&obs, 2, &to, 0);
        assert_same(&to, 0, &obs, 2);
        assert_same(&to, 1, &obs, 1);
        if (to.begin) assert_int_equal(to.begin[0], 0);
    }
    up_arena_free(&arena);
}

static void test_gather(void **state) {
    (void)state;
    static const uint32_t cell[] = {3, 0, 3};
    UpArena arena = {0};
    for (int k = 0; k < KINDS; k++) {
        UpObs obs = make(kinds[k].form, kinds[k].stack, &arena), to;
        up__obs_create_pointing(&to, &obs, ROWS, &arena);
        up__obs_gather(&obs, cell, 3, &to);
        assert_int_equal(to.rows, 3);
        for (int i = 0; i < 3; i++)
            assert_same(&to, i, &obs, cell[i]);
        assert_true(to.entry == obs.entry); // no entry was copied, nor a frame of a stack
        if (to.frame) assert_true(to.f32 == obs.f32 && to.u8 == obs.u8);
    }
    up_arena_free(&arena);
}

static void test_save(void **state) {
    (void)state;
    UpArena arena = {0};
    for (int k = 0; k < KINDS; k++) {
        unsigned char bytes[ROWS * STACK * DIM * sizeof(float)];
        UpObs obs = make(kinds[k].form, kinds[k].stack, &arena);
        if (obs.entry) continue;
        if (obs.frame) obs.frame[0] = 5; // a row's frames lie anywhere
        up__obs_save(&obs, bytes);
        size_t size = up__obs_frame_bytes(&obs);
        for (size_t i = 0; i < (size_t)(ROWS * obs.stack); i++)
            assert_memory_equal(bytes + i * size,
                                up__obs_frames(&obs) + (obs.frame ? obs.frame[i] : i) * size, size);
    }
    up_arena_free(&arena);
}

static void test_finite(void **state) {
    (void)state;
    UpArena arena = {0};
    UpObs obs = make(UP_OBS_F32, 1, &arena);
    obs.f32[DIM + 2] = NAN;
    obs.f32[3 * DIM] = -INFINITY;
    for (int i = 0; i < ROWS; i++)
        assert_int_equal(up__obs_is_finite(&obs, i), i % 2 == 0);
    up_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view),     cmocka_unit_test(test_copy_within),
        cmocka_unit_test(test_copy_out), cmocka_unit_test(test_gather),
        cmocka_unit_test(test_save),     cmocka_unit_test(test_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
