// pong-reinforce: document 000 on the real game. REINFORCE from the difference of two frames, with
// 200 hidden units; and the two extras that it names, a search over hyper-parameters and a move
// penalty.
#include <inttypes.h>
#include <math.h>

#include "experiment.h"
#include "sweep.h"
#include "uphill/metrics.h"

enum { WORDS = 16, NUMBER = 32 };

static const char *const curve_grid[] = {"rollout.move_penalty=0"};
static const char *const search_grid[] = {"optim.learning_rate=3e-4,1e-3,3e-3",
                                          "rollout.move_penalty=0,3e-3"};

// uphill sweep pong-atari-reinforce --out FOLDER/part --seeds S --steps N --grid …
static UpStatus sweep(const CliLab *lab, const char *part, int seeds, int64_t steps,
                      const char *const *grid, int grids) {
    char folder[1024], seeds_text[NUMBER], steps_text[NUMBER], *words[WORDS];
    int count = 0;
    CliArgs args;
    snprintf(folder, sizeof folder, "%s/%s", lab->folder, part);
    snprintf(seeds_text, sizeof seeds_text, "%d", seeds);
    snprintf(steps_text, sizeof steps_text, "%" PRId64, steps);
    const char *fixed[] = {
        "pong-atari-reinforce", "--out", folder, "--seeds", seeds_text, "--steps", steps_text};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        words[count++] = (char *)fixed[i];
    for (int i = 0; i < grids; i++) {
        words[count++] = (char *)"--grid";
        words[count++] = (char *)grid[i];
    }
    UP_TRY(cli_parse(&cli_sweep, count, words, &args));
    return sweep_conduct(&args);
}

typedef struct Learned {
    UpTable *table;                   // (seeds)
    UpCurve *curve;                   // (seeds)
    double *reward, *mean, *episodes; // (seeds) at the end
} Learned;

static UpStatus read_run(CliLab *lab, Learned *learned, int seed) {
    char path[1200];
    UpTable *table = &learned->table[seed];
    snprintf(path, sizeof path, "%s/curves/runs/001-seed%d/metrics.csv", lab->folder, seed + 1);
    UP_TRY(up_metrics_read(path, table));
    int x = up_table_column(table, "episodes"), y = up_table_column(table, "running_reward"),
        mean = up_table_column(table, "return_mean");
    double *points = cli_lab_numbers(lab, 2 * (size_t)table->rows + 1);
    if (!points) return UP_MEMORY;
    for (int64_t row = 0; row < table->rows; row++) {
        const double *value = table->value + row * table->columns;
        points[row] = learned->episodes[seed] = value[x];
        points[table->rows + row] = learned->reward[seed] = value[y];
        learned->mean[seed] = value[mean];
    }
    learned->curve[seed] = (UpCurve){
        .label = "REINFORCE", .points = (int)table->rows, .x = points, .y = points + table->rows};
    return UP_OK;
}

static UpStatus report(CliLab *lab, Learned *learned) {
    static const UpLevel level[] = {{"0: as good as the opponent", 0}};
    for (int seed = 0; seed < lab->seeds; seed++)
        UP_TRY(read_run(lab, learned, seed));
    cli_lab_row(lab, "running reward at the end", learned->reward, 1, NAN);
    cli_lab_row(lab, "mean return of the last 100 episodes", learned->mean, 1, NAN);
    cli_lab_row(lab, "episodes", learned->episodes, 1, NAN);
    UpPlot plot = {.title = "Atari's Pong by REINFORCE, document 000",
                   .x_label = "episodes, each up to 21 points",
                   .y_label = "running reward",
                   .curves = lab->seeds,
                   .curve = learned->curve,
                   .target = NAN,
                   .levels = 1,
                   .level = level};
    return cli_lab_figure(lab, &plot, "pong-reinforce");
}

static UpStatus run(CliLab *lab) {
    size_t seeds = (size_t)lab->seeds;
    Learned learned = {.table = up_arena_alloc(&lab->arena, seeds, sizeof(UpTable)),
                       .curve = up_arena_alloc(&lab->arena, seeds, sizeof(UpCurve)),
                       .reward = cli_lab_numbers(lab, seeds),
                       .mean = cli_lab_numbers(lab, seeds),
                       .episodes = cli_lab_numbers(lab, seeds)};
    if (!learned.table || !learned.curve || !learned.reward || !learned.mean || !learned.episodes)
        return UP_MEMORY;
    UP_TRY(sweep(lab, "curves", lab->seeds, cli_lab_share(lab, 1500000, 1), curve_grid, 1));
    UpStatus status = report(lab, &learned);
    for (int seed = 0; seed < lab->seeds; seed++)
        up_table_free(&learned.table[seed]);
    UP_TRY(status);
    return sweep(lab, "search", 1, cli_lab_share(lab, 600000, 1), search_grid, 2);
}

const CliExperiment cli_pong_reinforce = {
    "pong-reinforce", "REINFORCE on Atari's Pong, with a small search (document 000)", 3, run,
    true};
