// The regression of a value function that has its own optimiser and its own passes over a rollout.
#include <math.h>
#include <stddef.h>

#include "algo/algo_internal.h"

#define ROW(f, type, value, min, max, choices, unit, help, source, when)                           \
    { #f, type, offsetof(UpValueDef, f), value, min, max, choices, unit, help, source, when }

static const UpOption rows[] = {
    ROW(epochs, UP_OPTION_INT, "20", 1, 100000, NULL, "passes", "passes over each rollout",
        "sb3-contrib: 10, tuned 20", NULL),
    ROW(minibatch, UP_OPTION_INT, "128", 0, 1e9, NULL, "samples",
        "samples in a minibatch; 0: the whole rollout", "sb3-contrib", NULL),
    ROW(learning_rate, UP_OPTION_REAL, "0.001", 0, 10, NULL, "",
        "Adam's step size at the start of training", "sb3-contrib", NULL),
    ROW(schedule, UP_OPTION_CHOICE, "constant", 0, 0, UP_SCHEDULE_CHOICES, "",
        "how the learning rate moves to learning_rate_end during training", "", NULL),
    ROW(learning_rate_end, UP_OPTION_REAL, "0", 0, 10, NULL, "",
        "learning rate at the end of training", "", "schedule!=constant"),
    ROW(epsilon, UP_OPTION_REAL, "1e-05", 0, 1, NULL, "", "added to the root in Adam's denominator",
        "sb3-contrib", NULL),
    ROW(max_grad_norm, UP_OPTION_REAL, "0", 0, 1e9, NULL, "",
        "the gradient is scaled down to this length; 0 leaves it as it is", "", NULL),
};

const UpOptionTable up__value_options = {
    "value", "the value function's own regression (vpg, actor-critic, npg, trpo)", rows,
    sizeof rows / sizeof *rows};

UpStatus up__value_check(const UpConfig *c) {
    if (!c->policy.shared) return UP_OK;
    return up_fail(UP_USAGE,
                   "policy.shared = true: %s fits the value function by itself, which would move "
                   "a shared trunk of the policy; set it to false",
                   c->train.algo);
}

UpStatus up__value_prepare(UpLearner *l, const UpRollout *r) {
    (void)r;
    const UpValueDef *def = &l->config->value;
    UpOptimDef adam = up_optim_def_default();
    adam.epsilon = def->epsilon;
    adam.max_grad_norm = def->max_grad_norm;
    const UpHead *value = &l->policy->head[UP_HEAD_VALUE];
    UP_TRY(up_optim_create(&l->value_optim, &adam, value->end - value->begin, &l->arena));
    static const char *const names[] = {"value_optim.first", "value_optim.second",
                                        "value_optim.steps"};
    up_optim_keep(&l->value_optim, l->keep, names);
    return UP_OK;
}

// Adds the gradient of mean ½ (V − R)² over the samples order[first … first+count).
static void add_gradient(UpLearner *l, const UpRollout *r, int64_t first, int64_t count,
                         double *loss) {
    for (int64_t done = 0, piece; done < count; done += piece) {
        piece = count - done < l->rows ? count - done : l->rows;
        up__learner_gather(l, r, first + done, piece);
        const UpReal *value = up_policy_forward(l->policy, up_seen(&l->obs), UP_HEADS_VALUE).value;
        for (int64_t i = 0; i < piece; i++) {
            UpReal error = value[i] - l->ret[i];
            *loss += 0.5 * (double)(error * error);
            l->d_value[i] = error / (UpReal)count;
        }
        up_policy_backward(l->policy, up_seen(&l->obs), NULL, l->d_value);
    }
}

UpStatus up__value_fit(UpLearner *l, const UpRollout *r, UpUpdateStats *stats) {
    const UpValueDef *def = &l->config->value;
    UpPolicy *p = l->policy;
    size_t begin = p->head[UP_HEAD_VALUE].begin;
    int64_t minibatch = def->minibatch > 0 ? def->minibatch : r->samples;
    double rate =
        up_schedule((UpSchedule)def->schedule, def->learning_rate, def->learning_rate_end, l->done);
    double loss = 0;
    UP_TRY(up__learner_list(l, r));
    for (int64_t epoch = 0; epoch < def->epochs; epoch++) {
        if (minibatch < r->samples) up_rng_shuffle(&l->shuffle, l->order, (uint32_t)r->samples);
        for (int64_t first = 0; first < r->samples; first += minibatch) {
            int64_t left = r->samples - first;
            add_gradient(l, r, first, left < minibatch ? left : minibatch, &loss);
            if (!isfinite(up_optim_step(&l->value_optim, rate, p->param + begin, p->grad + begin,
                                        l->pool)))
                return up__learner_not_finite(l, r, "value.learning_rate");
        }
    }
    stats->value_loss = loss / (double)(r->samples * def->epochs);
    return UP_OK;
}
