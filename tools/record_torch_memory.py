#!/usr/bin/env python3
"""Records what PyTorch computes for networks that remember: outputs, memory and gradients through time.

    python tools/record_torch_memory.py tests/net/data/torch_memory.json

Needs PyTorch. Rows are time-major; an episode begins where `begins` is 1, and the memory is 0 there.
"""
import json
import sys

import torch
from torch import nn

STEPS, SEQUENCES, IN = 5, 3, 4
CASES = [
    ("lstm", "lstm:3"),
    ("lstm between dense layers", "dense:5,tanh lstm:4 dense:2"),
    ("two of lstm", "lstm:3 lstm:4 dense:2"),
    ("gru", "gru:3"),
    ("gru between dense layers", "dense:5,tanh gru:4 dense:2"),
    ("two of gru", "gru:4 gru:3 dense:2"),
]


class Net(nn.Module):
    def __init__(self, text):
        super().__init__()
        self.parts, width, index = [], IN, 0
        for word in text.split():
            kind, _, rest = word.partition(":")
            units = int(rest.split(",")[0])
            if kind == "dense":
                self.add_module(str(index), nn.Linear(width, units))
                self.parts.append((getattr(self, str(index)), "tanh" in rest))
                index += 1
            elif hasattr(self, kind):  # one more layer of the module
                self.second = {"lstm": nn.LSTMCell, "gru": nn.GRUCell}[kind](width, units)
                self.parts.append((self.second, False))
            else:
                self.add_module(kind, {"lstm": nn.LSTM, "gru": nn.GRU}[kind](width, units))
                self.parts.append((getattr(self, kind), False))
            width = units
        self.width = width

    def sizes(self):
        return [m.hidden_size * (2 if "LSTM" in type(m).__name__ else 1) if hasattr(m, "hidden_size") else 0
                for m, _ in self.parts]

    def step(self, x, memory):
        after = []
        for (module, squashed), kept in zip(self.parts, memory):
            name = type(module).__name__
            if name == "Linear":
                x = module(x)
                x = torch.tanh(x) if squashed else x
                after.append(kept)
            elif "LSTM" in name:
                h, c = kept.chunk(2, 1)
                if name == "LSTM":
                    _, (h, c) = module(x[None], (h[None].contiguous(), c[None].contiguous()))
                    h, c = h[0], c[0]
                else:
                    h, c = module(x, (h, c))
                x = h
                after.append(torch.cat([h, c], 1))
            else:
                if name == "GRU":
                    h = module(x[None], kept[None].contiguous())[1][0]
                else:
                    h = module(x, kept)
                x = h
                after.append(h)
        return x, after


def numbers(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()]


def record(name, text):
    net = Net(text)
    x = torch.randn(STEPS, SEQUENCES, IN)
    begins = (torch.rand(STEPS, SEQUENCES) < 0.3).float()
    begins[0, 0], begins[0, 1] = 1, 0
    start = [torch.randn(SEQUENCES, size) for size in net.sizes()]
    memory, outputs = start, []
    for t in range(STEPS):
        memory = [m * (1 - begins[t])[:, None] for m in memory]
        y, memory = net.step(x[t], memory)
        outputs.append(y)
    y = torch.stack(outputs)
    upstream = torch.randn_like(y)
    (y * upstream).sum().backward()
    case = {"name": name, "net": text, "steps": STEPS, "sequences": SEQUENCES, "in": IN, "x": numbers(x),
            "begins": numbers(begins), "memory": numbers(torch.cat(start, 1)), "y": numbers(y),
            "upstream": numbers(upstream), "memory_out": numbers(torch.cat(memory, 1))}
    for key, value in net.named_parameters():
        if key.startswith("second."):
            key = text.split(":")[0] + key[len("second"):] + "_l1"
        case[key] = numbers(value)
        case["d_" + key] = numbers(value.grad)
    return case


def main():
    torch.manual_seed(2)
    cases = [record(*case) for case in CASES]
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
