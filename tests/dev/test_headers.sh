#!/usr/bin/env bash
# Every public header compiles alone, twice included, in C and in C++.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0
count=0
for header in "$UP_SOURCE_DIR"/include/uphill/*.h; do
    name=uphill/$(basename "$header")
    printf '#include <%s>\n#include <%s>\n' "$name" "$name" >"$scratch/alone.c"
    cp "$scratch/alone.c" "$scratch/alone.cpp"
    flags=(-fsyntax-only -Wall -Wextra -Werror -I "$UP_SOURCE_DIR/include")
    "$CC" -std=c17 -Wstrict-prototypes "${flags[@]}" "$scratch/alone.c" ||
        { echo "$name does not compile alone in C"; bad=1; }
    [ -z "$CXX" ] || "$CXX" -std=c++17 "${flags[@]}" "$scratch/alone.cpp" ||
        { echo "$name does not compile alone in C++"; bad=1; }
    count=$((count + 1))
done
[ "$count" -gt 0 ] || { echo "no headers in $UP_SOURCE_DIR/include/uphill"; exit 1; }
exit "$bad"
