// hostile_worker.py writes random bytes into everything it shares with us and answers at random.
// Each run ends with numbers or with an error: never with a crash, a hang, or a read or write
// outside (the sanitizers watch).
#include "bridged.h"

#include <math.h>

#include "core/clock.h"
#include "uphill/random.h"

enum { INSTANCES = 3, RUNS = 16, STEPS = 12 };

static const char *const kinds[] = {"mask=1;parts=1;length=3", "kind=image;length=2", "length=1"};

// Whatever was delivered has a meaning: flags are flags, masks are masks.
static void check(const Bridged *b) {
    for (int i = 0; i < INSTANCES; i++)
        assert_true(b->step.terminated[i] <= 1 && b->step.truncated[i] <= 1);
    for (int64_t k = 0; k < INSTANCES * b->env->spec.mask_size; k++)
        assert_true(b->step.obs.mask[k] <= 1);
}

// One life with such workers; true if it got as far as a step.
static bool live(int seed, UpRng *rng) {
    char options[128];
    snprintf(options, sizeof options, "%s;seed=%d", kinds[seed % 3], seed);
    UpEnvDef def = bridged_def("gym:Fake-v0", options, 2);
    def.timeout = 0.5;
    Bridged b;
    if (bridged_create(&b, &def, INSTANCES) != UP_OK) {
        assert_true(up_error()[0] != 0);
        return false;
    }
    UpStatus status = bridged_seed(&b, (uint64_t)seed);
    bool stepped = false;
    for (int t = 0; t < STEPS && status == UP_OK; t++) {
        uint8_t which[INSTANCES] = {t % 2, 1, 0};
        size_t size;
        UpImage image = {0};
        int64_t what = up_rng_integers(rng, 0, 8);
        if (what == 0) up_env_render(b.env, t % INSTANCES, &image);
        if (what == 1 && b.env->vtable->state_size && (size = b.env->vtable->state_size(b.env))) {
            void *bytes = malloc(size);
            b.env->vtable->state_save(b.env, bytes);
            b.env->vtable->state_load(b.env, bytes, size);
            free(bytes);
        }
        if (what == 2) status = up_env_restart(b.env, which, b.step.obs);
        for (int64_t k = 0; k < INSTANCES * b.env->spec.action.size; k++)
            b.action[k] = 0;
        if (status == UP_OK) status = up_env_step(b.env, &b.step);
        if (status == UP_OK) check(&b);
        stepped |= status == UP_OK;
    }
    bridged_destroy(&b);
    return stepped;
}

static void test_hostile(void **state) {
    (void)state;
    const char *first = getenv("UPHILL_HOSTILE_SEED"); // another one explores further
    UpRng rng;
    up_rng_seed(&rng, 1);
    int stepped = 0;
    double begin = up__clock();
    for (int run = 0; run < RUNS; run++)
        stepped += live((first ? atoi(first) : 0) + run, &rng);
    assert_true(up__clock() - begin < RUNS * 60);
    assert_in_range(stepped, RUNS / 4, RUNS - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile),
    };
    setenv("UPHILL_WORKER", UP_SOURCE_DIR "/tests/bridge/hostile_worker.py", 1);
    if (!python_has("")) {
        printf("skipped: there is no Python\n");
        return 77;
    }
    up_set_warn(note_warning, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
