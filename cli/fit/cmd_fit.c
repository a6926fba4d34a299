// uphill fit: supervised learning of a CSV file, several activations side by side.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fit/fit.h"
#include "uphill/file.h"
#include "uphill/plot.h"
#include "uphill/text.h"

enum { PATH_SIZE = 2048, REPORTS = 10, EPOCHS_MAX = 1000000 };

// Those of Sun 2024's slide.
static const UpActivation compared[] = {UP_SIGMOID, UP_TANH, UP_RELU, UP_LEAKY_RELU};
enum { COMPARED = sizeof compared / sizeof *compared };

// ---------------------------------------------------------------------------------------------------
// What is printed

static void print_data(const FitData *d, bool asked) {
    const FitTable *t = &d->table;
    printf("%s: %lld rows, %lld inputs; the target is column %d", t->path, (long long)t->rows,
           (long long)d->inputs, t->target + 1);
    if (t->name) cli_print(", %s", t->name[t->target]);
    if (d->classes)
        printf("\n%d classes: cross-entropy", d->classes);
    else
        printf("\na number: mean squared error");
    printf("%s\n%lld rows to learn from, %lld held out\n\n",
           asked ? "" : " (--loss says otherwise)", (long long)d->set[FIT_TRAIN].rows,
           (long long)d->set[FIT_HELD_OUT].rows);
}

// Held-out losses, now and then.
static void print_epoch(const FitModels *all) {
    if (all->epoch == 0) {
        printf("epoch");
        for (int i = 0; i < all->count; i++)
            printf(" %12s", all->model[i].label);
        printf("   held-out loss\n");
    }
    if (all->epoch * REPORTS / all->epochs == (all->epoch - 1) * REPORTS / all->epochs &&
        all->epoch > 0)
        return;
    printf("%5lld", (long long)all->epoch);
    for (int i = 0; i < all->count; i++)
        printf(" %12.5g", all->model[i].loss[FIT_HELD_OUT][all->epoch]);
    putchar('\n');
    fflush(stdout);
}

static void print_result(const FitModels *all) {
    bool classes = all->data->classes > 0;
    printf("\n%-12s %12s %12s %14s\n", "", "train loss", "held-out", classes ? "accuracy" : "R²");
    for (int i = 0; i < all->count; i++) {
        const FitModel *m = &all->model[i];
        printf("%-12s %12.5g %12.5g", m->label, m->loss[FIT_TRAIN][all->epochs],
               m->loss[FIT_HELD_OUT][all->epochs]);
        double score = m->score[FIT_HELD_OUT][all->epochs];
        if (classes)
            printf(" %11.2f %%\n", 100 * score);
        else
            printf(" %13.5f\n", score);
    }
    putchar('\n');
}

// ---------------------------------------------------------------------------------------------------
// What is written

static UpStatus write_losses(const FitModels *all, const char *folder) {
    char path[PATH_SIZE], *text;
    size_t size;
    FILE *csv = up_text_open(&text, &size);
    snprintf(path, sizeof path, "%s/losses.csv", folder);
    if (!csv) return UP_MEMORY;
    const char *score = all->data->classes ? "accuracy" : "r2";
    fprintf(csv, "activation,epoch,train_loss,held_out_loss,train_%s,held_out_%s\n", score, score);
    for (int i = 0; i < all->count; i++) {
        const FitModel *m = &all->model[i];
        for (int64_t e = 0; e <= all->epochs; e++)
            fprintf(csv, "%s,%lld,%.9g,%.9g,%.9g,%.9g\n", m->label, (long long)e,
                    m->loss[FIT_TRAIN][e], m->loss[FIT_HELD_OUT][e], m->score[FIT_TRAIN][e],
                    m->score[FIT_HELD_OUT][e]);
    }
    UP_TRY(up_text_close(csv, &text));
    UpStatus status = up_file_write(path, text, size);
    free(text);
    if (status == UP_OK) printf("%s\n", path);
    return status;
}

static UpStatus draw(const UpPlot *plot, const char *folder) {
    static const char *const ending[] = {"svg", "png"};
    for (int i = 0; i < 2; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s/losses.%s", folder, ending[i]);
        UpStatus status = up_plot_write(plot, path);
        if (status == UP_UNSUPPORTED) {
            up_warn("%s", up_error());
            return UP_OK;
        }
        UP_TRY(status);
        printf("%s\n", path);
    }
    return UP_OK;
}

// The held-out loss of each model, and dashed beside it the loss on what it learned from.
static UpStatus write_figure(FitModels *all, const char *folder) {
    enum { LABEL = 64 };
    size_t points = (size_t)all->epochs + 1, curves = (size_t)all->count * FIT_SETS;
    double *x = up_arena_alloc(&all->arena, points, sizeof *x);
    UpCurve *curve = up_arena_alloc(&all->arena, curves, sizeof *curve);
    char(*label)[LABEL] = up_arena_alloc(&all->arena, curves, sizeof *label);
    char title[512];
    UP_TRY(up_arena_status(&all->arena));
    for (size_t e = 0; e < points; e++)
        x[e] = (double)e;
    for (int c = 0; c < (int)curves; c++) {
        const FitModel *m = &all->model[c / FIT_SETS];
        bool train = c % FIT_SETS == 1;
        snprintf(label[c], LABEL, "%s%s", m->label, train ? ", train" : "");
        curve[c] = (UpCurve){.label = label[c],
                             .points = (int)points,
                             .x = x,
                             .y = m->loss[train ? FIT_TRAIN : FIT_HELD_OUT],
                             .style = train ? UP_CURVE_DASHED : UP_CURVE_PLAIN};
    }
    snprintf(title, sizeof title, "%.200s: loss on rows held out, and on those learned from",
             strrchr(all->data->table.path, '/') ? strrchr(all->data->table.path, '/') + 1
                                                 : all->data->table.path);
    UpPlot plot = {.title = title,
                   .x_label = "epochs",
                   .y_label = all->data->classes ? "cross-entropy, nats" : "mean squared error",
                   .curves = (int)curves,
                   .curve = curve,
                   .target = NAN,
                   .log_y = true};
    return draw(&plot, folder);
}

static UpStatus write_all(FitModels *all, const char *folder) {
    char path[PATH_SIZE];
    UP_TRY(write_losses(all, folder));
    for (int i = 0; i < all->count; i++) {
        snprintf(path, sizeof path, "%s/%s.safetensors", folder, all->model[i].label);
        UP_TRY(fit_model_save(&all->model[i], all->data, path));
        printf("%s\n", path);
    }
    return write_figure(all, folder);
}

// ---------------------------------------------------------------------------------------------------
// What was asked for

// Of actions and values, which fitting has not.
static const char *const unread[] = {"policy.shared", "policy.gain_value", "policy.log_std",
                                     "policy.bernoulli", "policy.box"};

// One --set.
static UpStatus configure_one(UpConfig *config, const char *set) {
    char key[256];
    const char *equals = strchr(set, '=');
    if (!equals) return up_fail(UP_USAGE, "--set %s: write --set section.key=value", set);
    if (strncmp(set, "policy.", 7) != 0 && strncmp(set, "optim.", 6) != 0)
        return up_fail(UP_USAGE, "--set %s: fit has the sections policy and optim", set);
    snprintf(key, sizeof key, "%.*s", (int)(equals - set), set);
    for (size_t i = 0; i < sizeof unread / sizeof *unread; i++)
        if (strcmp(key, unread[i]) == 0)
            return up_fail(UP_USAGE,
                           "--set %s does nothing here: fit does not read it; leave it out", set);
    return up_config_set(config, key, equals + 1, "--set");
}

// The defaults of `fit`, --seed and --set. *chosen: policy.activation was set.
static UpStatus configure(UpConfig *config, const CliArgs *args, bool *chosen) {
    static const char *const defaults[] = {"policy.hidden=64",      "policy.init=torch",
                                           "policy.gain_policy=1",  "policy.normalize_obs=on",
                                           "optim.max_grad_norm=0", "optim.learning_rate=3e-3"};
    UP_TRY(up_config_default(config, "ppo"));
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        UP_TRY(configure_one(config, defaults[i]));
    memset(config->given, 0, sizeof config->given);
    *chosen = false;
    for (int i = 0; i < args->values; i++) {
        if (strcmp(args->option[i]->name, "--set") != 0) continue;
        UP_TRY(configure_one(config, args->value[i]));
        *chosen |= strncmp(args->value[i], "policy.activation=", 18) == 0;
    }
    UP_TRY(up_config_check_env(config, NULL));
    config->policy.log_std = 0; // σ = 1: half the squared error
    return cli_int(args, "--seed", 0, INT32_MAX, &config->train.seed);
}

static UpStatus choose_loss(const CliArgs *args, FitLoss *loss) {
    const char *name = cli_value(args, "--loss");
    *loss = !name                                ? FIT_DEDUCED
            : strcmp(name, "mse") == 0           ? FIT_MSE
            : strcmp(name, "cross-entropy") == 0 ? FIT_CROSS_ENTROPY
                                                 : FIT_LOSSES;
    return *loss != FIT_LOSSES ? UP_OK
                               : up_fail(UP_USAGE, "--loss %s: it is mse or cross-entropy", name);
}

// fits/NAME for a file some/where/NAME.csv.
static const char *choose_folder(const CliArgs *args, char *made, size_t size) {
    const char *path = args->word[0], *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    snprintf(made, size, "fits/%.*s", dot > name ? (int)(dot - name) : (int)strlen(name), name);
    return cli_value(args, "--out") ? cli_value(args, "--out") : made;
}

static UpStatus learn(const CliArgs *args, const UpConfig *config, bool chosen, FitData *data,
                      FitModels *all) {
    int64_t epochs = 100, batch = 32;
    char made[PATH_SIZE / 2];
    const char *held_out = cli_value(args, "--held-out");
    const char *folder = choose_folder(args, made, sizeof made);
    FitLoss loss;
    bool single = chosen || config->policy.hidden.count == 0;
    const UpActivation one[] = {(UpActivation)config->policy.activation};
    UP_TRY(choose_loss(args, &loss));
    UP_TRY(cli_int(args, "--epochs", 1, EPOCHS_MAX, &epochs));
    UP_TRY(cli_int(args, "--batch", 1, 1 << 20, &batch));
    UP_TRY(fit_data_read(data, args->word[0], cli_value(args, "--target"), loss,
                         held_out ? held_out : "0.2", (uint64_t)config->train.seed));
    UP_TRY(up_folder_create(folder));
    print_data(data, loss != FIT_DEDUCED);
    UP_TRY(fit_models_create(all, config, data, epochs, batch, single ? one : compared,
                             single ? 1 : COMPARED));
    for (int64_t e = 0; e <= epochs; e++) {
        UP_TRY(fit_models_epoch(all, e));
        print_epoch(all);
        if (cli_stop && e < epochs) all->epochs = epochs = e; // what there is, is written
    }
    print_result(all);
    UP_TRY(write_all(all, folder));
    if (!cli_stop) return UP_OK;
    printf("interrupted after %lld epochs\n", (long long)epochs);
    return UP_INTERRUPTED;
}

static UpStatus run(const CliArgs *args) {
    static UpConfig config; // a few KiB of text fields
    static FitData data;
    FitModels all = {0};
    bool chosen;
    UP_TRY(configure(&config, args, &chosen));
    cli_catch();
    UpStatus status = learn(args, &config, chosen, &data, &all);
    fit_models_destroy(&all);
    fit_data_free(&data);
    return status;
}

static const CliOption options[] = {
    {"--target", "NAME", "the column to predict, by name or number from 1 (default: the last)"},
    {"--loss", "LOSS", "mse or cross-entropy (default: what suits the target)"},
    {"--epochs", "N", "passes over the rows (default 100)"},
    {"--batch", "N", "rows in a minibatch (default 32)"},
    {"--held-out", "S|FILE", "share of the rows, drawn by the seed, or a file (default 0.2)"},
    {"--seed", "S", "of the weights, of the split and of the order (default 1)"},
    {"--set", "section.key=value", "an option of [policy] or [optim]; may be repeated"},
    {"--out", "DIR", "where everything is written (default fits/DATA)"},
};

const CliCommand cli_fit = {
    "fit",
    "DATA.csv",
    1,
    1,
    "supervised learning of a table",
    "Numbers between commas; a first line without a number is a header. A target of names, or of\n"
    "up to 20 different whole numbers, is one of classes and learned by cross-entropy, any other\n"
    "by mean squared error. Four networks learn side by side, one for each activation of\n"
    "Sun 2024; --set policy.activation=relu learns one, --set policy.hidden=none a linear one.",
    options,
    sizeof options / sizeof *options,
    run};
