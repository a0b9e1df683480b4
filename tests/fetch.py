#!/usr/bin/env python3
"""Fetching over HTTP from a server on the loopback address that does what servers do.

    tests/fetch.py FETCH_TOOL DUEL

FETCH_TOOL (fetch_tool.c) fetches one file of any content. DUEL fetches MNIST from the same server where $DUEL_DATA has it.
Nothing leaves this machine, and every wait has an end.
"""
import fcntl
import hashlib
import http.server
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

TOOL, DUEL = (os.path.abspath(path) for path in sys.argv[1:3])
DATA = bytes((i * i + (i >> 8) * 7) & 255 for i in range(300_000))
DIGEST = hashlib.sha256(DATA).hexdigest()
NAME = "data.gz"
HALF = 150_000
WAIT = 30  # seconds, at most
MNIST = [f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]


class Handler(http.server.BaseHTTPRequestHandler):
    """The first part of the path says how the server behaves."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        _, how, name = self.path.split("/", 2)
        self.server.requests.append((how, self.headers.get("Range")))
        self.close_connection = True
        getattr(self, "do_" + how)(name)

    def reply(self, status, body, total=None, **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if total is None else total))
        self.end_headers()
        self.wfile.write(body)

    def ranged(self, data, most=None):
        """The part that is asked for, or its first `most` bytes."""
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        begin = int(asked[1]) if asked else 0
        if begin >= len(data):
            return self.reply(416, b"", Content_Range=f"bytes */{len(data)}")
        body = data[begin:]
        shown = body if most is None else body[:most]
        if asked:
            self.reply(206, shown, len(body), Content_Range=f"bytes {begin}-{len(data) - 1}/{len(data)}")
        else:
            self.reply(200, shown, len(body))

    def do_good(self, _):
        self.ranged(DATA)

    def do_plain(self, _):
        """Knows nothing of ranges."""
        self.reply(200, DATA)

    def do_broken(self, _):
        """Breaks off after a while, each time."""
        self.ranged(DATA, HALF)

    def do_dead(self, _):
        """Breaks off at once."""
        self.ranged(DATA, 0)

    def do_wrong(self, _):
        self.ranged(bytes(len(DATA)))

    def do_wrongbroken(self, _):
        """Half of something else, then the right rest."""
        if self.headers.get("Range"):
            return self.ranged(DATA)
        if self.server.requests.count(("wrongbroken", None)) > 1:
            return self.ranged(DATA)
        self.ranged(bytes(len(DATA)), HALF)

    def do_short(self, _):
        self.ranged(DATA[:-1])

    def do_long(self, _):
        self.ranged(DATA + b"more")

    def do_lying(self, _):
        """Another part than the one asked for."""
        if self.headers.get("Range"):
            return self.reply(206, DATA[:HALF], Content_Range=f"bytes 0-{HALF - 1}/{len(DATA)}")
        self.reply(200, DATA)

    def do_missing(self, _):
        self.reply(404, b"there is no such file")

    def do_failing(self, _):
        self.reply(500, b"")

    def do_moved(self, name):
        self.reply(302, b"", Location=f"/good/{name}")

    def do_away(self, _):
        self.reply(302, b"", Location="file:///etc/passwd")

    def do_around(self, name):
        self.reply(302, b"", Location=f"/around/{name}")

    def do_slow(self, _):
        """Half, then nothing until the test has ended."""
        self.ranged(DATA, HALF)
        self.wfile.flush()
        self.server.over.wait(WAIT)

    def do_mnist(self, name):
        with open(os.path.join(os.environ["DUEL_DATA"], "mnist", name), "rb") as file:
            self.ranged(file.read())


class Case(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.requests, self.server.over = [], threading.Event()
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.scratch = tempfile.mkdtemp()
        self.folder = os.path.join(self.scratch, "a/b")
        self.path, self.part = os.path.join(self.folder, NAME), os.path.join(self.folder, NAME + ".part")
        self.environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}

    def tearDown(self):
        self.server.over.set()
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.scratch)

    def command(self, *mirrors):
        return [TOOL, self.folder, NAME, str(len(DATA)), DIGEST, *(m if "//" in m else f"{self.address}/{m}" for m in mirrors)]

    def fetch(self, status, *mirrors, **options):
        done = subprocess.run(self.command(*mirrors), capture_output=True, text=True, timeout=WAIT, env=self.environment,
                              check=False, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        self.said, self.told = done.stderr, done.stdout
        return done

    def has_part(self, data):
        os.makedirs(self.folder, exist_ok=True)
        with open(self.part, "wb") as file:
            file.write(data)

    def expect_good(self):
        with open(self.path, "rb") as file:
            self.assertEqual(file.read(), DATA)
        self.assertEqual(os.listdir(self.folder), [NAME])
        self.assertIn(f"good {NAME}", self.told)

    def expect_part(self, size):
        """Nothing has the file's name, and so much of it is kept."""
        self.assertEqual(os.listdir(self.folder), [NAME + ".part"] if size else [])
        if size:
            with open(self.part, "rb") as file:
                self.assertEqual(file.read(), DATA[:size])


class Fetch(Case):
    def test_whole(self):
        self.fetch(0, "good/")
        self.expect_good()
        self.assertEqual(self.server.requests, [("good", None)])
        self.assertIn(f"bytes {NAME} {len(DATA)}", self.told)
        self.fetch(0, "good/")
        self.assertIn(f"there {NAME}", self.told)
        self.assertEqual(len(self.server.requests), 1)

    def test_goes_on_after_a_break(self):
        self.fetch(0, "broken")
        self.expect_good()
        self.assertEqual(self.server.requests, [("broken", None), ("broken", f"bytes={HALF}-")])

    def test_goes_on_at_the_next_start(self):
        self.has_part(DATA[:1234])
        self.fetch(0, "good")
        self.expect_good()
        self.assertEqual(self.server.requests, [("good", "bytes=1234-")])

    def test_a_part_that_is_whole_is_only_checked(self):
        self.has_part(DATA)
        self.fetch(0, "good")
        self.expect_good()
        self.assertEqual(self.server.requests, [])

    def test_begins_anew_where_ranges_are_not_known(self):
        for how in "plain", "lying":
            self.has_part(DATA[:HALF])
            self.fetch(0, how)
            self.expect_good()
            self.assertEqual(self.server.requests, [(how, f"bytes={HALF}-"), (how, None)])
            self.server.requests.clear()
            os.remove(self.path)

    def test_a_wrong_beginning_is_thrown_away(self):
        self.has_part(bytes(1234))
        self.fetch(0, "good")
        self.expect_good()
        self.assertEqual(self.server.requests, [("good", "bytes=1234-"), ("good", None)])
        os.remove(self.path)
        self.fetch(0, "wrongbroken")
        self.expect_good()

    def test_a_part_that_is_too_long_is_thrown_away(self):
        self.has_part(DATA + b"x")
        self.fetch(0, "good")
        self.expect_good()

    def test_the_next_mirror_is_asked(self):
        self.fetch(0, "missing", "failing", "wrong", "short", "long", "away", "around", "dead", "http://127.0.0.1:1", "good")
        self.expect_good()
        for text in ("missing: The requested URL returned error: 404", "failing: The requested URL returned error: 500",
                     "wrong: what it sends is not the published file", "short: its file is shorter", "long: its file is longer"):
            self.assertIn(text, self.told)
        self.assertEqual(self.told.count("failed "), 9)

    def test_another_mirror_goes_on(self):
        self.has_part(DATA[:HALF])
        self.fetch(0, "missing", "good")
        self.expect_good()
        self.assertEqual(self.server.requests, [("missing", f"bytes={HALF}-"), ("good", f"bytes={HALF}-")])

    def test_redirections_are_followed(self):
        self.fetch(0, "moved")
        self.expect_good()

    def test_only_the_published_file_is_kept(self):
        for how in "wrong", "short", "long":
            self.fetch(65, how)
            self.expect_part(0)
            self.assertIn(f"{self.address}/{how}: ", self.said)

    def test_no_mirror_has_it(self):
        self.fetch(66, "missing", "away")
        self.expect_part(0)
        self.assertIn(f"no mirror has '{NAME}':", self.said)
        self.has_part(DATA[:100])
        self.fetch(66, "missing")
        self.expect_part(100)

    def test_a_wrong_file_of_that_name_is_replaced(self):
        os.makedirs(self.folder)
        with open(self.path, "wb") as file:
            file.write(b"something else")
        self.fetch(66, "missing")
        self.assertEqual(os.listdir(self.folder), [NAME])  # the user's, until there is a better one
        self.fetch(0, "good")
        self.expect_good()

    def test_a_full_disk(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (HALF, HALF))
        self.fetch(74, "good", preexec_fn=limit)
        self.assertIn(f"cannot write '{self.part}': File too large", self.said)
        self.expect_part(HALF)
        self.fetch(0, "good")
        self.expect_good()

    def test_a_folder_that_cannot_be_written(self):
        os.makedirs(self.folder)
        os.rmdir(self.folder)
        with open(self.folder, "w", encoding="utf-8"):
            pass
        self.fetch(74, "good")
        self.assertIn("is not a folder", self.said)
        os.remove(self.folder)
        os.makedirs(self.part)
        self.fetch(74, "good")
        self.assertIn(f"cannot write '{self.part}'", self.said)

    def test_one_at_a_time(self):
        self.has_part(DATA[:10])
        with open(self.part, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.fetch(74, "good")
            self.assertIn("is being fetched by another process", self.said)
        self.expect_part(10)

    def test_stopped_by_a_signal(self):
        with subprocess.Popen(self.command("slow"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=self.environment) as process:
            end = time.monotonic() + WAIT
            while time.monotonic() < end and not (os.path.exists(self.part) and os.path.getsize(self.part) == HALF):
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=WAIT)
        self.assertEqual(process.returncode, 75, said)
        self.assertIn("goes on", said)
        self.expect_part(HALF)
        self.fetch(0, "good")
        self.expect_good()

    def test_an_unknown_certificate(self):
        made = shutil.which("openssl") and subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "2", "-keyout",
             f"{self.scratch}/key", "-out", f"{self.scratch}/certificate"], capture_output=True, check=False).returncode == 0
        if not made:
            self.skipTest("openssl is not there")
        import ssl
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{self.scratch}/certificate", f"{self.scratch}/key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.fetch(66, f"https://127.0.0.1:{self.server.server_port}/good")
        self.assertIn("certificate", self.said)
        self.assertEqual(self.server.requests, [])


class Command(Case):
    def duel(self, status, *words):
        environment = dict(self.environment, HOME=self.scratch, XDG_DATA_HOME=f"{self.scratch}/xdg", NO_COLOR="1")
        environment.pop("DUEL_DATA", None)
        done = subprocess.run([DUEL, *words], capture_output=True, text=True, timeout=2 * WAIT, env=environment,
                              cwd=self.scratch, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def test_what_is_wrong_with_the_command_line(self):
        self.assertIn("did you mean 'mnist'?", self.duel(64, "fetch", "minst").stderr)
        self.assertIn("its points are drawn", self.duel(64, "fetch", "ring").stderr)
        self.assertIn("wants an address", self.duel(64, "fetch", "mnist", "--mirror", "ftp://127.0.0.1/").stderr)

    def test_no_mirror_has_it(self):
        done = self.duel(66, "fetch", "mnist", "--mirror", f"{self.address}/missing")
        self.assertIn("no mirror has 'train-images-idx3-ubyte.gz'", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_training_says_what_to_run(self):
        self.assertIn("run 'duel fetch mnist'", self.duel(66, "train", "mnist-mlp", "--quiet").stderr)

    def test_mnist(self):
        here = os.path.join(os.environ.get("DUEL_DATA", "/nonexistent"), "mnist")
        if not all(os.path.exists(os.path.join(here, name)) for name in MNIST):
            self.skipTest("MNIST is not on this machine")
        done = self.duel(0, "fetch", "mnist", "--mirror", f"{self.address}/mnist/")
        folder = f"{self.scratch}/xdg/duel/datasets/mnist"
        self.assertEqual(done.stdout, folder + "\n")
        self.assertEqual(sorted(os.listdir(folder)), sorted(MNIST))
        self.assertEqual(done.stderr.count("fetched, SHA-256 as published"), 4)
        self.duel(0, "check", "mnist-mlp")
        done = self.duel(0, "fetch", "mnist", "--mirror", f"{self.address}/missing/")
        self.assertEqual(done.stderr.count("is there already"), 4)
        done = self.duel(0, "fetch", "mnist", "--mirror", f"{self.address}/mnist", "--to", "here", "--quiet")
        self.assertEqual(done.stdout, "here/mnist\n")
        self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
