"""The games that are timed, and what the peers are told of each: what duel has understood of its configuration."""

import json
import re
import typing

import common


class Case(typing.NamedTuple):
    config: str
    image: tuple  # height, width, channels
    steps: int  # that a contender is timed for in a round
    settings: dict = {}
    convolutional: bool = False  # other peers, and memory is weighed: each case has processes of its own


def fully_connected(settings):
    return Case("mnist-mlp", (28, 28, 1), 200, settings)


def convolutional(config, image, steps):
    return Case(config, image, steps, convolutional=True)


OBJECTIVES = ("non-saturating", "wgan-gp")  # that the peers know
WIDER = {"generator": {0: 48, 3: 96, 6: 200}, "discriminator": {1: 200, 3: 100, 5: 48}}
CASES = {
    "mnist-dcgan": convolutional("mnist-dcgan", (28, 28, 1), 10),
    "cifar10-dcgan": convolutional("cifar10-dcgan", (32, 32, 3), 6),
    "cifar10-wgan-gp": convolutional("cifar10-wgan-gp", (32, 32, 3), 2),
    "faces-dcgan": convolutional("faces-dcgan", (64, 64, 3), 3),
    "batch 64": fully_connected({"data.batch": 64}),
    "batch 128": fully_connected({"data.batch": 128}),
    "batch 96": fully_connected({"data.batch": 96}),
    "other widths": fully_connected({
        f"networks.{network}.layers[{layer}].linear": width
        for network, widths in WIDER.items()
        for layer, width in widths.items()
    }),
    "relu and tanh": fully_connected(
        {f"networks.generator.layers[{layer}]": "relu" for layer in (2, 5, 8)}
        | {f"networks.discriminator.layers[{layer}]": "tanh" for layer in (2, 4, 6)}
    ),
}


def command(duel, what, case, images, *words):
    """A command of duel on a case, whose data are the array in the file `images`."""
    settings = {"data.source": "npy", "data.x": images} | case.settings
    return [duel, what, common.configuration(case.config), "--json", *words, *common.overrides(settings)]


# ---- the game as duel has understood it ----


def under(text, key):
    """What stands under a key of YAML as duel writes it: the value beside it, or the lines indented below it."""
    indent = re.match(" *", text)[0]
    found = re.search(rf"^{indent}{key}:(?: (\S.*)|\n((?:{indent} .*\n)*))", text, re.MULTILINE)
    if not found:
        raise SystemExit(f"the peers find no '{key}' in what duel tells of the game")
    return found[1] or found[2]


def keys(text):
    return re.findall(rf"^{re.match(' *', text)[0]}(\w+):", text, re.MULTILINE)


def expect(text, key, wanted):
    value = under(text, key)
    if value != wanted:
        raise SystemExit(f"the peers know only '{key}: {wanted}', not '{value}'")


def adam(resolved):
    optimizer = under(under(resolved, "optimizer"), "adam")
    expect(optimizer, "weight_decay", "0")
    expect(optimizer, "amsgrad", "false")
    return {
        "lr": float(under(optimizer, "lr")),
        "betas": [float(beta) for beta in json.loads(under(optimizer, "betas"))],
        "epsilon": float(under(optimizer, "epsilon")),
    }


def objective(resolved):
    game = under(resolved, "game")
    names = re.findall(r"^ *- name: (\S+)$", game, re.MULTILINE)
    if len(names) != 1 or keys(game) != ["objective"]:
        raise SystemExit("the peers play one objective, with no phases of the file's own")
    if names[0] not in OBJECTIVES:
        raise SystemExit(f"the peers play {' and '.join(OBJECTIVES)}, not '{names[0]}'")
    parameters = under(under(game, "objective").replace("- ", "  ", 1), "parameters")
    values = {name: float(under(under(parameters, name), "default")) for name in keys(parameters)}
    return {"name": names[0], "parameters": values}


def describe(duel, case, images):
    """What the peers make their step from."""
    told = json.loads(common.run(command(duel, "describe", case, images)))
    resolved = told["resolved"]
    expect(resolved, "precision", "float32")
    return {"layers": told["layers"], "adam": adam(resolved), "objective": objective(resolved)}
