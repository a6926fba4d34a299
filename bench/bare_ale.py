#!/usr/bin/env python3
"""ALE alone: Pong in four-frame steps with random actions, no observation read, over processes that
never wait for each other. Prints the steps a second of all together, counted over SECONDS after every
process has loaded its games, and the processor's microseconds a step.  Usage: bare_ale.py INSTANCES PROCESSES SECONDS
"""
import multiprocessing
import random
import sys
import time

import ale_py
from ale_py import roms


def play(instances, first, seconds, barrier, counts):
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
    actions, choose, steps = games[0].getMinimalActionSet(), random.Random(first), 0
    barrier.wait()
    end, processor = time.perf_counter() + seconds, time.process_time()
    while time.perf_counter() < end:
        for ale in games:
            ale.act(choose.choice(actions))
            if ale.game_over():
                ale.reset_game()
        steps += instances
    counts.put((steps, time.process_time() - processor))


def main():
    instances, processes, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    barrier, counts = multiprocessing.Barrier(processes), multiprocessing.SimpleQueue()
    players = []
    for p in range(processes):
        count = instances // processes + (p < instances % processes)
        players.append(multiprocessing.Process(
            target=play, args=(count, 1000 * p, seconds, barrier, counts)))
        players[-1].start()
    results = [counts.get() for _ in players]
    for player in players:
        player.join()
    steps, processor = (sum(column) for column in zip(*results))
    print(steps / seconds, 1e6 * processor / steps)


if __name__ == "__main__":
    main()
