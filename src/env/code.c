#include <string.h>

#include "uphill/env.h"
#include "uphill/plugin.h"

// gym:ID is Gymnasium's own registry; another colon stands behind the name of a package or module
// that is imported. Shimmy's GymV21Environment-v0 and the like import what their keyword env_id
// names.
bool up_env_is_code(const char *id) {
    if (up_plugin_path(id) > 0) return true;
    const char *name = strncmp(id, "gym:", 4) == 0 ? id + 4 : id;
    return strchr(name, ':') != NULL || strncmp(name, "GymV", 4) == 0;
}
