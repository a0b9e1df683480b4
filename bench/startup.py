#!/usr/bin/env python3
"""Times duel's start and `check`, weighs its memory, and looks whether steps or memory grow. See README.md."""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import common
import tables

CONFIG, RING = common.configuration("mnist-mlp"), common.configuration("points/ring")
SMALL_GAME = {"data.batch": 16, "game.objective": "non-saturating"} | {
    f"networks.{network}.layers[{layer}].linear": 16 for network in ("generator", "discriminator") for layer in (0, 2)
}
DECODED_BYTES = common.COUNT * (common.PIXELS + 1)
MEMORY_STEPS = 300
LIMITS = {"start_plain": 0.3, "start_gzipped": 0.6, "check": 0.05, "memory_plain": 100e6, "memory_gzipped": 100e6}
LIMITS |= {"growth_time": 1.05, "growth_bytes": 1e6}


def time_check(duel):
    start = time.perf_counter()
    common.run([duel, "check", CONFIG])
    return time.perf_counter() - start


class Training:
    """A run of `duel train` in `folder`, watched from outside."""

    def __init__(self, duel, config, settings, folder, data=None):
        self.start = time.perf_counter()
        command = [duel, "train", config, "--quiet", "--threads", "2", "--run-dir", folder, *common.overrides(settings)]
        self.record = folder / "metrics.jsonl"
        self.process = subprocess.Popen(
            [str(word) for word in command], stdout=subprocess.DEVNULL, env=common.environment(data)
        )
        self.status = None

    def poll(self):
        if self.status is None:
            number, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if number:
                self.status = self.process.returncode = os.waitstatus_to_exitcode(status)
                self.peak_bytes = usage.ru_maxrss * 1024
        return self.status

    def seconds(self):
        return time.perf_counter() - self.start

    def record_size(self):
        return self.record.stat().st_size if self.record.exists() else 0

    def end(self):
        while self.poll() is None:
            time.sleep(0.002)
        if self.status:
            raise SystemExit(f"duel train: status {self.status}")
        return self


def time_start(duel, data, folder):
    """Seconds from the start of the process to the line that the first step leaves in the record."""
    settings = {"train": "{steps: 1}", "outputs.metrics.every": "1 steps"}
    training = Training(duel, CONFIG, settings, folder, data)
    while not training.record_size() and training.poll() is None:
        time.sleep(0.0005)
    seconds = training.seconds()
    training.end()
    return seconds


def weigh(duel, data, folder):
    training = Training(duel, CONFIG, {"train": f"{{steps: {MEMORY_STEPS}}}"}, folder, data)
    return training.end().peak_bytes - DECODED_BYTES


def resident_bytes(process):
    try:
        for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def watch_growth(duel, steps, folder):
    """Time a step and memory, in the second tenth of a long run and in its last."""
    every = max(1, steps // 100)
    settings = SMALL_GAME | {
        "train": f"{{steps: {steps}}}",
        "outputs.metrics.every": f"{every} steps",
        "outputs.samples.every": f"{steps // 4} steps",
        "outputs.checkpoints.every": f"{steps // 4} steps",
    }
    training, size, seen = Training(duel, RING, settings, folder), 0, []
    while training.poll() is None:
        if training.record_size() != size:
            size = training.record_size()
            lines = training.record.read_bytes()[:size].split(b"\n")[:-1]  # the last may be half written
            bytes_now = resident_bytes(training.process.pid)
            if lines and bytes_now:
                seen.append((json.loads(lines[-1])["step"], training.seconds(), bytes_now))
        time.sleep(0.002)
    training.end()

    def part(first, last):
        inside = [one for one in seen if first * steps <= one[0] <= last * steps]
        if len(inside) < 3:
            raise SystemExit("the long run was too fast to be watched: more steps, please")
        pace = [(after[1] - before[1]) / (after[0] - before[0]) for before, after in zip(inside, inside[1:])]
        return 1e3 * statistics.median(pace), max(one[2] for one in inside)

    early, late = part(0.1, 0.3), part(0.8, 1.0)
    return {
        "steps": steps,
        "early_ms": early[0],
        "late_ms": late[0],
        "early_bytes": early[1],
        "late_bytes": late[1],
        "time": late[0] / early[0],
        "bytes": late[1] - early[1],
    }


def measure(duel, repetitions, growth):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        real = common.find_real_images()
        if real:
            common.copy_mnist(real, folder / "plain" / "mnist", folder / "gzipped" / "mnist")
        else:
            common.write_random_mnist(folder / "random")
            common.copy_mnist(folder / "random", folder / "plain" / "mnist", folder / "gzipped" / "mnist")
        told = {
            "images": real.name if real else "random bytes",
            "limits": LIMITS,
            "check": [time_check(duel) for _ in range(2 * repetitions)],
        }
        for kind in ("plain", "gzipped"):
            runs = [folder / f"{kind}-{number}" for number in range(repetitions)]
            told[f"start_{kind}"] = [time_start(duel, folder / kind, run) for run in runs]
            told[f"memory_{kind}"] = weigh(duel, folder / kind, folder / f"{kind}-memory")
        if growth:
            told["growth"] = watch_growth(duel, growth, folder / "growth")
    return told


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--duel", default=common.ROOT / "build/release/duel", help="the program")
    parser.add_argument("--repetitions", type=int, default=7, help="starts that are timed; the median counts")
    parser.add_argument("--growth", type=int, default=100000, help="steps of the long run; 0: none")
    parser.add_argument("--store", metavar="NAME", help="writes results/NAME.json and the page of all results")
    arguments = parser.parse_args()
    common.two_processors()
    result = {"machine": common.machine(arguments.duel)}
    result["startup"] = measure(arguments.duel, arguments.repetitions, arguments.growth)
    tables.finish(result, arguments.store)


if __name__ == "__main__":
    main()
