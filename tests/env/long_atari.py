"""tools/check_atari.py over all games, at length: half an hour on one core."""
import os
import subprocess
import sys

SOURCE, BINARY = os.environ["UP_SOURCE_DIR"], os.environ["UP_BINARY_DIR"]
FAMOUS = ("pong", "breakout", "space_invaders", "seaquest", "qbert", "ms_pacman")


def check(*arguments):
    """Plays games on both sides; what tells a difference is on standard output."""
    command = [sys.executable, f"{SOURCE}/tools/check_atari.py", "--probe", f"{BINARY}/tests/atari_probe"]
    code = subprocess.run([*command, *arguments], check=False).returncode
    if code:
        sys.exit(code)


check("--frames", "20000", "--restore")
check("--frames", "20000", "--stickiness", "0.25", "--seed", "1")
check("--frames", "400", "--modes", "--stickiness", "0.25", "--restore")
check("--frames", "200000", "--restore", *FAMOUS)
check("--frames", "200000", "--stickiness", "0.25", *FAMOUS)
check("--frames", "200000", "--search", "12", "--stickiness", "0.25", *FAMOUS)
