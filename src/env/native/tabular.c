#include "env/native/tabular.h"

#include <string.h>

UpStatus up__tabular_create(UpTabular *self, int states, int actions, int outcomes) {
    UpNative *native = &self->task.native;
    size_t pairs = (size_t)states * (size_t)actions;
    self->states = states;
    self->actions = actions;
    self->outcomes = outcomes;
    self->outcome = up_arena_alloc(&native->arena, pairs * (size_t)outcomes, sizeof(UpOutcome));
    self->start = up_arena_alloc(&native->arena, (size_t)states, sizeof *self->start);
    native->base.spec.obs = up_space_discrete(states);
    native->base.spec.action = up_space_discrete(actions);
    UP_TRY(up_arena_status(&native->arena));
    for (size_t k = 0; k < pairs * (size_t)outcomes; k++)
        self->outcome[k].cumulative = -1;
    return UP_OK;
}

static UpOutcome *outcomes_of(const UpTabular *self, int state, int action) {
    return self->outcome + ((ptrdiff_t)state * self->actions + action) * self->outcomes;
}

void up__tabular_add(UpTabular *self, int state, int action, double probability,
                     UpOutcome outcome) {
    UpOutcome *to = outcomes_of(self, state, action);
    double before = 0;
    for (; to->cumulative >= 0; to++)
        before = to->cumulative;
    outcome.cumulative = before + probability;
    *to = outcome;
}

UpStatus up__tabular_starts(UpTabular *self, const bool *is_start) {
    int count = 0;
    for (int s = 0; s < self->states; s++)
        count += is_start[s];
    if (count == 0)
        return up_fail(UP_USAGE, "%s has no state to start in", self->task.native.base.spec.id);
    double probability = 1.0 / count, cumulative = 0;
    for (int s = 0; s < self->states; s++)
        if (is_start[s]) self->start[self->starts++] = (UpStart){cumulative += probability, s};
    return UP_OK;
}

// The first whose cumulative probability exceeds a random number; where rounding left none, NumPy's
// argmax of nothing, which is state 0.
void up__tabular_begin(void *env, int i) {
    UpTabular *self = env;
    double draw = up_rng_double(&self->task.native.rng[i]);
    int low = 0, high = self->starts;
    while (low < high) {
        int middle = (low + high) / 2;
        if (self->start[middle].cumulative > draw)
            high = middle;
        else
            low = middle + 1;
    }
    self->state[i] = low < self->starts ? self->start[low].state : 0;
    self->action[i] = -1;
}

void up__tabular_advance(void *env, int first, int count, const UpStep *step) {
    UpTabular *self = env;
    for (int i = first; i < first + count; i++) {
        int action = up__task_choice(step, i);
        const UpOutcome *row = outcomes_of(self, self->state[i], action);
        double draw = up_rng_double(&self->task.native.rng[i]);
        int k = 0;
        while (k < self->outcomes && !(row[k].cumulative > draw))
            k++;
        const UpOutcome *outcome = &row[k < self->outcomes ? k : 0]; // as argmax of nothing
        self->state[i] = outcome->next;
        self->action[i] = action;
        step->reward[i] = outcome->reward;
        step->terminated[i] = outcome->terminated;
    }
}

void up__tabular_observe(void *env, int first, int count, const UpObs *obs) {
    const UpTabular *self = env;
    for (int i = first; i < first + count; i++)
        obs->f32[i] = (float)self->state[i];
}

bool up__tabular_possible(const void *env, int i) {
    const UpTabular *self = env;
    return self->state[i] >= 0 && self->state[i] < self->states && self->action[i] >= -1 &&
           self->action[i] < self->actions;
}
