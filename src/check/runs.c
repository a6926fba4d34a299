// The runs: pairs of batches that must hold the same after every step.
#include <stdio.h>
#include <string.h>

#include "check/internal.h"

enum {
    SEED = 1000,
    PAINT_A = 0xA5,
    PAINT_B = 0x5B,
    STEPS = 1000,
    STEPS_OF_PICTURES = 200,
    PICTURE = 10000
};

typedef struct Runs {
    UpCheckNotes *notes;
    const UpEnvDef *def;
    int64_t steps;
    UpCheckBatch a, b, single; // (UP__CHECK_N), (UP__CHECK_N), (1)
} Runs;

static void begin(Runs *r, const char *doing) {
    snprintf(r->notes->doing, UP__CHECK_TEXT, "%s", doing);
}

// After a breach of one of these, two batches differ for a reason that is known already.
static bool comparable(const Runs *r) {
    static const UpCheckRule known[] = {UP__CHECK_RUNS,       UP__CHECK_WRITTEN, UP__CHECK_FLAGS,
                                        UP__CHECK_FINAL_OBS,  UP__CHECK_REPEATS, UP__CHECK_RESET,
                                        UP__CHECK_NEIGHBOURS, UP__CHECK_BATCH};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (up__check_broken(r->notes, known[i])) return false;
    return true;
}

static void draw_all(UpCheckBatch *b) {
    for (int i = 0; i < b->env->instances; i++)
        up__check_batch_draw(b, i);
}

// Steps `a` and `b` with the same actions and holds all their instances against each other.
static bool in_step(Runs *r, int64_t steps, UpCheckRule rule, const char *what) {
    char text[UP__CHECK_TEXT];
    for (int64_t t = 0; t < steps; t++) {
        draw_all(&r->a);
        draw_all(&r->b);
        if (!up__check_batch_step(&r->a, false) || !up__check_batch_step(&r->b, false))
            return false;
        for (int i = 0; i < UP__CHECK_N; i++) {
            if (up__check_same(&r->a, i, &r->b, i, text)) continue;
            if (comparable(r))
                up__check_fault(r->notes, rule, "instance %d, step %lld, %s: %s", i,
                                (long long)r->a.t, what, text);
            return false;
        }
    }
    return true;
}

// What differs only as the paint does was never written.
static bool unwritten_bytes(Runs *r) {
    const UpObs *x = &r->a.step.obs, *y = &r->b.step.obs;
    for (int64_t k = 0; x->u8 && k < UP__CHECK_N * x->dim; k++) {
        if (x->u8[k] != PAINT_A || y->u8[k] != PAINT_B) continue;
        up__check_fault(
            r->notes, UP__CHECK_WRITTEN,
            "instance %lld, step %lld: component %lld of obs, which has %lld, was not written",
            (long long)(k / x->dim), (long long)r->a.t, (long long)(k % x->dim), (long long)x->dim);
        return true;
    }
    return false;
}

// ---------------------------------------------------------------------------------------------------
// The runs

// By the environment's description alone, so that the verdict is the same on every machine: two
// whole episodes if they are short, one if that is possible.
static void choose_steps(Runs *r, int64_t steps) {
    const UpEnvSpec *spec = &r->a.env->spec;
    int64_t limit = spec->max_episode_steps, most = STEPS;
    if (limit > 0 && limit <= STEPS) most = limit <= STEPS / 2 ? 2 * limit + 20 : limit + 20;
    if (most > STEPS_OF_PICTURES && spec->obs.size > PICTURE) most = STEPS_OF_PICTURES;
    r->steps = r->notes->steps = steps ? steps : most;
}

// Equal seeds and actions, in two new batches.
static void run_twice(Runs *r, int64_t steps) {
    char text[UP__CHECK_TEXT];
    begin(r, "two batches with equal seeds and actions");
    if (!up__check_batch_reset(&r->a, true, SEED) || !up__check_batch_reset(&r->b, true, SEED))
        return;
    for (int i = 0; i < UP__CHECK_N; i++)
        if (!unwritten_bytes(r) && !up__check_same_obs(&r->a, i, &r->b, i, text) && comparable(r))
            up__check_fault(r->notes, UP__CHECK_REPEATS,
                            "instance %d after a reset with seed %d, in two batches: %s", i,
                            SEED + i, text);
    const char *what = "the same seeds and actions in two batches";
    choose_steps(r, steps);
    if (!in_step(r, r->steps, UP__CHECK_REPEATS, what)) {
        if (unwritten_bytes(r)) r->notes->fault[UP__CHECK_REPEATS][0] = 0;
        return;
    }
    begin(r, "a reset without seeds");
    if (up__check_batch_reset(&r->a, false, SEED) && up__check_batch_reset(&r->b, false, SEED))
        in_step(r, r->steps / 4, UP__CHECK_REPEATS, "after a reset without seeds, in two batches");
}

// `a` has been used; a reset with seeds must make it like new. `b` is made anew.
static void run_reset(Runs *r) {
    char text[UP__CHECK_TEXT];
    begin(r, "a used batch beside a new one");
    up__check_batch_close(&r->b);
    if (up__check_batch_open(&r->b, r->notes, r->def, UP__CHECK_N, PAINT_B) != UP_OK) {
        up__check_fault(r->notes, UP__CHECK_RUNS, "a second batch could not be created: %s",
                        up_error());
        return;
    }
    if (!up__check_batch_reset(&r->a, true, SEED) || !up__check_batch_reset(&r->b, true, SEED))
        return;
    for (int i = 0; i < UP__CHECK_N; i++)
        if (!up__check_same_obs(&r->a, i, &r->b, i, text))
            up__check_fault(r->notes, UP__CHECK_RESET,
                            "instance %d, seed %d, a used batch and a new one after reset: %s", i,
                            SEED + i, text);
    in_step(r, r->steps / 2, UP__CHECK_RESET, "a used batch and a new one after the same reset");
}

// One instance has the same seed and actions in both, its neighbours have other actions.
static void run_neighbours(Runs *r) {
    enum { SAME = 3 };
    char text[UP__CHECK_TEXT];
    begin(r, "one instance among different neighbours");
    if (!up__check_batch_reset(&r->a, true, SEED) || !up__check_batch_reset(&r->b, true, SEED))
        return;
    for (int i = 0; i < UP__CHECK_N; i++)
        if (i != SAME) up_rng_stream(&r->b.rng[i], SEED + 500U + (uint64_t)i, UP_STREAM_RANDOM, 0);
    for (int64_t t = 0; t < r->steps / 2; t++) {
        draw_all(&r->a);
        draw_all(&r->b);
        if (!up__check_batch_step(&r->a, false) || !up__check_batch_step(&r->b, false)) return;
        if (up__check_same(&r->a, SAME, &r->b, SAME, text)) continue;
        up__check_fault(
            r->notes, UP__CHECK_NEIGHBOURS,
            "instance %d, step %lld, the same seed and actions beside other actions of its "
            "neighbours: %s",
            SAME, (long long)t + 1, text);
        return;
    }
}

// An instance of many, and the same alone.
static void run_alone(Runs *r, int instance) {
    char text[UP__CHECK_TEXT];
    begin(r, "one instance of eight, and the same alone");
    if (!up__check_batch_reset(&r->a, true, SEED) ||
        !up__check_batch_reset(&r->single, true, SEED + (uint64_t)instance))
        return;
    bool same = up__check_same_obs(&r->a, instance, &r->single, 0, text);
    for (int64_t t = 0; same && t < r->steps / 2; t++) {
        draw_all(&r->a);
        draw_all(&r->single);
        if (!up__check_batch_step(&r->a, false) || !up__check_batch_step(&r->single, false)) return;
        same = up__check_same(&r->a, instance, &r->single, 0, text);
    }
    if (!same)
        up__check_fault(r->notes, UP__CHECK_BATCH,
                        "instance %d of %d, step %lld, and the same alone: %s", instance,
                        UP__CHECK_N, (long long)r->a.t, text);
}

// An instance that takes every other step, more or less, and the same alone that takes just those.
static void run_active(Runs *r) {
    enum { WATCHED = 2 };
    char text[UP__CHECK_TEXT];
    UpRng coin;
    begin(r, "instances that sit out steps");
    up_rng_seed(&coin, SEED);
    if (!up__check_batch_reset(&r->a, true, SEED) ||
        !up__check_batch_reset(&r->single, true, SEED + WATCHED))
        return;
    for (int64_t t = 0; t < r->steps / 2; t++) {
        for (int i = 0; i < UP__CHECK_N; i++) {
            r->a.active[i] = (uint8_t)up_rng_integers(&coin, 0, 2);
            if (r->a.active[i]) up__check_batch_draw(&r->a, i);
        }
        if (!up__check_batch_step(&r->a, true)) return;
        if (!r->a.active[WATCHED]) continue;
        draw_all(&r->single);
        if (!up__check_batch_step(&r->single, false)) return;
        if (up__check_same(&r->a, WATCHED, &r->single, 0, text)) continue;
        up__check_fault(r->notes, UP__CHECK_ACTIVE,
                        "instance %d, step %lld, went on while `active` was 0: %s", WATCHED,
                        (long long)r->single.t, text);
        return;
    }
}

// Actions beyond the bounds, and the same clipped.
static void run_clip(Runs *r) {
    const UpSpace *space = &r->a.env->spec.action;
    char text[UP__CHECK_TEXT];
    if (space->kind != UP_SPACE_BOX) return;
    begin(r, "actions beyond their bounds");
    if (!up__check_batch_reset(&r->a, true, SEED) || !up__check_batch_reset(&r->b, true, SEED))
        return;
    for (int64_t t = 0; t < r->steps / 8; t++) {
        draw_all(&r->a);
        for (int64_t k = 0; k < UP__CHECK_N * space->size; k++) {
            float low = up_space_low(space, k % space->size),
                  high = up_space_high(space, k % space->size);
            float far = r->a.action[k] * 3;
            r->a.action[k] = far;
            r->b.action[k] = far < low ? low : far > high ? high : far;
        }
        if (!up__check_batch_step(&r->a, false) || !up__check_batch_step(&r->b, false)) return;
        for (int i = 0; i < UP__CHECK_N; i++) {
            if (up__check_same(&r->a, i, &r->b, i, text)) continue;
            up__check_fault(
                r->notes, UP__CHECK_CLIP,
                "instance %d, step %lld, an action beyond the bounds and the same clipped: %s", i,
                (long long)t + 1, text);
            return;
        }
    }
}

// ---------------------------------------------------------------------------------------------------
// All of it

static void run_all(Runs *r, int64_t steps) {
    run_twice(r, steps);
    up__check_ends(&r->a, &r->b);
    if (comparable(r)) run_reset(r);
    if (comparable(r)) run_neighbours(r);
    if (comparable(r)) run_alone(r, 0);
    if (comparable(r)) run_alone(r, UP__CHECK_N - 3);
    if (comparable(r)) run_active(r);
    if (comparable(r)) run_clip(r);
    if (comparable(r)) up__check_state(&r->a, &r->b);
    if (comparable(r)) up__check_restart(&r->a, &r->b);
    if (comparable(r)) up__check_render(&r->a, &r->b);
}

UpStatus up__check_runs(UpCheckNotes *notes, const UpEnvDef *def, int64_t steps) {
    Runs r = {.notes = notes, .def = def};
    UpStatus status = up__check_batch_open(&r.a, notes, def, UP__CHECK_N, PAINT_A);
    if (status == UP_OK && !up__check_broken(notes, UP__CHECK_SPEC)) {
        char obs[128], action[128];
        up_space_format(&r.a.env->spec.obs, obs, sizeof obs);
        up_space_format(&r.a.env->spec.action, action, sizeof action);
        snprintf(notes->title, UP__CHECK_TEXT, "%s: %s, actions %s", r.a.env->spec.id, obs, action);
        status = up__check_batch_open(&r.b, notes, def, UP__CHECK_N, PAINT_B);
        if (status == UP_OK) status = up__check_batch_open(&r.single, notes, def, 1, PAINT_A);
        if (status == UP_OK) run_all(&r, steps);
    }
    if (status == UP_ENVIRONMENT) { // it was found, and fails
        up__check_fault(notes, UP__CHECK_RUNS, "%s failed: %s", notes->doing, up_error());
        status = UP_OK;
    }
    if (r.a.env) up__check_batch_close(&r.a);
    if (r.b.env) up__check_batch_close(&r.b);
    if (r.single.env) up__check_batch_close(&r.single);
    return status;
}
