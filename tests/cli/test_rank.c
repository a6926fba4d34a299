// Which rung of the variance ladder stands where: by its mean logarithm, and one without any value
// below all others, whatever these are.
#include "../scratch.h"

#include "../../experiments/ladder_report.c"

// What the file needs of the others.
const CliRung cli_rungs[CLI_RUNGS];

int64_t cli_lab_share(const CliLab *lab, int64_t whole, int64_t least) {
    (void)lab, (void)least;
    return whole;
}
double *cli_lab_numbers(CliLab *lab, size_t count) {
    return up_arena_alloc(&lab->arena, count, sizeof(double));
}
void cli_lab_row(CliLab *lab, const char *what, const double *value, int stride, double known) {
    (void)lab, (void)what, (void)value, (void)stride, (void)known;
}
UpStatus cli_lab_figure(const CliLab *lab, const UpPlot *plot, const char *name) {
    (void)lab, (void)plot, (void)name;
    return UP_OK;
}

static void test_rank(void **state) {
    (void)state;
    enum { WITHOUT = 4 };
    static CliLab lab = {.seeds = 1};
    static CliEstimates at[CLI_STOPS];
    const CliLadderTask task = {.episodes = 10};
    const CliLadder ladder = {.lab = &lab, .task = &task, .at = at};
    Ranking ranking;
    for (int stop = 0; stop < CLI_STOPS; stop++)
        for (int rung = 0; rung < CLI_RUNGS; rung++)
            at[stop].variance[rung] = rung == WITHOUT ? 0 : pow(10, rung - 20); // no logarithm
    assert_true(rank(&ladder, VARIANCE, &ranking));
    assert_int_equal(ranking.row[WITHOUT], 0);
    for (int rung = 0; rung < CLI_RUNGS; rung++)
        if (rung != WITHOUT) assert_int_equal(ranking.row[rung], rung < WITHOUT ? rung + 1 : rung);
    memset(at, 0, sizeof at);
    assert_false(rank(&ladder, VARIANCE, &ranking)); // none has any: no figure
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rank)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
