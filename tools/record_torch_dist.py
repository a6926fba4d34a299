#!/usr/bin/env python3
"""Records what torch.distributions computes: log-probabilities, entropies, KL divergences, gradients.

    python tools/record_torch_dist.py tests/dist/data/torch_dist.json

Needs PyTorch. Gradients are those of sum(c_log_prob * log_prob + c_entropy * entropy) with respect to
p, and of sum(KL(p || q)) with respect to q.
"""
import json
import sys

import torch
from torch import distributions as D

ROWS = 6
C_LOG_PROB, C_ENTROPY = 0.7, -0.3


def numbers(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()]


def make(kind, param, log_std):
    if kind == "categorical":
        return D.Categorical(logits=param)
    if kind == "bernoulli":
        return D.Independent(D.Bernoulli(logits=param), 1)
    return D.Independent(D.Normal(param, log_std.exp()), 1)


def record(kind, width):
    p = (3 * torch.randn(ROWS, width)).requires_grad_()
    q = (3 * torch.randn(ROWS, width)).requires_grad_()
    p_log_std = (0.5 * torch.randn(width)).requires_grad_()
    q_log_std = (0.5 * torch.randn(width)).requires_grad_()
    dist, other = make(kind, p, p_log_std), make(kind, q, q_log_std)
    action = dist.sample()
    log_prob, entropy = dist.log_prob(action), dist.entropy()
    kl = D.kl_divergence(dist, other)
    (C_LOG_PROB * log_prob + C_ENTROPY * entropy).sum().backward()
    fixed = make(kind, p.detach(), p_log_std.detach())
    D.kl_divergence(fixed, other).sum().backward()
    case = {"kind": kind, "width": width, "rows": ROWS, "c_log_prob": C_LOG_PROB,
            "c_entropy": C_ENTROPY, "p": numbers(p), "q": numbers(q), "action": numbers(action),
            "log_prob": numbers(log_prob), "entropy": numbers(entropy), "kl": numbers(kl),
            "d_p": numbers(p.grad), "d_q": numbers(q.grad)}
    if kind == "gaussian":
        case |= {"p_log_std": numbers(p_log_std), "q_log_std": numbers(q_log_std),
                 "d_p_log_std": numbers(p_log_std.grad), "d_q_log_std": numbers(q_log_std.grad)}
    return case


def main():
    torch.manual_seed(2)
    cases = [record("categorical", 5), record("bernoulli", 3), record("gaussian", 4)]
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
