// pong80 of real frames against the documents' steps, written out plainly here.
#include "scratch.h"

#include "env/wrappers/pong80.h"
#include "uphill/random.h"

enum { HEIGHT = 210, WIDTH = 160, INSTANCES = 3 };

static uint8_t screen[HEIGHT * WIDTH * 3];

// I = I[35:195]; I = I[::2, ::2, 0]; I[I == 144] = 0; I[I == 109] = 0; I[I != 0] = 1
static void documents_frame(const uint8_t *rgb, int *binary) {
    for (int row = 35, y = 0; row < 195; row += 2, y++)
        for (int column = 0, x = 0; column < WIDTH; column += 2, x++) {
            int value = rgb[(row * WIDTH + column) * 3];
            if (value == 144) value = 0;
            if (value == 109) value = 0;
            binary[y * 80 + x] = value != 0;
        }
}

static void expand(const UpSparseEntry *entry, uint32_t count, int *dense) {
    memset(dense, 0, UP__PONG80_DIM * sizeof *dense);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) assert_true(entry[i] >> 1 > entry[i - 1] >> 1);
        dense[entry[i] >> 1] = entry[i] & 1 ? -1 : 1;
    }
}

// A screen of random bytes, many of them the ones that are erased.
static void draw_noise(UpRng *rng) {
    static const uint8_t special[] = {0, 144, 109, 143, 145, 108, 110, 255, 16, 128};
    for (int i = 0; i < HEIGHT * WIDTH * 3; i++) {
        uint32_t bits = up_rng_u32(rng);
        screen[i] = bits & 1 ? special[(bits >> 1) % 10] : (uint8_t)(bits >> 24);
    }
}

static void test_documents(void **state) {
    (void)state;
    UpArena arena = {0};
    UpPong80 pong80;
    assert_ok(up__pong80_create(&pong80, INSTANCES, &arena));
    UpRng rng;
    up_rng_seed(&rng, 1);
    static int previous[INSTANCES][UP__PONG80_DIM], now[UP__PONG80_DIM], dense[UP__PONG80_DIM];
    static UpSparseEntry entry[UP__PONG80_DIM];
    static uint8_t red[UP__PONG80_DIM];
    uint32_t count;
    for (int frame = 0; frame < 40; frame++)
        for (int i = 0; i < INSTANCES; i++) {
            bool first = frame % (7 + i) == 0; // of an episode
            draw_noise(&rng);
            documents_frame(screen, now);
            if (first) up__pong80_reset(&pong80, i);
            up__pong80_sample(screen, red);
            up__pong80_apply(&pong80, i, red, entry, &count);
            expand(entry, count, dense);
            for (int j = 0; j < UP__PONG80_DIM; j++)
                assert_int_equal(dense[j], first ? 0 : now[j] - previous[i][j]);
            memcpy(previous[i], now, sizeof now);
        }
    up_arena_free(&arena);
}

// Saved bits, loaded elsewhere, give the same difference.
static void test_state(void **state) {
    (void)state;
    UpArena arena = {0};
    UpPong80 first, second;
    assert_ok(up__pong80_create(&first, INSTANCES, &arena));
    assert_ok(up__pong80_create(&second, INSTANCES, &arena));
    UpRng rng;
    up_rng_seed(&rng, 2);
    static UpSparseEntry entry[2][UP__PONG80_DIM];
    static uint8_t red[UP__PONG80_DIM];
    uint32_t count[2];
    draw_noise(&rng);
    up__pong80_sample(screen, red);
    up__pong80_apply(&first, 0, red, entry[0], count);
    up__pong80_apply(&first, 2, red, entry[0], count); // 1 waits for its first frame

    void *bytes = up_arena_alloc(&arena, 1, up__pong80_state_size(&first));
    assert_int_equal(up__pong80_state_size(&first) % 8, 0);
    up__pong80_state_save(&first, bytes);
    up__pong80_state_load(&second, bytes);
    for (int i = 0; i < INSTANCES; i++) {
        draw_noise(&rng);
        up__pong80_sample(screen, red);
        up__pong80_apply(&first, i, red, entry[0], &count[0]);
        up__pong80_apply(&second, i, red, entry[1], &count[1]);
        assert_int_equal(count[0], count[1]);
        assert_true(i == 1 ? count[0] == 0 : count[0] > 1000);
        assert_memory_equal(entry[0], entry[1], count[0] * sizeof *entry[0]);
    }
    up_arena_free(&arena);
}

// A picture of palette entries gives what its colours give.
static void test_indexed(void **state) {
    (void)state;
    UpArena arena = {0};
    UpPong80 pong80[2];
    assert_ok(up__pong80_create(&pong80[0], 1, &arena));
    assert_ok(up__pong80_create(&pong80[1], 1, &arena));
    UpRng rng;
    up_rng_seed(&rng, 4);
    static uint8_t rgb[256][3], shown[256], buffer[2][HEIGHT * WIDTH], red[UP__PONG80_DIM];
    static uint8_t touched[2][HEIGHT];
    static UpSparseEntry entry[2][UP__PONG80_DIM];
    draw_noise(&rng);
    memcpy(rgb, screen, sizeof rgb);
    up__pong80_palette(rgb, shown);
    uint32_t count[2], all = 0;
    memset(touched, 1, sizeof touched);
    for (int frame = 0; frame < 60; frame++) {
        int turn = frame < 40 ? frame & 1 : (int)up_rng_integers(&rng, 0, 2);
        uint8_t *picture = buffer[turn];
        for (int y = 0; y < HEIGHT; y++) {
            // Rows that stay, repeat, change a little, are new, or of one colour but for a pixel.
            uint8_t *row = picture + y * WIDTH;
            int64_t kind = up_rng_integers(&rng, 0, 8);
            if (kind > 4) continue;
            touched[turn][y] = 1;
            if (kind < 3 && y > 1) memcpy(row, row - 2 * WIDTH, WIDTH);
            if (kind == 2) row[up_rng_integers(&rng, 0, WIDTH)] ^= 1;
            for (int x = 0; kind == 3 && x < WIDTH; x++)
                row[x] = (uint8_t)up_rng_u32(&rng);
            if (kind < 4) continue;
            memset(row, (uint8_t)up_rng_u32(&rng), WIDTH);
            row[up_rng_integers(&rng, 0, WIDTH)] = (uint8_t)up_rng_u32(&rng);
        }
        for (int i = 0; i < HEIGHT * WIDTH; i++)
            memcpy(screen + 3 * i, rgb[picture[i]], 3);
        up__pong80_sample(screen, red);
        up__pong80_apply(&pong80[0], 0, red, entry[0], &count[0]);
        up__pong80_apply_indexed(&pong80[1], 0, shown,
                                 &(UpPong80Picture){picture, turn, touched[turn]}, entry[1],
                                 &count[1]);
        assert_int_equal(count[0], count[1]);
        assert_memory_equal(entry[0], entry[1], count[0] * sizeof *entry[0]);
        all += count[0];
    }
    assert_true(all > 1000);
    up_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_indexed),
        cmocka_unit_test(test_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
