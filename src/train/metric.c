// The table of metrics: the rows of UP_PROGRESS_METRICS and UP_UPDATE_METRICS, as data.
#include <stddef.h>

#include "uphill/train.h"

#define ROW(member, id, sort, tags, cell, digits, sb3, times)                                      \
    {#id, tags, cell, sb3, times, offsetof(UpProgress, member), UP_METRIC_##sort, digits},
#define OF_RUN(name, ...) ROW(name, name, __VA_ARGS__)
#define OF_UPDATE(name, ...) ROW(stats.name, name, __VA_ARGS__)

static const UpMetric metrics[] = {UP_PROGRESS_METRICS(OF_RUN) UP_UPDATE_METRICS(OF_UPDATE)};

const UpMetric *up_metric_list(int *count) {
    *count = sizeof metrics / sizeof *metrics;
    return metrics;
}

double up_metric_value(const UpMetric *metric, const UpProgress *progress) {
    const char *member = (const char *)progress + metric->offset;
    return metric->kind == UP_METRIC_COUNT ? (double)*(const int64_t *)(const void *)member
                                           : *(const double *)(const void *)member;
}
