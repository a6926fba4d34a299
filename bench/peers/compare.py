#!/usr/bin/env python3
"""Steps a second of Uphill and of a PyTorch script, side by side.

Runs `uphill train pong-atari-a2c` and pong_a2c_torch.py by turns for the same number of steps, so
that both see the same machine, and prints the median of each and their ratio. Neither figure counts
the time before the first step (imports, loading of games). Nothing else should run meanwhile.

    ./dev build && ./dev setup
    python -m venv peer && peer/bin/pip install torch gymnasium==1.4.0 ale-py==0.12.1
    bench/peers/compare.py --python peer/bin/python --steps 100000 --rounds 5
"""
import argparse
import csv
import os
import re
import statistics
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def run(command, environment):
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}{done.stdout}")
    return done.stdout


def uphill(args, seed):
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, UPHILL_REGISTRY=os.path.join(folder, "runs.db"))
        path = os.path.join(folder, "run")
        run([args.uphill, "train", "pong-atari-a2c", "--quiet", "--steps", str(args.steps), "--seed",
             str(seed), "--set", "train.target=nan", "--run-dir", path], environment)
        with open(os.path.join(path, "metrics.csv")) as file:
            rows = [{key: float(row[key]) for key in ("steps", "seconds")}
                    for row in csv.DictReader(file)]
    # From the first update on: the first rollout waits for the games to load.
    return (rows[-1]["steps"] - rows[0]["steps"]) / (rows[-1]["seconds"] - rows[0]["seconds"])


def peer(args, seed, games):
    out = run([args.python, os.path.join(HERE, "pong_a2c_torch.py"), "--steps", str(args.steps),
               "--target", "inf", "--games", games, "--seed", str(seed)], None)
    return float(re.search(r"steps/s (\d+)", out)[1])


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--uphill", default=os.path.join(ROOT, "build/release/uphill"))
    parser.add_argument("--python", default="python3", help="one that has torch and ale-py")
    parser.add_argument("--steps", type=int, default=100000, help="of each run")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    if args.steps < 1600:
        parser.error("--steps: at least 1600, which are two updates")

    speed = {"uphill": [], "torch, games in one process": [], "torch, games in processes": []}
    for round in range(args.rounds):
        taken = uphill(args, round), peer(args, round, "loop"), peer(args, round, "async")
        for name, value in zip(speed, taken):
            speed[name].append(value)
        print(f"round {round + 1}: " + "   ".join(f"{name} {value:.0f}" for name, value in
                                                  zip(speed, taken)), flush=True)
    print(f"\n{args.steps} steps a run, median of {args.rounds} rounds, steps/s")
    own = statistics.median(speed["uphill"])
    for name, values in speed.items():
        median = statistics.median(values)
        ratio = "" if name == "uphill" else f"   uphill is {own / median:.2f} times as fast"
        print(f"  {name:28} {median:7.0f}{ratio}")


if __name__ == "__main__":
    main()
