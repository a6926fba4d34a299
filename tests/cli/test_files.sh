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
refused 1 'actions is no text file$' "${roll[@]}"
{ printf '1\n0'; head -c 200000 /dev/zero | tr '\0' 0; printf '1,1\n'; } >actions # longer than any buffer
refused 1 'actions, line 2: 2 numbers' "${roll[@]}"
run rollout Pendulum-v1 --steps 3 --envs 2 --csv actions
refused 1 'actions, line 3: it is not step 1 of instance 0' rollout Pendulum-v1 --steps 3 --actions actions
sed -i '1s/action_0/action_0,action_1/' actions
refused 1 'actions, line 1: 2 actions in a row, and this environment takes 1$' \
    rollout Pendulum-v1 --steps 3 --envs 2 --actions actions

[ $failures -eq 0 ]
