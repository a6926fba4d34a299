// What an environment has written, held against its spec: of every one that masks leave something
// open, of foreign ones (UpEnv.checked) all of it.
#ifndef UP_ENV_WRITTEN_H
#define UP_ENV_WRITTEN_H

#include "uphill/env.h"

// Of the instances with which[i]; NULL: of all. UP_NUMERIC for what is not finite, UP_ENVIRONMENT
// for what is not in its space.
UpStatus up__env_check_begun(const UpEnv *env, const UpObs *obs, const uint8_t *which);
UpStatus up__env_check_step(const UpEnv *env, const UpStep *step);

#endif
