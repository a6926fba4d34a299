// The folder of a sweep: sweep.ini says what it is, runs/ holds a run directory for each run.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cjson/cJSON.h>

#include "sweep/sweep.h"
#include "uphill/file.h"
#include "uphill/text.h"

// Everything that the runs depend on. Lines that begin with # do not count.
static UpStatus describe(const Sweep *sweep, char **text) {
    char *config;
    size_t size;
    UpConfig base = sweep->base;
    base.train.threads = 0; // changes no result
    UP_TRY(up_config_format(&base, &config));
    FILE *out = up_text_open(text, &size);
    if (out) {
        fprintf(out, "# %s\n[sweep]\nsettings = %d\nseeds = %d\n", sweep->command,
                sweep->combinations, sweep->seeds);
        for (int p = 0; p < sweep->params; p++) {
            const SweepParam *param = &sweep->param[p];
            fprintf(out, "%s %s =", param->random ? "random" : "grid", param->key);
            if (param->random)
                fprintf(out, " %.15g:%.15g%s", param->low, param->high, param->log ? ":log" : "");
            for (int v = 0; v < param->values; v++)
                fprintf(out, " %s", param->value[v]);
            fputc('\n', out);
        }
        fprintf(out, "\n%s", config);
    }
    free(config);
    return up_text_close(out, text);
}

static const char *skip_comments(const char *text) {
    while (*text == '#') {
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return text;
}

// Whether two of them are the same sweep: that of another version may list other options of the
// config.
static bool is_same(const char *old, const char *text) {
    UpConfig config[2];
    const char *part[2] = {skip_comments(old), skip_comments(text)};
    const char *end[2] = {strstr(part[0], "\n\n"), strstr(part[1], "\n\n")};
    if (strcmp(part[0], part[1]) == 0) return true;
    if (!end[0] || !end[1] || end[0] - part[0] != end[1] - part[1] ||
        memcmp(part[0], part[1], (size_t)(end[0] - part[0])) != 0)
        return false;
    char *resolved[2] = {NULL, NULL};
    bool same = true;
    for (int i = 0; i < 2 && same; i++)
        same = up_config_parse(&config[i], end[i], "sweep.ini") == UP_OK &&
               up_config_format(&config[i], &resolved[i]) == UP_OK;
    same = same && strcmp(resolved[0], resolved[1]) == 0;
    free(resolved[0]);
    free(resolved[1]);
    return same;
}

static UpStatus refuse_other(const Sweep *sweep, const char *old) {
    const char *command = strncmp(old, "# ", 2) == 0 ? old + 2 : "";
    int length = (int)strcspn(command, "\n");
    if (length == 0)
        return up_fail(UP_FORMAT,
                       "%s/sweep.ini does not say which sweep it is: choose another --out",
                       sweep->folder);
    if ((int)strlen(sweep->command) == length &&
        strncmp(sweep->command, command, (size_t)length) == 0)
        return up_fail(
            UP_USAGE, "%s was begun when the recipe or a default was another: choose another --out",
            sweep->folder);
    return up_fail(UP_USAGE,
                   "%s holds another sweep: go on with it by `%.*s`, or choose another --out",
                   sweep->folder, length, command);
}

// Two sweeps in one folder would spoil it. The lock ends with this process and its runs.
static UpStatus lock(const Sweep *sweep) {
    int folder = open(sweep->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return up_fail(UP_IO, "cannot open folder %s: %s; choose another --out", sweep->folder,
                       strerror(errno));
    if (flock(folder, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return UP_OK;
    close(folder);
    return up_fail(UP_USAGE,
                   "%s is in use by another sweep: wait for its end, or choose another --out",
                   sweep->folder);
}

// Of what stands in the folder, what a sweep writes.
static bool is_ours(const char *name) {
    const char *ending = strrchr(name, '.');
    return strcmp(name, "sweep.ini") == 0 || strcmp(name, "sweep.csv") == 0 ||
           strcmp(name, "runs") == 0 ||
           (ending && (strcmp(ending, ".svg") == 0 || strcmp(ending, ".png") == 0));
}

static UpStatus refuse_link(const char *path) {
    struct stat info;
    if (lstat(path, &info) != 0 || !S_ISLNK(info.st_mode)) return UP_OK;
    return up_fail(
        UP_USAGE,
        "%s is a symbolic link, and what a sweep writes must stay in its folder: put the "
        "file itself there, or remove the link",
        path);
}

// A folder from elsewhere must not lead what is written out of it.
static UpStatus refuse_links(const Sweep *sweep) {
    char path[SWEEP_PATH + 300];
    UpStatus status = UP_OK;
    DIR *folder = opendir(sweep->folder);
    for (struct dirent *entry; folder && status == UP_OK && (entry = readdir(folder));) {
        snprintf(path, sizeof path, "%s/%s", sweep->folder, entry->d_name);
        if (is_ours(entry->d_name)) status = refuse_link(path);
    }
    if (folder) closedir(folder);
    for (int run = 0; run < sweep->runs && status == UP_OK; run++) {
        char place[SWEEP_PATH];
        sweep_run_folder(sweep, run, place);
        status = refuse_link(place);
        snprintf(path, sizeof path, "%s/log.txt", place);
        if (status == UP_OK) status = refuse_link(path);
    }
    return status;
}

UpStatus sweep_claim(Sweep *sweep) {
    char runs[SWEEP_PATH], path[SWEEP_PATH];
    struct stat info;
    UP_TRY(up_folder_create(sweep->folder));
    UP_TRY(lock(sweep));
    UP_TRY(refuse_links(sweep));
    snprintf(runs, sizeof runs, "%s/runs", sweep->folder);
    snprintf(path, sizeof path, "%s/sweep.ini", sweep->folder);
    char *text = NULL;
    char *old = NULL;
    size_t size;
    UpStatus status = describe(sweep, &text);
    if (status == UP_OK && stat(path, &info) == 0) {
        status = up_file_read_text(path, &old, &size);
        if (status == UP_OK && !is_same(old, text)) status = refuse_other(sweep, old);
        free(old);
    } else if (status == UP_OK) {
        if (stat(runs, &info) == 0)
            status = up_fail(UP_USAGE, "%s holds runs that are no sweep's: choose another --out",
                             sweep->folder);
        if (status == UP_OK) status = up_file_write(path, text, strlen(text));
    }
    free(text);
    return status == UP_OK ? up_folder_create(runs) : status;
}

void sweep_run_folder(const Sweep *sweep, int run, char path[SWEEP_PATH]) {
    snprintf(path, SWEEP_PATH, "%s/runs/%03d-seed%lld", sweep->folder,
             sweep->number[run % sweep->settings], (long long)sweep_seed(sweep, run));
}

static double number(const cJSON *json, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

// cJSON says alike that memory was short and that a text is none.
static bool starved;
static void *allocate(size_t size) {
    void *room = malloc(size);
    starved |= !room;
    return room;
}

// *json is NULL where the file holds none: the run was broken off while it wrote it.
static UpStatus parse(const char *path, cJSON **json) {
    void *bytes;
    size_t size;
    UP_TRY(up_file_read(path, &bytes, &size));
    starved = false;
    cJSON_InitHooks(&(cJSON_Hooks){allocate, free});
    *json = cJSON_ParseWithLength(bytes, size);
    cJSON_InitHooks(NULL);
    free(bytes);
    return *json || !starved ? UP_OK : up_fail(UP_MEMORY, "out of memory for %s", path);
}

UpStatus sweep_read_result(Sweep *sweep, int run) {
    char folder[SWEEP_PATH], path[SWEEP_PATH + 16];
    struct stat info;
    SweepResult *result = &sweep->result[run];
    cJSON *json;
    *result = (SweepResult){SWEEP_WAITS, false, NAN, NAN, NAN, NAN, NAN, ""};
    sweep_run_folder(sweep, run, folder);
    snprintf(path, sizeof path, "%s/config.ini", folder);
    if (stat(path, &info) != 0) return UP_OK;
    result->state = SWEEP_BROKEN_OFF;
    snprintf(path, sizeof path, "%s/result.json", folder);
    if (stat(path, &info) != 0) return UP_OK;
    UP_TRY(parse(path, &json));
    const char *reason = cJSON_GetStringValue(cJSON_GetObjectItem(json, "stop_reason"));
    if (reason && (strcmp(reason, "steps") == 0 || strcmp(reason, "target") == 0)) {
        result->state = SWEEP_DONE;
        result->solved = cJSON_IsTrue(cJSON_GetObjectItem(json, "solved"));
        result->steps = number(json, "steps");
        result->seconds = number(json, "seconds");
        result->episodes = number(json, "episodes");
        result->running_reward = number(json, "running_reward");
        result->return_mean = number(json, "return_mean");
    }
    cJSON_Delete(json);
    return UP_OK;
}
