#include "screen/panel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "screen/panel_internal.h"
#include "screen/panel_line.h"

static const double redraw_seconds = 0.25, line_seconds = 2;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static bool is_set(const char *name) {
    const char *value = getenv(name);
    return value && value[0];
}

Panel *panel_open(FILE *out, bool tty, const char *title, int64_t total_steps, double target) {
    Panel *panel = calloc(1, sizeof *panel);
    if (!panel) return NULL;
    const char *terminal = getenv("TERM");
    panel->out = out;
    panel->live = tty && !is_set("NO_COLOR") && terminal && strcmp(terminal, "dumb") != 0;
    panel->total_steps = total_steps;
    panel->target = target;
    panel->stride = 1;
    panel->last_draw = -INFINITY;
    panel->speed = NAN;
    snprintf(panel->title, sizeof panel->title, "%s", title);
    if (!panel->live) fprintf(out, "%s\n", title);
    return panel;
}

static void remember(Panel *p, double reward) {
    if (isnan(reward)) return;
    p->pending_sum += reward;
    if (++p->pending < p->stride) return;
    if (p->entries == PANEL_HISTORY) {
        for (int i = 0; i < PANEL_HISTORY / 2; i++)
            p->history[i] = (p->history[2 * i] + p->history[2 * i + 1]) / 2;
        p->entries = PANEL_HISTORY / 2;
        p->stride *= 2;
    }
    p->history[p->entries++] = p->pending_sum / p->pending;
    p->pending_sum = 0;
    p->pending = 0;
}

static void draw_plain(Panel *p) {
    const UpProgress *row = &p->row;
    char text[64];
    int count;
    const UpMetric *metric = up_metric_list(&count);
    fprintf(p->out, "steps %lld", (long long)row->steps);
    if (p->total_steps > 0)
        fprintf(p->out, " (%.1f %%)", 100 * (double)row->steps / (double)p->total_steps);
    if (!isnan(p->speed)) fprintf(p->out, "  %.0f steps/s", p->speed);
    if (p->total_steps > 0 && p->speed > 0) {
        format_duration(text, sizeof text, panel__seconds_left(p));
        fprintf(p->out, "  left %s", text);
    }
    if (!isnan(row->running_reward)) fprintf(p->out, "  running %.2f", row->running_reward);
    for (int i = 0; i < count; i++)
        if (panel__cell(&metric[i], row, text, sizeof text))
            fprintf(p->out, "  %s %s", metric[i].label, text);
    fputc('\n', p->out);
    fflush(p->out);
}

static void draw(Panel *p) {
    if (p->live)
        panel__draw_screen(p);
    else
        draw_plain(p);
    p->last_draw = now();
    p->shown = true;
}

void panel_update(Panel *p, const UpProgress *row) {
    p->row = *row;
    p->any = true;
    p->shown = false;
    // One update in twenty counts, so that the figure can be read and still follows.
    if (row->steps_per_second > 0)
        p->speed += isnan(p->speed) ? 0 : 0.05 * (row->steps_per_second - p->speed);
    if (isnan(p->speed)) p->speed = row->steps_per_second;
    remember(p, row->running_reward);
    if (now() - p->last_draw >= (p->live ? redraw_seconds : line_seconds)) draw(p);
}

void panel_warn(Panel *p, const char *message) {
    snprintf(p->warning, sizeof p->warning, "%s", message);
    p->warnings++;
    if (p->live && p->any)
        draw(p);
    else if (!p->live) {
        fprintf(p->out, "warning: %s\n", message);
        fflush(p->out);
    }
}

void panel_output(Panel *p, const char *text) {
    if (p->lines > 0) fprintf(p->out, "\033[%dA\r\033[J", p->lines);
    fprintf(p->out, "%s\n", text);
    fflush(p->out);
    bool drawn = p->lines > 0;
    p->lines = 0;
    if (drawn) draw(p);
}

void panel_close(Panel *p) {
    if (!p) return;
    if (p->any && !p->shown) draw(p);
    if (p->live && !p->any && p->warnings > 0) fprintf(p->out, "warning: %s\n", p->warning);
    free(p);
}
