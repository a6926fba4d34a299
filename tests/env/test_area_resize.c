// Area resize against hashes of what OpenCV makes of the same pictures, recorded by
// tools/record_atari_preprocess.py, and the screens that go into it.
#include "env/batch.h"

#include "env/atari/machine.h"
#include "env/wrappers/atari_view.h"

enum { WIDTH = 160, HEIGHT_MAX = 250, SIDE_MAX = WIDTH };

static uint8_t picture[HEIGHT_MAX * WIDTH * 3], different[HEIGHT_MAX * WIDTH * 3];
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
static UpAreaRows whole_rows(int height) {
    UpAreaRows rows = {.count = height, .row = picture};
    for (int y = 0; y < height; y++)
        rows.number[y] = (int16_t)y;
    return rows;
}

static UpAreaRows rows_once(int height, int row) {
    UpAreaRows rows = {.row = different};
    for (int y = 0; y < height; y++) {
        const uint8_t *from = picture + y * row;
        if (y == 0 || memcmp(from, from - row, (size_t)row) != 0)
            memcpy(different + rows.count++ * row, from, (size_t)row);
        rows.number[y] = (int16_t)(rows.count - 1);
    }
    return rows;
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
        UpAreaRows whole = whole_rows(height), once = rows_once(height, width * channels);
        assert_true(once.count < whole.count);
        up__area_resize(&area, &once, again);
        up__area_resize(&area, &whole, result);
        assert_memory_equal(again, result, (size_t)(size * size * channels));
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
            UpAreaRows whole = whole_rows(210);
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
    UpAreaRows whole = whole_rows(210);
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
            up__atari_view_see(&view, 1, a, round % 2 ? b : NULL);
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
        cmocka_unit_test(test_recorded),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
