"""5,000 steps of six games against Gymnasium's AtariPreprocessing, of the native core and of the worker."""

import importlib.util
import os
import subprocess
import sys

if not all(importlib.util.find_spec(name) for name in ("gymnasium", "ale_py", "cv2")):
    print("skipped: gymnasium, ale-py and OpenCV are needed; run ./dev setup")
    sys.exit(77)
tool = os.path.join(os.environ["UP_SOURCE_DIR"], "tools", "check_atari_preprocess.py")
sys.exit(max(subprocess.call([sys.executable, tool, "--prefix", prefix, *args, os.environ["UPHILL"]])
             for prefix in ("", "gym:") for args in ([], ["--lives", "--colour", "--fire", "--seed", "1"])))
