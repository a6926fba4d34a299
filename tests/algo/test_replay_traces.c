// Updates of the algorithms that learn from a replay against PyTorch: what is drawn, targets,
// losses, and all parameters after several steps. tools/record_torch_replay.py recorded them.
#include <string.h>

#include "algo/algo_internal.h"
#include "scripted.h"
#include "traced_policy.h"
#include "train/trainer.h"

static UpTrainer *make_trainer(const cJSON *trace) {
    static UpConfig config;
    assert_int_equal(up_config_default(&config, trace_text(trace, "algo")), UP_OK);
    const cJSON *option;
    cJSON_ArrayForEach(option, trace_item(trace, "config")) {
        if (up_config_set(&config, option->string, option->valuestring, "trace") != UP_OK)
            fail_msg("%s", up_error());
    }
    strcpy(config.env.id, "Scripted-v0");
    config.train.seed = 5;
    script_plain();
    script.spec.obs = up_space_box((int64_t)trace_number(trace, "dim"), -10, 10);
    script.spec.action = action_space(trace_text(trace, "action_space"));
    UpTrainer *trainer;
    if (up_train_create(&trainer, &config, NULL) != UP_OK) fail_msg("%s", up_error());
    trainer->learner.done = trace_number(trace, "done");
    return trainer;
}

// What the algorithm keeps under this name.
static UpKept *kept(UpTrainer *t, const char *name) {
    for (int i = 0; i < t->keep.items; i++)
        if (strcmp(t->keep.item[i].name, name) == 0) return &t->keep.item[i];
    fail_msg("nothing is kept as %s", name);
    return NULL;
}

static void load_blocks(UpTrainer *t, const cJSON *blocks) {
    const cJSON *block;
    cJSON_ArrayForEach(block, blocks) {
        UpKept *k = kept(t, block->string);
        trace_floats(blocks, block->string, (int)k->count, k->data);
    }
}

static void compare_blocks(UpTrainer *t, const cJSON *blocks) {
    const cJSON *block;
    cJSON_ArrayForEach(block, blocks) {
        UpKept *k = kept(t, block->string);
        trace_compare(blocks, block->string, 0, (int)k->count, k->data, tolerance);
    }
}

// `count` numbers of an array from the start-th on.
static void part(const cJSON *trace, const char *key, int start, int count, float *to) {
    const cJSON *array = trace_item(trace, key);
    for (int i = 0; i < count; i++)
        to[i] = (float)cJSON_GetArrayItem(array, start + i)->valuedouble;
}

// The rollout of step k, as if it had been played.
static void fill_rollout(UpRollout *r, const cJSON *trace, int k) {
    int N = (int)r->N, D = (int)r->obs.dim, A = (int)r->A;
    float flags[SCRIPTED_ENVS];
    part(trace, "obs", k * N * D, 2 * N * D, r->obs.f32);
    part(trace, "final", k * N * D, N * D, r->play.final_obs.f32);
    part(trace, "action", k * N * A, N * A, r->action);
    part(trace, "reward", k * N, N, r->reward);
    for (int n = 0; n < N; n++) {
        bool ended = k > 0 && (r->terminated[n] || r->truncated[n]);
        r->first_age[n] = ended || k == 0 ? 0 : r->first_age[n] + 1;
        r->valid[n] = 1;
    }
    part(trace, "terminated", k * N, N, flags);
    for (int n = 0; n < N; n++)
        r->terminated[n] = flags[n] != 0;
    part(trace, "truncated", k * N, N, flags);
    for (int n = 0; n < N; n++)
        r->truncated[n] = flags[n] != 0;
    r->length = 1;
    r->samples = N;
    r->steps += N;
}

static void compare_stats(const UpUpdateStats *stats, const cJSON *recorded) {
    const struct {
        const char *key;
        double value;
    } row[] = {{"policy_loss", stats->policy_loss}, {"value_loss", stats->value_loss},
               {"entropy", stats->entropy},         {"q_value", stats->q_value},
               {"temperature", stats->temperature}, {"exploration", stats->exploration},
               {"grad_norm", stats->grad_norm}};
    int found = 0;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const cJSON *item = cJSON_GetObjectItem(recorded, row[i].key);
        found += item != NULL;
        if (item && !(fabs(row[i].value - item->valuedouble) <=
                      tolerance * fmax(1, fabs(item->valuedouble))))
            fail_msg("%s: %.9g, recorded %.9g", row[i].key, row[i].value, item->valuedouble);
    }
    assert_int_equal(found, cJSON_GetArraySize(recorded));
}

static void replay(const cJSON *trace) {
    UpTrainer *t = make_trainer(trace);
    print_message("%s, %s\n", trace_text(trace, "algo"), trace_text(trace, "name"));
    load_policy(&t->policy, trace_item(trace, "before"));
    load_blocks(t, trace_item(trace, "blocks_before"));
    UpUpdateStats stats = UP_UPDATE_STATS_NONE;
    for (int k = 0; k < (int)trace_number(trace, "steps"); k++) {
        fill_rollout(&t->rollout, trace, k);
        stats = UP_UPDATE_STATS_NONE;
        if (t->algo->update(&t->learner, &t->rollout, &stats) != UP_OK) fail_msg("%s", up_error());
    }
    compare_stats(&stats, trace_item(trace, "stats"));
    compare_policy(&t->policy, trace_item(trace, "after"));
    compare_blocks(t, trace_item(trace, "blocks_after"));
    up_train_destroy(t);
}

static void replay_all(const char *algo, int expected) {
    cJSON *list = trace_open("torch_replay.json");
    const cJSON *trace;
    int cases = 0;
    cJSON_ArrayForEach(trace, list) {
        if (strcmp(trace_text(trace, "algo"), algo) != 0) continue;
        replay(trace);
        cases++;
    }
    cJSON_Delete(list);
    assert_int_equal(cases, expected);
}

static void test_dqn(void **state) {
    (void)state;
    replay_all("dqn", 2);
}

static void test_sac(void **state) {
    (void)state;
    replay_all("sac", 2);
}

static void test_td3(void **state) {
    (void)state;
    replay_all("td3", 1);
}

static void test_ddpg(void **state) {
    (void)state;
    replay_all("ddpg", 1);
}

static void test_q_actor_critic(void **state) {
    (void)state;
    replay_all("q-actor-critic", 1);
}

static int register_scripted(void **state) {
    (void)state;
    return up_env_register(&(UpEnvInfo){"Scripted-v0", "for tests", scripted_create}) != UP_OK;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dqn),
        cmocka_unit_test(test_sac),
        cmocka_unit_test(test_td3),
        cmocka_unit_test(test_ddpg),
        cmocka_unit_test(test_q_actor_critic),
    };
    return cmocka_run_group_tests(tests, register_scripted, NULL);
}
