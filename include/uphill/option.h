// Options as data. One row per option makes the command line flags, the recipe parser, --help, the
// reference page, the resolved config.ini and the bounds check. A Def struct holds the values.
#ifndef UPHILL_OPTION_H
#define UPHILL_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum UpOptionType {
    UP_OPTION_INT,    // int64_t field
    UP_OPTION_REAL,   // double field
    UP_OPTION_BOOL,   // bool field; true/false, on/off, yes/no, 1/0
    UP_OPTION_CHOICE, // int field: index into `choices`
    UP_OPTION_TEXT,   // char[UP_OPTION_TEXT_MAX] field, or where max is set char[max + 1]
    UP_OPTION_SIZES,  // UpSizes field: "64,64"; "" or "none" for an empty list
} UpOptionType;

enum { UP_OPTION_TEXT_MAX = 256, UP_OPTION_NAME_MAX = 64, UP_SIZES_MAX = 8 };

typedef struct UpSizes {
    int64_t count;
    int64_t value[UP_SIZES_MAX];
} UpSizes;

typedef struct UpOption {
    const char *name; // "learning_rate"
    UpOptionType type;
    size_t offset;        // of the field in its Def
    const char *fallback; // the default, as text
    double min, max; // inclusive bounds for INT, REAL and each of SIZES; max of TEXT: characters,
                     //   0: 160
    const char *choices; // "constant|linear|cosine" for CHOICE, else NULL
    const char *unit;    // "steps", "seconds"; "" for a pure number
    const char *help;    // one sentence
    const char *source;  // paper or document that the option or its default comes from; "" if none
    // What has to be so for a run to read the option, NULL: it always does. Terms with ", " between
    // them, of which all must hold: "optimizer=rmsprop|adam", "schedule!=constant". A name without
    // a section is one of the same table. Others are asked for: "policy.normalize_obs=true", or
    // facts that are no option and have a space in their names: "action space=Box"
    // (up_config_check_env).
    const char *when;
} UpOption;

// A section of options over one Def struct: `[optim]`.
typedef struct UpOptionTable {
    const char *section;
    const char *title; // what the section is about, one line
    const UpOption *rows;
    int count;
} UpOptionTable;

// Fills every field of `def` with its default.
void up_options_default(const UpOptionTable *table, void *def);

bool up_options_has(const UpOptionTable *table, const char *name);

// Sets one option from text. An unknown name or a value out of bounds is UP_USAGE, and the message
// names the nearest valid option, or the bounds. `where` says where the text stands ("recipe pong,
// line 7").
UpStatus up_options_set(const UpOptionTable *table, void *def, const char *name, const char *value,
                        const char *where);

// Writes the value of row `row` as text that up_options_set reads back exactly.
void up_options_format(const UpOptionTable *table, int row, const void *def, char *text,
                       size_t capacity);

// Tells what a condition asks for and the option's own table does not know, as text; false: it is
// not known yet, and the option counts as read.
typedef bool (*UpOptionAsk)(const void *user, const char *name, char *text, size_t capacity);

enum { UP_OPTION_WHY_MAX = 320 };

// Whether a run reads row `row`. Else `why` says with what it would: "it is read with
// optim.optimizer = sgd, which is adam here".
bool up_options_reads(const UpOptionTable *table, int row, const void *def, UpOptionAsk ask,
                      const void *user, char why[UP_OPTION_WHY_MAX]);

// The condition of a row as a person writes it, "optimizer = rmsprop or adam"; "" if there is none.
void up_options_condition(const UpOption *option, char *text, size_t capacity);

// The candidate nearest to `word` by edit distance, else the first that has its parts; NULL if none
// is close. For "did you mean".
const char *up_nearest(const char *word, const char *const *candidates, int count);

#ifdef __cplusplus
}
#endif
#endif
