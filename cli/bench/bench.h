// What `uphill bench env` measures: our environment and those of others, on one number of threads
// or another.
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "uphill/arena.h"
#include "uphill/env.h"

enum { BENCH_ROUNDS_MAX = 99, BENCH_PEERS = 3, BENCH_REASON = 256, BENCH_SETTINGS = 2 };
enum { BENCH_OURS = BENCH_PEERS, BENCH_RATES };

extern const char *const bench_peer_title[BENCH_PEERS];

// A number of threads, our environment on them, and what was measured.
typedef struct BenchSetting {
    int threads;
    UpEnv *env;
    UpPool *pool;
    UpArena arena;
    UpStep step;
    float *action; // sets of (N, A), drawn beforehand
    double rate[BENCH_RATES][BENCH_ROUNDS_MAX];
} BenchSetting;

typedef struct Bench {
    UpEnvDef def;
    int instances, rounds;
    double seconds; // of each measurement
    BenchSetting setting[BENCH_SETTINGS];
    int settings;
    char python[4096], script[4096];
    char reason[BENCH_PEERS][BENCH_REASON]; // why a peer has no figure; "" where it has
} Bench;

UpStatus bench_open(const Bench *bench, BenchSetting *setting);
void bench_close(BenchSetting *setting);

// One turn each, as steps a second. A peer that has none leaves its reason in bench.
UpStatus bench_ours(const Bench *bench, BenchSetting *setting, double *rate);
void bench_peer(Bench *bench, int peer, int threads, double *rate);

#endif
