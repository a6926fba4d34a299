// The config: every option of every section through text and back, layers of settings, and messages
// that say where a mistake stands.
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "uphill/algo.h"

static UpConfig config;

static int setup(void **state) {
    (void)state;
    return up_config_default(&config, "ppo") != UP_OK;
}

static void expect(UpStatus result, UpStatus status, const char *words) {
    assert_int_equal(result, status);
    if (!strstr(up_error(), words)) fail_msg("\"%s\" does not say \"%s\"", up_error(), words);
}

// Another value than the present one that the option accepts, as text.
static void other_value(const UpOption *o, const char *present, char *text, size_t size) {
    const char *candidates[] = {"none", "true", "false", "0.0625", "3", "1", "0", "2,5"};
    if (o->type == UP_OPTION_CHOICE) {
        const char *last = strrchr(o->choices, '|') + 1, *first = o->choices;
        snprintf(text, size, "%s", last);
        if (strcmp(text, present) == 0)
            snprintf(text, size, "%.*s", (int)strcspn(first, "|"), first);
        return;
    }
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        double number = strtod(candidates[i], NULL);
        bool sizes = o->type == UP_OPTION_SIZES, flag = o->type == UP_OPTION_BOOL;
        bool fits = o->type == UP_OPTION_TEXT || (sizes && i == 7) ||
                    (flag && (i == 1 || i == 2)) ||
                    (o->type == UP_OPTION_INT && i > 3 && i < 7 && number >= o->min) ||
                    (o->type == UP_OPTION_REAL && i > 2 && i < 7 && number >= o->min);
        snprintf(text, size, "%s", candidates[i]);
        if (fits && strcmp(text, present) != 0) return;
    }
    fail_msg("no other value for %s", o->name);
}

// Changes every option of `algo`'s sections, but for the algorithm itself.
static void change_all(const UpAlgo *algo) {
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(algo, section);
    for (int s = 0; s < sections; s++) {
        for (int i = 0; i < section[s].table->count; i++) {
            const UpOption *o = &section[s].table->rows[i];
            char key[128], present[UP_OPTION_TEXT_MAX], value[UP_OPTION_TEXT_MAX];
            if (strcmp(o->name, "algo") == 0) continue;
            snprintf(key, sizeof key, "%s.%s", section[s].table->section, o->name);
            up_options_format(section[s].table, i, (char *)&config + section[s].offset, present,
                              sizeof present);
            other_value(o, present, value, sizeof value);
            if (up_config_set(&config, key, value, "test") != UP_OK) fail_msg("%s", up_error());
        }
    }
}

static void test_round_trip(void **state) {
    (void)state;
    int count;
    const UpAlgo *const *algo = up_algo_list(&count);
    assert_int_equal(count, 14);
    for (int a = 0; a < count; a++) {
        static UpConfig defaults, back;
        assert_int_equal(up_config_default(&config, algo[a]->name), UP_OK);
        defaults = config;
        change_all(algo[a]);
        assert_memory_not_equal(&defaults, &config, sizeof config);
        char *text, *again;
        assert_int_equal(up_config_format(&config, &text), UP_OK);
        if (up_config_parse(&back, text, "saved") != UP_OK) fail_msg("%s", up_error());
        assert_int_equal(up_config_format(&back, &again), UP_OK);
        assert_string_equal(text, again);
        memset(config.given, 0, sizeof config.given); // what was asked for is of this session alone
        config.env.given = 0;
        assert_memory_equal(&config, &back, sizeof config);
        free(text);
        free(again);
    }
}

// A recipe names what it changes; the rest are the algorithm's defaults, wherever [train] stands.
static void test_parse(void **state) {
    (void)state;
    static UpConfig a2c;
    assert_int_equal(up_config_default(&a2c, "a2c"), UP_OK);
    const char *text = "# Reproduces something\n[rollout]\nsteps = 50\n\n; a remark\n"
                       "[train]\nalgo = a2c ; not ppo\n[env]\nid=CartPole-v1\n";
    if (up_config_parse(&config, text, "recipe") != UP_OK) fail_msg("%s", up_error());
    assert_int_equal(config.rollout.steps, 50);
    assert_int_equal(config.rollout.envs, a2c.rollout.envs);
    assert_string_equal(config.train.algo, "a2c");
    assert_string_equal(config.env.id, "CartPole-v1");
    assert_int_equal(config.optim.kind, UP_RMSPROP);
}

static void parse_fails(const char *text, UpStatus status, const char *words) {
    expect(up_config_parse(&config, text, "mine"), status, words);
}

static void test_mistakes_in_text(void **state) {
    (void)state;
    parse_fails("[ppo]\nclip = 0.1\nclipp = 0.2\n[env]\nid = x\n", UP_USAGE,
                "mine, line 3: there is no option ppo.clipp; did you mean ppo.clip?");
    parse_fails("[ppo]\nclip = wide\nepochs = many\n", UP_USAGE,
                "mine, line 2: ppo.clip = \"wide\" is not possible");
    parse_fails("[pop]\nclip = 0.1\n", UP_USAGE, "mine, line 2: \"pop.clip\"");
    parse_fails("[ppo]\nclip = 0.1\nnothing\n", UP_FORMAT, "mine, line 3: neither");
    parse_fails("[ppo\n", UP_FORMAT, "mine, line 1: neither");
    parse_fails("[train]\nalgo = pp0\n", UP_UNKNOWN,
                "mine, line 2: there is no algorithm \"pp0\"; did you mean ppo?");
    parse_fails("[a2c]\nvalue_weight = 1\n", UP_USAGE, "an option of a2c, and this run uses ppo");
    parse_fails("clip = 1\n", UP_USAGE, "mine, line 1");
    assert_int_equal(up_config_parse(&config, "", "mine"), UP_OK); // everything is a default
}

static void test_set(void **state) {
    (void)state;
    assert_int_equal(up_config_set(&config, "ppo.clip", "0.3", "--set"), UP_OK);
    assert_true(config.ppo.clip == 0.3);
    expect(up_config_set(&config, "clip", "0.3", "--set"), UP_USAGE, "--set: \"clip\" is not");
    expect(up_config_set(&config, ".clip", "0.3", "--set"), UP_USAGE, "--set: \".clip\" is not");
    expect(up_config_set(&config, "ppo.", "0.3", "--set"), UP_USAGE, "there is no option ppo.");
    expect(up_config_set(&config, "a2c.reduction", "samples", "--set"), UP_USAGE,
           "--set: a2c.reduction is an option of a2c, and this run uses ppo");
    expect(up_config_set(&config, "value.epochs", "2", "--set"), UP_USAGE,
           "--set: value.epochs: ppo has no section [value]");
    assert_int_equal(up_config_default(&config, "trpo"), UP_OK);
    assert_int_equal(up_config_set(&config, "value.epochs", "2", "--set"), UP_OK);
    expect(up_config_set(&config, "optim.learning_rate", "1", "--set"), UP_USAGE,
           "trpo has no section [optim]");
    expect(up_config_default(&config, "a3c"), UP_UNKNOWN, "did you mean a2c?");
}

static void test_check(void **state) {
    (void)state;
    expect(up_config_check(&config), UP_USAGE, "no environment");
    strcpy(config.env.id, "CartPole-v1");
    assert_int_equal(up_config_check(&config), UP_OK);
    config.ppo.minibatch = config.rollout.envs * config.rollout.steps;
    assert_int_equal(up_config_check(&config), UP_OK);
    config.ppo.minibatch++;
    expect(up_config_check(&config), UP_USAGE, "ppo.minibatch = 2049 is more than");
    assert_int_equal(up_config_default(&config, "reinforce"), UP_OK);
    strcpy(config.env.id, "CartPole-v1");
    assert_int_equal(up_config_check(&config), UP_OK);
    config.rollout.envs = config.rollout.episodes + 1;
    expect(up_config_check(&config), UP_USAGE, "cannot share 10 rollout.episodes");
    config.rollout.episodes = 0;
    expect(up_config_check(&config), UP_USAGE, "complete episodes");
}

static void check_fails(const char *algo, const char *const *set, const char *words) {
    assert_int_equal(up_config_default(&config, algo), UP_OK);
    strcpy(config.env.id, "CartPole-v1");
    for (; *set; set += 2)
        assert_int_equal(up_config_set(&config, set[0], set[1], "test"), UP_OK);
    expect(up_config_check(&config), UP_USAGE, words);
}

// Ψ, and what it needs.
static void test_check_psi(void **state) {
    (void)state;
    const char *const to_go[] = {"advantage.psi", "to_go", NULL};
    const char *const bare[] = {"advantage.psi", "baselined", NULL};
    const char *const idle[] = {"advantage.baseline", "value", NULL};
    const char *const minibatch[] = {"advantage.standardize", "minibatch", NULL};
    const char *const both[] = {"advantage.gamma_t", "true", NULL};
    const char *const shared[] = {"policy.shared", "true", NULL};
    const char *const episodes[] = {"rollout.episodes", "8", NULL};
    const char *const total[] = {"advantage.psi", "total", "advantage.standardize", "episode",
                                 NULL};
    const char *const squashed[] = {"policy.box", "squashed", NULL};
    const char *const one[] = {
        "advantage.psi", "total", "rollout.episodes", "1", "rollout.envs", "1", NULL};
    check_fails("reinforce", total, "standardize = episode makes that 0");
    check_fails("reinforce", one, "set rollout.episodes to 2 or more");
    config.advantage.restart = true; // games of an episode are weighed apart
    assert_int_equal(up_config_check(&config), UP_OK);
    check_fails("ppo", to_go, "set rollout.episodes");
    check_fails("reinforce", bare, "set advantage.baseline to average or value");
    check_fails("reinforce", idle, "it is read with advantage.psi = baselined");
    memset(config.given, 0, sizeof config.given); // a recipe's, say
    expect(up_config_check(&config), UP_USAGE, "what advantage.psi = baselined subtracts");
    check_fails("a2c", minibatch, "is for ppo; a2c takes batch");
    check_fails("ppo", both, "set advantage.standardize to batch");
    check_fails("ppo", squashed, "policy.box = squashed and tanh");
    assert_int_equal(up_config_set(&config, "policy.box", "gaussian-state", "test"), UP_OK);
    assert_int_equal(up_config_check(&config), UP_OK);
    check_fails("vpg", shared, "policy.shared = true: vpg fits");
    check_fails("trpo", shared, "policy.shared = true: trpo fits");
    check_fails("vtrace", episodes, "leave rollout.episodes at 0");
    check_fails("vtrace", (const char *[]){"advantage.psi", "td", NULL}, "vtrace does not read it");
    memset(config.given, 0, sizeof config.given);
    expect(up_config_check(&config), UP_USAGE, "its own");
}

// A config that an earlier version saved means what it meant then, and passes the check.
static void upgraded(const char *algo, const char *psi, const char *baseline, UpPsi expected) {
    char text[512];
    snprintf(text, sizeof text,
             "[train]\nalgo = %s\n[env]\nid = CartPole-v1\n[advantage]\ngamma = 0.99\n"
             "lambda = 0.95\npsi = %s\nbaseline = %s\nrestart = false\nstandardize = none\n",
             algo, psi, baseline);
    if (up_config_parse(&config, text, "saved") != UP_OK) fail_msg("%s", up_error());
    assert_int_equal(config.advantage.psi, expected);
    if (up_config_check(&config) != UP_OK) fail_msg("%s", up_error());
}

static void test_upgrade(void **state) {
    (void)state;
    upgraded("ppo", "to_go", "none", UP_PSI_ADVANTAGE); // the default then, which ppo did not read
    upgraded("a2c", "total", "none", UP_PSI_ADVANTAGE);
    upgraded("reinforce", "to_go", "none", UP_PSI_TO_GO);
    upgraded("reinforce", "to_go", "value", UP_PSI_BASELINED);
    // A recipe that asks for it is told.
    const char *text = "[env]\nid = CartPole-v1\n[advantage]\npsi = to_go\n";
    assert_int_equal(up_config_parse(&config, text, "mine"), UP_OK);
    expect(up_config_check(&config), UP_USAGE, "complete episodes");
}

// What is beyond the parser's buffer is not taken for another line.
static void test_long_lines(void **state) {
    (void)state;
    char text[300] = "[ppo]\n#";
    memset(text + 7, 'x', 197);
    assert_int_equal(up_config_parse(&config, text, "mine"), UP_OK);
    text[204] = 'x';
    parse_fails(text, UP_FORMAT, "mine, line 2: 199 characters, of 198");
}

static void test_recipes(void **state) {
    (void)state;
    int recipes = 0;
    DIR *folder = opendir(UP_SOURCE_DIR "/recipes");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[512], text[8192] = "";
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, UP_SOURCE_DIR "/recipes/%s", entry->d_name);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        assert_true(fread(text, 1, sizeof text - 1, file) > 0);
        fclose(file);
        if (up_config_parse(&config, text, entry->d_name) != UP_OK) fail_msg("%s", up_error());
        if (up_config_check(&config) != UP_OK) fail_msg("%s: %s", entry->d_name, up_error());
        recipes++;
    }
    closedir(folder);
    assert_true(recipes > 20);
}

// Where there is a value function.
static void test_needs_value(void **state) {
    (void)state;
    int count;
    const UpAlgo *const *algo = up_algo_list(&count);
    for (int a = 0; a < count; a++) {
        assert_int_equal(up_config_default(&config, algo[a]->name), UP_OK);
        bool none = strcmp(algo[a]->name, "reinforce") == 0 || algo[a]->has_value;
        assert_int_equal(up_config_needs_value(&config), !none);
    }
    assert_int_equal(up_config_default(&config, "reinforce"), UP_OK);
    config.advantage.psi = UP_PSI_TD;
    assert_true(up_config_needs_value(&config));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_round_trip, setup),
        cmocka_unit_test_setup(test_parse, setup),
        cmocka_unit_test_setup(test_mistakes_in_text, setup),
        cmocka_unit_test_setup(test_long_lines, setup),
        cmocka_unit_test_setup(test_recipes, setup),
        cmocka_unit_test_setup(test_set, setup),
        cmocka_unit_test_setup(test_check, setup),
        cmocka_unit_test_setup(test_check_psi, setup),
        cmocka_unit_test_setup(test_upgrade, setup),
        cmocka_unit_test_setup(test_needs_value, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
