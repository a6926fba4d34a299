// The panel: what it says, that no line outgrows the terminal, and that pipes get no escape
// sequences. It is part of the program, not of the library, so its sources are included.
#include "../scratch.h"

#include <fcntl.h>
#include <math.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

#include "../../cli/screen/panel.c"
#include "../../cli/screen/panel_line.c"
#include "../../cli/screen/panel_screen.c"

static const UpProgress full = {.steps = 412672,
                                .episodes = 312,
                                .seconds = 133,
                                .return_mean = -1.5,
                                .running_reward = -3.25,
                                .length_mean = 1234.5,
                                .eval_return_mean = NAN,
                                .stats = {.policy_loss = -0.0123,
                                          .value_loss = 0.5,
                                          .entropy = 1.79,
                                          .kl = 0.0071,
                                          .clip_fraction = 0.11,
                                          .explained_variance = 0.83,
                                          .learning_rate = 0.00025},
                                .env_share = 0.62,
                                .learner_share = 0.33,
                                .steps_per_second = 8123};

static UpProgress empty_row(void) {
    UpProgress row = {.return_mean = NAN,
                      .running_reward = NAN,
                      .length_mean = NAN,
                      .eval_return_mean = NAN,
                      .stats = UP_UPDATE_STATS_NONE,
                      .env_share = NAN,
                      .learner_share = NAN,
                      .steps_per_second = NAN};
    return row;
}

// What a panel wrote to a file, after rows and one warning.
static char *shown(bool tty, const UpProgress *rows, int count, const char *warning,
                   double target) {
    FILE *out = fopen(scratch("out"), "w");
    assert_non_null(out);
    Panel *panel = panel_open(out, tty, "ppo on ALE/Pong-v5, seed 1", 2000000, target);
    for (int i = 0; i < count; i++)
        panel_update(panel, &rows[i]);
    if (warning) panel_warn(panel, warning);
    panel_close(panel);
    fclose(out);
    void *text;
    size_t size;
    assert_ok(up_file_read(scratch("out"), &text, &size));
    return text;
}

static void assert_contains(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("no '%s' in:\n%s", part, text);
}

// Removes escape sequences and carriage returns; then no line has more than `columns` characters.
static void assert_width(char *text, int columns) {
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from == '\033')
            while (!strchr("mAKJhl", *from))
                from++;
        else if (*from != '\r')
            *to++ = *from;
    }
    *to = 0;
    int used = 0;
    for (const char *c = text; *c; c++) {
        if (((unsigned char)*c & 0xC0) != 0x80) used = *c == '\n' ? 0 : used + 1;
        if (used > columns) fail_msg("a line is longer than %d columns:\n%s", columns, text);
    }
}

static void shows_everything(void **state) {
    (void)state;
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    char *text = shown(true, &full, 1, "worker 3\nended", 20);
    assert_contains(text, "\033[");
    assert_width(text, 79);
    const char *parts[] = {"ppo on ALE/Pong-v5, seed 1",
                           "2 min 13 s",
                           "412,672 / 2,000,000 steps",
                           " 20.6 %",
                           "━",
                           "8,123",
                           "3 min 15 s",
                           "312",
                           "-1.50",
                           "1234.5",
                           "-3.25",
                           "target 20",
                           "▁",
                           "-0.0123",
                           "0.5",
                           "1.79",
                           "0.0071",
                           "0.11",
                           "0.83",
                           "0.00025",
                           "environment 62 %",
                           "learner 33 %",
                           "warning: worker 3 ended"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        assert_contains(text, parts[i]);
    free(text);
}

static void what_is_absent_is_not_shown(void **state) {
    (void)state;
    UpProgress row = empty_row();
    for (int tty = 0; tty < 2; tty++) {
        setenv("TERM", "xterm", 1);
        char *text = shown(tty, &row, 1, NULL, NAN);
        assert_contains(text, "episodes");
        assert_null(strcasestr(text, "nan"));
        assert_null(strstr(text, "loss"));
        assert_null(strstr(text, "target"));
        assert_null(strstr(text, "running"));
        assert_null(strstr(text, "warning"));
        free(text);
    }
}

static void long_texts_are_cut_or_broken(void **state) {
    (void)state;
    char warning[1000];
    for (int i = 0; i < 999; i++)
        warning[i] = i % 11 == 10 ? ' ' : 'w';
    warning[999] = 0;
    setenv("TERM", "xterm", 1);
    char *text = shown(true, &full, 1, warning, 20);
    assert_width(text, 79);
    free(text);
}

// Redraws go back over exactly the lines that were drawn.
static void redraws_in_place(void **state) {
    (void)state;
    setenv("TERM", "xterm", 1);
    FILE *out = fopen(scratch("out"), "w");
    Panel *panel = panel_open(out, true, "title", 2000000, NAN);
    UpProgress row = empty_row();
    panel_update(panel, &row);
    int lines = panel->lines;
    panel_update(panel, &full); // too soon to be drawn
    assert_int_equal(panel->lines, lines);
    panel_close(panel); // draws it
    fclose(out);
    void *text;
    size_t size;
    assert_ok(up_file_read(scratch("out"), &text, &size));
    char back[16];
    snprintf(back, sizeof back, "\033[%dA\r", lines);
    assert_contains(text, back);
    int breaks = 0;
    for (const char *c = text; c < strstr(text, back); c++)
        breaks += *c == '\n';
    assert_int_equal(breaks, lines);
    assert_contains(text, "412,672");
    free(text);
}

// ---------------------------------------------------------------------------------------------------
// On a terminal of a size that changes

static int other_end; // of the terminal

static FILE *open_terminal(void) {
    other_end = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    assert_true(other_end >= 0 && grantpt(other_end) == 0 && unlockpt(other_end) == 0);
    int end = open(ptsname(other_end), O_RDWR | O_NOCTTY);
    assert_true(end >= 0);
    struct termios raw;
    assert_int_equal(tcgetattr(end, &raw), 0);
    cfmakeraw(&raw);
    assert_int_equal(tcsetattr(end, TCSANOW, &raw), 0);
    setenv("TERM", "xterm", 1);
    return fdopen(end, "w");
}

// The panel as it is drawn at this size; the caller's to free.
static char *drawn_at(Panel *panel, int columns, int rows) {
    struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
    assert_int_equal(ioctl(other_end, TIOCSWINSZ, &size), 0);
    panel__draw_screen(panel);
    enum { ROOM = 1 << 16 };
    char *text = calloc(1, ROOM);
    for (ssize_t used = 0, part;
         (part = read(other_end, text + used, ROOM - 1 - (size_t)used)) > 0;)
        used += part;
    return text;
}

static int count_of(const char *text, const char *part) {
    int count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

// At 28 columns no line is cut by the terminal: everything is there, in cells below one another.
static void fits_a_narrow_window(void **state) {
    (void)state;
    FILE *out = open_terminal();
    Panel *panel = panel_open(out, true, "ppo on ALE/Pong-v5, seed 1", 2000000, 20);
    panel->row = full;
    panel->any = true;
    panel->speed = 8123;
    for (int i = 0; i < 100; i++)
        remember(panel, i - 50);
    for (int columns = 28; columns <= 120; columns++) {
        char *text = drawn_at(panel, columns, 50);
        assert_width(text, columns - 1);
        const char *parts[] = {"ppo on ALE/Pong",
                               "2 min 13 s",
                               "412,672",
                               "20.6 %",
                               "8,123",
                               "explained variance",
                               "0.83",
                               "learning rate",
                               "-3.25",
                               "-50",
                               "49",
                               "▁",
                               "█",
                               "environment 62 %",
                               "learner 33 %"};
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            if (!strstr(text, parts[i])) fail_msg("%d: no %s in:\n%s", columns, parts[i], text);
        free(text);
    }
    char *text = drawn_at(panel, 5, 4); // no size brings it down
    assert_true(count_of(text, "\n") <= 3);
    free(text);
    panel_close(panel);
    fclose(out);
    close(other_end);
}

// A narrower terminal breaks the lines that it shows: the panel goes back over all their rows.
static void leaves_nothing_behind_in_a_smaller_window(void **state) {
    (void)state;
    FILE *out = open_terminal();
    Panel *panel = panel_open(out, true, "ppo on ALE/Pong-v5, seed 1", 2000000, 20);
    panel->row = full;
    panel->any = true;
    free(drawn_at(panel, 100, 50));
    int rows = 0;
    for (int i = 0; i < panel->lines; i++)
        rows += (panel->columns[i] + 27) / 28;
    assert_true(rows > 2 * panel->lines);
    char back[32];
    snprintf(back, sizeof back, "\033[%dA\r\033[J", rows);
    char *text = drawn_at(panel, 28, 50);
    assert_ptr_equal(strstr(text, back), text);
    free(text);
    snprintf(back, sizeof back, "\033[%dA\r", panel->lines); // the same size: its lines
    text = drawn_at(panel, 28, 50);
    assert_ptr_equal(strstr(text, back), text);
    free(text);
    panel_close(panel);
    fclose(out);
    close(other_end);
}

static void pipes_get_plain_lines(void **state) {
    (void)state;
    static UpProgress rows[1000];
    for (int i = 0; i < 1000; i++) {
        rows[i] = full;
        rows[i].steps = i * 10;
    }
    const char *terminal[] = {"xterm", "dumb", "xterm"};
    for (int i = 0; i < 3; i++) { // a pipe; a dumb terminal; a terminal without colours
        setenv("TERM", terminal[i], 1);
        if (i == 2) setenv("NO_COLOR", "1", 1);
        char *text = shown(i > 0, rows, 1000, "worker 3 ended", 20);
        unsetenv("NO_COLOR");
        assert_null(strchr(text, '\033'));
        assert_contains(text, "ppo on ALE/Pong-v5, seed 1\nsteps 0 (0.0 %)");
        assert_contains(text, "\nwarning: worker 3 ended\n");
        assert_contains(text, "\nsteps 9990 (0.5 %)  8123 steps/s");
        int breaks = 0;
        for (const char *c = text; *c; c++)
            breaks += *c == '\n';
        assert_int_equal(breaks, 4); // title, first row, warning, last row
        free(text);
    }
}

static void warnings_before_the_first_row_are_not_lost(void **state) {
    (void)state;
    setenv("TERM", "xterm", 1);
    char *text = shown(true, NULL, 0, "more threads than cores", NAN);
    assert_string_equal(text, "warning: more threads than cores\n");
    free(text);
}

static void the_curve_covers_the_whole_run(void **state) {
    (void)state;
    FILE *out = fopen("/dev/null", "w");
    Panel *panel = panel_open(out, false, "", 1, NAN);
    for (int i = 0; i < 100000; i++)
        remember(panel, i);
    assert_true(panel->entries > PANEL_HISTORY / 4 && panel->entries <= PANEL_HISTORY);
    assert_true(panel->history[0] < 1000);
    assert_true(panel->history[panel->entries - 1] > 99000);
    for (int i = 1; i < panel->entries; i++)
        assert_true(panel->history[i] > panel->history[i - 1]);
    panel_close(panel);
    fclose(out);
}

static void formats(void **state) {
    (void)state;
    char text[64];
    const struct {
        int64_t count;
        const char *text;
    } counts[] = {{0, "0"},          {999, "999"},  {1000, "1,000"}, {1234567, "1,234,567"},
                  {-1000, "-1,000"}, {-100, "-100"}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        format_count(text, sizeof text, counts[i].count);
        assert_string_equal(text, counts[i].text);
    }
    const struct {
        double seconds;
        const char *text;
    } durations[] = {
        {0, "0 s"},           {59.4, "59 s"}, {59.6, "1 min 00 s"}, {3599, "59 min 59 s"},
        {7620, "2 h 07 min"}, {NAN, "–"},     {INFINITY, "–"}};
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
        format_duration(text, sizeof text, durations[i].seconds);
        assert_string_equal(text, durations[i].text);
    }
    const double rising[] = {0, 1, 2, 3, 4, 5, 6, 7}, flat[] = {5, 5};
    format_spark(text, 8, rising, 8);
    assert_string_equal(text, "▁▂▃▄▅▆▇█");
    format_spark(text, 4, rising, 8);
    assert_string_equal(text, "▁▃▆█");
    format_spark(text, 8, flat, 2);
    assert_string_equal(text, "▁▁");
    format_spark(text, 8, flat, 0);
    assert_string_equal(text, "");
    format_spark(text, -5, flat, 2);
    assert_string_equal(text, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(shows_everything),
        TEST(what_is_absent_is_not_shown),
        TEST(long_texts_are_cut_or_broken),
        TEST(redraws_in_place),
        TEST(fits_a_narrow_window),
        TEST(leaves_nothing_behind_in_a_smaller_window),
        TEST(pipes_get_plain_lines),
        TEST(warnings_before_the_first_row_are_not_lost),
        TEST(the_curve_covers_the_whole_run),
        TEST(formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
