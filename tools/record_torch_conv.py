#!/usr/bin/env python3
"""Records what PyTorch's Conv2d computes: output and all gradients.

    python tools/record_torch_conv.py tests/kernels/data/torch_conv.json

Needs PyTorch. The loss is sum(output * upstream), so that `upstream` is the gradient of the output.
Everything stands as PyTorch has it: pictures (rows, channels, height, width), weights (out, in, k, k).
"""
import json
import sys

import torch
from torch import nn

# in, height, width, out, kernel, stride, padding, relu, bias, bytes
CASES = [
    (4, 20, 20, 5, 8, 4, 0, True, True, True),
    (3, 9, 7, 6, 4, 2, 0, True, True, False),
    (5, 5, 6, 17, 3, 1, 0, False, True, False),
    (4, 6, 6, 3, 3, 1, 1, True, True, False),
    (2, 7, 8, 4, 3, 2, 1, False, False, False),
    (1, 5, 5, 2, 5, 3, 2, False, True, True),
    (6, 3, 4, 7, 1, 1, 0, True, True, False),
]
ROWS = 2


def numbers(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()]


def record(channels, height, width, out, kernel, stride, padding, relu, bias, bytes):
    layer = nn.Conv2d(channels, out, kernel, stride, padding, bias=bias)
    if bytes:
        pixels = torch.randint(0, 256, (ROWS, channels, height, width))
        x = (pixels.float() / 255).requires_grad_()
    else:
        x = torch.randn(ROWS, channels, height, width, requires_grad=True)
    y = layer(x)
    if relu:
        y = torch.relu(y)
    upstream = torch.randn(y.shape)
    (y * upstream).sum().backward()
    case = {"shape": [channels, height, width, out, kernel, stride, padding], "rows": ROWS,
            "relu": relu, "bias": bias, "bytes": bytes, "out_height": y.shape[2],
            "out_width": y.shape[3], "x": numbers(pixels if bytes else x),
            "weight": numbers(layer.weight), "y": numbers(y), "upstream": numbers(upstream),
            "d_x": numbers(x.grad), "d_weight": numbers(layer.weight.grad)}
    if bias:
        case["b"] = numbers(layer.bias)
        case["d_b"] = numbers(layer.bias.grad)
    return case


def main():
    torch.manual_seed(1)
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(record(*case)) for case in CASES) + "\n]\n")


main()
