#include "screen/panel_internal.h"

#include <math.h>
#include <string.h>
#include <sys/ioctl.h>

#include "screen/panel_line.h"

// Below WIDE columns there is no bar, and what is long stands in cells of its own.
enum {
    LINES = PANEL_LINES,
    WIDTH_MIN = 20,
    WIDE = 59,
    WIDTH_MAX = 110,
    WARNING_LINES = 3,
    CELL = 26
};

typedef struct Screen {
    Line line[LINES];
    int count, width;
} Screen;

static Line *new_line(Screen *screen) {
    int index = screen->count < LINES - 1 ? screen->count++ : LINES - 1;
    line_start(&screen->line[index], screen->width);
    return &screen->line[index];
}

static void draw_title(const Panel *p, Screen *screen) {
    char duration[32];
    Line *line = new_line(screen);
    format_duration(duration, sizeof duration, p->row.seconds);
    int column = screen->width - (int)strlen(duration);
    line->width = column > 1 ? column - 1 : 0; // of the title
    line_put(line, STYLE_BOLD, "%s", p->title);
    line->width = screen->width;
    line_pad(line, column);
    line_put(line, STYLE_DIM, "%s", duration);
}

static void draw_head(const Panel *p, Screen *screen) {
    char steps[32], total[32], text[128];
    draw_title(p, screen);
    if (p->total_steps <= 0) return;

    double done = fmin(1, (double)p->row.steps / (double)p->total_steps);
    format_count(steps, sizeof steps, p->row.steps);
    format_count(total, sizeof total, p->total_steps);
    Line *line = new_line(screen);
    if (screen->width < WIDE) {
        line_put(line, STYLE_PLAIN, "%.1f %%  %s steps", 100 * done, steps);
        return;
    }
    snprintf(text, sizeof text, "  %s / %s steps  %5.1f %%", steps, total, 100 * done);
    int width = screen->width - (int)strlen(text);
    int full = (int)(done * width);
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
    if (column > line->width + 2) column = line->width + 2; // a window narrower than a cell
    int room = column - line->columns - 3 - characters;
    line_put(line, STYLE_DIM, "%.*s", room > 0 ? room : 0, label);
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

// The curve between its lowest and its highest value, then the newest.
static void draw_curve(const Panel *p, Line *line, int rest) {
    char spark[3 * LINE_COLUMNS + 1], low[32], high[32];
    double least = INFINITY, most = -INFINITY;
    for (int i = 0; i < p->entries; i++) {
        least = fmin(least, p->history[i]);
        most = fmax(most, p->history[i]);
    }
    if (p->entries == 0) return;
    int scale = snprintf(low, sizeof low, "%.4g ", least);
    scale += snprintf(high, sizeof high, " %.4g", most);
    int room = line->width - line->columns - rest - scale;
    if (room < 4) return;
    format_spark(spark, room, p->history, p->entries);
    line_put(line, STYLE_DIM, "%s", low);
    line_put(line, STYLE_GOOD, "%s", spark);
    line_put(line, STYLE_DIM, "%s", high);
}

static void draw_reward(const Panel *p, Screen *screen) {
    char value[64], target[64] = "";
    if (isnan(p->row.running_reward)) return;
    int length = snprintf(value, sizeof value, "  %.2f", p->row.running_reward);
    if (!isnan(p->target)) length += snprintf(target, sizeof target, "  target %.4g", p->target);
    Line *line = new_line(screen);
    line_put(line, STYLE_DIM, "running reward");
    if (screen->width < WIDE) {
        line_pad(line, screen->width - (int)strlen(value));
        line_put(line, STYLE_BOLD, "%s", value);
        draw_curve(p, new_line(screen), 0);
        return;
    }
    line_put(line, STYLE_DIM, "  ");
    draw_curve(p, line, length);
    line_put(line, STYLE_BOLD, "%s", value);
    line_put(line, STYLE_DIM, "%s", target);
}

static void draw_time(const Panel *p, Screen *screen) {
    double env = p->row.env_share, learner = p->row.learner_share;
    if (isnan(env) || isnan(learner)) return;
    char left[48], right[48];
    snprintf(left, sizeof left, "environment %.0f %%  ", 100 * env);
    snprintf(right, sizeof right, "  learner %.0f %%", 100 * learner);
    if (screen->width < WIDE) {
        line_put(new_line(screen), STYLE_PLAIN, "%s", left);
        line_put(new_line(screen), STYLE_PLAIN, "%s", right + 2);
        return;
    }
    Line *line = new_line(screen);
    line_put(line, STYLE_DIM, "time            ");
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

// Rows that what is on the screen takes now: a terminal that became narrower has broken the lines
// that no longer fit.
static int rows_on_screen(const Panel *p, int width) {
    int rows = 0;
    for (int i = 0; i < p->lines; i++)
        rows += p->columns[i] > width ? (p->columns[i] + width - 1) / width : 1;
    return rows;
}

void panel__draw_screen(Panel *p) {
    static Screen screen; // 60 KiB
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

    // Back to the first line, and everything below it goes. A line that the terminal would wrap is
    // cut (no auto-wrap: ?7).
    int rows = rows_on_screen(p, known ? size.ws_col : LINE_COLUMNS);
    if (rows > 0) fprintf(p->out, "\033[%dA", rows);
    fputs(p->width != screen.width ? "\r\033[J\033[?7l" : "\r\033[?7l", p->out);
    for (int i = 0; i < screen.count; i++) {
        fprintf(p->out, "%s\033[K\n", screen.line[i].text);
        p->columns[i] = screen.line[i].columns;
    }
    fputs("\033[?7h\033[J", p->out);
    fflush(p->out);
    p->lines = screen.count;
    p->width = screen.width;
}
