# Runs that are killed and resumed, for test_resume.sh and long_kill.sh. Needs $UPHILL; works in a
# folder of its own, which is removed at the end.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
export UPHILL_REGISTRY=$scratch/runs.db

fail() {
    echo "$*" >&2
    exit 1
}

# The runs by name, `scale` times as long as they need to be. They save often.
scale=1
settings() {
    local common="--set train.checkpoint_seconds=0.02 --set train.log_every=700 --seed 3"
    case $1 in
    ppo) echo "CartPole-v1 --steps $((9000 * scale)) --set rollout.steps=32 --set ppo.minibatch=64 $common" ;;
    reinforce) echo "CartPole-v1 --algo reinforce --steps $((9000 * scale)) --envs 4 --set rollout.episodes=9
        --set advantage.psi=baselined --set advantage.baseline=value $common" ;;
    a2c) echo "CartPole-v1 --algo a2c --steps $((9000 * scale)) --set policy.shared=true
        --set optim.schedule=linear $common" ;;
    vpg | npg | trpo | vtrace) echo "CartPole-v1 --algo $1 --steps $((9000 * scale))
        --set rollout.steps=32 $common" ;;
    actor-critic) echo "CartPole-v1 --algo $1 --steps $((9000 * scale)) $common" ;;
    dqn) echo "CartPole-v1 --algo dqn --steps $((2500 * scale)) --envs 2 --set replay.size=700
        --set replay.prioritised=true --set replay.n_steps=3 --set dqn.target_every=64
        --set env.frame_stack=2 $common" ;;
    q-actor-critic) echo "CartPole-v1 --algo $1 --steps $((4000 * scale)) --set replay.size=700
        --set replay.start=300 --set replay.batch=16 $common" ;;
    pqn) echo "CartPole-v1 --algo pqn --steps $((20000 * scale)) --envs 8 $common" ;;
    sac | td3 | ddpg) echo "Pendulum-v1 --algo $1 --steps $((1500 * scale)) --envs 3
        --set replay.size=500 --set replay.batch=16 --set policy.hidden=16,16 $common" ;;
    pong) echo "uphill/Pong-v0 --steps $((5000 * scale)) --envs 4 --set env.preprocess=pong80
        --set rollout.steps=64 --set ppo.minibatch=64 --set policy.hidden=16
        --set policy.shared=true $common" ;;
    stack) echo "CartPole-v1 --steps $((9000 * scale)) --envs 4 --set env.frame_stack=3
        --set policy.normalize_obs=true --set rollout.steps=32 --set ppo.minibatch=64 $common" ;;
    pendulum) echo "Pendulum-v1 --steps $((23000 * scale)) --envs 16 --set rollout.steps=64
        --set policy.normalize_obs=true --set rollout.scale_reward=true
        --set rollout.clip_reward=10 --set ppo.value_clip=0.2 $common" ;;
    esac
}

# The run `name` in folder `name-alone`, left alone.
run_alone() {
    "$UPHILL" train $(settings "$1") --threads 1 --run-dir "$1-alone" --quiet >log 2>&1 ||
        fail "$1: $(cat log)"
}

# Starts the run in `folder` in the background, or goes on with it.
start() {
    local name=$1 folder=$2 threads=$3
    if [ -f "$folder/config.ini" ]; then
        "$UPHILL" train --resume "$folder" --threads "$threads" --quiet >log 2>&1 &
    else
        "$UPHILL" train $(settings "$name") --threads "$threads" --run-dir "$folder" \
            --quiet >log 2>&1 &
    fi
    process=$!
}

# Kills the process as soon as `file` (a pattern) exists. Fails if it ended before.
kill_when() {
    until compgen -G "$1" >/dev/null; do
        kill -0 "$process" 2>/dev/null || return 1
    done
    end_process
}

# Kills a new run of `name` before its first checkpoint.
kill_early() {
    for _ in $(seq 50); do
        rm -rf "$2"
        start "$1" "$2" 2
        kill_when "$2/config.ini" && ! compgen -G "$2/checkpoints/*" >/dev/null && return
    done
    fail "$1: never killed before its first checkpoint"
}

# Kills a run of `name` behind a checkpoint that it can go on from.
kill_midway() {
    for _ in $(seq 50); do
        start "$1" "$2" 1
        kill_when "$2/checkpoints/[0-9]*" && return
        rm -rf "$2"
    done
    fail "$1: never killed behind its first checkpoint"
}

# Kills the process after `seconds`. Fails if it ended before.
kill_after() {
    sleep "$1"
    end_process
}

end_process() {
    kill -9 "$process" 2>/dev/null
    wait "$process" 2>/dev/null
    [ $? -eq 137 ]
}

finish() {
    start "$1" "$2" "$3"
    wait "$process" || fail "$1: $(cat log)"
}

# The columns that no clock is part of.
but_clocks() {
    cut -d, -f"$(head -1 "$1" | tr , '\n' | grep -nvE '^(seconds|.*_share|steps_per_second)$' |
        cut -d: -f1 | paste -sd,)" "$1"
}

# The newest checkpoint and the best policy of two folders are the same bytes.
compare() {
    local first second
    first=$(ls "$1"/checkpoints/*.safetensors | tail -1)
    second=$(ls "$2"/checkpoints/*.safetensors | tail -1)
    [ "$(basename "$first")" = "$(basename "$second")" ] || fail "$1: $first, but $second"
    cmp "$first" "$second" >&2 || fail "$2: the last checkpoint differs"
    [ -e "$1/best.safetensors" ] || [ ! -e "$2/best.safetensors" ] || fail "$2: a best policy"
    [ ! -e "$1/best.safetensors" ] || cmp "$1/best.safetensors" "$2/best.safetensors" >&2 ||
        fail "$2: best.safetensors differs"
    [ "$(but_clocks "$1/metrics.csv")" = "$(but_clocks "$2/metrics.csv")" ] ||
        fail "$2: metrics.csv has other rows"
}
