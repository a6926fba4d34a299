// Foreign environments: any Gymnasium environment and ALE's games, in worker processes that speak
// the protocol of docs/worker-protocol.md.
#ifndef UPHILL_ENV_BRIDGE_BRIDGE_H
#define UPHILL_ENV_BRIDGE_BRIDGE_H

#include "uphill/env.h"

// Makes `instances` instances of def->id, spread over def->workers processes. *env is the caller's
// to up_env_destroy on success, NULL on failure. An id that Gymnasium does not know is
// UP_UNKNOWN; a missing Python, package or ROM is UP_NOT_FOUND, and the message says what to
// install.
UpStatus up__bridge_create(UpEnv **env, const UpEnvDef *def, int instances);

// UP_USAGE where what should name a module names its file, "./pond.py:Pond-v0": says what to write
// instead, an id or (lists) what `uphill envs --from` takes.
UpStatus up__bridge_check_module(const char *id, bool lists);

#endif
