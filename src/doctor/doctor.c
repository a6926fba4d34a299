#include "uphill/doctor.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#ifdef UP_HAVE_MUJOCO
#include "env/mujoco/library.h"
#endif
#include "env/bridge/process.h"
#include "kernels/kernels.h"
#include "uphill/thread.h"

// Of each library whether this build has it, and its version, or what to do.
#define UP_TEXT(number) UP_TEXT_OF(number)
#define UP_TEXT_OF(number) #number
#define ABSENT(packages) false, "./dev setup (" packages "), rebuild"
#ifdef UP_HAVE_ONEDNN
#include <oneapi/dnnl/dnnl_version.h>
#define ONEDNN true, UP_TEXT(DNNL_VERSION_MAJOR) "." UP_TEXT(DNNL_VERSION_MINOR)
#else
#define ONEDNN ABSENT("libdnnl-dev")
#endif
#ifdef UP_HAVE_CAIRO
#include <cairo.h>
#define CAIRO true, cairo_version_string()
#else
#define CAIRO ABSENT("libcairo2-dev")
#endif
#ifdef UP_HAVE_GIF
#include <gif_lib.h>
#define GIF true, UP_TEXT(GIFLIB_MAJOR) "." UP_TEXT(GIFLIB_MINOR) "." UP_TEXT(GIFLIB_RELEASE)
#else
#define GIF ABSENT("libgif-dev")
#endif
#ifdef UP_HAVE_SQLITE
#include <sqlite3.h>
#define SQLITE true, sqlite3_libversion()
#else
#define SQLITE ABSENT("libsqlite3-dev")
#endif
#ifdef UP_HAVE_LIBZIP
#include <zip.h>
#define LIBZIP true, zip_libzip_version()
#else
#define LIBZIP ABSENT("libzip-dev")
#endif
#ifdef UP_HAVE_PROTOBUF_C
#include <protobuf-c/protobuf-c.h>
#define PROTOBUF_C true, protobuf_c_version()
#else
#define PROTOBUF_C ABSENT("libprotobuf-c-dev protobuf-c-compiler")
#endif

typedef struct List {
    UpComponent *row;
    int count, capacity;
} List;

// An absent component says in `version` what to do.
static void add(List *list, const char *name, const char *purpose, bool present,
                const char *version) {
    if (list->count < list->capacity) {
        UpComponent *c = &list->row[list->count];
        *c = (UpComponent){.present = present};
        snprintf(c->name, sizeof c->name, "%.47s", name);
        snprintf(c->purpose, sizeof c->purpose, "%.63s", purpose);
        snprintf(c->version, sizeof c->version, "%.127s", version);
    }
    list->count++;
}

static void add_libraries(List *list) {
    add(list, "cJSON", "tensor files and results", true, cJSON_Version());
    add(list, "oneDNN", "layers larger than 256 x 256", ONEDNN);
    add(list, "cairo", "curves, maps of weights, pictures of native tasks", CAIRO);
    add(list, "giflib", "films as GIF", GIF);
    add(list, "sqlite", "the list of runs", SQLITE);
    add(list, "libzip", "ROMs of games from ale-py's wheel", LIBZIP);
    add(list, "protobuf-c", "TensorBoard events", PROTOBUF_C);
}

static void add_mujoco(List *list) {
    static const char purpose[] = "Ant-v5, HalfCheetah-v5, Hopper-v5, ... in C";
#ifdef UP_HAVE_MUJOCO
    const char *version = NULL;
    bool present = up__mujoco_version(&version) == UP_OK;
    add(list, "MuJoCo", purpose, present, present ? version : up_error());
#else
    add(list, "MuJoCo", purpose, false, "in workers only; ./dev setup, rebuild");
#endif
}

UpStatus up_doctor_python(char *path, size_t capacity) {
    UpCommand command;
    UP_TRY(up__command_find(&command));
    snprintf(path, capacity, "%s", command.program);
    return UP_OK;
}

// Runs the worker's Python and reads "name version" lines.
static void add_python(List *list) {
    static const char script[] = "import sys, importlib.metadata as m\n"
                                 "print('python', sys.version.split()[0])\n"
                                 "for p in ('gymnasium', 'ale-py', 'box2d', 'numpy'):\n"
                                 "    try: print(p, m.version(p))\n"
                                 "    except m.PackageNotFoundError: print(p, '-')\n";
    UpCommand command;
    char line[UP__PROCESS_PATH + 16], name[64], version[128];
    if (up__command_find(&command) != UP_OK) {
        add(list, "python", "environments in workers", false, up_error());
        return;
    }
    FILE *out = up__python_open(command.program, script);
    int rows = list->count;
    while (out && fgets(line, sizeof line, out)) {
        if (sscanf(line, "%63s %127s", name, version) != 2) continue;
        bool present = strcmp(version, "-") != 0;
        add(list, name, "environments in workers", present, present ? version : "./dev setup");
    }
    if (out) pclose(out);
    if (list->count == rows)
        add(list, "python", "environments in workers", false, "does not run; ./dev setup");
}

// As for a film, it is looked for on PATH.
static void add_ffmpeg(List *list) {
    char version[128];
    FILE *out = popen("ffmpeg -version 2>/dev/null", "r");
    bool present = out && fscanf(out, "ffmpeg version %127s", version) == 1;
    if (out) pclose(out);
    add(list, "ffmpeg", "films as MP4", present, present ? version : "./dev setup");
}

int up_doctor(UpComponent *component, int capacity) {
    List list = {component, 0, capacity};
    char text[128];
    snprintf(text, sizeof text, "%d", up_cores());
    add(&list, "cores", "that this process may use", true, text);
    add(&list, "matrix product", "networks", true, up__kernels()->name);
    add_libraries(&list);
    add_mujoco(&list);
    add_python(&list);
    add_ffmpeg(&list);
    return list.count < capacity ? list.count : capacity;
}
