// A write in the middle of a line, of any register at any time, on a television chip that shows
// everything: collisions of unseen frames, and pictures of seen ones, as on the plain machine.
#include "scratch.h"

#include "env/atari/console/frame.h"
#include "env/atari/console/load.h"
#include "env/atari/tia/tia.h"
#include "uphill/random.h"

enum { PROGRAMS = 400, FRAMES = 6, ROM = 4096, HEIGHT = 210, LINES_ABOVE = 70, LINES = 6 };

static UpAtariScreen fast_screen, plain_screen;
static uint8_t rom[ROM], *at;

static int below(UpRng *rng, int end) {
    return (int)up_rng_integers(rng, 0, end);
}

static void put(uint8_t a, uint8_t b) {
    *at++ = a;
    *at++ = b;
}

enum { LDA = 0xA9, STA = 0x85, LDX = 0xA2, LDA_ZERO = 0xA5 };

static void store(int reg, int value) {
    put(LDA, (uint8_t)value);
    put(STA, (uint8_t)reg);
}

static void wait_lines(int lines) {
    put(LDX, (uint8_t)lines);
    put(STA, UP__WSYNC);
    put(0xCA, 0xD0); // DEX, BNE
    *at++ = 0xFB;
}

// Two cycles each, or three.
static void wait(UpRng *rng, int instructions) {
    for (int i = 0; i < instructions; i++)
        if (below(rng, 4))
            *at++ = 0xEA;
        else
            put(LDA_ZERO, 0x90);
}

// Objects of any size anywhere, mostly on.
static void show_all(UpRng *rng) {
    static const uint8_t shown[] = {UP__GRP0, UP__GRP1, UP__PF0, UP__PF1, UP__PF2};
    for (int i = 0; i < 5; i++)
        store(shown[i], below(rng, 4) ? below(rng, 256) | below(rng, 256) : 0);
    for (int reg = UP__ENAM0; reg <= UP__ENABL; reg++)
        store(reg, below(rng, 4) ? 2 : 0);
    for (int reg = UP__NUSIZ0; reg <= UP__NUSIZ1; reg++)
        store(reg, below(rng, 256));
    for (int reg = UP__HMP0; reg <= UP__HMBL; reg++)
        store(reg, below(rng, 256));
    for (int reg = UP__VDELP0; reg <= UP__VDELBL; reg++)
        store(reg, below(rng, 4) == 0);
    for (int reg = UP__COLUP0; reg <= UP__COLUBK; reg++)
        store(reg, below(rng, 256));
    store(UP__CTRLPF, below(rng, 3) ? below(rng, 256) : UP__CTRLPF_SCORE | UP__CTRLPF_PRIORITY);
    for (int reg = UP__RESP0; reg <= UP__RESBL; reg++) {
        put(STA, UP__WSYNC);
        wait(rng, 8 + below(rng, 24));
        put(STA, (uint8_t)reg);
    }
}

// Half of the writes go to what is shown, a quarter ends it.
static int any_register(UpRng *rng) {
    static const uint8_t usual[] = {UP__CTRLPF, UP__GRP0,  UP__GRP1,  UP__PF1,   UP__HMOVE,
                                    UP__ENABL,  UP__ENAM0, UP__CXCLR, UP__VBLANK};
    if (below(rng, 2)) return usual[below(rng, sizeof usual)];
    int reg = UP__NUSIZ0 + below(rng, UP__CXCLR + 1 - UP__NUSIZ0);
    return reg > UP__RESBL && reg < UP__GRP0 ? UP__VBLANK : reg;
}

// Lines with a write or two each, then the latches, into memory.
static void write_program(UpRng *rng) {
    memset(rom, 0xEA, sizeof rom);
    rom[0xFFD] = 0xF0;
    at = rom;
    store(UP__VSYNC, 2);
    wait_lines(3);
    store(UP__VSYNC, 0);
    store(UP__VBLANK, 0);
    show_all(rng);
    wait_lines(LINES_ABOVE);
    put(STA, UP__CXCLR);
    for (int line = 0; line < LINES; line++) {
        put(STA, UP__WSYNC);
        for (int writes = 1 + below(rng, 2); writes > 0; writes--) {
            wait(rng, below(rng, 28));
            store(any_register(rng), below(rng, 4) ? below(rng, 256) : 0);
        }
        if (below(rng, 3) == 0) put(LDA_ZERO, (uint8_t)(0x30 + below(rng, 8)));
        store(UP__VBLANK, 0);
    }
    put(STA, UP__WSYNC);
    for (int latch = 0; latch < 8; latch++) {
        put(LDA_ZERO, (uint8_t)(0x30 + latch));
        put(STA, (uint8_t)(0x80 + latch));
    }
    wait_lines(170);
    *at++ = 0x4C; // JMP to the beginning
    put(0x00, 0xF0);
}

static void assert_same(const UpAtariMachine *fast, const UpAtariMachine *plain, int program,
                        int frame, bool seen) {
    UpAtariTia x = fast->tia, y = plain->tia;
    memset(x.written, 0, sizeof x.written); // which only the fast machine reads
    memset(y.written, 0, sizeof y.written);
    if (memcmp(&x, &y, sizeof x) != 0 || memcmp(fast->ram, plain->ram, sizeof fast->ram) != 0)
        fail_msg("program %d, frame %d: the machines differ", program, frame);
    const uint8_t *pixel = up__atari_pixels(fast, &fast_screen);
    for (int i = 0; i < HEIGHT * UP__ATARI_COLUMNS && seen; i++)
        if (pixel[i] != up__atari_pixels(plain, &plain_screen)[i])
            fail_msg("program %d, frame %d: pixel (%d, %d) differs", program, frame,
                     i % UP__ATARI_COLUMNS, i / UP__ATARI_COLUMNS);
}

static void test_writes_in_midline(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 5);
    int collisions = 0;
    for (int program = 0; program < PROGRAMS; program++) {
        write_program(&rng);
        UpAtariBoard board = {.first_line = 34, .height = HEIGHT, .seed = UP__ATARI_SEED};
        UpAtariCart *cart;
        UpAtariMachine fast, plain;
        assert_ok(up__atari_cart_create(&cart, rom, sizeof rom, &board));
        up__atari_load(&fast, cart, &fast_screen);
        up__atari_load(&plain, cart, &plain_screen);
        UpAtariRows rows = {0, HEIGHT, 1};
        for (int frame = 0; frame < FRAMES; frame++) {
            bool seen = (program + frame) % 3 == 0;
            up__atari_frame(&fast, cart, &fast_screen, seen ? &rows : NULL);
            up__atari_frame_plain(&plain, cart, &plain_screen);
            assert_same(&fast, &plain, program, frame, seen);
        }
        for (int latch = 0; latch < 8; latch++)
            collisions += (fast.ram[latch] >> 7) + (fast.ram[latch] >> 6 & 1);
        up__atari_cart_free(cart);
    }
    assert_in_range(collisions, PROGRAMS, PROGRAMS * 12); // some of the 15 and not others
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_writes_in_midline)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
