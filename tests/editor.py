#!/usr/bin/env python3
"""What an editor shows: talks to yaml-language-server as one does, about a file that names the schema.

    tests/editor.py [SERVER…]       'yaml-language-server --stdio' if none is named; skipped (status 77) where it is not there

Completion must offer what the rows know, a hover must explain it, and mistakes, and nothing else, must be marked.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "configs" / "schema" / "experiment.json"
FILE = f"""# yaml-language-server: $schema={SCHEMA.as_uri()}
name: edited
data: {{source: ring, batch: 0}}
latent: {{z: normal(4)}}
networks:
  generator:
    inputs: [z]
    layers:
      - linear: 8
      - leaky_rleu: 0.2
      - linear: {{units: 2, bais: false}}
  discriminator:
    inputs: [x]
    layers:
      - l
      - linear: {{}}
      - linear: 2 * 3
optimizer: {{adam: {{lr: -1, }}}}
game: {{objective: hinge}}
train: {{steps: 10}}
"""
WRONG = ["data: {source: ring, batch: 0}", "      - leaky_rleu: 0.2", "      - linear: {units: 2, bais: false}", "      - l",
         "      - linear: {}", "optimizer: {adam: {lr: -1, }}"]
# Behind what the cursor stands, and what must be offered there or shown of it.
OFFERED = [("optimizer: {adam: {lr: -1, ", ["betas", "epsilon"]), ("      - l\n", ["linear", "leaky_relu", "batch_norm"])]
SHOWN = [("      - lin", ["y = x W + b"]), ("data: {source: ring, bat", ["examples in one draw", "default 64"])]


class Server:
    """One end of the language server protocol."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number, self.diagnostics = 0, None

    def write(self, **message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def read(self):
        length = 0
        while line := self.process.stdout.readline().strip():
            name, value = line.split(b":", 1)
            if name.lower() == b"content-length":
                length = int(value)
        return json.loads(self.process.stdout.read(length))

    def take(self):
        """The next message; what the server asks is answered with nothing."""
        message = self.read()
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics = message["params"]["diagnostics"]
        elif "id" in message and "method" in message:
            self.write(id=message["id"], result=None)
        return message

    def ask(self, method, parameters):
        self.number += 1
        self.write(method=method, params=parameters, id=self.number)
        while True:
            message = self.take()
            if message.get("id") == self.number and "method" not in message:
                return message.get("result")

    def open(self, uri, text):
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self.write(method="initialized", params={})
        self.write(method="workspace/didChangeConfiguration", params={"settings": {"yaml": {
            "validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}}})
        self.write(method="textDocument/didOpen",
                   params={"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
        while not self.diagnostics:
            self.take()


def place(before):
    """Line and column of the cursor behind this text, or at the end of the line that is this text."""
    at = FILE.index("\n" + before) + 1 + len(before.rstrip("\n"))
    return {"line": FILE.count("\n", 0, at), "character": at - FILE.rfind("\n", 0, at) - 1}


def check(server, uri):
    lines, wrong = FILE.splitlines(), []
    for mark in server.diagnostics:
        print(f"{mark['range']['start']['line'] + 1}: {mark['message']}")
    marked = {lines[mark["range"]["start"]["line"]] for mark in server.diagnostics}
    wrong += [f"not marked: {line}" for line in WRONG if line not in marked]
    wrong += [f"marked: {line}" for line in marked if line not in WRONG]
    for before, names in OFFERED:
        answer = server.ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": place(before)})
        offered = [item["label"] for item in (answer["items"] if isinstance(answer, dict) else answer or [])]
        wrong += [f"not offered behind '{before.strip()}': {name}" for name in names if name not in offered]
    for before, words in SHOWN:
        answer = server.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": place(before)})
        shown = json.dumps(answer).replace("\\", "")
        wrong += [f"not shown at '{before.strip()}': {word}" for word in words if word not in shown]
    return wrong


def main():
    command = sys.argv[1:] or ["yaml-language-server", "--stdio"]
    if not shutil.which(command[0]):
        print(f"skipped: there is no {command[0]}")
        return 77
    server = Server(command)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "edited.yaml"
        path.write_text(FILE, encoding="utf-8")
        server.open(path.as_uri(), FILE)
        wrong = check(server, path.as_uri())
    server.process.kill()
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
