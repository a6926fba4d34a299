// Area resize against hashes of what OpenCV makes of the same pictures, recorded by
// tools/record_atari_preprocess.py.
#include "env/batch.h"

#include "env/wrappers/area_resize.h"

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
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
