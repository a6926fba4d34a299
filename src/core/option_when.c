// Which options a run reads: the conditions that stand beside the rows of a table.
#include <stdio.h>
#include <string.h>

#include "uphill/option.h"

// One term of a condition: "name=a|b" or "name!=a".
typedef struct Term {
    char name[UP_OPTION_NAME_MAX], choices[UP_OPTION_NAME_MAX];
    bool differs; // !=
} Term;

// The next term of *when, which then points behind it; false at the end.
static bool next_term(const char **when, Term *term) {
    if (!*when || !**when) return false;
    size_t length = strcspn(*when, ","), name = strcspn(*when, "!=");
    term->differs = (*when)[name] == '!';
    size_t value = name + 1 + term->differs;
    snprintf(term->name, sizeof term->name, "%.*s", (int)name, *when);
    snprintf(term->choices, sizeof term->choices, "%.*s", (int)(length - value), *when + value);
    *when += length;
    *when += strspn(*when, ", ");
    return true;
}

static bool is_one_of(const char *choices, const char *text) {
    for (size_t length; *choices; choices += length + (choices[length] != 0)) {
        length = strcspn(choices, "|");
        if (strlen(text) == length && strncmp(choices, text, length) == 0) return true;
    }
    return false;
}

static bool own_value(const UpOptionTable *table, const void *def, const char *name, char *text) {
    for (int row = 0; row < table->count; row++) {
        if (strcmp(table->rows[row].name, name) != 0) continue;
        up_options_format(table, row, def, text, UP_OPTION_TEXT_MAX);
        return true;
    }
    return false;
}

// "a or b".
static void put_choices(const char *choices, char *text, size_t capacity) {
    size_t used = 0;
    text[0] = 0;
    for (; *choices && used + 5 < capacity; choices++)
        used += (size_t)snprintf(text + used, capacity - used, *choices == '|' ? " or " : "%c",
                                 *choices);
}

bool up_options_reads(const UpOptionTable *table, int row, const void *def, UpOptionAsk ask,
                      const void *user, char why[UP_OPTION_WHY_MAX]) {
    const char *when = table->rows[row].when;
    for (Term term; next_term(&when, &term);) {
        char value[UP_OPTION_TEXT_MAX], choices[2 * UP_OPTION_NAME_MAX];
        bool own = own_value(table, def, term.name, value);
        if (!own && !(ask && ask(user, term.name, value, sizeof value))) continue;
        if (is_one_of(term.choices, value) != term.differs) continue;
        put_choices(term.choices, choices, sizeof choices);
        snprintf(why, UP_OPTION_WHY_MAX, "it is read with %s%s%s %s %s, which is %.60s here",
                 own ? table->section : "", own ? "." : "", term.name, term.differs ? "not" : "=",
                 choices, value);
        return false;
    }
    return true;
}

void up_options_condition(const UpOption *option, char *text, size_t capacity) {
    const char *when = option->when;
    size_t used = 0;
    text[0] = 0;
    for (Term term; next_term(&when, &term) && used < capacity;) {
        char choices[2 * UP_OPTION_NAME_MAX];
        put_choices(term.choices, choices, sizeof choices);
        used += (size_t)snprintf(text + used, capacity - used, "%s%s %s %s", used ? ", " : "",
                                 term.name, term.differs ? "not" : "=", choices);
    }
}
