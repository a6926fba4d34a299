// Microseconds that the observation of AtariPreprocessing takes, from the screens of two frames to
// 84 x 84 pixels of grey, in a batch of games that the processor's cache does not hold. Beside it,
// how many rows of either screen are marked. Games are arguments, as their ROMs are called; without
// any, a few of different kinds.
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "env/atari/console/frame.h"
#include "env/atari/console/console.h"
#include "env/wrappers/atari_view.h"
#include "uphill/random.h"

enum { INSTANCES = 64, WARM_UP = 50, STEPS = 150, FRAMES = 4, ACTIONS = 6 };

typedef struct Bench {
    UpAtariSystem system;
    UpAtariView view;
    UpArena arena;
    double time;
    int64_t rows;
} Bench;

static UpAtariConsole console[INSTANCES];
static UpAtariScreen screen[INSTANCES];
static uint8_t observation[INSTANCES][84 * 84];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static UpStatus open_game(Bench *bench, const char *name) {
    UP_TRY(up__atari_system_open(&bench->system, name));
    const UpAtariPalette *palette = up__atari_palette(bench->system.game.pal);
    UpConsoleInfo info = {.height = bench->system.game.lines,
                          .width = UP__ATARI_COLUMNS,
                          .rgb = palette->rgb[0],
                          .grey = palette->grey};
    UpEnvDef def = up_env_def_default();
    UP_TRY(up__atari_view_create(&bench->view, &def, &info, INSTANCES, &bench->arena));
    for (int i = 0; i < INSTANCES; i++)
        up__atari_console_load(&console[i], &bench->system, &screen[i], (uint32_t)i);
    return UP_OK;
}

// The last two frames are drawn.
static UpAtariScreens play(Bench *bench, int i, int action) {
    UpAtariRows all = {0, bench->system.game.lines, 1};
    UpAtariScreens screens = {0};
    if (up__atari_console_terminal(&console[i], &bench->system))
        up__atari_console_reset(&console[i], &bench->system, &screen[i]);
    for (int frame = FRAMES - 1; frame >= 0; frame--) {
        up__atari_console_act(&console[i], &bench->system, &screen[i], action,
                              frame < 2 ? &all : NULL);
        screens.other = screens.newest;
        screens.touched[1] = screens.touched[0];
        screens.newest = up__atari_pixels(&console[i].machine, &screen[i]);
        screens.touched[0] = screen[i].touched[console[i].machine.buffer];
    }
    return screens;
}

static void step(Bench *bench, int i, int action) {
    UpAtariScreens screens = play(bench, i, action);
    for (int y = 0; y < bench->system.game.lines; y++)
        bench->rows += screens.touched[0][y] | screens.touched[1][y];
    double start = now();
    up__atari_view_see(&bench->view, i, &screens);
    up__atari_view_write(&bench->view, i, observation[i]);
    bench->time += now() - start;
}

static UpStatus run(const char *name) {
    Bench bench = {0};
    UpRng rng;
    UP_TRY(open_game(&bench, name));
    up_rng_seed(&rng, 0);
    for (int t = 0; t < WARM_UP + STEPS; t++) {
        if (t == WARM_UP) bench.rows = 0, bench.time = 0;
        for (int i = 0; i < INSTANCES; i++)
            step(&bench, i, (int)up_rng_integers(&rng, 0, ACTIONS));
    }
    double count = (double)STEPS * INSTANCES;
    printf("%-20s %8.2f %8.1f\n", name, bench.time * 1e6 / count, (double)bench.rows / count);
    up_arena_free(&bench.arena);
    up__atari_system_close(&bench.system);
    return UP_OK;
}

int main(int argc, char **argv) {
    static char *some[] = {"pong", "breakout", "space_invaders", "seaquest", "qbert", "ms_pacman"};
    char **game = argc > 1 ? argv + 1 : some;
    int games = argc > 1 ? argc - 1 : (int)(sizeof some / sizeof *some);
    printf("%-20s %8s %8s\n", "", "us", "rows");
    for (int i = 0; i < games; i++)
        if (run(game[i]) != UP_OK) {
            fprintf(stderr, "%s: %s\n", game[i], up_error());
            return 1;
        }
    return 0;
}
