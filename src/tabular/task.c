// An environment whose observations are numbers of states.
#include "uphill/tabular.h"

UpStatus up_tabular_states(const UpSpace *obs, int64_t *states) {
    *states = 1;
    if (obs->kind == UP_SPACE_DISCRETE) {
        *states = obs->n;
        return UP_OK;
    }
    if (obs->kind == UP_SPACE_BOX && obs->size == 1 &&
        up_space_low(obs, 0) == up_space_high(obs, 0))
        return UP_OK; // a point: always the same state
    if (obs->kind == UP_SPACE_MULTI_DISCRETE && obs->size <= UP_SPACE_BOUNDS) {
        for (int64_t i = 0; i < obs->size; i++)
            if (__builtin_mul_overflow(*states, obs->choices[i], states))
                return up_fail(UP_USAGE, "the observations have too many states for a table");
        return UP_OK;
    }
    char text[128];
    up_space_format(obs, text, sizeof text);
    return up_fail(UP_USAGE,
                   "a table needs a finite number of states, and %s has none; use a network "
                   "(up_train_create)",
                   text);
}

int64_t up_tabular_state(const UpSpace *obs, const float *row) {
    if (obs->kind == UP_SPACE_DISCRETE) return (int64_t)row[0];
    int64_t state = 0;
    if (obs->kind == UP_SPACE_MULTI_DISCRETE)
        for (int64_t i = 0; i < obs->size; i++)
            state = state * obs->choices[i] + (int64_t)row[i];
    return state;
}

static UpStatus open_task(UpTabularTask *task, UpEnv *env) {
    const UpEnvSpec *spec = &env->spec;
    if (env->instances != 1 || spec->action.kind != UP_SPACE_DISCRETE)
        return up_fail(UP_USAGE,
                       "%s: tables need one instance and Discrete actions; create the environment "
                       "with 1 instance",
                       spec->id);
    task->env = env;
    task->actions = spec->action.n;
    UP_TRY(up_tabular_states(&spec->obs, &task->states));
    UP_TRY(up_obs_create(&task->step.obs, spec, 1, &task->arena));
    UP_TRY(up_obs_create(&task->step.final_obs, spec, 1, &task->arena));
    task->step.action = &task->action;
    task->step.reward = &task->reward;
    task->step.terminated = &task->terminated;
    task->step.truncated = &task->truncated;
    return UP_OK;
}

UpStatus up_tabular_open(UpTabularTask *task, UpEnv *env) {
    *task = (UpTabularTask){0};
    UpStatus status = open_task(task, env);
    if (status != UP_OK) up_tabular_close(task);
    return status;
}

void up_tabular_close(UpTabularTask *task) {
    up_arena_free(&task->arena);
    *task = (UpTabularTask){0};
}

UpStatus up_tabular_reset(UpTabularTask *task, uint64_t seed) {
    UP_TRY(up_env_reset(task->env, &seed, task->step.obs));
    task->state = up_tabular_state(&task->env->spec.obs, task->step.obs.f32);
    return UP_OK;
}

UpStatus up_tabular_step(UpTabularTask *task, int64_t action, UpTransition *t) {
    const UpSpace *obs = &task->env->spec.obs;
    task->action = (float)action;
    *t = (UpTransition){.state = task->state, .action = action};
    UP_TRY(up_env_step(task->env, &task->step));
    task->state = up_tabular_state(obs, task->step.obs.f32);
    t->reward = task->reward;
    t->terminated = task->terminated;
    t->truncated = task->truncated;
    t->next = t->terminated || t->truncated ? up_tabular_state(obs, task->step.final_obs.f32)
                                            : task->state;
    return UP_OK;
}
