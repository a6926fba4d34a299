// The names under which Gymnasium knows the games.
#include <cjson/cJSON.h>
#include <ctype.h>
#include <string.h>

#include "env/atari/game/games.h"
#include "uphill/option.h"

enum { GAMES_MAX = 128 };

// "tic_tac_toe_3d" as "TicTacToe3D": a letter is large where none stands before it.
static void title_of(const char *name, char title[UP__ATARI_NAME]) {
    int length = 0;
    char before = 0;
    for (; *name && length < UP__ATARI_NAME - 1; before = *name++)
        if (*name != '_')
            title[length++] =
                (char)(isalpha((unsigned char)before) ? *name : toupper((unsigned char)*name));
    title[length] = 0;
}

static const cJSON *find_title(const cJSON *root, const char *section, const char *title) {
    const cJSON *entry;
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(root, section)) {
        char text[UP__ATARI_NAME];
        title_of(entry->string, text);
        if (strcmp(text, title) == 0) return entry;
    }
    return NULL;
}

UpStatus up__atari_game_find(const char *title, UpAtariTitle *found) {
    cJSON *root;
    UP_TRY(up__atari_games_parse(&root));
    *found = (UpAtariTitle){0};
    const cJSON *entry = find_title(root, "games", title), *item;
    if (!entry) {
        entry = find_title(root, "without_rules", title);
        found->no_rules = entry != NULL;
    }
    if (entry) strncpy(found->name, entry->string, sizeof found->name - 1);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "old_ids")) {
        const char *name = cJSON_GetStringValue(item);
        if (name && strcmp(name, found->name) == 0) found->old_ids = true;
    }
    cJSON_Delete(root);
    return UP_OK;
}

UpStatus up__atari_game_nearest(const char *title, char nearest[UP__ATARI_NAME]) {
    cJSON *root;
    UP_TRY(up__atari_games_parse(&root));
    char titles[GAMES_MAX][UP__ATARI_NAME];
    const char *list[GAMES_MAX];
    int count = 0;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(root, "games")) {
        if (count == GAMES_MAX) break;
        title_of(entry->string, titles[count]);
        list[count] = titles[count];
        count++;
    }
    cJSON_Delete(root);
    const char *best = up_nearest(title, list, count);
    memcpy(nearest, best ? best : "", best ? strlen(best) + 1 : 1);
    return UP_OK;
}
