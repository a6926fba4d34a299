// The console: the bus, resets, and one frame.
#include "env/atari/machine/machine.h"

#include <stdlib.h>
#include <string.h>

#include "env/atari/jit/jit.h"
#include "env/atari/beam/beam.h"

enum { FRAME_INSTRUCTIONS = 25000, DETECTION_FRAMES = 60, PAL_LINES = 285, PAL_HEIGHT = 250 };

// The picture is drawn up to a read of the TIA.
static void touch(UpAtariBus *bus) {
    if (3 * bus->m->cycle > bus->end_clock) bus->end_clock = 3 * bus->m->cycle;
}

static uint8_t read_tia(UpAtariBus *bus, uint16_t address) {
    touch(bus);
    return up__tia_read(bus, address);
}

uint8_t up__atari_read(UpAtariBus *bus, uint16_t address) {
    UpAtariMachine *m = bus->m;
    uint8_t value;
    if (address & 0x1000)
        value = up__cart_read(m, bus->cart, address);
    else if (!(address & 0x80))
        value = read_tia(bus, address);
    else
        value = address & 0x200 ? up__riot_read(m, address) : m->ram[address & 0x7F];
    m->cpu.bus = value;
    m->cpu.wrote = false;
    return value;
}

void up__atari_write(UpAtariBus *bus, uint16_t address, uint8_t value) {
    UpAtariMachine *m = bus->m;
    if (address & 0x1000)
        up__cart_write(m, bus->cart, address, value);
    else if (!(address & 0x80))
        up__tia_write(bus, address, value);
    else if (address & 0x200)
        up__riot_write(m, address, value);
    else
        m->ram[address & 0x7F] = value;
    m->cpu.bus = value;
    m->cpu.wrote = true;
}

uint8_t up__atari_read_port(UpAtariBus *bus, int32_t c, uint16_t address, uint8_t bits) {
    UpAtariMachine *m = bus->m;
    m->cycle = c;
    if (address & 0x80) return up__riot_read(m, address);
    touch(bus);
    if (address & 8) return (uint8_t)(up__tia_pins(bus, address & 15) | (bits & 0x3F));
    m->cpu.bus = bits;
    return up__tia_read(bus, address);
}

void up__atari_write_port(UpAtariBus *bus, int32_t c, uint16_t address, uint8_t value) {
    bus->m->cycle = c;
    bus->m->cpu.wrote = false;
    up__atari_write(bus, address, value);
}

// The next output of the machine's generator. Its state is not the machine's but is found again
// from the number of draws, which changes only at resets.
static uint32_t draw(UpAtariMachine *m, UpMt19937 *mt, uint32_t *at) {
    for (; *at < m->draws; ++*at)
        up__mt19937_next(mt);
    m->draws++;
    ++*at;
    return up__mt19937_next(mt);
}

static void reset_chips(UpAtariMachine *m, const UpAtariCart *cart, UpMt19937 *mt, uint32_t *at) {
    m->cycle = 0;
    up__riot_reset(m, draw(m, mt, at));
    for (size_t i = 0; up__cart_has_ram(cart->type) && i < sizeof m->cart_ram; i++)
        m->cart_ram[i] = (uint8_t)draw(m, mt, at);
    up__tia_reset(m, cart);
    up__cart_reset(m, cart);
    up__cpu_reset(&(UpAtariBus){.m = m, .cart = cart});
}

// For a picture that did not come about by drawing only what changes.
static void repaint_one(UpAtariScreen *screen, int buffer) {
    memset(screen->touched[buffer], 1, sizeof screen->touched[buffer]);
    memset(&screen->held[buffer].outdated, 0xFF, sizeof screen->held[buffer].outdated);
}

static void repaint(UpAtariScreen *screen) {
    repaint_one(screen, 0);
    repaint_one(screen, 1);
}

void up__atari_screen_clear(UpAtariScreen *screen) {
    memset(screen, 0, offsetof(UpAtariScreen, held));
    screen->held[0].rows = screen->held[1].rows = 0;
    repaint(screen);
}

void up__atari_reset(UpAtariMachine *m, const UpAtariCart *cart, UpAtariScreen *screen) {
    UpMt19937 local, *mt = screen ? &screen->random : &local;
    uint32_t none = 0, *at = screen ? &screen->random_draws : &none;
    if (!screen || *at == 0 || *at > m->draws || screen->random_seed != cart->board.seed) {
        up__mt19937_seed(mt, cart->board.seed);
        *at = 0;
    }
    reset_chips(m, cart, mt, at);
    if (!screen) return;
    screen->random_seed = cart->board.seed;
    memset(screen->pixel, 0, sizeof screen->pixel);
    repaint(screen);
    screen->exact[0] = screen->exact[1] = true;
}

static int32_t lines_so_far(const UpAtariMachine *m) {
    return up__wrap_sub(3 * m->cycle, m->tia.frame_start) / UP__LINE_CLOCKS;
}

// What an unfinished frame did not reach turns grey, once.
static void grey_rest(UpAtariMachine *m, const UpAtariCart *cart, uint8_t *pixel) {
    int row = lines_so_far(m) - cart->board.first_line;
    if (row < 0) row = 0;
    if (m->greyed) return;
    m->greyed = true;
    for (int i = row * UP__ATARI_COLUMNS; pixel && i < m->height * UP__ATARI_COLUMNS; i++)
        pixel[i] = (pixel[i] & 15) >> 1;
}

// Cycles that no 25,000 instructions can take less than.
enum { FRAME_CYCLES_MIN = 2 * FRAME_INSTRUCTIONS, LOG_ENTRIES = 19456 };

static void run_plain(UpAtariBus *bus) {
    for (int i = 0; i < FRAME_INSTRUCTIONS && !bus->ended && !bus->m->cpu.jammed; i++)
        up__cpu_step(bus);
}

// The log's writes once more, with pixels.
static void draw_plain(const UpAtariBus *bus, const UpAtariMachine *start) {
    UpAtariMachine m = *start;
    UpAtariBus plain = {.m = &m, .cart = bus->cart, .pixel = bus->pixel};
    for (const uint64_t *entry = bus->log; entry < bus->log_end; entry++) {
        m.cycle = (int32_t)*entry;
        up__tia_write(&plain, (uint16_t)up__log_register(*entry),
                      (uint8_t)(*entry >> UP__LOG_VALUE));
    }
    up__tia_draw_plain(&plain, bus->end_clock);
}

// Runs the frame that begins or, interpreted, goes on. False: translated code cannot tell whether
// it ends before FRAME_INSTRUCTIONS.
static bool run_fast(UpAtariBus *bus, const UpAtariMachine *start, UpAtariScreen *screen) {
    _Alignas(1024) UpTiaBeam beam; // stores across the end of a page are slow
    uint64_t log[LOG_ENTRIES];
    UpAtariMachine *m = bus->m;
    int32_t stop = bus->interpreted ? INT32_MAX : m->cycle + FRAME_CYCLES_MIN;
    bus->beam = &beam;
    bus->log = bus->log_end = log;
    bus->left = FRAME_INSTRUCTIONS;
    bus->end_clock = INT32_MIN;
    bus->window = up__tia_window(m, bus->cart);
    bus->window_end = bus->window + UP__LINE_CLOCKS * m->height;
    for (int pin = 0; pin < 4; pin++)
        bus->charge[pin] = up__tia_charge(m->input.resistance[pin]);
    up__beam_begin(&beam, bus, start->ended ? screen : NULL);
    up__cart_map(bus);
    up__cpu_run(bus, stop);
    if (!bus->interpreted && (!bus->ended || bus->late || m->cycle >= stop)) return false;
    up__beam_end(bus, bus->end_clock);
    if (bus->pixel && !start->ended) draw_plain(bus, start);
    if (bus->pixel && !(start->ended && bus->ended)) repaint_one(screen, m->buffer);
    return true;
}

static void end_frame(UpAtariMachine *m, const UpAtariCart *cart, bool ended, uint8_t *pixel) {
    m->frames++;
    m->ended = ended;
    if (m->ended) {
        m->lines = lines_so_far(m);
        m->greyed = false;
    } else {
        grey_rest(m, cart, pixel);
    }
}

static void begin_frame(UpAtariMachine *m, const UpAtariCart *cart) {
    if (!m->ended) return;
    m->buffer ^= 1;
    up__tia_begin_frame(m, cart);
    m->greyed = false;
}

static bool is_short(const UpAtariMachine *m, const UpAtariCart *cart) {
    return m->tia.drawn < up__tia_window(m, cart) + UP__LINE_CLOCKS * m->height;
}

void up__atari_frame_plain(UpAtariMachine *m, const UpAtariCart *cart, UpAtariScreen *screen) {
    begin_frame(m, cart);
    UpAtariBus bus = {.m = m, .cart = cart, .pixel = screen ? screen->pixel[m->buffer] : NULL};
    run_plain(&bus);
    if (screen) {
        repaint(screen);
        screen->was_short = !bus.ended || is_short(m, cart);
        if (!screen->was_short) screen->exact[m->buffer] = true;
    }
    end_frame(m, cart, bus.ended, bus.pixel);
}

// Runs the frame that begins or goes on, with these rows drawn into the screen's picture; NULL:
// none. Whether it ended.
static bool play(UpAtariMachine *m, const UpAtariCart *cart, const UpAtariMachine *start,
                 bool begins, UpAtariScreen *screen, const UpAtariRows *rows) {
    uint8_t *pixel = rows ? screen->pixel[m->buffer] : NULL;
    UpAtariBus bus = {.m = m, .cart = cart, .pixel = pixel, .rows = rows};
    if (begins && cart->jit && run_fast(&bus, start, screen)) return true;
    *m = *start;
    bus = (UpAtariBus){.m = m, .cart = cart, .pixel = pixel, .rows = rows, .interpreted = true};
    run_fast(&bus, start, screen);
    return bus.ended;
}

// The rows below a short frame are those of two frames ago, in the same buffer. Draws both frames
// if they were not. A frame that goes on in the next call is drawn now, too.
static bool complete(UpAtariMachine *m, const UpAtariCart *cart, UpAtariScreen *screen,
                     const UpAtariMachine *start, bool begins) {
    UpAtariRows all = {0, m->height, 1};
    if (!screen->exact[m->buffer]) {
        const UpAtariMachine *before = &screen->before[m->buffer][!screen->newest[m->buffer]];
        UpAtariMachine older = *before;
        play(&older, cart, before, true, screen, &all);
    }
    *m = *start;
    return play(m, cart, start, begins, screen, &all);
}

void up__atari_frame(UpAtariMachine *m, const UpAtariCart *cart, UpAtariScreen *screen,
                     const UpAtariRows *rows) {
    bool begins = m->ended;
    begin_frame(m, cart);
    int buffer = m->buffer;
    UpAtariRows all = {0, m->height, 1};
    UpAtariMachine local, *start = &local;
    if (screen && begins) start = &screen->before[buffer][screen->newest[buffer] ^= 1];
    *start = *m;
    if (!screen) {
        end_frame(m, cart, play(m, cart, start, begins, NULL, NULL), NULL);
        return;
    }
    if (rows) screen->wanted = *rows;
    if (!begins || screen->was_short) rows = &all;
    bool ended = play(m, cart, start, begins, screen, rows);
    bool every = rows && rows->first == 0 && rows->end >= m->height && rows->step == 1;
    screen->was_short = !ended || is_short(m, cart);
    if (screen->was_short && !(every && screen->exact[buffer]))
        ended = complete(m, cart, screen, start, begins);
    screen->exact[buffer] = every || screen->was_short;
    end_frame(m, cart, ended, screen->pixel[buffer]);
}

// Power-on contents, and whether the game's frames are as long as PAL's.
static void load(UpAtariMachine *m, const UpAtariCart *cart) {
    UpMt19937 mt;
    uint32_t at = 0;
    const UpAtariBoard *board = &cart->board;
    up__mt19937_seed(&mt, board->seed);
    *m = (UpAtariMachine){.height = board->height, .ended = true, .dpc.random = 1};
    for (int i = 0; i < UP__ATARI_RAM; i++)
        m->ram[i] = (uint8_t)draw(m, &mt, &at);
    draw(m, &mt, &at);
    m->input = (UpAtariInput){.swcha = 0xFF, .swchb = UP__ATARI_SWCHB_IDLE};
    m->input.swchb |= (uint8_t)(board->difficulty << 6);
    reset_chips(m, cart, &mt, &at);
    int pal = 0;
    for (int frame = 0; frame < DETECTION_FRAMES; frame++) {
        up__atari_frame(m, cart, NULL, NULL);
        pal += frame >= DETECTION_FRAMES / 2 && m->lines > PAL_LINES;
    }
    m->pal = pal >= DETECTION_FRAMES / 4;
    if (m->pal && m->height == 210) m->height = PAL_HEIGHT;
    reset_chips(m, cart, &mt, &at);
    m->input.swchb = UP__ATARI_SWCHB_IDLE;
    m->frames = 0;
}

void up__atari_load(UpAtariMachine *m, const UpAtariCart *cart, UpAtariScreen *screen) {
    *m = cart->loaded;
    if (screen) {
        up__atari_screen_clear(screen);
        screen->exact[0] = screen->exact[1] = true;
    }
}

const UpAtariBoard *up__atari_cart_board(const UpAtariCart *cart) {
    return &cart->board;
}

const char *up__atari_cart_type(const UpAtariCart *cart) {
    static const char *const name[] = {"2K",   "4K",   "F8", "F6", "F4", "F8SC",
                                       "F6SC", "F4SC", "E0", "FE", "DPC"};
    return name[cart->type];
}

UpStatus up__atari_cart_create(UpAtariCart **cart, const uint8_t *rom, size_t size,
                               const UpAtariBoard *board) {
    *cart = NULL;
    UpAtariType type = up__cart_detect(rom, size);
    if (type == UP__CART_TYPES)
        return up_fail(UP_UNSUPPORTED,
                       "a cartridge of %zu bytes of a kind that no supported game uses", size);
    if (board->first_line < 0 || board->height < 1 ||
        board->first_line + (board->height == 210 ? PAL_HEIGHT : board->height) >
            UP__ATARI_ROWS_MAX)
        return up_fail(UP_USAGE, "a window of %d lines from line %d does not fit a picture",
                       board->height, board->first_line);
    UpAtariCart *made = calloc(1, sizeof *made);
    uint8_t *copy = malloc(size);
    if (!made || !copy) {
        free(made);
        free(copy);
        return up_fail(UP_MEMORY, "no memory for a cartridge");
    }
    made->board = *board;
    made->type = type;
    made->rom = memcpy(copy, rom, size);
    made->size = type == UP__CART_4K ? 4096 : (uint32_t)size;
    if (!up__cart_decode(made)) {
        up__atari_cart_free(made);
        return up_fail(UP_MEMORY, "no memory for a cartridge");
    }
    load(&made->loaded, made);
    *cart = made;
    return UP_OK;
}

void up__atari_cart_free(UpAtariCart *cart) {
    if (!cart) return;
    free(cart->rom);
    free(cart->image);
    free(cart->op);
    free(cart->kind);
    up__jit_free(cart->jit);
    free(cart);
}
