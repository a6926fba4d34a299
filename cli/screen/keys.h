// The keyboard as the player: which keys a game has, and the action that held keys mean.
#ifndef UPHILL_CLI_KEYS_H
#define UPHILL_CLI_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/space.h"

// Keys that games use; KEY_0 + n is the digit n. A set of them is a bit mask.
typedef enum Key {
    KEY_LEFT,
    KEY_RIGHT,
    KEY_UP,
    KEY_DOWN,
    KEY_SPACE,
    KEY_RETURN,
    KEY_0,
    KEYS = KEY_0 + 10
} Key;

typedef struct KeyRow {
    Key key;
    int component; // of a Box action
    float value;   // the action; of a Box the share of its bound, -1 to 1
    const char *meaning;
} KeyRow;

enum { KEY_ROWS = 10 };

typedef struct KeyMap {
    const char *ids; // separated by spaces
    bool waits;      // a step for each key that is pressed; else the game goes on by itself
    bool combines;   // Atari's eighteen actions: arrows and fire at the same time
    float idle;      // without a key: this action; NAN: the last one again
    KeyRow row[KEY_ROWS];
} KeyMap;

// Is the id one of Atari's games? They are played with full_action_space.
bool keys_atari(const char *id);

// The keys of a game; false if it cannot be played by them.
bool keys_find(const char *id, const UpSpace *action, KeyMap *map);

// Prints them.
void keys_print(const KeyMap *map);

// held: the keys that are down. action: the last one, and then the next.
void keys_choose(const KeyMap *map, const UpSpace *space, uint32_t held, float *action);

#endif
