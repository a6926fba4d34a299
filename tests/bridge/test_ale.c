// ALE's games through the bridge, which plays them where the native machine does not: the
// preprocessed observation, saved games, and what happens when a real worker is shot, stopped, or
// not installed. That the games are Gymnasium's is test_worker.py's matter.
#include "bridged.h"

#include <signal.h>

#include "env/bridge/bridge.h"
#include "env/bridge/internal.h"
#include "uphill/random.h"

static const char pong[] = "PongDeterministic-v4";

static UpEnvDef pong80_def(const char *id, int workers) {
    UpEnvDef def = bridged_def(id, "", workers);
    def.preprocess = UP_PREPROCESS_PONG80;
    return def;
}

static UpStatus worker_create(Bridged *bridged, const UpEnvDef *def, int instances) {
    return bridged_create_by(bridged, def, instances, up__bridge_create);
}

static void step_random(Bridged *b, UpRng *rng) {
    for (int i = 0; i < b->env->instances; i++)
        b->action[i] = (float)up_rng_integers(rng, 0, b->env->spec.action.n);
    assert_ok(up_env_step(b->env, &b->step));
}

static void assert_same_row(const UpObs *a, const UpObs *b, int i) {
    assert_int_equal(a->count[i], b->count[i]);
    assert_memory_equal(a->entry + a->begin[i], b->entry + b->begin[i],
                        a->count[i] * sizeof *a->entry);
}

// The worker's palette bytes make the same sparse rows as whole frames do.
static void test_pong80(void **state) {
    (void)state;
    Bridged whole, view;
    UpEnvDef whole_def = bridged_def(pong, "", 1), view_def = pong80_def(pong, 2);
    assert_ok(worker_create(&whole, &whole_def, 2));
    assert_ok(worker_create(&view, &view_def, 2));
    assert_int_equal(whole.env->spec.obs.size, 210 * 160 * 3);
    assert_int_equal(view.env->spec.action.n, 6);
    assert_ok(bridged_seed(&whole, 1));
    assert_ok(bridged_seed(&view, 1));
    UpPong80 difference;
    assert_ok(up__pong80_create(&difference, 2, &whole.arena));
    UpRng rng, again;
    up_rng_seed(&rng, 1);
    uint8_t red[UP__PONG80_DIM];
    UpSparseEntry entry[UP__PONG80_DIM];
    uint32_t count, all = 0;
    for (int t = 0; t < 60; t++) {
        for (int i = 0; i < 2; i++) {
            up__pong80_sample(whole.step.obs.u8 + i * 210 * 160 * 3, red);
            up__pong80_apply(&difference, i, red, entry, &count);
            assert_int_equal(view.step.obs.count[i], count);
            assert_memory_equal(view.step.obs.entry + view.step.obs.begin[i], entry,
                                count * sizeof *entry);
            all += count;
        }
        again = rng;
        step_random(&whole, &rng);
        step_random(&view, &again);
    }
    assert_in_range(all, 60, 60 * 2 * 400);
    bridged_destroy(&whole);
    bridged_destroy(&view);
}

// Saved in the middle of games and loaded in fresh processes, spread otherwise.
static void test_resume(void **state) {
    (void)state;
    Bridged a, b;
    UpEnvDef def_a = pong80_def("Breakout-v4", 2), def_b = pong80_def("Breakout-v4", 1);
    assert_ok(worker_create(&a, &def_a, 3));
    assert_ok(bridged_seed(&a, 7));
    UpRng rng, again;
    up_rng_seed(&rng, 2);
    for (int t = 0; t < 30; t++)
        step_random(&a, &rng);
    size_t size = a.env->vtable->state_size(a.env);
    assert_true(size > 0);
    void *bytes = malloc(size);
    a.env->vtable->state_save(a.env, bytes);
    assert_ok(worker_create(&b, &def_b, 3));
    assert_ok(b.env->vtable->state_load(b.env, bytes, size));
    free(bytes);
    for (int t = 0; t < 120; t++) {
        again = rng;
        step_random(&a, &rng);
        step_random(&b, &again);
        for (int i = 0; i < 3; i++)
            assert_same_row(&a.step.obs, &b.step.obs, i);
        assert_memory_equal(a.step.reward, b.step.reward, 3 * sizeof(double));
        assert_memory_equal(a.step.terminated, b.step.terminated, 3);
    }
    bridged_destroy(&a);
    bridged_destroy(&b);
}

static void hit(int signal_number, const char *why) {
    Bridged b;
    UpEnvDef def = pong80_def("ALE/Pong-v5", 2);
    def.timeout = 4;
    assert_ok(worker_create(&b, &def, 4));
    assert_null(b.env->vtable->state_size); // its actions repeat at random
    assert_ok(bridged_seed(&b, 1));
    UpRng rng;
    up_rng_seed(&rng, 2);
    for (int t = 0; t < 20; t++)
        step_random(&b, &rng);
    warnings = 0;
    pid_t pid = ((UpBridge *)b.env)->worker[1].process.pid;
    kill(pid, signal_number);
    step_random(&b, &rng);
    assert_int_equal(warnings, 1);
    if (!strstr(warned, why)) fail_msg("%s", warned);
    assert_true(!b.step.truncated[0] && !b.step.truncated[1]);
    assert_true(b.step.truncated[2] && b.step.truncated[3]);
    assert_true(b.step.final_obs.count[3] > 0 && b.step.obs.count[3] == 0);
    for (int t = 0; t < 20; t++)
        step_random(&b, &rng);
    assert_int_equal(warnings, 1);
    assert_int_equal(kill(pid, 0), -1);
    bridged_destroy(&b);
}

static void test_lost_workers(void **state) {
    (void)state;
    hit(SIGKILL, "ALE/Pong-v5: worker 1 (instances 2 to 3) was killed by signal 9");
    hit(SIGSTOP, "ALE/Pong-v5: worker 1 (instances 2 to 3) was stopped by a signal");
}

static void test_picture(void **state) {
    (void)state;
    Bridged b;
    UpEnvDef def = bridged_def(pong, "", 1);
    assert_ok(worker_create(&b, &def, 2));
    assert_ok(bridged_seed(&b, 0));
    b.action[1] = 3;
    for (int t = 0; t < 20; t++)
        assert_ok(up_env_step(b.env, &b.step));
    UpImage image = {0};
    assert_ok(up_env_render(b.env, 0, &image));
    assert_true(image.width == 160 && image.height == 210);
    image.rgb = malloc(160 * 210 * 3);
    for (int i = 0; i < 2; i++) {
        assert_ok(up_env_render(b.env, i, &image));
        assert_memory_equal(image.rgb, b.step.obs.u8 + i * 160 * 210 * 3, 160 * 210 * 3);
    }
    assert_memory_not_equal(image.rgb, b.step.obs.u8, 160 * 210 * 3);
    free(image.rgb);
    bridged_destroy(&b);
}

static void refused(const char *message) {
    Bridged b;
    UpEnvDef def = pong80_def(pong, 1);
    assert_int_equal(worker_create(&b, &def, 1), UP_NOT_FOUND);
    if (!strstr(up_error(), message)) fail_msg("%s", up_error());
}

static void test_missing_pieces(void **state) {
    (void)state;
    char line[512];
    setenv("ALE_ROMS_DIR", scratch_folder, 1);
    refused("the ROM of pong cannot be used");
    unsetenv("ALE_ROMS_DIR");
    snprintf(line, sizeof line, "raise ModuleNotFoundError('gone', name=__name__)\n");
    assert_ok(up_file_write(scratch("ale_py.py"), line, strlen(line)));
    setenv("PYTHONPATH", scratch_folder, 1);
    refused("pip install ale-py");
    assert_ok(up_file_write(scratch("gymnasium.py"), line, strlen(line)));
    refused("pip install gymnasium");
    unsetenv("PYTHONPATH");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pong80),         cmocka_unit_test(test_resume),
        cmocka_unit_test(test_lost_workers),   cmocka_unit_test(test_picture),
        cmocka_unit_test(test_missing_pieces),
    };
    if (!python_has("gymnasium, ale_py")) {
        printf("skipped: there is no Python with ale-py; run ./dev setup\n");
        return 77;
    }
    up_set_warn(note_warning, NULL);
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
