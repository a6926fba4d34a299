#!/usr/bin/env bash
# How long files and functions are: tools/lengths.sh [COMMIT], by default the files as they lie here.
# Counts src/, include/, cli/ and experiments/; needs universal-ctags.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v ctags >/dev/null || { echo "lengths: there is no ctags: install universal-ctags" >&2; exit 1; }
if [ $# -gt 0 ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    git archive "$1" | tar -x -C "$scratch"
    cd "$scratch"
fi
mapfile -t files < <(find src include cli experiments -name '*.[ch]' 2>/dev/null | sort)

# tell WHAT, numbers on standard input: how many, median, the tenth that is longer, the longest.
tell() {
    sort -n | awk -v what="$1" '{ n[NR] = $1; sum += $1 }
        END { printf "%s: %d, %d lines, median %d, p90 %d, longest %d\n", what, NR, sum,
              n[int((NR + 1) / 2)], n[int(NR * 0.9 + 0.5)], n[NR] }'
}
wc -l "${files[@]}" | awk '$2 != "total" { print $1 }' | tell files
functions=$(ctags -f - --fields=+ne --kinds-C=f --languages=C --langmap=C:.c.h "${files[@]}" | awk -F'\t' '
    { line = end = 0
      for (i = 4; i <= NF; i++) { if ($i ~ /^line:/) line = substr($i, 6); if ($i ~ /^end:/) end = substr($i, 5) }
      if (end) print end - line + 1, $1, $2 }')
awk '{ print $1 }' <<<"$functions" | tell functions
echo "above 60 lines:"
sort -rn <<<"$functions" | awk '$1 > 60 { printf "  %4d  %s  %s\n", $1, $2, $3 }'
