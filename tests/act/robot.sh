# What the scripts beside this one share: a folder of their own, trained policies, observations, and a
# build of libuphill-act alone.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export UPHILL_REGISTRY=$scratch/runs.db
fail() { echo "$*" >&2; exit 1; }

# train NAME ID SETTING…: a run, its checkpoint in NAME.safetensors.
train() {
    local name=$1 id=$2 setting set=()
    shift 2
    for setting in "$@"; do set+=(--set "$setting"); done
    "$UPHILL" train "$id" --steps 2048 --threads 1 --run-dir "$scratch/$name" --quiet "${set[@]}" \
        >"$scratch/log" 2>&1 || fail "$(cat "$scratch/log")"
    cp "$scratch/$name"/checkpoints/*.safetensors "$scratch/$name.safetensors"
}

# build PREFIX CMAKE-ARGUMENT…: libuphill-act alone, installed into PREFIX. pkg-config and whatever
# else could find a library is out of reach.
build() {
    local prefix=$1
    shift
    { PKG_CONFIG=/nowhere cmake -G Ninja -S "$UP_SOURCE_DIR" -B "$prefix.build" -DUPHILL_ACT_ONLY=ON \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_COMPILE_WARNING_AS_ERROR=ON -DCMAKE_INSTALL_LIBDIR=lib "$@" &&
        cmake --build "$prefix.build" && cmake --install "$prefix.build" --prefix "$prefix"; } \
        >"$scratch/log" 2>&1 || fail "$(tail -30 "$scratch/log")"
}

# observations COUNT SIZE: numbers that no environment would be surprised by, the same every time.
observations() {
    awk -v count="$1" -v size="$2" 'BEGIN {
        srand(7)
        for (i = 0; i < count; i++)
            for (j = 0; j < size; j++) printf "%.6f%s", 2 * rand() - 1, j == size - 1 ? "\n" : " "
    }'
}
