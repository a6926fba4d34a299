// Area resize against hashes of what OpenCV makes of the same pictures, recorded by
// tools/record_atari_preprocess.py, and the screens that go into it.
#include "env/batch.h"

#include "env/atari/machine/machine.h"
#include "env/wrappers/atari_view.h"

enum { WIDTH = 160, HEIGHT_MAX = 250, SIDE_MAX = WIDTH };

static uint8_t picture[HEIGHT_MAX * WIDTH * 3];
static uint8_t result[SIDE_MAX * SIDE_MAX * 3], again[SIDE_MAX * SIDE_MAX * 3];

// The recorder's pictures: every third row repeats the one above.
static void draw(int height, int channels) {
    uint32_t state = 1;
    int row = WIDTH * channels;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < row; x++) {
            if (y % 3 == 1) {
                picture[y * row + x] = picture[(y - 1) * row + x];
                continue;
            }
            state = state * 1664525U + 1013904223U;
            picture[y * row + x] = (uint8_t)(state >> 24);
        }
}

// The same result when the picture came about row by row, and only what changed was looked at.
static void check_changes(const UpArea *area, size_t size) {
    static uint8_t part[sizeof picture];
    size_t row = (size_t)(area->width * area->channels);
    memset(part, 0, sizeof part);
    memset(again, 0, sizeof again); // of a black picture
    for (int step = 0; step < 3; step++) {
        uint64_t rows[UP__AREA_WORDS] = {0};
        for (int y = 0; y < area->height; y++) {
            if (y % 9 / 3 != step) continue;
            memcpy(part + (size_t)y * row, picture + (size_t)y * row, row);
            up__area_mark(area, y, rows);
        }
        up__area_resize(area, part, rows, again);
    }
    assert_memory_equal(again, result, size);
}

static void test_recorded(void **state) {
    (void)state;
    FILE *file = fopen(UP_TEST_DATA "/area_resize.txt", "r");
    int height, width, channels, size, lines = 0;
    unsigned long long hash;
    assert_non_null(file);
    while (fscanf(file, "%d %d %d %d %llx", &height, &width, &channels, &size, &hash) == 5) {
        UpArena arena = {0};
        UpArea area;
        assert_ok(up__area_create(&area, width, height, channels, size, &arena));
        draw(height, channels);
        size_t bytes = (size_t)(size * size * channels);
        up__area_resize(&area, picture, NULL, result);
        check_changes(&area, bytes);
        area.kernels = &up__area_plain;
        up__area_resize(&area, picture, NULL, again);
        assert_memory_equal(again, result, bytes);
        if (hash_bytes(0, result, bytes) != hash)
            fail_msg("%d x %d, %d channels, to %d: not OpenCV's", height, width, channels, size);
        up_arena_free(&arena);
        lines++;
    }
    fclose(file);
    assert_int_equal(lines, 60);
}

// What is behind the result stays as it is, whatever the size.
static void test_bounds(void **state) {
    (void)state;
    for (int size = 1; size <= SIDE_MAX; size++)
        for (int channels = 1; channels <= 3; channels += 2) {
            UpArena arena = {0};
            UpArea area;
            assert_ok(up__area_create(&area, WIDTH, 210, channels, size, &arena));
            size_t bytes = (size_t)(size * size * channels);
            uint8_t *to = malloc(bytes + 64);
            memset(to, 0xA5, bytes + 64);
            memset(picture, 77, sizeof picture); // even a picture in one colour
            up__area_resize(&area, picture, NULL, to);
            for (size_t i = 0; i < bytes + 64; i++)
                assert_int_equal(to[i], i < bytes ? 77 : 0xA5);
            free(to);
            up_arena_free(&arena);
        }
}

// Rows of the result that nothing marked are left alone.
static void test_marked(void **state) {
    (void)state;
    UpArena arena = {0};
    UpArea area;
    assert_ok(up__area_create(&area, WIDTH, 210, 1, 84, &arena));
    memset(picture, 77, sizeof picture);
    for (int y = 0; y < 210; y++) {
        uint64_t rows[UP__AREA_WORDS] = {0};
        int first = 2 * (y / 5) + (y % 5 > 2), last = 2 * (y / 5) + (y % 5 > 1); // 5 make 2
        memset(result, 0xA5, sizeof result);
        up__area_mark(&area, y, rows);
        up__area_resize(&area, picture, rows, result);
        for (int i = 0; i < 84 * 84; i++)
            assert_int_equal(result[i], i / 84 < first || i / 84 > last ? 0xA5 : 77);
    }
    up_arena_free(&arena);
}

// What AtariPreprocessing holds of the screens, as a plain program would compute it.
static void hold_maximum(const uint8_t *screen, const uint8_t *colour, int channels, bool anew) {
    for (int i = 0; i < 210 * WIDTH; i++)
        for (int c = 0; c < channels; c++) {
            uint8_t *to = &picture[i * channels + c], value = colour[screen[i] * channels + c];
            *to = anew || value > *to ? value : *to;
        }
}

static void draw_screen(uint8_t *screen, int seed) {
    UpRng rng;
    up_rng_seed(&rng, (uint64_t)seed);
    for (int y = 0; y < 210; y++) {
        uint8_t *row = screen + y * WIDTH;
        if (y % 5)
            memcpy(row, row - WIDTH, WIDTH);
        else
            for (int x = 0; x < WIDTH; x++)
                row[x] = (uint8_t)up_rng_integers(&rng, 0, 256);
    }
}

static void check_view(const UpAtariView *view) {
    up__area_resize(&view->area, picture, NULL, result);
    up__atari_view_write(view, 1, again);
    assert_memory_equal(again, result, (size_t)(84 * 84 * view->area.channels));
}

static void test_view(void **state) {
    (void)state;
    const UpAtariPalette *palette = up__atari_palette(false);
    UpConsoleInfo info = {210, WIDTH, -1, &palette->rgb[0][0], palette->grey};
    static uint8_t a[210 * WIDTH], b[210 * WIDTH];
    for (int channels = 1; channels <= 3; channels += 2) {
        UpEnvDef def = up_env_def_default();
        UpArena arena = {0};
        UpAtariView view;
        def.grayscale_obs = channels == 1;
        const uint8_t *colour = channels == 1 ? info.grey : info.rgb;
        assert_ok(up__atari_view_create(&view, &def, &info, 2, &arena));
        for (int round = 0; round < 4; round++) {
            draw_screen(a, 2 * round);
            draw_screen(b, 2 * round + 1);
            memcpy(b, a, 100 * WIDTH); // equal in part
            up__atari_view_see(&view, 1, &(UpAtariScreens){a, round % 2 ? b : NULL, {0}});
            hold_maximum(a, colour, channels, true);
            if (round % 2) hold_maximum(b, colour, channels, false);
            check_view(&view);
            draw_screen(b, 100 + round);
            up__atari_view_add(&view, 1, b);
            hold_maximum(b, colour, channels, false);
            check_view(&view);
        }
        up_arena_free(&arena);
    }
}

// Screens of which only the rows that changed are marked, now and then without the marks, or with a
// third one.
static void test_marks(void **state) {
    (void)state;
    const UpAtariPalette *palette = up__atari_palette(false);
    UpConsoleInfo info = {210, WIDTH, -1, &palette->rgb[0][0], palette->grey};
    static uint8_t screen[2][210 * WIDTH], third[210 * WIDTH], touched[2][210];
    UpEnvDef def = up_env_def_default();
    UpArena arena = {0};
    UpAtariView view;
    UpRng rng;
    up_rng_seed(&rng, 11);
    assert_ok(up__atari_view_create(&view, &def, &info, 2, &arena));
    memset(touched, 1, sizeof touched);
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 30; i++) {
            int64_t which = up_rng_integers(&rng, 0, 2), y = up_rng_integers(&rng, 0, 210);
            screen[which][y * WIDTH + up_rng_integers(&rng, 0, WIDTH)] = (uint8_t)up_rng_u32(&rng);
            touched[which][y] = 1;
        }
        uint8_t *newest = screen[round % 2], *other = round % 7 == 3 ? NULL : screen[1 - round % 2];
        UpAtariScreens screens = {newest, other, {touched[round % 2], touched[1 - round % 2]}};
        if (round % 9 == 5) screens.touched[0] = NULL;
        up__atari_view_see(&view, 1, &screens);
        for (int y = 0; other && screens.touched[0] && y < 210; y++)
            assert_false(touched[0][y] || touched[1][y]);
        hold_maximum(newest, info.grey, 1, true);
        if (other) hold_maximum(other, info.grey, 1, false);
        check_view(&view);
        if (round % 11 != 6) continue;
        draw_screen(third, round);
        up__atari_view_add(&view, 1, third);
        hold_maximum(third, info.grey, 1, false);
        check_view(&view);
    }
    up_arena_free(&arena);
}

// All ways to hold a row, with greys of our own. Rows are of even bytes, or of any, and half of
// them are equal on both screens.
static void check_hold(const UpAtariView *view, UpAtariHold hold) {
    UpRng rng;
    up_rng_seed(&rng, 5);
    for (int round = 0; round < 400; round++) {
        uint8_t a[WIDTH], b[WIDTH], held[WIDTH + 1] = {0}, expected[WIDTH + 1] = {0};
        for (int x = 0; x < WIDTH; x++) {
            a[x] = (uint8_t)(up_rng_u32(&rng) & (round & 2 ? 0xFF : 0xFE));
            b[x] = (uint8_t)(round & 1 ? a[x] : up_rng_u32(&rng) & (round & 4 ? 0xFF : 0xFE));
            expected[x] =
                view->colour[a[x]] > view->colour[b[x]] ? view->colour[a[x]] : view->colour[b[x]];
        }
        assert_true(hold(view, a, b, held));
        assert_memory_equal(held, expected, sizeof held);
        assert_false(hold(view, a, b, held));
        held[round % WIDTH] ^= 1;
        assert_true(hold(view, a, b, held));
        assert_memory_equal(held, expected, sizeof held);
    }
}

static void test_hold(void **state) {
    (void)state;
    uint8_t grey[256];
    UpConsoleInfo info = {.height = 210, .width = WIDTH, .grey = grey};
    UpEnvDef def = up_env_def_default();
    UpArena arena = {0};
    UpAtariView view;
    for (int i = 0; i < 256; i++)
        grey[i] = (uint8_t)(i * 149 + 31);
    assert_ok(up__atari_view_create(&view, &def, &info, 1, &arena));
    check_hold(&view, up__atari_hold_plain);
    if (up__atari_hold_avx2(&view)) check_hold(&view, up__atari_hold_avx2(&view));
    if (up__atari_hold_avx512(&view)) check_hold(&view, up__atari_hold_avx512(&view));
    up_arena_free(&arena);
}

static void test_refused(void **state) {
    (void)state;
    UpArena arena = {0};
    UpArea area;
    assert_int_equal(up__area_create(&area, 160, 210, 1, 161, &arena), UP_USAGE);
    assert_int_equal(up__area_create(&area, 320, 210, 1, 84, &arena), UP_USAGE);
    assert_int_equal(up__area_create(&area, 160, 210, 1, 0, &arena), UP_USAGE);
    up_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded), cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_marked),   cmocka_unit_test(test_view),
        cmocka_unit_test(test_marks),    cmocka_unit_test(test_hold),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
