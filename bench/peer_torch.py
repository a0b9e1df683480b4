"""The same training step in PyTorch, eager, written as its DCGAN tutorial writes it.

    peer_torch.py tutorial|frozen PIXELS HEADER_BYTES

`frozen`: the discriminator's parameters want no gradient during the generator's step, so that none is computed there.
https://docs.pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html
"""

import itertools
import json
import sys

import peer

try:
    import torch
except ImportError as missing:
    print(json.dumps({"missing": str(missing)}))
    sys.exit(0)
from torch import nn

def build(layers, network):
    modules, size = [], None
    for kind, extent, options, parameters in peer.layers_of(layers, network):
        if kind == "linear":
            modules.append(nn.Linear(size, extent))
        elif kind == "batch_norm":
            modules.append(nn.BatchNorm1d(extent, eps=float(options["epsilon"]), momentum=float(options["momentum"])))
        elif kind == "leaky_relu":
            modules.append(nn.LeakyReLU(float(options["slope"]), inplace=True))
        elif kind == "relu":
            modules.append(nn.ReLU(inplace=True))
        elif kind == "tanh":
            modules.append(nn.Tanh())
        elif kind != "input":
            raise ValueError(f"no '{kind}' here")
        if kind != "input" and sum(p.numel() for p in modules[-1].parameters()) != parameters:
            raise ValueError(f"'{kind}' has not {parameters} parameters, as duel's has")
        size = extent
    return nn.Sequential(*modules)


def losses(name, batch):
    """The loss of logits that are meant to say 'real', and of those meant to say 'fake'."""
    if name == "softplus":
        softplus = nn.functional.softplus
        return lambda logits: softplus(-logits).mean(), lambda logits: softplus(logits).mean()
    criterion, ones, zeros = nn.BCEWithLogitsLoss(), torch.ones(batch, 1), torch.zeros(batch, 1)
    return lambda logits: criterion(logits, ones), lambda logits: criterion(logits, zeros)


def batches(images, batch):
    """Batches of [-1, 1], each example once an epoch."""
    while True:
        order = torch.randperm(len(images))
        for start in range(0, len(images) - batch + 1, batch):
            yield images[order[start : start + batch]].float().mul_(2 / 255).sub_(1)


def make_step(order, images, frozen, loss, adam):
    batch, latents = order["batch"], peer.layers_of(order["layers"], "generator")[0][1]
    generator, discriminator = (build(order["layers"], name) for name in ("generator", "discriminator"))
    options = {"lr": 2e-4, "betas": (0.5, 0.999), adam: True}
    generator_adam = torch.optim.Adam(generator.parameters(), **options)
    discriminator_adam = torch.optim.Adam(discriminator.parameters(), **options)
    real_loss, fake_loss = losses(loss, batch)
    stream = batches(images, batch)

    def step():
        discriminator.zero_grad()
        real_loss(discriminator(next(stream))).backward()
        fake = generator(torch.randn(batch, latents))
        fake_loss(discriminator(fake.detach())).backward()
        discriminator_adam.step()
        generator.zero_grad()
        if frozen:
            discriminator.requires_grad_(False)
        real_loss(discriminator(fake)).backward()
        if frozen:
            discriminator.requires_grad_(True)
        generator_adam.step()

    return step


def main():
    style, path, header_bytes = sys.argv[1:]
    torch.set_num_threads(2)
    images = torch.frombuffer(peer.read_pixels(path, int(header_bytes)), dtype=torch.uint8).view(-1, 784)

    def make_ways(order):
        return [
            peer.Way(f"{loss}, {adam} Adam", make_step(order, images, style == "frozen", loss, adam))
            for loss, adam in itertools.product(("BCE with logits", "softplus"), ("fused", "foreach"))
        ]

    peer.serve({"library": "PyTorch", "version": torch.__version__, "threads": torch.get_num_threads()}, make_ways)


main()
