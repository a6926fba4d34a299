// All parts of the checks in order, and what becomes of the rest where a step fails.
#include <stdio.h>

#include "check/internal.h"

enum { STEPS = 1000, STEPS_OF_PICTURES = 200, PICTURE = 10000 };

// By the environment's description alone, so that the verdict is the same on every machine: two
// whole episodes if they are short, one if that is possible.
static int64_t choose_steps(const UpCheckRuns *r) {
    const UpEnvSpec *spec = &r->a.env->spec;
    int64_t limit = spec->max_episode_steps, most = STEPS;
    if (limit > 0 && limit <= STEPS) most = limit <= STEPS / 2 ? 2 * limit + 20 : limit + 20;
    if (most > STEPS_OF_PICTURES && spec->obs.size > PICTURE) most = STEPS_OF_PICTURES;
    return most;
}

static void run_ends(UpCheckRuns *r) {
    up__check_ends(&r->a, &r->b);
}
static void run_first_alone(UpCheckRuns *r) {
    up__check_run_alone(r, 0);
}
static void run_other_alone(UpCheckRuns *r) {
    up__check_run_alone(r, UP__CHECK_N - 3);
}
static void run_state(UpCheckRuns *r) {
    up__check_state(&r->a, &r->b);
}
static void run_restart(UpCheckRuns *r) {
    up__check_restart(&r->a, &r->b);
}
static void run_render(UpCheckRuns *r) {
    up__check_render(&r->a, &r->b);
}

#define RULE(name) (UINT32_C(1) << UP__CHECK_##name)

// The parts, and the rules that each of them has checked when it came to its end.
static const struct {
    void (*run)(UpCheckRuns *r);
    uint32_t rules;
} parts[] = {
    {up__check_run_twice, RULE(BOUNDS) | RULE(INPUT) | RULE(WRITTEN) | RULE(OBS) | RULE(REWARD) |
                              RULE(FLAGS) | RULE(REPEATS)},
    {run_ends, RULE(FINAL_OBS) | RULE(RESTART) | RULE(LIMIT)},
    {up__check_run_reset, RULE(RESET)},
    {up__check_run_neighbours, RULE(NEIGHBOURS)},
    {run_first_alone, 0},
    {run_other_alone, RULE(BATCH)},
    {up__check_run_active, RULE(ACTIVE)},
    {up__check_run_clip, RULE(CLIP)},
    {run_state, RULE(STATE)},
    {run_restart, RULE(SOME)},
    {run_render, RULE(RENDER)},
};
enum { PARTS = sizeof parts / sizeof *parts, COMPARING = 2 }; // parts from COMPARING on compare

static void close_all(UpCheckRuns *r) {
    if (r->a.env) up__check_batch_close(&r->a);
    if (r->b.env) up__check_batch_close(&r->b);
    if (r->single.env) up__check_batch_close(&r->single);
}

static UpStatus open_all(UpCheckRuns *r) {
    UpStatus status = up__check_batch_open(&r->a, r->notes, r->def, UP__CHECK_N, UP__CHECK_PAINT_A);
    if (status != UP_OK || up__check_broken(r->notes, UP__CHECK_SPEC)) return status;
    UP_TRY(up__check_batch_open(&r->b, r->notes, r->def, UP__CHECK_N, UP__CHECK_PAINT_B));
    return up__check_batch_open(&r->single, r->notes, r->def, 1, UP__CHECK_PAINT_A);
}

// New batches in place of those that failed, for runs that end before that step. False where there
// is none before it.
static bool revive(UpCheckRuns *r) {
    const UpCheckBatch *batch[] = {&r->a, &r->b, &r->single};
    bool failed = false;
    for (int i = 0; i < 3; i++) {
        if (!batch[i]->failed) continue;
        failed = true;
        if (batch[i]->t > r->steps) continue;
        r->notes->fails_at = batch[i]->t;
        r->steps = batch[i]->t - 1;
    }
    if (!failed) return true;
    r->notes->steps = r->steps > 0 ? r->steps : 0;
    if (r->steps < 1) return false;
    close_all(r);
    return open_all(r) == UP_OK;
}

// A part in which a step fails is tried once more, with shorter runs.
static bool run_part(UpCheckRuns *r, int part) {
    for (int tries = 0; tries < 2; tries++) {
        parts[part].run(r);
        bool failed = r->a.failed || r->b.failed || r->single.failed;
        for (int i = 0; i < UP__CHECK_COUNT && !failed; i++)
            if (parts[part].rules >> i & 1) r->notes->checked[i] = true;
        if (!failed) return true;
        if (!revive(r)) return false;
    }
    return true;
}

static void run_all(UpCheckRuns *r) {
    r->notes->checked[UP__CHECK_SPEC] = r->notes->checked[UP__CHECK_RUNS] = true;
    for (int i = 0; i < PARTS; i++)
        if ((i >= COMPARING && !up__check_comparable(r)) || !run_part(r, i)) return;
}

UpStatus up__check_runs(UpCheckNotes *notes, const UpEnvDef *def, int64_t steps) {
    UpCheckRuns r = {.notes = notes, .def = def};
    UpStatus status = open_all(&r);
    if (status == UP_OK && !up__check_broken(notes, UP__CHECK_SPEC)) {
        char obs[128], action[128];
        up_space_format(&r.a.env->spec.obs, obs, sizeof obs);
        up_space_format(&r.a.env->spec.action, action, sizeof action);
        snprintf(notes->title, UP__CHECK_TEXT, "%s: %s, actions %s", r.a.env->spec.id, obs, action);
        r.steps = notes->steps = steps ? steps : choose_steps(&r);
        run_all(&r);
    }
    if (status == UP_ENVIRONMENT) { // it was found, and fails
        up__check_fault(notes, UP__CHECK_RUNS, "%s failed: %s", notes->doing, up_error());
        status = UP_OK;
    }
    close_all(&r);
    return status;
}
