// Where the worker and its Python are.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "env/bridge/process.h"

static const char worker_name[] = "uphill_worker.py";

// Writes folder/name; false if it is too long.
static bool join(char *path, const char *folder, size_t length, const char *name) {
    int written = snprintf(path, UP__PROCESS_PATH, "%.*s/%s", (int)length, folder, name);
    return written > 0 && written < UP__PROCESS_PATH;
}

static bool on_path(char *path, const char *name) {
    const char *folder = getenv("PATH");
    while (folder && *folder) {
        size_t length = strcspn(folder, ":");
        if (length > 0 && join(path, folder, length, name) && access(path, X_OK) == 0) return true;
        folder += length;
        folder += *folder == ':';
    }
    return false;
}

// A path from the environment, which must fit and be usable.
static UpStatus from_variable(char *path, const char *variable, const char *value, int mode) {
    size_t length = strlen(value);
    if (length >= UP__PROCESS_PATH || access(value, mode) != 0)
        return up_fail(UP_NOT_FOUND, "%s is %.256s, which cannot be %s: correct or unset it",
                       variable, value, mode == X_OK ? "executed" : "read");
    memcpy(path, value, length + 1);
    return UP_OK;
}

static UpStatus find_worker(char *path) {
    const char *value = getenv("UPHILL_WORKER");
    if (value && *value) return from_variable(path, "UPHILL_WORKER", value, R_OK);
#ifdef UP_SOURCE_DATA_DIR
    const char *source = UP_SOURCE_DATA_DIR "/workers";
    if (join(path, source, strlen(source), worker_name) && access(path, R_OK) == 0) return UP_OK;
#endif
#ifdef UP_INSTALL_DATA_DIR
    const char *installed = UP_INSTALL_DATA_DIR "/workers";
    if (join(path, installed, strlen(installed), worker_name) && access(path, R_OK) == 0)
        return UP_OK;
#endif
    return up_fail(UP_NOT_FOUND, "%s is missing: install Uphill again, or set UPHILL_WORKER to it",
                   worker_name);
}

UpStatus up__python_find(char *path) {
    const char *value = getenv("UPHILL_PYTHON");
    if (value && *value) return from_variable(path, "UPHILL_PYTHON", value, X_OK);
#ifdef UP_SOURCE_DATA_DIR
    const char *venv = UP_SOURCE_DATA_DIR "/.venv/bin";
    if (join(path, venv, strlen(venv), "python") && access(path, X_OK) == 0) return UP_OK;
#endif
    if (on_path(path, "python3")) return UP_OK;
    return up_fail(UP_NOT_FOUND, "there is no Python for this environment: run ./dev setup, or "
                                 "install python3, or set UPHILL_PYTHON");
}

FILE *up__python_open(const char *python, const char *script) {
    char line[4 * UP__PROCESS_PATH + 2048] = "exec '";
    size_t used = strlen(line);
    for (; *python && used + 8 < sizeof line; python++) // a path may hold a quote
        used +=
            (size_t)(*python == '\'' ? snprintf(line + used, sizeof line - used, "'\\''")
                                     : snprintf(line + used, sizeof line - used, "%c", *python));
    // What comes through a pipe would look for its modules in the present folder first.
    static const char safe[] =
        "import sys\nsys.path[:] = [p for p in sys.path if p not in ('', '.')]\n";
    int rest = snprintf(line + used, sizeof line - used, "' - 2>/dev/null <<'END'\n%s%sEND\n", safe,
                        script);
    return rest > 0 && (size_t)rest < sizeof line - used ? popen(line, "r") : NULL;
}

UpStatus up__command_find(UpCommand *command) {
    *command = (UpCommand){0};
    UP_TRY(find_worker(command->script));
    const char *suffix = strrchr(command->script, '.');
    if (suffix && strcmp(suffix, ".py") == 0) return up__python_find(command->program);
    if (access(command->script, X_OK) != 0)
        return up_fail(UP_NOT_FOUND, "the worker %.256s is not executable", command->script);
    memcpy(command->program, command->script, sizeof command->program);
    command->script[0] = 0;
    return UP_OK;
}
