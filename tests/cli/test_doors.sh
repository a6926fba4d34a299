# What a command is asked for does something, or it says that it does not; what it advises works when
# it is typed.
. "$(dirname "$0")/uphill.sh"
small="--set policy.hidden=8 --envs 2 --set rollout.steps=64 --set ppo.minibatch=32 --threads 1 --quiet"
run train CartPole-v1 --steps 1024 $small --run-dir runs/CartPole-v1-1
run train Pendulum-v1 --steps 512 $small --run-dir pendulum
cp -r runs/CartPole-v1-1 cart

# warned PATTERN ARGUMENTS…: exit status 0 and one line on stderr, which matches.
warned() {
    local pattern=$1
    shift
    "$UPHILL" "$@" >out 2>err </dev/null || complain "uphill $*: $(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || complain "uphill $*: not one line: $(cat err)"
    grep -Eq -- "^uphill: warning: $pattern" err || complain "uphill $*: \"$(cat err)\" does not match \"$pattern\""
}

# --- options that do nothing here
refused 2 'policy.log_std = 1 does nothing here: it is read with action space = Box, which is Discrete here' \
    train CartPole-v1 --set policy.log_std=1
[ ! -e runs/CartPole-v1-2 ] || complain "a run directory was left"
refused 2 'optim.momentum = 0 does nothing here: ' train CartPole-v1 --set optim.momentum=0
refused 2 '--grid optim.momentum does nothing here: ' \
    sweep CartPole-v1 --grid optim.momentum=0.5,0.9 --out swept
for words in 'rollout CartPole-v1' 'check-env CartPole-v1' 'play CartPole-v1' 'bench env CartPole-v1'; do
    for option in eval.episodes=3 policy.hidden=3 ppo.clip=0.1 optim.learning_rate=1; do
        # shellcheck disable=SC2086
        refused 2 "--set $option does nothing here: only options of the environment" $words --set $option
    done
done
printf 'x,y\n1,2\n2,4\n3,6\n4,8\n5,10\n6,12\n' >line.csv
for option in policy.log_std=0 policy.shared=false optim.momentum=0.5 policy.box=gaussian; do
    refused 2 ".*${option%=*}.* does nothing here: " fit line.csv --set $option
done
printf '[env]\nid = CartPole-v1\n[optim]\nmomentum = 0.25\n' >mine.ini
warned 'optim.momentum = 0.25 does nothing here: it is read with optim.optimizer = sgd' \
    train mine.ini --steps 512 $small --run-dir mine
# What a message advises can be typed.
refused 2 'ppo.minibatch = 64 is more than a rollout holds: .*; set it to 32 or less' \
    train CartPole-v1 --envs 1 --set rollout.steps=32
refused 2 '.*there is no option env.frameskip; did you mean env.options=frame_skip=…' train HalfCheetah-v5 --set env.frameskip=5
# A config.ini of ours runs, and makes the same run.
run train cart/config.ini --run-dir again --quiet
cmp cart/config.ini again/config.ini >&2 || complain "config.ini does not repeat its run"
refused 2 'CartPole-v1: env.options names sutton_barto_reward twice' \
    train CartPole-v1 --set "env.options=sutton_barto_reward=True; sutton_barto_reward=False"

# --- a config.ini whose run was changed on its way
run train --resume again --steps 2048 --set optim.learning_rate=1e-5 --quiet
warned 'again/config.ini: options of that run were changed on its way, as again/history.csv lists' \
    train again/config.ini --run-dir third --quiet

# --- what a finished run advises
run train CartPole-v1 --steps 50000 --target 15 $small --run-dir solved
run train --resume solved --target 14 --steps 60000 --quiet
says '^go on with: +uphill train --resume solved --steps 60000 --target R \(more than [0-9.]+, or none\)$'
steps=$(sed -n 's/^finished already: \([0-9]*\) of.*/\1/p' out)
run train --resume solved --steps $((steps + 640)) --target none --quiet
says "^done: $((steps + 640)) steps"
run train --resume solved --target 1e9 --quiet
says "^go on with: +uphill train --resume solved --steps [0-9]+ --target 1e9$"

# --- one option, two values
refused 2 '--steps 300 and --set train.steps=200 say two things' train CartPole-v1 --steps 300 --set train.steps=200
refused 2 '--set env.id=Pendulum-v1 is another environment' train CartPole-v1 --set env.id=Pendulum-v1
refused 2 '--set env.id=Pendulum-v1 is another environment' rollout CartPole-v1 --set env.id=Pendulum-v1
refused 2 '--set train.algo=a2c: write --algo a2c' train CartPole-v1 --set train.algo=a2c
refused 2 '--set train.recipe=foo is the record' train cartpole-ppo --set train.recipe=foo
for words in '--set env.g=7 --set env.options=g=5' '--set env.options=g=5 --set env.g=7' \
    '--set env.g=7 --set env.options=render=1'; do
    refused 2 '--set env.g=7 and --set env.options=.*: env.options says all keywords' train Pendulum-v1 $words
done
printf '[env]\nid = CartPole-v1\n[train]\nsteps = 300\nsteps = 400\n' >twice.ini
refused 2 './twice.ini, line 5: train.steps stands there twice' train ./twice.ini
refused 2 'advantage.lambda = 0.9 does nothing here: ' train CartPole-v1 --algo actor-critic --set advantage.lambda=0.9
refused 2 'advantage.n_steps = 1 does nothing here: ' train CartPole-v1 --algo actor-critic --set advantage.n_steps=1
refused 2 'advantage.lambda = 0.3 does nothing here: ' train CartPole-v1 --set advantage.n_steps=1 --set advantage.lambda=0.3

# --- what is no environment
refused 2 'cartpole-ppo is a recipe of `uphill train`; name its environment, CartPole-v1$' rollout cartpole-ppo
for words in rollout check-env 'bench env'; do
    # shellcheck disable=SC2086
    refused 2 'there is no environment "nope"; `uphill envs` lists them$' $words nope
    [ ! -s out ] || complain "$words printed $(cat out)"
done
refused 2 'there is no environment "CARTPOLE-V1"; did you mean CartPole-v1\?' train CARTPOLE-V1
for words in 'train cart' 'rollout cart' 'check-env cart' 'play cart/config.ini' 'train cart/metrics.csv'; do
    # shellcheck disable=SC2086
    refused 2 '.* is (a|of a) run: name an environment; .*--resume cart .*--init cart, .*--run cart$' $words
done
mkdir pond
touch pond/pond.so pond/pond.c
refused 2 'pond is a folder: name the shared object of an environment, pond/pond.so$' train pond
refused 2 'pond/pond.c is source text: compile it' train pond/pond.c
# --- what is no run
for words in 'eval cart/config.ini' 'weights cart/metrics.csv' 'eval cart/checkpoints' \
    'train CartPole-v1 --init cart/config.ini' 'rollout CartPole-v1 --run cart/config.ini'; do
    # shellcheck disable=SC2086
    refused 1 '.*is no run: it is within one; name the run directory, .*cart$' $words
done
refused 1 'there is no file pendulum/best.safetensors .*name the run directory, .*: pendulum$' eval pendulum/best.safetensors

# --- eval
warned 'CartPole-v1: 3 of 3 episodes had not ended after 5 steps' eval cart --episodes 3 --max-steps 5
says 'max 5\.00, mean length 5\.0$'
warned '--max-steps 10000: episodes of CartPole-v1 end after 500 steps already' eval cart --episodes 3 --max-steps 10000
"$UPHILL" eval cart nope pendulum --episodes 3 >out 2>err && complain "eval nope"
[ ! -s out ] || complain "eval played before it knew the names: $(cat out)"
says '^uphill: nope is no run' err
refused 1 'runs is no run: a run is the folder' eval runs
refused 1 'CartPole-v1-1 is no run; did you mean runs/CartPole-v1-1\?' eval CartPole-v1-1
"$UPHILL" eval pendulum cart --set env.g=3 >out 2>err && complain "env.g of CartPole"
[ ! -s out ] || complain "eval played before it knew the options: $(cat out)"
says 'there is no option env.g' err
run eval cart --episodes 1
says 'CartPole-v1, 1 episode: mean'
"$PYTHON" - <<'PY'
import glob, json, os, shutil, struct, zlib
shutil.copytree("cart", "lost")
for path in glob.glob("lost/checkpoints/*"):
    data = bytearray(open(path, "rb").read())
    size = int.from_bytes(data[:8], "little")
    head = json.loads(data[8:8 + size])
    begin = 8 + size + head["policy.0.weight"]["data_offsets"][0]
    data[begin:begin + 4] = struct.pack("<f", float("nan"))
    del head["__metadata__"]["crc32"]
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    open(path, "wb").write(len(text).to_bytes(8, "little") + text + data[8 + size:])
PY
refused 1 "lost: .*weights are not finite" eval lost
refused 1 "--init .*lost: the policy's weights are not finite" train CartPole-v1 --set policy.hidden=8 --init lost --run-dir found
refused 1 "lost/.*: the policy's weights are not finite" train --resume lost --steps 90000

# --- rollout
refused 2 '--actions random does nothing beside --run' rollout CartPole-v1 --run cart --actions random
run rollout CartPole-v1 --steps 1
says '^CartPole-v1: 1 step of 1 instance, 0 episodes$'
refused 1 '--csv nodir/x.csv: cannot be written: No such file' rollout CartPole-v1 --csv nodir/x.csv
"$UPHILL" rollout CartPole-v1 --steps 100000000 --csv table.csv >out 2>err &
process=$!
until [ -s table.csv ]; do sleep 0.05; done
kill -INT $process
wait $process
[ $? -eq 130 ] || complain "rollout after a signal: exit status $?"
says '^CartPole-v1: interrupted after [0-9]+ steps of 1 instance, '
[ "$(tail -c 1 table.csv | od -An -tx1 | tr -d ' ')" = 0a ] || complain "half a row: $(tail -n 1 table.csv)"
[ "$(tail -n 1 table.csv | tr -cd , | wc -c)" -eq "$(head -n 1 table.csv | tr -cd , | wc -c)" ] || complain "half a row"

# --- plot
if "$UPHILL" doctor | grep -q '^ *ok *cairo'; then
    warned 'cart is named twice and counts once' plot cart ./cart/ --out twice.svg
    ! grep -q 'runs)' twice.svg || complain "a run counts twice"
    "$UPHILL" plot cart pendulum --group all --out all.svg >out 2>err || complain "$(cat err)"
    says 'a mean over runs that differ in env.id, ' err
    warned 'returns of CartPole-v1 and Pendulum-v1 stand on one axis' plot cart pendulum --out two.svg
    run plot cart pendulum --y learning_rate --out rates.svg
    cp -r cart twin
    warned 'cart and twin have the same seed and settings, and count as two runs' plot cart twin --out copies.svg
    warned 'again: options were changed on its way' plot again cart --group run --out changed.svg
    refused 2 '--group train.seed: a line is a mean over .* such as seeds; --group run' plot cart again --group train.seed
fi
refused 2 'cart/metrics.csv has no column running; did you mean running_reward\? It has steps, seconds, ' plot cart --y running
refused 2 'there is no eval_return_mean to plot: cart was trained without evaluations' plot cart --y eval_return_mean
refused 1 'cart/metrics.csv is no run: it is within one' plot cart/metrics.csv

# --- words
refused 2 '--seeds: name an experiment' experiment --seeds 3
refused 2 'usage: uphill envs; `uphill envs --help`' envs CartPole-v1
refused 2 '--seed: train.seed = "99999999999999999999999" is not possible: it must be between 0 and 4294967295' \
    train CartPole-v1 --seed 99999999999999999999999
refused 2 'ppo is an algorithm: name an environment or a recipe, uphill train CartPole-v1 --algo ppo' train ppo
refused 2 'there is no recipe or environment "nosuchalgo"; .*`uphill algos` what --algo takes' train nosuchalgo
for pair in evaluate:eval learn:train watch:play; do
    refused 2 "there is no command \"${pair%:*}\"; did you mean ${pair#*:}\?" ${pair%:*} x
done
for word in version -v -V --version; do
    run $word
    says '^uphill [0-9]'
done

# --- Ctrl-C where nothing is kept: a line, and the signal's own end
"$PYTHON" - "$UPHILL" <<'PY' || complain "bench after Ctrl-C"
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background has it ignored
process = subprocess.Popen([sys.argv[1], "bench", "env", "CartPole-v1", "--seconds", "60"], stderr=subprocess.PIPE)
time.sleep(0.5)
process.send_signal(signal.SIGINT)
said = process.communicate()[1]
assert process.returncode == -signal.SIGINT and said == b"\nuphill: interrupted\n", (process.returncode, said)
PY

# --- files with a second name
cp -r cart linked
mv linked/metrics.csv elsewhere.csv
ln elsewhere.csv linked/metrics.csv
cp elsewhere.csv kept
refused 2 'linked/metrics.csv has another name elsewhere' train --resume linked --steps 4096
cmp elsewhere.csv kept >&2 || complain "a hard link was written through"

[ $failures -eq 0 ]
