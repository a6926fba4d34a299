// What the steps counted about the ends of episodes, judged afterwards.
#include <stdio.h>

#include "check/internal.h"

enum { SEED = 1000 };

// Is this observation one that a reset gives?
static bool is_first(UpCheckBatch *b, const UpObs *obs, int i) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        if (!up__check_batch_reset(b, true, SEED + 100 + UP__CHECK_N * seed)) return true;
        for (int j = 0; j < UP__CHECK_N; j++)
            if (up__check_same_row(obs, i, &b->step.obs, j)) return true;
    }
    return false;
}

// Plays until an episode ends with its last observation still in obs. That is a fault unless
// episodes begin with this one, too.
static void judge_restart(UpCheckBatch *a, UpCheckBatch *b) {
    if (a->ends < 2 || a->stale < a->ends || up__check_broken(a->notes, UP__CHECK_RESTART)) return;
    snprintf(a->notes->doing, UP__CHECK_TEXT, "the first observation after an end");
    int64_t before = a->ends;
    if (!up__check_batch_reset(a, true, SEED)) return;
    for (int64_t t = 0; t < a->notes->steps && a->ends == before; t++) {
        for (int i = 0; i < UP__CHECK_N; i++)
            up__check_batch_draw(a, i);
        if (!up__check_batch_step(a, false)) return;
    }
    for (int i = 0; i < UP__CHECK_N && a->ends > before; i++)
        if ((a->step.terminated[i] || a->step.truncated[i]) && !is_first(b, &a->step.obs, i)) {
            up__check_fault(a->notes, UP__CHECK_RESTART,
                            "instance %d, step %lld: the episode ended, and obs is still its last "
                            "observation",
                            i, (long long)a->t);
            return;
        }
}

static void note_limits(const UpCheckBatch *a) {
    const UpEnvSpec *spec = &a->env->spec;
    char(*note)[UP__CHECK_TEXT] = a->notes->note;
    if (spec->max_episode_steps == 0)
        snprintf(note[UP__CHECK_LIMIT], UP__CHECK_TEXT, "none");
    else if (a->cut == 0)
        snprintf(note[UP__CHECK_LIMIT], UP__CHECK_TEXT, "no episode came to its %lld steps",
                 (long long)spec->max_episode_steps);
    if (a->ends == 0) {
        snprintf(note[UP__CHECK_RESTART], UP__CHECK_TEXT, "no episode ended");
        snprintf(note[UP__CHECK_FINAL_OBS], UP__CHECK_TEXT, "no episode ended");
    }
    if (!up__check_has_numbers(&spec->action))
        snprintf(note[UP__CHECK_CLIP], UP__CHECK_TEXT, "none, it is no Box");
}

void up__check_ends(UpCheckBatch *a, UpCheckBatch *b) {
    note_limits(a);
    judge_restart(a, b);
}
