"""Steps a second of other people's environments, for `uphill bench env`.

Usage: uphill_bench.py PEER ID THREADS SECONDS INSTANCES OPTIONS [FRAME_SKIP SCREEN_SIZE GRAYSCALE NOOP_MAX
                      TERMINAL_ON_LIFE_LOSS]
PEER is gymnasium (a loop over one environment in each of THREADS processes), ale (ALE alone: act, and
the screen where the observation is one) or envpool (INSTANCES in one batch on THREADS threads). Actions
are drawn beforehand. The last five are those of AtariPreprocessing: Gymnasium's wrapper is put around, ALE
alone plays as many frames and reads the last one's screen, EnvPool always does so. Prints one number, or
the reason why there is none.
"""
import importlib.util
import multiprocessing
import sys
import threading
import time

import numpy as np

ACTIONS = 1024


class NoPeer(Exception):
    """This peer does not play this environment here."""


def describe(error):
    """An exception on one line."""
    return " ".join(str(error).split()) or type(error).__name__


def gymnasium_stepper(name, options, atari):
    import gymnasium
    import uphill_environments as environments
    spec, keywords = environments.find_spec(name)
    keywords = {**keywords, **environments.parse_options(options)}
    if atari:
        keywords["frameskip"] = 1
    env = gymnasium.make(spec, **keywords)
    if atari:
        skip, size, grey, noops, life = atari
        env = gymnasium.wrappers.AtariPreprocessing(
            env, frame_skip=skip, screen_size=size, grayscale_obs=bool(grey), noop_max=noops,
            terminal_on_life_loss=bool(life))
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(ACTIONS)]
    env.reset(seed=0)

    def step(i):
        _, _, terminated, truncated, _ = env.step(actions[i % ACTIONS])
        if terminated or truncated:
            env.reset()
    return step


def ale_stepper(name, options, atari):
    import uphill_environments as environments
    spec, keywords = environments.find_spec(name)
    if "Atari" not in str(spec.entry_point):
        raise NoPeer("no Atari game")
    import ale_py
    from ale_py import roms
    settings = {**spec.kwargs, **keywords, **environments.parse_options(options)}
    ale = ale_py.ALEInterface()
    ale.setLoggerMode(ale_py.LoggerMode.Error)
    skip = atari[0] if atari else settings["frameskip"]
    grey = atari and atari[2]
    ale.setInt("frame_skip", skip if isinstance(skip, int) else 1)
    ale.setFloat("repeat_action_probability", settings["repeat_action_probability"])
    ale.setInt("random_seed", 0)
    ale.loadROM(roms.get_rom_path(settings["game"]))
    keys = ale.getMinimalActionSet()
    actions = [keys[k] for k in np.random.default_rng(0).integers(len(keys), size=ACTIONS)]
    skips = [1] if isinstance(skip, int) else range(*skip)
    screen = np.zeros(ale.getScreenDims() if grey else (*ale.getScreenDims(), 3), np.uint8)
    read = ale.getScreenGrayscale if grey else ale.getScreenRGB

    def step(i):
        for _ in range(skips[i % len(skips)]):
            ale.act(actions[i % ACTIONS])
        read(screen)
        if ale.game_over():
            ale.reset_game()
    return step


def loop(stepper, name, options, atari, seconds, barrier, counts):
    try:
        step = stepper(name, options, atari)
        for i in range(8):
            step(i)
        barrier.wait()
    except Exception as error:  # as text: not every exception survives the queue
        broken = isinstance(error, threading.BrokenBarrierError)  # another one failed, and tells why
        counts.put("" if broken else describe(error))
        barrier.abort()
        return
    steps, start = 0, time.perf_counter()
    end = start + seconds
    while time.perf_counter() < end:
        for i in range(steps, steps + 16):
            step(i)
        steps += 16
    counts.put(steps / (time.perf_counter() - start))


def processes(stepper, name, options, atari, threads, seconds):
    barrier, counts = multiprocessing.Barrier(threads), multiprocessing.SimpleQueue()
    players = [multiprocessing.Process(target=loop, daemon=True,
                                       args=(stepper, name, options, atari, seconds, barrier, counts))
               for _ in range(threads)]
    for player in players:
        player.start()
    results = [counts.get() for _ in players]
    reasons = [result for result in results if isinstance(result, str)]
    if reasons:
        raise NoPeer(max(reasons, key=len))
    return sum(results)


def envpool_rate(name, threads, seconds, instances):
    if importlib.util.find_spec("envpool") is None:
        raise NoPeer("EnvPool is not installed")
    import envpool
    task = name.removeprefix("ALE/")
    tasks = envpool.list_all_envs()
    task = next((t for t in (task, task.replace("-v5", "-v4")) if t in tasks), None)
    if task is None:
        raise NoPeer("EnvPool has no such environment")
    env = envpool.make(task, env_type="gymnasium", num_envs=instances, num_threads=threads)
    env.action_space.seed(0)
    actions = [np.array([env.action_space.sample() for _ in range(instances)]) for _ in range(16)]
    env.reset()
    steps, start = 0, time.perf_counter()
    while time.perf_counter() < start + seconds:
        for action in actions:
            env.step(action)
        steps += 16 * instances
    return steps / (time.perf_counter() - start)


def main():
    peer, name, threads, seconds, instances = sys.argv[1:6]
    options, name = "".join(sys.argv[6:7]), name.removeprefix("gym:")
    atari = [int(number) for number in sys.argv[7:12]]
    threads, seconds = int(threads), float(seconds)
    try:
        if peer == "envpool":
            rate = envpool_rate(name, threads, seconds, int(instances))
        else:
            stepper = {"gymnasium": gymnasium_stepper, "ale": ale_stepper}[peer]
            rate = processes(stepper, name, options, atari, threads, seconds)
        print(f"{rate:.6g}")
    except Exception as error:
        print(describe(error))


if __name__ == "__main__":
    main()
