// docs/options.md is made from the option tables, so it is always right: this test makes it anew
// and compares. With UPHILL_WRITE_DOCS=1 it writes the page instead.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "uphill/algo.h"
#include "uphill/file.h"

static const char path[] = UP_SOURCE_DIR "/docs/options.md";

static const char intro[] =
    "# Options\n"
    "\n"
    "Every option of a run, by section. Names are the same in a recipe (`[section]`, then\n"
    "`option = value`), in a run's `config.ini`, after `--set section.option=value`, and in\n"
    "`up_config_set`. `uphill algos --options` prints the same tables. Where a default depends on\n"
    "the algorithm, the others are named. An option that says with what it is read does nothing\n"
    "without: asking for it (`--set`, `up_config_set`) is then a mistake, also at its default; in "
    "a\n"
    "recipe or a saved `config.ini` it is warned of where it is not the default. What stands "
    "under\n"
    "`from` is listed in\n"
    "[notation.md](notation.md). This page is generated from the tables in the sources:\n"
    "`UPHILL_WRITE_DOCS=1 ./dev test -R docs/options` writes it.\n";

typedef struct Defaults {
    const UpAlgo *const *algo;
    int algos;
    UpConfig *config; // (algos)
} Defaults;

static void print_bounds(FILE *out, const UpOption *o) {
    if (o->type == UP_OPTION_BOOL) fputs("true, false", out);
    for (const char *c = o->choices; c && *c; c++)
        fputs(*c == '|' ? ", " : (char[]){*c, 0}, out);
    if (o->type == UP_OPTION_INT || o->type == UP_OPTION_REAL || o->type == UP_OPTION_SIZES)
        fprintf(out, "%.10g to %.10g", o->min, o->max);
    if (o->type == UP_OPTION_TEXT) fputs("text", out);
    if (o->unit[0]) fprintf(out, " %s", o->unit);
}

// Whether the algorithm reads the section.
static bool reads(const UpAlgo *algo, const UpOptionTable *table) {
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(algo, section);
    for (int i = 0; i < sections; i++)
        if (section[i].table == table) return true;
    return false;
}

// One algorithm's default, where it differs from `first`, which is filled by the first call.
static void add_default(FILE *out, const Defaults *d, int i, const UpSection *section, int row,
                        char *first) {
    char value[UP_OPTION_TEXT_MAX];
    if (!reads(d->algo[i], section->table)) return;
    up_options_format(section->table, row, (const char *)&d->config[i] + section->offset, value,
                      sizeof value);
    if (strcmp(section->table->rows[row].name, "algo") == 0) strcpy(value, "ppo");
    if (!value[0]) strcpy(value, "none");
    if (strcmp(value, first) == 0) return;
    if (first[0])
        fprintf(out, "; %s: %s", d->algo[i]->name, value);
    else
        fputs(strcpy(first, value), out);
}

static void print_default(FILE *out, const Defaults *d, const UpSection *section, int row) {
    char first[UP_OPTION_TEXT_MAX] = "";
    for (int pass = 0; pass < 2; pass++) // ppo, the default algorithm, comes first
        for (int i = 0; i < d->algos; i++)
            if ((strcmp(d->algo[i]->name, "ppo") == 0) == (pass == 0))
                add_default(out, d, i, section, row, first);
}

static char *make_page(void) {
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    Defaults d;
    d.algo = up_algo_list(&d.algos);
    d.config = calloc((size_t)d.algos, sizeof *d.config);
    assert_non_null(d.config);
    for (int i = 0; i < d.algos; i++)
        assert_int_equal(up_config_default(&d.config[i], d.algo[i]->name), UP_OK);

    fputs(intro, out);
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(NULL, section);
    for (int s = 0; s < sections; s++) {
        const UpOptionTable *table = section[s].table;
        fprintf(out, "\n## [%s] %s\n\n", table->section, table->title);
        fputs("| option | default | values | what it does | from |\n|---|---|---|---|---|\n", out);
        for (int row = 0; row < table->count; row++) {
            const UpOption *o = &table->rows[row];
            fprintf(out, "| `%s.%s` | ", table->section, o->name);
            print_default(out, &d, &section[s], row);
            fputs(" | ", out);
            print_bounds(out, o);
            char condition[128];
            up_options_condition(o, condition, sizeof condition);
            fprintf(out, " | %s%s%s | %s |\n", o->help, condition[0] ? "; with " : "", condition,
                    o->source);
        }
    }
    free(d.config);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void test_page(void **state) {
    (void)state;
    char *made = make_page();
    if (getenv("UPHILL_WRITE_DOCS"))
        assert_int_equal(up_file_write(path, made, strlen(made)), UP_OK);
    void *page;
    size_t size;
    assert_int_equal(up_file_read(path, &page, &size), UP_OK);
    if (strcmp(page, made) != 0)
        fail_msg("docs/options.md is not what the option tables say: "
                 "UPHILL_WRITE_DOCS=1 ./dev test -R docs/options");
    free(page);
    free(made);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_page)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
