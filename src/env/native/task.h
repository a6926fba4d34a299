// Gymnasium's classic and tabular tasks and our own, in C. Each is a file with its dynamics, its
// drawing and a description; everything else is made from the description.
#ifndef UP_ENV_NATIVE_TASK_H
#define UP_ENV_NATIVE_TASK_H

#include "env/native/native.h"
#include "env/native/picture.h"

enum {
    UP__TASK_BLOCK = 64, // instances that are stepped at a time, at most
    UP__TASK_ARRAYS = 8,
    UP__TASK_KEYWORDS = 6,
};

// An array with an element for each instance: a pointer in the task's structure.
typedef struct UpTaskArray {
    size_t pointer; // offset of the pointer
    size_t size;    // bytes per instance
} UpTaskArray;

// A keyword: `count` doubles in the task's structure, or (0) a text, char[UP_OPTION_TEXT_MAX].
typedef struct UpTaskKeyword {
    const char *name;
    size_t offset;
    int count;
    bool flag; // a number that is True or False
} UpTaskKeyword;

// The description. `self` is the task's structure, which begins with a UpTask.
typedef struct UpTaskKind {
    UpSpace obs, action;
    UpObsForm obs_form;
    int64_t mask_size;
    double frames_per_second;
    size_t size; // of the structure
    UpTaskArray array[UP__TASK_ARRAYS];
    UpTaskKeyword keyword[UP__TASK_KEYWORDS];
    bool own_streams;  // not seeded as Gymnasium's, but by UP_STREAM_ENV
    bool preprocesses; // knows def->preprocess

    // optional: checks keywords, makes tables, changes the spec
    UpStatus (*prepare)(void *self, const UpEnvDef *def);
    // instance i's first state, drawn from its stream
    void (*begin)(void *self, int i);
    // states, reward and terminated of instances first … first+count-1, at most UP__TASK_BLOCK
    void (*advance)(void *self, int first, int count, const UpStep *step);
    // their rows of obs, and of its masks if it has some
    void (*observe)(void *self, int first, int count, const UpObs *obs);
    // could instance i come to the state that was loaded? Finite numbers within what a step may
    // leave behind; whatever this accepts steps on
    bool (*possible)(const void *self, int i);

    int width, height; // of a picture: drawn on a white sheet, or pixel by pixel
    UpDrawFn draw;     // UP__DRAW(function)
    void (*paint)(const void *self, int i, uint8_t *rgb);
} UpTaskKind;

typedef struct UpTask {
    UpNative native;
    const UpTaskKind *kind;
    int width, height; // of a picture; the description's, unless prepare changes them
    // Of instance 0, once somebody has looked at it: how its last episode ended.
    uint8_t *end; // (height, width, 3)
    bool ended;   // by the step before
} UpTask;

// Makes any of them, by def->id.
UpStatus up__task_create(UpEnv **env, const UpEnvDef *def, int instances);

// Writes all of them to `list`, at most `room`, and returns how many there are.
int up__task_list(UpEnvInfo *list, int room);

// For descriptions.
#define UP__ARRAY(type, field)                                                                     \
    { offsetof(type, field), sizeof *((type *)0)->field }
#define UP__NUMBER(type, field)                                                                    \
    { #field, offsetof(type, field), 1, false }
#define UP__FLAG(type, field)                                                                      \
    { #field, offsetof(type, field), 1, true }
#define UP__NUMBERS(type, field, count)                                                            \
    { #field, offsetof(type, field), count, false }
#define UP__TEXT(type, field)                                                                      \
    { #field, offsetof(type, field), 0, false }

// Boxes of one number.
#define UP__BOX1(lowest, highest)                                                                  \
    {                                                                                              \
        .kind = UP_SPACE_BOX, .size = 1, .dims = 1, .shape = {1}, .bounds = 1, .low = {lowest},    \
        .high = {                                                                                  \
            highest                                                                                \
        }                                                                                          \
    }

// An action of a Discrete space, which the boundary has checked.
static inline int up__task_choice(const UpStep *step, int i) {
    return (int)step->action[i];
}

#endif
