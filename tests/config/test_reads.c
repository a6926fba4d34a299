// Which options a run reads. What the tables say is held against runs: an option that is not read
// changes no weight. One that was asked for and is not read is refused, whatever its value.
#include <math.h>
#include <string.h>

#include "../scratch.h"
#include "uphill/train.h"

static UpConfig config;
static char warned[4096];

static void remember(void *user, const char *message) {
    (void)user;
    size_t used = strlen(warned);
    snprintf(warned + used, sizeof warned - used, "%s\n", message);
}

static void set(const char *key, const char *value) {
    assert_ok(up_config_set(&config, key, value, "test"));
}

// Makes a trainer of the config as it is; NULL where that is refused.
static UpTrainer *create(void) {
    UpTrainer *trainer;
    warned[0] = 0;
    up_set_warn(remember, NULL);
    UpStatus status = up_train_create(&trainer, &config, NULL);
    up_set_warn(NULL, NULL);
    return status == UP_OK ? trainer : NULL;
}

// --- every option of every table, against runs

// Another value than the present one that the option accepts, by the table's bounds.
static void other_value(const UpOption *o, const char *present, char *text, size_t size) {
    const char *first = o->choices;
    double middle = fmin(fmax(0.4, o->min), o->max), number = strtod(present, NULL);
    if (o->type == UP_OPTION_BOOL)
        snprintf(text, size, "%s", strcmp(present, "true") == 0 ? "false" : "true");
    else if (o->type == UP_OPTION_CHOICE && strncmp(present, first, strcspn(first, "|")) != 0)
        snprintf(text, size, "%.*s", (int)strcspn(first, "|"), first);
    else if (o->type == UP_OPTION_CHOICE)
        snprintf(text, size, "%s", strrchr(first, '|') + 1);
    else if (o->type == UP_OPTION_INT)
        snprintf(text, size, "%.0f", number + 3 <= o->max ? number + 3 : number - 1);
    else if (o->type == UP_OPTION_REAL)
        snprintf(text, size, "%g", number == middle ? middle / 2 : middle);
    else
        fail_msg("%s: this test sets no lists and texts", o->name);
}

// After a short run; NULL where a combination is refused by itself.
static float *weights(size_t *size) {
    UpTrainer *trainer = create();
    if (!trainer) return NULL;
    assert_ok(up_train_run(trainer, NULL));
    const UpPolicy *policy = up_train_policy(trainer);
    *size = policy->size * sizeof *policy->param;
    float *copy = malloc(*size);
    assert_non_null(copy);
    memcpy(copy, policy->param, *size);
    up_train_destroy(trainer);
    return copy;
}

// Sets a row to another value behind up_config_set's back, as a recipe would.
static void change(const UpSection *section, int row) {
    char present[UP_OPTION_TEXT_MAX], value[UP_OPTION_TEXT_MAX];
    void *def = (char *)&config + section->offset;
    const UpOptionTable *table = section->table;
    up_options_format(table, row, def, present, sizeof present);
    other_value(&table->rows[row], present, value, sizeof value);
    assert_ok(up_options_set(table, def, table->rows[row].name, value, "test"));
}

static int check_idle(const UpAlgo *algo, const UpEnvSpec *spec) {
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(algo, section), idle = 0;
    size_t size, other;
    char why[UP_OPTION_WHY_MAX];
    const UpConfig before = config;
    float *plain = weights(&size);
    if (!plain) fail_msg("%s", up_error());
    assert_string_equal(warned, "");
    for (int s = 0; s < sections; s++) {
        if (section[s].table == &up_env_options) continue; // judged where it is made
        for (int row = 0; row < section[s].table->count; row++) {
            if (up_config_reads(&config, &section[s], row, spec, why)) continue;
            const char *name = section[s].table->rows[row].name;
            change(&section[s], row);
            float *changed = weights(&other);
            config = before;
            if (!changed) continue;
            if (size != other || memcmp(plain, changed, size) != 0)
                fail_msg("%s: %s.%s is read: %s", algo->name, section[s].table->section, name, why);
            if (!strstr(warned, name) || !strstr(warned, "does nothing here: "))
                fail_msg("%s.%s: no warning, but %s", section[s].table->section, name, warned);
            free(changed);
            idle++;
        }
    }
    free(plain);
    return idle;
}

// Makes the config one that begins from the weights of another run.
static void save_weights(const char *algo, int env) {
    char name[64];
    UpTrainer *trainer;
    snprintf(name, sizeof name, "%s%d", algo, env);
    assert_ok(up_train_create(&trainer, &config, scratch(name)));
    assert_ok(up_train_run(trainer, NULL));
    up_train_destroy(trainer);
    snprintf(config.train.init, sizeof config.train.init, "%s", scratch(name));
}

static void test_what_is_not_read(void **state) {
    (void)state;
    static const char *const ids[] = {"CartPole-v1", "Pendulum-v1"};
    int count;
    const UpAlgo *const *algo = up_algo_list(&count);
    for (int a = 0; a < count; a++) {
        for (int e = 0; e < 2; e++) {
            UpEnv *env;
            assert_ok(up_config_default(&config, algo[a]->name));
            strcpy(config.env.id, ids[e]);
            config.train.steps = 420;
            config.train.threads = 1;
            config.rollout.envs = 2;
            bool on_policy = !algo[a]->replays, one_kind = algo[a]->has_value;
            if (one_kind && algo[a]->pathwise != e) continue; // not this kind of actions
            bool several = config.rollout.episodes == 0 && config.rollout.steps > 1;
            if (several && on_policy) config.rollout.steps = 70;
            config.replay.batch = 16;
            config.pqn.minibatch = 64;
            if (config.rollout.episodes > 0) config.rollout.episodes = 2;
            config.policy.hidden = (UpSizes){1, {5}};
            assert_ok(up_env_create(&env, &config.env, 1));
            int idle = check_idle(algo[a], &env->spec);
            if (idle < 3) fail_msg("%s: %d options are not read", algo[a]->name, idle);
            save_weights(algo[a]->name, e);
            idle = check_idle(algo[a], &env->spec);
            if (idle < 5) fail_msg("%s: %d options are not read with --init", algo[a]->name, idle);
            up_env_destroy(env);
        }
    }
}

// Every condition names an option that is there, or a fact that is known.
static void test_conditions(void **state) {
    (void)state;
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(NULL, section), conditions = 0;
    for (int s = 0; s < sections; s++) {
        for (int row = 0; row < section[s].table->count; row++) {
            const UpOption *o = &section[s].table->rows[row];
            static const char *const facts[] = {"value function",  "memory",
                                                "action space",    "worker processes",
                                                "initial weights", "steps ahead"};
            char term[64], bare[64];
            for (const char *when = o->when; when && *when; conditions++) {
                snprintf(term, sizeof term, "%.*s", (int)strcspn(when, "!="), when);
                when += strcspn(when, ",");
                when += strspn(when, ", ");
                bool known = up_options_has(section[s].table, term);
                for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
                    known |= strcmp(facts[i], term) == 0;
                const char *dot = strchr(term, '.');
                for (int other = 0; dot && other < sections; other++) {
                    snprintf(bare, sizeof bare, "%.*s", (int)(dot - term), term);
                    known |= strcmp(section[other].table->section, bare) == 0 &&
                             up_options_has(section[other].table, dot + 1);
                }
                if (!known) fail_msg("%s.%s: when %s", section[s].table->section, o->name, o->when);
            }
        }
    }
    assert_true(conditions > 20);
}

// --- asked for

static void begin(const char *algo, const char *id) {
    assert_ok(up_config_default(&config, algo));
    set("env.id", id);
}

static void refused(const char *key, const char *value, const char *words) {
    UpConfig before = config;
    set(key, value);
    UpTrainer *trainer = create();
    if (trainer) fail_msg("%s = %s was taken", key, value);
    if (!strstr(up_error(), words)) fail_msg("\"%s\" does not say \"%s\"", up_error(), words);
    config = before;
}

static void taken(const char *key, const char *value) {
    UpConfig before = config;
    set(key, value);
    UpTrainer *trainer = create();
    if (!trainer) fail_msg("%s = %s: %s", key, value, up_error());
    assert_string_equal(warned, "");
    up_train_destroy(trainer);
    config = before;
}

static void test_refused(void **state) {
    (void)state;
    begin("ppo", "CartPole-v1");
    refused("policy.log_std", "1",
            "policy.log_std = 1 does nothing here: it is read with action space = Box, which is "
            "Discrete here; leave it out");
    refused("policy.log_std", "0", "does nothing here"); // its default
    refused("policy.clip_obs", "5", "it is read with policy.normalize_obs = true");
    refused("policy.clip_obs", "10", "it is read with policy.normalize_obs = true");
    refused("optim.momentum", "0", "it is read with optim.optimizer = sgd, which is adam here");
    refused("optim.learning_rate_end", "0", "it is read with optim.schedule not constant");
    refused("eval.episodes", "10", "it is read with eval.every not 0");
    refused("advantage.baseline", "none", "it is read with advantage.psi = baselined");
    refused("env.frame_skip", "4", "it is read with env.preprocess = atari, which is none here");
    refused("env.timeout", "60", "it is read with worker processes = yes, which is no here");
    refused("env.rescale_action", "false", "it is read with action space = Box");
    taken("optim.beta1", "0.8");
    taken("policy.bernoulli", "true");
    set("policy.normalize_obs", "true");
    taken("policy.clip_obs", "10");
    set("eval.every", "64");
    taken("eval.episodes", "3");

    begin("reinforce", "CartPole-v1");
    refused("advantage.lambda", "0.95", "it is read with advantage.psi = q or advantage or td");
    refused("rollout.steps", "128", "it is read with rollout.episodes = 0, which is 10 here");
    refused("reinforce.value_weight", "0.5", "it is read with value function = yes");
    refused("policy.gain_value", "1", "it is read with value function = yes, which is no here");
    set("advantage.psi", "td");
    taken("advantage.lambda", "0.5");
    taken("reinforce.value_weight", "0.5");

    begin("ppo", "Pendulum-v1");
    set("policy.hidden", "none");
    refused("policy.shared", "true", "it is read with policy.hidden not none");
    set("train.init", "elsewhere");
    refused("policy.log_std", "-1", "it is read with initial weights = drawn, which is from");
    refused("policy.init", "torch", "it is read with initial weights = drawn");
    refused("policy.gain_policy", "1", "it is read with initial weights = drawn");

    begin("vtrace", "Pendulum-v1");
    refused("advantage.psi", "advantage", "vtrace does not read it");
    refused("policy.bernoulli", "false", "it is read with action space = Discrete");
    taken("policy.log_std", "-1");
    taken("env.rescale_action", "true");
}

// --- not asked for: of a file

static void test_files(void **state) {
    (void)state;
    char *text;
    const char *recipe = "[env]\nid = CartPole-v1\n[policy]\nlog_std = -1\nclip_obs = 10\n"
                         "[optim]\nmomentum = 0.25\n";
    assert_ok(up_config_parse(&config, recipe, "recipe"));
    UpTrainer *trainer = create();
    if (!trainer) fail_msg("%s", up_error());
    up_train_destroy(trainer);
    const char *log_std = strstr(warned, "policy.log_std = -1 does nothing here: it is read with");
    assert_non_null(log_std);
    assert_non_null(strstr(warned, "optim.momentum = 0.25 does nothing here"));
    assert_null(strstr(warned, "clip_obs")); // as it is without
    // What is not read and as always is not saved.
    assert_ok(up_config_format(&config, &text));
    assert_non_null(strstr(text, "momentum = 0.25\n"));
    assert_null(strstr(text, "clip_obs"));
    assert_null(strstr(text, "decay"));
    assert_non_null(strstr(text, "beta1 = 0.9\n"));
    free(text);
}

// A config as it was saved when all options were.
static void test_old_config(void **state) {
    (void)state;
    char text[8192] = "", value[UP_OPTION_TEXT_MAX];
    UpSection section[UP_SECTIONS_MAX];
    begin("a2c", "CartPole-v1");
    int sections = up_config_sections(up_algo_find("a2c"), section);
    for (int s = 0; s < sections; s++) {
        const UpOptionTable *table = section[s].table;
        snprintf(text + strlen(text), sizeof text - strlen(text), "[%s]\n", table->section);
        for (int row = 0; row < table->count; row++) {
            up_options_format(table, row, (char *)&config + section[s].offset, value, sizeof value);
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s = %s\n",
                     table->rows[row].name, value);
        }
    }
    assert_ok(up_config_parse(&config, text, "config.ini"));
    UpTrainer *trainer = create();
    if (!trainer) fail_msg("%s", up_error());
    assert_string_equal(warned, "");
    up_train_destroy(trainer);
    refused("optim.beta2", "0.99", "it is read with optim.optimizer = adam, which is rmsprop here");
}

// --- a keyword of the environment's own

static void test_keyword_twice(void **state) {
    (void)state;
    begin("ppo", "CartPole-v1");
    refused("env.options", "sutton_barto_reward=True; sutton_barto_reward=False",
            "CartPole-v1: env.options names sutton_barto_reward twice; name it once");
    set("env.sutton_barto_reward", "true");
    taken("env.sutton_barto_reward", "false"); // the last one counts, as everywhere
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_not_read), cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_refused),          cmocka_unit_test(test_files),
        cmocka_unit_test(test_old_config),       cmocka_unit_test(test_keyword_twice),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
