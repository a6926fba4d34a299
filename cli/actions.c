#include "actions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uphill/file.h"

enum { PLACE_COLUMNS = 2 }; // of a table, before its actions: step and instance

static UpStatus fail_line(const CliActions *a, const char *what) {
    return up_fail(UP_FORMAT, "%s, line %lld: %s", a->path, (long long)a->line, what);
}

// Ends the next line and returns it; NULL where there is none.
static char *next_line(CliActions *a) {
    char *line = a->next;
    if (!line || *line == 0) return NULL;
    a->line++;
    a->next = strchr(line, '\n');
    if (a->next) *a->next++ = 0;
    size_t length = strlen(line);
    while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == ' '))
        line[--length] = 0;
    return line;
}

static int64_t count_columns(const char *line) {
    int64_t columns = 1;
    for (; *line; line++)
        columns += *line == ',';
    return columns;
}

// The header of a table says how many actions its rows have.
static UpStatus read_header(CliActions *a, const UpSpace *space) {
    int64_t actions = 0;
    const char *line = next_line(a);
    for (const char *at = strstr(line, ",action_"); at; at = strstr(at + 1, ",action_"))
        actions++;
    a->columns = count_columns(line);
    if (strncmp(line, "step,env,action_0", strlen("step,env,action_0")) == 0 &&
        actions == space->size)
        return UP_OK;
    char what[128];
    snprintf(what, sizeof what, "%lld actions in a row, and this environment takes %lld",
             (long long)actions, (long long)space->size);
    return fail_line(a, what);
}

UpStatus cli_actions_open(CliActions *a, const char *path, const UpSpace *space) {
    char *text;
    size_t size;
    *a = (CliActions){.path = path};
    UP_TRY(up_file_read_text(path, &text, &size));
    a->text = a->next = text;
    return strncmp(text, "step,", strlen("step,")) == 0 ? read_header(a, space) : UP_OK;
}

// Is it one of the space's own? (Box values beyond the bounds are clipped by the environment.)
static bool fits(const UpSpace *space, int64_t component, float value) {
    int64_t count = up_space_choices(space, component);
    if (count == 0) return isfinite(value);
    return value >= 0 && value < (float)count && value == floorf(value);
}

static UpStatus fail_cell(const CliActions *a, const UpSpace *space, int64_t component,
                          const char *cell) {
    char what[256], name[128];
    up_space_format(space, name, sizeof name);
    snprintf(what, sizeof what, "number %lld, \"%.*s\", is no action of %s",
             (long long)component + 1, (int)strnlen(cell, 40), cell, name);
    return fail_line(a, what);
}

// In a table the line itself says whose it is.
static UpStatus check_place(const CliActions *a, char **rest, int64_t step, int64_t instance) {
    const int64_t wanted[PLACE_COLUMNS] = {step, instance};
    for (int i = 0; i < PLACE_COLUMNS; i++) {
        const char *cell = strsep(rest, ",");
        char *end;
        if (cell && strtoll(cell, &end, 10) == wanted[i] && end != cell && *end == 0) continue;
        char what[128];
        snprintf(what, sizeof what,
                 "it is not step %lld of instance %lld; rows come in the order "
                 "in which --csv writes them",
                 (long long)step, (long long)instance);
        return fail_line(a, what);
    }
    return UP_OK;
}

UpStatus cli_actions_next(CliActions *a, const UpSpace *space, int64_t step, int64_t instance,
                          float *action) {
    char *rest = next_line(a), what[128];
    if (!rest)
        return up_fail(UP_FORMAT, "%s ends before step %lld of instance %lld", a->path,
                       (long long)step, (long long)instance);
    int64_t columns = count_columns(rest), wanted = a->columns ? a->columns : space->size;
    if (columns != wanted) {
        snprintf(what, sizeof what, "%lld numbers, and it takes %lld", (long long)columns,
                 (long long)wanted);
        return fail_line(a, what);
    }
    if (a->columns) UP_TRY(check_place(a, &rest, step, instance));
    for (int64_t i = 0; i < space->size; i++) {
        const char *cell = strsep(&rest, ",");
        char *end;
        action[i] = cell ? strtof(cell, &end) : NAN;
        if (!cell) return fail_line(a, "it ends before its last action");
        if (end == cell || *end != 0 || !fits(space, i, action[i]))
            return fail_cell(a, space, i, cell);
    }
    return UP_OK;
}

void cli_actions_close(CliActions *a) {
    free(a->text);
    *a = (CliActions){0};
}
