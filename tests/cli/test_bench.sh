# `uphill bench env` prints our steps a second, beside Gymnasium's where it is installed.
. "$(dirname "$0")/uphill.sh"

bench() { "$UPHILL" bench env "$@" --rounds 1 --seconds 0.05 --envs 8 >out 2>err || complain "bench env $*: $(cat err)"; }

rate='[0-9.]+(e\+[0-9]+)? [Mk]?'
bench uphill/Pong-v0 CartPole-v1
says "^uphill/Pong-v0 +1 +$rate *$"
says "^CartPole-v1 +1 +$rate"
if [ "$(nproc)" -gt 1 ]; then says "^CartPole-v1 +$(nproc) +$rate"; fi
if [ "$(nproc)" -gt 1 ] && [ -x "${PYTHON:-}" ]; then says "^CartPole-v1 +$(nproc) .* [0-9.]+, [0-9.]+$"; fi
if [ -x "${PYTHON:-}" ]; then
    says "^CartPole-v1 +1 +$rate +Gymnasium +$rate +[0-9.e+]+$"
    ! grep -q 'ALE alone' out || complain "CartPole is no Atari game: $(cat out)"
    bench PongDeterministic-v4
    says "^PongDeterministic-v4 +1 +$rate +Gymnasium +$rate +[0-9.e+]+$"
    says "^PongDeterministic-v4 +1 +$rate +ALE alone +$rate +[0-9.e+]+$"
    "$PYTHON" "$UP_SOURCE_DIR/workers/uphill_bench.py" gymnasium NoSuch-v1 2 0.05 1 "" >out 2>err # two processes, which both fail
    says "^Gymnasium has no such environment$"
    bench Pendulum-v1 --set env.options=g=9.81
    says "^Pendulum-v1 +1 +$rate +Gymnasium +$rate"
fi
UPHILL_PYTHON=/nonexistent bench CartPole-v1
says "^CartPole-v1 +1 +$rate *$"
says '^  Gymnasium: it did not run$'
UPHILL_PYTHON=/nonexistent bench --seconds 0.01 # MuJoCo's tasks take their models from Python's packages
says '^CliffWalking-v1 +1 '
if "$UPHILL" envs | grep -q '^ *Walker2d-v5'; then
    says '^Ant-v5 +left out: UPHILL_PYTHON is /nonexistent'
    says '^Walker2d-v5 +left out: '
fi
refused 2 'CartPole-v0: there is no option env.wrong' bench env --set env.wrong=1

refused 2 'uphill bench measures no "train"; usage' bench train
refused 2 '--seconds 0: it must be a number' bench env CartPole-v1 --seconds 0
refused 2 '--seconds x: it must be a number' bench env CartPole-v1 --seconds x
refused 2 '--rounds 0: it must be' bench env CartPole-v1 --rounds 0
refused 2 'there is no environment "cartpole"; did you mean CartPole-v' bench env cartpole

[ $failures -eq 0 ]
