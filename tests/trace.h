// Recorded traces: a JSON file with a list of cases, each an object of numbers, texts and arrays.
#ifndef UP_TESTS_TRACE_H
#define UP_TESTS_TRACE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

// The list in tests/<stage>/data/<name>; the caller's to cJSON_Delete.
static inline cJSON *trace_open(const char *name) {
    char path[512];
    snprintf(path, sizeof path, UP_TEST_DATA "/%s", name);
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("cannot open %s", path);
    static char text[1 << 20];
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    cJSON *list = cJSON_Parse(text);
    if (!list) fail_msg("%s is not JSON", path);
    return list;
}

static inline const cJSON *trace_item(const cJSON *trace, const char *key) {
    const cJSON *item = cJSON_GetObjectItem(trace, key);
    if (!item) fail_msg("the trace has no \"%s\"", key);
    return item;
}

static inline double trace_number(const cJSON *trace, const char *key) {
    return trace_item(trace, key)->valuedouble;
}

static inline const char *trace_text(const cJSON *trace, const char *key) {
    return trace_item(trace, key)->valuestring;
}

// Copies an array of exactly `count` numbers.
static inline void trace_floats(const cJSON *trace, const char *key, int count, float *values) {
    const cJSON *array = trace_item(trace, key), *item;
    assert_int_equal(cJSON_GetArraySize(array), count);
    int i = 0;
    cJSON_ArrayForEach(item, array) values[i++] = (float)item->valuedouble;
}

// Compares `count` numbers from the start-th on: |value - recorded| <= tolerance * max(1,
// |recorded|).
static inline void trace_compare(const cJSON *trace, const char *key, int start, int count,
                                 const float *values, double tolerance) {
    const cJSON *array = trace_item(trace, key), *item;
    assert_true(cJSON_GetArraySize(array) >= start + count);
    int i = 0;
    cJSON_ArrayForEach(item, array) {
        int at = i++ - start;
        if (at < 0 || at >= count) continue;
        double recorded = item->valuedouble, error = fabs((double)values[at] - recorded);
        if (!(error <= tolerance * fmax(1, fabs(recorded))))
            fail_msg("%s[%d]: %.9g, recorded %.9g", key, start + at, (double)values[at], recorded);
    }
}

#endif
