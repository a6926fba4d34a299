// The 6507 where it differs from a manual, or where manuals differ: decimal flags, undocumented
// opcodes, cycles, the order of accesses. Each case is one instruction on the plain CPU and on the
// fast loop.
#include "scratch.h"

#include "env/atari/cpu/alu.h"
#include "env/atari/console/load.h"
#include "env/atari/beam/beam.h"

typedef struct Registers {
    uint8_t a, x, y, p; // p without bits 5 and 4
} Registers;

typedef struct Case {
    const char *name;
    uint8_t code[3];
    Registers before, after;
    int cycles;
    uint16_t pc; // offset from the code's start, 0: behind the instruction of `length` bytes
    uint8_t length;
} Case;

enum { N = UP__N, V = UP__V, D = UP__D, Z = UP__Z, C = UP__C, RAM_90 = 0x47, RAM_91 = 0xF0 };

// RAM 90 holds 47, 91 F0, so (90),Y is at F047 + Y.
static const Case cases[] = {
    {"ADC decimal", {0x69, 0x28}, {0x19, 0, 0, D}, {0x47, 0, 0, D}, 2, 0, 2},
    {"ADC decimal carries", {0x69, 0x46}, {0x58, 0, 0, D | C}, {0x05, 0, 0, D | C}, 2, 0, 2},
    {"ADC decimal Z from A", {0x69, 0x50}, {0x50, 0, 0, D}, {0x00, 0, 0, D | C | Z}, 2, 0, 2},
    {"ADC binary overflows", {0x69, 0x50}, {0x50, 0, 0, 0}, {0xA0, 0, 0, N | V}, 2, 0, 2},
    {"SBC decimal borrows", {0xE9, 0x13}, {0x12, 0, 0, D | C}, {0x99, 0, 0, D | N | V}, 2, 0, 2},
    {"SBC EB", {0xEB, 0x01}, {0x03, 0, 0, C}, {0x02, 0, 0, C}, 2, 0, 2},
    {"ANC", {0x0B, 0xF0}, {0x8F, 0, 0, 0}, {0x80, 0, 0, N | C}, 2, 0, 2},
    {"ASR", {0x4B, 0x0F}, {0x0B, 0, 0, 0}, {0x05, 0, 0, C}, 2, 0, 2},
    {"ARR binary", {0x6B, 0xFF}, {0xC0, 0, 0, C}, {0xE0, 0, 0, N | C}, 2, 0, 2},
    {"ANE", {0x8B, 0xFF}, {0x01, 0x7F, 0, 0}, {0x6F, 0x7F, 0, 0}, 2, 0, 2},
    {"LXA", {0xAB, 0x11}, {0x10, 0, 0, 0}, {0x10, 0x10, 0, 0}, 2, 0, 2},
    {"SBX", {0xCB, 0x02}, {0x0F, 0x07, 0, 0}, {0x0F, 0x05, 0, C}, 2, 0, 2},
    {"LAX zero page", {0xA7, 0x90}, {0, 0, 0, 0}, {RAM_90, RAM_90, 0, 0}, 4, 0, 2},
    {"LDA (zp),Y crosses", {0xB1, 0x90}, {0, 0, 0xFF, 0}, {0xEA, 0, 0xFF, N}, 6, 0, 2},
    {"LDA (zp),Y", {0xB1, 0x90}, {0, 0, 1, 0}, {0xEA, 0, 1, N}, 5, 0, 2},
    {"LDA abs,X crosses", {0xBD, 0xF0, 0xF0}, {0, 0x20, 0, 0}, {0xEA, 0x20, 0, N}, 5, 0, 3},
    {"STA abs,X never pays", {0x9D, 0x80, 0x00}, {1, 0x15, 0, 0}, {1, 0x15, 0, 0}, 5, 0, 3},
    {"NOP abs,X pays", {0x1C, 0xF0, 0xF0}, {0, 0x20, 0, 0}, {0, 0x20, 0, 0}, 5, 0, 3},
    {"branch taken", {0xD0, 0x10}, {0, 0, 0, 0}, {0, 0, 0, 0}, 3, 0x12, 2},
    {"branch to another page", {0xD0, 0xF0}, {0, 0, 0, 0}, {0, 0, 0, 0}, 4, 0xFFF2, 2},
    {"branch not taken", {0xD0, 0x10}, {0, 0, 0, Z}, {0, 0, 0, Z}, 2, 0, 2},
    {"BIT", {0x24, 0x91}, {0x0F, 0, 0, 0}, {0x0F, 0, 0, N | V | Z}, 3, 0, 2},
    {"ROR", {0x6A}, {0x01, 0, 0, C}, {0x80, 0, 0, N | C}, 2, 0, 1},
    {"DCP", {0xC7, 0x90}, {0x46, 0, 0, 0}, {0x46, 0, 0, Z | C}, 5, 0, 2},
    {"ISB", {0xE7, 0x90}, {0x50, 0, 0, C}, {0x08, 0, 0, C}, 5, 0, 2},
    {"undriven bits of a TIA read", {0xA5, 0x3E}, {0, 0, 0, 0}, {0x3E, 0, 0, 0}, 3, 0, 2},
    {"the same, absolute", {0xAD, 0x0E, 0x05}, {0, 0, 0, 0}, {0x05, 0, 0, 0}, 4, 0, 3},
};

enum { START = 0x100 }; // of the code, in a ROM of EA

static UpAtariCart *cart_of(const Case *test) {
    static uint8_t rom[4096];
    UpAtariCart *cart;
    UpAtariBoard board = {.first_line = 34, .height = 210, .seed = UP__ATARI_SEED};
    memset(rom, 0xEA, sizeof rom);
    rom[0] = 0xEB; // or it would count as 2 KiB, twice
    memcpy(rom + START, test->code, test->length);
    memset(rom + 0xFFC, 0, 4);
    rom[0xFFD] = 0xF0;
    assert_ok(up__atari_cart_create(&cart, rom, sizeof rom, &board));
    return cart;
}

static void check(const Case *test, const UpAtariMachine *m, int cycles, const char *which) {
    Registers r = {m->cpu.a, m->cpu.x, m->cpu.y, m->cpu.p & (uint8_t)~UP__B};
    uint16_t pc = (uint16_t)(0xF000 + START + (test->pc ? test->pc : test->length));
    if (memcmp(&r, &test->after, sizeof r) != 0 || cycles != test->cycles || m->cpu.pc != pc)
        fail_msg("%s, %s: A %02x X %02x Y %02x P %02x, %d cycles, PC %04x", test->name, which, r.a,
                 r.x, r.y, r.p, cycles, m->cpu.pc);
}

static void test_instructions(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const Case *test = &cases[i];
        UpAtariCart *cart = cart_of(test);
        UpAtariMachine m;
        up__atari_load(&m, cart, NULL);
        m.cpu = (UpAtariCpu){.pc = 0xF000 + START,
                             .a = test->before.a,
                             .x = test->before.x,
                             .y = test->before.y,
                             .sp = 0xFF,
                             .p = test->before.p | UP__B};
        m.ram[0x10] = RAM_90;
        m.ram[0x11] = RAM_91;
        m.cycle = 0;
        UpAtariMachine before = m;
        up__cpu_step(&(UpAtariBus){.m = &m, .cart = cart});
        check(test, &m, m.cycle, "plain");

        // The fast loop stops at taken branches backwards only; behind the instruction it finds
        // NOPs, of which it executes whatever the plain CPU does.
        UpAtariMachine fast = before, plain = before;
        uint8_t opcode = test->code[0];
        UpTiaBeam beam;
        uint64_t log[64];
        UpAtariBus bus = {.m = &fast, .cart = cart, .beam = &beam, .log = log, .log_end = log};
        up__beam_begin(&beam, &bus, NULL);
        up__cart_map(&bus);
        up__cpu_run(&bus);
        UpAtariBus step = {.m = &plain, .cart = cart};
        while (plain.cycle < fast.cycle)
            up__cpu_step(&step);
        if (plain.cycle != fast.cycle || plain.cpu.pc != fast.cpu.pc || plain.cpu.a != fast.cpu.a ||
            plain.cpu.x != fast.cpu.x || plain.cpu.y != fast.cpu.y || plain.cpu.p != fast.cpu.p)
            fail_msg("%s, opcode %02x: the fast loop differs", test->name, opcode);
        up__atari_cart_free(cart);
    }
}

// The sums of every pair of bytes, in both modes, by the definition: what two digits are worth.
static void test_decimal(void **state) {
    (void)state;
    for (int a = 0; a < 256; a++)
        for (int m = 0; m < 256; m++)
            for (int carry = 0; carry < 2; carry++) {
                uint8_t p = (uint8_t)(UP__D | carry);
                int sum = 10 * (a >> 4) + (a & 15) + 10 * (m >> 4) + (m & 15) + carry;
                uint8_t result = up__alu_adc(&p, (uint8_t)a, (uint8_t)m);
                int low = sum % 256; // digits above 9 can make more
                assert_int_equal(result, (low / 10 % 10) << 4 | low % 10);
                assert_int_equal(p & UP__C, sum > 99);
                p = (uint8_t)carry;
                assert_int_equal(up__alu_adc(&p, (uint8_t)a, (uint8_t)m), (a + m + carry) & 255);
                assert_int_equal(p & UP__C, a + m + carry > 255);
                p = (uint8_t)(UP__D | carry);
                up__alu_sbc(&p, (uint8_t)a, (uint8_t)m);
                assert_int_equal(p & UP__C, a >= m + 1 - carry);
            }
}

// The timer: value - 1 at once, one step per interval, and cycles after the end.
static void test_timer(void **state) {
    (void)state;
    UpAtariMachine m = {.cycle = 1000};
    up__riot_write(&m, 0x296, 3); // intervals of 64
    m.cycle += 4;
    assert_int_equal(up__riot_read(&m, 0x284), 2);
    m.cycle = 1000 + 64;
    assert_int_equal(up__riot_read(&m, 0x284), 2);
    m.cycle++;
    assert_int_equal(up__riot_read(&m, 0x284), 1);
    assert_int_equal(up__riot_read(&m, 0x285), 0);
    m.cycle = 1000 + 3 * 64 + 1;
    assert_int_equal(up__riot_read(&m, 0x285), 0x80);
    assert_int_equal(up__riot_read(&m, 0x284), 0xFF);
    m.cycle += 5;
    assert_int_equal(up__riot_read(&m, 0x285), 0x80);
    up__riot_read(&m, 0x284); // sees the end, and says so
    assert_int_equal(up__riot_read(&m, 0x285), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_instructions),
                                       cmocka_unit_test(test_decimal),
                                       cmocka_unit_test(test_timer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
