#!/usr/bin/env bash
# The rooms of docs/architecture.md from the top down: a file includes headers of its own room and of
# those below it, never of one above. Within a folder, files do not call each other in circles.
set -euo pipefail
cd "$UP_SOURCE_DIR"
bad=0
complain() { echo "$*"; bad=1; }

rooms=(experiments cli train config algo search export act policy optim advantage rollout gradient dist
    tabular check doctor env net replay draw io parallel kernels core)
declare -A rank room=([activation]=core [image]=core [obs]=core [real]=core [registry]=io [tensors]=io)
for i in "${!rooms[@]}"; do rank[${rooms[i]}]=$i; done
# A public header is that of a folder, or of a file in one, by its name; or it stands in the list.
for header in include/uphill/*.h; do
    name=$(basename "$header" .h) file=$(echo src/*/"$name".c)
    [ ! -d "src/$name" ] || room[$name]=$name
    [ -n "${room[$name]:-}" ] || room[$name]=$(basename "$(dirname "$file")")
done

# room_of PATH, as it stands behind #include or on the disk: sets `place`.
room_of() {
    local path=${1#include/}
    path=${path#src/}
    place=${path%%/*}
    [ "$place" != uphill ] || { path=${path#uphill/} && place=${room[${path%.h}]:-$path}; }
    [ ! -d "cli/$place" ] || place=cli
    [ "$1" != cli/main ] || place=experiments # lists all commands, from above
    [ -n "${rank[$place]:-}" ] || complain "$1 is in no room: add it to tests/dev/test_directions.sh"
}

# below FILE OTHER VERB: complains where OTHER's room is above FILE's.
below() {
    room_of "$1" && local from=$place
    room_of "$2"
    [ "${rank[$from]:-0}" -le "${rank[$place]:-0}" ] ||
        complain "$1, which is in $from, $3 $2 of $place, above it"
}

includes=$(grep -rHoE '^ *#include "[^"]+/[^"]+"' include src cli experiments --include='*.[ch]' |
    sed -E 's/: *#include "(.*)"/ \1/')
while read -r file header; do
    below "$file" "$header" includes
done <<<"$includes"
# Experiments need the library and the sweep; the command among them is the program's.
strangers=$(grep -rn '#include "' experiments | grep -Ev '"(uphill|experiments)/|"sweep/sweep.h"|cmd_experiment.c:.*"cli.h"' || true)
[ -z "$strangers" ] || complain "experiments include what is the program's own: $strangers"
[ "$(wc -l <<<"$includes")" -gt 500 ] || complain "hardly any #include was found"

# Who calls whom, as the objects say.
command -v nm >/dev/null || { echo "skipped the circles: no nm (binutils)"; exit "$bad"; }
objects=()
while read -r object; do
    source=${object#*.dir/}
    [ ! -e "${source%.o}" ] || objects+=("$object") # else it was left behind by a file that moved
done < <(cd "$UP_BINARY_DIR/CMakeFiles" && find uphill_objects.dir/src uphill_cli.dir -name '*.c.o')
calls=$(cd "$UP_BINARY_DIR/CMakeFiles" && nm -A -P "${objects[@]}" 2>/dev/null | awk -F'[: ]+' '
    { sub(/^[^\/]*\//, "", $1); sub(/\.c\.o$/, "", $1) }
    $3 ~ /^[TDBRVW]$/ { owner[$2] = $1 }
    $3 == "U" { user[++n] = $1; name[n] = $2 }
    END {
        for (i = 1; i <= n; i++) {
            if (owner[name[i]] && user[i] != owner[name[i]]) print user[i], owner[name[i]]
        }
    }' | sort -u)
[ "$(wc -l <<<"$calls")" -gt 500 ] || complain "hardly any call was found"
while read -r file other; do
    below "$file" "$other" calls
done <<<"$calls"
within=$(awk '{ a = $1; b = $2; sub(/[^\/]*$/, "", a); sub(/[^\/]*$/, "", b) } a == b' <<<"$calls")
open='^src/env/atari/' # still to be straightened
circles=$(grep -Ev "$open" <<<"$within" | tsort 2>&1 >/dev/null | grep -v contains || true)
[ -z "$circles" ] || complain "files that call each other in circles:
$circles"
exit "$bad"
