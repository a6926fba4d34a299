"""A short round of tools/check_atari_preprocess.py; exit code 77 where its packages are not installed."""

import importlib.util
import os
import subprocess
import sys

if not all(importlib.util.find_spec(name) for name in ("gymnasium", "ale_py", "cv2")):
    print("skipped: gymnasium, ale-py and OpenCV are needed; run ./dev setup")
    sys.exit(77)
tool = os.path.join(os.environ["UP_SOURCE_DIR"], "tools", "check_atari_preprocess.py")
rounds = (["--steps", "60"], ["--steps", "60", "--games", "Breakout", "--lives", "--colour", "--fire", "--prefix", "gym:"])
sys.exit(max(subprocess.call([sys.executable, tool, *args, os.environ["UPHILL"]]) for args in rounds))
