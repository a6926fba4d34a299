# What goes on with a run: options that change on the way, runs that are finished, evaluation, weights
# of another run, signals, damaged checkpoints, and files that come from somebody else.
. "$(dirname "$0")/uphill.sh"

plain="CartPole-v1 --set policy.hidden=8 --set rollout.steps=128 --set optim.learning_rate=0.0003 --threads 1"
state() { find "$1" -type f ! -name '.*' -exec md5sum {} + | sort; }

# --- evaluation: the numbers of `uphill eval`, and training is the same without it
run train $plain --steps 4096 --set eval.every=1000 --set eval.episodes=4 --run-dir a --quiet
run train $plain --steps 4096 --run-dir b --quiet
cut -d, -f1-6 a/metrics.csv >with
cut -d, -f1-6 b/metrics.csv >without
column=$(head -1 a/metrics.csv | tr , '\n' | grep -n '^eval_return_mean$' | cut -d: -f1)
last=$(tail -1 a/metrics.csv | cut -d, -f"$column")
[ "$(cut -d, -f"$column" a/metrics.csv | grep -c '[0-9]')" -eq 4 ] || complain "not four evaluations"
[ -z "$(tail -1 b/metrics.csv | cut -d, -f"$column")" ] || complain "an evaluation that nobody asked for"
run eval a --episodes 4 --json
grep -q "\"mean\":$last\b" out || complain "eval_return_mean is $last, eval: $(cat out)"
"$PYTHON" - <<'PY' || complain "evaluation changed training"
import json
def tensors(path):
    import glob
    data = open(sorted(glob.glob(path + "/checkpoints/*"))[-1], "rb").read()
    size = int.from_bytes(data[:8], "little")
    head = json.loads(data[8:8 + size])
    return {k: data[8 + size:][v["data_offsets"][0]:v["data_offsets"][1]] for k, v in head.items()
            if k.startswith(("policy", "value", "optim", "random"))}
a, b = tensors("a"), tensors("b")
assert a and a == b
PY
best=$(cut -d, -f"$column" a/metrics.csv | grep '[0-9]' | tail -n +2 | sort -g | tail -1)
run eval a/best.safetensors --episodes 4 --json
best=$(cut -d, -f"$column" a/metrics.csv | grep '^[0-9]' | sort -g | tail -1)
grep -q "\"mean\":$best\b" out || complain "the best evaluation is $best, best.safetensors: $(cat out)"

# --- a finished run: it says so, and nothing is rewritten
before=$(state a)
for options in "" "--set optim.learning_rate=1e-5" "--steps 4096"; do
    run train --resume a $options --quiet
    says '^finished already: 4096 of 4096 steps'
    rest=
    case $options in *learning_rate*) rest=" $options" ;; esac
    says "^go on with: +uphill train --resume a --steps 8192$rest$"
    [ "$before" = "$(state a)" ] || complain "--resume a $options changed $(state a)"
done
refused 2 'train.steps = 3000: the run in a has made 4096 steps already' train --resume a --steps 3000
refused 2 'train.seed = 9: the run in a has 1, which cannot change' train --resume a --seed 9
refused 2 'policy.hidden = 9: the run in a has 8,' train --resume a --steps 9000 --set policy.hidden=9
refused 2 'rollout.envs = 9: ' train --resume a --steps 9000 --envs 9
[ "$before" = "$(state a)" ] || complain "what was refused changed something"
run train CartPole-v1 --target 15 --steps 50000 --run-dir solved --quiet
run train --resume solved --quiet
says '^finished already: .* the running reward .* reached 15'

# --- what changes is kept as history
run train --resume a --steps 5000 --set optim.learning_rate=1e-4 --quiet
run train --resume a --steps 6000 --set ppo.clip=0.1 --quiet
cat >expected <<'CSV'
step,option,before,after
4096,train.steps,4096,5000
4096,optim.learning_rate,0.0003,0.0001
5000,train.steps,5000,6000
5000,ppo.clip,0.2,0.1
CSV
cmp expected a/history.csv >&2 || complain "history: $(cat a/history.csv)"
grep -q '^learning_rate = 0.0001$' a/config.ini || complain "config.ini does not say what is true now"

# config.ini that was edited says what holds from now on; the checkpoint, what held before.
cp -r b edited
sed -i 's/^learning_rate = .*/learning_rate = 0.01/' edited/config.ini
run train --resume edited --steps 5000 --quiet
says '^4096,optim.learning_rate,0.0003,0.01$' edited/history.csv
# A session that ended before it saved anything had the change already.
run train --resume edited --steps 6000 --set ppo.clip=0.1 --quiet
rm edited/checkpoints/*6000.safetensors
run train --resume edited --set ppo.clip=0.2 --quiet
[ "$(grep -c ppo.clip edited/history.csv)" -eq 2 ] || complain "history: $(cat edited/history.csv)"
says '^5000,ppo.clip,0.1,0.2$' edited/history.csv
run train --resume edited --quiet
sed -i 's/^hidden = .*/hidden = 16/' edited/config.ini
refused 2 '.*policy.hidden = 16: the run in edited has 8, which cannot change on the way: leave it out, or start a new run$' \
    train --resume edited --steps 7000
# The keywords of an environment have no order, and --init is advised where it can work.
run train FrozenLake-v1 --envs 2 --set rollout.steps=64 --threads 1 --steps 128 --run-dir keys --quiet \
    --set env.map_name=8x8 --set env.is_slippery=False
refused 2 'env.options = .*is_slippery=True: the run in keys has .*, or start a new run, from its weights with --init keys$' \
    train --resume keys --steps 256 --set env.is_slippery=True
run train --resume keys --steps 256 --set env.map_name=8x8 --quiet
says '^done: 256 steps'
refused 2 'env.id = Acrobot-v1: .*leave it out, or start a new run$' train --resume keys --set env.id=Acrobot-v1

# --- weights of another run
run train $plain --steps 64 --set rollout.steps=8 --set ppo.minibatch=8 --set optim.learning_rate=1e-20 --init b --run-dir c --quiet
run eval b --episodes 5
mv out of_b
run eval c --episodes 5
cmp of_b out >&2 || complain "--init b began from other weights"
grep -q "^init = $scratch/b$" c/config.ini || complain "config.ini does not say what it began from"
refused 1 '--init .*b: another network: policy.hidden is 8 there and 64,64 here$' train CartPole-v1 --init b --run-dir d
refused 1 '--init .*b: another network: .*policy.0.weight' train Acrobot-v1 --set policy.hidden=8 --init b --run-dir d2
refused 1 '--init nothing: there is no such run' train CartPole-v1 --init nothing --run-dir d3
refused 2 '--run-dir .*: a run directory needs a name' train CartPole-v1 --run-dir ""

# what a linear network does not read is nothing to it
printf '[env]\nid = CartPole-v1\n[policy]\nhidden = none\nactivation = relu\n[train]\nsteps = 64\n[rollout]\nsteps = 8\n[ppo]\nminibatch = 8\n' >linear.ini
"$UPHILL" train linear.ini --run-dir linear --quiet >out 2>err || complain "linear.ini: $(cat err)"
run train CartPole-v1 --set policy.hidden=none --init linear --steps 64 --set rollout.steps=8 --set ppo.minibatch=8 --run-dir linear2 --quiet
refused 2 'policy.gain_policy = 1 does nothing here: it is read with initial weights = drawn' train CartPole-v1 --set policy.hidden=none \
    --init linear --set policy.gain_policy=1 --run-dir d4

# the target network begins with them, too
dqn="CartPole-v1 --algo dqn --set policy.hidden=8 --set replay.start=64 --set replay.size=1000 --set optim.learning_rate=1e-20 --threads 1 --quiet"
run train $dqn --steps 200 --run-dir q
run train $dqn --steps 200 --seed 2 --init q --run-dir q2
"$PYTHON" - <<'PY' || complain "--init leaves the target network as it was drawn"
import glob, json
def tensor(run, name):
    data = open(sorted(glob.glob(run + "/checkpoints/*"))[-1], "rb").read()
    size = int.from_bytes(data[:8], "little")
    begin, end = json.loads(data[8:8 + size])[name]["data_offsets"]
    return data[8 + size:][begin:end]
assert tensor("q", "policy.0.weight") == tensor("q2", "policy.0.weight")
assert tensor("q", "dqn.target") == tensor("q2", "dqn.target")
PY

# --- a rollout by a run: in the environment as the run has it, but for what --set says
run train Pendulum-v1 --set env.g=2 --set env.rescale_action=true --steps 64 --set rollout.steps=8 --set ppo.minibatch=8 --run-dir light --quiet
for how in "" "--set env.g=2 --set env.rescale_action=true" "--set env.g=9"; do
    run rollout Pendulum-v1 --run light --steps 20 $how --csv "light$how.csv"
done
cmp "light.csv" "light--set env.g=2 --set env.rescale_action=true.csv" >&2 || complain "rollout forgets what the run's environment was"
! cmp -s "light.csv" "light--set env.g=9.csv" || complain "rollout forgets --set"
refused 1 'light was trained on Pendulum-v1 and does not fit Pendulum-v1: Pendulum-v1 has other observations' \
    rollout Pendulum-v1 --run light --set env.frame_stack=3
refused 1 'b was trained on CartPole-v1 and does not fit Acrobot-v1: ' rollout Acrobot-v1 --run b

# --- signals
for signal in INT:130 TERM:143 HUP:129; do
    "$UPHILL" train $plain --steps 900000000 --run-dir "s$signal" --quiet >out 2>err &
    process=$!
    until [ -s "s$signal/metrics.csv" ] && [ "$(wc -l <"s$signal/metrics.csv")" -gt 1 ]; do sleep 0.05; done
    kill -"${signal%:*}" $process
    wait $process
    code=$?
    [ $code -eq "${signal#*:}" ] || complain "$signal: exit status $code"
    [ ! -s err ] || complain "$signal: $(cat err)"
    grep -q '^interrupted and saved' out || complain "$signal: $(cat out)"
    ls "s$signal"/checkpoints/*.safetensors >/dev/null || complain "$signal: no checkpoint"
    grep -q '"stop_reason":.*"interrupted"' "s$signal/result.json" || complain "$signal: $(cat "s$signal/result.json")"
done

# --- a film and a table keep what there was
stopped() { # stopped ARGUMENTS…: by Ctrl-C, in the middle
    "$UPHILL" "$@" >out 2>err &
    process=$!
    sleep 1
    kill -INT $process
    wait $process
    code=$?
    [ $code -eq 130 ] && [ ! -s err ] || complain "$*: exit status $code: $(cat err)"
}
stopped play Pendulum-v1 --set env.max_episode_steps=1000000 --steps 1000000 --out long.gif
says '^long.gif: interrupted after [0-9]+ steps of Pendulum-v1, return '
[ "$(head -c 6 long.gif)" = GIF89a ] && [ "$(tail -c 1 long.gif)" = ";" ] || complain "long.gif is not whole"
stopped rollout CartPole-v1 --steps 100000000 --csv long.csv
says '^CartPole-v1: interrupted after [0-9]+ steps of 1 instance, '
fields() { tr -cd , | wc -c; }
[ "$(tail -n 1 long.csv | fields)" -eq "$(head -n 1 long.csv | fields)" ] || complain "half a row"

# --- a damaged checkpoint neither counts nor goes
run train $plain --steps 2048 --set train.keep=3 --set train.checkpoint_seconds=0 --run-dir e --quiet
newest=$(ls e/checkpoints/* | tail -1)
for step in 3 4 5; do head -c 500 "$newest" >"e/checkpoints/00000000900$step.safetensors"; done
"$UPHILL" train --resume e --steps 3072 --quiet >out 2>err || complain "$(cat err)"
grep -q 'trying the one before it' err || complain "no warning of a damaged checkpoint"
[ "$(ls e/checkpoints/ | tr '\n' ' ')" = "000000002048.safetensors 000000003072.safetensors \
000000009003.safetensors 000000009004.safetensors 000000009005.safetensors " ] ||
    [ "$(ls e/checkpoints | grep -c '^00000000[123]')" -eq 3 ] || complain "left: $(ls e/checkpoints)"
[ "$(ls e/checkpoints | grep -c '^000000009')" -eq 3 ] || complain "a damaged checkpoint is gone"

# --- a run without checkpoints begins again, and says so
cp -r b bare
rm bare/checkpoints/*
"$UPHILL" train --resume bare --steps 5000 --quiet >out 2>err || complain "$(cat err)"
says '^uphill: warning: bare holds no checkpoint: the run begins again, and the 4096 steps' err

# --- links are not followed
for file in config.ini metrics.csv result.json history.csv best.safetensors curve.svg films \
    films/000000000400.gif checkpoints/000000009999.safetensors; do
    rm -rf linked
    cp -r b linked
    [ $file = films ] || mkdir linked/films
    echo precious >precious
    rm -f linked/$file
    ln -s "$scratch/precious" linked/$file
    [ $file = config.ini ] && cp b/config.ini precious
    cp precious kept
    refused 2 "linked/$file is a symbolic link" train --resume linked --steps 5000
    cmp precious kept >&2 || complain "$file was followed"
done
rm -rf linked outside
cp -r b linked
mv linked/checkpoints outside
ln -s "$scratch/outside" linked/checkpoints
refused 2 'linked/checkpoints is a symbolic link' train --resume linked --steps 5000
mkdir fresh
ln -s "$scratch/precious" fresh/metrics.csv
refused 2 'fresh/metrics.csv is a symbolic link' train CartPole-v1 --run-dir fresh

# --- code that a file names
cat >evil.c <<'C'
#include <stdio.h>
#include "uphill/plugin.h"
__attribute__((constructor)) static void run(void) { fclose(fopen("executed", "w")); }
static UpStatus create(UpEnv **env, const UpEnvDef *def, int instances) {
    UpEnvDef plain = *def;
    snprintf(plain.id, sizeof plain.id, "CartPole-v1");
    return up_env_create(env, &plain, instances);
}
static const UpEnvInfo environments[] = {{"Evil-v0", "runs what it likes", create}};
UP_PLUGIN(environments)
C
# shellcheck disable=SC2086 # flags are words
"$CC" -std=c17 -D_GNU_SOURCE $CFLAGS -shared -fPIC -I "$UP_SOURCE_DIR/include" evil.c -o evil.so || exit 1
run train ./evil.so --steps 2048 --set policy.hidden=8 --threads 1 --run-dir evil --quiet
[ -e executed ] || complain "the object does not run anything"
asks="asks for the environment .*evil.so, which is code .*--trust"
untouched() { [ ! -e executed ] || complain "uphill $* ran the object"; }
for words in "train --resume evil --steps 4096" "train evil/config.ini --run-dir evil2" "eval evil" \
    "eval evil/best.safetensors" "play evil --out x.gif"; do
    [ "$words" != "eval evil/best.safetensors" ] || [ -e evil/best.safetensors ] || continue
    rm -f executed
    refused 2 ".*$asks" $words
    untouched $words
done
rm -f executed
run weights evil --out w.svg
run rollout CartPole-v1 --steps 5 --run evil
untouched weights and rollout --run
run eval evil --episodes 2 --trust
[ -e executed ] || complain "--trust does not open it"
rm -f executed
run rollout ./evil.so --steps 5 --run evil
[ -e executed ] || complain "an object on the command line is not opened"
run train --resume evil --steps 4096 --trust --quiet
for id in package:Name-v0 gym:module:Name-v0; do
    sed "s|^id = .*|id = $id|" b/config.ini >asks.ini
    refused 2 ".*asks for the environment $id, which is code" train ./asks.ini --run-dir asks
done

[ $failures -eq 0 ]
