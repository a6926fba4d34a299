// The run in TensorBoard: a point for about every thousandth of it, under our tags and under those
// of Stable-Baselines3, so that curves of both lie over each other.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "train/trainer.h"

enum { VALUES = 4 * (UP_METRICS + UP_LOG_MAX), TAG = 96 };

typedef struct Point {
    UpBoardValue value[VALUES];
    char tag[VALUES][TAG];
    int values;
} Point;

static double wall_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void add(Point *point, double value, const char *group, const char *name) {
    if (point->values == VALUES) return;
    char *tag = point->tag[point->values];
    snprintf(tag, TAG, "%s%s%s", group, group[0] ? "/" : "", name);
    point->value[point->values++] = (UpBoardValue){tag, value};
}

static void add_peers(Point *point, double value, const char *peers) {
    char tags[2 * TAG], *rest = tags;
    snprintf(tags, sizeof tags, "%s", peers);
    for (char *tag; (tag = strsep(&rest, " ")) != NULL;)
        add(point, value, "", tag);
}

static void add_metric(Point *point, const UpMetric *metric, double value) {
    if (isnan(value) || !metric->group) return;
    add(point, value, metric->group, metric->name);
    if (metric->peer) add_peers(point, value * metric->factor, metric->peer);
}

static void add_own(Point *point, const char *name, double value) {
    if (isnan(value)) return;
    add(point, value, "env", name);
    if (strcmp(name, "is_success") == 0) add(point, value, "rollout", "success_rate");
}

UpStatus up__events_open(UpTrainer *t, bool resume) {
    char *ini;
    UP_TRY(up_board_open(&t->board, t->folder, resume ? t->point.steps : -1));
    if (resume) return UP_OK; // the first file tells of the options
    UP_TRY(up_config_format(&t->config, &ini));
    UpStatus status = up_board_config(t->board, wall_time(), ini);
    free(ini);
    return status == UP_OK ? up_board_flush(t->board) : status;
}

UpStatus up__events_point(UpTrainer *t) {
    if (!t->board) return UP_OK;
    Point point; // 20 KiB
    double value[UP_METRICS + UP_LOG_MAX];
    int count, values = up__row_values(&t->point, &t->progress, value);
    const UpMetric *metric = up_metric_list(&count);
    point.values = 0;
    for (int i = 0; i < values; i++) {
        if (i < count)
            add_metric(&point, &metric[i], value[i]);
        else
            add_own(&point, t->point.log.name[i - count], value[i]);
    }
    UP_TRY(up_board_row(t->board, t->progress.steps, wall_time(), point.value, point.values));
    return up_board_flush(t->board);
}
