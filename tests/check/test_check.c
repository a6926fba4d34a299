// up_check_env, by which `uphill check-env` works: every native environment keeps every rule, and a
// breach is reported with its advice. tests/cli/test_check_env.sh has a breach of each rule.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "uphill/check.h"

typedef struct Outcome {
    int reports, rules, faults, unchecked, steps, fails_at;
    char title[128], fault[512], advice[128];
} Outcome;

static void keep(void *user, const UpCheckReport *report) {
    Outcome *o = user;
    o->reports++;
    o->rules = report->rules;
    o->faults = report->faults;
    o->unchecked = report->unchecked;
    o->steps = (int)report->steps;
    o->fails_at = (int)report->fails_at;
    snprintf(o->title, sizeof o->title, "%.120s", report->title);
    for (int i = 0; i < report->rules; i++) {
        const UpCheckFinding *f = &report->finding[i];
        if (!f->fault[0]) continue;
        snprintf(o->fault, sizeof o->fault, "%s: %.400s", f->rule, f->fault);
        snprintf(o->advice, sizeof o->advice, "%.120s", f->advice);
    }
}

static UpStatus check(const char *id, int preprocess, Outcome *outcome) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s", id);
    def.preprocess = preprocess;
    *outcome = (Outcome){0};
    return up_check_env(&def, strstr(id, "-v5") ? 30 : 100, keep, outcome);
}

static void assert_sound(const char *id, int preprocess) {
    Outcome o;
    if (check(id, preprocess, &o) != UP_OK) fail_msg("%s: %s", id, up_error());
    if (o.faults > 0) fail_msg("%s: %s", id, o.fault);
    assert_int_equal(o.reports, 1);
    assert_int_equal(o.rules, 20);
    assert_memory_equal(o.title, id, strlen(id));
}

static void test_natives_are_sound(void **state) {
    (void)state;
    int count;
    const UpEnvInfo *list = up_env_list(&count);
    assert_true(count >= 18);
    for (int i = 0; i < count; i++)
        assert_sound(list[i].id, UP_PREPROCESS_NONE);
    assert_sound("uphill/Pong-v0", UP_PREPROCESS_PONG80);
}

// ---------------------------------------------------------------------------------------------------
// An environment that stops in its seventh step, and one that aborts there

static int stepped;
static bool aborts;

static UpStatus reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    (void)seeds;
    for (int i = 0; i < env->instances; i++)
        obs.f32[i] = 1;
    return UP_OK;
}

static UpStatus step(UpEnv *env, UpStep *out) {
    if (++stepped == 7) {
        if (aborts) abort();
        return up_fail(UP_ENVIRONMENT, "the line is torn");
    }
    for (int i = 0; i < env->instances; i++) {
        if (out->active && !out->active[i]) continue;
        out->obs.f32[i] = 1;
        out->reward[i] = 0;
        out->terminated[i] = out->truncated[i] = 0;
    }
    return UP_OK;
}

static void destroy(UpEnv *env) {
    free(env);
}

static UpStatus create(UpEnv **env, const UpEnvDef *def, int instances) {
    static const UpEnvVtable vtable = {
        .abi = UP_ENV_ABI, .reset = reset, .step = step, .destroy = destroy};
    *env = calloc(1, sizeof **env);
    if (!*env) return up_fail(UP_MEMORY, "out of memory");
    **env = (UpEnv){.vtable = &vtable, .instances = instances};
    (*env)->spec.obs = up_space_box(1, -1, 1);
    (*env)->spec.action = up_space_discrete(2);
    snprintf((*env)->spec.id, sizeof(*env)->spec.id, "%.100s", def->id);
    return UP_OK;
}

static void test_breach(void **state) {
    (void)state;
    static const UpEnvInfo torn = {"test/Torn-v0", "stops", create};
    Outcome o;
    assert_int_equal(up_env_register(&torn), UP_OK);
    assert_int_equal(check("test/Torn-v0", UP_PREPROCESS_NONE, &o), UP_OK);
    if (o.faults != 1) fail_msg("%s", o.fault);
    assert_non_null(strstr(o.fault, "runs: step failed at step 4"));
    assert_non_null(strstr(o.fault, "the line is torn"));
    assert_string_equal(o.advice, "");
    assert_int_equal(o.fails_at, 4); // all else was checked by runs of three steps
    assert_int_equal(o.steps, 3);
    assert_int_equal(o.unchecked, 0);
    assert_int_equal(stepped, 0); // all of it was in another process

    aborts = true;
    assert_int_equal(check("test/Torn-v0", UP_PREPROCESS_NONE, &o), UP_OK);
    assert_int_equal(o.faults, 1);
    assert_non_null(strstr(o.fault, "runs: it crashed (Aborted) at step 4"));
    assert_int_equal(o.unchecked, 18); // all but `spaces` and `runs`
}

static void test_no_environment(void **state) {
    (void)state;
    Outcome o;
    assert_int_equal(check("uphill/Nothing-v0", UP_PREPROCESS_NONE, &o), UP_UNKNOWN);
    assert_non_null(strstr(up_error(), "uphill/Nothing-v0"));
    assert_int_equal(o.reports, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_natives_are_sound),
        cmocka_unit_test(test_breach),
        cmocka_unit_test(test_no_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
