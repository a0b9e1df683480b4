"""What the peers of duel share. A peer is a process that reads orders, a line of JSON each, and answers with one.

It stays between its turns, so that its start, its imports and its compiling are not in any figure. A peer offers several
ways to do the same step, each at least as good as the other somewhere; the fastest here is found first and used alone.
"""

import json
import math
import re
import statistics
import sys
import time
import typing

CHOICE_SECONDS, WARM_UP_SECONDS, WARM_UP_STEPS = 0.1, 0.2, 2
TURN_SECONDS = 4  # on a busy machine a turn ends before all of its steps are done


class Way(typing.NamedTuple):
    name: str
    run: typing.Callable  # does `steps` steps, and returns when they are done
    steps: int = 1


def timed(way):
    start = time.perf_counter()
    way.run()
    return (time.perf_counter() - start) / way.steps


def warm(way, seconds):
    times, end = [], time.perf_counter() + seconds
    while len(times) < WARM_UP_STEPS or time.perf_counter() < end:
        times.append(timed(way))
    return times


def fastest(ways):
    if len(ways) == 1:
        return ways[0]
    for way in ways:
        warm(way, CHOICE_SECONDS / 3)
    return min(ways, key=lambda way: statistics.median(warm(way, CHOICE_SECONDS)))


def layers_of(layers, network):
    """(kind, shape, options, parameters) of each layer, from what `duel describe --json` tells. A network that has no
    convolution sees flat images: nothing is reshaped."""
    own = [layer for layer in layers if layer["network"] == network]
    flat = not any(layer["kind"].startswith("conv") for layer in own)
    told = []
    for layer in own:
        if flat and layer["kind"] in ("flatten", "reshape"):
            continue
        options = dict(re.findall(r"(\w+): (\[[^\]]*\]|[^,]+)", layer["options"]))
        shape = [math.prod(layer["shape"])] if flat else layer["shape"]
        told.append((layer["kind"], shape, options, layer["parameters"]))
    return told


# ---- memory ----


def memory(field):
    """VmRSS: bytes resident now. VmHWM: at most, since the process began, or since `forget_peak`."""
    with open("/proc/self/status") as file:
        return int(re.search(rf"^{field}:\s+(\d+) kB$", file.read(), re.MULTILINE)[1]) * 1024


def forget_peak():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


# ---- orders ----


def begin(order, make_ways):
    """The fastest way of a case, and the memory before there was one; None where several ways shared the memory."""
    forget_peak()
    before = memory("VmRSS")
    ways = make_ways(order)
    return fastest(ways), before if len(ways) == 1 else None


def turn(way, steps):
    warm(way, WARM_UP_SECONDS)
    times, end = [timed(way)], time.perf_counter() + TURN_SECONDS
    while len(times) * way.steps < steps and time.perf_counter() < end:
        times.append(timed(way))
    return {"median_ms": 1e3 * statistics.median(times), "minimum_ms": 1e3 * min(times), "way": way.name}


def serve(facts, make_ways):
    """`make_ways(order)` returns the ways to do a step of the case that `order` describes."""
    chosen = {}
    print(json.dumps(facts), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if order["case"] not in chosen:
            chosen.clear()
            chosen[order["case"]] = begin(order, make_ways)
        way, before = chosen[order["case"]]
        answer = turn(way, order["steps"])
        if before is not None:
            answer |= {"before_bytes": before, "peak_bytes": memory("VmHWM")}
        print(json.dumps(answer), flush=True)


def read_pixels(path, header_bytes):
    with open(path, "rb") as file:
        file.seek(header_bytes)
        return bytearray(file.read())
