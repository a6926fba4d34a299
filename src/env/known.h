// The environments that are known by their ids.
#ifndef UP_ENV_KNOWN_H
#define UP_ENV_KNOWN_H

#include "uphill/env.h"

// NULL where there is none. own: it is Uphill's, not one of up_env_register.
const UpEnvInfo *up__env_find(const char *id, bool *own);

#endif
