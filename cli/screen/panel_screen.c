#include "screen/panel_internal.h"

#include <math.h>
#include <string.h>
#include <sys/ioctl.h>

#include "screen/panel_line.h"

enum { LINES = 20, WIDTH_MIN = 59, WIDTH_MAX = 110, WARNING_LINES = 3, CELL = 26 };

typedef struct Screen {
    Line line[LINES];
    int count, width;
} Screen;

static Line *new_line(Screen *screen) {
    int index = screen->count < LINES - 1 ? screen->count++ : LINES - 1;
    line_start(&screen->line[index], screen->width);
    return &screen->line[index];
}

static void draw_head(const Panel *p, Screen *screen) {
    char duration[32], steps[32], total[32], text[128];
    Line *line = new_line(screen);
    format_duration(duration, sizeof duration, p->row.seconds);
    line_put(line, STYLE_BOLD, "%s", p->title);
    line_pad(line, screen->width - (int)strlen(duration));
    line_put(line, STYLE_DIM, "%s", duration);
    if (p->total_steps <= 0) return;

    double done = fmin(1, (double)p->row.steps / (double)p->total_steps);
    format_count(steps, sizeof steps, p->row.steps);
    format_count(total, sizeof total, p->total_steps);
    snprintf(text, sizeof text, "  %s / %s steps  %5.1f %%", steps, total, 100 * done);
    int width = screen->width - (int)strlen(text);
    int full = (int)(done * width);
    line = new_line(screen);
    line_repeat(line, STYLE_ACCENT, "━", full);
    line_repeat(line, STYLE_DIM, "─", width - full);
    line_put(line, STYLE_PLAIN, "%s", text);
}

bool panel__cell(const UpMetric *metric, const UpProgress *row, char *text, size_t size) {
    double value = up_metric_value(metric, row);
    if (!metric->label || isnan(value)) return false;
    if (metric->kind == UP_METRIC_COUNT)
        format_count(text, size, (int64_t)value);
    else if (metric->decimals >= 0)
        snprintf(text, size, "%.*f", metric->decimals, value);
    else
        snprintf(text, size, "%.4g", value);
    return true;
}

// Cells stand in columns of CELL characters: a dim label, the value to the right.
typedef struct Grid {
    Screen *screen;
    Line *line;
} Grid;

static void draw_cell(Grid *grid, const char *label, const char *value) {
    if (!grid->line || grid->line->columns + CELL > grid->screen->width)
        grid->line = new_line(grid->screen);
    Line *line = grid->line;
    int column = line->columns + CELL, characters = 0;
    for (const char *c = value; *c; c++)
        characters += ((unsigned char)*c & 0xC0) != 0x80;
    line_put(line, STYLE_DIM, "%s", label);
    line_pad(line, column - 2 - characters);
    line_put(line, STYLE_BOLD, "%s", value);
    line_pad(line, column);
}

static void draw_grid(const Panel *p, Screen *screen) {
    Grid grid = {screen, NULL};
    char text[64];
    int count;
    const UpMetric *metric = up_metric_list(&count);
    if (!isnan(p->speed)) {
        format_count(text, sizeof text, (int64_t)p->speed);
        draw_cell(&grid, "steps/s", text);
    }
    if (p->speed > 0 && p->row.steps < p->total_steps) {
        format_duration(text, sizeof text, panel__seconds_left(p));
        draw_cell(&grid, isnan(p->target) ? "time left" : "left at most", text);
    }
    for (int i = 0; i < count; i++)
        if (panel__cell(&metric[i], &p->row, text, sizeof text))
            draw_cell(&grid, metric[i].label, text);
}

static void draw_reward(const Panel *p, Screen *screen) {
    char value[64], target[64] = "", spark[3 * LINE_COLUMNS + 1];
    if (isnan(p->row.running_reward)) return;
    int length = snprintf(value, sizeof value, "  %.2f", p->row.running_reward);
    if (!isnan(p->target)) length += snprintf(target, sizeof target, "  target %.4g", p->target);
    Line *line = new_line(screen);
    line_put(line, STYLE_DIM, "running reward  ");
    format_spark(spark, line->width - line->columns - length, p->history, p->entries);
    line_put(line, STYLE_GOOD, "%s", spark);
    line_put(line, STYLE_BOLD, "%s", value);
    line_put(line, STYLE_DIM, "%s", target);
}

static void draw_time(const Panel *p, Screen *screen) {
    double env = p->row.env_share, learner = p->row.learner_share;
    if (isnan(env) || isnan(learner)) return;
    char left[48], right[48];
    Line *line = new_line(screen);
    line_put(line, STYLE_DIM, "time            ");
    snprintf(left, sizeof left, "environment %.0f %%  ", 100 * env);
    snprintf(right, sizeof right, "  learner %.0f %%", 100 * learner);
    int width = line->width - line->columns - (int)strlen(left) - (int)strlen(right);
    if (width > 40) width = 40;
    int first = (int)lround(env * width), second = (int)lround(learner * width);
    line_put(line, STYLE_PLAIN, "%s", left);
    line_repeat(line, STYLE_GOOD, "█", first);
    line_repeat(line, STYLE_ACCENT, "█", second);
    line_repeat(line, STYLE_DIM, "░", width - first - second);
    line_put(line, STYLE_PLAIN, "%s", right);
}

// The last warning, broken at spaces.
static void draw_warning(const Panel *p, Screen *screen) {
    char text[PANEL_TEXT + 64];
    if (p->warnings == 0) return;
    int size = snprintf(text, sizeof text, "warning: %s", p->warning);
    if (p->warnings > 1)
        snprintf(text + size, sizeof text - (size_t)size, " (%d so far)", p->warnings);
    const char *rest = text;
    for (int i = 0; i < WARNING_LINES && *rest; i++) {
        int length = (int)strlen(rest);
        if (length > screen->width && i + 1 < WARNING_LINES)
            for (length = screen->width; length > 1 && rest[length] != ' ';)
                length--;
        line_put(new_line(screen), STYLE_WARN, "%.*s", length, rest);
        rest += length;
        while (*rest == ' ')
            rest++;
    }
}

void panel__draw_screen(Panel *p) {
    static Screen screen; // 40 KiB
    struct winsize size = {0};
    bool known = ioctl(fileno(p->out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    screen.width = known ? size.ws_col - 1 : 79;
    if (screen.width < WIDTH_MIN) screen.width = WIDTH_MIN;
    if (screen.width > WIDTH_MAX) screen.width = WIDTH_MAX;
    screen.count = 0;
    draw_head(p, &screen);
    draw_grid(p, &screen);
    draw_reward(p, &screen);
    draw_time(p, &screen);
    draw_warning(p, &screen);
    if (known && size.ws_row > 1 && screen.count >= size.ws_row) screen.count = size.ws_row - 1;

    // Back to the first line; a line that the terminal would wrap is cut (no auto-wrap: ?7).
    if (p->lines > 0) fprintf(p->out, "\033[%dA", p->lines);
    fputs("\r\033[?7l", p->out);
    for (int i = 0; i < screen.count; i++)
        fprintf(p->out, "%s\033[K\n", screen.line[i].text);
    fputs("\033[?7h\033[J", p->out);
    fflush(p->out);
    p->lines = screen.count;
}
