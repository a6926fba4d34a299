// The descriptions of all native environments, each in a file of its own.
#ifndef UP_ENV_NATIVE_KINDS_H
#define UP_ENV_NATIVE_KINDS_H

#include "env/native/task.h"

extern const UpTaskKind up__cartpole, up__pendulum, up__pong;

#endif
