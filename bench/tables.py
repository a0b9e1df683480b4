"""Results as JSON, and as the Markdown page that is made from all of it."""

import json
import pathlib
import statistics
import sys

RESULTS = pathlib.Path(__file__).resolve().parent / "results"
RATIO_LIMIT, MEMORY_LIMIT = 1.15, 0.7  # of PyTorch's, in games with convolutions


def table(head, rows, right=()):
    """A Markdown table whose columns are aligned for the eye as well."""
    widths = [max(3, *(len(row[i]) for row in [head, *rows])) for i in range(len(head))]

    def line(row):
        cells = (cell.rjust(width) if i in right else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths)))
        return "| " + " | ".join(cells) + " |"

    rule = ["-" * (width - 1) + (":" if i in right else "-") for i, width in enumerate(widths)]
    return "\n".join([line(head), "| " + " | ".join(rule) + " |", *map(line, rows)])


def least_to_most(numbers):
    return "-".join(str(number) for number in sorted({min(numbers), max(numbers)}))


def contenders(cases):
    head = ["case", "contender", "ms/step, median", "least of the medians", "ratio to duel", "ratios seen"]
    rows = []
    for case in cases:
        for name, one in case["contenders"].items():
            first = name == "duel"
            rows.append([
                case["case"] if first else "",
                name + (" (counts)" if name == case["counted"] else ""),
                f"{one['median_ms']:.3f}",
                f"{one['minimum_ms']:.3f}",
                "" if first else f"{one['ratio']:.2f}",
                "" if first else f"{one['ratio_from']:.2f} to {one['ratio_to']:.2f}",
            ])
    return table(head, rows, right=(2, 3, 4))


def convolutional(cases):
    """The games with convolutions beside what is asked of duel there, against the PyTorch that counts."""
    head = ["case", "ratio", "at least", "in convolutions"]
    head += ["duel, MB", "PyTorch, MB", "growth, MB", "duel's part", "at most", "kept"]
    rows = []
    for case in cases:
        torch, own = case["contenders"][case["counted"]], case["contenders"]["duel"]
        part = own["peak_bytes"] / torch["peak_bytes"]
        rows.append([
            case["case"],
            f"{torch['ratio']:.2f}",
            f"{RATIO_LIMIT:.2f}",
            f"{100 * case['in_convolutions']:.0f}%",
            *(f"{each / 1e6:.0f}" for each in (own["peak_bytes"], torch["peak_bytes"], torch["growth_bytes"])),
            f"{part:.2f} ({own['peak_bytes'] / torch['growth_bytes']:.2f})",
            f"{MEMORY_LIMIT:.2f}",
            "yes" if torch["ratio"] >= RATIO_LIMIT and part <= MEMORY_LIMIT else "NO",
        ])
    note = (
        "Games with convolutions: the ratio from above; the share of the time of duel's kernels that goes into them; the peak of "
        "either process less its images; how much PyTorch's grew after its import; and duel's peak as a part of PyTorch's (and "
        "of that growth)."
    )
    return [table(head, rows, right=range(1, 9)), note] if rows else []


def comparison(told):
    cases = told["cases"]
    ways, rounds = {}, [case["rounds"] for case in cases]
    for case in cases:
        for name, one in case["contenders"].items():
            ways.setdefault(name, set()).update(one["ways"])
    steps = least_to_most([case.get("steps") or told["steps"] for case in cases])
    parts = [
        contenders(cases),
        f"Rounds a case: {least_to_most(rounds)}, of {steps} steps each; "
        f"duel on {told['device']}. The ratio is the median of the rounds' ratios; above 1, duel is faster. Of the two "
        "PyTorch steps the faster counts.",
        *convolutional([case for case in cases if "in_convolutions" in case and case["counted"]]),
    ]
    notes = [f"- {name}, fastest as: {'; '.join(sorted(names))}" for name, names in ways.items() if names]
    notes += [f"- {name} was skipped: {why}" for name, why in told["skipped"].items()]
    if any("in_convolutions" in case for case in cases):
        notes.append("- JAX is compared on the fully connected games alone")
    return "\n\n".join([*parts, "\n".join(notes)] if notes else parts)


def startup(told):
    limits = told["limits"]
    rows = []

    def row(what, value, limit, text):
        rows.append([what, text(value), text(limit), "yes" if value <= limit else "NO"])

    def seconds(value):
        return f"{1e3 * value:.0f} ms"

    def megabytes(value):
        return f"{value / 1e6:.1f} MB"

    for kind in ("plain", "gzipped"):
        what = f"process start to the first finished step, {kind} IDX files"
        row(what, statistics.median(told[f"start_{kind}"]), limits[f"start_{kind}"], seconds)
    row("`duel check`", statistics.median(told["check"]), limits["check"], seconds)
    for kind in ("plain", "gzipped"):
        what = f"peak memory less the decoded data set, {kind} IDX files"
        row(what, told[f"memory_{kind}"], limits[f"memory_{kind}"], megabytes)
    growth = told.get("growth")
    if growth:
        steps = f"{growth['steps']:,} steps"
        row(f"time of a late step over that of an early one, {steps}", growth["time"], limits["growth_time"], "{:.3f}".format)
        row(f"memory late less memory early, {steps}", growth["bytes"], limits["growth_bytes"], megabytes)
    note = f"mnist-mlp on the images of {told['images']}; medians of {len(told['start_plain'])} starts."
    return table(["what", "measured", "at most", "kept"], rows, right=(1, 2)) + "\n\n" + note


def render(result):
    parts = {"comparison": comparison, "startup": startup}
    return "\n\n".join(make(result[part]) for part, make in parts.items() if part in result)


def facts(result):
    machine = result["machine"]
    used = ", ".join(map(str, machine["used"]))
    told = [
        machine["date"],
        f"{machine['processor']}, processors {used} of {machine['processors']}",
        machine["system"],
        f"{machine['duel']} (commit {machine['commit']})",
        *(f"{library} {version}" for library, version in result.get("comparison", {}).get("versions", {}).items()),
        f"load average before: {machine['load_before']:.2f}",
    ]
    return "; ".join(told) + "."


def finish(result, name):
    """Prints the tables; with a name, stores the result and makes the page anew from all that are stored."""
    print(f"{facts(result)}\n\n{render(result)}")
    if not name:
        return
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    page = ["# Results\n\nMade by `bench/tables.py` from the JSON files beside this page.\n"]
    for each in sorted(RESULTS.glob("*.json")):
        stored = json.loads(each.read_text())
        page.append(f"## {each.stem}\n\n{facts(stored)}\n\n{render(stored)}\n")
    (RESULTS / "README.md").write_text("\n".join(page))
    print(f"\nstored as {path}", file=sys.stderr)
