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

void up__row_add(UpRow *row, const UpProgress *progress, bool evaluated, const UpLog *log) {
    int count;
    const UpMetric *metric = up_metric_list(&count);
    for (int i = 0; i < count; i++) {
        double value = up_metric_value(&metric[i], progress);
        bool now = metric[i].kind != UP_METRIC_EVENT || evaluated;
        if (!is_mean(metric[i].kind) || !now || isnan(value)) continue;
        row->sum[i] += value;
        row->count[i] += 1;
    }
    up_log_merge(&row->log, log);
}

int up__row_values(const UpRow *row, const UpProgress *progress,
                   double value[UP_METRICS + UP_LOG_MAX]) {
    int count;
    const UpMetric *metric = up_metric_list(&count);
    for (int i = 0; i < count; i++)
        value[i] = !is_mean(metric[i].kind) ? up_metric_value(&metric[i], progress)
                   : row->count[i] > 0      ? row->sum[i] / row->count[i]
                                            : NAN;
    for (int i = 0; i < row->log.count; i++)
        value[count + i] = row->log.episodes[i] > 0 ? row->log.sum[i] / row->log.episodes[i] : NAN;
    return count + row->log.count;
}

void up__row_begin(UpRow *row, int64_t steps) {
    row->steps = steps;
    memset(row->sum, 0, sizeof row->sum);
    memset(row->count, 0, sizeof row->count);
    up_log_clear(&row->log);
}

void up__rows_resume(UpTrainer *t) {
    UpRow *row[] = {&t->row, &t->point};
    for (int i = 0; i < 2; i++)
        if (row[i]->steps < 0 || row[i]->steps > t->progress.steps)
            up__row_begin(row[i], t->progress.steps);
}

bool up__row_due(const UpRow *row, const UpTrainDef *train, int64_t rows, int64_t steps) {
    int64_t every = train->log_every > 0 ? train->log_every : train->steps / rows;
    if (every < 1) every = 1;
    return steps / every > row->steps / every || steps >= train->steps;
}
