"""Compares the native environments with Gymnasium: every observation, reward and end, to the last bit.

`uphill rollout` plays with random actions and writes a table; Gymnasium replays the actions.

    tools/check_native_envs.py --seeds 1000 build/uphill        # the full round, a few minutes
    tools/check_native_envs.py --mujoco --seeds 100 build/uphill # MuJoCo's tasks, half an hour
"""

import argparse
import ast
import csv
import itertools
import os
import struct
import subprocess
import sys
import tempfile

ENVS = [  # with the keywords that are tried
    ("CartPole-v0", ""), ("CartPole-v1", ""), ("CartPole-v1", "sutton_barto_reward=True"),
    ("MountainCar-v0", ""), ("MountainCar-v0", "goal_velocity=0.01"),
    ("MountainCarContinuous-v0", ""), ("MountainCarContinuous-v0", "goal_velocity=0.07"),
    ("Acrobot-v1", ""), ("Pendulum-v1", ""), ("Pendulum-v1", "g=9.81"),
    ("FrozenLake-v1", ""), ("FrozenLake-v1", "is_slippery=False"),
    ("FrozenLake-v1", 'desc=["SFFS","HFFF","FFHG"];success_rate=0.7;reward_schedule=(2,-1,0.1)'),
    ("FrozenLake-v1", "map_name=8x8;success_rate=1"), ("FrozenLake8x8-v1", ""),
    ("CliffWalking-v1", ""), ("CliffWalkingSlippery-v1", ""),
    ("Taxi-v4", ""), ("Taxi-v4", "is_rainy=True;rainy_probability=0.6"),
    ("Taxi-v4", "fickle_passenger=True;fickle_probability=0.9"),
    ("Blackjack-v1", ""), ("Blackjack-v1", "natural=True;sab=False"),
    ("Blackjack-v1", "sab=False"),
    ("uphill/Bandit-v0", ""), ("uphill/Bandit-v0", "arms=7"),
    ("uphill/Testbed-v0", ""), ("uphill/Testbed-v0", "arms=3;mean_of_arms=4"),
    ("uphill/RandomWalk-v0", ""),
]
MUJOCO = [f"{name}-v5" for name in (
    "Ant", "HalfCheetah", "Hopper", "Humanoid", "HumanoidStandup", "InvertedDoublePendulum",
    "InvertedPendulum", "Pusher", "Reacher", "Swimmer", "Walker2d")]
CHUNK = 100  # instances in one process


def bits(value, kind):
    """A float's bytes: equality that tells -0.0 from 0.0 and knows NaN."""
    return struct.pack(kind, float(value))


class Ours:
    """The tasks that Gymnasium does not have, once more in Python, with its seeds."""

    def reset(self, seed=None):
        import numpy as np
        if seed is not None:
            self.random = np.random.default_rng(seed)
        self.steps = 0
        return self.begin(), {}

    def step(self, action):
        self.steps += 1
        obs, reward, terminated = self.act(action)
        return obs, reward, terminated, self.steps == self.limit, {}


class Bandit(Ours):
    limit = 1

    def __init__(self, arms=100):
        self.arms = arms

    def begin(self):
        return [1]

    def act(self, arm):
        return [1], 1 if arm == 0 else 0.9 if arm < self.arms // 2 else 0, True


class Testbed(Ours):
    limit = 1000

    def __init__(self, arms=10, mean_of_arms=0):
        self.arms, self.mean = arms, mean_of_arms

    def begin(self):
        self.value = [self.mean + self.random.standard_normal() for _ in range(self.arms)]
        return [1]

    def act(self, arm):
        return [1], self.value[arm] + self.random.standard_normal(), False


class RandomWalk(Ours):
    limit = None

    def begin(self):
        self.random.random()  # as every task with a table draws where to start
        self.state = 3
        return self.state

    def act(self, _):
        self.state += -1 if self.random.random() < 0.5 else 1
        return self.state, float(self.state == 6), self.state in (0, 6)


OURS = {"uphill/Bandit-v0": Bandit, "uphill/Testbed-v0": Testbed, "uphill/RandomWalk-v0": RandomWalk}


class Replay:
    """Gymnasium's side of one seed."""

    def __init__(self, gym, id, seed, keywords):
        self.env = OURS[id](**keywords) if id in OURS else gym.make(id, **keywords)
        self.env.reset(seed=seed)
        self.discrete = id in OURS or hasattr(self.env.action_space, "n")

    def step(self, np, action):
        if self.discrete:
            result = self.env.step(int(float(action[0])))
        else:
            result = self.env.step(np.array([float(a) for a in action], np.float32))
        obs, reward, terminated, truncated, _ = result
        obs = np.ravel(obs)
        if terminated or truncated:
            self.env.reset()
        return obs, reward, terminated, truncated


def differences(row, width, result):
    """What differs between a row of the table and Gymnasium's step."""
    obs, reward, terminated, truncated = result
    reward_at = 2 + width
    if bits(row[reward_at], "d") != bits(reward, "d"):
        yield f"reward {row[reward_at]} is {float(reward)!r} there"
    for name, text, value in (("terminated", row[reward_at + 1], terminated),
                              ("truncated", row[reward_at + 2], truncated)):
        if int(text) != int(value):
            yield f"{name} {text} is {int(value)} there"
    ours = row[reward_at + 3:]
    if len(ours) != obs.size:
        yield f"{len(ours)} numbers in an observation, {obs.size} there"
    for i, (text, value) in enumerate(zip(ours, obs)):
        if bits(text, "f") != bits(value, "f"):
            yield f"obs[{i}] {text} is {float(value)!r} there"


def parse_keyword(text):
    """A number, a truth value, a range, or else a text."""
    try:
        return ast.literal_eval(text.replace("inf", "1e999"))
    except (ValueError, SyntaxError):
        return text


def parse_keywords(options):
    """What env.options means: "g=9.81;range=(0, 1)"."""
    pairs = (part.split("=", 1) for part in options.split(";") if part)
    return {name: parse_keyword(value) for name, value in pairs}


def check(gym, np, program, id, first, count, steps, folder, options):
    """Episodes that ended, or a message about the first difference."""
    path = os.path.join(folder, "rollout.csv")
    subprocess.run([program, "rollout", id, "--seed", str(first), "--envs", str(count), "--steps",
                    str(steps), "--actions", "random", "--csv", path, "--set",
                    f"env.options={options}"], check=True, stdout=subprocess.DEVNULL)
    replays = [Replay(gym, id, first + i, parse_keywords(options)) for i in range(count)]
    rows = ends = 0
    with open(path, newline="") as file:
        table = csv.reader(file)
        width = sum(name.startswith("action") for name in next(table))
        for row in table:
            result = replays[int(row[1])].step(np, row[2:2 + width])
            for difference in itertools.islice(differences(row, width, result), 1):
                return f"{id}, seed {first + int(row[1])}, step {row[0]}: {difference}"
            rows += 1
            ends += result[2] or result[3]
    if rows != count * steps:
        return f"{id}: {rows} rows instead of {count * steps}"
    return ends


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the uphill program")
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--env", action="append", help="default: all, each with several keywords")
    parser.add_argument("--mujoco", action="store_true", help=f"default: {' '.join(MUJOCO)}")
    parser.add_argument("--options", default="", help="keywords of the environment, a=1;b=(0,2)")
    args = parser.parse_args()
    program = os.path.abspath(args.program)
    try:
        import gymnasium as gym
        import numpy as np
    except ImportError:
        print("skipped: Gymnasium is not installed")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # MuJoCo writes its log where it is
        chosen = args.env or (MUJOCO if args.mujoco else [])
        for id, options in [(id, args.options) for id in chosen] or ENVS:
            ends = 0
            for first in range(args.first, args.first + args.seeds, CHUNK):
                count = min(CHUNK, args.first + args.seeds - first)
                found = check(gym, np, program, id, first, count, args.steps, folder, options)
                if isinstance(found, str):
                    print(found)
                    return 1
                ends += found
            print(f"{id} {options}: {args.seeds} seeds x {args.steps} steps, {ends} episodes: identical")
    return 0


if __name__ == "__main__":
    sys.exit(main())
