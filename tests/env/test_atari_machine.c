// The Atari machine on ROMs made here: the fast machine against the plain one, on code that is
// random and on code that draws; cartridges, resets, threads, and states that nobody could reach.
#include "scratch.h"

#include "env/atari/console/frame.h"
#include "env/atari/console/load.h"
#include "env/atari/jit/maps.h"
#include "env/atari_code.h"
#include "uphill/thread.h"

enum { ROM_MAX = 32768, FRAMES = 12, ROUNDS = 16 };

static UpAtariScreen fast_screen, plain_screen, last_screen;
static uint8_t rom[ROM_MAX];

static UpAtariBoard board_of(UpRng *rng) {
    UpAtariBoard board = {.first_line = 34, .height = 210, .seed = UP__ATARI_SEED};
    board.no_comb = byte(rng) & 1;
    board.jack[0] = byte(rng) & 1 ? UP__ATARI_PADDLES : UP__ATARI_JOYSTICK;
    if (byte(rng) % 4 == 0) board.first_line = byte(rng) % 50;
    if (byte(rng) % 4 == 0) board.height = 150 + byte(rng) % 80;
    return board;
}

static UpAtariInput input_of(UpRng *rng) {
    UpAtariInput input = {.swcha = byte(rng), .swchb = byte(rng) | 0x3C};
    for (int i = 0; i < 2; i++)
        input.fire[i] = byte(rng) & 1;
    for (int i = 0; i < 4; i++)
        input.resistance[i] = (byte(rng) & 3) * 250000;
    return input;
}

typedef struct Kind {
    size_t size;
    const char *type;
} Kind;
static const Kind kinds[] = {{2048, "2K"},  {4096, "4K"},   {8192, "F8"},    {16384, "F6"},
                             {32768, "F4"}, {8192, "F8SC"}, {16384, "F6SC"}, {32768, "F4SC"},
                             {8192, "E0"},  {8192, "FE"},   {10240, "DPC"}};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

// A ROM that is detected as this kind, of code or of anything.
static void make_rom(UpRng *rng, const Kind *kind, bool code) {
    static const uint8_t e0[] = {0x8D, 0xE0, 0x1F}, fe[] = {0x20, 0x00, 0xD0, 0xC6, 0xC5};
    size_t bank = kind->size < 4096 ? kind->size : 4096;
    bool has_more = strstr(kind->type, "SC") || strcmp(kind->type, "DPC") == 0;
    bool alike = byte(rng) & 1; // banks with the same code and other tables
    for (size_t at = 0; at < kind->size; at += bank) {
        if (code && at + bank <= kind->size)
            write_program(rng, rom + at, bank, has_more);
        else
            for (size_t i = at; i < at + bank && i < kind->size; i++)
                rom[i] = byte(rng);
        if (code && alike && at > 0 && at + bank <= kind->size)
            memcpy(rom + at + 256, rom + 256, bank - 256);
        if (strstr(kind->type, "SC")) memset(rom + at, 0x33, 256);
    }
    if (strcmp(kind->type, "E0") == 0) memcpy(rom + 100, e0, sizeof e0);
    if (strcmp(kind->type, "FE") == 0) memcpy(rom + 100, fe, sizeof fe);
}

// NULL: the bytes happen to be another kind of cartridge.
static UpAtariCart *make_cart(UpRng *rng, const Kind *kind, bool code) {
    UpAtariCart *cart;
    UpAtariBoard board = board_of(rng);
    make_rom(rng, kind, code);
    if (up__atari_cart_create(&cart, rom, kind->size, &board) != UP_OK) return NULL;
    return cart;
}

// Two machines are the same if their fields are; padding does not count, nor do notes that only
// the fast machine reads.
static bool same(const UpAtariMachine *a, const UpAtariMachine *b) {
    UpAtariTia x = a->tia, y = b->tia;
    memset(x.written, 0, sizeof x.written);
    memset(y.written, 0, sizeof y.written);
    return a->cycle == b->cycle && a->cpu.pc == b->cpu.pc && a->cpu.a == b->cpu.a &&
           a->cpu.x == b->cpu.x && a->cpu.y == b->cpu.y && a->cpu.sp == b->cpu.sp &&
           a->cpu.p == b->cpu.p && a->cpu.jammed == b->cpu.jammed &&
           memcmp(&a->riot, &b->riot, sizeof a->riot) == 0 && memcmp(&x, &y, sizeof x) == 0 &&
           memcmp(a->ram, b->ram, sizeof a->ram) == 0 &&
           memcmp(a->cart_ram, b->cart_ram, sizeof a->cart_ram) == 0 &&
           memcmp(a->bank, b->bank, sizeof a->bank) == 0 &&
           memcmp(&a->dpc, &b->dpc, offsetof(UpAtariDpc, clocked)) == 0 && a->ended == b->ended &&
           a->lines == b->lines;
}

static void assert_rows(const UpAtariMachine *m, const UpAtariRows *rows, const char *what) {
    const uint8_t *fast = up__atari_pixels(m, &fast_screen);
    const uint8_t *plain = up__atari_pixels(m, &plain_screen);
    for (int row = rows->first; row < rows->end; row += rows->step)
        for (int x = 0; x < UP__ATARI_COLUMNS; x++) {
            int at = row * UP__ATARI_COLUMNS + x;
            if (fast[at] != plain[at])
                fail_msg("%s: pixel (%d, %d) is %02x, not %02x", what, x, row, fast[at], plain[at]);
        }
}

// Rows of the picture that have no mark are what they were.
static void assert_marks(const UpAtariMachine *m, const char *what) {
    const uint8_t *now = up__atari_pixels(m, &fast_screen);
    const uint8_t *before = up__atari_pixels(m, &last_screen);
    for (int row = 0; row < m->height; row++) {
        int at = row * UP__ATARI_COLUMNS;
        if (!fast_screen.touched[m->buffer][row] &&
            memcmp(now + at, before + at, UP__ATARI_COLUMNS) != 0)
            fail_msg("%s: row %d changed without a mark", what, row);
    }
}

static void compare(UpRng *rng, const UpAtariCart *cart, const char *what) {
    UpAtariMachine fast, plain;
    up__atari_load(&fast, cart, &fast_screen);
    up__atari_load(&plain, cart, &plain_screen);
    up__atari_reset(&fast, cart, &fast_screen);
    up__atari_reset(&plain, cart, &plain_screen);
    for (int frame = 0; frame < FRAMES; frame++) {
        UpAtariRows rows = {0, fast.height, 1};
        if (byte(rng) & 1) rows = (UpAtariRows){35, 150, 2};
        bool seen = byte(rng) & 1;
        fast.input = plain.input = input_of(rng);
        if (fast.cpu.jammed || byte(rng) & 1) { // goes on elsewhere
            fast.cpu.jammed = plain.cpu.jammed = false;
            fast.cpu.pc = plain.cpu.pc = (uint16_t)(0xF000 | byte(rng) << 8 | byte(rng));
        }
        memset(fast_screen.touched, 0, sizeof fast_screen.touched);
        last_screen = fast_screen;
        up__atari_frame(&fast, cart, &fast_screen, seen ? &rows : NULL);
        up__atari_frame_plain(&plain, cart, &plain_screen);
        if (!same(&fast, &plain)) fail_msg("%s: frame %d differs", what, frame);
        assert_marks(&fast, what);
        if (seen) assert_rows(&fast, &rows, what);
        if (byte(rng) % 8) continue;
        up__atari_reset(&fast, cart, &fast_screen);
        up__atari_reset(&plain, cart, &plain_screen);
    }
}

static void test_random_machines(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 5);
    int compared = 0, translated = 0;
    for (int round = 0; round < ROUNDS * KINDS; round++) {
        const Kind *kind = &kinds[round % KINDS];
        bool code = round % (4 * KINDS) < 3 * KINDS;
        UpAtariCart *cart = make_cart(&rng, kind, code);
        if (!cart) continue;
        char what[64];
        snprintf(what, sizeof what, "round %d, %s", round, up__atari_cart_type(cart));
        compare(&rng, cart, what);
        translated += !cart->jit || cart->jit->used > 4096; // than the way in and out
        compared++;
        up__atari_cart_free(cart);
    }
    assert_true(compared > ROUNDS * KINDS * 3 / 4);
    assert_true(translated > compared / 2);
}

static void test_detection(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 6);
    for (int i = 0; i < KINDS; i++) {
        UpAtariCart *cart = make_cart(&rng, &kinds[i], true);
        if (!cart) fail_msg("%s: %s", kinds[i].type, up_error());
        assert_string_equal(up__atari_cart_type(cart), kinds[i].type);
        up__atari_cart_free(cart);
    }
    UpAtariCart *cart;
    UpAtariBoard board = {.first_line = 34, .height = 210};
    assert_int_equal(up__atari_cart_create(&cart, rom, 3000, &board), UP_UNSUPPORTED);
    assert_null(cart);
    board.height = 290;
    assert_int_equal(up__atari_cart_create(&cart, rom, 4096, &board), UP_USAGE);
}

// A line of each register, and a bar of background from line 100: what a frame is to look like.
static const uint8_t bars[] = {
    0xA9, 0x02, 0x85, 0x00, 0x85, 0x02, 0x85, 0x02, 0x85, 0x02, 0xA9, 0x00, 0x85, 0x00, // VSYNC
    0x85, 0x09, 0xA2, 0x64, 0x85, 0x02, 0xCA, 0xD0, 0xFB,                               // 100 lines
    0xA9, 0x48, 0x85, 0x09, 0xA2, 0x9F, 0x85, 0x02, 0xCA, 0xD0, 0xFB, // 159 lines in red
    0x4C, 0x00, 0xF0};

static UpAtariCart *cart_of(const uint8_t *program, size_t size) {
    UpAtariCart *cart;
    UpAtariBoard board = {.first_line = 34, .height = 210, .seed = UP__ATARI_SEED};
    memset(rom, 0xEA, 4096);
    memcpy(rom, program, size);
    rom[0xFFC] = 0x00;
    rom[0xFFD] = 0xF0;
    rom[200] = 0; // the halves differ
    assert_ok(up__atari_cart_create(&cart, rom, 4096, &board));
    return cart;
}

static UpAtariCart *bars_cart(void) {
    return cart_of(bars, sizeof bars);
}

static void test_picture(void **state) {
    (void)state;
    UpAtariCart *cart = bars_cart();
    UpAtariMachine m;
    up__atari_load(&m, cart, &fast_screen);
    UpAtariRows rows = {0, 210, 1};
    for (int frame = 0; frame < 3; frame++)
        up__atari_frame(&m, cart, &fast_screen, &rows);
    assert_int_equal(m.lines, 262);
    const uint8_t *pixel = up__atari_pixels(&m, &fast_screen);
    int red = 0;
    while (red < 210 && pixel[red * 160 + 100] != 0x48)
        red++;
    assert_in_range(red, 60, 75);
    for (int row = 0; row < 210; row++)
        assert_int_equal(pixel[row * 160 + 100], row < red ? 0 : 0x48);
    up__atari_cart_free(cart);
}

// A RESP hides a player's first copy for the rest of its line. On later lines it is there again,
// and touches what is switched on for a while, even if nothing else happens in between.
static const uint8_t hidden[] = {
    0xA9, 0x02, 0x85, 0x00, 0x85, 0x02, 0x85, 0x02, 0x85, 0x02, 0xA9, 0x00, 0x85, 0x00, // VSYNC
    0xA2, 0x32, 0x85, 0x02, 0xCA, 0xD0, 0xFB,                                           // 50 lines
    0xA9, 0xFF, 0x85, 0x1B, 0xA9, 0x07, 0x85, 0x05, // player 0 on, player 1 of four times the width
    0x85, 0x02, 0xA0, 0x07, 0x88, 0xD0, 0xFD, 0x85, 0x11, 0x85, 0x10, // both far to the right
    0x85, 0x02, 0xA0, 0x04, 0x88, 0xD0, 0xFD, 0x85, 0x11, 0x85, 0x10, // and back: hidden
    0x85, 0x2C, 0x85, 0x02, 0x85, 0x02,                               // CXCLR, two lines
    0xA9, 0xFF, 0x85, 0x1C, 0x85, 0x02, 0xA9, 0x00, 0x85, 0x1C,       // player 1 on for a line
    0xA2, 0xC0, 0x85, 0x02, 0xCA, 0xD0, 0xFB, 0xA5, 0x37, 0x85, 0x80, // read CXPPMM at the end
    0x4C, 0x00, 0xF0};

static void test_hidden_copy(void **state) {
    (void)state;
    UpAtariCart *cart = cart_of(hidden, sizeof hidden);
    UpAtariMachine fast, plain;
    up__atari_load(&fast, cart, &fast_screen);
    plain = fast;
    for (int frame = 0; frame < 4; frame++) {
        UpAtariRows rows = {0, 210, 1};
        up__atari_frame(&fast, cart, &fast_screen, frame % 2 ? &rows : NULL);
        up__atari_frame_plain(&plain, cart, &plain_screen);
        assert_true(same(&fast, &plain));
        assert_true(fast.ram[0] & 0x80);
    }
    up__atari_cart_free(cart);
}

// A frame that ends within a line, in another colour each time: the left of its last line is drawn.
static const uint8_t broken_off[] = {
    0xA9, 0x02, 0x85, 0x00, 0x85, 0x02, 0x85, 0x02, 0x85, 0x02,             // VSYNC on
    0xA0, 0x07, 0x88, 0xD0, 0xFD, 0xA9, 0x00, 0x85, 0x00,                   // off, in midline
    0xE6, 0x80, 0xE6, 0x80, 0xA5, 0x80, 0x85, 0x09,                         // COLUBK
    0xA2, 0x96, 0x85, 0x02, 0xCA, 0xD0, 0xFB, 0xA0, 0x07, 0x88, 0xD0, 0xFD, // 150 lines and a half
    0x4C, 0x00, 0xF0};

static void test_broken_off_line(void **state) {
    (void)state;
    UpAtariCart *cart = cart_of(broken_off, sizeof broken_off);
    UpAtariMachine fast, plain;
    up__atari_load(&fast, cart, &fast_screen);
    plain_screen = fast_screen;
    plain = fast;
    for (int frame = 0; frame < 6; frame++) {
        UpAtariRows rows = {0, 210, 1};
        memset(fast_screen.touched, 0, sizeof fast_screen.touched);
        last_screen = fast_screen;
        up__atari_frame(&fast, cart, &fast_screen, &rows);
        up__atari_frame_plain(&plain, cart, &plain_screen);
        assert_true(same(&fast, &plain));
        assert_true(fast.lines < 160);
        assert_rows(&fast, &rows, "broken off");
        assert_marks(&fast, "broken off");
    }
    up__atari_cart_free(cart);
}

// A frame that ends within a line, and then loops that count down and wait for the timer until the
// reset switch is pressed: frames end after 25,000 instructions.
static const uint8_t endless[] = {
    0xA9, 0x00, 0x85, 0x08, // COLUPF: PAL's may differ all the same
    0xA9, 0x02, 0x85, 0x00, 0x85, 0x02, 0x85, 0x02, 0x85, 0x02, // VSYNC on
    0xA0, 0x07, 0x88, 0xD0, 0xFD, 0xA9, 0x00, 0x85, 0x00,       // off, in midline
    0x4C, 0xC0, 0xF0};
static const uint8_t endless_loop[] = {
    0xA2, 0x14, 0xCA, 0xD0, 0xFD, 0xA0, 0x09, 0x88, 0x10, 0xFD,       // DEX, BNE; DEY, BPL
    0xA9, 0x03, 0x8D, 0x95, 0x02, 0xAD, 0x84, 0x02, 0xD0, 0xFB,       // the timer
    0xE6, 0x81, 0xAD, 0x82, 0x02, 0x4A, 0xB0, 0xE3, 0x4C, 0x00, 0xF0, // until reset is pressed
};

static void test_unfinished(void **state) {
    (void)state;
    for (int offset = 0; offset < 80; offset++) {
        UpAtariBoard board = {.height = 210, .seed = UP__ATARI_SEED};
        UpAtariCart *cart;
        UpAtariMachine fast, plain;
        UpAtariScreen *screen = offset & 4 ? &fast_screen : NULL;
        memset(rom, 0xEA, 4096);
        memcpy(rom, endless, sizeof endless);
        memcpy(rom + 0xC0 + 100, endless_loop, sizeof endless_loop);
        if (offset & 1) memcpy(rom + 0xC0, (uint8_t[]){0x85, 0x0D}, 2); // the last that draws
        rom[24] = (uint8_t)(0xC0 + offset);
        if (offset & 1) rom[24] = 0xC0, rom[0xC0 + 2 + offset] = 0xA9; // LDA # for two NOPs
        rom[0xFFC] = 0x00;
        rom[0xFFD] = 0xF0;
        assert_ok(up__atari_cart_create(&cart, rom, 4096, &board));
        up__atari_load(&fast, cart, &fast_screen);
        up__atari_load(&plain, cart, &plain_screen);
        fast.pal = plain.pal = offset & 2;
        for (int frame = 0; frame < 8; frame++) {
            UpAtariRows rows = {0, fast.height, 1};
            fast.input.swchb = plain.input.swchb = frame % 4 == 3 ? 0x3E : 0x3F;
            up__atari_frame(&fast, cart, screen, screen && frame % 3 == 0 ? &rows : NULL);
            up__atari_frame_plain(&plain, cart, &plain_screen);
            if (!same(&fast, &plain)) fail_msg("offset %d: frame %d differs", offset, frame);
            if (screen && frame % 3 == 0) assert_rows(&fast, &rows, "unfinished");
            if (frame != 4 + offset % 3) continue;
            fast.lines = plain.lines = 261;
            up__atari_reset(&fast, cart, &fast_screen);
            up__atari_reset(&plain, cart, &plain_screen);
        }
        up__atari_cart_free(cart);
    }
}

// Power-on memory and the timer come from one generator; a second reset keeps the memory.
static void test_power_on(void **state) {
    (void)state;
    UpMt19937 mt;
    up__mt19937_seed(&mt, UP__ATARI_SEED);
    static const uint32_t first[] = {0xBF11AEB8, 0xA68BE096, 0xFC86C4C0, 0x7A041249};
    for (int i = 0; i < 4; i++)
        assert_int_equal(up__mt19937_next(&mt), first[i]);
    UpAtariCart *cart = bars_cart();
    UpAtariMachine m;
    up__atari_load(&m, cart, NULL);
    assert_int_equal(m.ram[0], 0xB8);
    assert_int_equal(m.ram[127], 0xC0);
    assert_int_equal(m.riot.timer, 32); // of the reset after format detection
    static const uint8_t timers[] = {74, 65, 64, 78, 39};
    for (int i = 0; i < 5; i++) {
        up__atari_reset(&m, cart, i % 2 ? &fast_screen : NULL);
        assert_int_equal(m.riot.timer, timers[i]);
        assert_int_equal(m.ram[0], 0xB8);
    }
    up__atari_cart_free(cart);
}

// Wherever a machine is put, the next frames end, and are the same.
static void test_random_states(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 7);
    for (int round = 0; round < 60; round++) {
        UpAtariCart *cart = make_cart(&rng, &kinds[round % KINDS], round % 3 > 0);
        if (!cart) continue;
        UpAtariMachine fast, plain;
        up__atari_load(&fast, cart, &fast_screen);
        fast.cpu.pc = (uint16_t)(byte(&rng) | byte(&rng) << 8 | (round % 4 ? 0x1000 : 0));
        fast.cpu.p = byte(&rng) | 0x30;
        fast.cpu.sp = byte(&rng);
        fast.riot.timer = byte(&rng);
        fast.riot.set = -byte(&rng) * 300;
        for (int i = 0; i < 5; i++)
            fast.tia.position[i] = byte(&rng) % UP__ATARI_COLUMNS;
        for (int i = 0; i < UP__ATARI_RAM; i++)
            fast.ram[i] = byte(&rng);
        plain = fast;
        for (int frame = 0; frame < 2; frame++) {
            up__atari_frame(&fast, cart, NULL, NULL);
            up__atari_frame_plain(&plain, cart, NULL);
            if (!same(&fast, &plain))
                fail_msg("round %d, %s: frame %d differs", round, up__atari_cart_type(cart), frame);
        }
        up__atari_cart_free(cart);
    }
}

// Machines of one cartridge on several threads are what they are alone.
enum { MACHINES = 16, THREAD_FRAMES = 20 };
typedef struct Crowd {
    const UpAtariCart *cart;
    UpAtariMachine machine[MACHINES];
    UpAtariScreen *screen;
} Crowd;

static void play_one(void *context, int task) {
    Crowd *crowd = context;
    UpRng rng;
    up_rng_seed(&rng, (uint64_t)task);
    UpAtariMachine *m = &crowd->machine[task];
    up__atari_load(m, crowd->cart, &crowd->screen[task]);
    UpAtariRows rows = {0, m->height, 1};
    for (int frame = 0; frame < THREAD_FRAMES; frame++) {
        m->input = input_of(&rng);
        up__atari_frame(m, crowd->cart, &crowd->screen[task], frame % 4 == 3 ? &rows : NULL);
    }
}

static void test_threads(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 8);
    UpAtariCart *cart = make_cart(&rng, &kinds[2], true);
    assert_non_null(cart);
    Crowd *alone = calloc(2, sizeof *alone), *crowd = alone + 1;
    UpPool *pool;
    assert_ok(up_pool_create(&pool, 4));
    alone->cart = crowd->cart = cart;
    alone->screen = calloc(2 * MACHINES, sizeof *alone->screen);
    crowd->screen = alone->screen + MACHINES;
    up_pool_run(pool, MACHINES, play_one, crowd); // translates the code, too
    for (int i = 0; i < MACHINES; i++)
        play_one(alone, i);
    for (int i = 0; i < MACHINES; i++) {
        assert_true(same(&alone->machine[i], &crowd->machine[i]));
        assert_memory_equal(&alone->screen[i].pixel, &crowd->screen[i].pixel,
                            sizeof alone->screen[i].pixel);
    }
    up_pool_destroy(pool);
    free(alone->screen);
    free(alone);
    up__atari_cart_free(cart);
}

// A program that never writes to the television chip never ends its frame; its cycles are counted
// on from earlier ones before they overflow, which nothing shows: not the timer, not what comes
// after.
static void test_endless(void **state) {
    (void)state;
    enum { LEAVES = 1000, ENDS = 1010 };
    memset(rom, 0xEA, 4096);
    const uint8_t loop[] = {0xA9, 0x40, 0x8D, 0x96, 0x02, // LDA #$40, STA TIM64T
                            0xAD, 0x84, 0x02,             // 5: LDA INTIM
                            0x65, 0x80, 0x85, 0x80,       // ADC $80, STA $80
                            0xE6, 0x81,                   // INC $81
                            0xA5, 0x90, 0xF0, 0xF3,       // LDA $90, BEQ 5
                            0xA9, 0x02, 0x85, 0x00,       // LDA #2, STA VSYNC
                            0xE6, 0x82,                   // INC $82
                            0x4C, 0x05, 0xF0};            // JMP 5
    memcpy(rom, loop, sizeof loop);
    rom[0xFFD] = rom[0xFFF] = 0xF0;
    rom[0xFFC] = rom[0xFFE] = 0;
    UpAtariBoard board = {.first_line = 34, .height = 210, .seed = UP__ATARI_SEED};
    UpAtariCart *cart;
    assert_ok(up__atari_cart_create(&cart, rom, 4096, &board));
    UpAtariMachine fast, plain;
    up__atari_load(&fast, cart, &fast_screen);
    fast.ram[0x10] = 0;
    plain = fast;
    int64_t lost = 0; // cycles that are not counted any more
    for (int i = 0; i < ENDS; i++) {
        if (i == LEAVES) fast.ram[0x10] = plain.ram[0x10] = 1;
        int32_t before = fast.cycle;
        up__atari_frame(&fast, cart, &fast_screen, NULL);
        if (!fast.ended && fast.cycle < before) lost++;
        up__atari_frame_plain(&plain, cart, NULL);
        if (!same(&fast, &plain)) fail_msg("call %d differs", i);
        assert_in_range(fast.cycle, 0, UP__FRAME_CYCLES_MAX + UP__CALL_CYCLES_MAX);
    }
    assert_int_equal(lost, 1);
    const uint8_t all_counted[] = {0xE5, 0x7A, 0x98}; // as with a counter of 64 bits
    assert_memory_equal(fast.ram, all_counted, sizeof all_counted);
    assert_true(fast.ended);
    up__atari_cart_free(cart);
}

// The translator is there where the host is one that it knows, unless nobody wants it.
static void test_switch(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 8);
    const char *before = getenv("UPHILL_JIT");
    char *kept = before ? strdup(before) : NULL;
    const struct {
        const char *value;
        bool makes;
    } cases[] = {{"0", false}, {"1", true}, {"", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("UPHILL_JIT", cases[i].value, 1);
        UpAtariCart *cart = make_cart(&rng, &kinds[0], true);
        assert_non_null(cart);
#if defined(__x86_64__)
        assert_true((cart->jit != NULL) == cases[i].makes);
#else
        assert_null(cart->jit);
#endif
        up__atari_cart_free(cart);
    }
    UpAtariBoard board = {.first_line = 34, .height = 210};
    UpAtariCart *cart;
    setenv("UPHILL_JIT", "off", 1);
    assert_int_equal(up__atari_cart_create(&cart, rom, 4096, &board), UP_USAGE);
    assert_null(cart);
    assert_non_null(strstr(up_error(), "UPHILL_JIT = off"));
    if (kept)
        setenv("UPHILL_JIT", kept, 1);
    else
        unsetenv("UPHILL_JIT");
    free(kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_machines), cmocka_unit_test(test_detection),
        cmocka_unit_test(test_picture),         cmocka_unit_test(test_power_on),
        cmocka_unit_test(test_hidden_copy),     cmocka_unit_test(test_broken_off_line),
        cmocka_unit_test(test_random_states),   cmocka_unit_test(test_threads),
        cmocka_unit_test(test_unfinished),      cmocka_unit_test(test_endless),
        cmocka_unit_test(test_switch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
