#!/usr/bin/env python3
"""The three convolutions of Mnih et al. (2015), forward and backward: Uphill beside PyTorch.

Runs build/release/bench/bench_conv and PyTorch by turns, one thread each, so that both see the same
machine, and prints the median of each in GF/s (a multiplication and an addition are two operations)
and their ratio. Time is the thread's own on the processor. PyTorch reads floats that were divided by
255 before; Uphill reads the bytes. Neither computes the gradient of the pixels.

    ./dev bench conv
    python -m venv peer && peer/bin/pip install torch
    peer/bin/python bench/peers/compare_conv.py --rounds 7
"""
import argparse
import os
import re
import statistics
import subprocess
import time

import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# channels, side of the output, window
LAYERS = [(32, 20, 4 * 8 * 8), (64, 9, 32 * 4 * 4), (64, 7, 64 * 3 * 3)]


def operations(rows):
    parts = [2 * out * side * side * window for out, side, window in LAYERS]
    return rows * (3 * sum(parts) - parts[0])


def uphill(args):
    out = subprocess.run([args.bench, "whole", str(args.batch)], capture_output=True, text=True,
                         check=True).stdout
    return float(re.search(r"^whole +([0-9.]+)", out, re.M)[1])


class Torch:
    def __init__(self, batch, layout):
        self.net = nn.Sequential(nn.Conv2d(4, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(),
                                 nn.Conv2d(64, 64, 3, 1), nn.ReLU()).to(memory_format=layout)
        self.x = (torch.randint(0, 256, (batch, 4, 84, 84)).float() / 255).to(memory_format=layout)
        self.upstream = torch.full((batch, 64, 7, 7), 1e-3).to(memory_format=layout)
        self.step()

    def step(self):
        self.net.zero_grad()
        self.net(self.x).backward(self.upstream)

    def speed(self, batch):
        taken = []
        for _ in range(5):
            start = time.thread_time()
            self.step()
            taken.append(time.thread_time() - start)
        return 1e-9 * operations(batch) / statistics.median(taken)


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--bench", default=os.path.join(ROOT, "build/release/bench/bench_conv"))
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    torch.set_num_threads(1)
    peers = {"torch": Torch(args.batch, torch.contiguous_format),
             "torch, channels last": Torch(args.batch, torch.channels_last)}
    speed = {"uphill": [], **{name: [] for name in peers}}
    for round in range(args.rounds):
        speed["uphill"].append(uphill(args))
        for name, peer in peers.items():
            speed[name].append(peer.speed(args.batch))
        print(f"round {round + 1}: " + "   ".join(f"{name} {values[-1]:.1f}"
                                                  for name, values in speed.items()), flush=True)
    own = statistics.median(speed["uphill"])
    print(f"\nforward and backward, {args.batch} rows, median of {args.rounds} rounds, GF/s; "
          f"PyTorch {torch.__version__}")
    for name, values in speed.items():
        middle = statistics.median(values)
        note = "" if name == "uphill" else f"   uphill is {own / middle:.2f} times as fast"
        print(f"  {name:22}{middle:8.1f}   ({min(values):.0f} to {max(values):.0f}){note}")


main()
