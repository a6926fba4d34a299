// The console: the bus, resets, and one frame.
#include "env/atari/machine.h"

#include <stdlib.h>
#include <string.h>

#include "env/atari/tia.h"

enum { FRAME_INSTRUCTIONS = 25000, DETECTION_FRAMES = 60, PAL_LINES = 285, PAL_HEIGHT = 250 };

uint8_t up__atari_read(UpAtariBus *bus, uint16_t address) {
    UpAtariMachine *m = bus->m;
    uint8_t value;
    if (address & 0x1000)
        value = up__cart_read(m, bus->cart, address);
    else if (!(address & 0x80))
        value = up__tia_read(bus, address);
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

// The next output of the machine's generator. Its state is not the machine's but is found again
// from the number of draws, which changes only at resets.
static uint32_t draw(UpAtariMachine *m, const UpAtariCart *cart, UpMt19937 *mt, uint32_t *at) {
    (void)cart;
    for (; *at < m->draws; ++*at)
        up__mt19937_next(mt);
    m->draws++;
    ++*at;
    return up__mt19937_next(mt);
}

static void reset_chips(UpAtariMachine *m, const UpAtariCart *cart, UpMt19937 *mt, uint32_t *at) {
    m->cycle = 0;
    up__riot_reset(m, draw(m, cart, mt, at));
    for (size_t i = 0; up__cart_has_ram(cart->type) && i < sizeof m->cart_ram; i++)
        m->cart_ram[i] = (uint8_t)draw(m, cart, mt, at);
    up__tia_reset(m, cart);
    up__cart_reset(m, cart);
    up__cpu_reset(&(UpAtariBus){.m = m, .cart = cart});
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

void up__atari_frame(UpAtariMachine *m, const UpAtariCart *cart, UpAtariScreen *screen,
                     const UpAtariRows *rows) {
    (void)rows;
    UpAtariBus bus = {.m = m, .cart = cart};
    if (m->ended) {
        m->buffer ^= 1;
        up__tia_begin_frame(m, cart);
        m->greyed = false;
    }
    if (screen) bus.pixel = screen->pixel[m->buffer];
    for (int i = 0; i < FRAME_INSTRUCTIONS && !bus.ended && !m->cpu.jammed; i++)
        up__cpu_step(&bus);
    m->frames++;
    m->ended = bus.ended;
    if (m->ended) {
        m->lines = lines_so_far(m);
        m->greyed = false;
    } else {
        grey_rest(m, cart, bus.pixel);
    }
}

// Power-on contents, and whether the game's frames are as long as PAL's.
static void load(UpAtariMachine *m, const UpAtariCart *cart) {
    UpMt19937 mt;
    uint32_t at = 0;
    const UpAtariBoard *board = &cart->board;
    up__mt19937_seed(&mt, board->seed);
    *m = (UpAtariMachine){.height = board->height, .ended = true, .dpc.random = 1};
    for (int i = 0; i < UP__ATARI_RAM; i++)
        m->ram[i] = (uint8_t)draw(m, cart, &mt, &at);
    draw(m, cart, &mt, &at);
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
        memset(screen, 0, sizeof *screen);
        screen->drawn_frame[0] = screen->drawn_frame[1] = -1;
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
    load(&made->loaded, made);
    *cart = made;
    return UP_OK;
}

void up__atari_cart_free(UpAtariCart *cart) {
    if (cart) free(cart->rom);
    free(cart);
}
