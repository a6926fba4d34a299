// Rollouts of a scripted environment, whose every number is known: what lies where, what goes on
// from one rollout to the next, and what idle instances leave behind.
#include <math.h>
#include <string.h>

#include "scratch.h"
#include "scripted.h"
#include "uphill/rollout.h"

enum { N = 3 };

static const float shift = 0.25F; // what the actor adds to each observation that passes it

// ---------------------------------------------------------------------------------------------------
// An actor whose answers follow from the observation

static double value_of(int n, int e, int k) {
    return 100.0 * n + 10.0 * e + k + 0.5;
}

static UpReal value_from(const UpObs *obs, int64_t i) {
    if (obs->f32) {
        const float *row = obs->f32 + i * obs->dim;
        // An observation that passed the actor's eyes once has a fraction of a quarter.
        return (UpReal)(value_of((int)row[0], (int)row[1], (int)row[2]) - 0.5 +
                        2 * ((double)row[0] - (int)row[0]));
    }
    if (obs->u8) {
        const uint8_t *row = obs->u8 + i * obs->dim;
        return (UpReal)value_of(row[0], row[1], row[2]);
    }
    UpReal sum = 0;
    for (uint32_t j = 0; j < obs->count[i]; j++)
        sum += obs->entry[obs->begin[i] + j];
    return sum;
}

static void actor_observe(void *user, UpObs *obs, const uint8_t *active, bool learn) {
    int *learned = user;
    for (int64_t i = 0; i < obs->rows; i++) {
        if (active && !active[i]) continue;
        for (int64_t d = 0; obs->f32 && d < obs->dim; d++)
            obs->f32[i * obs->dim + d] += shift;
        *learned += learn;
    }
}

static void actor_act(void *user, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                      UpReal *value) {
    const UpObs *obs = seen.obs;
    (void)user;
    for (int64_t i = 0; i < obs->rows; i++) {
        action[i] = (float)up_rng_integers(&rng[i], 0, 2);
        log_prob[i] = -action[i] - (UpReal)i;
        value[i] = value_from(obs, i);
    }
}

static void actor_value(void *user, UpSeen seen, UpReal *value) {
    (void)user;
    for (int64_t i = 0; i < seen.obs->rows; i++)
        value[i] = value_from(seen.obs, i);
}

static int learned;

static UpActor actor(void) {
    learned = 0;
    return (UpActor){&learned, actor_observe, actor_act, actor_value, 0};
}

// ---------------------------------------------------------------------------------------------------
// What must have happened

static int vary_length(int n, int e) {
    return 2 + (n + e) % 3;
}

static bool every_second(int n, int e) {
    return (n + e) % 2;
}

static bool every_fifth(int n, int e) {
    return (n + e) % 5 == 0;
}

static double known_reward(int n, int e, int k) {
    return n + 0.1 * e - 0.01 * k;
}

// The instances as a plain program would play them.
typedef struct Play {
    int e[SCRIPTED_ENVS], k[SCRIPTED_ENVS];
    double ret[SCRIPTED_ENVS];
    int64_t steps, ended;
    UpRng rng[SCRIPTED_ENVS];
} Play;

static void check_obs(const UpRollout *r, const Play *p, int64_t t, int n) {
    int64_t row = t * r->N + n, dim = r->obs.dim;
    for (int d = 0; r->obs.f32 && d < dim; d++)
        assert_true(r->obs.f32[row * dim + d] == scripted_number(n, p->e[n], p->k[n], d) + shift);
    for (int d = 0; r->obs.u8 && d < dim; d++)
        assert_int_equal(r->obs.u8[row * dim + d], scripted_number(n, p->e[n], p->k[n], d));
    for (int a = 0; a < 2; a++)
        assert_int_equal(r->obs.mask[row * 2 + a], scripted_open(n, p->e[n], p->k[n], a));
    if (!r->obs.begin) return;
    UpSparseEntry expected[8];
    uint32_t count = scripted_entries(n, p->e[n], p->k[n], dim, expected);
    assert_int_equal(r->obs.count[row], count);
    assert_memory_equal(r->obs.entry + r->obs.begin[row], expected, count * sizeof *expected);
}

static double expected_value(const UpRollout *r, int n, int e, int k) {
    if (!r->obs.begin) return value_of(n, e, k);
    UpSparseEntry entry[8];
    uint32_t count = scripted_entries(n, e, k, r->obs.dim, entry);
    double sum = 0;
    for (uint32_t j = 0; j < count; j++)
        sum += entry[j];
    return sum;
}

static void check_end(const UpRollout *r, Play *p, int n, bool goes_on, int64_t cell) {
    const UpEpisode *episode = &r->episode[p->ended++];
    assert_int_equal(episode->step, p->steps);
    assert_int_equal(episode->length, p->k[n] + 1);
    assert_true(fabs(episode->ret - p->ret[n]) < 1e-12);
    assert_true((double)r->final_value[cell] ==
                (goes_on ? expected_value(r, n, p->e[n], p->k[n] + 1) : 0));
    p->e[n]++;
    p->k[n] = 0;
    p->ret[n] = 0;
}

static void check_cell(const UpRollout *r, Play *p, int64_t t, int n) {
    int64_t cell = t * r->N + n;
    check_obs(r, p, t, n);
    float action = (float)up_rng_integers(&p->rng[n], 0, 2); // drawn for idle instances as well
    assert_true((double)r->value[cell] == expected_value(r, n, p->e[n], p->k[n]));
    if (!r->valid[cell]) {
        assert_true(r->reward[cell] == 0 && r->final_value[cell] == 0);
        assert_true(!r->terminated[cell] && !r->truncated[cell]);
        return;
    }
    double reward = known_reward(n, p->e[n], p->k[n]);
    bool ends = p->k[n] + 1 == script.length(n, p->e[n]);
    bool cut = ends && every_second(n, p->e[n]), both = cut && every_fifth(n, p->e[n]);
    p->steps++;
    p->ret[n] += reward;
    assert_true(r->action[cell] == action && r->log_prob[cell] == -action - (UpReal)n);
    assert_true(r->reward[cell] == (UpReal)reward);
    assert_int_equal(r->terminated[cell], ends && (!cut || both));
    assert_int_equal(r->truncated[cell], cut);
    if (ends)
        check_end(r, p, n, cut && !both, cell);
    else {
        assert_true(r->final_value[cell] == 0);
        p->k[n]++;
    }
}

// Compares a whole rollout with `p`, which it carries on.
static void check_rollout(const UpRollout *r, Play *p) {
    int64_t before = p->steps;
    p->ended = 0;
    for (int64_t t = 0; t < r->length; t++)
        for (int n = 0; n < r->N; n++)
            check_cell(r, p, t, n);
    for (int n = 0; n < r->N; n++) { // what the next rollout starts from
        check_obs(r, p, r->length, n);
        assert_true((double)r->value[r->length * r->N + n] ==
                    expected_value(r, n, p->e[n], p->k[n]));
    }
    assert_int_equal(r->episodes, p->ended);
    assert_int_equal(r->steps, p->steps);
    assert_int_equal(r->samples, p->steps - before);
}

typedef struct Fixture {
    UpEnv *env;
    UpRollout rollout;
    Play play;
} Fixture;

static void open_fixture(Fixture *f, UpRolloutDef def, UpObsForm form) {
    script_plain();
    script.spec.obs_form = form;
    script.spec.mask_size = 2;
    script.length = vary_length;
    script.truncated = every_second;
    script.both = every_fifth;
    script.reward = known_reward;
    *f = (Fixture){0};
    UpEnvDef env = up_env_def_default();
    assert_ok(scripted_create(&f->env, &env, (int)def.envs));
    assert_ok(up_rollout_create(&f->rollout, &def, 0.99, f->env, 7));
    for (int n = 0; n < def.envs; n++)
        up_rng_stream(&f->play.rng[n], 7, UP_STREAM_POLICY, (uint32_t)n);
}

static void close_fixture(Fixture *f) {
    up_rollout_destroy(&f->rollout);
    up_env_destroy(f->env);
}

// ---------------------------------------------------------------------------------------------------

static void check_form(UpObsForm form) {
    Fixture f;
    open_fixture(&f, (UpRolloutDef){.envs = N, .steps = 7}, form);
    UpActor a = actor();
    for (int i = 0; i < 5; i++) {
        assert_ok(up_rollout_collect(&f.rollout, f.env, &a, INT64_MAX));
        assert_int_equal(f.rollout.length, 7);
        check_rollout(&f.rollout, &f.play);
        assert_true(f.rollout.play.pool_used <= 8 * N * 3); // nothing is left from rollouts before
    }
    // Each observation was learned from once: those of the reset and one a step, no final one.
    assert_int_equal(learned, N + 5 * 7 * N);
    close_fixture(&f);
}

static void test_vectors(void **state) {
    (void)state;
    check_form(UP_OBS_F32);
}

// Moves cost the learner, before anything else is done to the reward; returns stay as they are.
static void test_move_penalty(void **state) {
    (void)state;
    Fixture f, plain;
    open_fixture(&f, (UpRolloutDef){.envs = N, .steps = 40, .move_penalty = 0.25}, UP_OBS_F32);
    open_fixture(&plain, (UpRolloutDef){.envs = N, .steps = 40}, UP_OBS_F32);
    UpActor a = actor();
    assert_ok(up_rollout_collect(&f.rollout, f.env, &a, INT64_MAX));
    assert_ok(up_rollout_collect(&plain.rollout, plain.env, &a, INT64_MAX));
    int moves = 0, unpaid = 0;
    for (int64_t cell = 0; cell < 40 * N; cell++) {
        bool moved = f.rollout.action[cell] != 0;
        float difference = plain.rollout.reward[cell] - f.rollout.reward[cell];
        assert_true(fabsf(difference - (moved ? 0.25F : 0)) < 1e-6F);
        // What a move costs is not what the environment pays.
        assert_int_equal(f.rollout.paid[cell], plain.rollout.reward[cell] != 0);
        unpaid += moved && !f.rollout.paid[cell];
        moves += moved;
    }
    assert_in_range(moves, 20, 100);
    assert_true(unpaid > 0);
    assert_int_equal(f.rollout.episodes, plain.rollout.episodes);
    for (int64_t i = 0; i < f.rollout.episodes; i++)
        assert_true(f.rollout.episode[i].ret == plain.rollout.episode[i].ret);
    f.env->spec.action = up_space_box(1, -1, 1);
    UpRollout refused;
    UpRolloutDef def = {.envs = N, .steps = 4, .move_penalty = 1};
    assert_int_equal(up_rollout_create(&refused, &def, 1, f.env, 1), UP_USAGE);
    close_fixture(&f);
    close_fixture(&plain);
}

static void test_images(void **state) {
    (void)state;
    check_form(UP_OBS_U8);
}

static void test_sparse(void **state) {
    (void)state;
    check_form(UP_OBS_SPARSE);
}

// The pool starts with a guess; frames that change a lot make it grow.
static void test_sparse_pool_grows(void **state) {
    (void)state;
    Fixture f;
    open_fixture(&f, (UpRolloutDef){.envs = N, .steps = 40}, UP_OBS_SPARSE);
    f.rollout.play.pool_size = 1; // as if the guess had been far too low
    UpActor a = actor();
    for (int i = 0; i < 3; i++) {
        assert_ok(up_rollout_collect(&f.rollout, f.env, &a, INT64_MAX));
        check_rollout(&f.rollout, &f.play);
    }
    assert_true(f.rollout.play.pool_size > 40);
    close_fixture(&f);
}

// The budget is met to the step where N does not divide it, and the next rollout goes on from
// there.
static void check_budget(UpObsForm form) {
    static const int64_t budgets[] = {10, 1, 2, 21, 20, 4};
    static const int64_t lengths[] = {4, 1, 1, 7, 7, 2};
    Fixture f;
    open_fixture(&f, (UpRolloutDef){.envs = N, .steps = 7}, form);
    UpActor a = actor();
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
        assert_ok(up_rollout_collect(&f.rollout, f.env, &a, budgets[i]));
        assert_int_equal(f.rollout.samples, budgets[i]);
        assert_int_equal(f.rollout.length, lengths[i]);
        check_rollout(&f.rollout, &f.play);
        for (int64_t cell = 0; cell < lengths[i] * N; cell++)
            assert_int_equal(f.rollout.valid[cell], cell < budgets[i]);
    }
    close_fixture(&f);
}

static void test_budget(void **state) {
    (void)state;
    check_budget(UP_OBS_F32);
    check_budget(UP_OBS_U8);
    check_budget(UP_OBS_SPARSE);
}

// Five complete episodes over three instances: shares of 2, 2 and 1.
static void check_episodes(UpObsForm form) {
    Fixture f;
    open_fixture(&f, (UpRolloutDef){.envs = N, .steps = 1, .episodes = 5}, form);
    UpActor a = actor();
    for (int i = 0; i < 4; i++) {
        int before[N];
        for (int n = 0; n < N; n++)
            before[n] = f.play.e[n];
        assert_ok(up_rollout_collect(&f.rollout, f.env, &a, INT64_MAX));
        check_rollout(&f.rollout, &f.play);
        assert_int_equal(f.rollout.episodes, 5);
        for (int n = 0; n < N; n++) {
            assert_int_equal(f.play.e[n] - before[n], n < 2 ? 2 : 1);
            assert_int_equal(f.play.k[n], 0); // nobody is left in the middle of one
        }
    }
    close_fixture(&f);
}

static void test_episodes(void **state) {
    (void)state;
    check_episodes(UP_OBS_F32);
    check_episodes(UP_OBS_SPARSE);
}

static int long_length(int n, int e) {
    return 700 + 10 * n + e;
}

// Complete episodes may be longer than the room that was made at first.
static void test_growth(void **state) {
    (void)state;
    for (UpObsForm form = UP_OBS_F32; form <= UP_OBS_SPARSE; form++) {
        Fixture f;
        open_fixture(&f, (UpRolloutDef){.envs = N, .steps = 1, .episodes = 4}, form);
        script.length = long_length;
        if (form == UP_OBS_U8) script.length = vary_length; // steps must fit a byte
        UpActor a = actor();
        assert_ok(up_rollout_collect(&f.rollout, f.env, &a, INT64_MAX));
        check_rollout(&f.rollout, &f.play);
        close_fixture(&f);
    }
}

// A budget that ends in the middle of episodes.
static void test_episodes_within_budget(void **state) {
    (void)state;
    Fixture f;
    open_fixture(&f, (UpRolloutDef){.envs = N, .steps = 1, .episodes = 6}, UP_OBS_F32);
    UpActor a = actor();
    assert_ok(up_rollout_collect(&f.rollout, f.env, &a, 7));
    assert_int_equal(f.rollout.samples, 7);
    check_rollout(&f.rollout, &f.play);
    close_fixture(&f);
}

// PPO details 30 and 31 as a plain program over the history of one run.
static void test_reward_scaling(void **state) {
    (void)state;
    Fixture f;
    UpRolloutDef def = {.envs = 2, .steps = 9, .scale_reward = true, .clip_reward = 1};
    open_fixture(&f, def, UP_OBS_F32);
    UpActor a = actor();
    static double history[1000];
    double ret[2] = {0};
    int seen = 0, e[2] = {0}, k[2] = {0}, clipped = 0;
    for (int i = 0; i < 4; i++) {
        assert_ok(up_rollout_collect(&f.rollout, f.env, &a, INT64_MAX));
        for (int64_t cell = 0; cell < 9 * 2; cell++) {
            int n = (int)(cell % 2);
            double reward = known_reward(n, e[n], k[n]), mean = 0, variance = 0;
            history[seen++] = ret[n] = 0.99 * ret[n] + reward;
            for (int j = 0; j < seen; j++)
                mean += history[j] / seen;
            for (int j = 0; j < seen; j++)
                variance += (history[j] - mean) * (history[j] - mean) / seen;
            if (seen == 1) variance = 1;
            double scaled = reward / sqrt(variance + 1e-8);
            clipped += fabs(scaled) > 1;
            scaled = fmax(-1, fmin(1, scaled));
            assert_true(fabs((double)f.rollout.reward[cell] - scaled) < 1e-6);
            if (++k[n] == vary_length(n, e[n])) {
                e[n]++;
                k[n] = 0;
                ret[n] = 0;
            }
        }
        // Episodes are told in the environment's own rewards.
        for (int64_t j = 0; j < f.rollout.episodes; j++)
            assert_true(f.rollout.episode[j].ret < 10);
    }
    assert_true(clipped > 3);
    close_fixture(&f);
}

static void test_clipping_alone(void **state) {
    (void)state;
    Fixture f;
    open_fixture(&f, (UpRolloutDef){.envs = N, .steps = 6, .clip_reward = 0.5}, UP_OBS_F32);
    UpActor a = actor();
    assert_ok(up_rollout_collect(&f.rollout, f.env, &a, INT64_MAX));
    for (int64_t cell = 0; cell < 6 * N; cell++)
        assert_true(f.rollout.reward[cell] <= 0.5F && f.rollout.reward[cell] >= -0.5F);
    assert_true(f.rollout.episode[0].ret != 0.5);
    close_fixture(&f);
}

// ---------------------------------------------------------------------------------------------------
// Numbers that are not finite

// Collects until it fails, and looks for the words in the message.
static void expect_numeric(const char *what, int step) {
    Fixture f;
    Script kept = script;
    open_fixture(&f, (UpRolloutDef){.envs = N, .steps = 4}, UP_OBS_F32);
    script.nan_obs_at = kept.nan_obs_at;
    script.nan_reward_at = kept.nan_reward_at;
    script.nan_final_at = kept.nan_final_at;
    script.nan_instance = kept.nan_instance;
    UpActor a = actor();
    UpStatus status = UP_OK;
    for (int i = 0; i < 4 && status == UP_OK; i++)
        status = up_rollout_collect(&f.rollout, f.env, &a, INT64_MAX);
    assert_int_equal(status, UP_NUMERIC);
    char words[3][64];
    snprintf(words[0], sizeof words[0], "Scripted-v0");
    snprintf(words[1], sizeof words[1], "instance 1 returned %s", what);
    snprintf(words[2], sizeof words[2], "at step %d of its episode", step);
    for (int w = 0; w < 3; w++)
        if (!strstr(up_error(), words[w]))
            fail_msg("\"%s\" does not say \"%s\"", up_error(), words[w]);
    close_fixture(&f);
}

static void test_not_finite(void **state) {
    (void)state;
    script_plain();
    script.nan_instance = 1;
    script.nan_obs_at = 5; // the third step of its second episode
    expect_numeric("an observation", 3);
    script.nan_obs_at = -2;
    expect_numeric("an observation", 0);
    script.nan_obs_at = -1;
    script.nan_reward_at = 6;
    expect_numeric("a reward", 4);
}

// The last observation of an episode matters where it is cut: its value goes into the return.
static void test_final_obs_not_finite(void **state) {
    (void)state;
    script_plain();
    script.nan_instance = 1;
    script.nan_final_at = 2; // instance 1, episode 0: three steps, truncated
    expect_numeric("an observation", 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_move_penalty),
        cmocka_unit_test(test_sparse),
        cmocka_unit_test(test_sparse_pool_grows),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_episodes),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_episodes_within_budget),
        cmocka_unit_test(test_reward_scaling),
        cmocka_unit_test(test_clipping_alone),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_final_obs_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
