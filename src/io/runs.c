// The list of runs: one table in one SQLite file. It is opened for each call, which happens a few
// times in a run, so that any number of runs and `uphill runs` share it.
#include "uphill/registry.h"

#ifndef UP_HAVE_SQLITE

static UpStatus unsupported(void) {
    return up_fail(
        UP_UNSUPPORTED,
        "the list of runs needs SQLite: run ./dev setup (libsqlite3-dev) and build again");
}

UpStatus up_registry_put(const UpRunRecord *record) {
    (void)record;
    return unsupported();
}

UpStatus up_registry_each(void (*each)(void *user, const UpRunRecord *record), void *user) {
    (void)each, (void)user;
    return unsupported();
}

#else

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sqlite3.h>

#include "uphill/file.h"
#include "uphill/text.h"

// Another run that writes its row takes milliseconds; somebody who holds the file for longer is not
// waited for.
enum { BUSY_MS = 300, PATH_SIZE = PATH_MAX };

static const char schema[] = "CREATE TABLE IF NOT EXISTS runs ("
                             "folder TEXT PRIMARY KEY, env TEXT, algo TEXT, recipe TEXT,"
                             "stop_reason TEXT, seed INTEGER, steps INTEGER, started INTEGER,"
                             "seconds REAL, running_reward REAL)";
// A record without a start keeps the one of the record that it replaces.
static const char insert[] =
    "INSERT OR REPLACE INTO runs VALUES (?1,?2,?3,?4,?5,?6,?7, COALESCE(NULLIF(?8, 0),"
    "(SELECT started FROM runs WHERE folder = ?1), CAST(strftime('%s') AS INTEGER)),?9,?10)";
static const char select_all[] = "SELECT * FROM runs ORDER BY started DESC, rowid DESC";

static UpStatus locate(char path[PATH_SIZE]) {
    const char *file = getenv("UPHILL_REGISTRY"), *state = getenv("XDG_STATE_HOME"),
               *home = getenv("HOME");
    int length;
    if (file && file[0])
        length = snprintf(path, PATH_SIZE, "%s", file);
    else if (state && state[0] == '/')
        length = snprintf(path, PATH_SIZE, "%s/uphill/runs.db", state);
    else if (home && home[0])
        length = snprintf(path, PATH_SIZE, "%s/.local/state/uphill/runs.db", home);
    else
        return up_fail(UP_NOT_FOUND, "no place for the list of runs: set HOME or UPHILL_REGISTRY");
    return length < PATH_SIZE ? UP_OK
                              : up_fail(UP_USAGE, "the path of the list of runs is too long");
}

static UpStatus fail(sqlite3 *database, const char *path, const char *action) {
    return up_fail(UP_IO,
                   "cannot %s the list of runs %s: %s; repair or remove that file, or name another "
                   "one in UPHILL_REGISTRY",
                   action, path, sqlite3_errmsg(database));
}

static UpStatus create_parent(const char *path) {
    char folder[PATH_SIZE];
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path) return UP_OK;
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    return up_folder_create(folder);
}

static int put(sqlite3 *database, const UpRunRecord *r) {
    sqlite3_stmt *statement = NULL;
    sqlite3_busy_timeout(database, BUSY_MS);
    int code = sqlite3_exec(database, schema, NULL, NULL, NULL);
    if (code == SQLITE_OK) code = sqlite3_prepare_v2(database, insert, -1, &statement, NULL);
    if (code != SQLITE_OK) return code;
    const char *text[] = {r->folder, r->env, r->algo, r->recipe, r->stop_reason};
    for (int i = 0; i < 5; i++)
        sqlite3_bind_text(statement, i + 1, text[i], -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 6, r->seed);
    sqlite3_bind_int64(statement, 7, r->steps);
    sqlite3_bind_int64(statement, 8, r->started);
    sqlite3_bind_double(statement, 9, r->seconds);
    sqlite3_bind_double(statement, 10, r->running_reward); // NAN becomes NULL
    code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

UpStatus up_registry_put(const UpRunRecord *record) {
    char path[PATH_SIZE];
    sqlite3 *database = NULL;
    UP_TRY(locate(path));
    UP_TRY(create_parent(path));
    UpStatus status = UP_OK;
    if (sqlite3_open(path, &database) != SQLITE_OK || put(database, record) != SQLITE_OK)
        status = fail(database, path, "write to");
    sqlite3_close(database);
    return status;
}

static void read_text(sqlite3_stmt *statement, int column, char *text, size_t size) {
    const unsigned char *value = sqlite3_column_text(statement, column);
    snprintf(text, size, "%s", value ? (const char *)value : "");
    up_text_clean(text);
}

static double read_real(sqlite3_stmt *statement, int column) {
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) return NAN;
    return sqlite3_column_double(statement, column);
}

static int each_row(sqlite3 *database, void (*each)(void *user, const UpRunRecord *record),
                    void *user) {
    sqlite3_stmt *statement = NULL;
    sqlite3_busy_timeout(database, BUSY_MS);
    int code = sqlite3_prepare_v2(database, select_all, -1, &statement, NULL);
    if (code != SQLITE_OK) return code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        UpRunRecord r = {.seed = sqlite3_column_int64(statement, 5),
                         .steps = sqlite3_column_int64(statement, 6),
                         .started = sqlite3_column_int64(statement, 7),
                         .seconds = read_real(statement, 8),
                         .running_reward = read_real(statement, 9)};
        read_text(statement, 0, r.folder, sizeof r.folder);
        read_text(statement, 1, r.env, sizeof r.env);
        read_text(statement, 2, r.algo, sizeof r.algo);
        read_text(statement, 3, r.recipe, sizeof r.recipe);
        read_text(statement, 4, r.stop_reason, sizeof r.stop_reason);
        each(user, &r);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

UpStatus up_registry_each(void (*each)(void *user, const UpRunRecord *record), void *user) {
    char path[PATH_SIZE];
    sqlite3 *database = NULL;
    UP_TRY(locate(path));
    if (access(path, F_OK) != 0) return UP_OK; // no run yet
    UpStatus status = UP_OK;
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        each_row(database, each, user) != SQLITE_OK)
        status = fail(database, path, "read");
    sqlite3_close(database);
    return status;
}

#endif
