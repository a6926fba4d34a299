// One whole update of each algorithm against PyTorch: advantages, returns, losses, gradients, and
// parameters after the step. tools/record_torch_algo.py recorded them.
#include <string.h>

#include "algo/algo_internal.h"
#include "rollout/rollout_internal.h"
#include "scripted.h"
#include "train/trainer.h"
#include "traced_policy.h"

// ---------------------------------------------------------------------------------------------------
// From a trace to a trainer

static UpTrainer *make_trainer(const cJSON *trace) {
    static UpConfig config;
    assert_int_equal(up_config_default(&config, trace_text(trace, "algo")), UP_OK);
    const cJSON *option;
    cJSON_ArrayForEach(
        option, trace_item(trace, "config")) if (up_config_set(&config, option->string,
                                                               option->valuestring, "trace") !=
                                                 UP_OK) fail_msg("%s", up_error());
    memset(config.given, 0, sizeof config.given); // a trace names what it does not need, too
    strcpy(config.env.id, "Scripted-v0");
    config.train.seed = 5;
    script_plain();
    script.spec.obs = up_space_box((int64_t)trace_number(trace, "dim"), -10, 10);
    script.spec.action = action_space(trace_text(trace, "action_space"));
    bool sparse = strcmp(trace_text(trace, "form"), "sparse") == 0;
    script.spec.obs_form = sparse ? UP_OBS_SPARSE : UP_OBS_F32;
    UpTrainer *trainer;
    if (up_train_create(&trainer, &config, NULL) != UP_OK) fail_msg("%s", up_error());
    trainer->learner.done = trace_number(trace, "done");
    trainer->learner.average_return = trace_number(trace, "average");
    return trainer;
}

static void fill_sparse(UpRollout *r, const float *dense) {
    uint64_t used = 0;
    for (int64_t i = 0; i < r->length * r->N; i++) {
        r->obs.begin[i] = used;
        for (int64_t d = 0; d < r->obs.dim; d++)
            if (dense[i * r->obs.dim + d] != 0)
                r->obs.entry[used++] = (UpSparseEntry)(2 * d + (dense[i * r->obs.dim + d] < 0));
        r->obs.count[i] = (uint32_t)(used - r->obs.begin[i]);
    }
    assert_true(used <= r->play.pool_size);
}

static void fill_bytes(const cJSON *trace, const char *key, int count, uint8_t *bytes) {
    float numbers[NUMBERS];
    trace_floats(trace, key, count, numbers);
    for (int i = 0; i < count; i++)
        bytes[i] = numbers[i] != 0;
}

static void fill_memory(UpRollout *r, const cJSON *trace) {
    int cells = (int)(r->length * r->N), M = (int)r->play.actor.memory;
    assert_true(M > 0 && up__rollout_reserve_memory(r, r->T) == UP_OK);
    fill_bytes(trace, "begins", cells + (int)r->N, r->begins);
    trace_floats(trace, "memory", cells / (int)r->segment * M, r->memory);
}

static void fill_rollout(UpRollout *r, const cJSON *trace) {
    r->length = (int64_t)trace_number(trace, "T");
    assert_true(r->length <= r->T && r->N == (int64_t)trace_number(trace, "N"));
    int cells = (int)(r->length * r->N), N = (int)r->N;
    static float dense[NUMBERS];
    trace_floats(trace, "obs", cells * (int)r->obs.dim, r->obs.f32 ? r->obs.f32 : dense);
    if (r->obs.begin) fill_sparse(r, dense);
    trace_floats(trace, "action", cells * (int)r->A, r->action);
    trace_floats(trace, "log_prob", cells, r->log_prob);
    if (r->obs.f32)
        trace_floats(trace, "last_obs", N * (int)r->obs.dim, r->obs.f32 + cells * r->obs.dim);
    trace_floats(trace, "value", cells + N, r->value);
    trace_floats(trace, "reward", cells, r->reward);
    fill_bytes(trace, "reward", cells, r->paid);
    trace_floats(trace, "final_value", cells, r->final_value);
    fill_bytes(trace, "terminated", cells, r->terminated);
    fill_bytes(trace, "truncated", cells, r->truncated);
    fill_bytes(trace, "valid", cells, r->valid);
    if (cJSON_GetObjectItem(trace, "memory")) fill_memory(r, trace);
    for (int i = 0; i < cells; i++)
        r->samples += r->valid[i];
    const cJSON *item;
    cJSON_ArrayForEach(item, trace_item(trace, "returns")) r->episode[r->episodes++].ret =
        item->valuedouble;
}

// ---------------------------------------------------------------------------------------------------
// Comparing

// The gradient of the only step so far is what SGD's momentum holds.
static void compare_gradient(UpTrainer *t, const cJSON *object) {
    UpPolicy view = t->policy;
    assert_non_null(t->optim.first);
    view.param = t->optim.first;
    compare_policy(&view, object);
}

static void compare_stats(const UpTrainer *t, const UpUpdateStats *stats, const cJSON *recorded) {
    const struct {
        const char *key;
        double value;
    } row[] = {{"policy_loss", stats->policy_loss},
               {"value_loss", stats->value_loss},
               {"entropy", stats->entropy},
               {"kl", stats->kl},
               {"clip_fraction", stats->clip_fraction},
               {"explained_variance", stats->explained_variance},
               {"grad_norm", stats->grad_norm},
               {"learning_rate", stats->learning_rate},
               {"average", t->learner.average_return},
               {"optim_steps", (double)t->optim.steps}};
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

// A Fisher-vector product of the policy before the update.
static void compare_product(UpTrainer *t, const cJSON *trace) {
    UpLearner *l = &t->learner;
    static UpReal direction[NUMBERS], product[NUMBERS];
    assert_true(t->policy.size <= NUMBERS);
    UpPolicy view = t->policy;
    view.param = direction;
    load_policy(&view, trace_item(trace, "direction"));
    assert_int_equal(up__learner_list(l, &t->rollout), UP_OK);
    assert_true(t->rollout.samples <= l->rows);
    up__learner_gather(l, &t->rollout, 0, t->rollout.samples);
    up_policy_forward(&t->policy, up_seen(&l->obs), UP_HEADS_POLICY);
    up__natural_product(l, &t->rollout, direction, trace_number(trace, "damping"), product);
    view.param = product;
    compare_policy(&view, trace_item(trace, "product"));
    l->rows = 5; // the same in pieces, each with a forward pass of its own
    up__natural_product(l, &t->rollout, direction, trace_number(trace, "damping"), product);
    compare_policy(&view, trace_item(trace, "product"));
    l->rows = t->rollout.samples;
}

static void replay(const cJSON *trace) {
    UpTrainer *t = make_trainer(trace);
    print_message("%s, %s\n", trace_text(trace, "algo"), trace_text(trace, "name"));
    load_policy(&t->policy, trace_item(trace, "before"));
    fill_rollout(&t->rollout, trace);
    if (cJSON_GetObjectItem(trace, "direction")) compare_product(t, trace);
    UpUpdateStats stats = UP_UPDATE_STATS_NONE;
    if (t->algo->update(&t->learner, &t->rollout, &stats) != UP_OK) fail_msg("%s", up_error());
    int cells = (int)(t->rollout.length * t->rollout.N);
    for (int i = 0; i < cells; i++) // what idle instances hold is of no account
        if (!t->rollout.valid[i]) t->rollout.advantage[i] = t->rollout.ret[i] = 0;
    trace_compare(trace, "ret", 0, cells, t->rollout.ret, tolerance);
    trace_compare(trace, "advantage", 0, cells, t->rollout.advantage, tolerance);
    compare_stats(t, &stats, trace_item(trace, "stats"));
    if (cJSON_GetObjectItem(trace, "gradient")) compare_gradient(t, trace_item(trace, "gradient"));
    compare_policy(&t->policy, trace_item(trace, "after"));
    up_train_destroy(t);
}

static void replay_all(const char *algo, int expected) {
    cJSON *list = trace_open("torch_algo.json");
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

static void test_reinforce(void **state) {
    (void)state;
    replay_all("reinforce", 4);
}

static void test_a2c(void **state) {
    (void)state;
    replay_all("a2c", 4);
}

static void test_ppo(void **state) {
    (void)state;
    replay_all("ppo", 6);
}

static void test_vpg(void **state) {
    (void)state;
    replay_all("vpg", 1);
}

static void test_actor_critic(void **state) {
    (void)state;
    replay_all("actor-critic", 1);
}

static void test_npg(void **state) {
    (void)state;
    replay_all("npg", 2);
}

static void test_trpo(void **state) {
    (void)state;
    replay_all("trpo", 4);
}

static void test_vtrace(void **state) {
    (void)state;
    replay_all("vtrace", 2);
}

static int register_scripted(void **state) {
    (void)state;
    return up_env_register(&(UpEnvInfo){"Scripted-v0", "for tests", scripted_create}) != UP_OK;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reinforce),    cmocka_unit_test(test_a2c),
        cmocka_unit_test(test_ppo),          cmocka_unit_test(test_vpg),
        cmocka_unit_test(test_actor_critic), cmocka_unit_test(test_npg),
        cmocka_unit_test(test_trpo),         cmocka_unit_test(test_vtrace),
    };
    return cmocka_run_group_tests(tests, register_scripted, NULL);
}
