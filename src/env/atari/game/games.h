// What is known of each game: data/atari-games.json, which the library carries within itself, read
// and compiled when a game is loaded.
#ifndef UP_ENV_ATARI_GAMES_H
#define UP_ENV_ATARI_GAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "env/atari/game/rule.h"

enum {
    UP__ATARI_NAME = 24,
    UP__ATARI_ACTIONS = 18,
    UP__ATARI_MODES = 160,
    UP__ATARI_SCRIPT = 64,
    UP__ATARI_STARTS = 4,
    UP__ATARI_RESET_ACTION = 40, // presses the console's reset switch; in start lists only
};

// One step of the console script that puts the machine into a mode. Expressions are the indices of
// their first instruction in UpAtariGame's `op`.
typedef struct UpAtariScriptOp {
    enum {
        UP__SCRIPT_SELECT, // hold SELECT for `a` frames
        UP__SCRIPT_ACT,    // `count` environment steps with action `a`
        UP__SCRIPT_RESET,
        UP__SCRIPT_UNTIL, // if `a`, go on at `target`
        UP__SCRIPT_GOTO,
        UP__SCRIPT_RUN, // `a` for its own sake: it sets a variable
    } kind;
    int a; // -1: it has none
    int count, target;
} UpAtariScriptOp;

typedef struct UpAtariGame {
    char name[UP__ATARI_NAME]; // "space_invaders"

    // the cartridge
    size_t rom_size;
    char md5[33]; // lower case, hexadecimal
    char bank[5]; // type of cartridge, as up__atari_cart_type says it

    // the console
    bool paddles, swapped_ports, swapped_paddles, pal, hmove_blanks;
    int first_line, lines; // of the screen
    int32_t paddle_max;
    uint8_t detection_difficulty; // of the switches while the format is detected

    // the player
    int actions;                        // entries of `minimal`
    uint8_t minimal[UP__ATARI_ACTIONS]; // actions that do something
    uint32_t legal;                     // bit a: action a is one; others act as 0
    int modes, default_mode;
    uint16_t mode[UP__ATARI_MODES];
    uint32_t difficulties; // bit d: ALE accepts difficulty d

    // the rule: program 0 of `op`
    UpRuleOp op[UP__RULE_OPS];
    int vars;
    int reward, terminal, lives;    // variables that hold the results of a frame
    int32_t initial[UP__RULE_VARS]; // after a rule reset; lives: what is said before a frame

    // a reset
    int script_length, start_length;
    UpAtariScriptOp script[UP__ATARI_SCRIPT];
    struct {
        int action, frames;
    } start[UP__ATARI_STARTS];
} UpAtariGame;

// The whole of data/atari-games.json; the caller's to delete.
struct cJSON;
UpStatus up__atari_games_parse(struct cJSON **root);

// Reads the game called `name` ("space_invaders"). UP_UNKNOWN if there is none.
UpStatus up__atari_game_load(UpAtariGame *game, const char *name);

typedef struct UpAtariTitle {
    char name[UP__ATARI_NAME]; // "space_invaders"; "" if there is no such game
    bool old_ids;              // it answers to X-v4 and its like too
    bool no_rules;             // it is in ale-py's wheel, but ALE has no rules for it
} UpAtariTitle;

// The game that Gymnasium writes as `title` ("SpaceInvaders").
UpStatus up__atari_game_find(const char *title, UpAtariTitle *found);

// The title of a game that is nearest to `title`, "" if none is near.
UpStatus up__atari_game_nearest(const char *title, char nearest[UP__ATARI_NAME]);

#endif
