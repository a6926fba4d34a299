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

// FNV-1a, never 0.
static uint64_t hash(const char *name) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (const char *c = name; *c; c++)
        h = (h ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    return h | 1;
}

enum { FULL = -1, TAKEN = -2 };

// Where the clean name stands; FULL where there is no room for it, TAKEN where it is another's.
static int find(UpLog *log, const char *clean, uint64_t whole) {
    for (int i = 0; i < log->count; i++) {
        if (strcmp(log->name[i], clean) != 0) continue;
        if (log->whole[i] && whole && log->whole[i] != whole) return TAKEN;
        if (whole) log->whole[i] = whole;
        return i;
    }
    if (log->count == UP_LOG_MAX || !clean[0]) return FULL;
    strcpy(log->name[log->count], clean);
    log->sum[log->count] = log->episodes[log->count] = 0;
    log->whole[log->count] = whole;
    return log->count++;
}

static void tell(UpLog *log, const char *name, const char *clean, int why) {
    if (log->told) return;
    log->told = true;
    if (why == FULL && clean[0])
        up_warn("the environment's own number \"%.60s\", and others, are left out of metrics.csv: "
                "it holds %d",
                name, UP_LOG_MAX);
    else
        up_warn("the environment's own number \"%.60s\" is left out of metrics.csv: its column "
                "would be env.%s, which %s",
                name, clean, clean[0] ? "another one has; rename it" : "is no name");
}

void up_log_add(UpLog *log, const char *name, double value) {
    char clean[UP_LOG_NAME];
    if (!isfinite(value)) return;
    clean_name(clean, name);
    int i = find(log, clean, hash(name));
    if (i < 0) {
        tell(log, name, clean, i);
        return;
    }
    log->sum[i] += value;
    log->episodes[i] += 1;
}

void up_log_merge(UpLog *log, const UpLog *other) {
    for (int k = 0; k < other->count; k++) {
        int i = find(log, other->name[k], other->whole[k]);
        if (i < 0) continue;
        log->sum[i] += other->sum[k];
        log->episodes[i] += other->episodes[k];
    }
}

void up_log_clear(UpLog *log) {
    memset(log->sum, 0, sizeof log->sum);
    memset(log->episodes, 0, sizeof log->episodes);
}
