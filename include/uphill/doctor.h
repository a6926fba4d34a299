// What this build can do, and with which versions: what `uphill doctor` prints.
#ifndef UPHILL_DOCTOR_H
#define UPHILL_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct UpComponent {
    char name[48];    // "cairo"
    char purpose[64]; // "curves, and frames of CartPole and Pendulum"
    bool present;
    char version[128]; // where present, else what to do about it
} UpComponent;

// Fills up to `capacity` rows; returns how many there are. Starts the worker's Python once, to ask
// which packages it has.
int up_doctor(UpComponent *component, int capacity);

// The path of the Python that workers run in.
UpStatus up_doctor_python(char *path, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
