// Loading: a ROM becomes a cartridge, and a machine in which it was switched on.
#include "env/atari/console/load.h"

#include <stdlib.h>
#include <string.h>

#include "env/atari/console/frame.h"
#include "env/atari/jit/jit.h"
#include "env/atari/machine/bus.h"

enum { DETECTION_FRAMES = 60, PAL_LINES = 285, PAL_HEIGHT = 250 };

// Power-on contents, and whether the game's frames are as long as PAL's.
static void load(UpAtariMachine *m, const UpAtariCart *cart) {
    UpMt19937 mt;
    uint32_t at = 0;
    const UpAtariBoard *board = &cart->board;
    up__mt19937_seed(&mt, board->seed);
    *m = (UpAtariMachine){.height = board->height, .ended = true, .dpc.random = 1};
    for (int i = 0; i < UP__ATARI_RAM; i++)
        m->ram[i] = (uint8_t)up__atari_draw(m, &mt, &at);
    up__atari_draw(m, &mt, &at);
    m->input = (UpAtariInput){.swcha = 0xFF, .swchb = UP__ATARI_SWCHB_IDLE};
    m->input.swchb |= (uint8_t)(board->difficulty << 6);
    up__atari_reset_chips(m, cart, &mt, &at);
    int pal = 0;
    for (int frame = 0; frame < DETECTION_FRAMES; frame++) {
        up__atari_frame(m, cart, NULL, NULL);
        pal += frame >= DETECTION_FRAMES / 2 && m->lines > PAL_LINES;
    }
    m->pal = pal >= DETECTION_FRAMES / 4;
    if (m->pal && m->height == 210) m->height = PAL_HEIGHT;
    up__atari_reset_chips(m, cart, &mt, &at);
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

const char *up__atari_cart_type(const UpAtariCart *cart) {
    static const char *const name[] = {"2K",   "4K",   "F8", "F6", "F4", "F8SC",
                                       "F6SC", "F4SC", "E0", "FE", "DPC"};
    return name[cart->type];
}

// Translated code, unless UPHILL_JIT=0 asks for none.
static UpStatus make_jit(UpAtariCart *cart) {
    const char *wanted = getenv("UPHILL_JIT");
    if (!wanted || !wanted[0] || strcmp(wanted, "1") == 0)
        cart->jit = up__jit_new();
    else if (strcmp(wanted, "0") != 0)
        return up_fail(UP_USAGE,
                       "UPHILL_JIT = %s: it is 1, or 0 for no translation to machine code", wanted);
    return UP_OK;
}

// The ROM, decoded.
static UpStatus fill(UpAtariCart *cart, const uint8_t *rom, size_t size) {
    cart->rom = malloc(size);
    if (!cart->rom) return up_fail(UP_MEMORY, "no memory for a cartridge");
    memcpy(cart->rom, rom, size);
    cart->size = cart->type == UP__CART_4K ? 4096 : (uint32_t)size;
    if (!up__cart_decode(cart)) return up_fail(UP_MEMORY, "no memory for a cartridge");
    const void *const *handler = up__cpu_run(NULL);
    for (uint32_t at = 0; at < cart->image_size; at++)
        cart->op[at].handler = handler[cart->kind[at]];
    return make_jit(cart);
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
    if (!made) return up_fail(UP_MEMORY, "no memory for a cartridge");
    made->board = *board;
    made->type = type;
    UpStatus status = fill(made, rom, size);
    if (status != UP_OK) {
        up__atari_cart_free(made);
        return status;
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
