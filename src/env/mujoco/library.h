// MuJoCo's library, loaded when it is first needed and not linked, so that the program also starts
// where it is absent; compiled against the headers that CMake found.
#ifndef UP_ENV_MUJOCO_LIBRARY_H
#define UP_ENV_MUJOCO_LIBRARY_H

#include <mujoco/mujoco.h>
#include <stdbool.h>

#include "env/bridge/process.h"
#include "uphill/status.h"

// The functions that are used.
#define UP__MUJOCO_CALLS(X)                                                                        \
    X(mj_version)                                                                                  \
    X(mj_versionString)                                                                            \
    X(mju_setLogHandler)                                                                           \
    X(mj_loadXML)                                                                                  \
    X(mj_deleteModel)                                                                              \
    X(mj_makeData)                                                                                 \
    X(mj_deleteData)                                                                               \
    X(mj_resetData)                                                                                \
    X(mj_forward)                                                                                  \
    X(mj_step)                                                                                     \
    X(mj_rnePostConstraint)                                                                        \
    X(mj_kinematics)                                                                               \
    X(mj_name2id)                                                                                  \
    X(mj_stateSize)                                                                                \
    X(mj_getState)                                                                                 \
    X(mj_setState)                                                                                 \
    X(mjv_defaultCamera)                                                                           \
    X(mjv_defaultOption)                                                                           \
    X(mjv_defaultScene)                                                                            \
    X(mjv_makeScene)                                                                               \
    X(mjv_updateScene)                                                                             \
    X(mjv_freeScene)                                                                               \
    X(mjr_defaultContext)                                                                          \
    X(mjr_makeContext)                                                                             \
    X(mjr_setBuffer)                                                                               \
    X(mjr_render)                                                                                  \
    X(mjr_readPixels)                                                                              \
    X(mjr_freeContext)

typedef struct UpMujocoCalls {
#define UP__MUJOCO_FIELD(name) __typeof__(&(name)) name;
    UP__MUJOCO_CALLS(UP__MUJOCO_FIELD)
#undef UP__MUJOCO_FIELD
} UpMujocoCalls;

// Where the worker's Python has its packages; empty where it has not.
typedef struct UpMujocoFolders {
    char mujoco[UP__PROCESS_PATH], gymnasium[UP__PROCESS_PATH];
} UpMujocoFolders;
UpStatus up__mujoco_locate(UpMujocoFolders *folders);

// Loads the library once for the process. UP_NOT_FOUND where there is none, UP_MISMATCH where its
// version is not that of the headers: the layout of its structures would differ.
UpStatus up__mujoco_load(const UpMujocoCalls **calls);

// "4.0.0", or a message in up_error().
UpStatus up__mujoco_version(const char **version);

// Runs call(context). MuJoCo ends the process on an error unless its handler does not return; here
// it jumps back, the result is false and `message` says what happened. True with a message means
// that there was a warning.
enum { UP__MUJOCO_MESSAGE = 160 };
bool up__mujoco_guarded(void (*call)(void *context), void *context,
                        char message[UP__MUJOCO_MESSAGE]);

#endif
