#include "screen/keys.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const key_names[KEY_0] = {"left", "right", "up", "down", "space", "return"};

static const KeyMap maps[] = {
    {.ids = "CartPole-v0 CartPole-v1",
     .idle = NAN,
     .row = {{KEY_LEFT, 0, 0, "push left"}, {KEY_RIGHT, 0, 1, "push right"}}},
    {.ids = "Acrobot-v1",
     .idle = 1,
     .row = {{KEY_LEFT, 0, 0, "torque -1"}, {KEY_RIGHT, 0, 2, "torque +1"}}},
    {.ids = "MountainCar-v0",
     .idle = 1,
     .row = {{KEY_LEFT, 0, 0, "left"}, {KEY_RIGHT, 0, 2, "right"}}},
    {.ids = "MountainCarContinuous-v0",
     .row = {{KEY_LEFT, 0, -1, "left"}, {KEY_RIGHT, 0, 1, "right"}}},
    {.ids = "Pendulum-v1",
     .row = {{KEY_LEFT, 0, 1, "turn left"}, {KEY_RIGHT, 0, -1, "turn right"}}},
    {.ids = "FrozenLake-v1 FrozenLake8x8-v1",
     .waits = true,
     .row = {{KEY_LEFT, 0, 0, "left"},
             {KEY_DOWN, 0, 1, "down"},
             {KEY_RIGHT, 0, 2, "right"},
             {KEY_UP, 0, 3, "up"}}},
    {.ids = "CliffWalking-v1 CliffWalkingSlippery-v1",
     .waits = true,
     .row = {{KEY_UP, 0, 0, "up"},
             {KEY_RIGHT, 0, 1, "right"},
             {KEY_DOWN, 0, 2, "down"},
             {KEY_LEFT, 0, 3, "left"}}},
    {.ids = "Taxi-v4",
     .waits = true,
     .row = {{KEY_DOWN, 0, 0, "south"},
             {KEY_UP, 0, 1, "north"},
             {KEY_RIGHT, 0, 2, "east"},
             {KEY_LEFT, 0, 3, "west"},
             {KEY_SPACE, 0, 4, "pick the passenger up"},
             {KEY_RETURN, 0, 5, "drop the passenger off"}}},
    {.ids = "Blackjack-v1",
     .waits = true,
     .row = {{KEY_SPACE, 0, 1, "another card"}, {KEY_RETURN, 0, 0, "no more"}}},
    {.ids = "uphill/Pong-v0", .row = {{KEY_UP, 0, 2, "up"}, {KEY_DOWN, 0, 3, "down"}}},
    {.ids = "LunarLander-v3",
     .row = {{KEY_UP, 0, 2, "main engine"},
             {KEY_LEFT, 0, 1, "left engine"},
             {KEY_RIGHT, 0, 3, "right engine"}}},
    {.ids = "LunarLanderContinuous-v3",
     .row = {{KEY_UP, 0, 1, "main engine"},
             {KEY_LEFT, 1, -1, "left engine"},
             {KEY_RIGHT, 1, 1, "right engine"}}},
    {.ids = "CarRacing-v3",
     .row = {{KEY_LEFT, 0, -1, "steer left"},
             {KEY_RIGHT, 0, 1, "steer right"},
             {KEY_UP, 1, 1, "gas"},
             {KEY_DOWN, 2, 1, "brake"}}},
};

static const KeyMap atari = {.combines = true,
                             .row = {{KEY_UP, 0, 2, "up"},
                                     {KEY_DOWN, 0, 5, "down"},
                                     {KEY_LEFT, 0, 4, "left"},
                                     {KEY_RIGHT, 0, 3, "right"},
                                     {KEY_SPACE, 0, 1, "fire; with the arrows, too"}}};

// ---------------------------------------------------------------------------------------------------
// Finding

static const char *plain(const char *id) {
    return strncmp(id, "gym:", 4) == 0 ? id + 4 : id;
}

bool keys_atari(const char *id) {
    id = plain(id);
    return strncmp(id, "ALE/", 4) == 0 || strstr(id, "NoFrameskip-v") ||
           strstr(id, "Deterministic-v");
}

static bool is_listed(const char *ids, const char *id) {
    size_t length = strlen(id);
    for (const char *at = ids; *at; at += strcspn(at, " "), at += *at == ' ')
        if (strcspn(at, " ") == length && strncmp(at, id, length) == 0) return true;
    return false;
}

// A digit for each action of a game that is not known.
static bool number_keys(const UpSpace *action, KeyMap *map) {
    if (action->kind != UP_SPACE_DISCRETE || action->n > 10) return false;
    *map = (KeyMap){.waits = true};
    for (int a = 0; a < action->n; a++)
        map->row[a] = (KeyRow){(Key)(KEY_0 + a), 0, (float)a, "this action"};
    return true;
}

bool keys_find(const char *id, const UpSpace *action, KeyMap *map) {
    if (keys_atari(id) && action->kind == UP_SPACE_DISCRETE && action->n == 18) {
        *map = atari;
        return true;
    }
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        if (is_listed(maps[i].ids, plain(id))) {
            *map = maps[i];
            return true;
        }
    return number_keys(action, map);
}

void keys_print(const KeyMap *map) {
    puts(map->waits ? "Keys; the game waits for one:" : "Keys:");
    for (int i = 0; i < KEY_ROWS && map->row[i].meaning; i++) {
        char digit[2] = {(char)('0' + map->row[i].key - KEY_0), 0};
        printf("  %-7s %s\n", map->row[i].key < KEY_0 ? key_names[map->row[i].key] : digit,
               map->row[i].meaning);
    }
    puts("  escape  end");
    fflush(stdout);
}

// ---------------------------------------------------------------------------------------------------
// Choosing

// Atari's order: nothing, fire, four directions, four diagonals, then all eight with fire.
static float atari_action(uint32_t held) {
    // vertical: 0 none, 1 up, 2 down; horizontal: 0 none, 1 right, 2 left
    static const int directions[3][3] = {{0, 3, 4}, {2, 6, 7}, {5, 8, 9}};
    int vertical = held >> KEY_UP & 1 ? 1 : held >> KEY_DOWN & 1 ? 2 : 0;
    int horizontal = held >> KEY_RIGHT & 1 ? 1 : held >> KEY_LEFT & 1 ? 2 : 0;
    int direction = directions[vertical][horizontal];
    bool fire = held >> KEY_SPACE & 1;
    if (!fire) return (float)direction;
    return (float)(direction == 0 ? 1 : direction + 8);
}

void keys_choose(const KeyMap *map, const UpSpace *space, uint32_t held, float *action) {
    if (map->combines) {
        action[0] = atari_action(held);
        return;
    }
    bool box = space->kind == UP_SPACE_BOX;
    for (int64_t k = 0; box && k < space->size; k++)
        action[k] = fmaxf(0, up_space_low(space, k));
    if (!box && !isnan(map->idle)) action[0] = map->idle;
    for (int i = 0; i < KEY_ROWS && map->row[i].meaning; i++) {
        const KeyRow *row = &map->row[i];
        if (!(held >> row->key & 1)) continue;
        if (!box)
            action[0] = row->value;
        else
            action[row->component] += row->value > 0
                                          ? row->value * up_space_high(space, row->component)
                                          : -row->value * up_space_low(space, row->component);
    }
}
