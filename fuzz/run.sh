#!/usr/bin/env bash
# run.sh --build                       compiles the fuzzers with clang, libFuzzer and sanitizers
# run.sh TARGET SECONDS [OPTION...]    runs one; the options are libFuzzer's
# What it learns is kept in build/fuzz/corpus/TARGET, what it finds in build/fuzz/found. Exit
# status 77 where this machine cannot (no clang).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ "$1" = --build ]; then
    printf 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n);
int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return 0 * (int)n * (d == 0); }\n' |
        clang -x c -fsanitize=fuzzer,address,undefined -o /dev/null - 2>/dev/null || {
        echo "no clang with libFuzzer: ./dev setup installs it"
        exit 77
    }
    cmake --preset fuzz
    cmake --build --preset fuzz
    exit
fi

target=$1 seconds=$2
shift 2
program=build/fuzz/fuzz/$target
[ -x "$program" ] || exit 77
mkdir -p "build/fuzz/corpus/$target" build/fuzz/found
TMPDIR=$(mktemp -d "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)/uphill-fuzz-XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
export UPHILL_REGISTRY=$TMPDIR/runs.db
export LSAN_OPTIONS=suppressions=$PWD/tests/leaks.txt:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1
# An input may take thirty seconds (a hang is a fault, a busy machine none) and 1 GiB.
if "$program" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=2048 -malloc_limit_mb=1024 \
    -max_len=16384 -print_final_stats=1 -artifact_prefix="build/fuzz/found/$target-" "$@" \
    "build/fuzz/corpus/$target" "fuzz/corpus/$target"; then
    exit 0
fi
echo "fuzz: $target found a fault. Its input is the file named above; to see it again:" >&2
echo "  $program FILE" >&2
echo "and when it is mended: cp FILE fuzz/corpus/$target/" >&2
exit 1
