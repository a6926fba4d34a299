"""Options of [env] against Gymnasium's wrappers of the same name, to the last bit."""
import csv
import os
import struct
import subprocess
import sys

try:
    import gymnasium
    import numpy as np
    from gymnasium.wrappers import RescaleAction
except ImportError as error:
    print(f"skipped: {error}; run ./dev setup")
    sys.exit(77)

BRIDGE = os.path.join(os.environ["UP_SOURCE_DIR"], "tests", "bridge")
sys.path.append(BRIDGE)
os.environ["PYTHONPATH"] = BRIDGE
STEPS = 120


def rows(name, *options):
    command = [os.environ["UPHILL"], "rollout", name, "--seed", "3", "--steps", str(STEPS), "--csv", "-"]
    for option in options:
        command += ["--set", option]
    return list(csv.reader(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[1:]))


def bits(numbers):
    return [struct.pack("<f", float(number)) for number in numbers]


def check(name, env, *options):
    """Replays what Uphill did in `env`; returns how many episodes ended."""
    size, ended = env.action_space.shape[0], 0
    env.reset(seed=3)
    for row in rows(name, *options):
        action = np.array(row[2:2 + size], np.float32)
        reward, terminated, truncated, *obs = row[2 + size:]
        seen, paid, *ends, _ = env.step(action)
        where = f"{name} {options}, step {row[0]}"
        assert float(reward) == paid, f"{where}: reward {reward}, Gymnasium's {paid}"
        assert [int(terminated), int(truncated)] == ends, f"{where}: {ends}"
        assert bits(obs) == bits(np.reshape(seen, -1)), f"{where}: {obs}, Gymnasium's {seen}"
        if any(ends):
            env.reset()
            ended += 1
    return ended



def main():
    for name in ("Pendulum-v1", "gym:Pendulum-v1"):
        rescale = RescaleAction(gymnasium.make("Pendulum-v1"), -1.0, 1.0)
        assert check(name, rescale, "env.rescale_action=true") == 0
        short = gymnasium.make("Pendulum-v1", max_episode_steps=17)
        assert check(name, short, "env.max_episode_steps=17") == STEPS // 17
    uneven = "spaces_env:Spaces-v0"
    env = RescaleAction(gymnasium.make(uneven, kind="uneven", disable_env_checker=True), -1.0, 1.0)
    check(uneven, env, "env.rescale_action=true", "env.kind=uneven")
    long = gymnasium.make("MountainCarContinuous-v0", max_episode_steps=50)
    assert check("MountainCarContinuous-v0", long, "env.max_episode_steps=50") == 2


main()
