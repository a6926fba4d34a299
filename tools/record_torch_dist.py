#!/usr/bin/env python3
"""Records what torch.distributions computes: log-probabilities, entropies, KL divergences, gradients.

    python tools/record_torch_dist.py tests/dist/data/torch_dist.json

Needs PyTorch. Gradients are those of sum(c_log_prob * log_prob + c_entropy * entropy) with respect to
p, and of sum(KL(p || q)) with respect to q. The masked case gives logits that are masked -1e8, which
leaves them no probability in float32; Uphill gives them -infinity. Paths (squashed, tanh) lead to the
action at given noise; their gradients are those of sum(weight * action) + c_log_prob * log_prob.
"""
import json
import math
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


def of_network(kind, param):
    """Means and log_std from one row, held as Haarnoja 2018 does, and tanh behind them."""
    mean, log_std = param.chunk(2, 1)
    normal = D.Normal(mean, log_std.clamp(-20, 2).exp())
    squashed = D.TransformedDistribution(normal, [D.TanhTransform(cache_size=1)])
    return D.Independent(squashed if kind == "squashed" else normal, 1)


def make(kind, param, log_std):
    if kind in ("gaussian-state", "squashed"):
        return of_network(kind, param)
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


def stretch(y):
    """From [-1, 1] to the bounds of tests/dist/cases.h."""
    low, high = torch.tensor([-1.0, -2, -2]), torch.tensor([0.5, 2.5, 2.5])
    return (low + high) / 2 + (high - low) / 2 * y


def means_and_spreads(spreads=True, least=-20.5):
    """Rows of them as float32 holds them, the widest and by default the narrowest log_std too far out."""
    p = torch.cat([torch.randn(ROWS, 3), 0.5 * torch.randn(ROWS, 3)], 1)
    p[0, 3], p[1, 4] = 2.25, least
    return (p if spreads else p[:, :3]).float().double().requires_grad_()


def record_network(kind):
    """In double, for the digits that atanh takes away."""
    torch.set_default_dtype(torch.float64)
    p, q = means_and_spreads(least=-1), means_and_spreads(least=-1)  # digits of a float32 action
    dist, other = make(kind, p, None), make(kind, q, None)
    action = dist.sample()
    if kind == "squashed":  # not where float32 holds no digits of it
        action = action.clamp(-0.9, 0.9)
        taken = stretch(action).float().double()
        action = (taken - stretch(torch.zeros(3))) / (stretch(torch.ones(3)) - stretch(torch.zeros(3)))
    else:
        taken = action = action.float().double()
    log_prob = dist.log_prob(action)
    base = [d.base_dist.base_dist if kind == "squashed" else d.base_dist for d in (dist, other)]
    kl = D.kl_divergence(*base).sum(1)
    loss = C_LOG_PROB * log_prob.sum()
    case = {"kind": kind, "width": 6, "rows": ROWS, "c_log_prob": C_LOG_PROB, "c_entropy": C_ENTROPY,
            "p": numbers(p), "q": numbers(q), "action": numbers(taken), "log_prob": numbers(log_prob),
            "kl": numbers(kl)}
    if kind == "gaussian-state":
        case["entropy"] = numbers(dist.entropy())
        loss = loss + C_ENTROPY * dist.entropy().sum()
    case["d_p"] = numbers(torch.autograd.grad(loss, p, retain_graph=True)[0])
    case["d_q"] = numbers(torch.autograd.grad(kl.sum(), q)[0])
    torch.set_default_dtype(torch.float32)
    return case


def record_path(kind):
    torch.set_default_dtype(torch.float64)
    p = means_and_spreads(spreads=kind == "squashed")
    noise, weight = (torch.randn(ROWS, 3).float().double() for _ in range(2))
    log_prob, u = torch.zeros(ROWS), p
    if kind == "squashed":
        mean, log_std = p[:, :3], p[:, 3:].clamp(-20, 2)
        u = mean + log_std.exp() * noise
        slope = D.TanhTransform().log_abs_det_jacobian(u, torch.tanh(u))
        log_prob = (-noise**2 / 2 - log_std - math.log(2 * math.pi) / 2 - slope).sum(1)
    action = stretch(torch.tanh(u))
    ((weight * action).sum() + C_LOG_PROB * log_prob.sum()).backward()
    case = {"kind": kind, "path": True, "width": p.shape[1], "rows": ROWS, "c_log_prob": C_LOG_PROB,
            "p": numbers(p), "noise": numbers(noise), "weight": numbers(weight),
            "action": numbers(action), "log_prob": numbers(log_prob), "d_p": numbers(p.grad)}
    torch.set_default_dtype(torch.float32)
    return case


def main():
    torch.manual_seed(2)
    cases = [record("categorical", 5), record("bernoulli", 3), record("gaussian", 4),
             record("multi_categorical", sum(CHOICES)), record("categorical", 5, masked=True),
             record_network("gaussian-state"), record_network("squashed"),
             record_path("squashed"), record_path("tanh")]
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
