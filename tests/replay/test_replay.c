// A replay that is filled from rollouts of a scripted environment, whose observations say where
// they come from: every step that is drawn is one that was taken, with what followed it.
#include <math.h>
#include <string.h>

#include "scratch.h"
#include "scripted.h"

#include "replay/replay_internal.h"
#include "uphill/rollout.h"

enum { N = 3, ROWS = 64 };

static const double gamma_ = 0.9;

static int vary_length(int n, int e) {
    return 2 + (n + 3 * e) % 9;
}

static bool every_second(int n, int e) {
    return (n + e) % 2;
}

static bool now_and_then(int n, int e) {
    return (n + e) % 3 == 0;
}

static double reward_of(int n, int e, int k) {
    return n + 2 * e + 0.5 * k;
}

// Takes the action that is open.
static void act(void *user, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                UpReal *value) {
    (void)user, (void)rng;
    for (int64_t i = 0; i < seen.obs->rows; i++) {
        action[i] = seen.obs->mask[2 * i + 1];
        log_prob[i] = value[i] = 0;
    }
}

static void no_value(void *user, UpSeen seen, UpReal *value) {
    (void)user;
    memset(value, 0, (size_t)seen.obs->rows * sizeof *value);
}

typedef struct Fixture {
    UpEnv *env;
    UpRollout rollout;
    UpReplay replay;
    UpReplayBatch batch;
    UpKeep keep;
    UpArena arena;
    UpRng rng;
} Fixture;

static UpReplayDef replay_def(int64_t size, int64_t n_steps, bool prioritised) {
    return (UpReplayDef){.size = size,
                         .batch = ROWS,
                         .n_steps = n_steps,
                         .prioritised = prioritised,
                         .alpha = 0.6,
                         .beta = 0.4};
}

static void open_fixture(Fixture *f, UpReplayDef def, UpObsForm form, int stack) {
    *f = (Fixture){0};
    script_plain();
    script.spec.obs_form = form;
    script.spec.stack = stack;
    script.spec.mask_size = 2;
    script.length = vary_length;
    script.truncated = every_second;
    script.both = now_and_then;
    script.reward = reward_of;
    assert_ok(scripted_create(&f->env, NULL, N));
    UpRolloutDef rollout = {.envs = N, .steps = 1};
    assert_ok(up_rollout_create(&f->rollout, &rollout, 1, f->env, 1));
    assert_ok(
        up_replay_create(&f->replay, &def, gamma_, &f->rollout.obs, N, f->rollout.A, &f->arena));
    assert_ok(up_replay_batch_create(&f->batch, &f->replay, ROWS, &f->arena));
    up_replay_keep(&f->replay, &f->keep);
    up_rng_seed(&f->rng, 7);
}

static void close_fixture(Fixture *f) {
    up_arena_free(&f->arena);
    up_rollout_destroy(&f->rollout);
    up_env_destroy(f->env);
}

// Plays; the budget lets the last instances sit idle now and then.
static void play(Fixture *f, int rollouts) {
    UpRollout *r = &f->rollout;
    UpActor actor = {.user = r, .act = act, .value = no_value};
    for (int i = 0; i < rollouts; i++) {
        assert_ok(up_rollout_collect(r, f->env, &actor, i % 7 == 6 ? N - 1 : N));
        UpReplayStep step = {
            up_rollout_obs(r, 0), up_rollout_obs(r, 1), r->play.final_obs, r->action,   r->reward,
            r->terminated,        r->truncated,         r->valid,          r->first_age};
        up_replay_add(&f->replay, &step);
    }
}

static double number(const UpObs *obs, int64_t row, int64_t j, int d) {
    int64_t at = (obs->frame ? obs->frame[row * obs->stack + j] : row) * obs->dim + d;
    return obs->f32 ? (double)obs->f32[at] : obs->u8[at];
}

// The row is step k of episode e of instance n, each of its frames.
static void check_obs(const UpObs *obs, int64_t row, int n, int e, int k) {
    int64_t stack = obs->frame ? obs->stack : 1;
    for (int64_t j = 0; j < stack; j++) {
        int back = (int)(stack - 1 - j), at = k > back ? k - back : 0;
        for (int d = 0; d < obs->dim; d++)
            assert_true(number(obs, row, j, d) == (double)scripted_number(n, e, at, d));
    }
}

static void check_step(const Fixture *f, int64_t i) {
    const UpReplayBatch *b = &f->batch;
    int64_t last = b->obs.frame ? b->obs.stack - 1 : 0;
    int n = (int)number(&b->obs, i, last, 0), e = (int)number(&b->obs, i, last, 1);
    int k = (int)number(&b->obs, i, last, 2), length = vary_length(n, e), at = k;
    double sum = 0, discount = 1;
    const UpReplay *r = &f->replay;
    int64_t number_ = up__replay_number(r, b->row[i]), newest = r->written[n] - 1;
    for (; at < length && at - k < r->def.n_steps && number_ + at - k < newest; at++) {
        sum += discount * reward_of(n, e, at);
        discount *= gamma_;
    }
    check_obs(&b->obs, i, n, e, k);
    assert_true(fabs((double)b->reward[i] - sum) < 1e-4);
    bool cut = every_second(n, e) && !now_and_then(n, e), ended = at == length;
    assert_true(fabs((double)b->discount[i] - (ended && !cut ? 0 : discount)) < 1e-6);
    if (!ended || cut) check_obs(&b->obs, ROWS + i, n, e, at);
    for (int a = 0; a < 2; a++) {
        assert_int_equal(b->obs.mask[i * 2 + a], scripted_open(n, e, k, a));
        if (!ended) assert_int_equal(b->obs.mask[(ROWS + i) * 2 + a], scripted_open(n, e, at, a));
        if (ended && cut) assert_int_equal(b->obs.mask[(ROWS + i) * 2 + a], 1);
    }
    assert_true((int)b->action[i] == scripted_open(n, e, k, 1));
}

static void check_draws(Fixture *f, int draws) {
    for (int draw = 0; draw < draws; draw++) {
        up_replay_draw(&f->replay, &f->rng, 0.5, &f->batch);
        for (int64_t i = 0; i < ROWS; i++)
            check_step(f, i);
    }
}

static void steps(int64_t size, int64_t n_steps, bool prioritised, UpObsForm form, int stack) {
    Fixture f;
    open_fixture(&f, replay_def(size, n_steps, prioritised), form, stack);
    assert_false(up_replay_ready(&f.replay));
    play(&f, 1);
    assert_true(up_replay_ready(&f.replay));
    for (int round = 0; round < 40; round++) {
        check_draws(&f, 2);
        play(&f, 5);
        UpReal error[ROWS];
        for (int64_t i = 0; i < ROWS; i++)
            error[i] = (UpReal)(i % 5);
        if (round % 3 == 0) up_replay_prioritise(&f.replay, &f.batch, error);
    }
    close_fixture(&f);
}

static void test_steps(void **state) {
    (void)state;
    for (int prioritised = 0; prioritised < 2; prioritised++)
        for (int64_t n_steps = 1; n_steps <= 4; n_steps += 3) {
            steps(1000, n_steps, prioritised, UP_OBS_F32, 1); // never full
            steps(60, n_steps, prioritised, UP_OBS_F32, 1);
            steps(60, n_steps, prioritised, UP_OBS_U8, 1);
            steps(60, n_steps, prioritised, UP_OBS_U8, 4);
            steps(61, n_steps, prioritised, UP_OBS_F32, 3);
        }
}

// All that is held is drawn, each step as often as the others.
static void test_uniform(void **state) {
    (void)state;
    enum { DRAWS = 2000 };
    Fixture f;
    open_fixture(&f, replay_def(60, 1, false), UP_OBS_F32, 1);
    play(&f, 100);
    int64_t rows = f.replay.frames.rows, drawable = 0;
    int64_t count[128] = {0};
    for (int draw = 0; draw < DRAWS; draw++) {
        up_replay_draw(&f.replay, &f.rng, 0, &f.batch);
        for (int64_t i = 0; i < ROWS; i++)
            count[f.batch.row[i]]++;
    }
    for (int64_t row = 0; row < rows; row++)
        drawable += up__replay_drawable(&f.replay, row);
    assert_true(drawable >= 45); // the rest are last observations, and the newest of each instance
    double expected = (double)DRAWS * ROWS / (double)drawable;
    for (int64_t row = 0; row < rows; row++)
        if (up__replay_drawable(&f.replay, row))
            assert_true(fabs((double)count[row] - expected) < 5 * sqrt(expected));
        else
            assert_int_equal(count[row], 0);
    close_fixture(&f);
}

// P(i) = p^α / Σ p^α, w = (N P)^-β / max w; a new step has the highest priority so far.
static void test_priorities(void **state) {
    (void)state;
    enum { DRAWS = 4000 };
    Fixture f;
    UpReplay *r = &f.replay;
    open_fixture(&f, replay_def(60, 1, true), UP_OBS_F32, 1);
    play(&f, 30);
    double total = 0;
    for (int64_t row = 0; row < r->frames.rows; row++) {
        f.batch.row[0] = (uint32_t)row;
        f.batch.rows = 1;
        UpReal error = (UpReal)(1 + row % 3);
        if (up__replay_drawable(r, row)) up_replay_prioritise(r, &f.batch, &error);
        total += r->tree[r->leaves + row];
    }
    f.batch.rows = ROWS;
    assert_true(fabs(r->tree[1] - total) < 1e-9);
    int64_t count[128] = {0};
    for (int draw = 0; draw < DRAWS; draw++) {
        up_replay_draw(r, &f.rng, 0.5, &f.batch);
        for (int64_t i = 0; i < ROWS; i++) {
            int64_t row = f.batch.row[i];
            count[row]++;
            // The rarest in the minibatch has weight 1; β = 0.4 + 0.6 · 0.5.
            double rarest = 3;
            for (int64_t j = 0; j < ROWS; j++)
                rarest = fmin(rarest, 1 + f.batch.row[j] % 3);
            double weight = pow((1 + (double)(row % 3)) / rarest, -0.6 * 0.7);
            assert_true(fabs((double)f.batch.weight[i] - weight) < 1e-5);
        }
    }
    for (int64_t row = 0; row < r->frames.rows; row++) {
        double p = up__replay_drawable(r, row) ? pow(1 + (double)(row % 3), 0.6) : 0;
        double expected = (double)DRAWS * ROWS * p / total;
        assert_true(fabs((double)count[row] - expected) <= 5 * sqrt(expected));
    }
    int64_t newest = r->written[0] - 1;
    play(&f, 1);
    double fresh = r->tree[r->leaves + up__replay_row(r, 0, newest)];
    assert_true(fabs(fresh - pow(3 + 1e-6, 0.6)) < 1e-9);
    close_fixture(&f);
}

// The sums of the tree lead to the leaf that a walk over all of them finds.
static void test_sum_tree(void **state) {
    (void)state;
    enum { LEAVES = 16 };
    double tree[2 * LEAVES] = {0};
    UpReplay r = {.tree = tree, .leaves = LEAVES};
    UpRng rng;
    up_rng_seed(&rng, 3);
    for (int round = 0; round < 500; round++) {
        bool none = up_rng_integers(&rng, 0, 3) == 0;
        up__tree_set(&r, up_rng_integers(&rng, 0, LEAVES - 3), none ? 0 : up_rng_double(&rng));
        if (r.drawable == 0) continue;
        double at = tree[1] * up_rng_double(&rng), sum = 0;
        int64_t leaf = 0;
        while (sum + tree[LEAVES + leaf] <= at)
            sum += tree[LEAVES + leaf++];
        int64_t found = up__tree_find(&r, at);
        assert_true(tree[LEAVES + found] > 0);
        if (fabs(sum - at) > 1e-12) assert_int_equal(found, leaf);
        assert_true(tree[LEAVES + up__tree_find(&r, 2 * tree[1])] > 0); // rounded beyond the end
    }
}

// Instances that begin anew without an end (they were restarted): the step before leads to what
// followed it, and not to where they are now.
static void test_restart(void **state) {
    (void)state;
    Fixture f;
    open_fixture(&f, replay_def(300, 3, false), UP_OBS_F32, 1);
    for (int round = 0; round < 6; round++) {
        play(&f, 7 + round % 2);
        f.rollout.play.started = false; // the next one begins with a reset
        memset(f.rollout.play.episode_length, 0, N * sizeof *f.rollout.play.episode_length);
        for (int n = 0; n < N; n++) { // of episodes that were not seen yet
            Scripted *s = (Scripted *)f.env;
            s->episode[n] += 1;
            s->step[n] = 0;
        }
    }
    const UpReplay *r = &f.replay;
    for (int n = 0; n < N; n++)
        for (int64_t k = 0; k + 1 < r->written[n]; k++) {
            int64_t row = up__replay_row(r, n, k), next = up__replay_row(r, n, k + 1);
            const float *here = r->frames.f32 + row * r->frames.dim;
            const float *there = r->frames.f32 + next * r->frames.dim;
            uint8_t place = r->place[row];
            if (place == UP_REPLAY_STEP || place == UP_REPLAY_TRUNCATED)
                assert_true(there[1] == here[1] && there[2] == here[2] + 1);
            else
                assert_true(r->age[next] == 0 && there[2] == 0);
        }
    close_fixture(&f);
}

static UpStatus copy_through_file(Fixture *from, Fixture *to) {
    static UpSaving saving;
    saving = (UpSaving){0};
    UpArena arena = {0};
    UpTensorFile file;
    const char *path = scratch("replay.safetensors");
    assert_ok(up_keep_save(&from->keep, &saving, &arena));
    assert_ok(up_tensors_write(path, saving.tensor, saving.tensors, saving.meta, saving.metas));
    up_arena_free(&arena);
    assert_ok(up_tensors_read(path, &file));
    UpStatus status = up_keep_load(&to->keep, &file);
    up_tensors_free(&file);
    return status;
}

static void test_kept(void **state) {
    (void)state;
    for (int prioritised = 0; prioritised < 2; prioritised++)
        for (int rollouts = 4; rollouts < 100; rollouts += 40) {
            Fixture f, g;
            open_fixture(&f, replay_def(60, 2, prioritised), UP_OBS_U8, 3);
            open_fixture(&g, replay_def(60, 2, prioritised), UP_OBS_U8, 3);
            play(&f, rollouts);
            assert_ok(copy_through_file(&f, &g));
            for (int draw = 0; draw < 20; draw++) {
                up_replay_draw(&f.replay, &f.rng, 0, &f.batch);
                up_replay_draw(&g.replay, &g.rng, 0, &g.batch);
                assert_memory_equal(f.batch.row, g.batch.row, ROWS * sizeof *f.batch.row);
                assert_memory_equal(f.batch.reward, g.batch.reward, ROWS * sizeof(UpReal));
            }
            if (prioritised) assert_true(f.replay.tree[1] == g.replay.tree[1]);
            // What no replay comes to is not taken: drawing from it might never end.
            memset(f.replay.place, UP_REPLAY_LAST, (size_t)f.replay.frames.rows);
            assert_int_equal(copy_through_file(&f, &g), UP_FORMAT);
            assert_non_null(strstr(up_error(), "replay"));
            close_fixture(&f);
            close_fixture(&g);
        }
}

static void refused(UpReplayDef def, UpObs obs, UpStatus status, const char *words) {
    UpReplay replay;
    UpArena arena = {0};
    assert_int_equal(up_replay_create(&replay, &def, 1, &obs, N, 1, &arena), status);
    if (!strstr(up_error(), words)) fail_msg("\"%s\" does not say %s", up_error(), words);
    assert_true(arena.total == 0); // before anything was asked for
    up_arena_free(&arena);
}

static void test_refused(void **state) {
    (void)state;
    UpObs frames = {.form = UP_OBS_U8, .dim = 84 * 84, .stack = 4};
    refused(replay_def(1000000000, 1, false), frames, UP_MEMORY, "set replay.size to ");
    refused(replay_def(5, 4, false), frames, UP_USAGE, "too small");
    UpObs sparse = {.form = UP_OBS_SPARSE, .dim = 6400};
    refused(replay_def(100, 1, false), sparse, UP_UNSUPPORTED, "sparse");
    // Each frame once: a million steps of four frames take a quarter of what stacks would.
    UpReplayDef million = replay_def(1000000, 1, false);
    assert_true(up_replay_bytes(&million, &frames, 1, 1) < (size_t)1000010 * (84 * 84 + 16));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),      cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_priorities), cmocka_unit_test(test_sum_tree),
        cmocka_unit_test(test_restart),    cmocka_unit_test(test_kept),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
