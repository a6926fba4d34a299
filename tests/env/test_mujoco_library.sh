#!/usr/bin/env bash
# Which MuJoCo is loaded: one of another version is refused, whatever its file is called, and so is
# a Python without the models. Exit code 77 where this build has no MuJoCo.
set -euo pipefail

"$UPHILL" envs | grep -q "Hopper-v5" || { echo "skipped: this build has no MuJoCo"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
unset UPHILL_PYTHON
"$UPHILL" rollout Hopper-v5 --seed 1 --steps 3 --csv right.csv >/dev/null 2>error ||
    { grep -q "is missing" error && { echo "skipped: $(cat error)"; exit 77; }; cat error; exit 1; }

failed=0
# python FOLDER-OF-MUJOCO FOLDER-OF-GYMNASIUM: a Python that says where these packages are.
python() {
    printf '#!/bin/sh\ncat >/dev/null\nprintf "%%s\\n" "%s" "%s"\n' "$1" "$2" >python
    chmod +x python
}
# refused MESSAGE: nothing is played with that Python, and the message says why.
refused() {
    if UPHILL_PYTHON=$PWD/python "$UPHILL" rollout Hopper-v5 --steps 3 --csv wrong.csv \
        >/dev/null 2>error; then
        echo "played, where this was expected: $1"
        failed=1
    elif ! grep -q -- "$1" error; then
        echo "expected: $1; got: $(cat error)"
        failed=1
    fi
}

# The version is in the library's name.
mkdir other
touch other/libmujoco.so.3.2.1
python "$PWD/other" "$PWD"
refused "is not 4.*for which this program was built"

# A library that has the right name and every function, and is another version.
{
    echo "int mj_version(void) { return 3002001; }"
    grep -o 'X(mj[A-Za-z0-9_]*)' "$UP_SOURCE_DIR/src/env/mujoco/library.h" |
        sed 's/X(\(.*\))/\1/' | grep -v '^mj_version$' | sed 's/.*/void &(void) {}/'
} >stub.c
name=$(sed -n 's/.*is not \([0-9.]*\), for which.*/\1/p' error)
mkdir fake
"$CC" -shared -fPIC -w stub.c -o "fake/libmujoco.so.$name"
python "$PWD/fake" "$PWD"
refused "is MuJoCo 3002001, this program was built for"

# A file that is no library, and a library without its functions.
echo "not a library" >"fake/libmujoco.so.$name"
refused "cannot load MuJoCo"
echo "int nothing;" >empty.c
"$CC" -shared -fPIC empty.c -o "fake/libmujoco.so.$name"
refused "has no function mj_version"

# MuJoCo without Gymnasium's models.
python "" ""
refused "its model comes with Gymnasium"
printf '#!/bin/sh\nexit 3\n' >python
refused "does not run"
exit $failed
