// A CSV file of numbers, read strictly: cells between commas, in quotes where they have to be, one
// row a line.
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"
#include "uphill/file.h"

bool fit_number(const char *cell, double *value) {
    char *end;
    *value = strtod(cell, &end);
    return end != cell && *end == 0 && isfinite(*value);
}

// Any number, NaN too: a row that has one is no header.
static bool is_numeric(const char *cell) {
    char *end;
    strtod(cell, &end);
    return end != cell && *end == 0;
}

static UpStatus fail_at(const FitTable *t, int64_t line, int column, const char *what) {
    bool named = t->name != NULL;
    return up_fail(UP_FORMAT, "%s, line %lld, column %d%s%s%s: %s", t->path, (long long)line,
                   column + 1, named ? " (" : "", named ? t->name[column] : "", named ? ")" : "",
                   what);
}

UpStatus fit_table_fail(const FitTable *t, int64_t row, int column, const char *what) {
    return fail_at(t, t->line[row], column, what);
}

// Ends the cell that begins at *at and moves on to the next one: NULL behind the last. NULL for a
// quote that is not closed, or that something follows.
static char *cut_cell(char **at) {
    char *cell = *at + strspn(*at, " \t"), *end;
    if (*cell == '"') {
        char *to = ++cell;
        for (end = cell; *end && (*end != '"' || end[1] == '"'); end++) {
            end += *end == '"'; // "" stands for a quote
            *to++ = *end;
        }
        if (*end != '"') return NULL;
        end += 1 + strspn(end + 1, " \t");
        if (*end && *end != ',') return NULL;
        *at = *end ? end + 1 : NULL;
        *to = 0;
        return cell;
    }
    end = cell + strcspn(cell, ",");
    *at = *end ? end + 1 : NULL;
    for (*end = 0; end > cell && isspace((unsigned char)end[-1]);)
        *--end = 0;
    return cell;
}

// Cuts a line into cells, of which `capacity` are kept.
static UpStatus cut_line(const FitTable *t, int64_t line, char *at, char **cell, int capacity,
                         int *count) {
    for (*count = 0; at; ++*count) {
        char *next = cut_cell(&at);
        if (!next)
            return up_fail(UP_FORMAT, "%s, line %lld, column %d: its quotes do not fit", t->path,
                           (long long)line, *count + 1);
        if (*count < capacity) cell[*count] = next;
    }
    return UP_OK;
}

static UpStatus add_row(FitTable *t, int64_t line, char **cell) {
    char what[128];
    float *input = t->input + t->rows * (t->columns - 1);
    for (int c = 0; c < t->columns; c++) {
        double value;
        if (*cell[c] == 0) return fail_at(t, line, c, "the cell is empty");
        if (c == t->target) continue;
        snprintf(what, sizeof what, "\"%.40s\" is no finite number", cell[c]);
        if (!fit_number(cell[c], &value) || !isfinite((float)value))
            return fail_at(t, line, c, what);
        *input++ = (float)value;
    }
    t->cell[t->rows] = cell[t->target];
    t->line[t->rows++] = line;
    return UP_OK;
}

// A first line without a number is the header.
static UpStatus find_header(FitTable *t, char **cell) {
    for (int c = 0; c < t->columns; c++)
        if (is_numeric(cell[c])) return UP_OK;
    t->name = up_arena_alloc(&t->arena, (size_t)t->columns, sizeof *t->name);
    if (!t->name) return UP_MEMORY;
    memcpy(t->name, cell, (size_t)t->columns * sizeof *cell);
    for (int c = 1; c < t->columns; c++)
        for (int before = 0; before < c; before++)
            if (strcmp(t->name[before], t->name[c]) == 0)
                return up_fail(UP_FORMAT,
                               "%s: columns %d and %d are both named \"%s\": name each of them "
                               "otherwise",
                               t->path, before + 1, c + 1, t->name[c]);
    return UP_OK;
}

static UpStatus find_target(FitTable *t, const char *target) {
    double number;
    t->target = t->columns - 1;
    if (!target) return UP_OK;
    for (int c = 0; t->name && c < t->columns; c++) {
        if (strcmp(t->name[c], target) != 0) continue;
        t->target = c;
        return UP_OK;
    }
    if (fit_number(target, &number) && number >= 1 && number <= t->columns &&
        number == floor(number)) {
        t->target = (int)number - 1;
        return UP_OK;
    }
    const char *near =
        t->name ? up_nearest(target, (const char *const *)t->name, t->columns) : NULL;
    return up_fail(UP_USAGE,
                   "%s has no column \"%s\"%s%s%s; name one of its header, or a number "
                   "from 1 to %d",
                   t->path, target, near ? "; did you mean " : "", near ? near : "",
                   near ? "?" : "", t->columns);
}

// The first line says how many columns there are. *cell has room for them.
static UpStatus begin(FitTable *t, char *line, int64_t number, size_t lines, const char *target,
                      char ***cell) {
    int most = 1;
    for (const char *c = line; *c; c++)
        most += *c == ',';
    *cell = up_arena_alloc(&t->arena, (size_t)most, sizeof **cell);
    if (!*cell) return UP_MEMORY;
    UP_TRY(cut_line(t, number, line, *cell, most, &t->columns));
    if (t->columns < 2)
        return up_fail(UP_FORMAT,
                       "%s, line %lld: one column; it takes two or more, separated by "
                       "commas",
                       t->path, (long long)number);
    UP_TRY(find_header(t, *cell));
    UP_TRY(find_target(t, target));
    t->input = up_arena_alloc(&t->arena, lines * (size_t)(t->columns - 1), sizeof *t->input);
    t->cell = up_arena_alloc(&t->arena, lines, sizeof *t->cell);
    t->line = up_arena_alloc(&t->arena, lines, sizeof *t->line);
    return up_arena_status(&t->arena);
}

static UpStatus read_lines(FitTable *t, char *text, const char *target) {
    size_t lines = 1;
    int64_t number = 0;
    int count;
    char **cell = NULL;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    for (char *line; (line = strsep(&text, "\n")) != NULL;) {
        number++;
        if (line[strspn(line, " \t\r")] == 0) continue;
        bool first = !cell;
        if (first) UP_TRY(begin(t, line, number, lines, target, &cell));
        if (first && t->name) continue;
        if (!first) {
            UP_TRY(cut_line(t, number, line, cell, t->columns, &count));
            if (count != t->columns)
                return up_fail(UP_FORMAT, "%s, line %lld: %d column%s, and the first line has %d",
                               t->path, (long long)number, count, count == 1 ? "" : "s",
                               t->columns);
        }
        UP_TRY(add_row(t, number, cell));
    }
    return t->rows > 0 ? UP_OK : up_fail(UP_FORMAT, "%s has no row of numbers", t->path);
}

UpStatus fit_table_read(FitTable *t, const char *path, const char *target) {
    char *text;
    size_t size;
    *t = (FitTable){.path = path};
    UP_TRY(up_file_read_text(path, &text, &size));
    t->text = text;
    bool mark = strncmp(t->text, "\xef\xbb\xbf", 3) == 0; // of UTF-8, which some programs write
    return read_lines(t, t->text + 3 * mark, target);
}

void fit_table_free(FitTable *t) {
    up_arena_free(&t->arena);
    free(t->text);
    *t = (FitTable){0};
}
