#!/usr/bin/env python3
"""Records ten steps of PyTorch's optimisers with clipping and a falling learning rate.

    python tools/record_torch_optim.py tests/optim/data/torch_optim.json

Needs PyTorch. The gradients grow, so that the early steps are not clipped and the late ones are.
"""
import json
import sys

import torch

SIZE, STEPS, MAX_NORM, RATE = 20, 10, 2.0, 0.05


def numbers(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()]


def make(kind, params):
    if kind == "sgd":
        return torch.optim.SGD(params, lr=RATE)
    if kind == "momentum":
        return torch.optim.SGD(params, lr=RATE, momentum=0.9)
    if kind == "rmsprop":
        return torch.optim.RMSprop(params, lr=RATE, alpha=0.97, eps=1e-5)
    return torch.optim.Adam(params, lr=RATE, betas=(0.9, 0.999), eps=1e-5)


def record(kind):
    param = torch.nn.Parameter(torch.randn(SIZE))
    optim = make(kind, [param])
    case = {"kind": kind, "size": SIZE, "steps": STEPS, "max_grad_norm": MAX_NORM,
            "start": numbers(param), "grad": [], "rate": [], "norm": [], "param": []}
    for step in range(STEPS):
        rate = RATE * (1 - step / STEPS)
        param.grad = torch.randn(SIZE) * (0.1 + 0.1 * step)
        case["grad"] += numbers(param.grad)
        case["rate"].append(rate)
        norm = torch.nn.utils.clip_grad_norm_([param], MAX_NORM)
        case["norm"].append(float(f"{norm.item():.9g}"))
        for group in optim.param_groups:
            group["lr"] = rate
        optim.step()
        case["param"] += numbers(param)
    return case


def main():
    torch.manual_seed(3)
    cases = [record(kind) for kind in ("sgd", "momentum", "rmsprop", "adam")]
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
