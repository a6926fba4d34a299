// Which environment somebody meant: ids without what people leave out or write otherwise.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "env/atari/atari.h"
#include "uphill/env.h"
#include "uphill/option.h"

enum { BARE_MAX = UP_ENV_ID_MAX };

// Gymnasium's own that no native environment answers.
static const char *const foreign[] = {"BipedalWalkerHardcore-v3", "BipedalWalker-v3",
                                      "CarRacing-v3", "LunarLanderContinuous-v3", "LunarLander-v3"};
enum { FOREIGN = sizeof foreign / sizeof *foreign };

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

// The ids that may be meant: of two as near as each other, the newer version comes first. NULL
// behind the last one.
static const char *candidate(int i) {
    int natives;
    const UpEnvInfo *native = up_env_list(&natives);
    if (i < natives) return native[natives - 1 - i].id;
    return i - natives < FOREIGN ? foreign[i - natives] : NULL;
}

// The one that is the same without its trimmings, else begins so, else is a typing error away.
static const char *choose(const char *bare) {
    char other[BARE_MAX], best[BARE_MAX] = "";
    const char *begins = NULL, *near = NULL;
    size_t length = strlen(bare);
    for (int i = 0; candidate(i); i++) {
        strip(candidate(i), other);
        if (strcmp(other, bare) == 0) return candidate(i);
        if (!begins && length >= 4 && strncmp(other, bare, length) == 0) begins = candidate(i);
        if (up_nearest(bare, (const char *const[]){near ? best : other, other}, 2) != other)
            continue;
        near = candidate(i);
        memcpy(best, other, sizeof best);
    }
    return begins ? begins : near;
}

bool up_env_nearest(const char *word, char id[UP_ENV_ID_MAX]) {
    char bare[BARE_MAX], title[BARE_MAX], game[UP__ATARI_NAME];
    strip(word, bare);
    if (!*bare) return false;
    const char *best = choose(bare);
    if (best) strip(best, title);
    bool same = best && strcmp(title, bare) == 0;
    bool ale = strncmp(word, "ALE/", 4) == 0, own = strncmp(word, "uphill/", 7) == 0;
    bool gymnasium = same && strncmp(best, "uphill/", 7) != 0; // Blackjack is both
    if (!own && (ale || !gymnasium) && up__atari_game_nearest(bare, game) == UP_OK && *game) {
        strip(game, title);
        if (ale || !best || strcmp(title, bare) == 0) {
            snprintf(id, UP_ENV_ID_MAX, "ALE/%s-v5", game);
            return true;
        }
    }
    if (best) snprintf(id, UP_ENV_ID_MAX, "%s", best);
    return best != NULL;
}
