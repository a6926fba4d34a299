#!/usr/bin/env python3
"""Runs clang-tidy on C files, and only on those that are not known to be clean.

    tools/tidy.py BUILD FILE...      BUILD holds compile_commands.json

A file is known to be clean if clang-tidy passed it before with the same rules and the same text, all
that it includes and its comments (NOLINT) with it. What is known lies in BUILD/tidy, a name for each
text. A file that BUILD does not compile is looked at every time, by the command of its neighbours.
Prints what clang-tidy says; exits 1 if it said anything.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys


def expand(entry):
    """The file after the preprocessor, with its comments."""
    command = shlex.split(entry["command"])
    if os.path.basename(command[0]) == "ccache":
        command = command[1:]
    at = command.index("-o")
    command = [word for word in command[:at] + command[at + 2:] if word != "-c"]
    return subprocess.run(command + ["-E", "-P", "-C"], cwd=entry["directory"], check=True, capture_output=True).stdout


def tidy(build, name, entry, rules):
    """What clang-tidy says about one file; "" if it is clean."""
    known = None
    if entry:
        try:
            known = build / "tidy" / hashlib.sha256(rules + expand(entry)).hexdigest()
        except subprocess.CalledProcessError as error:
            return error.stderr.decode()
        if known.exists():
            return ""
    run = subprocess.run(["clang-tidy", "-p", str(build), "--quiet", name], capture_output=True, text=True)
    if run.returncode == 0:
        if known:
            known.touch()
        return ""
    return run.stdout or run.stderr


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    (build / "tidy").mkdir(exist_ok=True)
    version = subprocess.run(["clang-tidy", "--version"], check=True, capture_output=True).stdout
    rules = version + pathlib.Path(".clang-tidy").read_bytes()
    entries = {entry["file"]: entry for entry in json.loads((build / "compile_commands.json").read_text())}
    paths = [str(pathlib.Path(name).resolve()) for name in sys.argv[2:]]
    found = False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda name: tidy(build, name, entries.get(name), rules), paths):
            if said:
                found = True
                print(said, flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
