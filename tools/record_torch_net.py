#!/usr/bin/env python3
"""Records what PyTorch computes for small dense networks: output and all gradients.

    python tools/record_torch_net.py tests/net/data/torch_mlp.json

Needs PyTorch. The loss is sum(output * upstream), so that `upstream` is the gradient of the output.
"""
import json
import sys

import torch
from torch import nn

ACTIVATIONS = {
    "identity": nn.Identity, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh,
    "relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "silu": nn.SiLU, "elu": nn.ELU,
}
SIZES = [5, 8, 6, 3]
ROWS = 4


def numbers(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()]


def record(name, activation, bias):
    layers = []
    for i, (fan_in, fan_out) in enumerate(zip(SIZES, SIZES[1:])):
        layers.append(nn.Linear(fan_in, fan_out, bias=bias))
        if i < len(SIZES) - 2:
            layers.append(activation())
    net = nn.Sequential(*layers)
    x = torch.randn(ROWS, SIZES[0], requires_grad=True)
    upstream = torch.randn(ROWS, SIZES[-1])
    y = net(x)
    (y * upstream).sum().backward()
    dense = [layer for layer in net if isinstance(layer, nn.Linear)]
    case = {"activation": name, "bias": bias, "sizes": SIZES, "rows": ROWS, "x": numbers(x),
            "y": numbers(y), "upstream": numbers(upstream), "d_x": numbers(x.grad)}
    for i, layer in enumerate(dense):
        case[f"weight{i}"] = numbers(layer.weight)  # (out, in)
        case[f"d_weight{i}"] = numbers(layer.weight.grad)
        if bias:
            case[f"bias{i}"] = numbers(layer.bias)
            case[f"d_bias{i}"] = numbers(layer.bias.grad)
    return case


def main():
    torch.manual_seed(1)
    cases = [record(name, activation, True) for name, activation in ACTIVATIONS.items()]
    cases.append(record("tanh", nn.Tanh, False))
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
