// The native environments: which there are, and everything that their descriptions do not say.
#include "env/native/task.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "env/native/kinds.h"

// As in Gymnasium's registry, several ids may be one kind with different keywords.
typedef struct Entry {
    UpEnvInfo info;
    const UpTaskKind *kind;
    int64_t max_episode_steps;
    double reward_threshold;
    const char *keywords; // their values where none are given
} Entry;

#define INFO(id, summary)                                                                          \
    { id, summary, up__task_create }

#define LAKE "desc=;is_slippery=True;success_rate=0.3333333333333333;reward_schedule=(1,0,0);"

static const Entry entries[] = {
    {INFO("CartPole-v0", "balance a pole on a cart; 200 steps"), &up__cartpole, 200, 195,
     "sutton_barto_reward=False"},
    {INFO("CartPole-v1", "balance a pole on a cart; 500 steps (Barto, Sutton, Anderson 1983)"),
     &up__cartpole, 500, 475, "sutton_barto_reward=False"},
    {INFO("MountainCar-v0", "swing a weak car up a hill; 200 steps (Moore 1990)"),
     &up__mountain_car, 200, -110, "goal_velocity=0"},
    {INFO("MountainCarContinuous-v0", "the same with a force, which costs; 999 steps"),
     &up__mountain_car_continuous, 999, 90, "goal_velocity=0"},
    {INFO("Acrobot-v1", "swing two links up by the joint between them; 500 steps (Sutton 1996)"),
     &up__acrobot, 500, -100, ""},
    {INFO("Pendulum-v1", "swing a pendulum up and hold it; 200 steps, one torque"), &up__pendulum,
     200, NAN, "g=10"},
    {INFO("FrozenLake-v1", "cross the ice, which is slippery, and into no hole; 100 steps"),
     &up__frozen_lake, 100, 0.70, LAKE "map_name=4x4"},
    {INFO("FrozenLake8x8-v1", "a larger lake; 200 steps"), &up__frozen_lake, 200, 0.85,
     LAKE "map_name=8x8"},
    {INFO("CliffWalking-v1", "walk along a cliff; without end (Sutton and Barto, example 6.6)"),
     &up__cliff_walking, 0, NAN, "is_slippery=False"},
    {INFO("CliffWalkingSlippery-v1", "the same on slippery ground"), &up__cliff_walking, 0, NAN,
     "is_slippery=True"},
    {INFO("Taxi-v4", "fetch a passenger and bring them; 200 steps, masks (Dietterich 2000)"),
     &up__taxi, 200, 8,
     "is_rainy=False;fickle_passenger=False;rainy_probability=0.8;fickle_probability=0.3"},
    {INFO("Blackjack-v1", "hit or stick (Sutton and Barto, example 5.1)"), &up__blackjack, 0, NAN,
     "natural=False;sab=True"},
    {INFO("uphill/Bandit-v0", "100 arms, one pull: 1 for the first, 0.9 below the half, else 0"),
     &up__bandit, 1, NAN, "arms=100"},
    {INFO("uphill/Testbed-v0", "the ten-armed testbed; 1000 pulls (Sutton and Barto, section 2.3)"),
     &up__testbed, 1000, NAN, "arms=10;mean_of_arms=0"},
    {INFO("uphill/RandomWalk-v0", "five states, two ends, no choice (Sutton, Barto, example 6.2)"),
     &up__random_walk, 0, NAN, ""},
    {INFO("uphill/Recall-v0", "a symbol is shown once and asked for 20 steps later: memory"),
     &up__recall, 0, 1, "delay=20;symbols=4"},
    {INFO("uphill/Pong-v0",
          "Pong on the Atari's screen against an opponent that can be beaten; to 21"),
     &up__pong, 27000, NAN, ""},
};
enum { ENTRIES = sizeof entries / sizeof *entries };

// ---------------------------------------------------------------------------------------------------
// Episodes

static void begin_episode(UpTask *self, int i) {
    self->native.elapsed[i] = 0;
    self->kind->begin(self, i);
}

static UpStatus picture(const UpTask *self, int i, UpImage *image) {
    const UpTaskKind *kind = self->kind;
    image->width = self->width;
    image->height = self->height;
    if (!kind->paint) return up__picture(image, kind->draw, self, i);
    if (image->rgb) kind->paint(self, i, image->rgb);
    return UP_OK;
}

// Instances first … first+count-1, all of which are active.
static void step_block(UpTask *self, int first, int count, const UpStep *step) {
    const UpTaskKind *kind = self->kind;
    UpObs final_obs = step->final_obs;
    final_obs.mask = NULL;
    if (first == 0) self->ended = false;
    kind->advance(self, first, count, step);
    for (int i = first; i < first + count; i++) {
        step->truncated[i] = up__native_clock(&self->native, i);
        if (!(step->truncated[i] | step->terminated[i])) continue;
        kind->observe(self, i, 1, &final_obs);
        if (i == 0 && self->end)
            self->ended = picture(self, 0, &(UpImage){.rgb = self->end}) == UP_OK;
        begin_episode(self, i);
    }
    kind->observe(self, first, count, &step->obs);
}

static UpStatus step_all(UpEnv *env, UpStep *step) {
    const uint8_t *active = step->active;
    int N = env->instances;
    for (int first = 0, count; first < N; first += count) {
        for (count = 0; first + count < N && count < UP__TASK_BLOCK; count++)
            if (active && !active[first + count]) break;
        if (count > 0)
            step_block((UpTask *)env, first, count, step);
        else
            count = 1; // sits idle
    }
    return UP_OK;
}

static UpStatus restart(UpEnv *env, const uint8_t *which, UpObs obs) {
    UpTask *self = (UpTask *)env;
    self->ended = false;
    for (int i = 0; i < env->instances; i++) {
        if (which && !which[i]) continue;
        begin_episode(self, i);
        self->kind->observe(self, i, 1, &obs);
    }
    return UP_OK;
}

static UpStatus reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    UpTask *self = (UpTask *)env;
    if (self->kind->own_streams)
        for (int i = 0; seeds && i < env->instances; i++)
            up_rng_stream(&self->native.rng[i], seeds[i], UP_STREAM_ENV, 0);
    else
        up__native_seed(&self->native, seeds);
    return restart(env, NULL, obs);
}

// ---------------------------------------------------------------------------------------------------
// Pictures

static UpStatus render(UpEnv *env, int instance, UpImage *image) {
    UpTask *self = (UpTask *)env;
    size_t size = (size_t)self->width * (size_t)self->height * 3;
    if (!image->rgb || instance > 0) return picture(self, instance, image);
    if (!self->end) self->end = up_arena_alloc(&self->native.arena, size, 1);
    if (!self->end) return UP_MEMORY;
    if (!self->ended) return picture(self, instance, image);
    image->width = self->width;
    image->height = self->height;
    memcpy(image->rgb, self->end, size);
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Creation

static const UpEnvVtable vtable = {
    .abi = UP_ENV_ABI,
    .reset = reset,
    .step = step_all,
    .destroy = up__native_destroy,
    .render = render,
    .state_size = up__native_state_size,
    .state_save = up__native_state_save,
    .state_load = up__native_state_load,
    .restart = restart,
};

static UpStatus read_keywords(UpTask *self, const UpEnvDef *def, const char *text) {
    UpEnvKeyword keyword[UP__TASK_KEYWORDS];
    int count = 0;
    for (const UpTaskKeyword *k = self->kind->keyword; count < UP__TASK_KEYWORDS && k->name; k++) {
        void *target = (char *)self + k->offset;
        keyword[count++] = (UpEnvKeyword){.name = k->name,
                                          .value = k->count ? target : NULL,
                                          .text = k->count ? NULL : target,
                                          .count = k->count,
                                          .flag = k->flag};
    }
    UpEnvDef given = *def;
    snprintf(given.options, sizeof given.options, "%s", text);
    return up_env_keywords(&given, keyword, count);
}

static UpStatus fill(UpTask *self, const Entry *entry, const UpEnvDef *def) {
    const UpTaskKind *kind = self->kind;
    if (!kind->preprocesses) UP_TRY(up__native_no_preprocess(def));
    UP_TRY(read_keywords(self, def, entry->keywords));
    UP_TRY(read_keywords(self, def, def->options));
    for (int j = 0; j < UP__TASK_ARRAYS && kind->array[j].size; j++) {
        void *data = up__native_array(&self->native, kind->array[j].size);
        if (!data) return UP_MEMORY;
        memcpy((char *)self + kind->array[j].pointer, &data, sizeof data);
    }
    return kind->prepare ? kind->prepare(self, def) : UP_OK;
}

UpStatus up__task_create(UpEnv **env, const UpEnvDef *def, int instances) {
    const Entry *entry = entries;
    while (strcmp(entry->info.id, def->id) != 0)
        entry++; // whoever calls this has found the id in up__task_list
    const UpTaskKind *kind = entry->kind;
    UpTask *self = up__native_create(kind->size, &vtable, instances);
    if (!self) return UP_MEMORY;
    self->kind = kind;
    self->native.possible = kind->possible;
    self->width = kind->width;
    self->height = kind->height;
    self->native.base.spec = (UpEnvSpec){.obs = kind->obs,
                                         .action = kind->action,
                                         .obs_form = kind->obs_form,
                                         .mask_size = kind->mask_size,
                                         .max_episode_steps = entry->max_episode_steps,
                                         .reward_threshold = entry->reward_threshold,
                                         .frames_per_second = kind->frames_per_second,
                                         .renders_end = true};
    strcpy(self->native.base.spec.id, entry->info.id);
    UpStatus status = fill(self, entry, def);
    if (status == UP_OK)
        *env = &self->native.base;
    else
        up__native_destroy(&self->native.base);
    return status;
}

int up__task_list(UpEnvInfo *list, int room) {
    for (int e = 0; e < ENTRIES && e < room; e++)
        list[e] = entries[e].info;
    return ENTRIES;
}
