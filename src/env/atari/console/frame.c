// One frame: played fast where that can be, drawn where somebody looks.
#include "env/atari/console/frame.h"

#include "env/atari/beam/beam.h"
#include "env/atari/jit/jit.h"

enum { FRAME_INSTRUCTIONS = 25000 };

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

// Translated code, and the loop from what is not translated to the next jump. False: the frame may
// have ended earlier, or does not end before FRAME_INSTRUCTIONS.
static bool take_turns(UpAtariBus *bus) {
    const UpAtariMachine *m = bus->m;
    int32_t limit = up__tia_limit(m), stop = m->cycle + FRAME_CYCLES_MIN;
    while (!bus->ended && !m->cpu.jammed && m->cycle < stop) {
        if (up__jit_run(bus, limit) == UP__JIT_LATE) return false;
        up__cpu_run(bus);
    }
    return bus->ended && m->cycle < stop;
}

// Runs the frame that begins or, interpreted, goes on. False: translated code cannot tell whether
// it ends before FRAME_INSTRUCTIONS.
static bool run_fast(UpAtariBus *bus, const UpAtariMachine *start, UpAtariScreen *screen) {
    _Alignas(1024) UpTiaBeam beam; // stores across the end of a page are slow
    uint64_t log[LOG_ENTRIES];
    UpAtariMachine *m = bus->m;
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
    if (bus->interpreted)
        up__cpu_run(bus);
    else if (!take_turns(bus))
        return false;
    up__beam_end(bus, bus->end_clock);
    if (bus->pixel && !start->ended) draw_plain(bus, start);
    if (bus->pixel && !(start->ended && bus->ended)) up__screen_repaint_one(screen, m->buffer);
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

// A frame that never ends has drawn all its rows, and the next write to the television chip will
// end it; all that time does until then is to run the timer and a DPC cartridge's music. So it is
// counted on from an earlier cycle before the counter of clocks would overflow. Pairs of lines: the
// colours of PAL depend on whether the number of lines is odd.
static void count_back(UpAtariMachine *m) {
    enum { PAIR = 2 * UP__LINE_CYCLES, CYCLES = UP__FRAME_CYCLES_MAX / 2 / PAIR * PAIR };
    m->cycle -= CYCLES;
    m->riot.set = up__wrap_sub(m->riot.set, CYCLES);
    m->riot.expiry = up__wrap_sub(m->riot.expiry, CYCLES);
    m->dpc.clocked = up__wrap_sub(m->dpc.clocked, CYCLES);
}

static void begin_frame(UpAtariMachine *m, const UpAtariCart *cart) {
    if (!m->ended && m->cycle >= UP__FRAME_CYCLES_MAX) count_back(m);
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
        up__screen_repaint(screen);
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
