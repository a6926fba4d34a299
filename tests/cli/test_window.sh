# `uphill play --out window` on an X server in memory: a policy plays, keys play, Escape ends it, and
# without a display it says so.
set -u
scratch=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null
    rm -rf "$scratch"
}
trap cleanup EXIT
cd "$scratch" || exit 1
export UPHILL_REGISTRY=$scratch/runs.db
# Drivers of displays leave memory behind when they are unloaded, after which it has no name.
export ASAN_OPTIONS=detect_leaks=0:${ASAN_OPTIONS:-}
unset DISPLAY WAYLAND_DISPLAY SDL_VIDEODRIVER
failures=0

complain() {
    echo "$*" >&2
    failures=$((failures + 1))
}

"$UPHILL" doctor >doctor
"$UPHILL" play CartPole-v1 --out window >out 2>err
[ $? -eq 1 ] && grep -q '^uphill: .*film to x.gif or x.mp4' err || complain "without a display: $(cat out err)"
grep -q '^ *ok *cairo' doctor || { echo "skipped: no cairo"; exit 77; }
grep -q '^ *ok *SDL' doctor || { echo "skipped: no SDL"; exit 77; }
command -v Xvfb >/dev/null && command -v xdotool >/dev/null || { echo "skipped: no Xvfb or xdotool"; exit 77; }
DISPLAY=:9999 "$UPHILL" play CartPole-v1 --out window >out 2>err
[ $? -eq 1 ] && grep -q '^uphill: .*display :9999' err || complain "a wrong display: $(cat out err)"

Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp -noreset 3>number >xvfb.log 2>&1 &
server=$!
for _ in $(seq 100); do [ -s number ] && break; sleep 0.1; done
[ -s number ] || { echo "skipped: Xvfb does not start: $(cat xvfb.log)"; exit 77; }
DISPLAY=:$(cat number)
export DISPLAY

# play NAME ARGUMENTS…: in the background, until its window has the focus; xdotool speaks to it.
play() {
    local name=$1 window=
    shift
    timeout 60 "$UPHILL" play "$@" --out window >out 2>err &
    player=$!
    for _ in $(seq 200); do
        window=$(xdotool search --onlyvisible --name "$name" 2>/dev/null | head -1)
        [ -n "$window" ] && break
        sleep 0.1
    done
    [ -n "$window" ] || complain "no window of $name: $(cat out err)"
    xdotool windowfocus --sync "$window" 2>/dev/null
}

ends() { wait "$player" || complain "exit status $?: $(cat err)"; }

says() { grep -Eq -- "$1" out || complain "no \"$1\" in: $(cat out err)"; }

# The way over the ice that does not break, a step for each key.
play FrozenLake-v1 FrozenLake-v1 --set env.options=is_slippery=false --seed 3
for key in Right Right Down Down Down Right; do
    xdotool key "$key"
done
for _ in $(seq 200); do
    grep -q episode out && break
    sleep 0.1
done
xdotool key Escape
ends
says '^Keys; the game waits for one:$'
says '^  right   right$'
says '^FrozenLake-v1: an episode of 6 steps, return 1$'

# A game that goes on by itself: the key is held.
play CartPole-v1 CartPole-v1 --steps 150
xdotool keydown Right
ends
says '^  left    push left$'
says '^CartPole-v1: an episode of [0-9]+ steps, return'

# A policy.
"$UPHILL" train CartPole-v1 --steps 600 --set rollout.steps=32 --run-dir run --quiet >/dev/null || complain "no run"
play CartPole-v1 run --steps 100
ends
! grep -q Keys out || complain "a policy needs no keys: $(cat out)"

[ $failures -eq 0 ]
