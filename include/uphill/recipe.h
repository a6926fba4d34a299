// Recipes: configs with a name, as INI texts. They lie in the folder recipes/ of the source tree,
// or in the installed share/uphill/recipes.
#ifndef UPHILL_RECIPE_H
#define UPHILL_RECIPE_H

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

// Where the data files are: beside the sources while those exist, else where they were installed.
const char *up_data_folder(void);

// Finds NAME.ini among the recipes, or the file NAME itself where it ends in .ini. *text is the
// caller's to free(), for up_config_parse. UP_UNKNOWN without a message if there is no such recipe.
UpStatus up_recipe_read(const char *name, char **text);

// Calls `each` with every recipe's name and first comment line, sorted.
typedef void (*UpRecipeEach)(void *user, const char *name, const char *summary);
void up_recipe_each(UpRecipeEach each, void *user);

#ifdef __cplusplus
}
#endif
#endif
