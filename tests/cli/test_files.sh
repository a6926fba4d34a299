# Files that are not what they should be: one line that names the file, and the line in it.
source "$(dirname "${BASH_SOURCE[0]}")/uphill.sh"

# --- actions
act() { printf "$1" >actions; }
roll=(rollout CartPole-v1 --steps 3 --actions actions)
act '1\n0\n1\n'
run "${roll[@]}"
act '1\r\n0 \r\n1'
run "${roll[@]}"
act '1\n0 and more\n1\n'
refused 1 'actions, line 2: number 1, "0 and more", is no action of Discrete\(2\)$' "${roll[@]}"
act '1\n0\n1,0\n'
refused 1 'actions, line 3: 2 numbers, and it takes 1$' "${roll[@]}"
act '1\n2\n0\n'
refused 1 'actions, line 2: number 1, "2", is no action of' "${roll[@]}"
act '1\n\n0\n'
refused 1 'actions, line 2: number 1, "", is no action of' "${roll[@]}"
act '1\n0\n'
refused 1 'actions ends before step 2 of instance 0$' "${roll[@]}"
act '1\n0\n1\0\n'
refused 1 'actions, line 3: byte 0x00 stands there, so this is no text file$' "${roll[@]}"
{ printf '1\n0'; head -c 200000 /dev/zero | tr '\0' 0; printf '1,1\n'; } >actions # longer than any buffer
refused 1 'actions, line 2: 2 numbers' "${roll[@]}"
run rollout Pendulum-v1 --steps 3 --envs 2 --csv actions
refused 1 'actions, line 3: it is not step 1 of instance 0' rollout Pendulum-v1 --steps 3 --actions actions
sed -i '1s/action_0/action_0,action_1/' actions
refused 1 'actions, line 1: 2 actions in a row, and this environment takes 1$' \
    rollout Pendulum-v1 --steps 3 --envs 2 --actions actions

# --- what is no file: nothing waits for a pipe
quick() { # refused within ten seconds
    local status=$1 pattern=$2
    shift 2
    timeout 10 "$UPHILL" "$@" >out 2>err </dev/null
    local code=$?
    [ $code -eq "$status" ] || complain "uphill $*: exit status $code, not $status: $(cat err)"
    [ "$(wc -l <err)" -eq 1 ] && grep -Eq "^uphill: $pattern" err ||
        complain "uphill $*: \"$(cat err)\" is not one line that matches \"$pattern\""
}
mkdir pipes folders
for name in a.safetensors a.ini a.so a.csv; do mkfifo "pipes/$name"; mkdir "folders/$name"; done
mkfifo pipes/config.ini pipes/metrics.csv
for kind in pipes folders; do
    what='(it is a pipe, a device or a socket; name a file|Is a directory; name a file, not a folder)$'
    quick 1 "cannot read $kind/a.ini: $what" train $kind/a.ini
    quick 1 "cannot read $kind/a.csv: $what" fit $kind/a.csv
    quick 1 "cannot read $kind/a.csv: $what" rollout CartPole-v1 --actions $kind/a.csv
    quick 1 ".*$kind/a.so is no file: name a shared object$" rollout ./$kind/a.so
    quick 1 "cannot read $kind/a.safetensors: $what|$kind/a.safetensors holds no checkpoint" weights $kind/a.safetensors
done
quick 1 'cannot read pipes/(config.ini|metrics.csv): it is a pipe' plot pipes --out x.svg
quick 1 'cannot read pipes/config.ini: it is a pipe' train --resume pipes
ln -s /dev/zero zero.ini
quick 1 'cannot read zero.ini: it is a pipe, a device' train zero.ini

# --- shared objects that were cut off
printf 'int x; int f(void); int f(void) { return x; }\n' >whole.c
if ${CC:-cc} -shared -fPIC whole.c -o whole.so 2>/dev/null; then
    size=$(stat -c %s whole.so)
    for part in 0 1 63 64 300 1000 $((size / 2)) $((size * 3 / 4)); do
        head -c "$part" whole.so >cut.so
        "$UPHILL" rollout ./cut.so >out 2>err
        [ $? -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q '^uphill: .*cut.so' err ||
            complain "the first $part bytes of a shared object: $(cat err)"
    done
fi

# --- texts with what is no text in them
printf '[train]\nsteps = 10\n\0[ppo]\nclip = 9\n' >nul.ini
refused 1 'nul.ini, line 3: byte 0x00 stands there' train nul.ini
printf '[env]\nid = \033[31mCartPole-v1\n' >escape.ini
refused 1 'escape.ini, line 2: byte 0x1b stands there' train escape.ini
refused 2 '.*uphill/\?\[31mCartPole-v9' train $'uphill/\033[31mCartPole-v9' --steps 10
refused 1 'cannot read a\?b\.ini: ' train $'a\nb.ini'
printf 'x,\xc2\x9b2J\n1,2\n2,4\n3,7\n' >escape.csv # a control character of two bytes
run fit escape.csv --epochs 1 --out fitted
says 'the target is column 2, \?\?2J$|the target is column 2, \?\?2J'
! grep -q $'\xc2\x9b' out || complain "a column's name commands the terminal"

# --- a folder of a sweep that holds another one's
for text in '#' '# ' '#x' '# uphill sweep' ''; do
    mkdir -p folder && printf '%s' "$text" >folder/sweep.ini
    status=1
    [ "$text" != '# uphill sweep' ] || status=2
    refused $status 'folder( holds another sweep|/sweep.ini does not say)' sweep CartPole-v1 \
        --steps 100 --grid ppo.epochs=1,2 --out folder
done

# --- limits of the system
(ulimit -f 8 && exec "$UPHILL" train CartPole-v1 --steps 2000000 --quiet --run-dir limited \
    --set train.log_every=1) >out 2>err </dev/null
[ $? -eq 1 ] && grep -q '^uphill: cannot write limited/.*raise the limit on the size of files' err ||
    complain "ulimit -f: $(cat err)"

[ $failures -eq 0 ]
