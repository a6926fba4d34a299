// An environment's own numbers about its episodes.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "uphill/env.h"

// Columns of tables and tags are made of names, which come from anybody's environment.
static void clean_name(char clean[UP_LOG_NAME], const char *name) {
    snprintf(clean, UP_LOG_NAME, "%s", name);
    for (char *c = clean; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              strchr("_-.", *c)))
            *c = '_';
}

// Where the name stands; -1 where there is no more room.
static int find(UpLog *log, const char *name) {
    char clean[UP_LOG_NAME];
    clean_name(clean, name);
    for (int i = 0; i < log->count; i++)
        if (strcmp(log->name[i], clean) == 0) return i;
    if (log->count == UP_LOG_MAX || !clean[0]) return -1;
    strcpy(log->name[log->count], clean);
    log->sum[log->count] = log->episodes[log->count] = 0;
    return log->count++;
}

void up_log_add(UpLog *log, const char *name, double value) {
    int i = isfinite(value) ? find(log, name) : -1;
    if (i < 0) return;
    log->sum[i] += value;
    log->episodes[i] += 1;
}

void up_log_merge(UpLog *log, const UpLog *other) {
    for (int k = 0; k < other->count; k++) {
        int i = find(log, other->name[k]);
        if (i < 0) continue;
        log->sum[i] += other->sum[k];
        log->episodes[i] += other->episodes[k];
    }
}

void up_log_clear(UpLog *log) {
    memset(log->sum, 0, sizeof log->sum);
    memset(log->episodes, 0, sizeof log->episodes);
}
