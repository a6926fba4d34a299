// The inside of a trainer, shared by the files of this folder.
#ifndef UPHILL_TRAINER_H
#define UPHILL_TRAINER_H

#include "core/clock.h"
#include "train/checkpoint_files.h"
#include "uphill/board.h"
#include "uphill/metrics.h"
#include "uphill/registry.h"
#include "uphill/result.h"
#include "uphill/train.h"

// A run has about this many rows in metrics.csv, and points in TensorBoard's events, which reads no
// more of them by default.
enum { UP__ROWS = 5000, UP__POINTS = 1000 };

enum { UP__RECENT = 100, UP__PATH = 1024 };

// Sums over updates of the numbers that are means, and how many there were.
typedef struct UpSums {
    double sum[UP_METRICS], count[UP_METRICS];
} UpSums;

// A row of metrics under construction: what came since the one before.
typedef struct UpRow {
    int64_t steps; // at the last row that was due
    UpSums kept;   // in checkpoints
    UpSums clock;  // of UP_METRIC_SHARE: of this session alone
    UpLog log;     // in checkpoints
} UpRow;

// Where the rollout in progress began.
typedef struct UpMark {
    bool playing;         // instances were playing, and their state is in `bytes`
    unsigned char *bytes; // the environment's state, then the trainer's `playing`
    size_t state, room;   // bytes of the state; of all that there is room for
    int64_t used[UP_KEEP_MAX];
    UpObsStats stats; // where observations are normalised
} UpMark;

struct UpTrainer {
    UpConfig config;
    const UpAlgo *algo;
    UpEnv *env;
    UpPool *pool;
    UpRollout rollout;
    UpPolicy policy;
    UpOptim optim;
    UpLearner learner;
    UpActor actor;
    UpProgress progress;
    UpArena arena;
    UpKeep keep;    // what lasts from one session to the next
    UpKeep playing; // where the environment can save its state: what goes with it

    double recent[UP__RECENT]; // returns of the last episodes, a ring; index is progress.episodes
    double recent_length[UP__RECENT]; // their lengths; NAN in runs that did not keep them yet
    double best_return;               // best return_mean; -INFINITY before there were 100 episodes
    double session_start;             // clock at which progress.seconds was session_seconds
    double session_seconds;

    // The run directory; folder is "" where no file is wanted.
    char folder[UP__PATH];
    int lock;   // descriptor of the folder, locked while the run goes on; -1: none
    int logged; // of row.log's names, those that are columns
    UpMetricsFile *metrics;
    UpBoard *board;
    bool over; // it was finished when it was resumed: nothing is written
    UpMark mark;
    UpWholeFiles whole;
    double rollout_seconds;            // of the last one
    const volatile sig_atomic_t *stop; // of whoever runs it, as UpTrainHooks says
    UpEnv *eval_env;                   // where eval.every is set
    int64_t eval_bound;   // of its episodes' steps, where it has none of its own; else 0
    double *eval_return;  // (eval.episodes)
    int64_t *eval_length; // likewise
    UpRow row, point;     // of metrics.csv, of the events
    int64_t owed;         // 1: an evaluation is due at progress.steps and not made yet
    int64_t film_owed;    // 1: the film of progress.steps is due and not made yet
    UpRunRecord record;
    bool evaluated;         // since the last update: progress.eval_… are new
    bool unbounded;         // an evaluation had to cut episodes; who trains was told
    bool filmless;          // a film failed; who trains was told
    bool unlisted;          // the list of runs could not be written; who trains was told
    char *config_text;      // resolved config, as checkpoints hold it
    double last_checkpoint; // clock
    UpReal *best_param;     // (policy.size) the best policy, until it is written
    double *best_stats;     // (2 D + 1) its normaliser, or NULL
    bool best_pending;
    bool solved;
    const char *stop_reason;
};

// progress.c: books the episodes of the last rollout, and unless an evaluation is owed, settles it.
UpStatus up__progress_update(UpTrainer *trainer, double iteration_seconds, double learner_seconds);
// What follows from an update and its evaluation: the best policy, and rows where they are due.
UpStatus up__progress_settle(UpTrainer *trainer);

// row.c
void up__row_begin(UpRow *row, int64_t steps);
void up__row_add(UpRow *row, const UpProgress *progress, const UpLog *log); // of an update
void up__row_add_evaluation(UpRow *row, const UpProgress *progress);
// What of them lasts, under names that begin with row. and point. After a checkpoint was loaded,
// up__rows_resume: one that did not hold the rows begins new ones.
void up__rows_keep(UpTrainer *trainer);
void up__rows_resume(UpTrainer *trainer);
// Whether the update that ended at `steps` ends a row, where a run has about `rows`.
bool up__row_due(const UpRow *row, const UpTrainDef *train, int64_t rows, int64_t steps);
// The row's numbers, in the order of up_metric_list and then row->log; returns how many.
int up__row_values(const UpRow *row, const UpProgress *progress,
                   double value[UP_METRICS + UP_LOG_MAX]);

// events.c
UpStatus up__events_open(UpTrainer *trainer, bool resume);
UpStatus up__events_point(UpTrainer *trainer); // of trainer->point; nothing without events

// films.c: before the point of trainer->point begins anew; a failure is a warning. One that a stop
// interrupts is owed.
void up__film_if_due(UpTrainer *trainer);
void up__film_owed(UpTrainer *trainer);

// rundir.c
UpStatus up__rundir_claim(UpTrainer *trainer, bool resume); // for this process alone
UpStatus up__rundir_create(UpTrainer *trainer, bool resume);
void up__rundir_add(UpTrainer *trainer);        // books an update
UpStatus up__rundir_rows(UpTrainer *trainer);   // and its evaluation; a row where one is due
UpStatus up__rundir_flush(UpTrainer *trainer);  // the row that is not yet due; for a run that stops
UpStatus up__rundir_result(UpTrainer *trainer); // result.json, curve.svg, registry
void up__rundir_curve(const UpTrainer *trainer); // curve.c; a failure is a warning
void up__rundir_close(UpTrainer *trainer);

// load.c
UpStatus up__weights_init(UpTrainer *trainer);      // those of another run, train.init
UpStatus up__policy_finite(const UpPolicy *policy); // UP_NUMERIC where a weight is not

// history.c
// Whether a run that has `before` can go on with `after`.
UpStatus up__history_check(const char *folder, const UpConfig *before, const UpConfig *after);
// Makes of the config that the checkpoint was `made` with the one that the last session had, where
// config.ini says `file`.
UpStatus up__history_before(const UpTrainer *trainer, const UpConfig *file, UpConfig *made);
UpStatus up__history_write(const UpTrainer *trainer, const UpConfig *before);

// rollback.c
UpStatus up__rollback_create(UpTrainer *trainer);
// Remembers where the run is, unless its rollouts are quick: *marked says whether.
UpStatus up__rollback_mark(UpTrainer *trainer, double last_seconds, bool *marked);
UpStatus up__rollback(UpTrainer *trainer); // goes back there

// checkpoint_save.c, checkpoint_load.c
UpStatus up__checkpoint_save(UpTrainer *trainer); // checkpoints/, and best if pending
// *made: the config that the run had then.
UpStatus up__checkpoint_load_newest(UpTrainer *trainer, UpConfig *made, bool *found);

#endif
