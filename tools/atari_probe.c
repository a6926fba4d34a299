// The other half of tools/check_atari.py: plays one game as it is told and says what came of it.
//
//   atari_probe GAME [STICKINESS [MODE [DIFFICULTY [FRAMES_MAX]]]]
//
// Commands on standard input, a byte and its arguments (little-endian):
//   l seed:u32   load the game, as ALE's loadROM does
//   r            reset_game
//   a action:u8  act(action), the frame drawn
//   b action:u8  act(action), the frame not drawn; the screen it reports is drawn afterwards
//   c action:u8  act(action), the frame not drawn; only the five numbers are written
//   s            save
//   o            restore what was saved
//   f            hand over what was written so far
// After each but the last it writes: RAM (128), the screen (lines x 160), reward, lives, terminal,
// truncated, episode frame number (i32 each).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "env/atari/console/frame.h"
#include "env/atari/console/console.h"

static UpAtariSystem atari;
static UpAtariConsole console, saved;
static UpAtariScreen screen, saved_screen;

static void report_numbers(int reward) {
    const int32_t number[] = {reward, up__atari_console_lives(&console, &atari),
                              up__atari_console_terminal(&console, &atari),
                              up__atari_console_truncated(&console, &atari),
                              (int32_t)console.episode_frames};
    fwrite(number, 1, sizeof number, stdout);
}

static void report(int reward) {
    fwrite(console.machine.ram, 1, UP__ATARI_RAM, stdout);
    fwrite(up__atari_pixels(&console.machine, &screen), UP__ATARI_COLUMNS, (size_t)atari.game.lines,
           stdout);
    report_numbers(reward);
}

static void act(bool drawn) {
    UpAtariRows all = {0, atari.game.lines, 1};
    int action = getchar() % UP__ATARI_ACTIONS;
    bool over = up__atari_console_terminal(&console, &atari) ||
                up__atari_console_truncated(&console, &atari);
    int reward = up__atari_console_act(&console, &atari, &screen, action, drawn ? &all : NULL);
    if (!drawn && !over) up__atari_console_show(&console, &atari, &screen, &all);
    report(reward);
}

static void show(bool done) {
    UpAtariRows all = {0, atari.game.lines, 1};
    if (!done) fprintf(stderr, "atari_probe: the reset does not end\n");
    up__atari_console_show(&console, &atari, &screen, &all);
    report(0);
}

// A game that somebody could save is one that can be loaded.
static void check_possible(void) {
    static UpAtariNotes notes;
    up__atari_console_notes(&screen, &notes);
    if (up__atari_console_possible(&console, &notes, &atari)) return;
    fprintf(stderr, "atari_probe: frame %lld counts as damaged\n",
            (long long)console.machine.frames);
    exit(1);
}

static bool obey(int command) {
    uint32_t seed;
    switch (command) {
    case 'l':
        if (fread(&seed, sizeof seed, 1, stdin) != 1) return false;
        show(up__atari_console_load(&console, &atari, &screen, seed));
        return true;
    case 'r':
        show(up__atari_console_reset(&console, &atari, &screen));
        return true;
    case 'a':
    case 'b':
        act(command == 'a');
        return true;
    case 'c':
        report_numbers(
            up__atari_console_act(&console, &atari, &screen, getchar() % UP__ATARI_ACTIONS, NULL));
        return true;
    case 's':
        check_possible();
        saved = console;
        saved_screen = screen;
        report(0);
        return true;
    case 'o':
        console = saved;
        screen = saved_screen;
        report(0);
        return true;
    case 'f':
        return fflush(stdout) == 0;
    default:
        return false;
    }
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    if (up__atari_system_open(&atari, argv[1]) != UP_OK) {
        fprintf(stderr, "atari_probe: %s\n", up_error());
        return 1;
    }
    if (argc > 2) atari.repeat_probability = (double)(float)atof(argv[2]);
    if (argc > 3) atari.mode = atoi(argv[3]);
    if (argc > 4) atari.difficulty = atoi(argv[4]);
    if (argc > 5) atari.frames_max = atoi(argv[5]);
    for (int command = getchar(); command != EOF; command = getchar()) {
        if (!obey(command)) return 2;
    }
    up__atari_system_close(&atari);
    return 0;
}
