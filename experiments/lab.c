// What the experiments share: seeds on all cores, a summary, figures.
#include "experiments/lab.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "uphill/file.h"
#include "uphill/text.h"

enum { MESSAGE = 512 };

typedef struct Each {
    CliTask task;
    void *context;
    UpStatus *status;         // (tasks)
    char (*message)[MESSAGE]; // (tasks) up_error() is a thread's own
} Each;

static void run_one(void *context, int task) {
    Each *each = context;
    each->status[task] = each->task(each->context, task);
    if (each->status[task] != UP_OK) snprintf(each->message[task], MESSAGE, "%s", up_error());
}

UpStatus cli_lab_each(CliLab *lab, int tasks, CliTask task, void *context) {
    Each each = {.task = task, .context = context};
    each.status = up_arena_alloc(&lab->arena, (size_t)tasks, sizeof *each.status);
    each.message = up_arena_alloc(&lab->arena, (size_t)tasks, sizeof *each.message);
    UP_TRY(up_arena_status(&lab->arena));
    UpPool *pool;
    UP_TRY(up_pool_create(&pool, up_cores()));
    up_pool_run(pool, tasks, run_one, &each);
    up_pool_destroy(pool);
    for (int i = 0; i < tasks; i++)
        if (each.status[i] != UP_OK) return up_fail(each.status[i], "%s", each.message[i]);
    return UP_OK;
}

double *cli_lab_numbers(CliLab *lab, size_t count) {
    return up_arena_alloc(&lab->arena, count, sizeof(double));
}

int64_t cli_lab_share(const CliLab *lab, int64_t whole, int64_t least) {
    int64_t part = whole * lab->percent / 100;
    return part > least ? part : least;
}

void cli_lab_row(CliLab *lab, const char *what, const double *values, int stride, double known) {
    double mean = 0, square = 0;
    for (int i = 0; i < lab->seeds; i++)
        mean += values[(ptrdiff_t)i * stride] / lab->seeds;
    for (int i = 0; i < lab->seeds; i++) {
        double difference = values[(ptrdiff_t)i * stride] - mean;
        square += difference * difference;
    }
    double error = lab->seeds > 1 ? sqrt(square / (lab->seeds - 1) / lab->seeds) : NAN;
    fprintf(lab->summary, "\"%s\",%.6g,", what, mean);
    int width = 58;
    for (const char *c = what; *c; c++)
        width += (*c & 0xc0) == 0x80; // UTF-8: a letter may be several bytes
    printf("%-*s %9.4f", width, what, mean);
    if (lab->seeds > 1) {
        fprintf(lab->summary, "%.3g", error);
        printf(" ± %.4f", error);
    }
    fputc(',', lab->summary);
    if (!isnan(known)) {
        fprintf(lab->summary, "%.6g", known);
        printf("   known %g", known);
    }
    fputc('\n', lab->summary);
    putchar('\n');
}

static UpStatus write_points(const UpPlot *plot, const char *path) {
    char *text;
    size_t size;
    FILE *csv = up_text_open(&text, &size);
    if (!csv) return UP_MEMORY;
    fputs("line,run,x,y\n", csv);
    for (int c = 0, run = 1; c < plot->curves; c++) {
        const UpCurve *curve = &plot->curve[c];
        run = c > 0 && strcmp(curve->label, curve[-1].label) == 0 ? run + 1 : 1;
        for (int i = 0; i < curve->points; i++)
            fprintf(csv, "\"%s\",%d,%.9g,%.9g\n", curve->label, run, curve->x[i], curve->y[i]);
    }
    UP_TRY(up_text_close(csv, &text));
    UpStatus status = up_file_write(path, text, size);
    free(text);
    return status;
}

UpStatus cli_lab_figure(const CliLab *lab, const UpPlot *plot, const char *name) {
    static const char *const ending[] = {"svg", "png"};
    char path[2048];
    snprintf(path, sizeof path, "%s/%s.csv", lab->folder, name);
    UP_TRY(write_points(plot, path));
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s.%s", lab->folder, name, ending[i]);
        UpStatus status = up_plot_write(plot, path);
        if (status == UP_UNSUPPORTED) up_warn("%s", up_error());
        if (status != UP_OK) return status == UP_UNSUPPORTED ? UP_OK : status;
    }
    printf("%s\n", path);
    return UP_OK;
}

UpStatus cli_lab_env(UpEnv **env, const char *id, const char *keywords, int instances) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s", id);
    snprintf(def.options, sizeof def.options, "%s", keywords);
    return up_env_create(env, &def, instances);
}
