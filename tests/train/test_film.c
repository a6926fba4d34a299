// Films: of whole episodes, the same that `uphill play` makes; none where it is interrupted or a
// number is not finite, and nothing half written.
#include "scratch.h"

#include <math.h>

#include "uphill/file.h"
#include "uphill/film.h"
#include "uphill/train.h"

enum { NEVER = -1 };

// CartPole that asks to stop when its picture `stop_at` is drawn, hangs in call `hang_at` of
// render, and whose step `nan_at` shows or pays what is no number.
static int pictures, renders, hang_at, steps, stop_at, nan_obs_at, nan_reward_at;
static volatile sig_atomic_t stop;
static const UpEnvVtable *plain;

static UpStatus render(UpEnv *env, int instance, UpImage *image) {
    if (++renders == hang_at) return up_fail(UP_INTERRUPTED, "a worker hangs");
    if (image->rgb && ++pictures == stop_at) stop = 1;
    return plain->render(env, instance, image);
}

static UpStatus step(UpEnv *env, UpStep *out) {
    UP_TRY(plain->step(env, out));
    steps++;
    if (steps == nan_obs_at) out->obs.f32[2] = NAN;
    if (steps == nan_reward_at) out->reward[0] = INFINITY;
    return UP_OK;
}

static UpStatus create(UpEnv **env, const UpEnvDef *def, int instances) {
    static UpEnvVtable vtable;
    UpEnvDef other = *def;
    snprintf(other.id, sizeof other.id, "CartPole-v1");
    UP_TRY(up_env_create(env, &other, instances));
    plain = (*env)->vtable;
    vtable = *plain;
    vtable.render = render;
    vtable.step = step;
    (*env)->vtable = &vtable;
    return UP_OK;
}

static void watch(int stop_picture, int nan_obs, int nan_reward) {
    pictures = renders = steps = 0;
    hang_at = NEVER;
    stop = 0;
    stop_at = stop_picture;
    nan_obs_at = nan_obs;
    nan_reward_at = nan_reward;
}

static bool exists(const char *path) {
    return access(path, F_OK) == 0;
}

// Plays at random, filming.
static UpStatus film(UpFilm *film) {
    UpEnv *env;
    UpPlay play;
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "Filmed-v0");
    assert_ok(up_env_create(&env, &def, 1));
    env->checked = false; // as native ones
    assert_ok(up_play_create(&play, env, 1, 5));
    play.actor = up_random_actor(env);
    play.stop = &stop;
    assert_ok(up_play_begin(&play));
    UpStatus status = up_film(film, &play);
    up_play_destroy(&play);
    up_env_destroy(env);
    return status;
}

static void test_episode(void **state) {
    (void)state;
    UpFilm whole = {.path = scratch("whole.gif"), .steps = UP_FILM_STEPS}, part = whole;
    watch(NEVER, NEVER, NEVER);
    assert_ok(film(&whole));
    assert_true(whole.taken > 8 && whole.taken < 100);
    assert_true(whole.ret == (double)whole.taken);
    assert_int_equal(whole.frames, whole.taken + 1); // how it ended is shown, too
    assert_int_equal(whole.frames, pictures);
    part.steps = 5;
    assert_ok(film(&part));
    assert_true(part.taken == 5 && part.frames == 5 && part.ret == 5);
}

static void test_interrupted(void **state) {
    (void)state;
    UpFilm none = {.path = scratch("none.gif"), .steps = 100}, some = none;
    watch(4, NEVER, NEVER);
    assert_int_equal(film(&none), UP_INTERRUPTED);
    assert_int_equal(pictures, 4); // not a picture more
    assert_false(exists(none.path));
    some.path = scratch("some.gif");
    some.partial = true;
    watch(4, NEVER, NEVER);
    assert_int_equal(film(&some), UP_INTERRUPTED);
    assert_true(exists(some.path) && some.frames == 4 && some.taken == 3);
}

// A worker that hangs while it draws: the size, the first picture, the third.
static void test_hanging(void **state) {
    (void)state;
    for (int partial = 0; partial < 2; partial++) {
        for (int at = 1; at < 5; at++) {
            UpFilm cut = {.path = scratch(partial ? "cut.gif" : "uncut.gif"), .steps = 100};
            cut.partial = partial;
            watch(NEVER, NEVER, NEVER);
            hang_at = at;
            assert_int_equal(film(&cut), UP_INTERRUPTED);
            assert_int_equal(cut.frames, at > 1 ? at - 2 : 0);
            assert_true(exists(cut.path) == (partial && at > 2));
            if (exists(cut.path)) remove(cut.path);
        }
    }
}

static void test_not_finite(void **state) {
    (void)state;
    UpFilm none = {.path = scratch("nan.gif"), .steps = 100, .partial = true};
    watch(NEVER, 3, NEVER);
    assert_int_equal(film(&none), UP_NUMERIC);
    assert_non_null(strstr(up_error(), "an observation that is not finite"));
    assert_non_null(strstr(up_error(), "at step 3 of its episode"));
    watch(NEVER, NEVER, 2);
    assert_int_equal(film(&none), UP_NUMERIC);
    assert_non_null(strstr(up_error(), "a reward that is not finite"));
    assert_false(exists(none.path));
}

static UpConfig config_of(void) {
    static const char *const set[] = {"env.id",           "Filmed-v0", "rollout.envs",  "1",
                                      "rollout.steps",    "64",        "ppo.minibatch", "64",
                                      "policy.hidden",    "4",         "train.steps",   "640",
                                      "train.film_every", "320"};
    UpConfig config;
    assert_ok(up_config_default(&config, "ppo"));
    for (size_t i = 0; i < sizeof set / sizeof *set; i += 2)
        assert_ok(up_config_set(&config, set[i], set[i + 1], "test"));
    return config;
}

static char warning[512];
static void keep_warning(void *user, const char *message) {
    (void)user;
    snprintf(warning, sizeof warning, "%s", message);
}

// While a run films: it stops there, and says what is missing; the film is made before the run goes
// on, and is that of a run that nobody stopped. A second stop leaves it owed, at the end as well.
static void run_until(const UpConfig *config, const char *folder, int stop_picture, bool resume,
                      UpStatus expect) {
    UpTrainHooks hooks = {.stop = &stop};
    UpTrainer *t;
    watch(stop_picture, NEVER, NEVER);
    assert_ok(resume ? up_train_resume(&t, config, folder) : up_train_create(&t, config, folder));
    assert_int_equal(up_train_run(t, &hooks), expect);
    up_train_destroy(t);
}

static void check_same_file(const char *a, const char *b) {
    void *x, *y;
    size_t size, other;
    assert_ok(up_file_read(a, &x, &size));
    assert_ok(up_file_read(b, &y, &other));
    assert_true(size == other && memcmp(x, y, size) == 0);
    free(x);
    free(y);
}

static void test_training(void **state) {
    (void)state;
    static const char *const films[] = {"000000000320.gif", "000000000640.gif"};
    UpConfig config = config_of();
    up_set_warn(keep_warning, NULL);
    run_until(&config, scratch("whole"), NEVER, false, UP_OK);
    int all = pictures;
    assert_int_equal(scratch_entries(scratch("whole/films")), 2);
    run_until(&config, scratch("run"), 3, false, UP_INTERRUPTED);
    assert_int_equal(pictures, 3);
    assert_int_equal(scratch_entries(scratch("run/films")), 0);
    assert_string_equal(warning, "the film of step 320 was interrupted; it is made when the run "
                                 "goes on");
    run_until(&config, scratch("run"), 2, true, UP_INTERRUPTED);
    assert_int_equal(scratch_entries(scratch("run/films")), 0);
    run_until(&config, scratch("run"), all - 1, true, UP_INTERRUPTED); // in the last film
    assert_int_equal(scratch_entries(scratch("run/films")), 1);
    run_until(&config, scratch("run"), NEVER, true, UP_OK);
    for (int i = 0; i < 2; i++) {
        char a[600], b[600];
        snprintf(a, sizeof a, "%s/%s", scratch("whole/films"), films[i]);
        snprintf(b, sizeof b, "%s/%s", scratch("run/films"), films[i]);
        check_same_file(a, b);
    }
    run_until(&config, scratch("run"), NEVER, true, UP_OK); // it is over
    assert_int_equal(pictures, 0);
    up_set_warn(NULL, NULL);
}

// An evaluation refuses the same numbers.
static void test_evaluation(void **state) {
    (void)state;
    UpConfig config = config_of();
    UpPolicy policy;
    UpEnv *env;
    double ret;
    int64_t length;
    UpEvaluation how = {.episodes = 1, .seed = 1, .greedy = true};
    assert_ok(up_env_create(&env, &config.env, 1));
    env->checked = false;
    assert_ok(up_policy_create(&policy, &config.policy, &env->spec, false, 1, 3));
    watch(NEVER, 2, NEVER);
    assert_int_equal(up_evaluate(&policy, env, &how, &ret, &length, NULL), UP_NUMERIC);
    assert_non_null(strstr(up_error(), "at step 2 of its episode"));
    watch(NEVER, NEVER, 1);
    assert_int_equal(up_evaluate(&policy, env, &how, &ret, &length, NULL), UP_NUMERIC);
    up_policy_destroy(&policy);
    up_env_destroy(env);
}

int main(void) {
    static const UpEnvInfo filmed = {"Filmed-v0", "CartPole that is watched", create};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_episode),  cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_hanging),  cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_training), cmocka_unit_test(test_evaluation),
    };
    if (up_env_register(&filmed) != UP_OK) return 1;
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
