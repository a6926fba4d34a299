// The runs: pairs of batches that must hold the same after every step.
#include <stdio.h>
#include <string.h>

#include "check/internal.h"

enum { SEED = 1000 };

static void begin(UpCheckRuns *r, const char *doing) {
    snprintf(r->notes->doing, UP__CHECK_TEXT, "%s", doing);
}

// A part of a run's steps.
static int64_t share(const UpCheckRuns *r, int64_t part) {
    return (r->steps + part - 1) / part;
}

// After a breach of one of these, two batches differ for a reason that is known already.
bool up__check_comparable(const UpCheckRuns *r) {
    static const UpCheckRule known[] = {UP__CHECK_WRITTEN, UP__CHECK_FLAGS, UP__CHECK_FINAL_OBS,
                                        UP__CHECK_REPEATS, UP__CHECK_RESET, UP__CHECK_NEIGHBOURS,
                                        UP__CHECK_BATCH};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (up__check_broken(r->notes, known[i])) return false;
    return true;
}

static void draw_all(UpCheckBatch *b) {
    for (int i = 0; i < b->env->instances; i++)
        up__check_batch_draw(b, i);
}

// What differs only as the paint does was never written.
static bool unwritten_bytes(UpCheckRuns *r) {
    const UpObs *x = &r->a.step.obs, *y = &r->b.step.obs;
    for (int64_t k = 0; x->u8 && k < UP__CHECK_N * x->dim; k++) {
        if (x->u8[k] != UP__CHECK_PAINT_A || y->u8[k] != UP__CHECK_PAINT_B) continue;
        up__check_fault(
            r->notes, UP__CHECK_WRITTEN,
            "instance %lld, step %lld: component %lld of obs, which has %lld, was not written",
            (long long)(k / x->dim), (long long)r->a.t, (long long)(k % x->dim), (long long)x->dim);
        return true;
    }
    return false;
}

// Steps `a` and `b` with the same actions and holds all their instances against each other, to the
// first difference; the rules of a single step are looked at to the end.
static bool in_step(UpCheckRuns *r, int64_t steps, UpCheckRule rule, const char *what) {
    char text[UP__CHECK_TEXT];
    bool same = true;
    for (int64_t t = 0; t < steps; t++) {
        draw_all(&r->a);
        draw_all(&r->b);
        if (!up__check_batch_step(&r->a, false) || !up__check_batch_step(&r->b, false))
            return false;
        for (int i = 0; i < UP__CHECK_N && same; i++) {
            same = up__check_same(&r->a, i, &r->b, i, text);
            if (!same && up__check_comparable(r) && !unwritten_bytes(r))
                up__check_fault(r->notes, rule, "instance %d, step %lld, %s: %s", i,
                                (long long)r->a.t, what, text);
        }
    }
    return same;
}

// ---------------------------------------------------------------------------------------------------
// The runs

// Equal seeds and actions, in two new batches.
void up__check_run_twice(UpCheckRuns *r) {
    char text[UP__CHECK_TEXT];
    begin(r, "two batches with equal seeds and actions");
    if (!up__check_batch_reset(&r->a, true, SEED) || !up__check_batch_reset(&r->b, true, SEED))
        return;
    for (int i = 0; i < UP__CHECK_N; i++)
        if (!unwritten_bytes(r) && !up__check_same_obs(&r->a, i, &r->b, i, text) &&
            up__check_comparable(r))
            up__check_fault(r->notes, UP__CHECK_REPEATS,
                            "instance %d after a reset with seed %d, in two batches: %s", i,
                            SEED + i, text);
    if (!in_step(r, r->steps, UP__CHECK_REPEATS, "the same seeds and actions in two batches"))
        return;
    begin(r, "a reset without seeds");
    if (up__check_batch_reset(&r->a, false, SEED) && up__check_batch_reset(&r->b, false, SEED))
        in_step(r, share(r, 4), UP__CHECK_REPEATS, "after a reset without seeds, in two batches");
}

// `a` has been used; a reset with seeds must make it like new. `b` is made anew.
void up__check_run_reset(UpCheckRuns *r) {
    char text[UP__CHECK_TEXT];
    begin(r, "a used batch beside a new one");
    up__check_batch_close(&r->b);
    if (up__check_batch_open(&r->b, r->notes, r->def, UP__CHECK_N, UP__CHECK_PAINT_B) != UP_OK) {
        up__check_fault(r->notes, UP__CHECK_RUNS, "a second batch could not be created: %s",
                        up_error());
        r->b.failed = true;
        return;
    }
    if (!up__check_batch_reset(&r->a, true, SEED) || !up__check_batch_reset(&r->b, true, SEED))
        return;
    for (int i = 0; i < UP__CHECK_N; i++)
        if (!up__check_same_obs(&r->a, i, &r->b, i, text))
            up__check_fault(r->notes, UP__CHECK_RESET,
                            "instance %d, seed %d, a used batch and a new one after reset: %s", i,
                            SEED + i, text);
    in_step(r, share(r, 2), UP__CHECK_RESET, "a used batch and a new one after the same reset");
}

// One instance has the same seed and actions in both, its neighbours have other actions.
void up__check_run_neighbours(UpCheckRuns *r) {
    enum { SAME = 3 };
    char text[UP__CHECK_TEXT];
    begin(r, "one instance among different neighbours");
    if (!up__check_batch_reset(&r->a, true, SEED) || !up__check_batch_reset(&r->b, true, SEED))
        return;
    for (int i = 0; i < UP__CHECK_N; i++)
        if (i != SAME) up_rng_stream(&r->b.rng[i], SEED + 500U + (uint64_t)i, UP_STREAM_RANDOM, 0);
    for (int64_t t = 0; t < share(r, 2); t++) {
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
void up__check_run_alone(UpCheckRuns *r, int instance) {
    char text[UP__CHECK_TEXT];
    begin(r, "one instance of eight, and the same alone");
    if (!up__check_batch_reset(&r->a, true, SEED) ||
        !up__check_batch_reset(&r->single, true, SEED + (uint64_t)instance))
        return;
    bool same = up__check_same_obs(&r->a, instance, &r->single, 0, text);
    for (int64_t t = 0; same && t < share(r, 2); t++) {
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
void up__check_run_active(UpCheckRuns *r) {
    enum { WATCHED = 2 };
    char text[UP__CHECK_TEXT];
    UpRng coin;
    begin(r, "instances that sit out steps");
    up_rng_seed(&coin, SEED);
    if (!up__check_batch_reset(&r->a, true, SEED) ||
        !up__check_batch_reset(&r->single, true, SEED + WATCHED))
        return;
    for (int64_t t = 0; t < share(r, 2); t++) {
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
void up__check_run_clip(UpCheckRuns *r) {
    const UpSpace *space = &r->a.env->spec.action;
    char text[UP__CHECK_TEXT];
    if (!up__check_has_numbers(space)) return;
    begin(r, "actions beyond their bounds");
    if (!up__check_batch_reset(&r->a, true, SEED) || !up__check_batch_reset(&r->b, true, SEED))
        return;
    for (int64_t t = 0; t < share(r, 8); t++) {
        draw_all(&r->a);
        for (int64_t k = 0; k < UP__CHECK_N * space->size; k++) {
            float low = up_space_low(space, k % space->size),
                  high = up_space_high(space, k % space->size);
            bool number = up_space_choices(space, k % space->size) == 0;
            float far = r->a.action[k] * (number ? 3 : 1);
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
