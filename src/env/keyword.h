// The environment's own keywords, as it finds them when it is made.
#ifndef UP_ENV_KEYWORD_H
#define UP_ENV_KEYWORD_H

#include <stdio.h>

#include "uphill/env.h"

enum { UP__KEYWORD_LONGEST = 180 }; // characters of one, which becomes a line of config.ini

// Refuses options of [env] that would do nothing: before an environment is made, where no worker
// plays it, and when it is made.
UpStatus up__env_def_check(const UpEnvDef *def);
UpStatus up__env_def_check_native(const UpEnvDef *def);
UpStatus up__env_def_check_made(const UpEnvDef *def, const UpEnvSpec *spec);
bool up__env_row_reads(const UpEnvDef *def, int row);   // as far as is known before it is made
bool up__env_row_matters(const UpEnvDef *def, int row); // to a config that is saved
// Writes [env]'s rows and the environment's own keywords as lines of a config.
void up__env_def_format(const UpEnvDef *def, FILE *out);

bool up__keyword_has_line(const char *key, const char *value);
// Whether two texts of env.options say the same, in whatever order.
bool up__keywords_same(const char *a, const char *b);
int up__keyword_count(const UpEnvDef *def, const char *name); // how often it is set
// The next "name=value" of a text, without spaces at their ends; NULL at the end. *value is NULL
// where there is no "=". Cuts the text in pieces.
char *up__keyword_next(char **text, char **value);

// UP_USAGE: the environment does not know keyword `name`, but these `count`; names the nearest of
// them and of the options of [env].
UpStatus up__keyword_unknown(const UpEnvDef *def, const char *name, const char *const *known,
                             int count);

// Around the making of somebody else's environment in C: UP_USAGE at its end where there are
// keywords and nobody called up_env_keywords.
void up__keywords_begin(void);
UpStatus up__keywords_end(const UpEnvDef *def);

// After a worker's UP_USAGE: where the message is about a keyword that the worker found nothing
// near to, but one of Uphill's own options is near, names that too.
UpStatus up__keyword_advise(const UpEnvDef *def);

#endif
