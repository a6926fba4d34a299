// Rows of metrics: what lies between two of them, gathered. Which updates end a row follows from
// their steps alone, and the sums are part of a checkpoint, so that a resumed run has the same
// rows.
#include <math.h>
#include <string.h>

#include "train/trainer.h"

// What a row holds of this kind: its newest, or a mean.
static bool is_mean(UpMetricKind kind) {
    return kind == UP_METRIC_MEAN || kind == UP_METRIC_SHARE || kind == UP_METRIC_EVENT;
}

static void add(UpRow *row, const UpProgress *progress, bool evaluation) {
    int count;
    const UpMetric *metric = up_metric_list(&count);
    for (int i = 0; i < count; i++) {
        double value = up_metric_value(&metric[i], progress);
        bool now = (metric[i].kind == UP_METRIC_EVENT) == evaluation;
        if (!is_mean(metric[i].kind) || !now || isnan(value)) continue;
        UpSums *sums = metric[i].kind == UP_METRIC_SHARE ? &row->clock : &row->kept;
        sums->sum[i] += value;
        sums->count[i] += 1;
    }
}

void up__row_add(UpRow *row, const UpProgress *progress, const UpLog *log) {
    add(row, progress, false);
    up_log_merge(&row->log, log);
}

void up__row_add_evaluation(UpRow *row, const UpProgress *progress) {
    add(row, progress, true);
}

int up__row_values(const UpRow *row, const UpProgress *progress,
                   double value[UP_METRICS + UP_LOG_MAX]) {
    int count;
    const UpMetric *metric = up_metric_list(&count);
    for (int i = 0; i < count; i++) {
        const UpSums *sums = metric[i].kind == UP_METRIC_SHARE ? &row->clock : &row->kept;
        value[i] = !is_mean(metric[i].kind) ? up_metric_value(&metric[i], progress)
                   : sums->count[i] > 0     ? sums->sum[i] / sums->count[i]
                                            : NAN;
    }
    for (int i = 0; i < row->log.count; i++)
        value[count + i] = row->log.episodes[i] > 0 ? row->log.sum[i] / row->log.episodes[i] : NAN;
    return count + row->log.count;
}

void up__row_begin(UpRow *row, int64_t steps) {
    row->steps = steps;
    row->kept = row->clock = (UpSums){0};
    up_log_clear(&row->log);
}

// Old checkpoints hold no rows, and those of another version rows of other numbers.
void up__rows_keep(UpTrainer *t) {
    UpKeep *keep = &t->keep;
    UpRow *row = &t->row, *point = &t->point;
    UpKept *kept[] = {
        up_keep_int(keep, "row.steps", &row->steps),
        up_keep(keep, "row.sum", UP_F64, row->kept.sum, UP_METRICS),
        up_keep(keep, "row.count", UP_F64, row->kept.count, UP_METRICS),
        up_keep(keep, "row.own_names", UP_U8, row->log.name, sizeof row->log.name),
        up_keep(keep, "row.own_sum", UP_F64, row->log.sum, UP_LOG_MAX),
        up_keep(keep, "row.own_episodes", UP_F64, row->log.episodes, UP_LOG_MAX),
        up_keep_int(keep, "point.steps", &point->steps),
        up_keep(keep, "point.sum", UP_F64, point->kept.sum, UP_METRICS),
        up_keep(keep, "point.count", UP_F64, point->kept.count, UP_METRICS),
        up_keep(keep, "point.own_names", UP_U8, point->log.name, sizeof point->log.name),
        up_keep(keep, "point.own_sum", UP_F64, point->log.sum, UP_LOG_MAX),
        up_keep(keep, "point.own_episodes", UP_F64, point->log.episodes, UP_LOG_MAX),
    };
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        kept[i]->optional = true;
}

// What a file says is added as an environment would: names come clean, numbers finite.
static void clean_log(UpLog *log) {
    UpLog loaded = *log;
    *log = (UpLog){0};
    for (loaded.count = 0; loaded.count < UP_LOG_MAX; loaded.count++) {
        char *name = loaded.name[loaded.count];
        name[UP_LOG_NAME - 1] = 0;
        if (!name[0]) break;
    }
    up_log_merge(log, &loaded);
}

void up__rows_resume(UpTrainer *t) {
    UpRow *row[] = {&t->row, &t->point};
    for (int i = 0; i < 2; i++) {
        clean_log(&row[i]->log);
        if (row[i]->steps < 0 || row[i]->steps > t->progress.steps)
            up__row_begin(row[i], t->progress.steps);
    }
}

bool up__row_due(const UpRow *row, const UpTrainDef *train, int64_t rows, int64_t steps) {
    int64_t every = train->log_every > 0 ? train->log_every : train->steps / rows;
    if (every < 1) every = 1;
    return steps / every > row->steps / every || steps >= train->steps;
}
