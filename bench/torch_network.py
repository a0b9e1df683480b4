"""A network in PyTorch, layer by layer as duel describes it; parameters and shapes are checked against duel's."""

import re

import peer
import torch
from torch import nn


def channels_first(shape):
    """duel's images are [height, width, channels]."""
    return [shape[-1], *shape[:-1]]


def pair(text):
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if len(numbers) not in (1, 2):
        raise ValueError(f"no '{text}' here")
    return tuple(numbers * 2)[:2]


def convolution(kind, channels, shape, options):
    named = {"kernel_size": "kernel", "stride": "stride", "padding": "padding", "dilation": "dilation"}
    made = nn.Conv2d
    if kind == "conv_transpose":
        made, named["output_padding"] = nn.ConvTranspose2d, "output_padding"
    arguments = {name: pair(options[told]) for name, told in named.items()}
    module = made(channels, shape[-1], groups=int(options["groups"]), bias=options["bias"] == "true", **arguments)
    normal = re.fullmatch(r"normal\(([^,]+)\)", options["init"])
    if normal:
        nn.init.normal_(module.weight, 0, float(normal[1]))
    return module


def make(kind, before, shape, options):
    """`before` and `shape`: what comes in, and what comes out."""
    if kind in ("conv", "conv_transpose"):
        return convolution(kind, before[-1], shape, options)
    if kind == "linear":
        return nn.Linear(before[0], shape[0], bias=options["bias"] == "true")
    if kind == "batch_norm":
        made = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
        affine = options["affine"] == "true"
        return made(shape[-1], eps=float(options["epsilon"]), momentum=float(options["momentum"]), affine=affine)
    if kind == "leaky_relu" and float(options["gain"]) == 1:
        return nn.LeakyReLU(float(options["slope"]), inplace=True)
    if kind == "relu":
        return nn.ReLU(inplace=True)
    if kind == "tanh":
        return nn.Tanh()
    if kind == "flatten":
        return nn.Flatten()
    if kind == "reshape" and len(before) == 1 and len(shape) == 3:
        return nn.Unflatten(1, channels_first(shape))
    raise ValueError(f"no '{kind}' here")


def check(module, kind, x, shape, parameters):
    """What the layer makes of `x`, if it is as duel's."""
    if sum(p.numel() for p in module.parameters()) != parameters:
        raise ValueError(f"'{kind}' has not {parameters} parameters, as duel's has")
    y = module(x)
    wanted = channels_first(shape) if len(shape) == 3 else shape
    if list(y.shape[1:]) != wanted:
        raise ValueError(f"'{kind}' makes {list(y.shape[1:])}, duel's makes {wanted}")
    return y


@torch.no_grad()
def build(layers, network, memory_format):
    (_, before, _, _), *rest = peer.layers_of(layers, network)
    x, modules = torch.zeros(1, *(channels_first(before) if len(before) == 3 else before)), []
    for kind, shape, options, parameters in rest:
        modules.append(make(kind, before, shape, options).eval())
        x, before = check(modules[-1], kind, x, shape, parameters), shape
    return nn.Sequential(*modules).train().to(memory_format=memory_format)
