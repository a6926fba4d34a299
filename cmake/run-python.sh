#!/usr/bin/env bash
# Runs a Python test in the virtual environment; without one the test counts as skipped (77).
[ -x "$PYTHON" ] || { echo "skipped: no $PYTHON; run ./dev setup"; exit 77; }
exec "$PYTHON" "$@"
