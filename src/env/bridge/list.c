// What a Python package registers with Gymnasium, as the worker's --list tells it.
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "env/bridge/bridge.h"
#include "env/bridge/process.h"

extern char **environ;

static const char *id_of(const char *rest) {
    return rest[0] == ':' && rest[1] ? rest : ":Name-v0";
}

UpStatus up__bridge_check_module(const char *id, bool lists) {
    const char *file = strncmp(id, "gym:", 4) == 0 ? id + 4 : id;
    int length = (int)strcspn(file, ":");
    if (length <= 3 || strncmp(file + length - 3, ".py", 3) != 0) return UP_OK;
    int folder = length; // with its slash
    while (folder > 0 && file[folder - 1] != '/')
        folder--;
    bool here = folder == 0 || (folder == 2 && file[0] == '.');
    return up_fail(UP_USAGE,
                   "%.*s is a Python file: let it register its environments with Gymnasium, and "
                   "name %s, %s%.*s%s%s%.*s%s",
                   length, file, lists ? "its module" : "one by module and id",
                   here ? "" : "PYTHONPATH=", here ? 0 : folder - (folder > 1), file,
                   here ? "" : " uphill ... ", lists ? "--from " : "", length - folder - 3,
                   file + folder, lists ? "" : id_of(file + length));
}

// Starts the worker's list with both its outputs in one pipe, whose read end is returned.
static UpStatus start(const UpCommand *command, const char *package, pid_t *pid, FILE **out) {
    int pipes[2];
    if (pipe(pipes) != 0) return up_fail(UP_IO, "cannot make a pipe: %s", strerror(errno));
    char *argv[] = {(char *)command->program, (char *)command->script, "--list", (char *)package,
                    NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipes[0]);
    posix_spawn_file_actions_addclose(&actions, pipes[1]);
    int error = posix_spawn(pid, command->program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[1]);
    if (error == 0) *out = fdopen(pipes[0], "r");
    if (error == 0 && *out) return UP_OK;
    close(pipes[0]);
    return up_fail(UP_IO, "cannot start %s: %s", command->program, strerror(error ? error : errno));
}

UpStatus up_env_each_foreign(const char *package, UpEnvEach each, void *user) {
    UpCommand command;
    UP_TRY(up__bridge_check_module(package, true));
    UP_TRY(up__command_find(&command));
    if (!command.script[0])
        return up_fail(UP_UNSUPPORTED, "the worker %s is no Python: it lists no packages",
                       command.program);
    pid_t pid = -1;
    FILE *out = NULL;
    UP_TRY(start(&command, package, &pid, &out));
    // A line is "id<TAB>summary"; any other is the package's own chatter, or the reason of a
    // failure.
    char line[1024], last[512] = "";
    while (fgets(line, sizeof line, out)) {
        line[strcspn(line, "\n")] = 0;
        char *tab = strchr(line, '\t');
        if (tab) *tab = 0;
        if (tab)
            each(user, line, tab + 1);
        else if (line[0])
            snprintf(last, sizeof last, "%.500s", line);
    }
    fclose(out);
    int status;
    pid_t done;
    do
        done = waitpid(pid, &status, 0);
    while (done < 0 && errno == EINTR);
    if (done == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0) return UP_OK;
    return up_fail(UP_NOT_FOUND, "%s: %s", package, last[0] ? last : "the list was cut off");
}
