# Twenty kills for each run: at random moments, before the first checkpoint, and while one is written.
. "$(dirname "$0")/kill.sh"
scale=30

for name in ppo reinforce a2c vpg actor-critic npg trpo vtrace pong pendulum; do
    run_alone $name
    kills=0
    torn=0
    for attempt in $(seq 400); do
        [ $kills -lt 20 ] || break
        if [ $kills -lt 3 ]; then
            kill_early $name $name-killed
            kills=$((kills + 1))
            continue
        fi
        start $name $name-killed $((attempt % 3 + 1))
        case $((kills % 4)) in
        0 | 1) kill_when "$name-killed/checkpoints/.*.partial" && kills=$((kills + 1)) ;;
        *) kill_after 0.0$((RANDOM % 8 + 2)) && kills=$((kills + 1)) ;;
        esac
        compgen -G "$name-killed/checkpoints/.*.partial" >/dev/null && torn=$((torn + 1))
        [ ! -e $name-killed/result.json ] || fail "$name ended before 20 kills"
    done
    [ $kills -eq 20 ] || fail "$name: only $kills kills hit"
    [ $torn -gt 0 ] || fail "$name: no kill hit a checkpoint that was being written"
    finish $name $name-killed 2
    compare $name-alone $name-killed
    ! compgen -G "$name-killed/checkpoints/.*.partial" || fail "$name: leftovers"
    echo "$name: 20 kills, $torn of them in a checkpoint"
done
