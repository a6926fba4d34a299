# The panel in a real terminal that becomes narrower and shorter: one panel, and nothing of the last.
command -v tmux >/dev/null || exit 77
. "$(dirname "$0")/uphill.sh"

tmux() { command tmux -S "$scratch/tmux" -f /dev/null "$@"; }
screen() { tmux capture-pane -p; }
once() { [ "$(screen | grep -c -- "$1")" -eq 1 ] || complain "$2: not one \"$1\": $(screen)"; }
until_shown() { # PATTERN, within ten seconds
    for _ in $(seq 200); do
        screen | grep -Eq -- "$1" && return
        sleep 0.05
    done
    complain "no $1: $(screen)"
}

tmux new-session -d -x 100 -y 40 "TERM=screen NO_COLOR= '$UPHILL' train CartPole-v1 --steps 100000000 --threads 1 --run-dir run"
trap 'tmux kill-server; rm -rf "$scratch"' EXIT
until_shown 'learning rate'
tmux resize-window -x 28 -y 40
until_shown '^learning rate  '
for part in 'ppo on' 'steps/s' episodes 'KL' 'learning rate' 'learner'; do once "$part" "28 columns"; done
tmux resize-window -x 70 -y 40
until_shown '^steps/s .* left'
for part in 'ppo on' 'steps/s' episodes 'KL' 'learning rate' 'learner'; do once "$part" "70 columns"; done
tmux resize-window -x 40 -y 10
until_shown '^steps/s  *[0-9,]*$'
once 'ppo on' "10 rows"
[ $failures -eq 0 ]
