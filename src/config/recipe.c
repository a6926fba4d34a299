// Recipes: configs with a name. They lie in the folder recipes/ of the source tree, or in the
// installed share/uphill/recipes.
#include "uphill/recipe.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "uphill/file.h"
#include "uphill/text.h"

const char *up_data_folder(void) {
    static const char *const folders[] = {UP_SOURCE_DATA_DIR, UP_INSTALL_DATA_DIR};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/recipes", folders[i]);
        if (access(path, R_OK) == 0) return folders[i];
    }
    return UP_INSTALL_DATA_DIR;
}

UpStatus up_recipe_read(const char *name, char **text) {
    char path[4096];
    size_t length = strlen(name), size;
    if (length < 4 || strcmp(name + length - 4, ".ini") != 0) {
        if (strchr(name, '/')) return UP_UNKNOWN; // ALE/Pong-v5 is no recipe
        snprintf(path, sizeof path, "%s/recipes/%s.ini", up_data_folder(), name);
        if (access(path, F_OK) != 0) return UP_UNKNOWN;
        name = path;
    }
    return up_file_read_text(name, text, &size);
}

// The first comment line says what a recipe reproduces.
static void read_summary(const char *path, char *summary, size_t capacity) {
    FILE *file = fopen(path, "r");
    summary[0] = 0;
    if (!file) return;
    if (fgets(summary, (int)capacity, file)) summary[strcspn(summary, "\n")] = 0;
    fclose(file);
    size_t skip = strspn(summary, "#; ");
    memmove(summary, summary + skip, strlen(summary + skip) + 1);
    up_text_clean(summary);
}

void up_recipe_each(UpRecipeEach each, void *user) {
    char pattern[4096];
    snprintf(pattern, sizeof pattern, "%s/recipes/*.ini", up_data_folder());
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0) return;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char name[256], summary[256];
        const char *slash = strrchr(found.gl_pathv[i], '/');
        snprintf(name, sizeof name, "%s", slash + 1);
        name[strlen(name) - strlen(".ini")] = 0;
        read_summary(found.gl_pathv[i], summary, sizeof summary);
        each(user, name, summary);
    }
    globfree(&found);
}
