"""Compares env.preprocess = atari with Gymnasium's AtariPreprocessing: every pixel, reward and end.

`uphill rollout` plays with random actions and writes a table; Gymnasium replays the actions around the
real ALE. Needs OpenCV, which Gymnasium's wrapper shrinks the screens with (tools/requirements.txt).

    tools/check_atari_preprocess.py build/uphill                   # 5,000 steps of six games, 4 minutes
    tools/check_atari_preprocess.py --prefix gym: build/uphill     # the same through the worker
    tools/check_atari_preprocess.py --steps 300 --games Pong --colour --lives --fire build/uphill
"""

import argparse
import subprocess
import sys

GAMES = ["Pong", "Breakout", "SpaceInvaders", "Seaquest", "Qbert", "MsPacman"]


def make(gym, args, id):
    """Gymnasium's environment, with Stable-Baselines3's FireResetEnv around it if that is asked for."""
    class FireReset(gym.Wrapper):
        def reset(self, **kwargs):
            result = self.env.reset(**kwargs)
            for action in (1, 2):
                obs, _, terminated, truncated, info = self.env.step(action)
                result = (obs, info)
                if terminated or truncated:
                    result = self.env.reset(**kwargs)
            return result

    env = gym.make(id, frameskip=1)
    env = gym.wrappers.AtariPreprocessing(
        env, noop_max=args.noops, frame_skip=args.skip, screen_size=args.size,
        terminal_on_life_loss=args.lives, grayscale_obs=not args.colour)
    return FireReset(env) if args.fire and "FIRE" in env.unwrapped.get_action_meanings() else env


def table(args, game):
    """The rows that `uphill rollout` prints, as bytes."""
    options = {"preprocess": "atari", "noop_max": args.noops, "frame_skip": args.skip,
               "screen_size": args.size, "terminal_on_life_loss": args.lives,
               "grayscale_obs": not args.colour, "fire_reset": args.fire}
    command = [args.program, "rollout", f"{args.prefix}ALE/{game}-v5", "--seed", str(args.seed),
               "--steps", str(args.steps), "--actions", "random", "--csv", "-"]
    for key, value in options.items():
        command += ["--set", f"env.{key}={str(value).lower()}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    next(process.stdout, None)
    for _ in range(args.steps):
        line = process.stdout.readline()
        if not line:
            break
        yield line
    process.stdout.read()
    if process.wait():
        sys.exit(f"{' '.join(command)} failed")


def check(gym, np, args, game):
    """Steps, episodes and differences of one game."""
    env = make(gym, args, f"ALE/{game}-v5")
    env.reset(seed=args.seed)
    steps = episodes = wrong = 0
    for line in table(args, game):
        row = np.fromstring(line, sep=",")
        obs, reward, terminated, truncated, _ = env.step(int(row[2]))
        same = (row[3:6] == [reward, terminated, truncated]).all() and (row[6:] == obs.reshape(-1)).all()
        if not same and wrong == 0:
            pixels = int((row[6:] != obs.reshape(-1)).sum()) if row.size == 6 + obs.size else "all"
            print(f"{game}, step {steps}: {pixels} pixels differ; reward, terminated, truncated are "
                  f"{row[3:6].tolist()}, there {[reward, terminated, truncated]}")
        wrong += not same
        steps += 1
        if terminated or truncated:
            episodes += 1
            env.reset()
    return steps, episodes, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("program", help="the uphill to test")
    parser.add_argument("--games", nargs="+", default=GAMES)
    parser.add_argument("--prefix", default="", help="gym: asks the worker, where there is a native game")
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--noops", type=int, default=30)
    parser.add_argument("--skip", type=int, default=4)
    parser.add_argument("--size", type=int, default=84)
    parser.add_argument("--lives", action="store_true", help="terminal_on_life_loss")
    parser.add_argument("--colour", action="store_true", help="grayscale_obs = false")
    parser.add_argument("--fire", action="store_true", help="fire_reset")
    args = parser.parse_args()

    import ale_py
    import cv2
    import gymnasium as gym
    import numpy as np
    gym.register_envs(ale_py)
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    failed = False
    for game in args.games:
        steps, episodes, wrong = check(gym, np, args, game)
        failed |= wrong > 0 or steps < args.steps
        print(f"{game}: {steps} steps, {episodes} episodes, {wrong} differ (Gymnasium {gym.__version__}, "
              f"ale-py {ale_py.__version__}, OpenCV {cv2.__version__})", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
