// What a step of MuJoCo's tasks costs beside the bare physics: mj_step with the same actions, the
// same frame skip and the same new episodes, in turn in one run, on one thread.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef UP_HAVE_MUJOCO

int main(void) {
    puts("this build has no MuJoCo");
    return 0;
}

#else

#include "env/mujoco/mujoco.h"
#include "uphill/env.h"

enum { STEPS = 1000, ROUNDS = 9 };

// Seconds of the processor, so that other programs on the machine do not count.
static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// STEPS steps from seed 0 on, and what the bare physics needs to take the same way.
typedef struct Course {
    UpEnv *env;
    UpObs obs, final_obs;
    float *action;   // (STEPS, nu)
    double *begin;   // (STEPS + 1, nq + nv) of the episode that begins before step t
    uint8_t *begins; // (STEPS + 1)
    mjData *data;
} Course;

static UpStatus play(Course *course, bool record) {
    const UpMujoco *mujoco = (const UpMujoco *)course->env;
    size_t nq = (size_t)mujoco->model->nq, nv = (size_t)mujoco->model->nv;
    double reward;
    uint8_t terminated, truncated;
    UpStep step = {.obs = course->obs,
                   .final_obs = course->final_obs,
                   .reward = &reward,
                   .terminated = &terminated,
                   .truncated = &truncated};
    UP_TRY(up_env_reset(course->env, &(uint64_t){0}, course->obs));
    for (size_t t = 0; t <= STEPS; t++) {
        if (record && (t == 0 || terminated || truncated)) {
            double *state = course->begin + t * (nq + nv);
            course->begins[t] = 1;
            memcpy(state, mujoco->data[0]->qpos, nq * sizeof *state);
            memcpy(state + nq, mujoco->data[0]->qvel, nv * sizeof *state);
        }
        if (t == STEPS) break;
        step.action = course->action + t * (size_t)mujoco->model->nu;
        UP_TRY(up_env_step(course->env, &step));
    }
    return UP_OK;
}

static void run_bare(Course *course) {
    const UpMujoco *mujoco = (const UpMujoco *)course->env;
    const mjModel *model = mujoco->model;
    const UpMujocoCalls *call = mujoco->call;
    size_t nq = (size_t)model->nq, nv = (size_t)model->nv, nu = (size_t)model->nu;
    int frames = mujoco->task->frame_skip;
    mjData *data = course->data;
    for (size_t t = 0; t <= STEPS; t++) {
        if (course->begins[t]) {
            const double *state = course->begin + t * (nq + nv);
            call->mj_resetData(model, data);
            memcpy(data->qpos, state, nq * sizeof *state);
            memcpy(data->qvel, state + nq, nv * sizeof *state);
            call->mj_forward(model, data);
        }
        if (t == STEPS) break;
        for (size_t k = 0; k < nu; k++)
            data->ctrl[k] = (double)course->action[t * nu + k];
        for (int k = 0; k < frames; k++)
            call->mj_step(model, data);
    }
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static UpStatus measure(Course *course, const char *id) {
    UP_TRY(play(course, true));
    double ours[ROUNDS], bare[ROUNDS], ratio[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        double start = now();
        UP_TRY(play(course, false));
        double middle = now();
        run_bare(course);
        double end = now();
        ours[round] = (middle - start) / STEPS;
        bare[round] = (end - middle) / STEPS;
        ratio[round] = ours[round] / bare[round];
    }
    const mjData *data = ((const UpMujoco *)course->env)->data[0];
    bool same = data->qpos[0] == course->data->qpos[0];
    qsort(ours, ROUNDS, sizeof *ours, compare);
    qsort(bare, ROUNDS, sizeof *bare, compare);
    qsort(ratio, ROUNDS, sizeof *ratio, compare);
    printf("%-26s %9.2f %9.2f %+8.1f %% %12.0f%s\n", id, 1e6 * ours[ROUNDS / 2],
           1e6 * bare[ROUNDS / 2], 100 * (ratio[ROUNDS / 2] - 1), 1 / ours[ROUNDS / 2],
           same ? "" : "   not the same way");
    return UP_OK;
}

static UpStatus bench_one(const char *id) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s", id);
    Course course = {0};
    UP_TRY(up_env_create(&course.env, &def, 1));
    const UpMujoco *mujoco = (const UpMujoco *)course.env;
    const mjModel *model = mujoco->model;
    UpArena arena = {0};
    size_t width = (size_t)(model->nq + model->nv), nu = (size_t)model->nu;
    course.action = up_arena_alloc(&arena, STEPS * nu, sizeof(float));
    course.begin = up_arena_alloc(&arena, (STEPS + 1) * width, sizeof(double));
    course.begins = up_arena_alloc(&arena, STEPS + 1, 1);
    course.data = mujoco->call->mj_makeData(model);
    UpStatus status = UP_MEMORY;
    if (course.action && course.begin && course.begins && course.data &&
        up_obs_create(&course.obs, &course.env->spec, 1, &arena) == UP_OK &&
        up_obs_create(&course.final_obs, &course.env->spec, 1, &arena) == UP_OK) {
        UpRng rng;
        up_rng_seed(&rng, 0);
        for (size_t i = 0; i < STEPS * nu; i++) {
            const UpSpace *space = &course.env->spec.action;
            course.action[i] = (float)up_rng_uniform(&rng, (double)space->low[i % nu],
                                                     (double)space->high[i % nu]);
        }
        status = measure(&course, id);
    }
    if (course.data) mujoco->call->mj_deleteData(course.data);
    up_arena_free(&arena);
    up_env_destroy(course.env);
    return status;
}

int main(int argc, char **argv) {
    int count, failed = 0;
    const UpEnvInfo *list = up_env_list(&count);
    printf("microseconds of processor time a step, medians of %d rounds of %d steps\n", ROUNDS,
           STEPS);
    printf("%-26s %9s %9s %10s %12s\n", "environment", "step", "bare", "more", "steps/s");
    for (int i = 0; i < count; i++) {
        if (list[i].create != up__mujoco_create) continue;
        if (argc > 1 && strcmp(argv[1], list[i].id) != 0) continue;
        if (bench_one(list[i].id) == UP_OK) continue;
        fprintf(stderr, "%s\n", up_error());
        failed = 1;
    }
    return failed;
}

#endif
