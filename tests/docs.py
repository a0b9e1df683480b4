#!/usr/bin/env python3
"""Runs the examples of the documentation.

    tests/docs.py DUEL [DOCUMENT…]      README.md, CONTRIBUTING.md, datasets/README.md and docs/*.md, if none is named;
                                        --help stands for the examples of 'duel COMMAND --help', of all commands

Every document is read from top to bottom in a copy of the source tree of its own, with DUEL first on PATH and the files of
tests/docs/data, which stand for the reader's own, at its top. What is done with a fenced block stands in its first line, after the three backticks:

    sh                the lines are run by bash and must succeed; what they leave is there for the blocks that follow
    sh fails          the last of them must fail
    text output       must be what the sh block before it printed, standard output and standard error together;
                      … stands for any text within a line, a line of … alone for any lines
    yaml              is a whole experiment: 'duel check' finds no mistake in it
    yaml fragment     becomes one by including tests/docs/tiny.yaml: maps merge, lists are replaced, and so are its game,
                      optimizer, train and data where the fragment has its own
    yaml layers       is a list of layers: they become the generator's of tests/docs/tiny.yaml, followed by flatten and
                      linear: 2
    yaml objective    is an objective's file: tests/docs/tiny.yaml plays it instead of its own game
    yaml wrong        is a fragment in which 'duel check' finds mistakes; a block 'text output' that follows is what it says
    c                 is part of a file: not run
    c file=PATH       is a whole file, written to PATH, that compiles without warnings
    diff              is applied to the source tree; the C files that it changes compile without warnings
    text, python, …   are not run

With file=PATH a block is written to PATH as well, so that later blocks may use it. A block of any other kind is an error,
so that none is left out by a slip.

So that it takes seconds, training is short here: 'duel train' and 'duel resume' are given --set 'train={steps: N}', and
'duel bench' --steps 3, after the document's own arguments. STAND_INS and
'duel fetch' do nothing. Where a data set or gnuplot is not there,
the rest of the document is skipped, with a message. docs/run-folder.md has a test of its own, tests/open_run.py.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TINY = os.path.join(SOURCE, "tests/docs/tiny.yaml")
STEPS = 30
NO_DEVICE = 69  # exit status: a display, say, is not there
LINES_SHOWN = 40
# Programs that would fetch, install or build; this test is part of the build they would start.
STAND_INS = ["git", "cmake", "ctest", "sudo", "man"]
STAND_IN_SCRIPTS = ["scripts/demo", "scripts/test", "scripts/build-packages", "scripts/packages"]
ELSEWHERE = {"docs/run-folder.md": "tests/open_run.py"}
NOT_RUN = ["text", "python", "gnuplot", "c", "json", "lua", "elisp"]
COMPILE = ["cc", "-std=c17", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-D_GNU_SOURCE", "-DISA=v2",
           "-fsyntax-only", "-I."]

WRAPPER = """#!/bin/bash
case ${{1:-}} in
train) set -- "$@" --set 'train={{steps: {steps}}}' ;;
resume) set -- "$@" --set 'train={{steps: {more}}}' ;;
bench) set -- "$@" --steps 3 ;;
fetch) exit 0 ;;
esac
"{duel}" "$@" 2> "{said}"
status=$?
cat "{said}" >&2
exit $status
"""


class Failed(Exception):
    pass


class Missing(Exception):
    pass


def blocks(path):
    """(line, words of the info string, text) of each fenced block."""
    found, start, info, text = [], 0, "", []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            fence = re.match(r"```(.*)$", line)
            if fence and not start:
                start, info, text = number, fence[1].strip(), []
            elif fence:
                found.append((start, info.split(), "".join(text)))
                start = 0
            elif start:
                text.append(line)
    if start:
        raise Failed(f"the block of line {start} does not end")
    return found


def agrees(wanted, found):
    """Whether `found` is what `wanted` says, with … for any text."""
    lines = wanted.rstrip("\n").split("\n")
    pattern = "\n".join(
        r"(?:.*\n)*?.*" if line.strip() == "…" else ".*".join(re.escape(part.rstrip()) for part in line.split("…"))
        for line in lines)
    text = "\n".join(line.rstrip() for line in found.rstrip("\n").split("\n"))
    return re.fullmatch(pattern, text) is not None


class Document:
    def __init__(self, name, duel, scratch):
        self.name, self.duel, self.scratch = name, duel, scratch
        self.folder = os.path.join(scratch, "duel")
        self.said = os.path.join(scratch, "said")
        self.last = None
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=SOURCE, capture_output=True, text=True)
        if tracked.returncode == 0 and tracked.stdout:
            for file in filter(None, tracked.stdout.split("\0")):
                source, target = os.path.join(SOURCE, file), os.path.join(self.folder, file)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                if os.path.exists(source):
                    shutil.copy2(source, target)
        else:
            shutil.copytree(SOURCE, self.folder, ignore=shutil.ignore_patterns(".git", "build", "outputs"))
        shutil.copytree(os.path.join(SOURCE, "tests/docs/data"), self.folder, dirs_exist_ok=True)
        tools = os.path.join(scratch, "bin")
        os.mkdir(tools)
        for tool in STAND_INS:
            self.program(os.path.join(tools, tool), "#!/bin/sh\n")
        for script in STAND_IN_SCRIPTS:
            self.program(os.path.join(self.folder, script), "#!/bin/sh\n")
        self.program(os.path.join(tools, "duel"),
                     WRAPPER.format(duel=duel, said=self.said, steps=STEPS, more=2 * STEPS))
        self.environment = dict(os.environ, PATH=tools + os.pathsep + os.environ["PATH"], NO_COLOR="1",
                                LC_ALL="C.UTF-8", XDG_CONFIG_HOME=os.path.join(scratch, "none"),
                                XDG_CACHE_HOME=os.path.join(scratch, "cache"))

    @staticmethod
    def program(path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def run(self, command, fails=False):
        done = subprocess.run(command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        if done.returncode and os.path.exists(self.said):
            with open(self.said, encoding="utf-8") as file:
                missing = re.search(r"the files of data set '[^']*' are not there", file.read())
            if missing:
                raise Missing(missing[0])
            if not shutil.which("gnuplot"):
                raise Missing("gnuplot is not there")
        if done.returncode == NO_DEVICE and not fails:
            print(f"{self.name}: not run: {done.stdout.splitlines()[0]}")
        elif (done.returncode != 0) != fails:
            raise Failed(f"status {done.returncode}:\n{done.stdout}")
        self.last = done.stdout

    def write(self, path, text):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def check(self, text, fragment=True, wrong=False):
        """'duel check' of an experiment, or of what becomes one with tests/docs/tiny.yaml."""
        if fragment:
            with open(TINY, encoding="utf-8") as file:
                sections = re.split(r"^(?=\S)", file.read(), flags=re.M)
            for own in ("game", "optimizer", "train", "data"):
                if re.search(rf"^{own}:", text, flags=re.M):
                    sections = [section for section in sections if not section.startswith(own + ":")]
            self.write("tiny.yaml", "".join(sections))
            text += "include: tiny.yaml\n"
        self.write("example.yaml", text)
        self.run(["duel", "check", "example.yaml"], fails=wrong)

    def yaml(self, kind, text):
        if kind == "":
            self.check(text, fragment=False)
        elif kind in ("fragment", "wrong"):
            self.check(text, wrong=kind == "wrong")
        elif kind == "layers":
            indented = "".join("      " + line if line.strip() else line for line in text.splitlines(True))
            self.check(f"networks:\n  generator:\n    layers:\n{indented}      - flatten\n      - linear: 2\n")
        elif kind == "objective":
            self.write("example_objective.yaml", text)
            self.check("game: {objective: ./example_objective.yaml}\n")
        else:
            raise Failed(f"there is no kind of yaml '{kind}'")

    def block(self, words, text):
        kind, options = words[0] if words else "", [word for word in words[1:] if not word.startswith("file=")]
        for word in words[1:]:
            if word.startswith("file="):
                self.write(word[5:], text)
                if kind == "c":
                    self.run([*COMPILE, word[5:]])
        if kind == "sh" and options in ([], ["fails"]):
            self.run(["bash", "-eo", "pipefail", "-c", text], fails=bool(options))
        elif kind == "yaml" and len(options) < 2:
            self.yaml(options[0] if options else "", text)
        elif kind == "diff" and not options:
            self.write("change.diff", text)
            self.run(["patch", "-p1", "-F3", "--no-backup-if-mismatch", "-i", "change.diff"])
            for path in re.findall(r"^\+\+\+ b/(\S+\.c)$", text, flags=re.M):
                self.run([*COMPILE, path])
        elif kind == "text" and options == ["output"]:
            if self.last is None or not agrees(text, self.last):
                raise Failed(f"this is not what was printed:\n{self.last}")
        elif kind not in NOT_RUN or options:
            raise Failed(f"what is to be done with a block of '{' '.join(words)}'?")

    def blocks(self):
        return blocks(os.path.join(SOURCE, self.name))

    def test(self):
        failures, count = 0, 0
        for line, words, text in self.blocks():
            count += 1
            try:
                self.block(words, text)
            except Failed as failed:
                failures += 1
                lines = str(failed).split("\n")
                print(f"{self.name}:{line}: " + "\n".join(lines[:LINES_SHOWN]) + ("\n…" if len(lines) > LINES_SHOWN else ""))
            except Missing as missing:
                print(f"{self.name}:{line}: skipped from here on: {missing}")
                break
        print(f"{self.name}: {count} blocks, {failures} wrong")
        return failures


# What the examples of --help speak of: a run of long ago, one with a sampler of its own, one to explore, and one that was stopped. Those that
# must fail, and those that want a program which may not be there.
BEFORE_HELP = """
duel train configs/points/ring.yaml --quiet --run-dir outputs/fashion-mlp/2026-11-21T10-15-00-1
cat > named.yaml << 'END'
include: configs/fashion-mlp.yaml
name: stylegan2-64
samplers: {truncated: {parameters: {psi: 0.7}, output: generator(psi * z)}}
END
duel train named.yaml --quiet
duel train configs/mnist-vae.yaml --quiet
"$DUEL" train configs/points/ring.yaml --quiet --set train.steps=1000000 --set 'outputs.checkpoints={every: 5 steps, keep: 1}' \\
    --run-dir outputs/ring/stopped &
until ls outputs/ring/stopped/checkpoints/*.h5; do sleep 0.1; done
kill -INT $!
wait $! || true
"""
FAILING_EXAMPLES = ["duel check fashion-mlp --set data.batch=0"]
WANTED_BY_EXAMPLES = ["jq"]


class Help(Document):
    """The examples of all commands, one after the other, as blocks that are run."""

    def told(self, *words):
        return subprocess.run([self.duel, *words], capture_output=True, text=True, check=True).stdout

    def blocks(self):
        self.environment["DUEL"] = self.duel
        yield "what comes before", ["sh"], BEFORE_HELP
        for command in self.told("completion", "commands").split():
            examples = re.findall(r"^  (\S.*)$", self.told(command, "--help").split("\nexamples:\n")[1], flags=re.M)
            if not examples:
                raise Failed(f"'duel {command} --help' has no examples")
            for example in examples:
                missing = [tool for tool in WANTED_BY_EXAMPLES if re.search(rf"\b{tool}\b", example) and not shutil.which(tool)]
                if missing:
                    print(f"{example}: skipped: there is no {missing[0]}")
                else:
                    yield example, ["sh", "fails"] if example in FAILING_EXAMPLES else ["sh"], example


def documents():
    names = ["README.md", "CONTRIBUTING.md", "datasets/README.md"]
    names += [f"docs/{name}" for name in sorted(os.listdir(os.path.join(SOURCE, "docs"))) if name.endswith(".md")]
    return names


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    duel, names, failures = os.path.abspath(sys.argv[1]), sys.argv[2:] or documents(), 0
    for name in names:
        if name in ELSEWHERE:
            print(f"{name}: tested by {ELSEWHERE[name]}")
            continue
        with tempfile.TemporaryDirectory() as scratch:
            try:
                failures += (Help if name == "--help" else Document)(name, duel, scratch).test()
            except Failed as failed:
                print(f"{name}: {failed}")
                failures += 1
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
