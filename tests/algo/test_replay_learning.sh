# What learns from a replay, and pqn, learn CartPole or Pendulum in seconds: greedy episodes have the mean
# that is asked for.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
export UPHILL_REGISTRY=$scratch/runs.db
bad=0

# reaches LEAST NAME ARGUMENTS…
reaches() {
    local least=$1 name=$2 mean
    shift 2
    "$UPHILL" train "$@" --threads 1 --run-dir "$name" --quiet >log 2>&1 || { cat log; bad=1; return; }
    mean=$("$UPHILL" eval "$name" --episodes 50 --json | sed 's/.*"mean":[[:space:]]*\([-0-9.]*\).*/\1/')
    awk -v mean="$mean" -v least="$least" 'BEGIN { exit !(mean >= least) }' ||
        { echo "$name: greedy episodes have a mean of $mean, and not $least"; bad=1; }
}

reaches 450 dqn CartPole-v1 --algo dqn --steps 30000 --set optim.learning_rate=1e-3 --set replay.batch=64 \
    --set replay.size=50000 --set replay.start=1000 --set dqn.target_every=200 --set replay.updates=0.5 \
    --set dqn.epsilon_share=0.16 --set dqn.epsilon_end=0.04 --set policy.hidden=128,128
reaches 450 pqn CartPole-v1 --algo pqn --steps 500000
reaches 450 q-actor-critic CartPole-v1 --algo q-actor-critic --steps 100000 --set replay.updates=0.5 \
    --set q-actor-critic.entropy_weight=0.3
for algo in sac td3 ddpg; do
    reaches -220 $algo Pendulum-v1 --algo $algo --steps 8000 --set policy.hidden=64,64 \
        --set optim.learning_rate=1e-3 --set replay.start=500 --set replay.batch=128
done
exit "$bad"
