#include "uphill/option.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/number.h"

static void *field(void *def, const UpOption *option) {
    return (char *)def + option->offset;
}

void up_options_default(const UpOptionTable *table, void *def) {
    for (int i = 0; i < table->count; i++)
        up_options_set(table, def, table->rows[i].name, table->rows[i].fallback, "default");
}

static UpStatus bad_value(const UpOptionTable *table, const UpOption *option, const char *value,
                          const char *where, const char *expected) {
    return up_fail(UP_USAGE, "%s: %s.%s = \"%s\" is not possible: %s", where, table->section,
                   option->name, value, expected);
}

static UpStatus out_of_bounds(const UpOptionTable *table, const UpOption *option, const char *value,
                              const char *where) {
    char expected[128];
    snprintf(expected, sizeof expected, "it must be between %.10g and %.10g", option->min,
             option->max);
    return bad_value(table, option, value, where, expected);
}

// A whole number; "1e6" and "1_000_000" are accepted because steps are written so. One that is too
// large becomes the largest, which no bounds hold.
static bool parse_int(const char *text, int64_t *result) {
    char digits[64];
    size_t length = 0;
    for (; *text && length < sizeof digits - 1; text++)
        if (*text != '_') digits[length++] = *text;
    digits[length] = 0;
    char *end;
    errno = 0;
    long long whole = strtoll(digits, &end, 10);
    if (length > 0 && *end == 0 && errno == 0) {
        *result = whole;
        return true;
    }
    double real = up__number_parse(digits, &end);
    if (length == 0 || *end != 0 || real != floor(real) || isinf(real)) return false;
    *result = real > 9e15 ? INT64_MAX : real < -9e15 ? INT64_MIN : (int64_t)real;
    return true;
}

static UpStatus set_int(const UpOptionTable *table, void *def, const UpOption *option,
                        const char *value, const char *where) {
    int64_t number;
    if (!parse_int(value, &number))
        return bad_value(table, option, value, where, "it must be a whole number");
    if ((double)number < option->min || (double)number > option->max)
        return out_of_bounds(table, option, value, where);
    *(int64_t *)field(def, option) = number;
    return UP_OK;
}

static UpStatus set_real(const UpOptionTable *table, void *def, const UpOption *option,
                         const char *value, const char *where) {
    char *end;
    // NaN, or "none", stands for "not set" where the default is NaN, and nowhere else.
    bool optional = strcmp(option->fallback, "nan") == 0;
    double number = up__number_parse(optional && strcmp(value, "none") == 0 ? "nan" : value, &end);
    if (*value == 0 || *end != 0)
        return bad_value(table, option, value, where,
                         optional ? "it must be a number, or none" : "it must be a number");
    bool unset = isnan(number) && optional;
    if (!unset && !(number >= option->min && number <= option->max))
        return out_of_bounds(table, option, value, where);
    *(double *)field(def, option) = number;
    return UP_OK;
}

static UpStatus set_bool(const UpOptionTable *table, void *def, const UpOption *option,
                         const char *value, const char *where) {
    static const char *const words[] = {"false", "true", "off", "on", "no", "yes", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(value, words[i]) == 0) {
            *(bool *)field(def, option) = i % 2;
            return UP_OK;
        }
    }
    return bad_value(table, option, value, where, "it must be true or false");
}

static UpStatus set_choice(const UpOptionTable *table, void *def, const UpOption *option,
                           const char *value, const char *where) {
    const char *choice = option->choices;
    for (int index = 0; choice; index++) {
        size_t length = strcspn(choice, "|");
        if (strlen(value) == length && strncmp(value, choice, length) == 0) {
            *(int *)field(def, option) = index;
            return UP_OK;
        }
        choice = choice[length] ? choice + length + 1 : NULL;
    }
    char expected[256];
    snprintf(expected, sizeof expected, "it must be one of %s", option->choices);
    return bad_value(table, option, value, where, expected);
}

// A text must survive a line of config.ini: the parser reads lines of up to 200 bytes, drops spaces
// at the ends of a value, and takes " ;" for the beginning of a comment.
static const char *text_problem(const char *value) {
    size_t length = strlen(value);
    if (length > 0 &&
        (isspace((unsigned char)value[0]) || isspace((unsigned char)value[length - 1])))
        return "it must not begin or end with a space";
    for (size_t i = 0; i < length; i++)
        if (value[i] == ';' && (i == 0 || isspace((unsigned char)value[i - 1])))
            return "it must not hold a semicolon behind a space";
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
            return "it must not hold control characters, and be one line";
    return NULL;
}

static UpStatus set_text(const UpOptionTable *table, void *def, const UpOption *option,
                         const char *value, const char *where) {
    enum { LONGEST = 160, SHOWN = 60 };
    const char *problem = text_problem(value);
    size_t longest = option->max > 0 ? (size_t)option->max : LONGEST;
    if (strlen(value) > longest)
        return up_fail(UP_USAGE,
                       "%s: %s.%s = \"%.*s…\" is not possible: it must not be longer than %zu "
                       "characters",
                       where, table->section, option->name, SHOWN, value, longest);
    if (problem) return bad_value(table, option, value, where, problem);
    char *text = field(def, option);
    memset(text, 0,
           option->max > 0 ? longest + 1
                           : UP_OPTION_TEXT_MAX); // no bytes of an older value behind the end
    strcpy(text, value);
    return UP_OK;
}

static UpStatus set_sizes(const UpOptionTable *table, void *def, const UpOption *option,
                          const char *value, const char *where) {
    UpSizes sizes = {0};
    if (*value && strcmp(value, "none") != 0) {
        char copy[UP_OPTION_TEXT_MAX];
        snprintf(copy, sizeof copy, "%s", value);
        char *rest = copy, *item;
        while ((item = strsep(&rest, ","))) {
            while (isspace((unsigned char)*item))
                item++;
            int64_t number;
            if (sizes.count == UP_SIZES_MAX || !parse_int(item, &number))
                return bad_value(table, option, value, where,
                                 "it must be up to 8 whole numbers, \"64,64\"");
            if ((double)number < option->min || (double)number > option->max)
                return out_of_bounds(table, option, value, where);
            sizes.value[sizes.count++] = number;
        }
    }
    *(UpSizes *)field(def, option) = sizes;
    return UP_OK;
}

bool up_options_has(const UpOptionTable *table, const char *name) {
    for (int i = 0; i < table->count; i++)
        if (strcmp(table->rows[i].name, name) == 0) return true;
    return false;
}

UpStatus up_options_set(const UpOptionTable *table, void *def, const char *name, const char *value,
                        const char *where) {
    static UpStatus (*const set[])(const UpOptionTable *, void *, const UpOption *, const char *,
                                   const char *) = {
        [UP_OPTION_INT] = set_int,       [UP_OPTION_REAL] = set_real, [UP_OPTION_BOOL] = set_bool,
        [UP_OPTION_CHOICE] = set_choice, [UP_OPTION_TEXT] = set_text, [UP_OPTION_SIZES] = set_sizes,
    };
    const char *names[128];
    int count = 0;
    for (int i = 0; i < table->count; i++) {
        const UpOption *option = &table->rows[i];
        if (strcmp(option->name, name) == 0)
            return set[option->type](table, def, option, value, where);
        if (count < 128) names[count++] = option->name;
    }
    const char *near = up_nearest(name, names, count);
    if (near)
        return up_fail(UP_USAGE, "%s: there is no option %s.%s; did you mean %s.%s?", where,
                       table->section, name, table->section, near);
    return up_fail(UP_USAGE, "%s: there is no option %s.%s; `uphill algos --options` lists them",
                   where, table->section, name);
}

void up_options_format(const UpOptionTable *table, int row, const void *def, char *text,
                       size_t capacity) {
    const UpOption *option = &table->rows[row];
    const void *value = (const char *)def + option->offset;
    if (capacity > 0) text[0] = 0;
    switch (option->type) {
    case UP_OPTION_INT:
        snprintf(text, capacity, "%" PRId64, *(const int64_t *)value);
        break;
    case UP_OPTION_REAL: {
        char number[UP__NUMBER_MAX];
        up__number_exact(number, *(const double *)value);
        snprintf(text, capacity, "%s", number);
        break;
    }
    case UP_OPTION_BOOL:
        snprintf(text, capacity, "%s", *(const bool *)value ? "true" : "false");
        break;
    case UP_OPTION_CHOICE: {
        const char *choice = option->choices;
        for (int skip = *(const int *)value; skip > 0; skip--)
            choice += strcspn(choice, "|") + 1;
        snprintf(text, capacity, "%.*s", (int)strcspn(choice, "|"), choice);
        break;
    }
    case UP_OPTION_TEXT:
        snprintf(text, capacity, "%s", (const char *)value);
        break;
    case UP_OPTION_SIZES: {
        const UpSizes *sizes = value;
        size_t used = 0;
        if (sizes->count == 0) snprintf(text, capacity, "none");
        for (int64_t i = 0; i < sizes->count && used < capacity; i++)
            used += (size_t)snprintf(text + used, capacity - used, "%s%" PRId64, i ? "," : "",
                                     sizes->value[i]);
        break;
    }
    }
}

// Edits between two words, cut off at a length that no name here reaches; two letters that changed
// places are one.
static int edit_distance(const char *a, const char *b) {
    enum { LONGEST = 63 };
    int rows[3][LONGEST + 1], *before = rows[0], *last = rows[1], *row = rows[2];
    int la = (int)strnlen(a, LONGEST), lb = (int)strnlen(b, LONGEST);
    for (int j = 0; j <= lb; j++)
        last[j] = j;
    for (int i = 1; i <= la; i++) {
        row[0] = i;
        for (int j = 1; j <= lb; j++) {
            int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
            int best = last[j - 1] + (x != y);
            if (last[j] + 1 < best) best = last[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            bool swapped = i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                           tolower((unsigned char)a[i - 2]) == y;
            if (swapped && before[j - 2] + 1 < best) best = before[j - 2] + 1;
            row[j] = best;
        }
        int *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[lb];
}

// Whether each part of the word, three letters or more, stands somewhere in the candidate.
static bool has_parts(const char *candidate, const char *word) {
    static const char separators[] = "_-. /";
    bool all = true;
    int parts = 0;
    for (size_t length; *word && all; word += length + (word[length] != 0)) {
        char part[64];
        length = strcspn(word, separators);
        if (length == 0) continue;
        snprintf(part, sizeof part, "%.*s", (int)length, word);
        all = length >= 3 && strcasestr(candidate, part);
        parts++;
    }
    return all && parts > 0;
}

const char *up_nearest(const char *word, const char *const *candidates, int count) {
    const char *nearest = NULL;
    int best = ((int)strlen(word) + 1) / 3 + 1; // further away it is another word
    if (best < 2) best = 2;
    for (int i = 0; i < count; i++) {
        int distance = edit_distance(word, candidates[i]);
        if (distance < best) {
            best = distance;
            nearest = candidates[i];
        }
    }
    for (int i = 0; i < count && !nearest; i++) // part of a name
        if (has_parts(candidates[i], word)) nearest = candidates[i];
    return nearest;
}
