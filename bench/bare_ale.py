#!/usr/bin/env python3
"""ALE alone: Pong in four-frame steps with random actions, no observation read, over processes that do
not wait for each other. For every line that it reads it plays SECONDS long and prints the steps a second
of all together and the processor's microseconds a step.  Usage: bare_ale.py INSTANCES PROCESSES SECONDS
"""
import multiprocessing
import random
import sys
import time

import ale_py
from ale_py import roms


def load(instances, first):
    games = []
    for i in range(instances):
        ale = ale_py.ALEInterface()
        ale.setLoggerMode(ale_py.LoggerMode.Error)
        ale.setInt("frame_skip", 4)
        ale.setFloat("repeat_action_probability", 0.0)
        ale.setInt("random_seed", first + i)
        ale.loadROM(roms.get_rom_path("pong"))
        ale.reset_game()
        games.append(ale)
    return games


def play(instances, first, seconds, barrier, counts):
    games, choose = load(instances, first), random.Random(first)
    actions = games[0].getMinimalActionSet()
    while True:
        barrier.wait()
        steps, start, processor = 0, time.perf_counter(), time.process_time()
        while time.perf_counter() < start + seconds:
            for ale in games:
                ale.act(choose.choice(actions))
                if ale.game_over():
                    ale.reset_game()
            steps += instances
        counts.put((steps / (time.perf_counter() - start), steps, time.process_time() - processor))


def main():
    instances, processes, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    barrier, counts = multiprocessing.Barrier(processes + 1), multiprocessing.SimpleQueue()
    for p in range(processes):
        count = instances // processes + (p < instances % processes)
        multiprocessing.Process(target=play, args=(count, 1000 * p, seconds, barrier, counts),
                                daemon=True).start()
    for _ in sys.stdin:
        barrier.wait()
        rate, steps, processor = (sum(column) for column in zip(*(counts.get() for _ in range(processes))))
        print(rate, 1e6 * processor / steps, flush=True)


if __name__ == "__main__":
    main()
