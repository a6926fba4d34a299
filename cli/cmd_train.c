// uphill train
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "screen/panel.h"
#include "uphill/file.h"
#include "uphill/plugin.h"
#include "uphill/train.h"

static Panel *panel;

static void show(void *user, const UpProgress *p) {
    (void)user;
    panel_update(panel, p);
}

static void warn(void *user, const char *message) {
    (void)user;
    panel_warn(panel, message);
}

static void print(void *user, const char *line) {
    (void)user;
    panel_output(panel, line);
}

// Makes runs/NAME-1, runs/NAME-2, …: the first that does not exist, also where several runs of one
// name start at once.
static UpStatus default_folder(const UpConfig *config, char *folder, size_t size) {
    char name[UP_OPTION_TEXT_MAX];
    const char *recipe = config->train.recipe, *id = config->env.id;
    int object = (int)up_plugin_path(id); // of which the file's name is enough, without .so
    const char *slash = object ? memrchr(id, '/', (size_t)object) : NULL;
    const char *file = slash ? slash + 1 : id;
    if (recipe[0] || !object)
        snprintf(name, sizeof name, "%s", recipe[0] ? recipe : id);
    else
        snprintf(name, sizeof name, "%.*s", (int)(id + object - file) - 3, file);
    for (char *c = name; *c; c++)
        if (*c == '/' || *c == ':') *c = '-';
    UP_TRY(up_folder_create("runs"));
    for (int i = 1;; i++) {
        snprintf(folder, size, "runs/%s-%d", name, i);
        if (mkdir(folder, 0777) == 0) return UP_OK;
        if (errno != EEXIST)
            return up_fail(UP_IO, "cannot create folder %s: %s; name another by --run-dir", folder,
                           strerror(errno));
    }
}

// *folder is the run directory; `made` has room for one that has to be thought up.
static UpStatus prepare(const CliArgs *args, UpConfig *config, char *made, size_t size,
                        const char **folder, UpTrainer **trainer) {
    const char *resume = cli_value(args, "--resume"), *run_dir = cli_value(args, "--run-dir");
    if (resume) {
        if (args->words > 0 || run_dir || cli_value(args, "--algo"))
            return up_fail(UP_USAGE,
                           "--resume %s knows its environment, algorithm and folder: leave "
                           "them out",
                           resume);
        *folder = resume;
        UP_TRY(up_train_config(config, resume));
        UP_TRY(cli_trust(args, &config->env, resume));
        UP_TRY(cli_overrides(config, args));
        return up_train_resume(trainer, config, resume);
    }
    if (args->words == 0)
        return up_fail(UP_USAGE, "name an environment or a recipe: uphill train pong");
    if (run_dir && !*run_dir)
        return up_fail(UP_USAGE, "--run-dir '': a run directory needs a name; without --run-dir it "
                                 "is runs/NAME-1, -2, …");
    UP_TRY(cli_config(config, args, args->word[0]));
    *folder = run_dir ? run_dir : made;
    if (!run_dir) UP_TRY(default_folder(config, made, size));
    UpStatus status = up_train_create(trainer, config, *folder);
    if (status != UP_OK && !run_dir) rmdir(made); // if nothing is in it
    return status;
}

static void print_end(const UpTrainer *trainer, const char *folder, bool interrupted) {
    const UpProgress *p = up_train_progress(trainer);
    const char *what = interrupted                ? "interrupted and saved"
                       : up_train_solved(trainer) ? "solved"
                                                  : "done";
    long long episodes = p->episodes;
    printf("%s: %lld steps in %.1f s, %lld episode%s", what, (long long)p->steps, p->seconds,
           episodes, episodes == 1 ? "" : "s");
    if (episodes > 0) // else there is no return to speak of
        printf(", running reward %.2f, mean of the last %lld %.2f", p->running_reward,
               episodes < 100 ? episodes : 100, p->return_mean);
    printf("\nrun directory: %s\n", folder);
    if (interrupted) printf("go on with:    uphill train --resume %s\n", folder);
}

// What else was asked for, and would be lost.
static void print_rest(const CliArgs *args) {
    static const char *const said[] = {"--resume", "--steps", "--target", "--quiet"};
    for (int i = 0; i < args->values; i++) {
        bool known = false;
        for (size_t s = 0; s < sizeof said / sizeof *said; s++)
            known |= strcmp(args->option[i]->name, said[s]) == 0;
        if (known) continue;
        cli_put_word(stdout, args->option[i]->name);
        if (args->option[i]->value) cli_put_word(stdout, args->value[i]);
    }
}

// The advice keeps what was asked for: the number of steps, the target, and the rest.
static void print_over(const UpTrainer *trainer, const char *folder, const CliArgs *args) {
    const UpProgress *p = up_train_progress(trainer);
    const UpTrainDef *def = &up_trainer_config(trainer)->train;
    const char *asked_steps = cli_value(args, "--steps"), *asked = cli_value(args, "--target");
    bool by_steps = p->steps >= def->steps;
    bool by_target = !isnan(def->target) && p->running_reward >= def->target;
    printf("finished already: %lld of %lld steps", (long long)p->steps, (long long)def->steps);
    if (!by_steps) printf(", the running reward %.2f reached %g", p->running_reward, def->target);
    printf("; nothing was changed\ngo on with:    uphill train --resume %s", folder);
    if (by_steps)
        printf(" --steps %lld", 2 * (long long)def->steps);
    else if (asked_steps)
        cli_print(" --steps %s", asked_steps);
    if (by_target)
        printf(" --target R (more than %.2f, or none)", p->running_reward);
    else if (asked)
        cli_print(" --target %s", asked);
    print_rest(args);
    putchar('\n');
}

// What a replay takes, before its first step.
static void print_memory(const UpTrainer *trainer) {
    size_t bytes = up_train_replay_bytes(trainer);
    const UpReplayDef *def = &up_trainer_config(trainer)->replay;
    if (bytes > 0)
        fprintf(stderr, "replay: %lld steps, %.1f MB of memory\n", (long long)def->size,
                (double)bytes / 1e6);
}

static UpStatus run(const CliArgs *args) {
    static UpConfig config; // a few KiB of text fields
    char made[1024], title[2 * UP_OPTION_TEXT_MAX + 64];
    const char *folder = made;
    UpTrainer *trainer = NULL;
    cli_catch();
    UpStatus status = prepare(args, &config, made, sizeof made, &folder, &trainer);
    if (status == UP_INTERRUPTED) puts("interrupted before it began");
    UP_TRY(status);
    snprintf(title, sizeof title, "%s on %s, seed %lld", config.train.algo, config.env.id,
             (long long)config.train.seed);
    if (up_train_over(trainer)) {
        print_over(trainer, folder, args);
        up_train_destroy(trainer);
        return UP_OK;
    }
    bool quiet = cli_flag(args, "--quiet");
    if (!quiet) {
        print_memory(trainer);
        panel = panel_open(stderr, isatty(STDERR_FILENO), title, config.train.steps,
                           config.train.target);
        if (panel) up_set_warn(warn, NULL);
        if (panel) up_set_output(print, NULL);
    }
    UpTrainHooks hooks = {.iteration = panel ? show : NULL, .stop = &cli_stop};
    status = up_train_run(trainer, &hooks);
    if (panel) {
        panel_close(panel); // which showed them
        cli_show_messages();
    }
    bool interrupted = status == UP_INTERRUPTED;
    if (status == UP_OK || interrupted) print_end(trainer, folder, interrupted);
    up_train_destroy(trainer);
    return status;
}

static const CliOption options[] = {
    {"--algo", "A", "one that `uphill algos` lists (default ppo; recipes name their own)"},
    {"--steps", "N", "environment steps in all, exactly"},
    {"--envs", "N", "instances stepped together"},
    {"--threads", "T", "threads of the learner (default: one per core)"},
    {"--seed", "S", "seed of every random stream (default 1)"},
    {"--target", "R", "stop when the running reward reaches R"},
    {"--run-dir", "DIR", "where everything is written (default runs/NAME-1, -2, …)"},
    {"--resume", "DIR", "go on with an interrupted run, bit for bit"},
    {"--init", "RUN", "begin from the weights of another run, or of a .safetensors file"},
    {"--set", "section.key=value", "any option; may be repeated (uphill algos --options)"},
    {"--trust", NULL, "open an environment that is code and that a file names"},
    {"--quiet", NULL, "no panel, only the last lines"},
};

const CliCommand cli_train = {
    "train",
    "ENV|RECIPE",
    0,
    1,
    "learn a policy",
    "Ctrl-C saves a checkpoint and says how to go on; a second one ends at once. `uphill recipes`, "
    "`uphill envs` and\n"
    "`uphill algos` list what there is; `uphill algos --options` every option of --set.",
    options,
    sizeof options / sizeof *options,
    run};
