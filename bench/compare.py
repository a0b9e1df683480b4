#!/usr/bin/env python3
"""Times duel against PyTorch and JAX: the same training step, on the same data, with two threads. See README.md."""

import argparse
import itertools
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import common
import games
import startup
import tables

HERE = pathlib.Path(__file__).resolve().parent
FULLY_CONNECTED_PEERS = {
    "PyTorch, tutorial": ["peer_torch.py", "tutorial", "contiguous"],
    "PyTorch, frozen": ["peer_torch.py", "frozen", "contiguous"],
    "JAX": ["peer_jax.py"],
}
CONVOLUTIONAL_PEERS = {
    "PyTorch, contiguous": ["peer_torch.py", "frozen", "contiguous"],
    "PyTorch, channels_last": ["peer_torch.py", "frozen", "channels_last"],
}
PROFILE_STEPS = 3


class Peer:
    def __init__(self, name, python, script, words, images):
        command = [python, HERE / script, *words, images, str(common.ARRAY_HEADER_BYTES)]
        self.name = name
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=common.environment()
        )
        self.facts = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: ended with status {self.process.wait()}")
        return json.loads(line)

    def time_steps(self, order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self.read()

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def bench(duel, case, images, steps, *words):
    words = ("--quiet", "--threads", "2", "--steps", steps, *words)
    told = json.loads(common.run(games.command(duel, "bench", case, images, *words), env=common.environment()))
    if told["synthetic_data"]:
        raise SystemExit("duel did not find the data that was made for it")
    return told


def share_in_convolutions(duel, case, images):
    """The share of the kernels' time in products whose layer is a convolution: a small one may be a matrix product."""
    kernels = bench(duel, case, images, PROFILE_STEPS, "--profile")["kernels"]
    products = [kernel for kernel in kernels if re.match("conv|matmul", kernel["kernel"])]
    return sum(kernel["share"] for kernel in products if "conv" in (kernel["label"] or ""))


def start_peers(arguments, case, images, versions, skipped):
    peers = []
    for name, (script, *words) in (CONVOLUTIONAL_PEERS if case.convolutional else FULLY_CONNECTED_PEERS).items():
        if name in skipped:
            continue
        peer = Peer(name, arguments.python, script, words, images)
        if "missing" in peer.facts:
            skipped[name] = peer.facts["missing"]
            print(f"skipped: {name}: {skipped[name]}", file=sys.stderr)
            peer.end()
        else:
            versions[peer.facts["library"]] = peer.facts["version"]
            peers.append(peer)
    return peers


def play_round(arguments, name, case, game, peers, images):
    steps = arguments.steps or case.steps
    told = {"duel": bench(arguments.duel, case, images, steps)}
    order = {"case": name, "convolutional": case.convolutional, "batch": told["duel"]["batch"], "steps": steps, **game}
    told |= {peer.name: peer.time_steps(order) for peer in peers}
    times = ", ".join(f"{contender} {timing['median_ms']:.3f}" for contender, timing in told.items())
    print(f"{name}: {times} ms", file=sys.stderr)
    return told


def of_one_image(cases, folder):
    """Cases that may share their peers, with the file of their images. Memory is weighed in processes that did nothing
    before, so a game with convolutions has its own."""
    for _, group in itertools.groupby(cases.items(), lambda one: one[0] if one[1].convolutional else None):
        group = dict(group)
        shape = next(iter(group.values())).image
        images = folder / f"{'x'.join(map(str, shape))}.npy"
        if not images.exists():
            common.write_random_array(images, shape)
        yield group, images


def play(arguments, groups):
    """Rounds of all contenders in turn, each case and generation in its share of the time that is left, but one at least.
    Each generation has new peers: a process may be lucky with its memory."""
    versions, skipped = {}, {}
    rounds = {name: [] for group, _ in groups for name in group}
    deadline, shares = time.monotonic() + arguments.seconds, arguments.generations * len(rounds)
    for group, images in groups * arguments.generations:
        peers = start_peers(arguments, next(iter(group.values())), images, versions, skipped)
        for name, case in group.items():
            now = time.monotonic()
            end, shares = now + (deadline - now) / shares, shares - 1
            game = games.describe(arguments.duel, case, images)
            rounds[name].append(play_round(arguments, name, case, game, peers, images))
            while time.monotonic() < end:
                rounds[name].append(play_round(arguments, name, case, game, peers, images))
        for peer in peers:
            peer.end()
    return rounds, versions, skipped


def memory(case, told):
    """Bytes of a process less its images; and how much it grew from when it had them and its libraries."""
    images = common.array_bytes(case.image)
    own = {"peak_bytes": max(one["peak_bytes"] for one in told) - images}
    if "before_bytes" in told[0]:
        own["growth_bytes"] = max(one["peak_bytes"] - one["before_bytes"] for one in told)
    return own


def summarise(rounds, contender):
    told = [one[contender] for one in rounds]
    medians = [one["median_ms"] for one in told]
    ratios = [one[contender]["median_ms"] / one["duel"]["median_ms"] for one in rounds]
    return {
        "median_ms": statistics.median(medians),
        "minimum_ms": min(medians),
        "ratio": statistics.median(ratios),
        "ratio_from": min(ratios),
        "ratio_to": max(ratios),
        "medians_ms": medians,
        "ways": sorted({one["way"] for one in told if "way" in one}),
    }


def summary(arguments, name, case, rounds, images):
    contenders = {contender: summarise(rounds, contender) for contender in rounds[0]}
    torch = [contender for contender in contenders if contender.startswith("PyTorch")]
    told = {
        "case": name,
        "config": case.config,
        "set": case.settings,
        "rounds": len(rounds),
        "steps": arguments.steps or case.steps,
        "counted": min(torch, key=lambda contender: contenders[contender]["ratio"]) if torch else None,
        "contenders": contenders,
    }
    if case.convolutional:
        for contender, own in contenders.items():
            own |= memory(case, [one[contender] for one in rounds])
        told["in_convolutions"] = share_in_convolutions(arguments.duel, case, images)
    return told


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--duel", default=common.ROOT / "build/release/duel", help="the program")
    parser.add_argument("--python", default=sys.executable, help="a Python that can import torch and jax, for the peers")
    parser.add_argument("--generations", type=int, default=2, help="how often the peers are started anew")
    parser.add_argument("--seconds", type=float, default=120, help="time for all rounds together")
    parser.add_argument("--steps", type=int, help="steps that a contender is timed for in a round, in place of a case's own")
    parser.add_argument("--only", action="append", choices=games.CASES, help="this case; may be repeated")
    parser.add_argument("--set", action="append", metavar="KEY=VALUE", help="changes these, or batch 64; may be repeated")
    parser.add_argument("--no-startup", action="store_true", help="leaves out what startup.py measures")
    parser.add_argument("--starts", type=int, default=7, help="starts that are timed")
    parser.add_argument("--growth", type=int, default=100000, help="steps of the long run; 0: none")
    parser.add_argument("--store", metavar="NAME", help="writes results/NAME.json and the page of all results")
    return parser.parse_args()


def choose(only, changes):
    """The cases, and what is set in each. A change is of one game: without `only`, of mnist-mlp as it is."""
    if not changes:
        return {name: games.CASES[name] for name in only or games.CASES}
    own = dict(word.split("=", 1) for word in changes)
    cases = {name: games.CASES[name] for name in only or ["batch 64"]}
    return {f"{name}, as set": case._replace(settings=case.settings | own) for name, case in cases.items()}


def compare(arguments, cases):
    with tempfile.TemporaryDirectory() as name:
        groups = [*of_one_image(cases, pathlib.Path(name))]
        rounds, versions, skipped = play(arguments, groups)
        told = [
            summary(arguments, name, case, rounds[name], images)
            for group, images in groups
            for name, case in group.items()
        ]
    return {
        "versions": versions,
        "skipped": skipped,
        "device": next(iter(rounds.values()))[0]["duel"]["device"],
        "generations": arguments.generations,
        "cases": told,
    }


def main():
    arguments = parse()
    start = time.monotonic()
    cases = choose(arguments.only, arguments.set)
    common.two_processors()
    result = {"machine": common.machine(arguments.duel)}
    if not arguments.no_startup:
        result["startup"] = startup.measure(arguments.duel, arguments.starts, arguments.growth)
    result["comparison"] = compare(arguments, cases)
    result["seconds"] = time.monotonic() - start
    tables.finish(result, arguments.store)
    print(f"all of it took {result['seconds']:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
