"""For record_torch_algo.py: one update of NPG and TRPO. Fisher-vector products are second derivatives of the
mean KL, by autograd."""
import numpy as np
import torch

from torch_algo_rollouts import advantages, explained, numbers
from torch_algo_updates import rows, value_fit


class Natural:
    def __init__(self, config, r, policy, name):
        self.policy, self.index = policy, np.flatnonzero(r["valid"])
        self.obs, self.action = rows(r, self.index)
        self.damping = float(config[name + ".damping"])
        self.kl_limit, self.steps = float(config[name + ".kl"]), int(config[name + ".cg_steps"])
        self.names = [key for key in policy.param if not key.startswith("value")]
        self.params = [policy.param[key] for key in self.names]
        with torch.no_grad():
            self.old = policy.dist(policy.forward(self.obs)[0])
            self.old = self.detached(self.old)

    def detached(self, dist):
        if isinstance(dist, torch.distributions.Categorical):
            return torch.distributions.Categorical(logits=dist.logits.detach().clone())
        base = dist.base_dist
        if isinstance(base, torch.distributions.Bernoulli):
            base = torch.distributions.Bernoulli(logits=base.logits.detach().clone())
        else:
            base = torch.distributions.Normal(base.loc.detach().clone(), base.scale.detach().clone())
        return torch.distributions.Independent(base, 1)

    def dist(self):
        return self.policy.dist(self.policy.forward(self.obs)[0])

    def kl(self):
        return torch.distributions.kl_divergence(self.old, self.dist()).mean()

    def flat(self, tensors):
        return torch.cat([tensor.reshape(-1) for tensor in tensors])

    def product(self, vector):
        first = self.flat(torch.autograd.grad(self.kl(), self.params, create_graph=True))
        second = torch.autograd.grad(first @ vector, self.params)
        return self.flat(second) + self.damping * vector

    def solve(self, gradient):
        step, residual, search = torch.zeros_like(gradient), gradient.clone(), gradient.clone()
        square = residual @ residual
        enough = 1e-10 * square
        for _ in range(self.steps):
            if square <= enough:
                break
            product = self.product(search)
            length = square / (search @ product)
            step += length * search
            residual -= length * product
            square, before = residual @ residual, square
            search = residual + square / before * search
        return step

    def direction(self, weights):
        """The gradient of the policy loss, and the step of the wanted KL. Returns both, and the
        factor that made the step as long."""
        log_prob = self.policy.log_prob(self.dist(), self.action)
        gradient = self.flat(torch.autograd.grad(-(weights * log_prob).mean(), self.params))
        step = self.solve(gradient)
        length = torch.sqrt(2 * self.kl_limit / (step @ self.product(step)))
        return gradient, length * step, length.item()

    def move(self, step, start):
        with torch.no_grad():
            for param, old in zip(self.params, start):
                count = param.numel()
                param.copy_(old - step[:count].reshape(param.shape))
                step = step[count:]

    def numbers(self, vector):
        """A vector over the policy's parameters, in the form of a policy; the value's are 0."""
        result = {}
        for name, param in self.policy.param.items():
            part = torch.zeros(param.numel())
            if name in self.names:
                part, vector = vector[:param.numel()], vector[param.numel():]
            result[name] = {"shape": list(param.shape), "data": numbers(part.detach().numpy())}
        return result


def natural_start(config, r, policy, name):
    advantage, ret = advantages(config, r)
    natural = Natural(config, r, policy, name)
    weights = torch.tensor(advantage.ravel()[natural.index])
    with torch.no_grad():
        dist = natural.dist()
        stats = {"policy_loss": -(weights * policy.log_prob(dist, natural.action)).mean().item(),
                 "entropy": dist.entropy().mean().item(), "explained_variance": explained(r, ret)}
    gradient, step, length = natural.direction(weights)
    stats.update(grad_norm=gradient.norm().item(), learning_rate=length)
    start = [param.detach().clone() for param in natural.params]
    return advantage, ret, natural, weights, step, start, stats


def npg(config, r, policy):
    advantage, ret, natural, _, step, start, stats = natural_start(config, r, policy, "npg")
    natural.move(step, start)
    return advantage, ret, {**stats, "value_loss": value_fit(config, r, policy, ret)}


def trpo(config, r, policy):
    advantage, ret, natural, weights, step, start, stats = natural_start(config, r, policy, "trpo")
    old = torch.tensor(r["log_prob"][natural.index])

    def surrogate():
        with torch.no_grad():
            ratio = (policy.log_prob(natural.dist(), natural.action) - old).exp()
            return (ratio * weights).mean().item()

    before, share, length = surrogate(), 1.0, 0.0
    stats.update(policy_loss=-before, kl=0)
    for _ in range(int(config["trpo.backtracks"])):
        natural.move(share * step, start)
        with torch.no_grad():
            kl = natural.kl().item()
        config["beyond"] = config.get("beyond") or kl > natural.kl_limit and surrogate() > before
        if kl <= natural.kl_limit and surrogate() > before:
            length = share * stats["learning_rate"]
            stats.update(policy_loss=-surrogate(), kl=kl)
            break
        share *= float(config["trpo.shrink"])
        natural.move(0 * step, start)
    stats["learning_rate"] = length
    config["share"] = share
    return advantage, ret, {**stats, "value_loss": value_fit(config, r, policy, ret)}
