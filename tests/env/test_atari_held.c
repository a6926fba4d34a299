// Rows that are not painted again: programs that draw nearly the same frame every time, on the fast
// machine and on the plain one. What differs from frame to frame are a few bytes of memory that the
// program writes to the television chip.
#include "scratch.h"

#include "env/atari/console/frame.h"
#include "env/atari/console/load.h"
#include "env/atari/jit/maps.h"
#include "uphill/random.h"

enum { KERNELS = 600, FRAMES = 16, LINES = 130, ROM = 4096, MEMORY = 8 };

static UpAtariScreen fast_screen, plain_screen, last_screen;

static uint8_t byte(UpRng *rng) {
    return (uint8_t)up_rng_integers(rng, 0, 256);
}

// Few values, so that they come back.
static uint8_t value_of(UpRng *rng) {
    static const uint8_t values[] = {0x00, 0x00, 0x02, 0x02, 0x01, 0x10, 0x30, 0xF0, 0x45, 0x18};
    return values[byte(rng) % sizeof values];
}

static size_t put(uint8_t *code, const uint8_t *bytes, size_t size) {
    memcpy(code, bytes, size);
    return size;
}

static UpAtariCart *cart_of(uint8_t rom[ROM]) {
    UpAtariCart *cart;
    UpAtariBoard board = {.first_line = 34, .height = 210, .seed = UP__ATARI_SEED};
    rom[ROM - 4] = 0x00, rom[ROM - 3] = 0xF0;
    assert_ok(up__atari_cart_create(&cart, rom, ROM, &board));
    return cart;
}

static const uint8_t registers[] = {0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0D,
                                    0x0E, 0x10, 0x11, 0x12, 0x13, 0x14, 0x1B, 0x1C, 0x1B,
                                    0x1C, 0x1D, 0x1E, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x24,
                                    0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2A, 0x2B, 0x2C};

// A read of a latch, which is kept.
static size_t put_read(UpRng *rng, uint8_t *code) {
    const uint8_t read[] = {0xA5, byte(rng) % 8, 0x85, (uint8_t)(0x90 + byte(rng) % 64)};
    return put(code, read, sizeof read);
}

// A write of a constant, or of one of the bytes of memory, or two writes in a row: the background's
// colour right after a player's place, from which on it is seen.
static size_t put_write(UpRng *rng, uint8_t *code) {
    if (byte(rng) % 8 == 0) return put_read(rng, code);
    bool memory = byte(rng) % 24 == 0;
    uint8_t to = registers[byte(rng) % sizeof registers];
    const uint8_t write[] = {memory ? 0xA5 : 0xA9,
                             memory ? 0x80 | byte(rng) % MEMORY : value_of(rng), 0x85, to};
    size_t at = put(code, write, sizeof write);
    bool places = to == 0x10 || to == 0x11;
    if (places || byte(rng) % 6 == 0) {
        uint8_t next = registers[byte(rng) % sizeof registers];
        const uint8_t another[] = {0x85, places ? 0x09 : next};
        at += put(code + at, another, sizeof another);
    }
    return at;
}

// VSYNC, all registers from memory, lines with writes and without, and lines until the end.
static UpAtariCart *kernel_cart(UpRng *rng, bool pal) {
    static const uint8_t vsync[] = {0xA9, 0x02, 0x85, 0x00, 0x85, 0x02, 0x85, 0x02, 0x85, 0x02},
                         delay[] = {0xA6, 0x87, 0xCA, 0x10, 0xFD}, // as long as memory says
        off[] = {0xA9, 0x00, 0x85, 0x00}, above[] = {0xA2, 0x1E, 0x85, 0x02, 0xCA, 0xD0, 0xFB};
    uint8_t rom[ROM];
    size_t at = 0;
    memset(rom, 0xEA, sizeof rom);
    at += put(rom, vsync, sizeof vsync);
    if (byte(rng) % 4 == 0) at += put(rom + at, delay, sizeof delay);
    at += put(rom + at, off, sizeof off);
    for (int i = 0; i < 6; i++) {
        size_t size = put_write(rng, rom + at);
        rom[at] = 0xA5, rom[at + 1] = (uint8_t)(0x80 + i);
        at += size;
    }
    at += put(rom + at, above, sizeof above);
    for (int line = 0; line < LINES; line++) {
        rom[at++] = 0x85, rom[at++] = 0x02;
        for (int i = byte(rng) % 8 - 3; i > 0; i--)
            at += put_write(rng, rom + at);
    }
    const uint8_t below[] = {0xA5, 0x86, 0x29, 0x01, 0x18, 0x69, pal ? 0x90 : 0x60,
                             0xAA, 0x85, 0x02, 0xCA, 0xD0, 0xFB, 0x4C,
                             0x00, 0xF0};
    at += put(rom + at, below, sizeof below);
    assert_true(at < ROM - 4);
    return cart_of(rom);
}

static void vary(UpRng *rng, UpAtariMachine *m) {
    if (byte(rng) & 1) m->ram[byte(rng) % MEMORY] = value_of(rng);
    m->ram[7] &= 15;
}

static void compare_rows(const UpAtariMachine *m, const UpAtariRows *rows, int kernel) {
    const uint8_t *fast = up__atari_pixels(m, &fast_screen);
    const uint8_t *plain = up__atari_pixels(m, &plain_screen);
    const uint8_t *last = up__atari_pixels(m, &last_screen);
    for (int row = rows->first; row < rows->end; row += rows->step) {
        size_t at = (size_t)row * UP__ATARI_COLUMNS;
        if (memcmp(fast + at, plain + at, UP__ATARI_COLUMNS) != 0)
            fail_msg("kernel %d, frame %d: row %d differs", kernel, (int)m->frames, row);
        if (!fast_screen.touched[m->buffer][row] &&
            memcmp(fast + at, last + at, UP__ATARI_COLUMNS) != 0)
            fail_msg("kernel %d, frame %d: row %d has no mark", kernel, (int)m->frames, row);
    }
}

static void compare(UpRng *rng, const UpAtariCart *cart, int kernel) {
    UpAtariMachine fast, plain, saved;
    up__atari_load(&fast, cart, &fast_screen);
    up__atari_load(&plain, cart, &plain_screen);
    memset(fast.ram, 0, sizeof fast.ram);
    saved = plain = fast;
    for (int frame = 0; frame < FRAMES; frame++) {
        UpAtariRows rows = {0, fast.height, 1};
        int what = byte(rng) % 16;
        if (what == 0) rows = (UpAtariRows){35, 195, 2};
        if (what == 1) fast = plain = saved; // the pictures stay as they are
        if (what == 2) up__atari_reset(&fast, cart, &fast_screen);
        if (what == 2) up__atari_reset(&plain, cart, &plain_screen);
        vary(rng, &fast);
        memcpy(plain.ram, fast.ram, sizeof fast.ram);
        memset(fast_screen.touched, 0, sizeof fast_screen.touched);
        last_screen = fast_screen;
        if (what == 3)
            up__atari_frame_plain(&fast, cart, &fast_screen);
        else
            up__atari_frame(&fast, cart, &fast_screen, what == 4 ? NULL : &rows);
        up__atari_frame_plain(&plain, cart, &plain_screen);
        assert_int_equal(fast.cycle, plain.cycle);
        assert_memory_equal(fast.ram, plain.ram, sizeof fast.ram);
        assert_int_equal(fast.tia.collisions, plain.tia.collisions);
        if (what != 4) compare_rows(&fast, &rows, kernel);
        if (byte(rng) % 4 == 0) saved = fast;
    }
}

static void test_kernels(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 11);
    for (int kernel = 0; kernel < KERNELS; kernel++) {
        UpAtariCart *cart = kernel_cart(&rng, kernel % 5 == 0);
        compare(&rng, cart, kernel);
        up__atari_cart_free(cart);
    }
}

// A program whose frames differ by the first byte of memory.
static void compare_program(const uint8_t *program, size_t size) {
    uint8_t rom[ROM];
    memset(rom, 0xEA, sizeof rom);
    memcpy(rom, program, size);
    UpAtariCart *cart = cart_of(rom);
    UpAtariMachine fast, plain;
    up__atari_load(&fast, cart, &fast_screen);
    up__atari_load(&plain, cart, &plain_screen);
    plain = fast;
    for (int frame = 0; frame < 64; frame++) {
        UpAtariRows rows = {0, fast.height, 1};
        fast.ram[0] = plain.ram[0] = (uint8_t)(frame / 4 % 8 * 0x11);
        last_screen = fast_screen;
        up__atari_frame(&fast, cart, &fast_screen, &rows);
        up__atari_frame_plain(&plain, cart, &plain_screen);
        compare_rows(&fast, &rows, -1);
    }
    up__atari_cart_free(cart);
}

// Star mode begins 63 clocks after an HMOVE, which may be in the line before or, by a counter of
// clocks that went round, in no line of this frame.
static const uint8_t star[] = {
    0xA9, 0x02, 0x85, 0x00, 0x85, 0x02, 0x85, 0x02, 0x85, 0x02, 0xA9, 0x00, 0x85, 0x00, // VSYNC
    0xA9, 0x1E, 0x85, 0x06, 0xA9, 0x02, 0x85, 0x1D, 0xA2, 0x32, 0x85, 0x02, 0xCA, 0xD0,
    0xFB, 0xA9, 0x70, 0x85, 0x22, 0x85, 0x02, // HMM0
    0x85, 0x12, 0xA5, 0x80, 0x4A, 0x90, 0x00, // RESM0, and a cycle more or less
    0xA9, 0x60, 0xA0, 0x07, 0x88, 0xD0, 0xFD, 0xEA, 0xEA, 0xEA, 0x85, 0x2A, // HMOVE
    0x85, 0x02, 0x85, 0x22, 0xA2, 0xC8, 0x85, 0x02, 0xCA, 0xD0, 0xFB, 0x4C, 0x00, 0xF0};
enum { STAR_HMOVE = 53 };

static void test_hmove_in_the_line_before(void **state) {
    (void)state;
    assert_int_equal(star[STAR_HMOVE], 0x2A);
    compare_program(star, sizeof star);
}

static void test_hmove_long_ago(void **state) {
    (void)state;
    uint8_t rom[ROM];
    memset(rom, 0xEA, sizeof rom);
    memcpy(rom, star, sizeof star);
    rom[STAR_HMOVE] = 0x3F; // no register
    UpAtariCart *cart = cart_of(rom);
    for (int line = 50; line < 58; line++) {
        UpAtariMachine fast, plain;
        UpAtariRows rows = {0, 210, 1};
        up__atari_load(&fast, cart, &fast_screen);
        up__atari_load(&plain, cart, &plain_screen);
        plain = fast;
        for (int frame = 0; frame < 6; frame++) {
            if (frame == 5)
                plain.tia.last_hmove = fast.tia.last_hmove =
                    fast.tia.frame_start + 228 * line + 9 - 63 + 3 * fast.cycle;
            last_screen = fast_screen;
            up__atari_frame(&fast, cart, &fast_screen, &rows);
            up__atari_frame_plain(&plain, cart, &plain_screen);
            compare_rows(&fast, &rows, -1);
        }
    }
    up__atari_cart_free(cart);
}

// What memory leaves in HMM0 is not seen, but decides whether the next write to it, in the line
// after the HMOVE, begins star mode.
static void test_motion_before_a_star(void **state) {
    (void)state;
    static const uint8_t program[] = {
        0xA9, 0x02, 0x85, 0x00, 0x85, 0x02, 0x85, 0x02, 0x85, 0x02, 0xA9, 0x00, 0x85, 0x00, // VSYNC
        0xA9, 0x1E, 0x85, 0x06, 0xA9, 0x02, 0x85, 0x1D,       // COLUP0, ENAM0
        0xA9, 0x00, 0x85, 0x22, 0x85, 0x02, 0x85, 0x2A,       // HMOVE: no star
        0xA2, 0x08, 0xCA, 0xD0, 0xFD, 0x85, 0x12,             // RESM0
        0xA2, 0x32, 0x85, 0x02, 0xCA, 0xD0, 0xFB, 0x85, 0x02, // 51 lines
        0xA5, 0x80, 0xA0, 0x60, 0xA2, 0x0C, 0xCA, 0xD0, 0xFD, 0x85, 0x2A, 0x85, 0x22, // HMM0
        0xEA, 0xEA, 0xEA, 0xEA, 0xEA, 0xEA, 0xA5, 0x81, 0x84, 0x22, // HMM0 = 6, after 63 clocks
        0x85, 0x02, 0xA2, 0xC8, 0x85, 0x02, 0xCA, 0xD0, 0xFB, 0x4C, 0x00, 0xF0};
    compare_program(program, sizeof program);
}

// Frames that end within the picture, or go on there, at any cycle before or after a line's end.
// The writes before it are the same, and may be seen in the next line only.
static const uint8_t early[] = {0xA9, 0x02, 0x85, 0x00, 0x85, 0x02, 0x85, 0x02, // VSYNC
                                0xA9, 0x1E, 0x85, 0x06, 0x85, 0x1B, 0x85, 0x0E, // COLUP0, GRP0, PF1
                                0xA2, 0x40, 0x85, 0x02, 0xCA, 0xD0, 0xFB,       // lines
                                0xA0, 0x05, 0x88, 0xD0, 0xFD,                   // into the line
                                0xA5, 0x82, 0x85, 0x80, 0xA5, 0x81,       // A = 2 or 0, by memory
                                0xEA, 0x84, 0x00, 0x84, 0x00, 0x85, 0x00, // two writes, VSYNC
                                0xA2, 0x60, 0x85, 0x02, 0xCA, 0xD0, 0xFB, // lines
                                0xA9, 0x00, 0x85, 0x00, 0x4C, 0x00, 0xF0};
enum { EARLY_LINES = 17, EARLY_WAIT = 24, EARLY_CYCLE = 34, EARLY_WRITE = 35 };

static void early_program(UpRng *rng, uint8_t rom[ROM]) {
    static const uint8_t late[] = {0x04, 0x05, 0x12, 0x13, 0x1B, 0x0D, 0x2A, 0x3F};
    memset(rom, 0xEA, ROM);
    memcpy(rom, early, sizeof early);
    rom[EARLY_LINES] = (uint8_t)(0x40 + byte(rng) % 64);
    rom[EARLY_WAIT] = (uint8_t)(0x05 + byte(rng) % 8);
    rom[EARLY_CYCLE] = byte(rng) & 1 ? 0xEA : 0x18;
    rom[EARLY_WRITE + 1] = late[byte(rng) % sizeof late];
    rom[EARLY_WRITE + 2] = byte(rng) & 1 ? 0x84 : 0xA4;
    rom[EARLY_WRITE + 3] = late[byte(rng) % sizeof late];
}

// The television chip, but for what only the fast machine notes.
static void compare_chips(const UpAtariMachine *fast, const UpAtariMachine *plain, int program) {
    UpAtariTia chip = fast->tia;
    assert_true(fast->ended == plain->ended && fast->cycle == plain->cycle);
    memcpy(chip.written, plain->tia.written, sizeof chip.written);
    if (memcmp(&chip, &plain->tia, sizeof chip) != 0)
        fail_msg("program %d: the television chip differs", program);
}

static void test_frames_that_end_early(void **state) {
    (void)state;
    enum { PROGRAMS = 150, PASSES = 24 };
    uint8_t rom[ROM];
    UpRng rng;
    up_rng_seed(&rng, 17);
    for (int round = 0; round < PROGRAMS; round++) {
        early_program(&rng, rom);
        UpAtariCart *cart = cart_of(rom);
        UpAtariMachine fast, plain;
        up__atari_load(&fast, cart, &fast_screen);
        up__atari_load(&plain, cart, &plain_screen);
        for (int frame = 0; frame < PASSES; frame++) {
            UpAtariRows rows = {0, fast.height, 1};
            fast.ram[1] = plain.ram[1] = byte(&rng) & 2;
            last_screen = fast_screen;
            up__atari_frame(&fast, cart, &fast_screen, &rows);
            up__atari_frame_plain(&plain, cart, &plain_screen);
            compare_chips(&fast, &plain, round);
            compare_rows(&fast, &rows, round);
        }
        up__atari_cart_free(cart);
    }
}

// A player that is never on stands where memory says. From that it follows from when the
// background's colour is seen, and where a missile comes to light.
static void test_place_of_nothing(void **state) {
    (void)state;
    static const uint8_t program[] = {
        0xA9, 0x02, 0x85, 0x00, 0x85, 0x02, 0x85, 0x02, 0x85, 0x02, 0xA9, 0x00, 0x85, 0x00, // VSYNC
        0xA9, 0x07, 0x85, 0x04, 0x85, 0x02, 0xA5, 0x80, 0x29, 0x07, 0xAA, 0xCA, 0x10, 0xFD,
        0x85, 0x10,                                                       // RESP0
        0xA2, 0x32, 0x85, 0x02, 0xCA, 0xD0, 0xFB,                         // 50 lines
        0xA9, 0x48, 0x85, 0x02, 0xA0, 0x09, 0x88, 0xD0, 0xFD, 0x85, 0x10, // RESP0 again,
        0x85, 0x09, 0x85, 0x02, 0xA9, 0x00, 0x85, 0x09,                   // COLUBK for the line
        0xA2, 0xC8, 0x85, 0x02, 0xCA, 0xD0, 0xFB, 0x4C, 0x00, 0xF0};
    compare_program(program, sizeof program);
}

static void test_place_of_a_missile(void **state) {
    (void)state;
    static const uint8_t program[] = {
        0xA9, 0x02, 0x85, 0x00, 0x85, 0x02, 0x85, 0x02, 0x85, 0x02, 0xA9, 0x00, 0x85, 0x00, // VSYNC
        0xA9, 0x02, 0x85, 0x28, 0x85, 0x1D, 0xA9, 0x1E, 0x85, 0x06, 0x85, 0x02, // RESMP0, ENAM0
        0xA5, 0x80, 0x29, 0x07, 0xAA, 0xCA, 0x10, 0xFD, 0x85, 0x10,             // RESP0
        0xA2, 0x32, 0x85, 0x02, 0xCA, 0xD0, 0xFB, 0xA9, 0x00, 0x85, 0x28,       // 50 lines
        0xA2, 0xC8, 0x85, 0x02, 0xCA, 0xD0, 0xFB, 0x4C, 0x00, 0xF0};
    compare_program(program, sizeof program);
}

// Frames that begin elsewhere in a line, and a picture that does not wait for lines' ends.
static void test_frames_begin_elsewhere(void **state) {
    (void)state;
    static const uint8_t program[] = {
        0xA9, 0x02, 0x85, 0x00, 0x85, 0x02, 0x85, 0x02, 0x85, 0x02,       // VSYNC on
        0xA6, 0x80, 0xCA, 0x10, 0xFD, 0xA9, 0x00, 0x85, 0x00,             // off
        0xA9, 0x09, 0x85, 0x81, 0xA2, 0x00, 0x86, 0x09, 0xE8, 0xD0, 0xFB, // COLUBK
        0xC6, 0x81, 0xD0, 0xF5, 0x4C, 0x00, 0xF0};
    compare_program(program, sizeof program);
}

// Frames that do not end, which the plain machine draws.
static void test_endless_frames(void **state) {
    (void)state;
    static const uint8_t program[] = {
        0xA9, 0x02, 0x85, 0x00, 0x85, 0x02, 0x85, 0x02, 0x85, 0x02, 0xA9, 0x00, 0x85, 0x00, // VSYNC
        0xA5, 0x80, 0x85, 0x09, 0xA2, 0x50, 0x85, 0x02, 0xCA, 0xD0, 0xFB, // 80 lines
        0xA5, 0x80, 0xD0, 0xFC, 0xA2, 0xB0, 0x85, 0x02, 0xCA, 0xD0, 0xFB, 0x4C, 0x00, 0xF0};
    compare_program(program, sizeof program);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kernels),
                                       cmocka_unit_test(test_place_of_nothing),
                                       cmocka_unit_test(test_place_of_a_missile),
                                       cmocka_unit_test(test_endless_frames),
                                       cmocka_unit_test(test_hmove_in_the_line_before),
                                       cmocka_unit_test(test_hmove_long_ago),
                                       cmocka_unit_test(test_motion_before_a_star),
                                       cmocka_unit_test(test_frames_that_end_early),
                                       cmocka_unit_test(test_frames_begin_elsewhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
