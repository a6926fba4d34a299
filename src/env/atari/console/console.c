// The console: what is pressed in a frame, and what the frame pays.
#include "env/atari/console/console.h"

#include <stdlib.h>
#include <string.h>

#include "env/atari/console/frame.h"
#include "env/atari/console/load.h"
#include "env/atari/game/rom.h"

enum {
    FIRE = 1,
    PADDLE_MIN = 27450,
    PADDLE_STEP = 23000,
    SELECT_HELD = UP__ATARI_RESET_ACTION + 1,
    NOTHING = 0,
    OPEN = 1,       // "resistance" of a pin without a paddle: it is never charged
    HOLD_RESET = 4, // frames
    WARM_UP = 60,   // frames after the chips were reset
    NTSC_LINES = 210,
    RESET_MAX = 500000, // frames after which a console script counts as stuck
};

// ---------------------------------------------------------------------------------------------------
// Actions

// Directions of the 18 actions as bits of a jack: 1 up, 2 down, 4 left, 8 right.
static const uint8_t direction[UP__ATARI_ACTIONS] = {0, 0, 1, 8, 4, 2, 9, 5,  10,
                                                     6, 1, 8, 4, 2, 9, 5, 10, 6};

static bool fires(int action) {
    return action == FIRE || action >= 10;
}

// In the middle, where a reset puts both paddles.
static int32_t paddle_rest(const UpAtariGame *game) {
    return (PADDLE_MIN + game->paddle_max) / 2;
}

// A paddle moves before each frame; the switches that are held stop it. The button is the jack's
// right or left direction.
static void press_paddle(UpAtariConsole *console, const UpAtariGame *game, int action,
                         UpAtariInput *input) {
    if (direction[action] & 8) console->paddle -= PADDLE_STEP;
    if (direction[action] & 4) console->paddle += PADDLE_STEP;
    if (console->paddle < PADDLE_MIN) console->paddle = PADDLE_MIN;
    if (console->paddle > game->paddle_max) console->paddle = game->paddle_max;
    int player = game->swapped_paddles;
    input->resistance[player] = console->paddle;
    input->resistance[!player] = paddle_rest(game);
    if (fires(action)) input->swcha &= (uint8_t) ~(0x80 >> player);
}

// Pins 0 and 1 belong to the left jack, 2 and 3 to the right one, where Pong alone has paddles too.
static bool is_paddle(const UpAtariGame *game, int pin) {
    return pin < 2 ? game->paddles : game->swapped_paddles;
}

static void press_joystick(const UpAtariGame *game, int action, UpAtariInput *input) {
    int jack = game->swapped_ports;
    input->swcha &= (uint8_t) ~(jack ? direction[action] : direction[action] << 4);
    input->fire[jack] = fires(action);
}

// `held`: NOTHING or a switch. Whoever holds a switch touches nothing else.
static void press(UpAtariConsole *console, const UpAtariSystem *system, int action, int held) {
    UpAtariInput input = {.swcha = 0xFF, .swchb = UP__ATARI_SWCHB_IDLE};
    for (int pin = 0; pin < 4; pin++)
        if (!is_paddle(&system->game, pin)) input.resistance[pin] = OPEN;
    if (console->difficulty & 1) input.swchb |= 0x40;
    if (console->difficulty & 2) input.swchb |= 0x80;
    if (held == UP__ATARI_RESET_ACTION) input.swchb &= (uint8_t)~UP__ATARI_SWCHB_RESET;
    if (held == SELECT_HELD) input.swchb &= (uint8_t)~UP__ATARI_SWCHB_SELECT;
    if (system->game.paddles)
        press_paddle(console, &system->game, action, &input);
    else
        press_joystick(&system->game, action, &input);
    console->machine.input = input;
}

// ---------------------------------------------------------------------------------------------------
// Frames

static UpRuleInput rule_input(UpAtariConsole *console) {
    return (UpRuleInput){.ram = console->machine.ram,
                         .cart = console->machine.cart_ram,
                         .mode = console->mode,
                         .rng = &console->random};
}

static void emulate(UpAtariConsole *console, const UpAtariSystem *system, UpAtariScreen *screen,
                    int action, int held, const UpAtariRows *rows) {
    press(console, system, action, held);
    console->before = console->machine;
    up__atari_frame(&console->machine, system->cart, screen, rows);
}

// A frame that the rule sees.
static void play(UpAtariConsole *console, const UpAtariSystem *system, UpAtariScreen *screen,
                 int action, int held, const UpAtariRows *rows) {
    emulate(console, system, screen, action, held, rows);
    UpRuleInput input = rule_input(console);
    up__rule_run(system->game.op, &input, console->var);
}

bool up__atari_console_terminal(const UpAtariConsole *console, const UpAtariSystem *system) {
    return console->var[system->game.terminal] != 0;
}

bool up__atari_console_truncated(const UpAtariConsole *console, const UpAtariSystem *system) {
    return system->frames_max > 0 && console->episode_frames >= system->frames_max;
}

int up__atari_console_lives(const UpAtariConsole *console, const UpAtariSystem *system) {
    return console->var[system->game.lives];
}

static double draw(UpMt19937 *random) {
    return up__mt19937_next(random) / 4294967296.0;
}

int up__atari_console_act(UpAtariConsole *console, const UpAtariSystem *system,
                          UpAtariScreen *screen, int action, const UpAtariRows *rows) {
    if (draw(&console->random) >= system->repeat_probability) console->action = action;
    draw(&console->random); // the second player's, who does not exist, stick too
    if (up__atari_console_terminal(console, system) || up__atari_console_truncated(console, system))
        return 0;
    bool legal = system->game.legal >> console->action & 1;
    play(console, system, screen, legal ? console->action : 0, NOTHING, rows);
    console->episode_frames++;
    return console->var[system->game.reward];
}

// Where the picture is whole there is nothing to do. Else the frame is played once more, in the
// place of the one that the screen remembers as its newest.
void up__atari_console_show(UpAtariConsole *console, const UpAtariSystem *system,
                            UpAtariScreen *screen, const UpAtariRows *rows) {
    int picture = console->machine.buffer;
    if (screen->exact[picture]) return;
    if (console->before.ended) screen->newest[picture] ^= 1;
    console->machine = console->before;
    up__atari_frame(&console->machine, system->cart, screen, rows);
}

// What a short frame shows below its end are older pictures, which can be drawn again.
void up__atari_console_notes(const UpAtariScreen *screen, UpAtariNotes *notes) {
    memset(notes, 0, sizeof *notes);
    memcpy(notes->before, screen->before, sizeof notes->before);
    memcpy(notes->newest, screen->newest, sizeof notes->newest);
    notes->was_short = screen->was_short;
}

void up__atari_console_recall(UpAtariScreen *screen, const UpAtariNotes *notes) {
    up__atari_screen_clear(screen);
    memcpy(screen->before, notes->before, sizeof notes->before);
    memcpy(screen->newest, notes->newest, sizeof notes->newest);
    screen->was_short = notes->was_short;
}

// ---------------------------------------------------------------------------------------------------
// Reset

static void hold_reset(UpAtariConsole *console, const UpAtariSystem *system,
                       UpAtariScreen *screen) {
    for (int i = 0; i < HOLD_RESET; i++)
        play(console, system, screen, 0, UP__ATARI_RESET_ACTION, NULL);
    console->action = 0;
}

// The rule does not see the frames in which SELECT is held, but the one after them.
static int press_select(UpAtariConsole *console, const UpAtariSystem *system, UpAtariScreen *screen,
                        int frames) {
    for (int i = 0; i < frames; i++)
        emulate(console, system, screen, 0, SELECT_HELD, NULL);
    play(console, system, screen, 0, NOTHING, NULL);
    console->episode_frames++;
    return frames + 1;
}

// Plays the script that puts the machine into its mode.
static bool run_script(UpAtariConsole *console, const UpAtariSystem *system,
                       UpAtariScreen *screen) {
    const UpAtariGame *game = &system->game;
    UpRuleInput input = rule_input(console);
    int frames = 0;
    for (int at = 0; at < game->script_length && frames < RESET_MAX;) {
        const UpAtariScriptOp *op = &game->script[at++];
        int value = 0;
        if (op->a >= 0) value = up__rule_run(game->op + op->a, &input, console->var);
        switch (op->kind) {
        case UP__SCRIPT_SELECT:
            frames += press_select(console, system, screen, value);
            break;
        case UP__SCRIPT_ACT:
            for (int i = 0; i < op->count; i++)
                up__atari_console_act(console, system, screen, value, NULL);
            break;
        case UP__SCRIPT_RESET:
            hold_reset(console, system, screen);
            break;
        case UP__SCRIPT_UNTIL:
            if (value) at = op->target;
            break;
        case UP__SCRIPT_GOTO:
            at = op->target;
            break;
        case UP__SCRIPT_RUN:
            break;
        }
        frames++;
    }
    return frames < RESET_MAX;
}

bool up__atari_console_reset(UpAtariConsole *console, const UpAtariSystem *system,
                             UpAtariScreen *screen) {
    const UpAtariGame *game = &system->game;
    console->episode_frames = 0;
    console->paddle = paddle_rest(game);
    up__atari_reset(&console->machine, system->cart, screen);
    for (int i = 0; i < WARM_UP; i++)
        play(console, system, screen, 0, NOTHING, NULL);
    hold_reset(console, system, screen);
    memcpy(console->var, game->initial, sizeof console->var);
    bool done = run_script(console, system, screen);
    hold_reset(console, system, screen);
    for (int i = 0; i < game->start_length; i++) {
        int action = game->start[i].action;
        bool reset = action == UP__ATARI_RESET_ACTION;
        for (int j = 0; j < game->start[i].frames; j++)
            play(console, system, screen, reset ? 0 : action, reset ? action : NOTHING, NULL);
    }
    return done;
}

bool up__atari_console_load(UpAtariConsole *console, const UpAtariSystem *system,
                            UpAtariScreen *screen, uint32_t seed) {
    up__atari_load(&console->machine, system->cart, screen);
    up__mt19937_seed(&console->random, seed);
    console->action = 0;
    console->mode = system->game.default_mode;
    console->difficulty = 0;
    memcpy(console->var, system->game.initial, sizeof console->var);
    bool done = up__atari_console_reset(console, system, screen);
    console->mode = system->mode;
    console->difficulty = system->difficulty;
    return done;
}

// ---------------------------------------------------------------------------------------------------
// Opening

UpStatus up__atari_system_open(UpAtariSystem *system, const char *name) {
    UpAtariGame *game = &system->game;
    *system = (UpAtariSystem){0};
    UP_TRY(up__atari_game_load(game, name));
    system->mode = game->default_mode;
    uint8_t *rom = malloc(UP__ROM_MAX);
    if (!rom) return up_fail(UP_MEMORY, "out of memory for the ROM of %s", name);

    UpAtariBoard board = {.first_line = game->first_line,
                          .height = game->pal ? NTSC_LINES : game->lines,
                          .no_comb = !game->hmove_blanks,
                          .difficulty = game->detection_difficulty,
                          .seed = UP__ATARI_SEED};
    if (game->paddles) board.jack[0] = UP__ATARI_PADDLES;
    if (game->swapped_paddles) board.jack[1] = UP__ATARI_PADDLES;
    UpStatus status = up__rom_read(rom, game);
    if (status == UP_OK) status = up__atari_cart_create(&system->cart, rom, game->rom_size, &board);
    free(rom);
    return status;
}

void up__atari_system_close(UpAtariSystem *system) {
    up__atari_cart_free(system->cart);
    system->cart = NULL;
}
