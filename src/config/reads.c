// Which options a run reads, by the conditions beside the options (UpOption.when) and by its
// algorithm (UpAlgo.unread).
#include <stdio.h>
#include <string.h>

#include "uphill/algo.h"

typedef struct Asked {
    const UpConfig *config;
    const UpEnvSpec *spec; // NULL: not known yet
} Asked;

// Of several kinds at once: whether a Box is among them.
static const char *space_name(const UpSpace *space) {
    switch (space->kind) {
    case UP_SPACE_BOX:
        return "Box";
    case UP_SPACE_DISCRETE:
        return "Discrete";
    case UP_SPACE_MULTI_DISCRETE:
        return "MultiDiscrete";
    case UP_SPACE_MULTI_BINARY:
        return "MultiBinary";
    case UP_SPACE_SEVERAL:
        for (int64_t i = 0; i < space->size; i++)
            if (up_space_choices(space, i) == 0) return "Box";
        return "several kinds without a Box";
    }
    return "";
}

// The value of "section.key".
static bool option_value(const UpConfig *config, const char *key, char *text, size_t capacity) {
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(NULL, section);
    size_t length = strcspn(key, ".");
    for (int s = 0; s < sections; s++) {
        const UpOptionTable *table = section[s].table;
        if (strlen(table->section) != length || strncmp(table->section, key, length) != 0) continue;
        for (int row = 0; row < table->count && key[length]; row++) {
            if (strcmp(table->rows[row].name, key + length + 1) != 0) continue;
            up_options_format(table, row, (const char *)config + section[s].offset, text, capacity);
            return true;
        }
    }
    return false;
}

// Where the first weights come from. Algorithms that replay draw those of their critics and targets
// in any case.
static const char *initial_weights(const UpConfig *config) {
    const UpAlgo *algo = up_algo_find(config->train.algo);
    return config->train.init[0] && !(algo && algo->replays) ? "from train.init" : "drawn";
}

static bool ask(const void *user, const char *name, char *text, size_t capacity) {
    const Asked *asked = user;
    if (strcmp(name, "value function") == 0)
        return snprintf(text, capacity, up_config_needs_value(asked->config) ? "yes" : "no") > 0;
    if (strcmp(name, "steps ahead") == 0) {
        const UpRolloutDef *rollout = &asked->config->rollout;
        bool one = rollout->episodes == 0 && rollout->steps == 1;
        return snprintf(text, capacity, one ? "one" : "several") > 0;
    }
    if (strcmp(name, "memory") == 0)
        return snprintf(text, capacity,
                        up_policy_remembers(&asked->config->policy) ? "yes" : "no") > 0;
    if (strcmp(name, "initial weights") == 0)
        return snprintf(text, capacity, "%s", initial_weights(asked->config)) > 0;
    if (strcmp(name, "action space") == 0)
        return asked->spec && snprintf(text, capacity, "%s", space_name(&asked->spec->action)) > 0;
    return option_value(asked->config, name, text, capacity);
}

// Whether "section.key" stands in a list of them.
static bool is_listed(const char *list, const char *section, const char *name) {
    char key[2 * UP_OPTION_NAME_MAX];
    size_t length = (size_t)snprintf(key, sizeof key, "%s.%s", section, name);
    for (; list && *list; list += strspn(list, " ")) {
        size_t word = strcspn(list, " ");
        if (word == length && strncmp(list, key, length) == 0) return true;
        list += word;
    }
    return false;
}

bool up_config_reads(const UpConfig *config, const UpSection *section, int row,
                     const UpEnvSpec *spec, char why[UP_OPTION_WHY_MAX]) {
    const UpOptionTable *table = section->table;
    const UpAlgo *algo = up_algo_find(config->train.algo);
    Asked asked = {config, spec};
    if (algo && is_listed(algo->unread, table->section, table->rows[row].name)) {
        snprintf(why, UP_OPTION_WHY_MAX, "%s does not read it", algo->name);
        return false;
    }
    return up_options_reads(table, row, (const char *)config + section->offset, ask, &asked, why);
}

// Judges one option that is not read.
static UpStatus judge(const UpConfig *config, const UpConfig *plain, const UpSection *section,
                      int row, bool given, bool warn, const char *why) {
    const UpOptionTable *table = section->table;
    char value[UP_OPTION_TEXT_MAX], usual[UP_OPTION_TEXT_MAX];
    up_options_format(table, row, (const char *)config + section->offset, value, sizeof value);
    up_options_format(table, row, (const char *)plain + section->offset, usual, sizeof usual);
    if (given)
        return up_fail(UP_USAGE, "%s.%s = %s does nothing here: %s; leave it out", table->section,
                       table->rows[row].name, value, why);
    if (warn && strcmp(value, usual) != 0)
        up_warn("%s.%s = %s does nothing here: %s", table->section, table->rows[row].name, value,
                why);
    return UP_OK;
}

// [env] is judged where an environment is made, which knows more about it.
UpStatus up_config_check_env(const UpConfig *config, const UpEnvSpec *spec) {
    UpConfig plain;
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(NULL, section);
    UP_TRY(up_config_default(&plain, config->train.algo));
    for (int s = 0; s < sections; s++) {
        const UpAlgo *own = up_algo_find(section[s].table->section);
        bool other = own && strcmp(own->name, config->train.algo) != 0;
        if (section[s].table == &up_env_options || other) continue;
        for (int row = 0; row < section[s].table->count; row++) {
            char why[UP_OPTION_WHY_MAX];
            bool given = config->given[s] >> row & 1;
            if (up_config_reads(config, &section[s], row, spec, why)) continue;
            UP_TRY(judge(config, &plain, &section[s], row, given, spec != NULL, why));
        }
    }
    return UP_OK;
}
