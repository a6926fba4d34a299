// What an actor remembers of each instance: it goes from step to step, is kept where an instance
// sits idle, begins anew where an episode does, and lies in a rollout before each segment.
#include <string.h>

#include "scratch.h"
#include "scripted.h"

#include "uphill/rollout.h"

enum { N = 3, M = 2 };

static int vary_length(int n, int e) {
    return 2 + (n + 3 * e) % 9;
}

static bool every_second(int n, int e) {
    return (n + e) % 2;
}

// Counts the observations of an episode, this one too, and adds up their steps.
static void look(UpSeen seen, int64_t i, UpReal out[M]) {
    bool begins = !seen.memory || (seen.begins && seen.begins[i]);
    for (int m = 0; m < M; m++)
        out[m] = begins ? 0 : seen.memory[i * M + m];
    out[0] += 1;
    out[1] += seen.obs->f32[i * seen.obs->dim + 2];
}

static void value(void *user, UpSeen seen, UpReal *values) {
    (void)user;
    for (int64_t i = 0; i < seen.obs->rows; i++) {
        UpReal after[M];
        look(seen, i, after);
        values[i] = 1000 * after[0] + after[1];
    }
}

static void act(void *user, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                UpReal *values) {
    (void)rng;
    value(user, seen, values);
    for (int64_t i = 0; i < seen.obs->rows; i++) {
        action[i] = 0;
        log_prob[i] = 0;
        look(seen, i, seen.memory_out + i * M);
    }
}

static const UpActor actor = {.act = act, .value = value, .memory = M};

// After k steps and the observation that follows: what `value` makes of it.
static UpReal value_of(int k) {
    return (UpReal)(1000 * (k + 1) + k * (k + 1) / 2);
}

typedef struct Where {
    int e[N], k[N];
} Where;

static UpEnv *make(void) {
    UpEnv *env = NULL;
    UpEnvDef def = up_env_def_default();
    script_plain();
    script.length = vary_length;
    script.truncated = every_second;
    assert_ok(scripted_create(&env, &def, N));
    return env;
}

static void check_row(const UpRollout *r, const Where *w, int64_t t) {
    for (int n = 0; n < N; n++) {
        int k = w->k[n];
        assert_int_equal(r->begins[t * N + n], k == 0);
        assert_true(r->value[t * N + n] == value_of(k));
        if (t == r->length || t % r->segment != 0 || k == 0) continue;
        const UpReal *memory = r->memory + (t / r->segment * N + n) * M;
        assert_true(memory[0] == (UpReal)k && memory[1] == (UpReal)(k * (k - 1) / 2));
    }
}

static void check(const UpRollout *r, Where *w) {
    for (int64_t t = 0; t < r->length; t++) {
        check_row(r, w, t);
        for (int n = 0; n < N; n++) {
            int64_t cell = t * N + n;
            if (!r->valid[cell]) continue;
            w->k[n]++;
            if (r->truncated[cell]) assert_true(r->final_value[cell] == value_of(w->k[n]));
            if (!r->terminated[cell] && !r->truncated[cell]) continue;
            w->e[n]++;
            w->k[n] = 0;
        }
    }
    check_row(r, w, r->length);
}

static void test_rollouts(void **state) {
    (void)state;
    static const int64_t budgets[] = {1000, 10, 1000, 1, 2, 1000, 20};
    for (int64_t segment = 1; segment <= 12; segment++) {
        UpEnv *env = make();
        UpRollout r;
        UpRolloutDef def = {.envs = N, .steps = 12, .segment = segment};
        Where w = {{0}, {0}};
        assert_ok(up_rollout_create(&r, &def, 0.99, env, 7));
        for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
            assert_ok(up_rollout_collect(&r, env, &actor, budgets[i]));
            check(&r, &w);
        }
        assert_true(w.e[0] > 3);
        up_rollout_destroy(&r);
        up_env_destroy(env);
    }
}

// Saved and loaded, what it remembers goes on.
static void test_kept(void **state) {
    (void)state;
    UpEnv *env = make();
    UpRollout r;
    UpRolloutDef def = {.envs = N, .steps = 4, .segment = 4};
    UpKeep keep = {0};
    Where w = {{0}, {0}};
    UpReal held[N * M];
    assert_ok(up_rollout_create(&r, &def, 0.99, env, 7));
    r.play.actor = actor;
    assert_ok(up_rollout_keep(&r, &keep));
    assert_ok(up_rollout_collect(&r, env, &actor, INT64_MAX));
    check(&r, &w);
    up_play_pack(&r.play);
    int found = 0;
    for (int i = 0; i < keep.items; i++) {
        if (strcmp(keep.item[i].name, "rollout.memory") != 0) continue;
        assert_int_equal(up_kept_bytes(&keep.item[i]), sizeof held);
        memcpy(held, keep.item[i].data, sizeof held);
        memset(keep.item[i].data, 0, sizeof held);
        memcpy(keep.item[i].data, held, sizeof held);
        found++;
    }
    assert_int_equal(found, 1);
    memset(r.play.begins, 7, N); // which follows from what is kept
    assert_ok(up_rollout_unpack(&r));
    assert_ok(up_rollout_collect(&r, env, &actor, INT64_MAX));
    check(&r, &w);
    up_rollout_destroy(&r);
    up_env_destroy(env);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rollouts),
                                       cmocka_unit_test(test_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
