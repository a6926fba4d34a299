// result.json: how a run ended, for people and for scripts.
#ifndef UPHILL_RESULT_H
#define UPHILL_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct UpResult {
    int64_t steps;
    double seconds;
    int64_t episodes;
    // NAN before the first episode ended; null in the file
    double running_reward, return_mean, length_mean;
    bool solved;                     // a target was set and reached
    const char *stop_reason;         // "steps", "target", "interrupted", …
    const char *env, *algo, *recipe; // NULL becomes null
    int64_t seed;
} UpResult;

// Writes atomically (uphill/file.h). Keys are the members' names.
UpStatus up_result_write(const char *path, const UpResult *result);

#ifdef __cplusplus
}
#endif
#endif
