# A run that is killed and resumed ends with the bytes of a run that was left alone, for any number of
# threads.
. "$(dirname "$0")/kill.sh"

# Killed before its first checkpoint, while it writes one, and at random.
for name in ppo reinforce a2c vpg actor-critic npg trpo vtrace pong stack pendulum \
    dqn q-actor-critic pqn sac td3 ddpg; do
    run_alone $name
    kill_early $name $name-killed
    start $name $name-killed 1
    kill_when "$name-killed/checkpoints/.*.partial"
    kill_midway $name $name-killed
    start $name $name-killed 2
    kill_after 0.0$((RANDOM % 10))
    finish $name $name-killed 2
    compare $name-alone $name-killed
done
[ -e ppo-alone/best.safetensors ] || fail "no best policy was compared"
[ -e pendulum-alone/best.safetensors ] || fail "no best policy with statistics was compared"

# Resumed in two halves by the number of steps, too: no kill, but an end.
"$UPHILL" train $(settings ppo) --steps 4000 --run-dir halves --quiet >log 2>&1 || fail "$(cat log)"
"$UPHILL" train --resume halves --steps 9000 --quiet >log 2>&1 || fail "$(cat log)"
cmp <(cut -d, -f1,3,4 ppo-alone/metrics.csv | head -5) <(cut -d, -f1,3,4 halves/metrics.csv |
    head -5) || fail "a run in two halves took another way"

# A run that is over stays as it is.
before=$(md5sum ppo-alone/checkpoints/* ppo-alone/best.safetensors)
"$UPHILL" train --resume ppo-alone --quiet >log 2>&1 || fail "$(cat log)"
[ "$before" = "$(md5sum ppo-alone/checkpoints/* ppo-alone/best.safetensors)" ] ||
    fail "resuming a finished run changed it"

# A damaged newest checkpoint costs the way from the one before it, nothing else.
cp -r ppo-alone damaged
newest=$(ls damaged/checkpoints/* | tail -1)
head -c 2000 "$newest" >cut && cp cut "$newest"
"$UPHILL" train --resume damaged --quiet >log 2>&1 || fail "$(cat log)"
grep -q "warning: .*trying the one before it" log || fail "no warning of a damaged checkpoint"
compare ppo-alone damaged

# Every algorithm takes the same way with any number of threads.
for algo in reinforce vpg actor-critic a2c ppo npg trpo vtrace; do
    for threads in 1 3; do
        "$UPHILL" train Pendulum-v1 --algo $algo --steps 4096 --envs 8 --set policy.hidden=128,128 \
            --threads $threads --run-dir "$algo-threads-$threads" --quiet >log 2>&1 ||
            fail "$(cat log)"
    done
    compare $algo-threads-1 $algo-threads-3
done

for algo in dqn q-actor-critic sac td3; do
    env=Pendulum-v1
    case $algo in dqn | q-actor-critic) env=CartPole-v1 ;; esac
    for threads in 1 3; do
        "$UPHILL" train $env --algo $algo --steps 600 --set policy.hidden=128,128 --set replay.batch=256 \
            --threads $threads --run-dir "$algo-threads-$threads" --quiet >log 2>&1 || fail "$(cat log)"
    done
    compare $algo-threads-1 $algo-threads-3
done

# Networks that are large enough for several threads and for oneDNN.
for env in "uphill/Pong-v0 --set env.preprocess=pong80 --set policy.shared=true" CartPole-v1; do
    for threads in 1 2 3; do
        "$UPHILL" train $env --steps 2048 --set rollout.steps=128 --set policy.hidden=200,160 \
            --threads $threads --run-dir "large-$threads" --quiet >log 2>&1 || fail "$(cat log)"
        compare large-1 large-$threads
    done
    rm -r large-*
done
