// Finds and checks the ROM of a game.
#include "env/atari/game/rom.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef UP_HAVE_LIBZIP
#include <zip.h>
#endif

#include "env/atari/game/md5.h"
#include "env/bridge/process.h"

enum { PATH = UP__PROCESS_PATH };

typedef struct Search {
    const UpAtariGame *game;
    uint8_t *rom;       // room for UP__ROM_MAX
    char damaged[PATH]; // the last file that was not what it should be, "" if none
    char digest[UP__MD5_TEXT];
    bool closed;    // a wheel was met that this build cannot read
    char odd[PATH]; // the last thing that has a ROM's name and is no file, "" if none
} Search;

// ---------------------------------------------------------------------------------------------------
// Files and wheels

static bool accept(Search *search, size_t size, const char *path) {
    up__md5(search->rom, size, search->digest);
    if (strcmp(search->digest, search->game->md5) == 0) return true;
    snprintf(search->damaged, sizeof search->damaged, "%s", path);
    return false;
}

// A folder has no bytes, and a pipe may never have any.
static bool is_file(Search *search, const struct stat *info, const char *path) {
    if (S_ISREG(info->st_mode)) return true;
    snprintf(search->odd, sizeof search->odd, "%s", path);
    return false;
}

static bool read_file(Search *search, const char *path) {
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) return false;
    struct stat info;
    size_t size = 0;
    bool whole = fstat(file, &info) == 0 && is_file(search, &info, path);
    for (ssize_t got = 1; whole && got > 0; size += (size_t)got) {
        got = read(file, search->rom + size, UP__ROM_MAX - size);
        if (got < 0) got = 0;
    }
    close(file);
    return whole && accept(search, size, path);
}

static bool read_wheel(Search *search, const char *path) {
    struct stat info;
    if (stat(path, &info) != 0 || !is_file(search, &info, path)) return false;
#ifdef UP_HAVE_LIBZIP
    zip_t *wheel = zip_open(path, ZIP_RDONLY, NULL);
    if (!wheel) return false;
    char name[64];
    snprintf(name, sizeof name, "ale_py/roms/%s.bin", search->game->name);
    zip_file_t *file = zip_fopen(wheel, name, 0);
    zip_int64_t size = file ? zip_fread(file, search->rom, UP__ROM_MAX) : -1;
    if (file) zip_fclose(file);
    zip_discard(wheel);
    return size >= 0 && accept(search, (size_t)size, path);
#else
    search->closed = true;
    return false;
#endif
}

typedef bool (*ReadFn)(Search *search, const char *path);

static bool read_any(Search *search, const char *pattern, ReadFn read) {
    glob_t list;
    if (glob(pattern, 0, NULL, &list) != 0) return false;
    bool found = false;
    for (size_t i = 0; i < list.gl_pathc && !found; i++)
        found = read(search, list.gl_pathv[i]);
    globfree(&list);
    return found;
}

// Joins three texts into a path; false if it is too long.
static bool join(char path[PATH], const char *a, const char *b, const char *c) {
    int length = snprintf(path, PATH, "%s%s%s", a, b, c);
    return length > 0 && length < PATH;
}

// ---------------------------------------------------------------------------------------------------
// Places

// What $ALE_ROMS_DIR names: a folder of ROMs or with a wheel, or a wheel.
static bool search_named(Search *search, const char *place) {
    char path[PATH];
    struct stat info;
    if (stat(place, &info) == 0 && !S_ISDIR(info.st_mode)) return read_wheel(search, place);
    char name[UP__ATARI_NAME + 8];
    snprintf(name, sizeof name, "/%s.bin", search->game->name);
    bool found = join(path, place, name, "") && read_file(search, path);
    return found || (join(path, place, "/ale_py-*.whl", "") && read_any(search, path, read_wheel));
}

// An ale-py that is installed for the Python of this prefix.
static bool search_prefix(Search *search, const char *prefix) {
    static const char *const packages[] = {
        "/lib/python3*/site-packages", "/lib/python3*/dist-packages",
        "/local/lib/python3*/dist-packages", "/local/lib/python3*/site-packages"};
    char rom[64], path[PATH];
    snprintf(rom, sizeof rom, "/ale_py/roms/%s.bin", search->game->name);
    for (size_t i = 0; i < sizeof packages / sizeof *packages; i++)
        if (join(path, prefix, packages[i], rom) && read_any(search, path, read_file)) return true;
    return false;
}

// "/usr/bin/python3" → "/usr"
static void prefix_of(char *program) {
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(program, '/');
        if (slash) *slash = 0;
    }
}

// The packages of the Python that runs workers, then those of the one that it was made from, then
// the user's.
static bool search_python(Search *search) {
    char program[PATH], path[PATH];
    if (up__python_find(program) == UP_OK) {
        char *real = realpath(program, NULL);
        prefix_of(program);
        bool found = search_prefix(search, program);
        if (real && !found) {
            prefix_of(real);
            found = search_prefix(search, real);
        }
        free(real);
        if (found) return true;
    }
    const char *home = getenv("HOME");
    return home && join(path, home, "/.local", "") && search_prefix(search, path);
}

// ---------------------------------------------------------------------------------------------------

static UpStatus explain(const Search *search, const char *place) {
    const char *name = search->game->name;
    if (*search->damaged)
        return up_fail(UP_NOT_FOUND,
                       "the ROM of %s in %.512s is damaged (MD5 %s, not %s): pip install "
                       "--force-reinstall ale-py, or correct ALE_ROMS_DIR",
                       name, search->damaged, search->digest, search->game->md5);
    if (*search->odd)
        return up_fail(UP_NOT_FOUND,
                       "the ROM of %s: %.512s is a folder, a pipe or a device, not a file: run "
                       "./dev setup, or pip install ale-py, or correct ALE_ROMS_DIR",
                       name, search->odd);
    if (search->closed)
        return up_fail(UP_NOT_FOUND,
                       "the ROM of %s: this build cannot read the wheel in %.512s, as libzip is "
                       "missing: run ./dev setup and build again, or unpack it there",
                       name, place);
    if (place)
        return up_fail(
            UP_NOT_FOUND,
            "the ROM of %s is missing: there is no %s.bin and no wheel of ale-py in "
            "%.512s: correct ALE_ROMS_DIR, or unset it and run ./dev setup, or pip install ale-py",
            name, name, place);
    return up_fail(UP_NOT_FOUND,
                   "the ROM of %s is missing: run ./dev setup, or pip install ale-py (into the "
                   "Python that is found "
                   "first: UPHILL_PYTHON, .venv, python3), or set ALE_ROMS_DIR to a folder with "
                   "%s.bin",
                   name, name);
}

UpStatus up__rom_read(uint8_t rom[UP__ROM_MAX], const UpAtariGame *game) {
    Search search = {.game = game, .rom = rom};
    const char *place = getenv("ALE_ROMS_DIR");
    if (place && !*place) place = NULL;
    bool found = place ? search_named(&search, place) : search_python(&search);
    return found ? UP_OK : explain(&search, place);
}
