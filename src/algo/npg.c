// Natural policy gradient (Kakade 2001), each step as long as a given KL: "truncated natural policy
// gradient" in Duan 2016.
#include <stddef.h>

#include "algo/algo_internal.h"

static const UpOption rows[] = {UP__NATURAL_ROWS(UpNpgDef)};

static const UpOptionTable options = {"npg", "natural policy gradient", rows,
                                      sizeof rows / sizeof *rows};

static void defaults(UpConfig *c) {
    c->advantage.standardize = UP_STANDARDIZE_BATCH;
    c->optim.kind = UP_SGD;
}

static UpStatus update(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    UpPolicy *p = l->policy;
    up__learner_advantages(l, r, stats);
    UP_TRY(up__natural_direction(l, r, &l->config->npg.natural, &stats->learning_rate, stats));
    for (size_t i = 0; i < p->size; i++)
        p->param[i] -= l->natural.step[i];
    return up__value_fit(l, r, stats);
}

const UpAlgo up__npg = {
    .name = "npg",
    .summary = "natural policy gradient by conjugate gradients (Kakade 2001)",
    .options = &options,
    .def_offset = offsetof(UpConfig, npg),
    .needs_value = true,
    .fits_value = true,
    .natural = true,
    .defaults = defaults,
    .check = up__value_check,
    .minibatch = up__natural_rows,
    .prepare = up__natural_prepare,
    .update = update,
};
