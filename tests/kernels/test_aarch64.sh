#!/usr/bin/env bash
# The NEON kernels beside the plain C reference: the tests of kernels, cross-built, under an emulator.
set -euo pipefail
gcc=aarch64-linux-gnu-gcc
for tool in $gcc qemu-aarch64; do
    command -v $tool >/dev/null || { echo "skipped: no $tool; run ./dev setup"; exit 77; }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$UP_SOURCE_DIR"
for test in kernels conv; do
    $gcc -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -ffp-contract=fast -DSHAPES=40 \
        -Itests/cross -Itests -Isrc -Iinclude tests/kernels/test_$test.c src/kernels/*.c src/core/{arena,clean,random,status}.c \
        -lm -o "$scratch/$test"
    qemu-aarch64 -L /usr/aarch64-linux-gnu "$scratch/$test" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
    cat "$scratch/log"
done
