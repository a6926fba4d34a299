// Area resize against hashes of what OpenCV makes of the same pictures, recorded by
// tools/record_atari_preprocess.py.
#include "env/batch.h"

#include "env/wrappers/area_resize.h"

enum { WIDTH = 160, HEIGHT_MAX = 250, SIDE_MAX = WIDTH };

static uint8_t picture[HEIGHT_MAX * WIDTH * 3], result[SIDE_MAX * SIDE_MAX * 3];

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
        up__area_resize(&area, picture, result);
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
            up__area_resize(&area, picture, to);
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
