"""Makes the numbers of tests/language_torch.h and torch_games.h again and compares: torch_again.py TEST_TORCH_GAMES. Exit status
77: PyTorch cannot be imported."""

import importlib.util
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def numbers(text):
    """Lists of numbers by their names: of arrays, and of the lines of a table."""
    found = re.findall(r"double (\w+)\[\] = \{([^}]*)\}", text)
    found += re.findall(r'\{("[^"]*", "[^"]*"), ([^}]*)\}', text)
    return {name: [float(word) for word in words.split(",")] for name, words in found}


def far(a, b):
    return abs(a - b) > 1e-11 * max(1, abs(b))


def again(name, *arguments):
    script = [sys.executable, HERE / (name + ".py"), *arguments]
    made = subprocess.run(script, check=True, stdout=subprocess.PIPE, text=True).stdout
    now, stored = numbers(made), numbers((HERE / (name + ".h")).read_text())
    assert stored and now.keys() == stored.keys(), f"{name}.h has other names"
    for key, values in stored.items():
        wrong = [i for i, value in enumerate(values) if far(now[key][i], value)]
        assert len(now[key]) == len(values) and not wrong, f"{name}.h: {key} differs at {wrong}"
    print(f"{name}.h: {len(stored)} lists are as stored")


if importlib.util.find_spec("torch") is None:
    print("skipped: PyTorch cannot be imported by", sys.executable)
    sys.exit(77)
again("language_torch")
again("torch_games", sys.argv[1])
