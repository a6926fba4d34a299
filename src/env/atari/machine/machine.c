// The console's reset of all chips, and the randomness that they are filled with.
#include "env/atari/machine/machine.h"

#include <string.h>

#include "env/atari/machine/screen.h"
#include "env/atari/tia/tia.h"

uint32_t up__atari_draw(UpAtariMachine *m, UpMt19937 *mt, uint32_t *at) {
    for (; *at < m->draws; ++*at)
        up__mt19937_next(mt);
    m->draws++;
    ++*at;
    return up__mt19937_next(mt);
}

void up__atari_reset_chips(UpAtariMachine *m, const UpAtariCart *cart, UpMt19937 *mt,
                           uint32_t *at) {
    m->cycle = 0;
    up__riot_reset(m, up__atari_draw(m, mt, at));
    for (size_t i = 0; up__cart_has_ram(cart->type) && i < sizeof m->cart_ram; i++)
        m->cart_ram[i] = (uint8_t)up__atari_draw(m, mt, at);
    up__tia_reset(m);
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
    up__atari_reset_chips(m, cart, mt, at);
    if (!screen) return;
    screen->random_seed = cart->board.seed;
    memset(screen->pixel, 0, sizeof screen->pixel);
    up__screen_repaint(screen);
    screen->exact[0] = screen->exact[1] = true;
}
