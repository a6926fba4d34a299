// Which environment somebody meant: ids without what people leave out or write otherwise.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "env/atari/atari.h"
#include "uphill/env.h"
#include "uphill/option.h"

enum { IDS_MAX = 512, BARE_MAX = UP_ENV_ID_MAX };

// Gymnasium's own that no native environment answers.
static const char *const foreign[] = {"BipedalWalkerHardcore-v3", "BipedalWalker-v3",
                                      "CarRacing-v3", "LunarLanderContinuous-v3", "LunarLander-v3"};
enum { FOREIGN = sizeof foreign / sizeof *foreign };

typedef struct Ids {
    int count;
    char bare[IDS_MAX][BARE_MAX];
    const char *id[IDS_MAX]; // NULL: an Atari game, whose id is made of its title
} Ids;

// half_cheetah, HalfCheetah-v4 and halfcheetah are "halfcheetah"; ALE/Pong-v5 and
// PongNoFrameskip-v4 are "pong".
static void strip(const char *id, char bare[BARE_MAX]) {
    const char *slash = strrchr(id, '/'), *colon = strrchr(id, ':');
    const char *from = slash ? slash + 1 : colon ? colon + 1 : id;
    size_t end = strlen(from), length = 0, digits = end;
    while (digits > 0 && isdigit((unsigned char)from[digits - 1]))
        digits--;
    if (digits >= 2 && digits < end && strncmp(from + digits - 2, "-v", 2) == 0) end = digits - 2;
    static const char *const kinds[] = {"NoFrameskip", "Deterministic"};
    for (int i = 0; i < 2; i++) {
        size_t kind = strlen(kinds[i]);
        if (end > kind && strncmp(from + end - kind, kinds[i], kind) == 0) end -= kind;
    }
    for (size_t i = 0; i < end && length < BARE_MAX - 1; i++)
        if (isalnum((unsigned char)from[i])) bare[length++] = (char)tolower((unsigned char)from[i]);
    bare[length] = 0;
}

static void add(Ids *ids, const char *id) {
    if (ids->count == IDS_MAX) return;
    strip(id, ids->bare[ids->count]);
    ids->id[ids->count++] = id;
}

// The one that is the same without its trimmings, else begins so, else is a typing error away.
static int choose(const Ids *ids, const char *bare) {
    const char *names[IDS_MAX];
    size_t length = strlen(bare);
    for (int i = 0; i < ids->count; i++)
        if (strcmp(ids->bare[i], bare) == 0) return i;
    for (int i = 0; i < ids->count; i++)
        if (length >= 4 && strncmp(ids->bare[i], bare, length) == 0) return i;
    for (int i = 0; i < ids->count; i++)
        names[i] = ids->bare[i];
    const char *near = up_nearest(bare, names, ids->count);
    for (int i = 0; near && i < ids->count; i++)
        if (ids->bare[i] == near) return i;
    return -1;
}

bool up_env_nearest(const char *word, char id[UP_ENV_ID_MAX]) {
    char bare[BARE_MAX], game[UP__ATARI_NAME];
    Ids ids = {0};
    int natives;
    const UpEnvInfo *native = up_env_list(&natives);
    for (int i = natives - 1; i >= 0; i--) // of two as near as each other, the newer version
        add(&ids, native[i].id);
    for (int i = 0; i < FOREIGN; i++)
        add(&ids, foreign[i]);
    strip(word, bare);
    int best = choose(&ids, bare);
    if (!*bare) return false;
    bool same = best >= 0 && strcmp(ids.bare[best], bare) == 0;
    bool ale = strncmp(word, "ALE/", 4) == 0, own = strncmp(word, "uphill/", 7) == 0;
    bool gymnasium = same && strncmp(ids.id[best], "uphill/", 7) != 0; // Blackjack is both
    if (!own && (ale || !gymnasium) && up__atari_game_nearest(bare, game) == UP_OK && *game) {
        char title[BARE_MAX];
        strip(game, title);
        if (ale || best < 0 || strcmp(title, bare) == 0) {
            snprintf(id, UP_ENV_ID_MAX, "ALE/%s-v5", game);
            return true;
        }
    }
    if (best >= 0) snprintf(id, UP_ENV_ID_MAX, "%s", ids.id[best]);
    return best >= 0;
}
