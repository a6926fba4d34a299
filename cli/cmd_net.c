// uphill net: the layers of a policy.
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "uphill/train.h"

enum { SHAPE = 48 };

static const char *shape_text(UpShape shape, char text[SHAPE]) {
    if (shape.height == 1 && shape.width == 1)
        snprintf(text, SHAPE, "%lld", (long long)shape.channels);
    else
        snprintf(text, SHAPE, "%lld x %lld x %lld", (long long)shape.channels,
                 (long long)shape.height, (long long)shape.width);
    return text;
}

// The layers first … end - 1, numbered from 1, as `add` counts them.
static void print_part(const UpPolicy *p, const char *name, int first, int end) {
    for (int l = first; l < end; l++) {
        char layer[64], shape[SHAPE];
        up_layer_format(&p->net, l, layer, sizeof layer);
        printf("%-8s %-4d %-28s %-16s %12zu\n", name, l - first + 1, layer,
               shape_text(p->net.layer[l].out, shape), p->net.layer[l].params);
    }
}

static void print_policy(const UpPolicy *p, const char *id) {
    static const char *const names[UP_HEAD_KINDS] = {"policy", "value"};
    char space[256], shape[SHAPE];
    up_space_format(&p->obs_space, space, sizeof space);
    cli_print("%s: %s%s\n", id, space, p->stack > 1 ? ", stacked" : "");
    printf("%-13s %-28s %-16s %12s\n", "", "layer", "gives", "parameters");
    printf("%-13s %-28s %s\n", "observation", "", shape_text(p->net.in, shape));
    print_part(p, "trunk", 0, p->shared);
    for (int h = 0; h < UP_HEAD_KINDS; h++)
        if (p->head[h].layer >= 0) print_part(p, names[h], p->head[h].first, p->head[h].layer + 1);
    size_t placed = 0;
    for (int l = 0; l < p->net.layers; l++)
        placed += p->net.layer[l].params;
    if (p->size > placed)
        printf("%-13s %-28s %-16s %12zu\n", "policy", "log_std", "", p->size - placed);
    printf("%-13s %-28s %-16s %12zu\n", "in all", "", "", p->size);
}

// The policy that training would begin with.
static UpStatus from_config(UpPolicy *policy, UpConfig *config, const CliArgs *args) {
    UpEnv *env;
    UP_TRY(cli_config(config, args, args->word[0]));
    UP_TRY(up_env_create(&env, &config->env, 1));
    bool value = up_algo_find(config->train.algo)->needs_value;
    UpStatus status = up_policy_create(policy, &config->policy, &env->spec, value, 1, 0);
    up_env_destroy(env);
    return status;
}

static UpStatus run(const CliArgs *args) {
    UpPolicy policy;
    UpConfig config;
    UP_TRY(cli_is_run(args->word[0]) ? up_policy_load(&policy, &config, args->word[0])
                                     : from_config(&policy, &config, args));
    print_policy(&policy, config.env.id);
    up_policy_destroy(&policy);
    return UP_OK;
}

static const CliOption options[] = {
    {"--algo", "A", "of an environment: the algorithm it is for (default ppo)"},
    {"--set", "section.key=value", "any option, as policy.net=nature"},
    {"--trust", NULL, "open an environment that is code and that a recipe's file names"},
};

const CliCommand cli_net = {
    "net",
    "ENV|RECIPE|RUN",
    1,
    1,
    "print a policy's layers, their shapes and their parameters",
    "Pictures are channels x rows x columns. A description that does not fit is refused, with the\n"
    "layer and the reason: uphill net ALE/Pong-v5 --set env.preprocess=atari --set "
    "policy.net=nature",
    options,
    sizeof options / sizeof *options,
    run};
