// The config: all sections together, from defaults, recipes and the command line, and back to text.
#include <ini.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/algo_internal.h"
#include "env/keyword.h"
#include "uphill/text.h"

// Whether `algo` has the section; else why not.
static UpStatus section_matters(const UpAlgo *algo, const UpOptionTable *table, const char *key,
                                const char *where) {
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(algo, section);
    for (int i = 0; i < sections; i++)
        if (section[i].table == table) return UP_OK;
    if (up_algo_find(table->section))
        return up_fail(UP_USAGE, "%s: %s is an option of %s, and this run uses %s", where, key,
                       table->section, algo->name);
    return up_fail(UP_USAGE,
                   "%s: %s: %s has no section [%s]; `uphill algos %s --options` lists its", where,
                   key, algo->name, table->section, algo->name);
}

static void note_given(UpConfig *config, int section, const UpOptionTable *table,
                       const char *name) {
    for (int row = 0; row < table->count; row++)
        if (strcmp(table->rows[row].name, name) == 0) config->given[section] |= UINT64_C(1) << row;
}

static bool is_given(const UpConfig *config, const char *name_of_section, const char *name) {
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(NULL, section);
    for (int s = 0; s < sections; s++) {
        const UpOptionTable *table = section[s].table;
        uint64_t given = table == &up_env_options ? config->env.given : config->given[s];
        for (int row = 0; row < table->count; row++)
            if (given >> row & 1 && strcmp(table->section, name_of_section) == 0 &&
                strcmp(table->rows[row].name, name) == 0)
                return true;
    }
    return false;
}

UpStatus up_config_set(UpConfig *config, const char *key, const char *value, const char *where) {
    const UpAlgo *algo = up_algo_find(config->train.algo);
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(NULL, section);
    const char *dot = strchr(key, '.');
    const char *names[UP_SECTIONS_MAX];
    char word[64], meant[UP_OPTION_NAME_MAX];
    snprintf(word, sizeof word, "%.*s", dot ? (int)(dot - key) : (int)strlen(key), key);
    for (int i = 0; i < sections; i++) {
        const UpOptionTable *table = section[i].table;
        names[i] = table->section;
        if (!dot || strcmp(word, table->section) != 0) continue;
        if (algo) UP_TRY(section_matters(algo, table, key, where));
        if (table == &up_env_options) return up_env_def_set(&config->env, dot + 1, value, where);
        if (!up_options_has(table, dot + 1) && up_config_nearest(config, key, false, meant))
            return up_fail(UP_USAGE, "%s: there is no option %s; did you mean %s?", where, key,
                           meant);
        UP_TRY(up_options_set(table, (char *)config + section[i].offset, dot + 1, value, where));
        note_given(config, i, table, dot + 1);
        return UP_OK;
    }
    if (!dot && up_config_nearest(config, key, true, meant))
        return up_fail(UP_USAGE, "%s: \"%s\" is not section.option; did you mean %s?", where, key,
                       meant);
    const char *near = up_nearest(word, names, sections);
    return up_fail(UP_USAGE, "%s: \"%s\" is not section.option%s%s%s", where, key,
                   near ? "; the nearest section is [" : "", near ? near : "", near ? "]" : "");
}

// A saved config holds what the run reads, and whatever differs from the defaults.
static bool is_saved(const UpConfig *config, const UpConfig *plain, const UpSection *section,
                     int row, const char *value) {
    char usual[UP_OPTION_TEXT_MAX], why[UP_OPTION_WHY_MAX];
    if (up_config_reads(config, section, row, NULL, why)) return true;
    up_options_format(section->table, row, (const char *)plain + section->offset, usual,
                      sizeof usual);
    return strcmp(value, usual) != 0;
}

UpStatus up_config_format(const UpConfig *config, char **text) {
    size_t size;
    UpConfig plain;
    UP_TRY(up_config_default(&plain, config->train.algo));
    FILE *out = up_text_open(text, &size);
    if (!out) return UP_MEMORY;
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(up_algo_find(config->train.algo), section);
    for (int i = 0; i < sections; i++) {
        const UpOptionTable *table = section[i].table;
        fprintf(out, "%s[%s]\n", i ? "\n" : "", table->section);
        if (table == &up_env_options) {
            up__env_def_format(&config->env, out);
            continue;
        }
        for (int row = 0; row < table->count; row++) {
            char value[UP_OPTION_TEXT_MAX];
            up_options_format(table, row, (const char *)config + section[i].offset, value,
                              sizeof value);
            if (is_saved(config, &plain, &section[i], row, value))
                fprintf(out, "%s = %s\n", table->rows[row].name, value);
        }
    }
    return up_text_close(out, text);
}

typedef struct Parse {
    UpConfig *config;
    const char *name;
    char algo[UP_OPTION_TEXT_MAX]; // first pass: what [train] algo says
    bool second;
    int advantages; // options of [advantage] so far
    bool gamma_t;   // one of them is gamma_t
    UpStatus status;
} Parse;

static int parse_entry(void *user, const char *section, const char *name, const char *value) {
    Parse *parse = user;
    if (parse->status != UP_OK) return 0; // the parser goes on; the first mistake counts
    if (!parse->second) {
        const UpAlgo *algo;
        if (strcmp(section, "train") != 0 || strcmp(name, "algo") != 0) return 1;
        snprintf(parse->algo, sizeof parse->algo, "%s", value);
        parse->status = up__algo_named(value, parse->name, &algo);
        return parse->status == UP_OK;
    }
    char key[128];
    snprintf(key, sizeof key, "%s.%s", section, name);
    if (is_given(parse->config, section, name))
        return (parse->status = up_fail(UP_USAGE, "%s: %s stands there twice", parse->name, key)) ==
               UP_OK;
    parse->advantages += strcmp(section, "advantage") == 0;
    parse->gamma_t |= strcmp(key, "advantage.gamma_t") == 0;
    parse->status = up_config_set(parse->config, key, value, parse->name);
    return parse->status == UP_OK;
}

// "name: what" becomes "name, line 7: what".
static UpStatus add_line(UpStatus status, const char *name, int line) {
    char message[1024];
    snprintf(message, sizeof message, "%s", up_error());
    return up_fail(status, "%s, line %d%s", name, line, message + strnlen(name, strlen(message)));
}

// A config that was saved before advantage.psi counted for every algorithm has all six options that
// [advantage] had then. a2c and ppo saved a psi that they did not read, and reinforce subtracted
// its baseline without saying so in psi.
static void upgrade(const Parse *parse) {
    enum { OPTIONS_THEN = 6 };
    UpConfig *c = parse->config;
    UpAdvantageDef *a = &c->advantage;
    if (parse->gamma_t || parse->advantages != OPTIONS_THEN) return;
    if (a->psi < UP_PSI_Q && c->rollout.episodes == 0) {
        a->psi = UP_PSI_ADVANTAGE;
        a->baseline = UP_BASELINE_NONE;
    }
    if (a->psi == UP_PSI_TO_GO && a->baseline != UP_BASELINE_NONE) a->psi = UP_PSI_BASELINED;
}

// The parser takes what is beyond so many characters for another line.
static UpStatus check_lines(const char *text, const char *name) {
    enum { LINE_MOST = INI_MAX_LINE - 2 };
    for (int line = 1; *text; line++) {
        size_t length = strcspn(text, "\n");
        if (length > LINE_MOST)
            return up_fail(UP_FORMAT, "%s, line %d: %zu characters, of %d that a line may have",
                           name, line, length, LINE_MOST);
        text += length + (text[length] == '\n');
    }
    return UP_OK;
}

UpStatus up_config_parse(UpConfig *config, const char *text, const char *name) {
    Parse parse = {.config = config, .name = name, .algo = "ppo"};
    UP_TRY(check_lines(text, name));
    for (int pass = 0; pass < 2; pass++) {
        parse.second = pass == 1;
        if (parse.second) UP_TRY(up_config_default(config, parse.algo));
        int line = ini_parse_string(text, parse_entry, &parse);
        if (parse.status != UP_OK) return add_line(parse.status, name, line);
        if (line != 0)
            return up_fail(UP_FORMAT, "%s, line %d: neither [section], key = value nor # comment",
                           name, line);
    }
    upgrade(&parse);
    // What a file holds beyond what is read does no harm: it may be an older version's.
    memset(config->given, 0, sizeof config->given);
    config->env.given = 0;
    return UP_OK;
}

// What Ψ needs.
static UpStatus check_advantage(const UpConfig *c, const UpAlgo *algo) {
    const UpAdvantageDef *a = &c->advantage;
    bool monte_carlo = a->psi < UP_PSI_Q, minibatch = a->standardize == UP_STANDARDIZE_MINIBATCH;
    if (monte_carlo && c->rollout.episodes == 0)
        return up_fail(UP_USAGE, "advantage.psi = total, to_go and baselined add up complete "
                                 "episodes: set rollout.episodes to 1 or more");
    bool one = a->standardize == UP_STANDARDIZE_BATCH && c->rollout.episodes == 1;
    if (a->psi == UP_PSI_TOTAL && !a->restart && (one || a->standardize == UP_STANDARDIZE_EPISODE))
        return up_fail(UP_USAGE,
                       "advantage.psi = total weighs all actions of an episode alike, and "
                       "advantage.standardize = %s makes that 0: nothing would be "
                       "learned; %s",
                       one ? "batch over one episode" : "episode",
                       one ? "set rollout.episodes to 2 or more" : "set it to batch");
    if (a->psi == UP_PSI_BASELINED && a->baseline == UP_BASELINE_NONE)
        return up_fail(UP_USAGE, "advantage.psi = baselined subtracts a baseline: set "
                                 "advantage.baseline to average or value");
    if (a->psi != UP_PSI_BASELINED && a->baseline != UP_BASELINE_NONE)
        return up_fail(UP_USAGE, "advantage.baseline is what advantage.psi = baselined subtracts: "
                                 "set that, too");
    if (minibatch && algo != &up__ppo)
        return up_fail(UP_USAGE, "advantage.standardize = minibatch is for ppo; %s takes batch",
                       algo->name);
    if (minibatch && a->gamma_t)
        return up_fail(UP_USAGE, "advantage.gamma_t weighs what is standardized already: set "
                                 "advantage.standardize to batch");
    return UP_OK;
}

UpStatus up_config_check(const UpConfig *c) {
    const UpAlgo *algo;
    UP_TRY(up__algo_named(c->train.algo, "train.algo", &algo));
    if (!c->env.id[0]) return up_fail(UP_USAGE, "no environment is named: set env.id");
    UP_TRY(up_config_check_env(c, NULL));
    if (c->rollout.episodes > 0 && c->rollout.envs > c->rollout.episodes)
        return up_fail(UP_USAGE,
                       "rollout.envs = %lld instances cannot share %lld rollout.episodes; "
                       "use at most as many instances as episodes",
                       (long long)c->rollout.envs, (long long)c->rollout.episodes);
    if (c->rollout.envs * c->rollout.steps > UINT32_MAX)
        return up_fail(UP_USAGE,
                       "a rollout of %lld rollout.envs × %lld rollout.steps is larger than the "
                       "%lld samples that can be",
                       (long long)c->rollout.envs, (long long)c->rollout.steps,
                       (long long)UINT32_MAX);
    if (c->policy.box >= UP_BOX_SQUASHED && !algo->pathwise)
        return up_fail(UP_USAGE,
                       "policy.box = squashed and tanh learn through a value of the action, which "
                       "train.algo = %s has not; set it to gaussian",
                       algo->name);
    UP_TRY(algo->check ? algo->check(c) : UP_OK);
    return check_advantage(c, algo);
}
