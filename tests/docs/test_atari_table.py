"""The table of games in docs/atari.md is that of data/atari-games.json."""
import os
import subprocess
import sys

TOOL = os.path.join(os.environ["UP_SOURCE_DIR"], "tools", "atari_table.py")
sys.exit(subprocess.run([sys.executable, TOOL, "--check"], check=False).returncode)
