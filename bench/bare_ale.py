#!/usr/bin/env python3
"""ALE alone: Pong in four-frame steps with random actions, no observation read.
For every line that it reads it plays SECONDS long, twice: over processes that do not wait for each other,
and in lock-step, where every process plays its instances once and waits until all others have, as any
batch must. Prints the steps a second of both, and the processor's microseconds that a step of the first
takes.  Usage: bare_ale.py INSTANCES PROCESSES SECONDS
"""
import multiprocessing
import random
import socket
import struct
import sys
import time

import ale_py
from ale_py import roms

FREE, STEP = b"f", b"s"
ANSWER = struct.Struct("<3d")  # steps a second, steps, seconds of processor


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


def play(instances, first, seconds, control):
    games, choose = load(instances, first), random.Random(first)
    actions = games[0].getMinimalActionSet()

    def step():
        for ale in games:
            ale.act(choose.choice(actions))
            if ale.game_over():
                ale.reset_game()

    control.send(STEP)
    while True:
        if control.recv(1) == STEP:
            step()
            control.send(STEP)
            continue
        steps, start, processor = 0, time.perf_counter(), time.process_time()
        while time.perf_counter() < start + seconds:
            step()
            steps += instances
        control.send(ANSWER.pack(steps / (time.perf_counter() - start), steps, time.process_time() - processor))


def play_free(controls):
    for control in controls:
        control.send(FREE)
    answers = [ANSWER.unpack(control.recv(ANSWER.size)) for control in controls]
    rate, steps, processor = (sum(column) for column in zip(*answers))
    return rate, 1e6 * processor / steps


def play_in_lock_step(controls, instances, seconds):
    steps, start = 0, time.perf_counter()
    while time.perf_counter() < start + seconds:
        for control in controls:
            control.send(STEP)
        for control in controls:
            control.recv(1)
        steps += instances
    return steps / (time.perf_counter() - start)


def main():
    instances, processes, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    controls = []
    for p in range(processes):
        control, end = socket.socketpair()
        count = instances // processes + (p < instances % processes)
        multiprocessing.Process(target=play, args=(count, 1000 * p, seconds, end), daemon=True).start()
        controls.append(control)
    for control in controls:
        control.recv(1)  # the games are loaded
    for _ in sys.stdin:
        rate, processor = play_free(controls)
        print(rate, play_in_lock_step(controls, instances, seconds), processor, flush=True)


if __name__ == "__main__":
    main()
