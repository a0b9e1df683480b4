#!/usr/bin/env python3
"""Prints the numbers of tests/torch_games.h: where whole games of 100 steps end by PyTorch, in float64.

    python3 tests/torch_games.py build/debug/tests/test_torch_games > tests/torch_games.h

The program prints how each game begins, and each run of a phase with its batch and its draws; the games are those of
test_torch_games.c, written once more as a user of PyTorch writes them. A weight is [inputs, outputs].
"""
import math
import pathlib
import subprocess
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def read(program):
    """{game: ({variable: tensor}, [(phase, {what: tensor})])} of what the program prints."""
    games, variables, runs = {}, None, None
    command = [pathlib.Path(program).resolve(), "--draws"]
    source = pathlib.Path(__file__).resolve().parent.parent  # the program finds configs/ in it
    draws = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=source).stdout
    for line in draws.splitlines():
        head, _, numbers = line.partition(" : ")
        name, *extents = head.split()
        if name == "game":
            variables, runs = games.setdefault(extents[0], ({}, []))
        elif name == "run":
            runs.append((extents[0], {}))
        else:
            tensor = torch.tensor([float(n) for n in numbers.split()]).reshape([int(e) for e in extents])
            (runs[-1][1] if runs else variables)[name] = tensor
    return games


class Network:
    """Layers of one network, by their numbers."""

    def __init__(self, variables, name):
        self.of = {key[len(name) + 1:]: value for key, value in variables.items() if key.startswith(name + "/")}
        self.parameters = [value.requires_grad_() for key, value in self.of.items() if "running" not in key]

    def linear(self, i, x):
        y = x @ self.of[f"linear_{i}/weight"]
        return y + self.of[f"linear_{i}/bias"] if f"linear_{i}/bias" in self.of else y

    def norm(self, i, x):
        mean, variance, scale, shift = (
            self.of[f"batch_norm_{i}/{leaf}"] for leaf in ("running_mean", "running_variance", "scale", "shift")
        )
        return F.batch_norm(x, mean, variance, scale, shift, training=True)


def leaky(x):
    return F.leaky_relu(x, 0.2)


def softplus(x):
    return F.softplus(x, threshold=1000)


def non_saturating(discriminator, generator, phase, given):
    if phase == "generator":
        return softplus(-discriminator(generator(given["normal"]))).mean()
    fake = generator(given["normal"]).detach()
    return softplus(-discriminator(given["x"])).mean() + softplus(discriminator(fake)).mean()


def mnist_mlp(variables):
    g, d = Network(variables, "generator"), Network(variables, "discriminator")

    def generator(h):
        for i in (1, 2, 3):
            h = leaky(g.norm(i, g.linear(i, h)))
        return torch.tanh(g.linear(4, h))

    def discriminator(h):
        for i in (1, 2, 3):
            h = leaky(d.linear(i, h))
        return d.linear(4, h)

    optimizers = {
        "generator": torch.optim.Adam(g.parameters, lr=2e-3, betas=(0.5, 0.999)),
        "discriminator": torch.optim.Adam(d.parameters, lr=2e-3, betas=(0.5, 0.999)),
    }
    return optimizers, lambda phase, given: non_saturating(discriminator, generator, phase, given)


def wgan_gp(variables):
    g, d = Network(variables, "generator"), Network(variables, "discriminator")

    def generator(z):
        return g.linear(3, torch.relu(g.linear(2, torch.relu(g.linear(1, z)))))

    def critic(x):
        return d.linear(3, leaky(d.linear(2, leaky(d.linear(1, x)))))

    def loss(phase, given):
        if phase == "generator":
            return -critic(generator(given["normal"])).mean()
        fake = generator(given["normal"]).detach()
        mix = (given["x"] + given["uniform"][:, None] * (fake - given["x"])).requires_grad_()
        (slope,) = torch.autograd.grad(critic(mix).sum(), mix, create_graph=True)
        return critic(fake).mean() - critic(given["x"]).mean() + 10 * ((slope.norm(dim=1) - 1) ** 2).mean()

    optimizers = {
        "generator": torch.optim.Adam(g.parameters, lr=1e-3, betas=(0.0, 0.9)),
        "discriminator": torch.optim.Adam(d.parameters, lr=1e-3, betas=(0.0, 0.9)),
    }
    return optimizers, loss


def r1(variables):
    g, d = Network(variables, "generator"), Network(variables, "discriminator")

    def generator(z):
        return g.linear(3, softplus(g.linear(2, torch.tanh(g.linear(1, z)))))

    def discriminator(x):
        return d.linear(3, torch.sigmoid(d.linear(2, softplus(d.linear(1, x)))))

    def loss(phase, given):
        game = non_saturating(discriminator, generator, phase, given)
        if phase == "generator":
            return game
        x = given["x"].clone().requires_grad_()
        (slope,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
        return game + 5 / 2 * (slope.norm(dim=1) ** 2).mean()

    optimizers = {
        "generator": torch.optim.SGD(g.parameters, lr=0.05, momentum=0.9),
        "discriminator": torch.optim.SGD(d.parameters, lr=0.05, momentum=0.9),
    }
    return optimizers, loss


def play(game, variables, runs):
    optimizers, loss = game(variables)
    for phase, given in runs:
        optimizer = optimizers[phase]
        optimizer.zero_grad()
        loss(phase, given).backward()
        optimizer.step()


def digest(tensor):
    """A norm, and a sum in which each element counts otherwise."""
    flat = tensor.detach().flatten()
    return flat.norm().item(), sum(value * math.cos(i) for i, value in enumerate(flat.tolist()))


if len(sys.argv) != 2:
    sys.exit("usage: torch_games.py TEST_TORCH_GAMES")
print("/* Made by tests/torch_games.py with PyTorch %s; do not edit. */" % torch.__version__.split("+")[0])
print("#ifndef TESTS_TORCH_GAMES_H\n#define TESTS_TORCH_GAMES_H\n")
print("/* clang-format off */")
print("static const struct {\n    const char *game, *variable;\n    double norm, mixed;\n} torch_games[] = {")
begun = read(sys.argv[1])
for name, game in ("mnist-mlp", mnist_mlp), ("wgan-gp", wgan_gp), ("r1", r1):
    variables, runs = begun[name]
    play(game, variables, runs)
    for path, tensor in variables.items():
        print('    {"%s", "%s", %.12e, %.12e},' % (name, path, *digest(tensor)))
print("};\n\n#endif")
