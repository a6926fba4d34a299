// What a screen remembers.
#include "env/atari/machine/screen.h"

#include <stddef.h>
#include <string.h>

void up__screen_repaint_one(UpAtariScreen *screen, int buffer) {
    memset(screen->touched[buffer], 1, sizeof screen->touched[buffer]);
    memset(&screen->held[buffer].outdated, 0xFF, sizeof screen->held[buffer].outdated);
}

void up__screen_repaint(UpAtariScreen *screen) {
    up__screen_repaint_one(screen, 0);
    up__screen_repaint_one(screen, 1);
}

void up__atari_screen_clear(UpAtariScreen *screen) {
    memset(screen, 0, offsetof(UpAtariScreen, held));
    screen->held[0].rows = screen->held[1].rows = 0;
    up__screen_repaint(screen);
}
