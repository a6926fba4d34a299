#!/usr/bin/env bash
# Installs into an empty prefix, then builds and runs a program there that knows only
# find_package(uphill), and one that knows only the pkg-config file.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix=$scratch/prefix
cmake --install "$UP_BINARY_DIR" --prefix "$prefix" >"$scratch/log" || { cat "$scratch/log"; exit 1; }

mkdir "$scratch/consumer"
cat >"$scratch/consumer/main.c" <<'C'
#include <stdio.h>
#include <uphill/status.h>
int main(void) { return puts(up_status_text(UP_OK)) < 0; }
C
cat >"$scratch/consumer/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(uphill 0.1 REQUIRED)
foreach(library uphill static)
  add_executable(${library} main.c)
  target_link_libraries(${library} PRIVATE uphill::${library})
endforeach()
CMAKE
consume() {
    cmake -G Ninja -S "$scratch/consumer" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$CFLAGS" &&
        cmake --build "$scratch/build"
}
consume >"$scratch/log" || { cat "$scratch/log"; exit 1; }
for program in uphill static; do
    [ "$("$scratch/build/$program")" = ok ] || { echo "the $program consumer does not run"; exit 1; }
done

pc=$(dirname "$(find "$prefix" -name uphill.pc)")
flags=$(PKG_CONFIG_PATH="$pc" pkg-config --define-variable=prefix="$prefix" --cflags --libs uphill)
libs=$(dirname "$(find "$prefix" -name libuphill.a)")
# shellcheck disable=SC2086 # flags are words
"$CC" $CFLAGS "$scratch/consumer/main.c" $flags -Wl,-rpath,"$libs" -o "$scratch/by-pc"
[ "$("$scratch/by-pc")" = ok ] || { echo "the pkg-config consumer does not run"; exit 1; }

for data in recipes workers; do
    [ -z "$(ls "$UP_SOURCE_DIR/$data" 2>/dev/null)" ] || [ -d "$prefix/share/uphill/$data" ] ||
        { echo "$data is not installed"; exit 1; }
done
