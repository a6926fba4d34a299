// Comparing what two instances wrote.
#include <stdio.h>
#include <string.h>

#include "check/internal.h"

bool up__check_same_bits(const void *a, const void *b, size_t size) {
    return memcmp(a, b, size) == 0;
}

// The first component in which two rows differ; -1 if none.
static int64_t difference(const UpObs *a, int i, const UpObs *b, int j) {
    int64_t D = a->dim;
    if (a->form == UP_OBS_SPARSE) {
        bool same = a->count[i] == b->count[j] && a->count[i] <= D &&
                    memcmp(a->entry + a->begin[i], b->entry + b->begin[j],
                           a->count[i] * sizeof *a->entry) == 0;
        return same ? -1 : 0;
    }
    for (int64_t k = 0; k < D; k++)
        if (a->f32 ? !up__check_same_bits(&a->f32[i * D + k], &b->f32[j * D + k], sizeof(float))
                   : a->u8[i * D + k] != b->u8[j * D + k])
            return k;
    return -1;
}

bool up__check_same_row(const UpObs *a, int i, const UpObs *b, int j) {
    return difference(a, i, b, j) < 0;
}

static bool same_obs(const char *name, const UpObs *a, int i, const UpObs *b, int j,
                     char text[UP__CHECK_TEXT]) {
    int64_t k = difference(a, i, b, j), D = a->dim;
    if (k < 0) return true;
    if (a->form == UP_OBS_SPARSE)
        snprintf(text, UP__CHECK_TEXT, "the entries of %s differ", name);
    else
        snprintf(text, UP__CHECK_TEXT, "component %lld of %s is %.9g and %.9g", (long long)k, name,
                 a->f32 ? (double)a->f32[i * D + k] : a->u8[i * D + k],
                 b->f32 ? (double)b->f32[j * D + k] : b->u8[j * D + k]);
    return false;
}

bool up__check_same_obs(const UpCheckBatch *a, int i, const UpCheckBatch *b, int j,
                        char text[UP__CHECK_TEXT]) {
    return same_obs("obs", &a->step.obs, i, &b->step.obs, j, text);
}

bool up__check_same(const UpCheckBatch *a, int i, const UpCheckBatch *b, int j,
                    char text[UP__CHECK_TEXT]) {
    const UpStep *x = &a->step, *y = &b->step;
    if (!up__check_same_bits(&x->reward[i], &y->reward[j], sizeof(double))) {
        snprintf(text, UP__CHECK_TEXT, "the reward is %.17g and %.17g", x->reward[i], y->reward[j]);
        return false;
    }
    if (x->terminated[i] != y->terminated[j] || x->truncated[i] != y->truncated[j]) {
        bool first = x->terminated[i] != y->terminated[j];
        snprintf(text, UP__CHECK_TEXT, "`%s` is %d and %d", first ? "terminated" : "truncated",
                 first ? x->terminated[i] : x->truncated[i],
                 first ? y->terminated[j] : y->truncated[j]);
        return false;
    }
    bool ended = x->terminated[i] || x->truncated[i];
    return up__check_same_obs(a, i, b, j, text) &&
           (!ended || same_obs("final_obs", &x->final_obs, i, &y->final_obs, j, text));
}
