// mc-vs-td: values by Monte Carlo and by temporal difference (Sun 2024, "Value Estimation").
// The random walk of Sutton and Barto (2018), example 6.2, and Blackjack beside its exact values.
#include <math.h>
#include <string.h>

#include "experiments/lab.h"
#include "experiments/blackjack.h"
#include "uphill/tabular.h"

enum { LINES = 7, EPISODES = 100, POINTS = EPISODES + 1, INNER = 5, CHECKS = 4 };
enum { HANDS = 100000, FIRST_SUM = 12, LAST_SUM = 21, SHOWN = LAST_SUM - FIRST_SUM + 1 };
enum { DEALERS = 3, CELLS = CLI_SUMS * CLI_CARDS * 2, STICK = 0, HIT = 1 };

static const int check_at[CHECKS] = {10, 25, 50, 100};

// RMS errors after check_at episodes, of 20,000 runs.
static const struct {
    const char *label;
    bool monte_carlo;
    double alpha, known[CHECKS];
} lines[LINES] = {
    {"TD, α = 0.05", false, 0.05, {0.175, 0.110, 0.053, 0.035}},
    {"TD, α = 0.1", false, 0.1, {0.128, 0.057, 0.051, 0.056}},
    {"TD, α = 0.15", false, 0.15, {0.095, 0.058, 0.069, 0.070}},
    {"MC, α = 0.01", true, 0.01, {0.213, 0.183, 0.144, 0.097}},
    {"MC, α = 0.02", true, 0.02, {0.197, 0.154, 0.111, 0.082}},
    {"MC, α = 0.03", true, 0.03, {0.187, 0.139, 0.105, 0.093}},
    {"MC, α = 0.04", true, 0.04, {0.180, 0.133, 0.111, 0.107}},
};

static const struct {
    const char *label;
    int card;
} dealers[DEALERS] = {{"dealer shows an ace", 1}, {"a 2", 2}, {"a ten", 10}};

typedef struct Trial {
    int seeds;
    double *error;                // (LINES, seeds, POINTS)
    double *value;                // (DEALERS, seeds, SHOWN) V(sum, dealer, no usable ace)
    double *paid[2];              // (seeds) a hand's mean reward, by policy
    CliThresholds stick[2];       // stick on 20; the optimal policy
    double x[POINTS], sum[SHOWN]; // what stands along the axes
} Trial;

// ---------------------------------------------------------------------------------------------------
// Random walk: V(s) = s/6, all guesses begin at a half

static double rms_error(const double *v) {
    double sum = 0;
    for (int s = 1; s <= INNER; s++)
        sum += (v[s] - s / 6.0) * (v[s] - s / 6.0);
    return sqrt(sum / INNER);
}

static UpStatus play_walk(UpTabularTask *task, UpTabularEpisode *ep, double *v, double alpha,
                          bool monte_carlo) {
    int64_t visits[INNER + 2] = {0};
    uint8_t seen[INNER + 2] = {0};
    UpTransition t = {0};
    for (ep->length = 0; !t.terminated;) {
        UP_TRY(up_tabular_step(task, 0, &t));
        UP_TRY(up_tabular_push(ep, &t));
        if (!monte_carlo) up_tabular_td0(v, &t, alpha, 1);
    }
    up_tabular_returns(ep, 1, 0);
    if (monte_carlo) up_tabular_monte_carlo(v, visits, seen, 0, ep, UP_VISITS_EVERY, alpha);
    return UP_OK;
}

static UpStatus walk(UpTabularTask *task, UpTabularEpisode *ep, int line, double *error) {
    double v[INNER + 2];
    for (int s = 0; s < INNER + 2; s++)
        v[s] = 0.5;
    error[0] = rms_error(v);
    for (int e = 1; e <= EPISODES; e++) {
        UP_TRY(play_walk(task, ep, v, lines[line].alpha, lines[line].monte_carlo));
        error[e] = rms_error(v);
    }
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Blackjack: first-visit Monte Carlo with 1/N steps

static int64_t cell_of(int sum, int dealer, int usable) {
    return (sum * CLI_CARDS + dealer) * 2 + usable;
}

static UpStatus play_hands(UpTabularTask *task, UpTabularEpisode *ep, CliThresholds stick,
                           double *v, double *paid) {
    int64_t policy[CELLS], visits[CELLS] = {0};
    uint8_t seen[CELLS] = {0};
    for (int sum = 0; sum < CLI_SUMS; sum++)
        for (int dealer = 0; dealer < CLI_CARDS; dealer++)
            for (int usable = 0; usable < 2; usable++)
                policy[cell_of(sum, dealer, usable)] = sum >= stick[usable][dealer] ? STICK : HIT;
    memset(v, 0, CELLS * sizeof *v);
    *paid = 0;
    for (int hand = 0; hand < HANDS; hand++) {
        UpTransition t = {0};
        for (ep->length = 0; !t.terminated;) {
            UP_TRY(up_tabular_step(task, policy[task->state], &t));
            UP_TRY(up_tabular_push(ep, &t));
        }
        up_tabular_returns(ep, 1, 0);
        up_tabular_monte_carlo(v, visits, seen, 0, ep, UP_VISITS_FIRST, 0);
        *paid += t.reward / HANDS;
    }
    return UP_OK;
}

static UpStatus blackjack(UpTabularTask *task, UpTabularEpisode *ep, Trial *trial, int seed) {
    double v[CELLS];
    for (int policy = 1; policy >= 0; policy--) // the values shown are those of policy 0
        UP_TRY(play_hands(task, ep, trial->stick[policy], v, &trial->paid[policy][seed]));
    for (int d = 0; d < DEALERS; d++)
        for (int i = 0; i < SHOWN; i++)
            trial->value[((ptrdiff_t)d * trial->seeds + seed) * SHOWN + i] =
                v[cell_of(FIRST_SUM + i, dealers[d].card, 0)];
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------

static UpStatus run_seed(void *context, int number) {
    Trial *trial = context;
    int line = number / trial->seeds, seed = number % trial->seeds;
    UpTabularTask task = {0};
    UpTabularEpisode ep = {0};
    UpEnv *env;
    UP_TRY(cli_lab_env(&env, line < LINES ? "uphill/RandomWalk-v0" : "Blackjack-v1",
                       line < LINES ? "" : "sab=True", 1));
    UpStatus status = up_tabular_open(&task, env);
    if (status == UP_OK) status = up_tabular_reset(&task, (uint64_t)seed + 1);
    if (status == UP_OK)
        status = line < LINES ? walk(&task, &ep, line, trial->error + (ptrdiff_t)number * POINTS)
                              : blackjack(&task, &ep, trial, seed);
    up_tabular_episode_free(&ep);
    up_tabular_close(&task);
    up_env_destroy(env);
    return status;
}

static UpStatus report_walk(CliLab *lab, const Trial *trial) {
    UpCurve *curve = up_arena_alloc(&lab->arena, LINES * (size_t)lab->seeds, sizeof *curve);
    if (!curve) return UP_MEMORY;
    for (int i = 0; i < LINES * lab->seeds; i++)
        curve[i] = (UpCurve){.label = lines[i / lab->seeds].label,
                             .points = POINTS,
                             .x = trial->x,
                             .y = trial->error + (ptrdiff_t)i * POINTS};
    for (int l = 0; l < LINES; l++)
        for (int c = 0; c < CHECKS; c++) {
            char row[96];
            snprintf(row, sizeof row, "%s: RMS error after %d episodes", lines[l].label,
                     check_at[c]);
            cli_lab_row(lab, row, trial->error + (ptrdiff_t)l * lab->seeds * POINTS + check_at[c],
                        POINTS, lines[l].known[c]);
        }
    UpPlot plot = {.title = "Values of the random walk, Monte Carlo and TD(0)",
                   .x_label = "episodes",
                   .y_label = "RMS error over the five states",
                   .curves = LINES * lab->seeds,
                   .curve = curve,
                   .target = NAN};
    return cli_lab_figure(lab, &plot, "random-walk");
}

static void report_cells(CliLab *lab, const Trial *trial, const CliBlackjack *exact) {
    static const int sums[] = {21, 20, 19, 13};
    for (int s = 0; s < 4; s++)
        for (int d = 0; d < DEALERS; d++) {
            char row[96];
            ptrdiff_t first = (ptrdiff_t)d * lab->seeds * SHOWN + sums[s] - FIRST_SUM;
            snprintf(row, sizeof row, "Blackjack, stick on 20: V of a hard %d, dealer %d", sums[s],
                     dealers[d].card);
            cli_lab_row(lab, row, trial->value + first, SHOWN,
                        exact->value[sums[s]][dealers[d].card][0]);
        }
}

static UpStatus report_blackjack(CliLab *lab, Trial *trial) {
    CliBlackjack exact, optimal;
    int measured = DEALERS * lab->seeds, curves = measured + DEALERS;
    UpCurve *curve = up_arena_alloc(&lab->arena, (size_t)curves, sizeof *curve);
    double *known = cli_lab_numbers(lab, (size_t)DEALERS * SHOWN);
    UP_TRY(up_arena_status(&lab->arena));
    cli_blackjack_exact(trial->stick[0], &exact);
    cli_blackjack_exact(trial->stick[1], &optimal);
    for (int d = 0; d < DEALERS; d++) {
        for (int i = 0; i < SHOWN; i++)
            known[d * SHOWN + i] = exact.value[FIRST_SUM + i][dealers[d].card][0];
        for (int s = 0; s < lab->seeds; s++)
            curve[d * lab->seeds + s] =
                (UpCurve){.label = dealers[d].label,
                          .points = SHOWN,
                          .x = trial->sum,
                          .y = trial->value + ((ptrdiff_t)d * lab->seeds + s) * SHOWN};
        curve[measured + d] = (UpCurve){.label = "exact",
                                        .points = SHOWN,
                                        .x = trial->sum,
                                        .y = known + (ptrdiff_t)d * SHOWN,
                                        .style = UP_CURVE_REFERENCE};
    }
    cli_lab_row(lab, "Blackjack, stick on 20: a hand", trial->paid[0], 1, exact.expected);
    cli_lab_row(lab, "Blackjack, optimal policy: a hand", trial->paid[1], 1, optimal.expected);
    report_cells(lab, trial, &exact);
    UpPlot plot = {.title = "Blackjack, stick on 20: V after 100,000 hands, no usable ace",
                   .x_label = "sum of the player's cards",
                   .y_label = "value (expected reward of a hand)",
                   .curves = curves,
                   .curve = curve,
                   .target = NAN};
    return cli_lab_figure(lab, &plot, "blackjack");
}

// The thresholds of the optimal policy (Sutton and Barto, figure 5.2, for Gymnasium's rules).
static void fill_policies(CliThresholds *stick) {
    for (int card = 1; card < CLI_CARDS; card++) {
        stick[0][0][card] = stick[0][1][card] = 20;
        stick[1][0][card] = card == 1 ? 17 : card <= 3 ? 13 : card <= 6 ? 12 : 17;
        stick[1][1][card] = card > 1 && card <= 8 ? 18 : 19;
    }
}

static UpStatus run(CliLab *lab) {
    size_t seeds = (size_t)lab->seeds;
    Trial trial = {.seeds = lab->seeds,
                   .error = cli_lab_numbers(lab, LINES * seeds * POINTS),
                   .value = cli_lab_numbers(lab, DEALERS * seeds * SHOWN)};
    trial.paid[0] = cli_lab_numbers(lab, seeds);
    trial.paid[1] = cli_lab_numbers(lab, seeds);
    UP_TRY(up_arena_status(&lab->arena));
    for (int i = 0; i < POINTS; i++)
        trial.x[i] = i;
    for (int i = 0; i < SHOWN; i++)
        trial.sum[i] = FIRST_SUM + i;
    fill_policies(trial.stick);
    UP_TRY(cli_lab_each(lab, (LINES + 1) * lab->seeds, run_seed, &trial));
    UP_TRY(report_walk(lab, &trial));
    return report_blackjack(lab, &trial);
}

const CliExperiment cli_mc_vs_td = {
    "mc-vs-td", "values by Monte Carlo and TD: random walk, Blackjack (Sun 2024)", 100, run, false};
