# What goes wrong is told in one line on stderr, with exit status 2 for wrong usage and 1 for failure,
# and no file that was there is changed.
set -u
scratch=$(mktemp -d)
chmod 755 "$scratch"
mounted=
cleanup() {
    [ -z "$mounted" ] || umount "$scratch/full"
    rm -rf "$scratch"
}
trap cleanup EXIT
cd "$scratch" || exit 1
export UPHILL_REGISTRY=$scratch/runs.db
failures=0

complain() {
    echo "uphill ${args[*]}: $*" >&2
    failures=$((failures + 1))
}

# Bytes of everything in the folder.
state() {
    find . \( -name out -o -name err -o -name 'runs.db*' -o -path './full*' \) -prune -o -type f \
        -print0 | sort -z | xargs -0 md5sum
}

# expect STATUS PATTERN ARGUMENTS…: one line that matches, and nothing else changes.
expect() {
    local status=$1 pattern=$2 before after
    shift 2
    args=("$@")
    before=$(state)
    "$UPHILL" "$@" >out 2>err </dev/null
    local code=$?
    after=$(state)
    [ $code -eq "$status" ] || complain "exit status $code, not $status: $(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || complain "not one line: $(cat err)"
    grep -Eq "^uphill: $pattern" err || complain "\"$(cat err)\" does not match \"$pattern\""
    [ ! -s out ] || complain "something on stdout: $(cat out)"
    [ "$before" = "$after" ] || complain "changed a file: $(diff <(echo "$before") <(echo "$after"))"
}

train() { "$UPHILL" train "$@" --quiet >out 2>err || { cat err >&2; exit 1; }; }
short="--set rollout.steps=32"
train CartPole-v1 --steps 4000 $short --set train.checkpoint_seconds=0 --run-dir run
train Pendulum-v1 --steps 600 $short --run-dir pendulum
checkpoint=$(ls run/checkpoints/*.safetensors | tail -1)

# --- wrong usage
expect 2 'there is no command "trian"; did you mean train\?' trian CartPole-v1
expect 2 'name an environment or a recipe' train
expect 2 'there is no recipe or environment "cartpole-pp0"; did you mean cartpole-ppo\?' train cartpole-pp0
expect 2 'there is no recipe or environment "nothing"' train nothing --run-dir new
expect 2 'there is no recipe or environment "cartpole"; did you mean CartPole-v1' train cartpole
expect 2 '.*no algorithm "pp0"; did you mean ppo\?' train CartPole-v1 --algo pp0
expect 2 'there is no algorithm "pp0"' algos pp0
expect 2 'there is no recipe "pog"' recipes pog
expect 2 'train has no option --stpes; did you mean --steps\?' train CartPole-v1 --stpes 10
expect 2 'eval has no option --jsno; did you mean --json\?' eval run --jsno
expect 2 '--set: there is no option ppo.clipp; did you mean ppo.clip\?' train CartPole-v1 --set ppo.clipp=1
expect 2 '--set: "poo.clip".*nearest section is \[ppo\]' train CartPole-v1 --set poo.clip=1
expect 2 '--set: a2c.reduction is an option of a2c' train CartPole-v1 --set a2c.reduction=samples
expect 2 '--set: ppo.clip = "wide" is not possible: it must be a number' train CartPole-v1 --set ppo.clip=wide
expect 2 '--set: ppo.clip = "-1" is not possible: it must be between' train CartPole-v1 --set ppo.clip=-1
expect 2 '--set: policy.activation = "tanhh".*one of identity' train CartPole-v1 --set policy.activation=tanhh
expect 2 '--set ppo.clip: write' train CartPole-v1 --set ppo.clip
expect 2 '--steps: train.steps = "many" is not possible' train CartPole-v1 --steps many
expect 2 '--steps: train.steps = "0" is not possible' train CartPole-v1 --steps 0
expect 2 '--steps needs a value' train CartPole-v1 --steps
expect 2 '--quiet takes no value' train CartPole-v1 --quiet=yes
expect 2 '--envs: rollout.envs = "0" is not possible: it must be between 1' train CartPole-v1 --envs 0
expect 2 '--envs 0: it must be a whole number between 1' rollout CartPole-v1 --envs 0
for value in nan inf 1e300 -1 1.5 '' 3x; do
    expect 2 "--steps $value: it must be a whole number" rollout CartPole-v1 --steps "$value"
done
expect 2 '--episodes 0: it must be' eval run --episodes 0
expect 2 'ppo.minibatch = 100000 is more than' train CartPole-v1 --set ppo.minibatch=100000
expect 2 'REINFORCE needs complete episodes' train CartPole-v1 --algo reinforce --set rollout.episodes=0
expect 2 'rollout.envs = 8 instances cannot share 5' train CartPole-v1 --algo reinforce --set rollout.episodes=5
expect 2 'policy.normalize_obs .*pictures' train uphill/Pong-v0 --set policy.normalize_obs=true
expect 2 'run holds a run already' train CartPole-v1 --run-dir run
expect 2 '--resume run knows' train CartPole-v1 --resume run
if command -v flock >/dev/null; then
    exec 9<run
    flock -n 9
    expect 2 'run is in use by another process' train --resume run
    exec 9<&-
fi
expect 2 'usage: uphill eval' eval
for words in 'eval CartPole-v1' 'train --resume CartPole-v1' 'rollout CartPole-v1 --run CartPole-v1'; do
    # shellcheck disable=SC2086
    expect 1 'CartPole-v1 is no run: a run is the folder that `uphill train` makes' $words
done
expect 1 'nowhere is no run: a run is the folder' plot nowhere
for inside in config.ini checkpoints checkpoints/ "${checkpoint#run/}"; do
    expect 1 "run/$inside is no run: it is within one; name the run directory, run\$" train --resume "run/$inside"
done
(cd run && "$UPHILL" train --resume config.ini) 2>err && complain "config.ini is resumed"
grep -q 'config.ini is no run: it is within one; name the run directory, \.$' err || complain "$(cat err)"
mkdir -p norun/deep
expect 1 'norun/deep is no run: a run is the folder .*, with config.ini in it' train --resume norun/deep
expect 1 'nothing is no run: a run is the folder .*, with config.ini in it' train --resume nothing
expect 1 'cannot read nowhere: ' rollout CartPole-v1 --actions nowhere
expect 1 'cannot read no/recipe.ini' train no/recipe.ini
expect 1 'cannot read recipe.ini' recipes recipe.ini
expect 2 'cannot film x.txt' play CartPole-v1 --out x.txt

# --- damaged, foreign and other people's files
head -c 1000 "$checkpoint" >truncated.safetensors
head -c 5 "$checkpoint" >short.safetensors
: >empty.safetensors
size=$(stat -c %s "$checkpoint")
for at in 3 200 $((size / 2)) $((size - 1)); do # in the length, the header, the data
    cp "$checkpoint" flipped.safetensors
    byte=$(od -An -tu1 -j "$at" -N 1 flipped.safetensors)
    printf "\\$(printf %o $((byte ^ 4)))" |
        dd of=flipped.safetensors bs=1 seek="$at" conv=notrunc status=none
    expect 1 'flipped.safetensors is damaged' eval flipped.safetensors
done
echo "these are words" >foreign.safetensors
printf '\x02\0\0\0\0\0\0\0{}' >nobody.safetensors
expect 1 'truncated.safetensors is damaged' eval truncated.safetensors
expect 1 'short.safetensors is damaged' eval short.safetensors
expect 1 'empty.safetensors is damaged' eval empty.safetensors
expect 1 'foreign.safetensors is damaged' eval foreign.safetensors
cp "$UP_SOURCE_DIR/tests/io/data/python.safetensors" python.safetensors
expect 1 'python.safetensors' eval python.safetensors
expect 1 'nobody.safetensors is no checkpoint of uphill' eval nobody.safetensors
expect 1 '.* was trained on CartPole-v1' rollout Pendulum-v1 --run "$checkpoint"

cp -r pendulum other
rm other/checkpoints/*
cp "$checkpoint" other/checkpoints/
expect 1 '.*trained on CartPole-v1, and this run is on Pendulum-v1' train --resume other --quiet
cp -r run broken
for file in broken/checkpoints/*; do head -c 3000 "$file" >cut && cp cut "$file"; done
rm cut
args=(train --resume broken)
before=$(state)
"$UPHILL" train --resume broken --quiet >out 2>err && complain "went on from broken checkpoints"
grep -q 'broken/checkpoints/.* is damaged' err || complain "$(cat err)"
[ "$before" = "$(state)" ] || complain "changed a file"
sed 's/^clip = .*/clip = none of these/' run/config.ini >mine.ini
expect 2 'mine.ini, line [0-9]+: ppo.clip = "none of these"' train mine.ini
printf '[train\nalgo=ppo\n' >mine.ini
expect 1 'mine.ini, line 1:' train mine.ini
expect 2 'run/metrics.csv has no column wind' plot run --y wind
expect 2 'cannot draw c.jpg' plot run --out c.jpg

# --- Python and ROMs
UPHILL_PYTHON=/nonexistent expect 1 '.*UPHILL_PYTHON is /nonexistent' rollout gym:CartPole-v1
if [ -x "${PYTHON:-}" ]; then
    bare=$scratch/bare-python
    printf '#!/bin/sh\nexec "%s" -I -S "$@"\n' "$(readlink -f "$PYTHON")" >bare-python
    chmod +x bare-python
    UPHILL_PYTHON=$bare expect 1 'gym:CartPole-v1: Python has no module' rollout gym:CartPole-v1
    expect 2 'CartPole-v3: .*CartPole-v1' rollout CartPole-v3
    mkdir roms
    ALE_ROMS_DIR=$scratch/roms expect 1 'ALE/Pong-v5: the ROM of pong' rollout ALE/Pong-v5
    expect 2 'ALE/Pnog-v5: .*' rollout ALE/Pnog-v5
    cat >lost.py <<'PYTHON'
import gymnasium, numpy as np
class Lost(gymnasium.Env):
    """Returns NaN as the seventh observation of an episode."""
    observation_space = gymnasium.spaces.Box(-1, 1, (3,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)
    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return np.zeros(3, np.float32), {}
    def step(self, action):
        self.steps += 1
        return np.full(3, np.nan if self.steps == 7 else 0, np.float32), 1.0, False, False, {}
gymnasium.register("Lost-v0", Lost)
PYTHON
    export PYTHONDONTWRITEBYTECODE=1
    args=(train lost:Lost-v0)
    PYTHONPATH=$scratch "$UPHILL" train lost:Lost-v0 --envs 2 --run-dir lost --quiet >out 2>err
    code=$?
    [ $code -eq 1 ] || complain "exit status $code"
    grep -Eq '^uphill: lost:Lost-v0, instance 0: step: observation holds nan at component 0; declared: .*lost.py:[0-9]+' err ||
        complain "$(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || complain "not one line: $(cat err)"
fi

# --- numbers out of hand
args=(train Pendulum-v1 with a huge step size)
"$UPHILL" train Pendulum-v1 --algo a2c --set optim.optimizer=sgd --set optim.learning_rate=10 \
    --set optim.max_grad_norm=0 --run-dir huge --quiet >out 2>err
code=$?
[ $code -eq 1 ] || complain "exit status $code: $(cat err)"
grep -Eq '^uphill: .* not finite at step [0-9]+ of Pendulum-v1' err || complain "$(cat err)"
[ "$(wc -l <err)" -eq 1 ] || complain "not one line: $(cat err)"
grep -q '"stop_reason":.*"error"' huge/result.json || complain "result.json does not tell"
# A list of runs that cannot be written is worth a warning, and hides no error.
UPHILL_REGISTRY=/proc/nowhere/runs.db "$UPHILL" train Pendulum-v1 --algo a2c \
    --set optim.optimizer=sgd --set optim.learning_rate=10 --set optim.max_grad_norm=0 \
    --run-dir huge2 --quiet >out 2>err
grep -q '^uphill: warning: `uphill runs` will not know how this run goes' err || complain "$(cat err)"
tail -n 1 err | grep -q '^uphill: .* not finite at step' || complain "$(cat err)"

# --- places that cannot be written
touch file
expect 1 'cannot create folder file' train CartPole-v1 --run-dir file
expect 1 'cannot create folder file' train CartPole-v1 --run-dir file/below
expect 1 '--csv /nowhere/at/all' rollout CartPole-v1 --csv /nowhere/at/all
expect 1 '--csv /dev/full' rollout CartPole-v1 --steps 2000 --csv /dev/full
args=(eval run) # a full disk behind the output
"$UPHILL" eval run --episodes 1 >/dev/full 2>err && complain "a full disk was not noticed"
grep -q '^uphill: could not write the output' err || complain "$(cat err)"
mkdir locked
chmod 555 locked
if [ ! -w locked ]; then
    expect 1 'cannot create folder locked/run: Permission denied' train CartPole-v1 --run-dir locked/run
elif command -v setpriv >/dev/null && setpriv --reuid=65534 --clear-groups test -x "$UPHILL"; then
    args=(train --run-dir locked/run)
    setpriv --reuid=65534 --clear-groups "$UPHILL" train CartPole-v1 --run-dir locked/run >out 2>err
    code=$?
    [ $code -eq 1 ] || complain "exit status $code"
    grep -q '^uphill: cannot create folder locked/run: Permission denied' err ||
        complain "$(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || complain "not one line: $(cat err)"
fi

# A disk that is filled by the run: what was saved before stays whole, and can be used. Where nothing
# can be mounted, a limit on the size of files stands for it.
args=(train on a full disk)
mkdir full
mount -t tmpfs -o size=300k tmpfs full 2>/dev/null && mounted=1
(
    if [ -z "$mounted" ]; then
        trap '' XFSZ
        ulimit -f 130
    fi
    "$UPHILL" train CartPole-v1 --steps 1000000 $short --set train.checkpoint_seconds=0 \
        --set train.keep=1000 --set policy.hidden=60,60 --run-dir full/run --quiet >out 2>err
)
code=$?
[ $code -eq 1 ] || complain "exit status $code: $(cat err)"
grep -Eq '^uphill: cannot write full/run/.*: (No space left|File too large)' err ||
    complain "$(cat err)"
[ "$(wc -l <err)" -eq 1 ] || complain "not one line: $(cat err)"
grep -q '"stop_reason":.*"error"' full/run/result.json || complain "result.json does not tell"
if [ -n "$mounted" ]; then
    for file in full/run/checkpoints/*; do
        "$UPHILL" eval "$file" --episodes 1 >/dev/null || complain "$file is not whole"
    done
    ! compgen -G "full/run/checkpoints/.*.partial" || complain "left a part of a file"
fi

# --- a warning, no failure
args=(train --threads 64)
"$UPHILL" train CartPole-v1 --steps 300 $short --threads 64 --run-dir threads --quiet >out 2>err ||
    complain "failed: $(cat err)"
grep -Eq '^uphill: warning: 64 threads on [0-9]+ cores' err || complain "$(cat err)"
[ "$(wc -l <err)" -eq 1 ] || complain "not one line: $(cat err)"

# --- what learns from a replay
expect 1 'replay.size = 2000000000 steps take [0-9.]+ GB of memory, and [0-9.]+ GB are available: set replay.size to [0-9]+ or less' \
    train uphill/Pong-v0 --algo dqn --set replay.size=2000000000 --run-dir new
expect 2 'replay.size = 3 steps of 1 instances is too small' train CartPole-v1 --algo dqn \
    --set replay.size=3 --set replay.batch=2 --set replay.n_steps=5 --run-dir new
expect 1 'a replay holds numbers and pictures, and these observations are sparse' train uphill/Pong-v0 --algo dqn \
    --set env.preprocess=pong80 --run-dir new
expect 2 'dqn learns from a replay, which each step of the instances enters at once: leave rollout.steps at 1' \
    train CartPole-v1 --algo dqn --set rollout.steps=8 --run-dir new
expect 2 'sac learns from old steps, which no running statistics fit: set policy.normalize_obs' \
    train Pendulum-v1 --algo sac --set policy.normalize_obs=true --run-dir new
expect 1 'dqn learns a value for each of a Discrete space.s actions, and those of Pendulum-v1 are Box' \
    train Pendulum-v1 --algo dqn --run-dir new
expect 2 'CartPole-v1: env.rescale_action needs a Box with bounds' train CartPole-v1 --algo sac --run-dir new
"$UPHILL" train CartPole-v1 --algo dqn --steps 50 --run-dir values --quiet >/dev/null || complain "no run"
expect 2 '--sample: dqn learns values, not probabilities to draw from: leave it out' eval values --sample
expect 2 '--sample: dqn learns values, not probabilities to draw from' play values --sample

[ $failures -eq 0 ]
