#!/usr/bin/env bash
# Measures a recipe: trains it once per seed, evaluates each policy, draws the curves.
#   tools/measure.sh RECIPE FOLDER SEED...      prints a line per seed and writes FOLDER/RECIPE.svg
# A run that is there already is not repeated but gone on with, so a broken-off measurement continues.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,4p' "$0" >&2; exit 2; }
uphill=${UPHILL:-$(dirname "$0")/../build/release/uphill}
recipe=$1 folder=$2
shift 2
runs=()
for seed in "$@"; do
    run=$folder/$recipe-$seed
    runs+=("$run")
    if [ -e "$run/config.ini" ]; then
        grep -q '"stop_reason":.*"\(steps\|target\)"' "$run/result.json" 2>/dev/null ||
            "$uphill" train --resume "$run" --quiet >/dev/null
    else
        "$uphill" train "$recipe" --seed "$seed" --run-dir "$run" --quiet >/dev/null
    fi
    printf 'seed %s  ' "$seed"
    tr -d '\n\t{}"' <"$run/result.json" | sed 's/,stop_reason.*//; s/,/  /g'
    printf '  '
    "$uphill" eval "$run" --episodes "${EPISODES:-100}"
done
"$uphill" plot "${runs[@]}" --out "$folder/$recipe.svg"
