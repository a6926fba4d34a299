// Microseconds of the processor that a frame of an Atari game takes on one thread: unseen, with all
// rows drawn, with the rows that pong80 reads, and on the plain machine. Games are arguments, as
// their ROMs are called; without any, a few of different kinds.
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "env/atari/console/frame.h"
#include "env/atari/console/console.h"
#include "uphill/random.h"

enum { WARM_UP = 300, FRAMES = 200, ROUNDS = 8, WAYS = 4 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// Both sticks and the buttons as they fall, changed every fourth frame; the console's own rules
// and stickiness are left out.
static void press(UpAtariMachine *m, UpRng *rng, int frame) {
    if (frame % 4) return;
    m->input.swcha = (uint8_t)up_rng_integers(rng, 0, 256);
    m->input.fire[0] = (uint8_t)up_rng_integers(rng, 0, 2);
    m->input.resistance[0] = (int32_t)up_rng_integers(rng, 27450, 790196);
}

static double measure(UpAtariConsole *console, const UpAtariSystem *system, UpAtariScreen *screen,
                      int way) {
    static const UpAtariRows pong80 = {35, 195, 2};
    UpAtariRows all = {0, console->machine.height, 1};
    const UpAtariRows *rows = way == 0 ? NULL : way == 1 ? &all : &pong80;
    UpAtariMachine *m = &console->machine;
    UpRng rng;
    up_rng_seed(&rng, 0);
    double start = now();
    for (int frame = 0; frame < FRAMES; frame++) {
        press(m, &rng, frame);
        if (way == 3)
            up__atari_frame_plain(m, system->cart, screen);
        else
            up__atari_frame(m, system->cart, screen, rows);
    }
    return (now() - start) * 1e6 / FRAMES;
}

static UpStatus bench(const char *name) {
    static UpAtariConsole console;
    static UpAtariScreen screen;
    UpAtariSystem system;
    double best[WAYS];
    UP_TRY(up__atari_system_open(&system, name));
    up__atari_console_load(&console, &system, &screen, 0);
    for (int frame = 0; frame < WARM_UP; frame++)
        up__atari_console_act(&console, &system, &screen, frame % 2, NULL);
    UpAtariMachine start = console.machine;
    for (int round = 0; round < ROUNDS; round++)
        for (int way = 0; way < WAYS; way++) {
            console.machine = start;
            double time = measure(&console, &system, &screen, way);
            if (round == 0 || time < best[way]) best[way] = time;
        }
    printf("%-20s %8.2f %8.2f %8.2f %8.1f\n", name, best[0], best[1], best[2], best[3]);
    up__atari_system_close(&system);
    return UP_OK;
}

int main(int argc, char **argv) {
    static char *some[] = {"pong", "breakout", "space_invaders", "seaquest", "qbert", "ms_pacman"};
    char **game = argc > 1 ? argv + 1 : some;
    int games = argc > 1 ? argc - 1 : (int)(sizeof some / sizeof *some);
    printf("%-20s %8s %8s %8s %8s   us a frame\n", "", "unseen", "seen", "pong80", "plain");
    for (int i = 0; i < games; i++)
        if (bench(game[i]) != UP_OK) {
            fprintf(stderr, "%s: %s\n", game[i], up_error());
            return 1;
        }
    return 0;
}
