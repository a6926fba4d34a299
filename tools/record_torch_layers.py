#!/usr/bin/env python3
"""Records what PyTorch computes for one small network of each kind of layer: output and all gradients.

    python tools/record_torch_layers.py tests/net/data/torch_layers.json

Needs PyTorch. Networks are written as policy.net has them; the loss is sum(output * upstream).
"""
import json
import re
import sys

import torch
from torch import nn

ACTIVATIONS = {
    "identity": nn.Identity, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU, "silu": nn.SiLU, "elu": nn.ELU,
}
ROWS = 3
CASES = [  # name, what is read, shape, network
    ("conv", "picture", (4, 12, 11), "conv:5x4s3,relu conv:6x2s1p1,elu dense:7,tanh dense:2"),
    ("conv without activation", "picture", (1, 5, 6), "conv:3x3s2p1 dense:2"),
    ("pool", "picture", (2, 9, 9), "conv:4x3s1p1 pool:3s2p1 pool:2s2,silu dense:2"),
    ("residual", "picture", (3, 7, 6),
     "conv:4x3s1p1 relu conv:4x3s1p1,relu conv:4x3s1p1 add:3 relu dense:5,relu dense:3"),
    ("norm of pictures", "picture", (2, 6, 7), "conv:3x3s1 norm,relu dense:4"),
    ("norm", "numbers", (5,), "dense:40 norm,relu dense:33,tanh norm dense:3"),
    ("embed", "choices", (9,), "embed:6,tanh dense:2"),
]


class Net(nn.Module):
    """The words of a network; layers with numbers are called 0, 1, ... as checkpoints have them."""

    def __init__(self, shape, text):
        super().__init__()
        self.words, self.index = [], 0
        sizes = [shape]
        for word in text.split():
            head, _, activation = word.partition(",")
            if head in ACTIVATIONS:
                head, activation = "", head
            module, shape, back = self.layer(head, shape)
            sizes.append(shape)
            self.words.append((module, back, ACTIVATIONS[activation or "identity"]()))

    def number(self, module):
        name = str(self.index)
        self.index += 1
        self.add_module(name, module)
        return module

    def layer(self, head, shape):
        kind, _, rest = head.partition(":")
        n = [int(v) for v in re.findall(r"\d+", rest)]
        if kind == "dense":
            flat = int(torch.tensor(shape).prod())
            linear = self.number(nn.Linear(flat, n[0]))
            return (lambda x: linear(x.flatten(1))), (n[0],), 0
        if kind == "embed":
            return self.number(nn.Embedding(shape[0], n[0])), (n[0],), 0
        if kind == "norm":
            norm = self.number(nn.LayerNorm(shape))
            nn.init.normal_(norm.weight)
            nn.init.normal_(norm.bias)
            return norm, shape, 0
        if kind in ("conv", "pool"):
            *channels, kernel, stride = n[:2 if kind == "pool" else 3]
            padding = n[len(channels) + 2] if len(n) > len(channels) + 2 else 0
            module = (nn.MaxPool2d(kernel, stride, padding) if kind == "pool" else
                      self.number(nn.Conv2d(shape[0], channels[0], kernel, stride, padding)))
            return module, tuple(module(torch.zeros(1, *shape)).shape[1:]), 0
        return nn.Identity(), shape, n[0] if kind == "add" else 0

    def forward(self, x):
        results = []
        for module, back, activation in self.words:
            y = module(x)
            if back:
                y = y + results[-1 - back]
            x = activation(y)
            results.append(x)
        return x


def numbers(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()]


def record(name, reads, shape, text):
    net = Net(shape, text)
    if reads == "picture":
        raw = torch.randint(0, 256, (ROWS, *shape))
        x = raw.float() / 255
    elif reads == "choices":
        x = raw = torch.randint(0, shape[0], (ROWS,))
    else:
        x = raw = torch.randn(ROWS, *shape)
    y = net(x)
    upstream = torch.randn_like(y)
    (y * upstream).sum().backward()
    case = {"name": name, "reads": reads, "shape": list(shape), "net": text, "rows": ROWS,
            "x": numbers(raw), "y": numbers(y), "upstream": numbers(upstream)}
    for key, value in net.named_parameters():
        case[key] = numbers(value)
        case["d_" + key] = numbers(value.grad)
    return case


def main():
    torch.manual_seed(1)
    cases = [record(*case) for case in CASES]
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
