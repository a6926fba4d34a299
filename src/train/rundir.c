// The run directory: config, metrics, TensorBoard events, result, and the entry in the list of
// runs.
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/file_internal.h"
#include "train/trainer.h"
#include "uphill/file.h"

static void path_in(const UpTrainer *t, const char *name, char path[UP__PATH + 64]) {
    snprintf(path, UP__PATH + 64, "%s/%s", t->folder, name);
}

static UpStatus write_config(UpTrainer *t) {
    char path[UP__PATH + 64];
    path_in(t, "config.ini", path);
    char *text;
    UP_TRY(up_config_format(&t->config, &text));
    UpStatus status = up_file_write(path, text, strlen(text));
    free(text);
    return status;
}

static UpStatus refuse_used(const UpTrainer *t) {
    char path[UP__PATH + 64];
    struct stat info;
    path_in(t, "config.ini", path);
    if (stat(path, &info) != 0) return UP_OK;
    return up_fail(UP_USAGE,
                   "%s holds a run already: go on with it by --resume %s, or choose another "
                   "--run-dir",
                   t->folder, t->folder);
}

// Seconds of training up to the checkpoint, from the rows that are kept.
static UpStatus read_seconds(UpTrainer *t, const char *path) {
    struct stat info;
    if (stat(path, &info) != 0 || info.st_size == 0) return UP_OK;
    UpTable table;
    UP_TRY(up_metrics_read(path, &table));
    int steps = up_table_column(&table, "steps"), seconds = up_table_column(&table, "seconds");
    for (int64_t row = 0; steps >= 0 && seconds >= 0 && row < table.rows; row++) {
        const double *value = table.value + row * table.columns;
        if (value[steps] <= (double)t->progress.steps) t->progress.seconds = value[seconds];
    }
    up_table_free(&table);
    return UP_OK;
}

// Rows beyond the last that was due go: what they held is in the checkpoint's sums.
static UpStatus open_metrics(UpTrainer *t, bool resume) {
    char path[UP__PATH + 64];
    const char *column[UP_METRICS];
    int columns;
    const UpMetric *metric = up_metric_list(&columns);
    for (int i = 0; i < columns; i++)
        column[i] = metric[i].name;
    path_in(t, "metrics.csv", path);
    if (resume) UP_TRY(read_seconds(t, path));
    return up_metrics_open(&t->metrics, path, column, columns, resume ? t->row.steps : -1);
}

// A convenience, too: training does not need them.
static void open_events(UpTrainer *t, bool resume) {
    UpStatus status = up__events_open(t, resume);
    if (status != UP_OK && status != UP_UNSUPPORTED)
        up_warn("no TensorBoard events: %s", up_error());
    if (status == UP_OK) return;
    up_board_close(t->board);
    t->board = NULL;
}

// The list of runs is a convenience: where it cannot be written, training goes on.
static void put_record(UpTrainer *t) {
    UpRunRecord *r = &t->record;
    r->steps = t->progress.steps;
    r->seconds = t->progress.seconds;
    r->running_reward = t->progress.running_reward;
    snprintf(r->stop_reason, sizeof r->stop_reason, "%s", t->stop_reason);
    UpStatus status = up_registry_put(r);
    if (status != UP_OK && status != UP_UNSUPPORTED && !t->unlisted)
        up_warn("`uphill runs` will not know how this run goes: %s", up_error());
    t->unlisted = status != UP_OK;
}

static void start_record(UpTrainer *t, bool resume) {
    UpRunRecord *r = &t->record;
    char *absolute = realpath(t->folder, NULL);
    snprintf(r->folder, sizeof r->folder, "%.511s", absolute ? absolute : t->folder);
    free(absolute);
    snprintf(r->env, sizeof r->env, "%.127s", t->config.env.id);
    snprintf(r->algo, sizeof r->algo, "%.31s", t->config.train.algo);
    snprintf(r->recipe, sizeof r->recipe, "%.63s", t->config.train.recipe);
    r->seed = t->config.train.seed;
    r->started = resume ? 0 : (int64_t)time(NULL);
    put_record(t);
}

// Two processes that write one run would spoil it. The lock ends with the process, however it ends;
// filesystems without locks go without.
UpStatus up__rundir_claim(UpTrainer *t, bool resume) {
    if (!t->folder[0]) return UP_OK;
    UP_TRY(up_folder_create(t->folder));
    t->lock = open(t->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (t->lock < 0) return up__fail_errno("open", t->folder, errno);
    if (flock(t->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return up_fail(UP_USAGE,
                       "%s is in use by another process: wait for its end, or choose another "
                       "--run-dir",
                       t->folder);
    return resume ? UP_OK : refuse_used(t);
}

UpStatus up__rundir_create(UpTrainer *t, bool resume) {
    if (!t->folder[0]) return UP_OK;
    char path[UP__PATH + 64];
    path_in(t, "checkpoints", path);
    UP_TRY(up_folder_create(path));
    UP_TRY(write_config(t));
    UP_TRY(open_metrics(t, resume));
    open_events(t, resume);
    start_record(t, resume);
    return UP_OK;
}

// Columns for numbers of the environment's own that are new.
static UpStatus add_columns(UpTrainer *t) {
    for (; t->logged < t->row.log.count; t->logged++) {
        char name[UP_LOG_NAME + 8];
        snprintf(name, sizeof name, "env.%s", t->row.log.name[t->logged]);
        UP_TRY(up_metrics_column(t->metrics, name));
    }
    return UP_OK;
}

static UpStatus write_row(UpTrainer *t) {
    double value[UP_METRICS + UP_LOG_MAX];
    UP_TRY(add_columns(t));
    up__row_values(&t->row, &t->progress, value);
    return up_metrics_row(t->metrics, value);
}

void up__rundir_add(UpTrainer *t) {
    if (!t->metrics) return;
    up__row_add(&t->row, &t->progress, &t->rollout.log);
    up__row_add(&t->point, &t->progress, &t->rollout.log);
}

UpStatus up__rundir_rows(UpTrainer *t) {
    const UpTrainDef *train = &t->config.train;
    int64_t steps = t->progress.steps;
    if (!t->metrics) return UP_OK;
    if (t->evaluated) {
        up__row_add_evaluation(&t->row, &t->progress);
        up__row_add_evaluation(&t->point, &t->progress);
    }
    t->evaluated = false;
    if (up__row_due(&t->row, train, UP__ROWS, steps)) {
        UP_TRY(write_row(t));
        up__row_begin(&t->row, steps);
    }
    if (up__row_due(&t->point, train, UP__POINTS, steps)) {
        UP_TRY(up__events_point(t));
        up__film_if_due(t);
        up__row_begin(&t->point, steps);
    }
    return UP_OK;
}

UpStatus up__rundir_flush(UpTrainer *t) {
    if (!t->metrics) return UP_OK;
    if (t->progress.steps > t->row.steps) UP_TRY(write_row(t));
    return t->progress.steps > t->point.steps ? up__events_point(t) : UP_OK;
}

UpStatus up__rundir_result(UpTrainer *t) {
    if (!t->folder[0]) return UP_OK;
    const UpProgress *p = &t->progress;
    UpResult result = {.steps = p->steps,
                       .seconds = p->seconds,
                       .episodes = p->episodes,
                       .running_reward = p->running_reward,
                       .return_mean = p->return_mean,
                       .length_mean = p->length_mean,
                       .solved = t->solved,
                       .stop_reason = t->stop_reason,
                       .env = t->config.env.id,
                       .algo = t->config.train.algo,
                       .recipe = t->config.train.recipe[0] ? t->config.train.recipe : NULL,
                       .seed = t->config.train.seed};
    char path[UP__PATH + 64];
    path_in(t, "result.json", path);
    UP_TRY(up_result_write(path, &result));
    up__rundir_curve(t);
    put_record(t);
    return UP_OK;
}

void up__rundir_close(UpTrainer *t) {
    up_metrics_close(t->metrics);
    up_board_close(t->board);
    if (t->lock >= 0) close(t->lock);
}
