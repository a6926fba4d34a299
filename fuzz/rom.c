// Any bytes as a cartridge of the Atari, played by translated code, by the loop that interprets and
// by the plain machine, which have to agree. The first byte chooses the cartridge's size, the
// second its board; the third says how many calls follow, three bytes each: what is done, the
// joysticks, the switches. The rest is the ROM, over and over.
#include "fuzz.h"

#include "env/atari/console/frame.h"
#include "env/atari/console/load.h"
#include "env/atari/machine/bus.h"
#include "env/atari/tia/tia.h"

enum { MACHINES = 3, PLAIN = 2, CALLS_MAX = 12, BANK = 4096 };
enum { SETS_VECTORS = 1, NO_COMB = 2, PADDLES = 4 };

static const size_t sizes[] = {2048, 4096, 8192, 10240, 16384, 32768};
static UpAtariScreen screen[MACHINES];

static void fill(FuzzInput *input, uint8_t *rom, size_t size, bool sets_vectors) {
    memset(rom, 0xEA, size);
    for (size_t at = 0; input->size && at < size; at++)
        rom[at] = input->data[at % input->size];
    for (size_t end = size < BANK ? size : BANK; sets_vectors && end <= size; end += BANK)
        rom[end - 4] = 0x00, rom[end - 3] = 0xF0;
}

// Times that nobody asks for may be counted otherwise, and `written` is the fast machine's note.
static void assert_same(const UpAtariMachine *a, const UpAtariMachine *b) {
    UpAtariTia x = a->tia, y = b->tia;
    memset(x.written, 0, sizeof x.written);
    memset(y.written, 0, sizeof y.written);
    FUZZ_ASSERT(memcmp(&x, &y, sizeof x) == 0);
    FUZZ_ASSERT(a->cycle == b->cycle && a->ended == b->ended && a->lines == b->lines);
    FUZZ_ASSERT(a->cpu.pc == b->cpu.pc && a->cpu.a == b->cpu.a && a->cpu.x == b->cpu.x);
    FUZZ_ASSERT(a->cpu.y == b->cpu.y && a->cpu.sp == b->cpu.sp && a->cpu.p == b->cpu.p);
    FUZZ_ASSERT(a->cpu.jammed == b->cpu.jammed && memcmp(a->bank, b->bank, sizeof a->bank) == 0);
    FUZZ_ASSERT(memcmp(&a->riot, &b->riot, sizeof a->riot) == 0);
    FUZZ_ASSERT(memcmp(a->ram, b->ram, sizeof a->ram) == 0);
    FUZZ_ASSERT(memcmp(a->cart_ram, b->cart_ram, sizeof a->cart_ram) == 0);
    FUZZ_ASSERT(memcmp(&a->dpc, &b->dpc, offsetof(UpAtariDpc, clocked)) == 0);
}

static void assert_pictures(const UpAtariMachine *m) {
    size_t size = (size_t)m->height * UP__ATARI_COLUMNS;
    for (int i = 0; i < PLAIN; i++)
        FUZZ_ASSERT(memcmp(up__atari_pixels(m, &screen[i]), up__atari_pixels(m, &screen[PLAIN]),
                           size) == 0);
}

static void frame(UpAtariMachine m[MACHINES], UpAtariCart *const cart[MACHINES], bool seen) {
    UpAtariRows all = {0, m[0].height, 1};
    for (int i = 0; i < PLAIN; i++)
        up__atari_frame(&m[i], cart[i], &screen[i], seen ? &all : NULL);
    up__atari_frame_plain(&m[PLAIN], cart[PLAIN], &screen[PLAIN]);
    for (int i = 0; i < PLAIN; i++)
        assert_same(&m[i], &m[PLAIN]);
    if (seen) assert_pictures(&m[0]);
}

static void play(FuzzInput *input, int calls, UpAtariCart *const cart[MACHINES]) {
    UpAtariMachine m[MACHINES], saved[MACHINES];
    for (int i = 0; i < MACHINES; i++)
        up__atari_load(&m[i], cart[i], &screen[i]);
    for (int i = 0; i < PLAIN; i++)
        assert_same(&m[i], &m[PLAIN]);
    memcpy(saved, m, sizeof m);
    for (int call = 0; call < calls; call++) {
        unsigned what = (unsigned)fuzz_take(input, 1), jacks = (unsigned)fuzz_take(input, 1),
                 switches = (unsigned)fuzz_take(input, 1);
        UpAtariInput pressed = {.swcha = (uint8_t)jacks, .swchb = (uint8_t)(switches | 0x3C)};
        pressed.fire[0] = what >> 4 & 1;
        pressed.fire[1] = what >> 5 & 1;
        for (int i = 0; i < 4; i++)
            pressed.resistance[i] = (int32_t)(jacks + (unsigned)i * switches) * 1000;
        if (what % 16 == 0) memcpy(saved, m, sizeof m);
        if (what % 16 == 1) memcpy(m, saved, sizeof m);
        for (int i = 0; i < MACHINES; i++) {
            m[i].input = pressed;
            if (what % 16 == 2) up__atari_reset(&m[i], cart[i], &screen[i]);
        }
        frame(m, cart, what & 0x80);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t rom[32768];
    static const char *const jit[MACHINES] = {"1", "0", "0"};
    FuzzInput input = {data, size};
    size_t rom_size = sizes[fuzz_take(&input, 1) % (sizeof sizes / sizeof *sizes)];
    unsigned bits = (unsigned)fuzz_take(&input, 1);
    int calls = (int)fuzz_take(&input, 1) % (CALLS_MAX + 1);
    UpAtariBoard board = {.first_line = 30 + (int)(bits >> 5), .height = 210};
    board.seed = UP__ATARI_SEED;
    board.no_comb = bits & NO_COMB;
    board.jack[0] = board.jack[1] = bits & PADDLES ? UP__ATARI_PADDLES : UP__ATARI_JOYSTICK;
    FuzzInput commands = input;
    size_t skip = (size_t)calls * 3 < input.size ? (size_t)calls * 3 : input.size;
    input.data += skip;
    input.size -= skip;
    commands.size = skip;
    fill(&input, rom, rom_size, bits & SETS_VECTORS);
    UpAtariCart *cart[MACHINES] = {0};
    for (int i = 0; i < MACHINES; i++) {
        setenv("UPHILL_JIT", jit[i], 1);
        UpStatus status = up__atari_cart_create(&cart[i], rom, rom_size, &board);
        FUZZ_ASSERT(status == UP_OK || status == UP_UNSUPPORTED);
    }
    if (cart[0]) play(&commands, calls, cart);
    for (int i = 0; i < MACHINES; i++)
        up__atari_cart_free(cart[i]);
    return 0;
}
