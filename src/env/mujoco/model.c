// Keywords, model and bodies of a task.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "env/mujoco/internal.h"

enum { KEYWORDS_MAX = 24 };

// ---------------------------------------------------------------------------------------------------
// Keywords

static bool is_whole(double value, double least, double most) {
    return value >= least && value <= most && value == floor(value);
}

UpStatus up__mujoco_keywords(UpMujoco *self, const UpEnvDef *def) {
    const UpMujocoTask *task = self->task;
    UpMujocoKeywords *key = &self->key;
    snprintf(key->xml_file, sizeof key->xml_file, "%s", task->xml);
    key->frame_skip = task->frame_skip;
    UpEnvKeyword keyword[KEYWORDS_MAX] = {
        {.name = "xml_file", .text = key->xml_file},
        {.name = "frame_skip", .value = &key->frame_skip, .count = 1}};
    int count = 2;
    for (int i = 0; i < task->keywords; i++) {
        const UpMujocoKeyword *row = &task->keyword[i];
        double *value = (double *)(void *)((char *)key + row->offset);
        memcpy(value, row->preset, (size_t)row->count * sizeof *value);
        keyword[count++] = (UpEnvKeyword){
            .name = row->name, .value = value, .count = row->count, .flag = row->flag};
    }
    UP_TRY(up_env_keywords(def, keyword, count));
    if (!is_whole(key->frame_skip, 1, 10000))
        return up_fail(UP_USAGE, "%s: env.options frame_skip = %g should be 1 to 10000", def->id,
                       key->frame_skip);
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Model

// The path that Gymnasium would read: a path as it stands, or a name in its folder of models.
static UpStatus model_path(const UpMujoco *self, char path[2 * UP__PROCESS_PATH]) {
    const char *file = self->key.xml_file, *home = getenv("HOME");
    size_t capacity = 2 * UP__PROCESS_PATH;
    if (file[0] == '/' || file[0] == '.') {
        snprintf(path, capacity, "%s", file);
        return UP_OK;
    }
    if (file[0] == '~' && file[1] == '/' && home) {
        snprintf(path, capacity, "%.1024s%s", home, file + 1);
        return UP_OK;
    }
    UpMujocoFolders folders;
    UP_TRY(up__mujoco_locate(&folders));
    if (!folders.gymnasium[0])
        return up_fail(UP_NOT_FOUND,
                       "%s: its model comes with Gymnasium, which is missing: run ./dev setup, or "
                       "set UPHILL_PYTHON to a Python that has it",
                       self->task->id);
    snprintf(path, capacity, "%s/envs/mujoco/assets/%s", folders.gymnasium, file);
    return UP_OK;
}

typedef struct Load {
    UpMujoco *self;
    const char *path;
    char error[512];
} Load;

static void load_xml(void *context) {
    Load *load = context;
    load->self->model =
        load->self->call->mj_loadXML(load->path, NULL, load->error, (int)sizeof load->error);
}

static UpStatus check_model(UpMujoco *self, const char *path) {
    const UpMujocoTask *task = self->task;
    const mjModel *model = self->model;
    if (model->nq < task->nq || model->nv < task->nv || model->nu < task->nu ||
        model->nu > UP_SPACE_BOUNDS || model->nbody < task->nbody || model->nsite < task->nsite)
        return up_fail(UP_MISMATCH,
                       "%s: the model %.512s has %d positions, %d velocities, %d actuators, %d "
                       "bodies, %d sites; the task needs at least %d, %d, %d, %d, %d",
                       task->id, path, (int)model->nq, (int)model->nv, (int)model->nu,
                       (int)model->nbody, (int)model->nsite, task->nq, task->nv, task->nu,
                       task->nbody, task->nsite);
    for (int b = 0; b < UP__MUJOCO_BODIES && task->body[b]; b++) {
        self->body[b] = self->call->mj_name2id(model, mjOBJ_BODY, task->body[b]);
        if (self->body[b] < 0)
            return up_fail(UP_MISMATCH, "%s: the model %.512s has no body called %s", task->id,
                           path, task->body[b]);
    }
    if (!is_whole(self->key.main_body, 0, (double)model->nbody - 1))
        return up_fail(UP_USAGE, "%s: env.options main_body = %g should be 0 to %d", task->id,
                       self->key.main_body, (int)model->nbody - 1);
    return UP_OK;
}

UpStatus up__mujoco_model(UpMujoco *self) {
    char path[2 * UP__PROCESS_PATH], message[UP__MUJOCO_MESSAGE];
    UP_TRY(model_path(self, path));
    Load load = {self, path, ""};
    if (!up__mujoco_guarded(load_xml, &load, message))
        return up_fail(UP_FORMAT, "%s: cannot read the model %.512s: %s", self->task->id, path,
                       message);
    if (!self->model)
        return up_fail(UP_NOT_FOUND, "%s: cannot read the model %.512s: %s", self->task->id, path,
                       load.error);
    UP_TRY(check_model(self, path));
    self->dt = self->model->opt.timestep * self->key.frame_skip;
    return UP_OK;
}
