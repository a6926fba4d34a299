// An environment of your own, compiled to a shared object, is used by its path wherever an
// environment's id is: `uphill train ./shuttle.so`. The object shows one symbol, which this macro
// defines; `uphill new env shuttle` writes a whole one.
//
//   static const UpEnvInfo environments[] = {{"Shuttle-v0", "dock at 0 and stay there", create}};
//   UP_PLUGIN(environments)
//
//   cc -std=c17 -O2 -shared -fPIC $(pkg-config --cflags uphill) shuttle.c -o shuttle.so
//
// Where an object holds several, a colon and an id choose one: ./games.so:Shuttle-v0. What it needs
// of Uphill it finds in the program that loads it, so it is not linked with libuphill. It stays
// loaded until the process ends.
#ifndef UPHILL_PLUGIN_H
#define UPHILL_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#include "uphill/env.h"

#ifdef __cplusplus
extern "C" {
#endif

// What an object says about itself. The sizes catch headers that differ from the program's where
// UP_ENV_ABI was not raised.
typedef struct UpPlugin {
    uint32_t abi; // UP_ENV_ABI
    uint32_t env_size, vtable_size, step_size,
        def_size;          // bytes of UpEnv, UpEnvVtable, UpStep, UpEnvDef
    uint32_t count;        // environments
    const UpEnvInfo *envs; // (count)
} UpPlugin;

#ifdef __cplusplus
#define UP_PLUGIN_EXTERN extern "C"
#else
#define UP_PLUGIN_EXTERN extern
#endif

// Defines the symbol. envs: an array of UpEnvInfo, not a pointer.
#define UP_PLUGIN(envs)                                                                            \
    UP_PLUGIN_EXTERN __attribute__((visibility("default"))) const UpPlugin up_plugin;              \
    const UpPlugin up_plugin = {UP_ENV_ABI,                                                        \
                                sizeof(UpEnv),                                                     \
                                sizeof(UpEnvVtable),                                               \
                                sizeof(UpStep),                                                    \
                                sizeof(UpEnvDef),                                                  \
                                sizeof(envs) / sizeof *(envs),                                     \
                                envs};

// The length of the path in an id "path/x.so" or "path/x.so:ID"; 0 where `id` names no object. It
// need not exist.
size_t up_plugin_path(const char *id);

#ifdef __cplusplus
}
#endif
#endif
