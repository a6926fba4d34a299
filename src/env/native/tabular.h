// Tasks with finitely many states, as tables of outcomes that Gymnasium's toy_text tasks also make:
// every step draws one number, even where there is nothing to choose.
#ifndef UP_ENV_NATIVE_TABULAR_H
#define UP_ENV_NATIVE_TABULAR_H

#include "env/native/task.h"

typedef struct UpOutcome {
    double cumulative; // probability of this outcome and those before it; -1 if there is none
    double reward;
    int32_t next; // state
    bool terminated;
} UpOutcome;

typedef struct UpStart {
    double cumulative;
    int32_t state;
} UpStart;

// Begins with what its arrays hold; the tables are the same for all instances.
typedef struct UpTabular {
    UpTask task;
    int32_t *state;  // (N)
    int32_t *action; // (N) the last one; -1 after a reset
    int states, actions, outcomes;
    UpOutcome *outcome; // (states, actions, outcomes)
    UpStart *start;     // (starts)
    int starts;
} UpTabular;

#define UP__TABULAR_ARRAYS(type) UP__ARRAY(type, tabular.state), UP__ARRAY(type, tabular.action)

// Empty tables, at most `outcomes` a pair; the observation and action space of the task.
UpStatus up__tabular_create(UpTabular *self, int states, int actions, int outcomes);

// One more outcome of (state, action). The order decides which random number leads to which.
void up__tabular_add(UpTabular *self, int state, int action, double probability, UpOutcome outcome);

// The states to begin in, all equally likely.  is_start (states)
UpStatus up__tabular_starts(UpTabular *self, const bool *is_start);

// The functions of a description.
void up__tabular_begin(void *self, int i);
void up__tabular_advance(void *self, int first, int count, const UpStep *step);
void up__tabular_observe(void *self, int first, int count, const UpObs *obs);
bool up__tabular_possible(const void *self, int i);

#endif
