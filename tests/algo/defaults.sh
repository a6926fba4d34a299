# Trains environments without any option, for test_defaults.sh and long_defaults.sh. Needs $UPHILL;
# works in a folder of its own, which is removed at the end.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
export UPHILL_REGISTRY=$scratch/runs.db
bad=0

# reaches RETURN ENV STEPS SEED…: the last 100 episodes of training, and 100 greedy ones, have this mean.
reaches() {
    local least=$1 env=$2 steps=$3 seed run mean
    shift 3
    for seed in "$@"; do
        run=$env-$seed
        "$UPHILL" train "$env" --steps "$steps" --seed "$seed" --threads 1 --run-dir "$run" --quiet >log 2>&1 ||
            { cat log; bad=1; continue; }
        for mean in $(sed -n 's/.*"return_mean":[[:space:]]*\([-0-9.]*\).*/\1/p' "$run/result.json") \
            $("$UPHILL" eval "$run" --episodes 100 --json | sed 's/.*"mean":[[:space:]]*\([-0-9.]*\).*/\1/'); do
            awk -v mean="$mean" -v least="$least" 'BEGIN { exit !(mean >= least) }' ||
                { echo "$env, seed $seed: a mean of $mean, and not $least"; bad=1; }
        done
    done
}
