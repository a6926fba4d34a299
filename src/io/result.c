#include "uphill/result.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <cjson/cJSON.h>

#include "uphill/file.h"

// cJSON writes null for NaN and infinity, and its numbers are doubles, too short for a 64-bit seed.
static cJSON *integer(int64_t value) {
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, value);
    return cJSON_CreateRaw(text);
}

static cJSON *text(const char *value) {
    return value ? cJSON_CreateString(value) : cJSON_CreateNull();
}

static cJSON *build(const UpResult *result) {
    const struct {
        const char *key;
        cJSON *value;
    } member[] = {
        {"steps", integer(result->steps)},
        {"seconds", cJSON_CreateNumber(result->seconds)},
        {"episodes", integer(result->episodes)},
        {"running_reward", cJSON_CreateNumber(result->running_reward)},
        {"return_mean", cJSON_CreateNumber(result->return_mean)},
        {"length_mean", cJSON_CreateNumber(result->length_mean)},
        {"solved", cJSON_CreateBool(result->solved)},
        {"stop_reason", text(result->stop_reason)},
        {"env", text(result->env)},
        {"algo", text(result->algo)},
        {"recipe", text(result->recipe)},
        {"seed", integer(result->seed)},
    };
    cJSON *root = cJSON_CreateObject();
    bool complete = root != NULL;
    for (size_t i = 0; i < sizeof member / sizeof *member; i++)
        if (!cJSON_AddItemToObject(root, member[i].key, member[i].value)) {
            cJSON_Delete(member[i].value);
            complete = false;
        }
    if (complete) return root;
    cJSON_Delete(root);
    return NULL;
}

UpStatus up_result_write(const char *path, const UpResult *result) {
    cJSON *root = build(result);
    char *json = root ? cJSON_Print(root) : NULL;
    cJSON_Delete(root);
    if (!json) return up_fail(UP_MEMORY, "out of memory while writing %s", path);
    size_t size = strlen(json);
    json[size] = '\n'; // in place of the 0 byte; files of text end with a line's end
    UpStatus status = up_file_write(path, json, size + 1);
    cJSON_free(json);
    return status;
}
