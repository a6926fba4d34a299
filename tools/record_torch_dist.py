#!/usr/bin/env python3
"""Records what torch.distributions computes: log-probabilities, entropies, KL divergences, gradients.

    python tools/record_torch_dist.py tests/dist/data/torch_dist.json

Needs PyTorch. Gradients are those of sum(c_log_prob * log_prob + c_entropy * entropy) with respect to
p, and of sum(KL(p || q)) with respect to q. The masked case gives logits that are masked -1e8, which
leaves them no probability in float32; Uphill gives them -infinity.
"""
import json
import sys

import torch
from torch import distributions as D

ROWS = 6
CHOICES = [3, 2, 4]  # of the multi-categorical
C_LOG_PROB, C_ENTROPY = 0.7, -0.3


def numbers(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()]


class MultiCategorical:
    """Independent categoricals over the parts of a row."""

    def __init__(self, param):
        self.parts = [D.Categorical(logits=part) for part in param.split(CHOICES, 1)]

    def sample(self):
        return torch.stack([part.sample() for part in self.parts], 1)

    def log_prob(self, action):
        return sum(part.log_prob(action[:, i]) for i, part in enumerate(self.parts))

    def entropy(self):
        return sum(part.entropy() for part in self.parts)


def divergence(p, q):
    if isinstance(p, MultiCategorical):
        return sum(D.kl_divergence(a, b) for a, b in zip(p.parts, q.parts))
    return D.kl_divergence(p, q)


def make(kind, param, log_std):
    if kind == "multi_categorical":
        return MultiCategorical(param)
    if kind == "categorical":
        return D.Categorical(logits=param)
    if kind == "bernoulli":
        return D.Independent(D.Bernoulli(logits=param), 1)
    return D.Independent(D.Normal(param, log_std.exp()), 1)


def record(kind, width, masked=False):
    p = (3 * torch.randn(ROWS, width)).requires_grad_()
    q = (3 * torch.randn(ROWS, width)).requires_grad_()
    p_log_std = (0.5 * torch.randn(width)).requires_grad_()
    q_log_std = (0.5 * torch.randn(width)).requires_grad_()
    mask = torch.rand(ROWS, width) < 0.6 if masked else torch.ones(ROWS, width, dtype=torch.bool)
    mask[:, 1] = True  # something must be open
    seen, other_seen = (x.masked_fill(~mask, -1e8) for x in (p, q))
    dist, other = make(kind, seen, p_log_std), make(kind, other_seen, q_log_std)
    action = dist.sample()
    log_prob, entropy = dist.log_prob(action), dist.entropy()
    kl = divergence(dist, other)
    (C_LOG_PROB * log_prob + C_ENTROPY * entropy).sum().backward()
    fixed = make(kind, seen.detach(), p_log_std.detach())
    divergence(fixed, other).sum().backward()
    case = {"kind": kind, "width": width, "rows": ROWS, "c_log_prob": C_LOG_PROB,
            "c_entropy": C_ENTROPY, "p": numbers(p), "q": numbers(q), "action": numbers(action),
            "log_prob": numbers(log_prob), "entropy": numbers(entropy), "kl": numbers(kl),
            "d_p": numbers(p.grad), "d_q": numbers(q.grad)}
    if masked:
        case["mask"] = numbers(mask.float())
    if kind == "gaussian":
        case |= {"p_log_std": numbers(p_log_std), "q_log_std": numbers(q_log_std),
                 "d_p_log_std": numbers(p_log_std.grad), "d_q_log_std": numbers(q_log_std.grad)}
    return case


def main():
    torch.manual_seed(2)
    cases = [record("categorical", 5), record("bernoulli", 3), record("gaussian", 4),
             record("multi_categorical", sum(CHOICES)), record("categorical", 5, masked=True)]
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
