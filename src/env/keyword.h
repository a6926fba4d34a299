// The environment's own keywords, as it finds them when it is made.
#ifndef UP_ENV_KEYWORD_H
#define UP_ENV_KEYWORD_H

#include "uphill/env.h"

// UP_USAGE: the environment does not know keyword `name`, but these `count`; names the nearest of
// them and of the options of [env].
UpStatus up__keyword_unknown(const UpEnvDef *def, const char *name, const char *const *known,
                             int count);

// After a worker's UP_USAGE: where the message is about a keyword that the worker found nothing
// near to, but one of Uphill's own options is near, names that too.
UpStatus up__keyword_advise(const UpEnvDef *def);

#endif
