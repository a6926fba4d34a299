// Does an environment keep the rules of uphill/env.h? It is stepped many times with random actions,
// in batches and alone, and what it writes is held against the rules. `uphill check-env` prints
// what is found here.
#ifndef UPHILL_CHECK_H
#define UPHILL_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/env.h"
#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

// A rule, and how the environment fared.
typedef struct UpCheckFinding {
    const char *rule;   // "observations in their space"
    const char *fault;  // the first breach, what and where; "" where the rule was kept
    const char *advice; // what to do about a breach, from a small letter on; "": the fault says it
    const char *note;   // of a rule that was kept: what could not be seen; "" nothing
    bool checked;       // false: another fault stood in the way
} UpCheckFinding;

typedef struct UpCheckReport {
    const char *title;             // "CartPole-v1: Box(…), actions Discrete(2)"; "" if not made
    int instances;                 // of a batch
    int64_t steps;                 // of each instance in a run; 0 where none was made
    int64_t fails_at;              // the step at which it fails, so that runs end before; 0: none
    int rules, faults, unchecked;  // how many there are, were broken, and could not be checked
    const UpCheckFinding *finding; // (rules)
} UpCheckReport;

// Valid during the call only.
typedef void (*UpCheckFn)(void *user, const UpCheckReport *report);

// Checks def->id with `steps` steps of each instance in a run (0: by its spec, two episodes if they
// are short), in a process of its own: a crash, an exit and a call that takes too long are
// findings, too. Where a step fails, the rest is checked by runs that end before it. So flush your
// streams before. `report` is called once, also where faults were
// found, and the result is UP_OK then. An environment that cannot be made is a failure, without a
// report.
UpStatus up_check_env(const UpEnvDef *def, int64_t steps, UpCheckFn report, void *user);

#ifdef __cplusplus
}
#endif
#endif
