"""Makes the numbers of tests/language_torch.h again and compares: torch_again.py. Exit status 77: PyTorch cannot be imported."""

import importlib.util
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def numbers(text):
    """The arrays of a header by their names."""
    found = re.findall(r"double (\w+)\[\] = \{([^}]*)\}", text)
    return {name: [float(word) for word in words.split(",")] for name, words in found}


def far(a, b):
    return abs(a - b) > 1e-12 * max(1, abs(b))


if importlib.util.find_spec("torch") is None:
    print("skipped: PyTorch cannot be imported by", sys.executable)
    sys.exit(77)
made = subprocess.run([sys.executable, HERE / "language_torch.py"], check=True, capture_output=True, text=True).stdout
now, stored = numbers(made), numbers((HERE / "language_torch.h").read_text())
assert stored and now.keys() == stored.keys(), "other arrays than the stored ones"
for name, values in stored.items():
    wrong = [i for i, value in enumerate(values) if far(now[name][i], value)]
    assert len(now[name]) == len(values) and not wrong, f"{name} differs at {wrong}"
print(len(stored), "arrays are as stored")
