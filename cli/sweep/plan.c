// What a sweep consists of: the swept options, and the settings that come of them.
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/sweep.h"
#include "uphill/random.h"

static char *copy(UpArena *arena, const char *text, size_t length) {
    char *room = up_arena_alloc(arena, length + 1, 1);
    if (room) memcpy(room, text, length);
    return room;
}

// The option's row in its section; NULL for keywords of an environment.
static const UpOption *find_option(const char *key) {
    UpSection section;
    int row;
    return sweep_option(key, &section, &row) ? &section.table->rows[row] : NULL;
}

static UpStatus refuse_key(const Sweep *sweep, const char *option, const char *key) {
    if (strcmp(key, "train.seed") == 0)
        return up_fail(UP_USAGE, "%s %s: seeds are not swept; --seeds S repeats each setting",
                       option, key);
    if (strcmp(key, "train.algo") == 0 || strcmp(key, "train.recipe") == 0)
        return up_fail(UP_USAGE,
                       "%s %s: an algorithm has options of its own; make a sweep for each", option,
                       key);
    for (int p = 0; p < sweep->params; p++)
        if (strcmp(sweep->param[p].key, key) == 0)
            return up_fail(UP_USAGE, "%s %s: it is swept already; name it once", option, key);
    return UP_OK;
}

// "section.key=rest": adds a parameter.
static UpStatus begin_param(Sweep *sweep, const SweepVary *vary, SweepParam **param,
                            const char **rest) {
    const char *option = vary->random ? "--random" : "--grid", *text = vary->text;
    const char *equals = strchr(text, '=');
    SweepParam *p = *param = &sweep->param[sweep->params];
    *rest = equals ? equals + 1 : text;
    if (!equals || equals == text)
        return up_fail(UP_USAGE, "%s %s: write %s section.key=%s", option, text, option,
                       vary->random ? "LO:HI[:log]" : "A,B,…");
    if (sweep->params == SWEEP_PARAMS)
        return up_fail(UP_USAGE, "%s %s: more than %d swept options", option, text, SWEEP_PARAMS);
    if (snprintf(p->key, sizeof p->key, "%.*s", (int)(equals - text), text) >= (int)sizeof p->key)
        return up_fail(UP_USAGE, "%s %s: there is no option with so long a name", option, text);
    return refuse_key(sweep, option, p->key);
}

// ---------------------------------------------------------------------------------------------------
// --grid

static UpStatus add_value(Sweep *sweep, SweepParam *p, const char *text, size_t length) {
    const UpOption *option = find_option(p->key);
    char *value = copy(&sweep->arena, text, length);
    if (!value) return UP_MEMORY;
    if (length == 0) return up_fail(UP_USAGE, "--grid %s: a value is empty", p->key);
    if (p->values == SWEEP_VALUES)
        return up_fail(UP_USAGE, "--grid %s: more than %d values", p->key, SWEEP_VALUES);
    // A comma is between values, so a list of sizes is written 64x64.
    for (char *c = value; option && option->type == UP_OPTION_SIZES && *c; c++)
        if (*c == 'x' && isdigit((unsigned char)c[1])) *c = ',';
    for (int i = 0; i < p->values; i++)
        if (strcmp(p->value[i], value) == 0)
            return up_fail(UP_USAGE, "--grid %s: %s stands there twice", p->key, value);
    UpConfig config = sweep->base;
    UP_TRY(up_config_set(&config, p->key, value, "--grid"));
    p->value[p->values++] = value;
    return UP_OK;
}

static UpStatus add_grid(Sweep *sweep, const SweepVary *vary) {
    SweepParam *p;
    const char *rest;
    UP_TRY(begin_param(sweep, vary, &p, &rest));
    for (;; rest++) {
        size_t length = strcspn(rest, ",");
        UP_TRY(add_value(sweep, p, rest, length));
        rest += length;
        if (*rest == 0) break;
    }
    sweep->params++;
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// --random

static UpStatus parse_end(const char *argument, const char *text, size_t length, double *number) {
    char word[64], *end;
    snprintf(word, sizeof word, "%.*s", (int)length, text);
    *number = strtod(word, &end);
    if (length == 0 || *end != 0 || !isfinite(*number))
        return up_fail(UP_USAGE,
                       "--random %s: \"%s\" is no number; write section.key=LO:HI or LO:HI:log",
                       argument, word);
    return UP_OK;
}

static UpStatus check_range(Sweep *sweep, const SweepParam *p, const char *argument) {
    if (!(p->low < p->high)) return up_fail(UP_USAGE, "--random %s: LO must be below HI", argument);
    if (p->log && !(p->low > 0))
        return up_fail(UP_USAGE, "--random %s: a range with :log begins above 0", argument);
    char text[2][32];
    UpConfig config = sweep->base;
    snprintf(text[0], sizeof text[0], "%.17g", p->low);
    snprintf(text[1], sizeof text[1], "%.17g", p->high);
    for (int i = 0; i < 2; i++)
        UP_TRY(up_config_set(&config, p->key, text[i], "--random"));
    return UP_OK;
}

static UpStatus add_random(Sweep *sweep, const SweepVary *vary) {
    SweepParam *p;
    const char *rest, *argument = vary->text;
    UP_TRY(begin_param(sweep, vary, &p, &rest));
    const UpOption *option = find_option(p->key);
    bool number = !option || option->type == UP_OPTION_REAL || option->type == UP_OPTION_INT;
    if (!number)
        return up_fail(UP_USAGE,
                       "--random %s: this option is no number; name its values: --grid %s=A,B",
                       argument, p->key);
    const char *middle = rest + strcspn(rest, ":");
    const char *high = *middle ? middle + 1 : middle, *last = high + strcspn(high, ":");
    p->random = true;
    p->whole = option && option->type == UP_OPTION_INT;
    UP_TRY(parse_end(argument, rest, (size_t)(middle - rest), &p->low));
    UP_TRY(parse_end(argument, high, (size_t)(last - high), &p->high));
    p->log = strcmp(last, ":log") == 0;
    if (*last && !p->log)
        return up_fail(UP_USAGE, "--random %s: behind the range there may be :log, not %s",
                       argument, last);
    UP_TRY(check_range(sweep, p, argument));
    sweep->params++;
    return UP_OK;
}

// Four digits, unless they would leave the range.
static const char *draw(Sweep *sweep, const SweepParam *p, UpRng *rng) {
    char text[32];
    double value = p->log     ? exp(up_rng_uniform(rng, log(p->low), log(p->high)))
                   : p->whole ? (double)up_rng_integers(rng, (int64_t)p->low, (int64_t)p->high + 1)
                              : up_rng_uniform(rng, p->low, p->high);
    value = fmin(fmax(p->whole ? round(value) : value, p->low), p->high);
    snprintf(text, sizeof text, p->whole ? "%.0f" : "%.4g", value);
    double read = strtod(text, NULL);
    if (read < p->low || read > p->high) snprintf(text, sizeof text, "%.17g", value);
    return copy(&sweep->arena, text, strlen(text));
}

// ---------------------------------------------------------------------------------------------------
// Settings

// All combinations of the grid, `draws` times each, with new draws for each.
static UpStatus make_settings(Sweep *sweep, int64_t draws) {
    int64_t combinations = 1;
    for (int p = 0; p < sweep->params; p++) {
        combinations *= sweep->param[p].random ? 1 : sweep->param[p].values;
        if (combinations * draws * sweep->seeds > SWEEP_RUNS)
            return up_fail(UP_USAGE, "this sweep would be more than %d runs", SWEEP_RUNS);
    }
    sweep->settings = sweep->combinations = (int)(combinations * draws);
    sweep->runs = sweep->settings * sweep->seeds;
    sweep->text = up_arena_alloc(&sweep->arena, (size_t)sweep->settings * (size_t)sweep->params,
                                 sizeof *sweep->text);
    sweep->result = up_arena_alloc(&sweep->arena, (size_t)sweep->runs, sizeof *sweep->result);
    sweep->idle = up_arena_alloc(&sweep->arena, (size_t)sweep->settings, sizeof *sweep->idle);
    sweep->number = up_arena_alloc(&sweep->arena, (size_t)sweep->settings, sizeof *sweep->number);
    UP_TRY(up_arena_status(&sweep->arena));
    for (int s = 0; s < sweep->settings; s++) {
        UpRng rng;
        sweep->number[s] = s + 1;
        up_rng_stream(&rng, (uint64_t)sweep->base.train.seed, UP_STREAM_SWEEP, (uint32_t)s);
        int64_t left = s;
        for (int p = sweep->params - 1; p >= 0; p--) { // the last one changes fastest
            const SweepParam *param = &sweep->param[p];
            const char **text = &sweep->text[s * sweep->params + p];
            if (param->random) {
                *text = draw(sweep, param, &rng);
                if (!*text) return UP_MEMORY;
                continue;
            }
            *text = param->value[left % param->values];
            left /= param->values;
        }
    }
    return UP_OK;
}

static UpStatus check_settings(const Sweep *sweep) {
    for (int s = 0; s < sweep->settings; s++) {
        UpConfig config;
        UP_TRY(sweep_config(sweep, s, &config));
        if (up_config_check(&config) == UP_OK) continue;
        char message[512], values[512] = "";
        size_t used = 0;
        snprintf(message, sizeof message, "%s", up_error());
        for (int p = 0; p < sweep->params && used < sizeof values; p++)
            used +=
                (size_t)snprintf(values + used, sizeof values - used, "%s%s=%s", p ? " " : "with ",
                                 sweep->param[p].key, sweep_text(sweep, s, p));
        return up_fail(UP_USAGE, "%s%s%s", values, *values ? ": " : "", message);
    }
    return UP_OK;
}

UpStatus sweep_plan(Sweep *sweep, const SweepDef *def) {
    bool random = false;
    sweep->base = def->base;
    if (sweep->base.train.threads == 0) sweep->base.train.threads = 1; // runs share the cores
    sweep->seeds = def->seeds;
    if (sweep->base.train.seed + def->seeds - 1 > UINT32_MAX)
        return up_fail(UP_USAGE, "--seed %lld: the last of %d seeds would be beyond %lld",
                       (long long)sweep->base.train.seed, def->seeds, (long long)UINT32_MAX);
    for (int i = 0; i < def->varied; i++) {
        const SweepVary *vary = &def->vary[i];
        UP_TRY(vary->random ? add_random(sweep, vary) : add_grid(sweep, vary));
        random |= vary->random;
    }
    UP_TRY(make_settings(sweep, !random ? 1 : def->draws ? def->draws : 10));
    UP_TRY(check_settings(sweep));
    return sweep_reads(sweep);
}
