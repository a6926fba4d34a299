// Where the packages are, asked from the Python that the workers run.
#include <stdio.h>
#include <string.h>

#include "env/mujoco/library.h"

// Finds the packages without importing them: that would cost a second, and MuJoCo looks for OpenGL.
static const char script[] = "import importlib.util as u\n"
                             "for p in (\"mujoco\", \"gymnasium\"):\n"
                             "    s = u.find_spec(p)\n"
                             "    print(s.submodule_search_locations[0] if s else \"\")\n";

static void read_line(FILE *out, char line[UP__PROCESS_PATH]) {
    if (!fgets(line, UP__PROCESS_PATH, out)) line[0] = 0;
    line[strcspn(line, "\n")] = 0;
}

UpStatus up__mujoco_locate(UpMujocoFolders *folders) {
    char python[UP__PROCESS_PATH];
    UP_TRY(up__python_find(python));
    FILE *out = up__python_open(python, script);
    if (!out) return up_fail(UP_IO, "cannot run %s", python);
    read_line(out, folders->mujoco);
    read_line(out, folders->gymnasium);
    int status = pclose(out);
    if (status != 0)
        return up_fail(UP_NOT_FOUND, "%.256s does not run: run ./dev setup, or set UPHILL_PYTHON",
                       python);
    return UP_OK;
}
