"""A short round of tools/check_native_envs.py; exit code 77 where Gymnasium is not installed."""

import os
import subprocess
import sys

tool = os.path.join(os.environ["UP_SOURCE_DIR"], "tools", "check_native_envs.py")
sys.exit(subprocess.call([sys.executable, tool, "--seeds", "5", os.environ["UPHILL"]]))
