// Environments in shared objects, for the registry.
#ifndef UP_ENV_PLUGIN_H
#define UP_ENV_PLUGIN_H

#include "uphill/plugin.h"

// Makes the environment that def->id names, "path/x.so" or "path/x.so:ID".
UpStatus up__plugin_create(UpEnv **env, const UpEnvDef *def, int instances);

#endif
