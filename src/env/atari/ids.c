// Ids and keywords: which game, how many frames a step has, and how often an action sticks.
#include "env/atari/atari.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "env/native/native.h"

enum { EPISODE_FRAMES = 108000, SKIP_MAX = 10000, TITLE = UP_ENV_ID_MAX };

static const char new_prefix[] = "ALE/";

// ---------------------------------------------------------------------------------------------------
// Ids

// Takes `suffix` off the end of `title`, if it is there.
static bool take_end(char *title, const char *suffix) {
    size_t length = strlen(title), cut = strlen(suffix);
    if (length <= cut || strcmp(title + length - cut, suffix) != 0) return false;
    title[length - cut] = 0;
    return true;
}

// The name of the game in an id of one of the kinds, and what the kind means.
static bool parse_id(const char *id, char title[TITLE], UpAtariDef *def) {
    size_t prefix = strlen(new_prefix);
    *def = (UpAtariDef){
        .repeat_probability = 0.25, .mode = -1, .difficulty = -1, .frames_max = EPISODE_FRAMES};
    if (strlen(id) >= TITLE) return false;
    if (strncmp(id, new_prefix, prefix) == 0) {
        memcpy(title, id + prefix, strlen(id + prefix) + 1);
        def->skip_low = 4;
        def->skip_end = 5;
        return take_end(title, "-v5");
    }
    memcpy(title, id, strlen(id) + 1);
    if (take_end(title, "-v4"))
        def->repeat_probability = 0;
    else if (!take_end(title, "-v0"))
        return false;
    if (take_end(title, "NoFrameskip")) {
        def->skip_low = 1;
        def->skip_end = 2;
    } else if (take_end(title, "Deterministic")) { // dropped by ale-py in 0.11.1
        def->skip_low = strcmp(title, "SpaceInvaders") == 0 ? 3 : 4;
        def->skip_end = def->skip_low + 1;
    } else {
        def->skip_low = 2;
        def->skip_end = 5;
    }
    return true;
}

static UpStatus unknown_game(const char *id, const char *title) {
    char nearest[UP__ATARI_NAME];
    UP_TRY(up__atari_game_nearest(title, nearest));
    if (*nearest)
        return up_fail(UP_UNKNOWN, "%s: ALE has no such game; did you mean %s%s-v5?", id,
                       new_prefix, nearest);
    return up_fail(UP_UNKNOWN, "%s: ALE has no such game; docs/atari.md lists all", id);
}

static UpStatus find_game(UpAtariDef *def, const char *id, bool *ours) {
    char title[TITLE];
    UpAtariTitle found;
    *ours = false;
    bool is_new = strncmp(id, new_prefix, strlen(new_prefix)) == 0;
    if (!parse_id(id, title, def)) return UP_OK;
    UP_TRY(up__atari_game_find(title, &found));
    if (found.no_rules)
        return up_fail(UP_UNSUPPORTED,
                       "%s: ALE has no rules for this game of two players and refuses it, so it "
                       "cannot be played",
                       id);
    if (!*found.name) return is_new ? unknown_game(id, title) : UP_OK;
    if (!is_new && !found.old_ids)
        return up_fail(UP_UNKNOWN, "%s: ale-py knows this game as %s%s-v5 only", id, new_prefix,
                       title);
    memcpy(def->name, found.name, sizeof def->name);
    *ours = true;
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Keywords

enum { MODE, DIFFICULTY, STICKY, FULL, FRAMES, SKIP, OBS, KEYWORDS };

static bool known_keywords_only(const char *options, const UpEnvKeyword *keyword) {
    while (*options) {
        size_t part = strcspn(options, ";"), name = strcspn(options, ";=");
        bool known = part == 0;
        for (int i = 0; i < KEYWORDS && !known; i++)
            known = strlen(keyword[i].name) == name && strncmp(keyword[i].name, options, name) == 0;
        if (!known) return false;
        options += part;
        options += *options == ';';
    }
    return true;
}

// "4", or "(2, 5)" for 2, 3 or 4.
static bool parse_skip(UpAtariDef *def, const char *text) {
    double value[2] = {0};
    int count = 0;
    for (text += strspn(text, "([ "); count < 2; text += strspn(text, ", ")) {
        char *end;
        value[count] = up__number_parse(text, &end);
        if (end == text) break;
        count++;
        text = end;
    }
    text += strspn(text, ")] ");
    if (count == 1) value[1] = value[0] + 1;
    bool fits = *text == 0 && count > 0 && value[0] >= 1 && value[1] > value[0] &&
                value[1] <= SKIP_MAX && value[0] == floor(value[0]) && value[1] == floor(value[1]);
    if (!fits) return false;
    def->skip_low = (int)value[0];
    def->skip_end = (int)value[1];
    return true;
}

static UpStatus parse_obs(UpAtariDef *def, const char *id, const char *text) {
    static const char *const kinds[] = {"rgb", "grayscale", "ram"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, kinds[i]) != 0) continue;
        def->obs = (UpAtariObs)i;
        return UP_OK;
    }
    return up_fail(UP_USAGE, "%s: env.options obs_type = \"%s\" is not rgb, grayscale or ram", id,
                   text);
}

static int clamp(double value) {
    return (int)fmax(-2, fmin(value, INT32_MAX));
}

static UpStatus read_keywords(UpAtariDef *def, const UpEnvDef *env, bool *ours) {
    double number[FRAMES + 1] = {[MODE] = -1, [DIFFICULTY] = -1};
    char skip[UP_OPTION_TEXT_MAX] = "", obs[UP_OPTION_TEXT_MAX] = "rgb";
    number[STICKY] = def->repeat_probability;
    number[FRAMES] = (double)def->frames_max;
    const UpEnvKeyword keyword[KEYWORDS] = {
        [MODE] = {"mode", &number[MODE], NULL, 1, true, false},
        [DIFFICULTY] = {"difficulty", &number[DIFFICULTY], NULL, 1, true, false},
        [STICKY] = {"repeat_action_probability", &number[STICKY], NULL, 1, false, false},
        [FULL] = {"full_action_space", &number[FULL], NULL, 1, false, true},
        [FRAMES] = {"max_num_frames_per_episode", &number[FRAMES], NULL, 1, true, false},
        [SKIP] = {"frameskip", NULL, skip, 1, false, false},
        [OBS] = {"obs_type", NULL, obs, 1, false, false},
    };
    *ours = known_keywords_only(env->options, keyword);
    if (!*ours) return UP_OK;
    UP_TRY(up_env_keywords(env, keyword, KEYWORDS));
    if (*skip && !parse_skip(def, skip))
        return up_fail(UP_USAGE,
                       "%s: env.options frameskip = \"%s\" is neither a number of frames nor a "
                       "range (a, b) of them",
                       env->id, skip);
    if (number[STICKY] < 0 || number[STICKY] > 1)
        return up_fail(UP_USAGE, "%s: env.options repeat_action_probability = %g is not in [0, 1]",
                       env->id, number[STICKY]);
    def->repeat_probability = (double)(float)number[STICKY]; // as ALE keeps it
    def->mode = clamp(number[MODE]);
    def->difficulty = clamp(number[DIFFICULTY]);
    def->full_actions = number[FULL] != 0;
    def->frames_max = clamp(number[FRAMES]) > 0 ? clamp(number[FRAMES]) : 0;
    return parse_obs(def, env->id, obs);
}

UpStatus up__atari_def(UpAtariDef *def, const UpEnvDef *env, bool *ours) {
    UP_TRY(find_game(def, env->id, ours));
    return *ours ? read_keywords(def, env, ours) : UP_OK;
}
