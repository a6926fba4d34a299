// What the steps of `uphill check-env` counted about the ends of episodes, judged afterwards.
#include <stdio.h>

#include "check.h"

enum { SEED = 1000 };

// Is this observation one that a reset gives?
static bool is_first(CheckBatch *b, const UpObs *obs, int i) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        if (!check_batch_reset(b, true, SEED + 100 + CHECK_N * seed)) return true;
        for (int j = 0; j < CHECK_N; j++)
            if (check_same_row(obs, i, &b->step.obs, j)) return true;
    }
    return false;
}

// Plays until an episode ends with its last observation still in obs. That is a fault unless
// episodes begin with this one, too.
static void judge_restart(CheckBatch *a, CheckBatch *b) {
    if (a->ends < 2 || a->stale < a->ends || check_broken(a->report, CHECK_RESTART)) return;
    snprintf(a->report->doing, CHECK_TEXT, "the first observation after an end");
    int64_t before = a->ends;
    if (!check_batch_reset(a, true, SEED)) return;
    for (int64_t t = 0; t < a->report->steps && a->ends == before; t++) {
        for (int i = 0; i < CHECK_N; i++)
            check_batch_draw(a, i);
        if (!check_batch_step(a, false)) return;
    }
    for (int i = 0; i < CHECK_N && a->ends > before; i++)
        if ((a->step.terminated[i] || a->step.truncated[i]) && !is_first(b, &a->step.obs, i)) {
            check_fault(a->report, CHECK_RESTART,
                        "instance %d, step %lld: the episode ended, and obs is still its last "
                        "observation",
                        i, (long long)a->t);
            return;
        }
}

static void note_limits(const CheckBatch *a) {
    const UpEnvSpec *spec = &a->env->spec;
    char(*note)[CHECK_TEXT] = a->report->note;
    if (spec->max_episode_steps == 0)
        snprintf(note[CHECK_LIMIT], CHECK_TEXT, "none");
    else if (a->cut == 0)
        snprintf(note[CHECK_LIMIT], CHECK_TEXT, "no episode came to its %lld steps",
                 (long long)spec->max_episode_steps);
    if (a->ends == 0) {
        snprintf(note[CHECK_RESTART], CHECK_TEXT, "no episode ended");
        snprintf(note[CHECK_FINAL_OBS], CHECK_TEXT, "no episode ended");
    }
    if (spec->action.kind != UP_SPACE_BOX)
        snprintf(note[CHECK_CLIP], CHECK_TEXT, "none, it is no Box");
}

void check_ends(CheckBatch *a, CheckBatch *b) {
    note_limits(a);
    judge_restart(a, b);
}
