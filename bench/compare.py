#!/usr/bin/env python3
"""Times duel against PyTorch and JAX: the same training step, on the same data, with two threads. See README.md."""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import common
import startup
import tables

WIDER = {"generator": {0: 48, 3: 96, 6: 200}, "discriminator": {1: 200, 3: 100, 5: 48}}
CASES = {
    "batch 64": {"data.batch": 64},
    "batch 128": {"data.batch": 128},
    "batch 96": {"data.batch": 96},
    "other widths": {
        f"networks.{network}.layers[{layer}].linear": width
        for network, widths in WIDER.items()
        for layer, width in widths.items()
    },
    "relu and tanh": {f"networks.generator.layers[{layer}]": "relu" for layer in (2, 5, 8)}
    | {f"networks.discriminator.layers[{layer}]": "tanh" for layer in (2, 4, 6)},
}
HERE = pathlib.Path(__file__).resolve().parent
PEERS = {
    "PyTorch, tutorial": ["peer_torch.py", "tutorial"],
    "PyTorch, frozen": ["peer_torch.py", "frozen"],
    "JAX": ["peer_jax.py"],
}


class Peer:
    def __init__(self, name, python, images):
        script, *words = PEERS[name]
        command = [python, HERE / script, *words, images, str(common.HEADER_BYTES["images"])]
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


def describe(duel, settings):
    """The networks as duel has understood them: what the peers build theirs from."""
    told = json.loads(common.run([duel, "describe", common.CONFIG, "--json", *common.overrides(settings)]))
    for expected in ("name: non-saturating", "lr: 2e-4\n    betas: [0.5, 0.999]\n    epsilon: 1e-8\n    weight_decay: 0"):
        if expected not in told["resolved"]:
            raise SystemExit(f"the peers play another game than {common.CONFIG}: there is no '{expected}'")
    return told["layers"]


def time_duel(duel, settings, steps, data):
    command = [duel, "bench", common.CONFIG, "--json", "--quiet", "--threads", "2", "--steps", steps]
    told = json.loads(common.run(command + common.overrides(settings), env=common.environment(data)))
    if told["synthetic_data"]:
        raise SystemExit("duel did not find the data that was made for it")
    return told


def start_peers(arguments, images, versions, skipped):
    peers = []
    for name in PEERS:
        if name in skipped:
            continue
        peer = Peer(name, arguments.python, images)
        if "missing" in peer.facts:
            skipped[name] = peer.facts["missing"]
            print(f"skipped: {name}: {skipped[name]}", file=sys.stderr)
            peer.end()
        else:
            versions[peer.facts["library"]] = peer.facts["version"]
            peers.append(peer)
    return peers


def play_round(arguments, case, settings, layers, peers, data):
    told = {"duel": time_duel(arguments.duel, settings, arguments.steps, data)}
    order = {"case": case, "batch": told["duel"]["batch"], "layers": layers, "steps": arguments.steps}
    told |= {peer.name: peer.time_steps(order) for peer in peers}
    times = ", ".join(f"{name} {timing['median_ms']:.3f}" for name, timing in told.items())
    print(f"{case}: {times} ms", file=sys.stderr)
    return told


def play(arguments, cases, data, images):
    """Rounds of all contenders in turn, each case and generation in its share of the time that is left, but one at least.
    Each generation has new peers: a process may be lucky with its memory."""
    versions, skipped = {}, {}
    rounds = {case: [] for case in cases}
    deadline, shares = time.monotonic() + arguments.seconds, arguments.generations * len(cases)
    for _ in range(arguments.generations):
        peers = start_peers(arguments, images, versions, skipped)
        for case, settings in cases.items():
            now = time.monotonic()
            end, shares = now + (deadline - now) / shares, shares - 1
            layers = describe(arguments.duel, settings)
            rounds[case].append(play_round(arguments, case, settings, layers, peers, data))
            while time.monotonic() < end:
                rounds[case].append(play_round(arguments, case, settings, layers, peers, data))
        for peer in peers:
            peer.end()
    return rounds, versions, skipped


def summary(case, settings, rounds):
    contenders = {}
    for name in rounds[0]:
        medians = [told[name]["median_ms"] for told in rounds]
        ratios = [told[name]["median_ms"] / told["duel"]["median_ms"] for told in rounds]
        contenders[name] = {
            "median_ms": statistics.median(medians),
            "minimum_ms": min(medians),
            "ratio": statistics.median(ratios),
            "ratio_from": min(ratios),
            "ratio_to": max(ratios),
            "medians_ms": medians,
            "ways": sorted({told[name]["way"] for told in rounds if "way" in told[name]}),
        }
    torch = [name for name in contenders if name.startswith("PyTorch")]
    counted = min(torch, key=lambda name: contenders[name]["ratio"]) if torch else None
    return {"case": case, "set": settings, "rounds": len(rounds), "counted": counted, "contenders": contenders}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--duel", default=common.ROOT / "build/release/duel", help="the program")
    parser.add_argument("--python", default=sys.executable, help="a Python that can import torch and jax, for the peers")
    parser.add_argument("--generations", type=int, default=2, help="how often the peers are started anew")
    parser.add_argument("--seconds", type=float, default=170, help="time for all rounds together")
    parser.add_argument("--steps", type=int, default=200, help="steps that a contender is timed for in a round")
    parser.add_argument("--only", action="append", choices=CASES, help="this case; may be repeated")
    parser.add_argument("--set", action="append", metavar="KEY=VALUE", help="one case of one's own instead; may be repeated")
    parser.add_argument("--no-startup", action="store_true", help="leaves out what startup.py measures")
    parser.add_argument("--starts", type=int, default=7, help="starts that are timed")
    parser.add_argument("--growth", type=int, default=100000, help="steps of the long run; 0: none")
    parser.add_argument("--store", metavar="NAME", help="writes results/NAME.json and the page of all results")
    return parser.parse_args()


def compare(arguments, cases):
    with tempfile.TemporaryDirectory() as name:
        data = pathlib.Path(name)
        common.write_random_mnist(data / "mnist")
        rounds, versions, skipped = play(arguments, cases, data, data / "mnist" / common.FILES["images"])
    return {
        "versions": versions,
        "skipped": skipped,
        "device": next(iter(rounds.values()))[0]["duel"]["device"],
        "generations": arguments.generations,
        "steps": arguments.steps,
        "cases": [summary(case, settings, rounds[case]) for case, settings in cases.items()],
    }


def main():
    arguments = parse()
    start = time.monotonic()
    cases = {name: CASES[name] for name in arguments.only or CASES}
    if arguments.set:
        cases = {"as set": dict(word.split("=", 1) for word in arguments.set)}
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
