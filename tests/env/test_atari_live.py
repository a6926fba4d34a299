"""A short round of tools/check_atari.py: our games and ale-py's, frame by frame."""
import os
import subprocess
import sys

SOURCE, BINARY = os.environ["UP_SOURCE_DIR"], os.environ["UP_BINARY_DIR"]


def check(*arguments):
    """Plays games on both sides; what tells a difference is on standard output."""
    command = [sys.executable, f"{SOURCE}/tools/check_atari.py", "--probe", f"{BINARY}/tests/atari_probe"]
    code = subprocess.run([*command, *arguments], check=False).returncode
    if code:
        sys.exit(code)


check("--frames", "400", "--stickiness", "0.25", "--restore", "pong", "breakout", "space_invaders")
check("--frames", "150", "qbert", "pitfall2", "journey_escape", "klax", "robotank", "tetris")
check("--frames", "70", "--modes", "2", "--stickiness", "0.25", "berzerk", "surround", "backgammon")
