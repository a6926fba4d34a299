#!/usr/bin/env python3
"""Pong by A2C in plain PyTorch: the algorithm of the recipe pong-atari-a2c, for comparison.

Sixteen games of PongDeterministic-v4, fifty steps each between updates, one hidden layer of 200
shared by policy and value, Adam. Each update is one gradient step on all samples; returns are
bootstrapped with the value of the observation that follows. Loss, preprocessing and settings are
those of Welleck 2020; an ended game starts anew at once, where the document waits for the others.

    python -m venv peer && peer/bin/pip install torch gymnasium==1.4.0 ale-py==0.12.1
    peer/bin/python bench/peers/pong_a2c_torch.py --steps 100000

--games async plays the games in processes of their own. The last line is what compare.py reads.
"""
import argparse
import time

import ale_py
import gymnasium
import numpy as np
import torch
from torch import nn

HIDDEN, PIXELS = 200, 80 * 80


class Pong80(gymnasium.ObservationWrapper):
    """The paddles and the ball as ones, in 80 by 80 pixels, minus those of the frame before."""

    def __init__(self, env):
        super().__init__(env)
        self.observation_space = gymnasium.spaces.Box(-1, 1, (PIXELS,), np.int8)
        self.previous = None

    def reset(self, **kwargs):
        self.previous = None
        return super().reset(**kwargs)

    def observation(self, frame):
        red = frame[35:195:2, ::2, 0]
        shown = ((red != 144) & (red != 109) & (red != 0)).astype(np.int8).ravel()
        difference = shown - self.previous if self.previous is not None else np.zeros_like(shown)
        self.previous = shown
        return difference


def make_game():
    gymnasium.register_envs(ale_py)
    # What PongDeterministic-v4 was while Gymnasium still had that name.
    game = gymnasium.make("PongNoFrameskip-v4", frameskip=4, repeat_action_probability=0.0)
    return Pong80(game)


class Policy(nn.Module):
    def __init__(self, actions):
        super().__init__()
        self.hidden = nn.Linear(PIXELS, HIDDEN)
        self.actions = nn.Linear(HIDDEN, actions)
        self.value = nn.Linear(HIDDEN, 1)

    def forward(self, observation):
        hidden = torch.relu(self.hidden(observation))
        return torch.log_softmax(self.actions(hidden), -1), self.value(hidden).squeeze(-1)


class Games:
    """N games that start anew when they end, and the running reward of those that ended."""

    def __init__(self, count, kind, seed):
        vector = {"loop": gymnasium.vector.SyncVectorEnv, "async": gymnasium.vector.AsyncVectorEnv}
        self.games = vector[kind]([make_game] * count,
                                  autoreset_mode=gymnasium.vector.AutoresetMode.SAME_STEP)
        self.actions = int(self.games.single_action_space.n)
        self.now, _ = self.games.reset(seed=seed)
        self.returns, self.running, self.ended = np.zeros(count), None, 0

    def step(self, actions):
        self.now, reward, terminated, truncated, _ = self.games.step(actions)
        over = terminated | truncated
        self.returns += reward
        for value in self.returns[over]:
            self.running = value if self.running is None else 0.99 * self.running + 0.01 * value
        self.ended += int(over.sum())
        self.returns[over] = 0
        return reward, over


def collect(policy, games, buffer, args):
    """Plays T steps of every game into `buffer` and returns the bootstrapped returns (T, N)."""
    with torch.no_grad():
        for t in range(args.t_max):
            buffer.observation[t] = torch.from_numpy(games.now)
            log_prob, buffer.value[t] = policy(buffer.observation[t])
            buffer.action[t] = torch.multinomial(log_prob.exp(), 1).squeeze(-1)
            reward, over = games.step(buffer.action[t].numpy())
            buffer.reward[t] = torch.from_numpy(reward)
            buffer.going[t] = torch.from_numpy(~over)
        _, following = policy(torch.from_numpy(games.now).float())
        for t in reversed(range(args.t_max)):
            following = buffer.reward[t] + args.gamma * following * buffer.going[t]
            buffer.ret[t] = following


def update(policy, optimizer, buffer, args):
    log_prob, value = policy(buffer.observation.flatten(0, 1))
    taken = log_prob.gather(1, buffer.action.view(-1, 1)).squeeze(-1)
    ret = buffer.ret.flatten()
    advantage = ret - buffer.value.flatten()
    policy_loss = -(taken * advantage).sum() / args.num_envs  # sum over steps, mean over games
    value_loss = 0.5 * (value - ret).square().mean()
    entropy = -(log_prob.exp() * log_prob).sum(1).mean()
    optimizer.zero_grad()
    (policy_loss + args.value_weight * value_loss - args.entropy_weight * entropy).backward()
    nn.utils.clip_grad_norm_(policy.parameters(), args.max_grad_norm)
    optimizer.step()


class Buffer:
    def __init__(self, steps, games):
        shape = (steps, games)
        self.observation = torch.zeros(*shape, PIXELS)
        self.action = torch.zeros(shape, dtype=torch.int64)
        self.reward, self.value, self.ret, self.going = (torch.zeros(shape) for _ in range(4))


def parse():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--steps", type=float, default=1e7, help="environment steps in all")
    parser.add_argument("--target", type=float, default=20, help="running reward to stop at")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="of PyTorch; 0: its own choice")
    parser.add_argument("--games", choices=["loop", "async"], default="loop")
    for name, value in {"num_envs": 16, "t_max": 50}.items():
        parser.add_argument("--" + name, type=int, default=value)
    for name, value in {"learning_rate": 1e-3, "gamma": 0.99, "entropy_weight": 0.01,
                        "value_weight": 2.0, "max_grad_norm": 1.0}.items():
        parser.add_argument("--" + name, type=float, default=value)
    return parser.parse_args()


def main():
    args = parse()
    torch.manual_seed(args.seed)
    if args.threads:
        torch.set_num_threads(args.threads)
    games = Games(args.num_envs, args.games, args.seed)
    policy, buffer = Policy(games.actions), Buffer(args.t_max, args.num_envs)
    optimizer = torch.optim.Adam(policy.parameters(), lr=args.learning_rate)

    start = shown = time.perf_counter()
    steps = 0
    while steps < args.steps and (games.running is None or games.running < args.target):
        collect(policy, games, buffer, args)
        update(policy, optimizer, buffer, args)
        steps += args.t_max * args.num_envs
        if time.perf_counter() - shown > 10:
            shown = time.perf_counter()
            print(f"{steps} steps, {shown - start:.0f} s, {games.ended} games, "
                  f"running reward {games.running or 0:.2f}", flush=True)
    seconds = time.perf_counter() - start
    running = "none" if games.running is None else f"{games.running:.2f}"
    print(f"steps {steps} seconds {seconds:.2f} steps/s {steps / seconds:.0f} running_reward {running}")


if __name__ == "__main__":
    main()
