// uphill new: the beginning of something of one's own.
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "uphill/file.h"
#include "uphill/text.h"

enum { NAME_MAX_LENGTH = 40, WORDS = 5 };

// The files of cli/template/, compiled in by cmake/Embed.cmake.
extern const char cli_template_CMakeLists_txt[], cli_template_shuttle_c[],
    cli_template_test_shuttle_c[];

// A word of the template and what stands in its place.
typedef struct Word {
    const char *from;
    char to[PATH_MAX];
} Word;

// Letters, digits, - and _, the first a letter: good for files and for CMake.
static bool good_name(const char *name) {
    size_t length = strlen(name);
    bool good = length >= 1 && length <= NAME_MAX_LENGTH && isalpha((unsigned char)name[0]);
    for (size_t i = 0; i < length; i++)
        good &= isalnum((unsigned char)name[i]) || name[i] == '-' || name[i] == '_';
    return good;
}

// "lunar-lander" becomes "LunarLander".
static void type_name(const char *name, char *type) {
    bool up = true;
    for (; *name; name++) {
        bool mark = *name == '-' || *name == '_';
        if (!mark) *type++ = up ? (char)toupper((unsigned char)*name) : *name;
        up = mark;
    }
    *type = 0;
}

// The folder of this program; "" if the system does not tell.
static void program_folder(char folder[PATH_MAX]) {
    ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    folder[length > 0 ? length : 0] = 0;
    char *slash = strrchr(folder, '/');
    if (slash) *slash = 0;
}

// The first of these folders that holds `file`; the last one if none does.
static const char *first_with(const char *const *folders, int count, const char *file) {
    char path[2 * PATH_MAX];
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folders[i], file);
        if (access(path, R_OK) == 0 || i == count - 1) return folders[i];
    }
    return "";
}

// Headers and library are those of this program, where it was installed or where it was built.
static void find_words(Word word[WORDS], const char *name) {
    static char program[PATH_MAX], include[PATH_MAX + 16], library[PATH_MAX + 16];
    program_folder(program);
    snprintf(include, sizeof include, "%s/../include", program);
    snprintf(library, sizeof library, "%s/../lib", program);
    const char *const includes[] = {include, UP_SOURCE_DATA_DIR "/include", UP_INSTALL_INCLUDE_DIR};
    const char *const libraries[] = {program, library, UP_INSTALL_LIBRARY_DIR};
    word[0].from = "Shuttle";
    type_name(name, word[0].to);
    word[1].from = "shuttle";
    snprintf(word[1].to, PATH_MAX, "%s", name);
    word[2].from = "@INCLUDE@";
    snprintf(word[2].to, PATH_MAX, "%s", first_with(includes, 3, "uphill/plugin.h"));
    word[3].from = "@PROGRAM_FOLDER@";
    snprintf(word[3].to, PATH_MAX, "%s", program);
    word[4].from = "@LIBRARY_FOLDER@";
    snprintf(word[4].to, PATH_MAX, "%s", first_with(libraries, 3, "libuphill.so"));
}

// Copies `text` with the words replaced; *size without the 0 behind. NULL: out of memory.
static char *fill_in(const char *text, const Word word[WORDS], size_t *size) {
    char *filled = NULL;
    FILE *out = up_text_open(&filled, size);
    while (out && *text) {
        int found = 0;
        while (found < WORDS && strncmp(text, word[found].from, strlen(word[found].from)) != 0)
            found++;
        if (found == WORDS) {
            fputc(*text++, out);
        } else {
            fputs(word[found].to, out);
            text += strlen(word[found].from);
        }
    }
    return up_text_close(out, &filled) == UP_OK ? filled : NULL;
}

static const struct {
    const char *name, *content;
} files[] = {{"CMakeLists.txt", cli_template_CMakeLists_txt},
             {"shuttle.c", cli_template_shuttle_c},
             {"test_shuttle.c", cli_template_test_shuttle_c}};

enum { FILES = sizeof files / sizeof *files, PATH = PATH_MAX + 256 };

// Where file `k` lies in the folder.
static UpStatus path_of(char path[PATH], const char *folder, int k, const Word word[WORDS]) {
    size_t size;
    char *name = fill_in(files[k].name, word, &size);
    if (name) snprintf(path, PATH, "%s/%s", folder, name);
    free(name);
    return name ? UP_OK : up_fail(UP_MEMORY, "out of memory");
}

static UpStatus write_file(const char *folder, int k, const Word word[WORDS]) {
    char path[PATH];
    size_t size;
    UP_TRY(path_of(path, folder, k, word));
    char *text = fill_in(files[k].content, word, &size);
    UpStatus status = text ? up_file_write(path, text, size) : up_fail(UP_MEMORY, "out of memory");
    free(text);
    return status;
}

// The folder was made here, so that nothing else is in it.
static void remove_folder(const char *folder, int written, const Word word[WORDS]) {
    char path[PATH];
    for (int k = 0; k < written; k++)
        if (path_of(path, folder, k, word) == UP_OK) unlink(path);
    rmdir(folder);
}

static void print_next(const char *folder, const char *name, const char *include) {
    printf("%s/ holds an environment, ready to use and to change:\n\n"
           "  cd %s\n"
           "  cc -std=c17 -O2 -Wall -Wextra -shared -fPIC -I\"%s\" %s.c -o %s.so\n"
           "  uphill check-env ./%s.so && uphill train ./%s.so --steps 100000\n\n"
           "With CMake, its test too: cmake -B build && cmake --build build && "
           "ctest --test-dir build\n",
           folder, folder, include, name, name, name, name);
}

static UpStatus run(const CliArgs *args) {
    const char *folder = args->word[1], *slash = strrchr(folder, '/');
    const char *name = slash ? slash + 1 : folder;
    if (strcmp(args->word[0], "env") != 0)
        return up_fail(UP_USAGE, "uphill new makes no \"%s\"; usage: uphill new env NAME",
                       args->word[0]);
    if (!good_name(name))
        return up_fail(UP_USAGE,
                       "\"%s\" cannot name an environment: use 1 to %d letters, digits, - and _, "
                       "the first a letter",
                       name, NAME_MAX_LENGTH);
    if (mkdir(folder, 0777) != 0)
        return up_fail(errno == EEXIST ? UP_USAGE : UP_IO,
                       errno == EEXIST ? "%s exists already: choose another name%s"
                                       : "cannot create folder %s: %s",
                       folder, errno == EEXIST ? "" : strerror(errno));
    static Word word[WORDS];
    find_words(word, name);
    for (int k = 0; k < FILES; k++) {
        UpStatus status = write_file(folder, k, word);
        if (status == UP_OK) continue;
        remove_folder(folder, k, word);
        return status;
    }
    print_next(folder, name, word[2].to);
    return UP_OK;
}

const CliCommand cli_new = {
    "new",
    "env NAME",
    2,
    2,
    "begin an environment of your own, in C",
    "Writes the folder NAME with NAME.c, a whole environment to change, test_NAME.c and\n"
    "CMakeLists.txt. Compiled to NAME.so it is used by its path: uphill train ./NAME.so",
    NULL,
    0,
    run};
