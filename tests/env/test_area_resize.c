// Area resize against hashes of what OpenCV makes of the same pictures, recorded by
// tools/record_atari_preprocess.py, and the screens that go into it.
#include "env/batch.h"

#include "env/atari/machine.h"
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

// The picture as it stands, and with the rows that repeat kept once.
static UpAreaRows whole_rows(int height, int row) {
    UpAreaRows rows = {0};
    for (int y = 0; y < height; y++)
        rows.row[y] = picture + y * row;
    return rows;
}

static UpAreaRows rows_once(int height, int row) {
    UpAreaRows rows = whole_rows(height, row);
    for (int y = 1; y < height; y++)
        if (memcmp(rows.row[y], rows.row[y - 1], (size_t)row) == 0) rows.row[y] = rows.row[y - 1];
    return rows;
}

// The same result when the picture came about row by row, and only what changed was looked at.
static void check_changes(const UpArea *area, const UpAreaRows *rows, size_t size) {
    uint8_t changed[HEIGHT_MAX] = {0};
    static uint8_t black[WIDTH * 3];
    UpAreaRows partly = {.changed = changed};
    memset(again, 0, sizeof again); // of a black picture
    for (int part = 0; part < 3; part++) {
        for (int y = 0; y < area->height; y++) {
            bool drawn = y % 9 <= 3 * part + 2;
            changed[y] = drawn && y % 9 >= 3 * part;
            partly.row[y] = drawn ? rows->row[y] : black;
        }
        up__area_resize(area, &partly, again);
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
        UpAreaRows whole = whole_rows(height, width * channels);
        UpAreaRows once = rows_once(height, width * channels);
        up__area_resize(&area, &once, again);
        up__area_resize(&area, &whole, result);
        assert_memory_equal(again, result, (size_t)(size * size * channels));
        check_changes(&area, &whole, (size_t)(size * size * channels));
        if (hash_bytes(0, result, (size_t)(size * size * channels)) != hash)
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
            UpAreaRows whole = whole_rows(210, WIDTH * channels);
            up__area_resize(&area, &whole, to);
            for (size_t i = 0; i < bytes + 64; i++)
                assert_int_equal(to[i], i < bytes ? 77 : 0xA5);
            free(to);
            up_arena_free(&arena);
        }
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
    UpAreaRows whole = whole_rows(210, WIDTH * view->area.channels);
    up__area_resize(&view->area, &whole, result);
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

// Screens of which only the rows that changed are marked, now and then without the marks.
static void test_marks(void **state) {
    (void)state;
    const UpAtariPalette *palette = up__atari_palette(false);
    UpConsoleInfo info = {210, WIDTH, -1, &palette->rgb[0][0], palette->grey};
    static uint8_t screen[2][210 * WIDTH], touched[2][210];
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
        hold_maximum(newest, info.grey, 1, true);
        if (other) hold_maximum(other, info.grey, 1, false);
        check_view(&view);
    }
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
        cmocka_unit_test(test_view),     cmocka_unit_test(test_marks),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
