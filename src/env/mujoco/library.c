#include "env/mujoco/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// "4.0.0", of the headers.
static void header_version(char text[32]) {
    snprintf(text, 32, "%d.%d.%d", mjVERSION_HEADER / 1000000, mjVERSION_HEADER / 1000 % 1000,
             mjVERSION_HEADER % 1000);
}

// ---------------------------------------------------------------------------------------------------
// Errors and warnings

typedef struct Guard {
    jmp_buf back;
    char *message; // UP__MUJOCO_MESSAGE
} Guard;

// The handler is called on the thread that has the trouble.
static _Thread_local Guard *guard;
static mjfLogHandler handler_before; // the host's, which may use MuJoCo itself

static void on_message(const mjLogMessage *message) {
    if (!guard) {
        if (handler_before) handler_before(message);
        return;
    }
    if (message->level < mjLOG_WARNING) return;
    snprintf(guard->message, UP__MUJOCO_MESSAGE, "%.*s", UP__MUJOCO_MESSAGE - 1, message->subject);
    if (message->level >= mjLOG_ERROR) longjmp(guard->back, 1);
}

bool up__mujoco_guarded(void (*call)(void *context), void *context,
                        char message[UP__MUJOCO_MESSAGE]) {
    Guard here = {.message = message};
    message[0] = 0;
    guard = &here;
    bool returned = _setjmp(here.back) == 0;
    if (returned) call(context);
    guard = NULL;
    return returned;
}

// ---------------------------------------------------------------------------------------------------
// Loading

static UpMujocoCalls loaded_calls;
static bool loaded;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// Writes the path of the library that the headers belong to.
static UpStatus find_library(char path[UP__PROCESS_PATH]) {
    UpMujocoFolders folders;
    char version[32];
    header_version(version);
    UpStatus status = up__mujoco_locate(&folders);
    const char *const candidate[] = {status == UP_OK ? folders.mujoco : "", UP_MUJOCO_FOLDER};
    for (int i = 0; i < 2; i++) {
        int length = snprintf(path, UP__PROCESS_PATH, "%s/libmujoco.so.%s", candidate[i], version);
        bool fits = length > 0 && length < UP__PROCESS_PATH;
        if (candidate[i][0] && fits && access(path, R_OK) == 0) return UP_OK;
        // Another version stands beside the models, and Gymnasium would play by that one.
        if (candidate[i][0] && i == 0)
            return up_fail(UP_MISMATCH,
                           "the MuJoCo in %.512s is not %s, for which this program was built: run "
                           "./dev setup and build again, or ask for gym:NAME",
                           candidate[i], version);
    }
    return up_fail(UP_NOT_FOUND,
                   "MuJoCo %s is missing: run ./dev setup, or set UPHILL_PYTHON to a Python that "
                   "has it",
                   version);
}

static UpStatus load(UpMujocoCalls *calls) {
    static const char *const name[] = {
#define UP__MUJOCO_NAME(name) #name,
        UP__MUJOCO_CALLS(UP__MUJOCO_NAME)
#undef UP__MUJOCO_NAME
    };
    char path[UP__PROCESS_PATH];
    UP_TRY(find_library(path));
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL); // for the life of the process
    if (!library) return up_fail(UP_NOT_FOUND, "cannot load MuJoCo: %s", dlerror());
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        void *symbol = dlsym(library, name[i]);
        if (!symbol) return up_fail(UP_MISMATCH, "%s has no function %s", path, name[i]);
        memcpy((char *)calls + i * sizeof symbol, &symbol, sizeof symbol);
    }
    if (calls->mj_version() != mjVERSION_HEADER)
        return up_fail(UP_MISMATCH, "%s is MuJoCo %d, this program was built for %d: build again",
                       path, calls->mj_version(), mjVERSION_HEADER);
    handler_before = calls->mju_setLogHandler(on_message);
    return UP_OK;
}

UpStatus up__mujoco_load(const UpMujocoCalls **calls) {
    pthread_mutex_lock(&lock);
    UpStatus status = loaded ? UP_OK : load(&loaded_calls);
    loaded = status == UP_OK;
    pthread_mutex_unlock(&lock);
    *calls = &loaded_calls;
    return status;
}

UpStatus up__mujoco_version(const char **version) {
    const UpMujocoCalls *calls;
    UP_TRY(up__mujoco_load(&calls));
    *version = calls->mj_versionString();
    return UP_OK;
}
