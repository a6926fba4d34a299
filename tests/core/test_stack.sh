#!/usr/bin/env bash
# Training needs no large stack, in the main thread and in the pool's: 128 KiB, which is what musl
# gives to a thread, are enough for the whole program.
set -euo pipefail
case $CFLAGS in *sanitize*) echo "skipped: sanitizers make frames large"; exit 77 ;; esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export UPHILL_REGISTRY=$scratch/runs.db
ulimit -s 128
try() {
    "$UPHILL" train "$@" --threads 2 --run-dir "$scratch/run" --quiet >"$scratch/log" 2>&1 ||
        { echo "uphill train $*: exit status $?: $(cat "$scratch/log")"; exit 1; }
    "$UPHILL" eval "$scratch/run" --episodes 2 >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
    rm -rf "$scratch/run"
}
# Layers of every kind of product: on several threads, in panels, in tiles.
try CartPole-v1 --steps 2048 --set rollout.steps=256 --set ppo.epochs=1 --set policy.hidden=256,256
try Pendulum-v1 --steps 2048 --algo trpo --set rollout.steps=512
try uphill/Pong-v0 --steps 600 --set rollout.steps=64
