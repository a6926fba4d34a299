// Rollouts whose rows are stacks of frames: which frames a row consists of, whatever happens
// between them, and that each frame is kept once.
#include <malloc.h>
#include <math.h>
#include <string.h>

#include "scratch.h"
#include "scripted.h"

#include "rollout/rollout_internal.h"

enum { N = 3 };

static const float shift = 0.25F; // what the actor adds to each observation that passes it

static int vary_length(int n, int e) {
    return 2 + (n + 3 * e) % 9;
}

static bool every_second(int n, int e) {
    return (n + e) % 2;
}

static double value_of(int n, int e, int k) {
    return 100.0 * n + 10.0 * e + k;
}

// Number d of frame j of a row; those of vectors passed the actor once.
static double number(const UpObs *obs, int64_t i, int64_t j, int d) {
    int64_t at = obs->frame[i * obs->stack + j] * obs->dim + d;
    return obs->f32 ? (double)(obs->f32[at] - shift) : obs->u8[at];
}

// What a row says: its newest frame's value, or -1 if the others are not those before it.
static double value_from(const UpObs *obs, int64_t i) {
    int64_t last = obs->stack - 1;
    int n = (int)number(obs, i, last, 0), e = (int)number(obs, i, last, 1);
    int k = (int)number(obs, i, last, 2);
    for (int64_t j = 0; j <= last; j++) {
        int age = (int)(last - j), expected = k > age ? k - age : 0;
        for (int d = 0; d < obs->dim; d++)
            if (number(obs, i, j, d) != (double)scripted_number(n, e, expected, d)) return -1;
    }
    return value_of(n, e, k);
}

static void actor_observe(void *user, UpObs *obs, const uint8_t *active, bool learn) {
    (void)user, (void)learn;
    assert_true(obs->stack <= 1); // only what is new
    for (int64_t i = 0; i < obs->rows; i++)
        for (int64_t d = 0; obs->f32 && d < obs->dim && (!active || active[i]); d++)
            obs->f32[i * obs->dim + d] += shift;
}

static void actor_value(void *user, UpSeen seen, UpReal *value) {
    (void)user;
    for (int64_t i = 0; i < seen.obs->rows; i++)
        value[i] = (UpReal)value_from(seen.obs, i);
}

static void actor_act(void *user, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                      UpReal *value) {
    (void)rng;
    memset(action, 0, (size_t)seen.obs->rows * sizeof *action);
    memset(log_prob, 0, (size_t)seen.obs->rows * sizeof *log_prob);
    actor_value(user, seen, value);
}

static const UpActor actor = {NULL, actor_observe, actor_act, actor_value, 0};

typedef struct Fixture {
    UpEnv *env;
    UpRollout rollout;
    int e[N], k[N]; // where each instance is
    int ends[2];    // [cut]
} Fixture;

static void open_fixture(Fixture *f, UpRolloutDef def, UpObsForm form, int stack) {
    script_plain();
    script.spec.obs_form = form;
    script.spec.stack = stack;
    script.length = vary_length;
    script.truncated = every_second;
    *f = (Fixture){0};
    def.envs = N;
    UpEnvDef env = up_env_def_default();
    assert_ok(scripted_create(&f->env, &env, N));
    assert_ok(up_rollout_create(&f->rollout, &def, 0.99, f->env, 7));
}

static void close_fixture(Fixture *f) {
    up_rollout_destroy(&f->rollout);
    up_env_destroy(f->env);
}

static void check_cell(Fixture *f, int64_t cell, int n) {
    const UpRollout *r = &f->rollout;
    assert_true((double)value_of(n, f->e[n], f->k[n]) == (double)r->value[cell]);
    assert_true(value_from(&r->obs, cell) == value_of(n, f->e[n], f->k[n]));
    if (!r->valid[cell]) return;
    f->k[n]++;
    if (!r->terminated[cell] && !r->truncated[cell]) return;
    double last = r->truncated[cell] ? value_of(n, f->e[n], f->k[n]) : 0;
    assert_true((double)r->final_value[cell] == last);
    f->ends[r->truncated[cell]]++;
    f->e[n]++;
    f->k[n] = 0;
}

static void collect(Fixture *f, int64_t budget) {
    UpRollout *r = &f->rollout;
    assert_ok(up_rollout_collect(r, f->env, &actor, budget));
    for (int64_t t = 0; t < r->length; t++)
        for (int n = 0; n < N; n++)
            check_cell(f, t * N + n, n);
    for (int n = 0; n < N; n++) // what the next rollout starts from
        assert_true((double)r->value[r->length * N + n] == value_of(n, f->e[n], f->k[n]));
}

static void test_rows(void **state) {
    (void)state;
    for (int stack = 2; stack <= 9; stack += 1)
        for (int steps = 1; steps <= 11; steps += 5)
            for (UpObsForm form = UP_OBS_F32; form <= UP_OBS_U8; form++) {
                Fixture f;
                open_fixture(&f, (UpRolloutDef){.steps = steps}, form, stack);
                for (int i = 0; i < 60 / steps; i++)
                    collect(&f, INT64_MAX);
                assert_true(f.ends[0] > 3 && f.ends[1] > 3);
                close_fixture(&f);
            }
}

// Instances that sit idle keep the stack that they had.
static void test_idle_instances(void **state) {
    (void)state;
    static const int64_t budgets[] = {10, 1, 2, 21, 20, 4, 1, 1};
    for (int stack = 2; stack <= 5; stack += 3)
        for (UpObsForm form = UP_OBS_F32; form <= UP_OBS_U8; form++) {
            Fixture f;
            open_fixture(&f, (UpRolloutDef){.steps = 7}, form, stack);
            for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++)
                collect(&f, budgets[i]);
            close_fixture(&f);
            open_fixture(&f, (UpRolloutDef){.steps = 1, .episodes = 5}, form, stack);
            for (int i = 0; i < 4; i++)
                collect(&f, INT64_MAX);
            close_fixture(&f);
        }
}

static int long_length(int n, int e) {
    return 700 + 10 * n + e;
}

static void test_growth(void **state) {
    (void)state;
    Fixture f;
    open_fixture(&f, (UpRolloutDef){.steps = 1, .episodes = 4}, UP_OBS_F32, 4);
    script.length = long_length;
    collect(&f, INT64_MAX);
    assert_true(f.rollout.T > 700);
    close_fixture(&f);
}

// The pool has room for each frame once, the few that the first rows reach back to, and the last
// ones of episodes; and rows share what is in it.
static void test_each_frame_is_kept_once(void **state) {
    (void)state;
    enum { STACK = 4, STEPS = 100, SIDE = 84, FRAME = SIDE * SIDE };
    Fixture f = {0};
    script_plain();
    script.spec.obs = up_space_image(SIDE, SIDE, 1);
    script.spec.obs_form = UP_OBS_U8;
    script.spec.stack = STACK;
    UpRolloutDef def = {.envs = N, .steps = STEPS};
    UpEnvDef env = up_env_def_default();
    assert_ok(scripted_create(&f.env, &env, N));
    assert_ok(up_rollout_create(&f.rollout, &def, 0.99, f.env, 7));
    assert_ok(up_rollout_collect(&f.rollout, f.env, &actor, INT64_MAX));
    const size_t frames = (STEPS + 1 + STACK) * N;
    size_t bytes = malloc_usable_size(f.rollout.obs.u8);
    assert_in_range(bytes, frames * FRAME, frames * FRAME + 8192);
    uint8_t used[(STEPS + 1 + STACK) * N] = {0};
    size_t distinct = 0;
    for (size_t i = 0; i < (STEPS + 1) * N * STACK; i++) {
        assert_true(f.rollout.obs.frame[i] < frames);
        distinct += !used[f.rollout.obs.frame[i]];
        used[f.rollout.obs.frame[i]] = 1;
    }
    assert_int_equal(distinct, (STEPS + 1) * N);
    printf("%d steps of %d instances: %zu bytes of frames; as copies they would be %d\n", STEPS, N,
           bytes, (STEPS + 1) * N * STACK * FRAME);
    close_fixture(&f);
}

// What a play of its own shows, which keeps the newest row alone: step k of episode e, and those
// before it; and what its episodes were.
static void check_newest(const UpPlay *play, const int e[N], const int k[N]) {
    UpObs obs = up_play_obs(play);
    for (int n = 0; n < N; n++) {
        assert_int_equal(play->begins[n], k[n] == 0);
        assert_int_equal(play->episode_length[n], k[n]);
        for (int64_t j = 0; j < obs.stack; j++) {
            int age = (int)(obs.stack - 1 - j);
            int64_t number = obs.frame ? (int64_t)obs.frame[n * obs.stack + j] : n;
            const float *frame = obs.f32 + number * SCRIPTED_DIM;
            assert_true(frame[0] == (float)n && frame[1] == (float)e[n]);
            assert_true(frame[2] == (float)(k[n] > age ? k[n] - age : 0));
        }
    }
}

static void test_newest(void **state) {
    (void)state;
    for (int size = 1; size <= 5; size++) {
        script_plain();
        script.spec.stack = size;
        script.length = vary_length;
        UpEnv *env = NULL;
        UpEnvDef def = up_env_def_default();
        UpPlay play;
        assert_ok(scripted_create(&env, &def, N));
        assert_ok(up_play_create(&play, env, size % 3 + 1, 7));
        play.actor = up_random_actor(env);
        assert_ok(up_play_begin(&play));
        int e[N] = {0}, k[N] = {0};
        for (int t = 0; t < 60; t++) {
            check_newest(&play, e, k);
            for (int n = 0; n < N; n++)
                play.active[n] = (t + n) % 4 > 0;
            up_play_act(&play);
            assert_ok(up_play_step(&play));
            int64_t ends = 0;
            for (int n = 0; n < N; n++) {
                if (!play.active[n]) continue;
                k[n]++;
                if (k[n] < vary_length(n, e[n])) continue;
                const UpEpisode *episode = &play.ended[ends++];
                assert_int_equal(episode->instance, n);
                assert_int_equal(episode->length, k[n]);
                e[n]++;
                k[n] = 0;
            }
            assert_int_equal(play.ends, ends);
        }
        assert_true(e[0] > 5);
        up_play_destroy(&play);
        up_env_destroy(env);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),   cmocka_unit_test(test_idle_instances),
        cmocka_unit_test(test_growth), cmocka_unit_test(test_each_frame_is_kept_once),
        cmocka_unit_test(test_newest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
