// Environments. One object is a batch of N instances that are stepped together and write straight
// into arrays that the caller owns. Semantics are Gymnasium's, with two differences that the batch
// needs: an instance that ends resets itself within the same step (its last observation goes to
// `final_obs`), and `terminated` (the task ended) and `truncated` (the clock ended) are never
// merged.
#ifndef UPHILL_ENV_H
#define UPHILL_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uphill/arena.h"
#include "uphill/image.h"
#include "uphill/obs.h"
#include "uphill/option.h"
#include "uphill/random.h"
#include "uphill/space.h"
#include "uphill/status.h"
#include "uphill/thread.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { UP_ENV_ABI = 3, UP_ENV_ID_MAX = 128, UP_ENV_OPTIONS_MAX = 1024 };

// [env]: which environment, and how it is presented. Fill with up_env_def_default().
typedef struct UpEnvDef {
    char id[UP_OPTION_TEXT_MAX];      // "CartPole-v1", "ALE/Pong-v5", "gym:CartPole-v1"
    int preprocess;                   // UpPreprocess
    int64_t workers;                  // processes for foreign environments; 0: one per core
    double timeout;                   // seconds after which a silent worker counts as hung
    char options[UP_ENV_OPTIONS_MAX]; // the environment's own keywords, "g=9.81;render=1"
    int64_t max_episode_steps;        // takes the place of the environment's own; 0: leaves it
    // with UP_PREPROCESS_ATARI, as Gymnasium's and Stable-Baselines3's wrappers name them
    int64_t noop_max;           // no-ops after a reset, 1 to noop_max at random; 0: none
    int64_t frame_skip;         // frames that an action lasts
    int64_t screen_size;        // pixels of a side of the observation
    bool terminal_on_life_loss; // a lost life ends the episode
    bool grayscale_obs;         // else RGB
    bool fire_reset;            // presses FIRE, then the action after it, at a reset
    int64_t frame_stack; // observations that a policy reads as one (UpEnvSpec.stack), any env
    bool mask_velocity;  // velocities read 0, in the classic tasks: a policy needs a memory
    bool rescale_action; // Box actions are in [-1, 1] and are stretched to the bounds

    // no options, but what the program wants of it
    bool
        pictures; // up_env_render will be called: foreign environments are told that somebody looks
    bool
        strict; // to check one: where it fails it is not replaced, what would be rounded is refused
    uint32_t given; // bit i: row i of up_env_options was set by up_env_def_set
} UpEnvDef;

typedef enum UpPreprocess {
    UP_PREPROCESS_NONE,
    UP_PREPROCESS_PONG80, // the Pong tutorial and Welleck 2020: rows 35 to 195, every second pixel,
                          // red channel, 144 and 109 erased, the rest 1, minus the previous frame:
                          // (6400) sparse
    UP_PREPROCESS_ATARI,  // Gymnasium's AtariPreprocessing
} UpPreprocess;

extern const UpOptionTable up_env_options;
UpEnvDef up_env_def_default(void);

// Sets an option of [env]; a name that is not in its table is taken as a keyword of the
// environment's own and added to def->options. Whether it knows it shows when it is made.
UpStatus up_env_def_set(UpEnvDef *def, const char *name, const char *value, const char *where);

// What one instance looks like; constant for the life of the environment.
typedef struct UpEnvSpec {
    char id[UP_ENV_ID_MAX];
    UpSpace obs, action;
    UpObsForm obs_form;        // the form that reset and step write
    int64_t mask_size;         // entries of an action mask, up_space_mask(action); 0: no masks
    int64_t stack;             // newest observations of an episode that a policy reads as one, as
                               //   UpObs describes; 0 or 1: each alone. An environment writes one
    int64_t max_episode_steps; // after which `truncated` is set; 0: never. up_env_create may change
                               //   it after `create`: a step obeys what stands here
    double reward_threshold;   // Gymnasium's "solved"; NAN if there is none
    double frames_per_second;  // for playback
    bool renders_end;          // from an episode's end to the next step, render shows how it ended
} UpEnvSpec;

// Where a step writes. All arrays are the caller's, usually slices of the rollout.
typedef struct UpStep {
    const float *action;   // (N, action.size) in: an integer for Discrete, stored as a float;
                           //   Box values beyond the bounds are clipped, as detail 27 of PPO asks
    const uint8_t *active; // (N) in: 0 leaves an instance untouched; NULL steps all of them
    UpObs obs;             // (N) out: the observation to act on next, with its action mask
    UpObs final_obs;       // (N) out: last observation of an episode; written where one ended,
                           //   without a mask
    double *reward;        // (N) out
    uint8_t *terminated;   // (N) out: 0 or 1
    uint8_t *truncated;    // (N) out: 0 or 1
} UpStep;

typedef struct UpEnv UpEnv;

// A game console one frame at a time, so that a wrapper can play several frames within a step and
// have only those drawn that somebody looks at. Different instances may be played on different
// threads at the same time. Behaviour is that of Gymnasium's AtariEnv with frameskip = 1.
typedef struct UpConsoleInfo {
    int height, width;   // of a picture
    int fire;            // the number of the action FIRE; -1 if the game has none
    const uint8_t *rgb;  // (256, 3) colours of a picture's bytes, as ALE's getScreenRGB gives them
    const uint8_t *grey; // (256) the same as getScreenGrayscale gives them
} UpConsoleInfo;

// Pictures are drawn into two buffers by turns.
typedef struct UpPicture {
    const uint8_t *pixel; // (height, width) bytes, valid until the next reset, or the next frame
    bool lasts;           // or, where this is true, the frame after that
    uint8_t *touched;     // (height) 1 for rows of this buffer that changed since somebody put a 0
} UpPicture;

typedef struct UpConsole {
    UpConsoleInfo (*info)(const UpEnv *env);
    // reset(seed=*seed), or reset() where seed is NULL. Its picture is drawn.
    void (*reset)(UpEnv *env, int instance, const uint64_t *seed);
    // One frame with this action; returns the reward. An ended game is left as it is. Where `draw`
    // is false nobody will read this frame's picture.
    double (*frame)(UpEnv *env, int instance, int action, bool draw, bool *terminated,
                    bool *truncated);
    int (*lives)(const UpEnv *env, int instance);
    UpPicture (*picture)(UpEnv *env, int instance); // the last one that was drawn
    UpRng *(*random)(UpEnv *env, int instance);     // Gymnasium's np_random, for no-ops at a reset
} UpConsole;

// Numbers of an environment's own about episodes that ended: whether the goal was reached, say.
// They become columns of metrics.csv, each the mean over the episodes that had it.
enum { UP_LOG_MAX = 24, UP_LOG_NAME = 48 };
typedef struct UpLog {
    int count;
    char name[UP_LOG_MAX][UP_LOG_NAME]; // letters, digits and _ - . alone
    double sum[UP_LOG_MAX];
    double episodes[UP_LOG_MAX]; // that had the number
    uint64_t whole[UP_LOG_MAX];  // which whole name it was that became name[i]; 0: not known
    bool told;                   // that some were left out
} UpLog;

// Adds the number of an episode. Other characters of a name become _, and it is cut after
// UP_LOG_NAME - 1 bytes. What is not finite is left out; so are, with one warning, names beyond
// UP_LOG_MAX, one that becomes the same as another that was there before it, and an empty one.
void up_log_add(UpLog *log, const char *name, double value);
// Adds all that another log holds.
void up_log_merge(UpLog *log, const UpLog *other);
// Forgets the numbers and keeps the names.
void up_log_clear(UpLog *log);

// What an implementation provides. Slots marked optional may be NULL.
typedef struct UpEnvVtable {
    uint32_t abi; // UP_ENV_ABI

    // Starts an episode in every instance and writes its first observation. seeds (N), or NULL to
    // go on with the present random streams. Instance i seeded with s behaves as Gymnasium's
    // reset(seed=s).
    UpStatus (*reset)(UpEnv *env, const uint64_t *seeds, UpObs obs);

    // Steps every active instance once.
    UpStatus (*step)(UpEnv *env, UpStep *step);

    void (*destroy)(UpEnv *env);

    // optional: the size of a frame in `image` (rgb may be NULL), then the frame itself
    UpStatus (*render)(UpEnv *env, int instance, UpImage *image);

    // optional, all or none: everything that the future depends on, all instances, as bytes. A size
    // of 0 is a failure; its message is in up_error().
    size_t (*state_size)(const UpEnv *env);
    void (*state_save)(const UpEnv *env, void *bytes);
    UpStatus (*state_load)(UpEnv *env, const void *bytes, size_t size);

    // optional: begins a new episode in the instances with which[i] (N; NULL: in all), as the end
    // of one does within a step: random streams go on. Rows of the others are left alone.
    UpStatus (*restart)(UpEnv *env, const uint8_t *which, UpObs obs);

    // optional: adds the environment's own numbers about an episode of `instance` to `log`, by
    // up_log_add. Called after a step that ended it, before the next step; the instance has been
    // reset since, so they are kept for this.
    void (*log)(const UpEnv *env, int instance, UpLog *log);

    const UpConsole *console; // optional, for games that AtariPreprocessing can be asked of
} UpEnvVtable;

// An implementation embeds this as its first member.
struct UpEnv {
    const UpEnvVtable *vtable;
    UpEnvSpec spec;
    int instances; // N
    int64_t lost;  // episodes that were cut short because the environment failed, so far
    bool checked;  // what it writes is held against its spec in every step: it is foreign code
    UpPool
        *pool; // borrowed; spreads expensive instances over its threads. NULL: the caller's alone
};

// Makes `instances` instances of def->id. *env is the caller's to destroy on success, NULL on
// failure. An unknown id is UP_UNKNOWN and names the nearest known one; a missing Python, package
// or ROM is UP_NOT_FOUND.
UpStatus up_env_create(UpEnv **env, const UpEnvDef *def, int instances);
void up_env_destroy(UpEnv *env); // NULL is fine

// Whether making the environment runs code that the id names: a shared object, or a package that is
// imported. Where an id comes from a file, ask the person before making it.
bool up_env_is_code(const char *id);

UpStatus up_env_reset(UpEnv *env, const uint64_t *seeds, UpObs obs);
UpStatus up_env_step(UpEnv *env, UpStep *step);
UpStatus up_env_restart(UpEnv *env, const uint8_t *which, UpObs obs); // UP_UNSUPPORTED if it cannot
UpStatus up_env_render(UpEnv *env, int instance, UpImage *image);     // likewise

// UP_ENVIRONMENT where all of `episodes` (at least one) were among the `lost` that the
// environment's own failures cut short: whoever played them has nothing to show for it.
UpStatus up_env_judge(const UpEnv *env, int64_t lost, int64_t episodes);

// Buffers for `rows` observations of an environment, from `arena`.
UpStatus up_obs_create(UpObs *obs, const UpEnvSpec *spec, int64_t rows, UpArena *arena);

// An environment that up_env_create knows by its id: the native ones, and those that were added.
typedef struct UpEnvInfo {
    const char *id;
    const char *summary; // one line
    UpStatus (*create)(UpEnv **env, const UpEnvDef *def, int instances);
} UpEnvInfo;
const UpEnvInfo *up_env_list(int *count);

// The id that somebody meant by a word that is none: "cartpole", "LunarLander-v2", "breakout".
// False if nothing is near.
bool up_env_nearest(const char *word, char id[UP_ENV_ID_MAX]);

// Calls `each` with every id that a Python package registers with Gymnasium, as up_env_create takes
// it: "package:Name-v0". UP_NOT_FOUND without Python or the package.
typedef void (*UpEnvEach)(void *user, const char *id, const char *summary);
UpStatus up_env_each_foreign(const char *package, UpEnvEach each, void *user);

// Adds an environment of your own, so that every function that takes an id (training, resuming,
// loading a policy) finds it. `info` is copied, what it points to is borrowed for good. An id that
// exists already is UP_USAGE. Not thread-safe: call it at the start. examples/02_own_environment.c
UpStatus up_env_register(const UpEnvInfo *info);

// A keyword of an environment's own: one number, "g=9.81" (True and False are 1 and 0), several,
// "range=(0.2, 1)", or a text.
typedef struct UpEnvKeyword {
    const char *name;
    double *value; // (count) what it is, and stays where it is not given; NULL for a text
    char *text; // takes the value without quotes around, UP_OPTION_TEXT_MAX bytes; NULL for numbers
    int count;  // of numbers; 1 for a single one
    bool optional; // a number that may be None, which leaves the default; a text may always
    bool flag;     // a number that is True or False
} UpEnvKeyword;

// For an environment's create: reads def->options. A keyword that is none of these is UP_USAGE, and
// the message names the nearest. An environment that never calls it has no keywords: any that is
// given is refused.
UpStatus up_env_keywords(const UpEnvDef *def, const UpEnvKeyword *keyword, int count);

#ifdef __cplusplus
}
#endif
#endif
