"""The same training step in PyTorch, eager, written as its DCGAN tutorial writes it.

    peer_torch.py tutorial|frozen contiguous|channels_last PIXELS HEADER_BYTES

`frozen`: the discriminator's parameters want no gradient during the generator's step, so that none is computed there.
`channels_last`: images, activations and weights have their channels innermost.
https://docs.pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html
"""

import itertools
import json
import sys
import typing

import peer

try:
    import torch
except ImportError as missing:
    print(json.dumps({"missing": str(missing)}))
    sys.exit(0)
import torch_network
from torch import nn


class Players(typing.NamedTuple):
    generator: nn.Module
    discriminator: nn.Module
    generator_adam: torch.optim.Adam
    discriminator_adam: torch.optim.Adam
    latents: typing.Callable
    real: typing.Iterator  # batches
    frozen: bool


def losses(name, batch):
    """The loss of logits that are meant to say 'real', and of those meant to say 'fake'."""
    if name == "softplus":
        softplus = nn.functional.softplus
        return lambda logits: softplus(-logits).mean(), lambda logits: softplus(logits).mean()
    criterion, ones, zeros = nn.BCEWithLogitsLoss(), torch.ones(batch, 1), torch.zeros(batch, 1)
    return lambda logits: criterion(logits, ones), lambda logits: criterion(logits, zeros)


def batches(pixels, shape, batch, layout):
    """Batches of [-1, 1], each example once an epoch, with the channels first for PyTorch, wherever they lie in memory."""
    outermost = len(shape) == 3 and layout == "contiguous"
    images = pixels.view(-1, *(torch_network.channels_first(shape) if outermost else shape))
    innermost = len(shape) == 3 and not outermost
    while True:
        order = torch.randperm(len(images))
        for start in range(0, len(images) - batch + 1, batch):
            x = images[order[start : start + batch]].float().mul_(2 / 255).sub_(1)
            yield x.permute(0, 3, 1, 2) if innermost else x


def make_players(order, pixels, frozen, layout, adam):
    memory_format = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}[layout]
    networks = [torch_network.build(order["layers"], name, memory_format) for name in ("generator", "discriminator")]
    told = order["adam"]
    options = {"lr": told["lr"], "betas": tuple(told["betas"]), "eps": told["epsilon"], adam: True}
    optimizers = [torch.optim.Adam(network.parameters(), **options) for network in networks]
    latent, image = (peer.layers_of(order["layers"], name)[0][1] for name in ("generator", "discriminator"))
    batch = order["batch"]
    real = batches(pixels, image, batch, layout)
    return Players(*networks, *optimizers, lambda: torch.randn(batch, *latent), real, frozen)


def update_generator(players, loss, fake):
    players.generator.zero_grad()
    if players.frozen:
        players.discriminator.requires_grad_(False)
    loss(players.discriminator(fake)).backward()
    if players.frozen:
        players.discriminator.requires_grad_(True)
    players.generator_adam.step()


def non_saturating(players, loss, order):
    real_loss, fake_loss = losses(loss, order["batch"])
    generator, discriminator = players.generator, players.discriminator

    def step():
        discriminator.zero_grad()
        real_loss(discriminator(next(players.real))).backward()
        fake = generator(players.latents())
        fake_loss(discriminator(fake.detach())).backward()
        players.discriminator_adam.step()
        update_generator(players, real_loss, fake)

    return step


def wgan_gp(players, _, order):
    """Gulrajani et al. 2017, algorithm 1 (arXiv 1704.00028)."""
    weight, critic_steps = (order["objective"]["parameters"][name] for name in ("weight", "critic_steps"))
    generator, critic = players.generator, players.discriminator

    def penalty(real, fake):
        share = torch.rand(len(real), *[1] * (real.dim() - 1))
        mix = torch.lerp(real, fake, share).requires_grad_(True)
        (gradient,) = torch.autograd.grad(critic(mix).sum(), mix, create_graph=True)
        norm = torch.linalg.vector_norm(gradient, dim=tuple(range(1, gradient.dim())))
        return (norm - 1).square().mean()

    def step():
        for _ in range(int(critic_steps)):
            real = next(players.real)
            with torch.no_grad():
                fake = generator(players.latents())
            critic.zero_grad()
            (critic(fake).mean() - critic(real).mean() + weight * penalty(real, fake)).backward()
            players.discriminator_adam.step()
        update_generator(players, lambda scores: -scores.mean(), generator(players.latents()))

    return step


OBJECTIVES = {"non-saturating": non_saturating, "wgan-gp": wgan_gp}


def main():
    style, layout, path, header_bytes = sys.argv[1:]
    torch.set_num_threads(2)
    pixels = torch.frombuffer(peer.read_pixels(path, int(header_bytes)), dtype=torch.uint8)

    def make_way(order, loss, adam):
        players = make_players(order, pixels, style == "frozen", layout, adam)
        return peer.Way(f"{loss}, {adam} Adam", OBJECTIVES[order["objective"]["name"]](players, loss, order))

    def make_ways(order):
        """The small choices are lost in a step with convolutions, and each way costs time and memory."""
        if order["convolutional"]:
            return [make_way(order, "softplus", "fused")]
        choices = itertools.product(("BCE with logits", "softplus"), ("fused", "foreach"))
        return [make_way(order, loss, adam) for loss, adam in choices]

    peer.serve({"library": "PyTorch", "version": torch.__version__, "threads": torch.get_num_threads()}, make_ways)


main()
