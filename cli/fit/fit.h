// `uphill fit`: supervised learning of a table of numbers, with the networks, losses and optimisers
// that policies are made of.
#ifndef UPHILL_FIT_H
#define UPHILL_FIT_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/algo.h"
#include "uphill/arena.h"
#include "uphill/status.h"

// ---------------------------------------------------------------------------------------------------
// table.c: a CSV file

typedef struct FitTable {
    const char *path;
    int columns, target; // the target's column counts from 0
    char **name;         // (columns) the header's; NULL without one
    int64_t rows;
    float *input;  // (rows, columns - 1) all columns but the target
    char **cell;   // (rows) the target, as text
    int64_t *line; // (rows) of the file, from 1
    char *text;    // cells and names point into it
    UpArena arena;
} FitTable;

// target: a column's name, or its number from 1; NULL: the last one. Every cell of the other
// columns has to be a finite number; the message names line and column of the first that is none.
UpStatus fit_table_read(FitTable *table, const char *path, const char *target);
void fit_table_free(FitTable *table); // also after a failure

// up_fail(UP_FORMAT, …) with the place: a row of the table and a column of the file.
UpStatus fit_table_fail(const FitTable *table, int64_t row, int column, const char *what);

// A cell as a number; false where it is none, or not finite.
bool fit_number(const char *cell, double *value);

// ---------------------------------------------------------------------------------------------------
// data.c: what is learned from, and what is held out

typedef enum FitLoss { FIT_DEDUCED, FIT_MSE, FIT_CROSS_ENTROPY, FIT_LOSSES } FitLoss;
enum { FIT_CLASSES_MAX = 1000 };

typedef struct FitSet {
    int64_t rows;
    float *input;    // (rows, inputs) of the file; then as fit_models_create leaves them
    float *target;   // (rows) a class's number, or (y - mean) / deviation
    double variance; // of the targets; NAN for classes
} FitSet;

enum { FIT_TRAIN, FIT_HELD_OUT, FIT_SETS };

typedef struct FitData {
    FitTable table, other; // `other` where the held-out rows are a file of their own
    FitLoss loss;
    int64_t inputs;
    int classes; // 0: regression
    const char *class_name[FIT_CLASSES_MAX];
    double class_value[FIT_CLASSES_MAX]; // where all names are numbers
    bool numbers;
    double mean, deviation; // of the targets that are learned from
    FitSet set[FIT_SETS];
    UpArena arena;
} FitData;

// held_out: a share of the rows, between 0 and 1, drawn by `seed`; or the name of a file.
UpStatus fit_data_read(FitData *data, const char *path, const char *target, FitLoss loss,
                       const char *held_out, uint64_t seed);
void fit_data_free(FitData *data);

// ---------------------------------------------------------------------------------------------------
// model.c: networks that learn it side by side

typedef struct FitModel {
    const char *label; // the activation
    UpPolicy policy;   // its distribution's mode is the prediction
    UpOptim optim;
    UpRng rng;               // order of the rows
    uint32_t *order;         // (rows to learn from)
    UpObs obs;               // (batch)
    float *action;           // (batch) the targets
    UpReal *one;             // (batch) ones
    UpReal *d_param;         // (batch, P)
    double *loss[FIT_SETS];  // (epochs + 1) the first before learning; filled by fit_models_epoch
    double *score[FIT_SETS]; // (epochs + 1) accuracy, or the share of variance explained
} FitModel;

typedef struct FitModels {
    const UpConfig *config; // [policy], [optim] and train.seed
    FitData *data;
    int64_t epochs, batch;
    int64_t epoch; // that are over
    int count;
    FitModel *model; // (count)
    UpPool *pool;
    UpArena arena;
} FitModels;

// One model for each of `count` activations. Inputs are normalised in place.
UpStatus fit_models_create(FitModels *models, const UpConfig *config, FitData *data, int64_t epochs,
                           int64_t batch, const UpActivation *activation, int count);
void fit_models_destroy(FitModels *models);

// Passes once over the rows with every model, and measures it. Epoch 0 only measures.
UpStatus fit_models_epoch(FitModels *models, int64_t epoch);

// The network as a safetensors file, with what its inputs and outputs were normalised by.
UpStatus fit_model_save(const FitModel *model, const FitData *data, const char *path);

#endif
