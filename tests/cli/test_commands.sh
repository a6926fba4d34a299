# Every command does what its --help says.
. "$(dirname "$0")/uphill.sh"

same() { [ "$1" = "$2" ] || complain "\"$1\", not \"$2\""; }

# --- help, for all that the first page lists
run --version
says '^uphill [0-9]+\.[0-9]+\.[0-9]+$'
run --help
commands=$(sed -n '/^Commands/,/^$/s/^  \([a-z-]*\) .*/\1/p' out)
same "$(echo $commands)" "train eval rollout play plot runs envs algos recipes doctor new check-env bench experiment weights sweep fit net"
for command in $commands; do
    run "$command" --help
    says "^uphill $command"
    for option in $(grep -o '^  --[a-z-]*' out); do # each is known to the parser, not to --help alone
        "$UPHILL" "$command" "$option" </dev/null 2>&1 >/dev/null |
            grep -q 'has no option' && complain "$command $option is in --help alone"
    done
done
run help
"$UPHILL" >out 2>&1
same $? 2

# --- lists
run envs
says 'CartPole-v1' && says 'Pendulum-v1' && says 'uphill/Pong-v0'
run algos
algos=$(cut -d' ' -f1 out)
for algo in reinforce a2c ppo; do
    echo "$algos" | grep -qx "$algo" || complain "no algorithm $algo"
done
run algos ppo
says 'ppo.clip  .*= 0.2 '
says 'ppo.value_clip' && says 'advantage.lambda'
! grep -q 'a2c.reduction' out || complain "algos ppo tells of a2c"
run algos --options
says 'a2c.reduction' && says 'reinforce.divide' && says 'ppo.target_kl'
run recipes
recipes=$(cut -d' ' -f1 out)
for name in pong pong-atari-a2c pong-atari-ppo pong-atari-reinforce cartpole-reinforce cartpole-ppo \
    pendulum-ppo; do
    echo "$recipes" | grep -qx "$name" || complain "no recipe $name"
done
for name in $recipes; do # each can be read, and begins with what it reproduces
    run recipes "$name"
    says '^\[train\]'
    head -1 out | grep -q '^# ' || complain "$name does not begin with a comment"
done
run doctor
says 'ok  matrix product  [a-zA-Z0-9]'
run runs
says '^no runs yet'

# --- train
short="--set rollout.steps=32 --set ppo.epochs=4 --set ppo.minibatch=256"
run train CartPole-v1 --steps 5000 --seed 7 --threads 1 $short --run-dir run --quiet
says '^done: 5000 steps in .* episodes, running reward [0-9.]+'
says '^run directory: .*run$'
for file in config.ini metrics.csv result.json; do [ -s run/$file ] || complain "no run/$file"; done
[ -s run/checkpoints/000000005000.safetensors ] || complain "no last checkpoint"
[ -s run/best.safetensors ] || complain "no best policy"
same "$(head -1 run/metrics.csv | cut -d, -f1-5)" "steps,seconds,episodes,return_mean,running_reward"
same "$(tail -1 run/metrics.csv | cut -d, -f1)" 5000
for key in steps seconds episodes running_reward return_mean solved stop_reason; do
    says "\"$key\":" run/result.json
done
says '"stop_reason":.*"steps"' run/result.json
says '^seed = 7$' run/config.ini
run train CartPole-v1 --steps 8 --run-dir brief --quiet # in which no episode ends
says '^done: 8 steps in [0-9.]+ s, 0 episodes$'
"$UPHILL" train CartPole-v1 --steps 3000 $short --seed 8 >out 2>err || complain "$(cat err)"
says '^run directory: .*runs/CartPole-v1-1$' # it names its folder itself
says '^ppo on CartPole-v1, seed 8$' err # and tells how it goes, in lines where no terminal is
says '^steps 3000 \(100.0 %\) .* running [0-9.]+ .* episodes [0-9]+ .* length, last 100 [0-9.]+ .* entropy' err
run train CartPole-v1 --steps 3000 $short --seed 9 --quiet
says '^run directory: .*runs/CartPole-v1-2$'
for seed in 1 2 3; do # at once
    UPHILL_REGISTRY=$PWD/others.db "$UPHILL" train CartPole-v1 --steps 300 $short --quiet &
done >/dev/null 2>&1
wait
same "$(echo runs/CartPole-v1-[345]/result.json)" \
    "$(printf 'runs/CartPole-v1-%d/result.json ' 3 4 5 | sed 's/ $//')"
run train CartPole-v1 --steps 100000 --target 15 $short --run-dir target --quiet
says '^solved: '
says '"solved":.*true' target/result.json
says '"stop_reason":.*"target"' target/result.json
run train cartpole-ppo --steps 600 --run-dir recipe --quiet
says '"recipe":.*"cartpole-ppo"' recipe/result.json
run recipes cartpole-ppo
cp out mine.ini
run train ./mine.ini --steps 600 --run-dir mine --quiet
cmp <(grep -v "^recipe = " recipe/config.ini) <(grep -v "^recipe = " mine/config.ini) >&2 || complain "a recipe by its path is another"
cmp recipe/checkpoints/* mine/checkpoints/* >&2 || complain "the same recipe went another way"
for algo in a2c reinforce; do
    run train Pendulum-v1 --algo $algo --steps 3000 --envs 4 --run-dir $algo --quiet
done

# The config of a run repeats it.
run train run/config.ini --run-dir again --quiet
cmp run/checkpoints/000000005000.safetensors again/checkpoints/000000005000.safetensors >&2 ||
    complain "config.ini does not repeat its run"

# Ctrl-C saves, and says how to go on.
"$UPHILL" train CartPole-v1 --steps 100000000 $short --run-dir stopped --quiet >out 2>err &
until [ "$(wc -l 2>/dev/null <stopped/metrics.csv)" -gt 3 ] 2>/dev/null; do sleep 0.02; done
kill -INT $!
wait $!
status=$?
[ $status -eq 130 ] || complain "Ctrl-C: exit status $status: $(cat err)"
says '^interrupted and saved' && says 'uphill train --resume stopped'
says '"stop_reason":.*"interrupted"' stopped/result.json
ls stopped/checkpoints/*.safetensors >/dev/null || complain "Ctrl-C saved nothing"
steps=$(sed -n 's/^interrupted and saved: \([0-9]*\) steps.*/\1/p' out)
run train --resume stopped --steps $((steps + 1000)) --quiet
says "^done: $((steps + 1000)) steps"

# --- eval
run eval run --episodes 5
says '^CartPole-v1, 5 episodes: mean [0-9.]+ ± [0-9.]+ \(standard error\), standard deviation [0-9.]+, min '
run eval run/best.safetensors --episodes 20 --json
number='-?[0-9.e+-]+'
numbers="\\[$number(,$number){19}\\]"
says "^\{\"run\":\"run/best.safetensors\",\"env\":\"CartPole-v1\",\"episodes\":20,\"interrupted\":false,\"mean\":$number,\"standard_error\":$number,\"std\":$number,\"min\":$number,\"max\":$number,\"length_mean\":$number,\"returns\":$numbers,\"lengths\":$numbers\}$"
cp out first
run eval run/best.safetensors --episodes 20 --json
cmp out first >&2 || complain "eval is not repeatable"
run eval run/best.safetensors --episodes 20 --json --sample
! cmp -s out first || complain "--sample changes nothing"
run eval run/best.safetensors --episodes 20 --json --seed 3
! cmp -s out first || complain "--seed changes nothing"
run eval run run/best.safetensors --episodes 3 # several
says '^run: CartPole-v1, 3 episodes' && says '^run/best.safetensors: CartPole-v1, 3 episodes'
run eval run --episodes 3 --json --set env.max_episode_steps=7
says '"lengths":\[7,7,7\]'
"$UPHILL" eval run --episodes 4 --max-steps 5 >out 2>err || complain "$(cat err)"
says '^uphill: warning: CartPole-v1: 4 of 4 episodes had not ended after 5 steps and were cut there; --max-steps' err
refused 2 '--set policy.hidden=3 does nothing here' eval run --set policy.hidden=3
"$UPHILL" eval run --episodes 10000000 >out 2>err & # Ctrl-C: what there is, and the status of a signal
sleep 1
kill -INT $!
wait $!
same $? 130
says '^interrupted after [0-9]+ of 10000000 episodes: CartPole-v1, [0-9]+ episodes: mean [0-9.]+ ± '

# --- rollout
run rollout Pendulum-v1 --seed 5 --steps 250 --envs 2 --csv table.csv
same "$(head -1 table.csv)" "step,env,action_0,reward,terminated,truncated,obs_0,obs_1,obs_2"
same "$(wc -l <table.csv)" 501
same "$(awk -F, '$6 == 1 {print $1 "," $2}' table.csv | tr '\n' ' ')" "199,0 199,1 "
says 'Pendulum-v1: 250 steps of 2 instances, 2 episodes'
run rollout Pendulum-v1 --seed 5 --steps 250 --envs 2 --actions table.csv --csv again.csv
cmp table.csv again.csv >&2 || complain "floats do not read back exactly"
cut -d, -f3 table.csv | tail -n +2 >actions
run rollout Pendulum-v1 --seed 5 --steps 250 --envs 2 --actions actions --csv again.csv
cmp table.csv again.csv >&2 || complain "actions from a plain list"
run rollout Pendulum-v1 --seed 6 --steps 250 --csv other.csv # instance 1 of before
cmp <(tail -n +2 other.csv | cut -d, -f3-) <(awk -F, '$2 == 1' table.csv | cut -d, -f3-) >&2 ||
    complain "instance i does not behave as seed + i"
run rollout CartPole-v1 --seed 5 --steps 4 --csv -
same "$(wc -l <out)" 5
run rollout CartPole-v1 --steps 400 --run run --csv policy.csv
run rollout CartPole-v1 --steps 400 --run run --sample --csv sampled.csv
cmp -s policy.csv sampled.csv && complain "rollout --sample changes nothing"
refused 2 '--sample is about a policy' rollout CartPole-v1 --sample
refused 2 '--set policy.hidden=8 does nothing here' play run --set policy.hidden=8
awk -F, 'NR > 1 && $5 == 1 {ends++} END {exit !(ends >= 1 && ends <= 20)}' policy.csv ||
    complain "a trained policy falls as if it were none"
run rollout uphill/Pong-v0 --steps 30 --set env.preprocess=pong80 --csv pong.csv
same "$(awk -F, 'NR > 1 {print NF}' pong.csv | sort -u)" $((6 + 6400))
same "$(tail -n +2 pong.csv | cut -d, -f7- | tr ',' '\n' | sort -u | tr '\n' ' ')" "-1 0 1 "

# --- pictures, where they were built
has() { "$UPHILL" doctor | grep -q "^ *ok *$1"; }
if has cairo; then
    says '<svg' run/curve.svg
    run plot run runs/CartPole-v1-1 runs/CartPole-v1-2
    says '^<svg' curve.svg || says '<svg' curve.svg
    run plot run --x seconds --y entropy --out curve.png
    same "$(head -c 4 curve.png | tail -c 3)" PNG
fi
if has giflib && has cairo; then
    run play run --steps 20 --out run.gif
    says '^run.gif: [0-9]+ steps of CartPole-v1'
    same "$(head -c 6 run.gif)" GIF89a
    run play run --steps 5 --set env.max_episode_steps=2 --out two.gif
    says '^two.gif: 2 steps of CartPole-v1'
    run play uphill/Pong-v0 --steps 20 --out pong.gif
    same "$(head -c 6 pong.gif)" GIF89a
fi
if has ffmpeg && has cairo; then
    run play run/best.safetensors --steps 20 --out run.mp4
    same "$(head -c 8 run.mp4 | tail -c 4)" ftyp
fi

# --- the list of runs
if has sqlite; then
    run runs
    same "$(tail -n +2 out | wc -l)" 11
    says "CartPole-v1 .* 5000 .*steps .*$scratch/run$"
    says 'interrupted|steps .*stopped$'
    says 'target .*/target$'
fi

[ $failures -eq 0 ]
