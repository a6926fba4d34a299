// The environments that are known by their ids: the native ones, MuJoCo's, then those of
// up_env_register.
#include "env/known.h"

#include <pthread.h>
#include <string.h>

#ifdef UP_HAVE_MUJOCO
#include "env/mujoco/mujoco.h"
#endif
#include "env/native/task.h"

enum { ENVS_MAX = 64 };

static UpEnvInfo known[ENVS_MAX];
static int known_count, own_count; // own: those that are Uphill's
static pthread_once_t is_filled = PTHREAD_ONCE_INIT;

static void fill_known(void) {
    known_count = up__task_list(known, ENVS_MAX);
#ifdef UP_HAVE_MUJOCO
    known_count += up__mujoco_list(known + known_count, ENVS_MAX - known_count);
#endif
    own_count = known_count;
}

const UpEnvInfo *up_env_list(int *count) {
    pthread_once(&is_filled, fill_known);
    *count = known_count;
    return known;
}

static int find(const char *id) {
    pthread_once(&is_filled, fill_known);
    for (int i = 0; i < known_count; i++)
        if (strcmp(known[i].id, id) == 0) return i;
    return -1;
}

const UpEnvInfo *up__env_find(const char *id, bool *own) {
    int index = find(id);
    *own = index < own_count;
    return index < 0 ? NULL : &known[index];
}

UpStatus up_env_register(const UpEnvInfo *info) {
    if (!info->id || !info->id[0] || strlen(info->id) >= UP_ENV_ID_MAX)
        return up_fail(UP_USAGE, "an environment needs an id of 1 to %d characters",
                       UP_ENV_ID_MAX - 1);
    if (!info->create) return up_fail(UP_USAGE, "%s needs a function that creates it", info->id);
    if (find(info->id) >= 0)
        return up_fail(UP_USAGE, "there is an environment %s already", info->id);
    if (known_count == ENVS_MAX)
        return up_fail(UP_USAGE, "%s: there is room for %d environments only", info->id, ENVS_MAX);
    known[known_count++] = *info;
    return UP_OK;
}
