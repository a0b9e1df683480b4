#!/usr/bin/env python3
"""Opens what 'duel export' writes: tests/export.py DUEL

By hand, from the formats' own descriptions; and with the programs for which it is meant, where this Python has them: numpy,
safetensors, tensorboard. What is not there is named. A small run is trained for it.
"""
import csv
import importlib.util
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib

TESTS = os.path.dirname(os.path.abspath(__file__))
DUEL = os.path.abspath(sys.argv[1])
KINDS = {"F32": ("f", 4), "F64": ("d", 8), "I32": ("i", 4), "I64": ("q", 8), "U8": ("B", 1)}
DESCR = {"<f4": "f", "<f8": "d", "<i4": "i", "<i8": "q", "|u1": "B"}


def has(name):
    if importlib.util.find_spec(name):
        return True
    print(f"not here, so not tried: {name}")
    return False


def duel(*arguments, status=0):
    done = subprocess.run([DUEL, *arguments], capture_output=True, text=True, env=dict(os.environ, NO_COLOR="1"))
    assert done.returncode == status, f"{arguments}: status {done.returncode}: {done.stderr}"
    return done.stdout.strip() if status == 0 else done.stderr


def read_npy(path):
    """Shape and numbers, after the description of the format."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x93NUMPY\x01\x00"
    length = struct.unpack("<H", data[8:10])[0]
    assert (10 + length) % 64 == 0 and data[9 + length] == 10
    header = eval(data[10:10 + length].decode("ascii"), {}, {})
    assert sorted(header) == ["descr", "fortran_order", "shape"] and header["fortran_order"] is False
    count = 1
    for extent in header["shape"]:
        count *= extent
    return header["shape"], struct.unpack(f"<{count}{DESCR[header['descr']]}", data[10 + length:])


def read_safetensors(path):
    """Metadata, and name: (type, shape, numbers)."""
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    assert length % 8 == 0 and data[8:9] == b"{"
    header = json.loads(data[8:8 + length])
    metadata, tensors, end = header.pop("__metadata__"), {}, 0
    assert all(isinstance(text, str) for text in metadata.values())
    for name, about in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        letter, size = KINDS[about["dtype"]]
        start, stop = about["data_offsets"]
        count = 1
        for extent in about["shape"]:
            count *= extent
        assert start == end and stop - start == count * size, "there are gaps"
        assert start % size == 0, "it is not aligned"
        tensors[name] = about["dtype"], tuple(about["shape"]), struct.unpack(
            f"<{count}{letter}", data[8 + length + start:8 + length + stop])
        end = stop
    assert 8 + length + end == len(data)
    return metadata, tensors


def crc32c(data):
    sum = 0xFFFFFFFF
    for byte in data:
        sum ^= byte
        for _ in range(8):
            sum = sum >> 1 ^ (0x82F63B78 if sum & 1 else 0)
    return ~sum & 0xFFFFFFFF


def masked(data):
    sum = crc32c(data)
    return ((sum >> 15 | sum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    assert crc32c(b"123456789") == 0xE3069283  # the check value of CRC-32C
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at < len(data):
        length, = struct.unpack("<Q", data[at:at + 8])
        assert struct.unpack("<I", data[at + 8:at + 12])[0] == masked(data[at:at + 8])
        message = data[at + 12:at + 12 + length]
        assert struct.unpack("<I", data[at + 12 + length:at + 16 + length])[0] == masked(message)
        yield message
        at += 16 + length
    assert at == len(data)


def fields(message):
    """(field, value) of a message of protocol buffers."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        wire = key & 7
        if wire == 0:
            yield key >> 3, varint()
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            yield key >> 3, struct.unpack("<d" if wire == 1 else "<f", message[at:at + size])[0]
            at += size
        else:
            assert wire == 2
            size = varint()
            yield key >> 3, message[at:at + size]
            at += size


def read_events(path):
    """{(tag, step): value}, and the times."""
    found, times = {}, []
    for number, message in enumerate(records(path)):
        event = dict(fields(message))
        times.append(event[1])
        if number == 0:
            assert event[3] == b"brain.Event:2"
            continue
        for field, value in fields(event[5]):
            scalar = dict(fields(value))
            assert field == 1 and sorted(scalar) == [1, 2]
            found[scalar[1].decode(), event[2]] = scalar[2]
    return found, times


def read_metrics(run):
    """The record: {(name, step): value}."""
    found = {}
    with open(f"{run}/metrics.jsonl") as file:
        for line in file:
            row = json.loads(line)
            step = row.pop("step")
            found.update({(name, step): value for name, value in row.items() if value is not None})
    return found


def as_float32(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


def check_parameters(run):
    path = duel("export", run, "--out", "model.safetensors")
    assert path == "model.safetensors"
    metadata, tensors = read_safetensors(path)
    assert metadata["step"] == "60" and metadata["name"] == "ring-test"
    names = {f"{network}/{layer}/{leaf}" for network in ("generator", "shadow") for layer, leaf in
             (("linear_1", "weight"), ("linear_1", "bias"), ("linear_2", "weight"), ("linear_2", "bias"))}
    assert names <= set(tensors), sorted(tensors)
    assert not any("adam" in name for name in tensors)
    assert any(name.startswith("generator/batch_norm_1/") for name in tensors)
    kind, shape, numbers = tensors["generator/linear_2/weight"]
    assert (kind, shape) == ("F32", (8, 2)) and len(set(numbers)) == 16

    folder = duel("export", run, "--what", "parameters", "--format", "npy")
    assert folder == "ring-test-step-00000060"
    for name, (kind, shape, numbers) in tensors.items():
        assert read_npy(f"{folder}/{name}.npy") == (shape, numbers), name
    older = duel("export", f"{run}/checkpoints/step-00000049.h5")
    assert read_safetensors(older)[0]["step"] == "49" and older == "ring-test-step-00000049.safetensors"
    assert read_safetensors(duel("export", run, "--step", "49", "--out", "49.safetensors"))[1] == read_safetensors(older)[1]
    if has("safetensors") and has("numpy"):
        from safetensors import safe_open
        with safe_open(path, framework="numpy") as file:
            assert file.metadata() == metadata and set(file.keys()) == set(tensors)
            for name, (kind, shape, numbers) in tensors.items():
                array = file.get_tensor(name)
                assert array.shape == shape and tuple(array.ravel()) == numbers
        print("opened by safetensors")
    if has("numpy"):
        import numpy
        array = numpy.load(f"{folder}/generator/linear_2/weight.npy")
        assert array.shape == (8, 2) and array.dtype == "float32" and tuple(array.ravel()) == \
            tensors["generator/linear_2/weight"][2]


def check_metrics(run):
    wanted = read_metrics(run)
    with open(duel("export", run, "--what", "metrics"), newline="") as file:
        rows = list(csv.DictReader(file))
    found = {(name, int(row["step"])): float(text) for row in rows for name, text in row.items() if text and name != "step"}
    assert found == wanted

    folder = duel("export", run, "--format", "tensorboard", "--out", "logs/ring")
    files = os.listdir(folder)
    assert len(files) == 1 and "tfevents" in files[0]
    events, times = read_events(f"{folder}/{files[0]}")
    assert events == {key: as_float32(value) for key, value in wanted.items()}
    assert times == sorted(times) and times[0] > 1.6e9
    if has("tensorboard"):
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        board = EventAccumulator("logs/ring", size_guidance={"scalars": 0})
        board.Reload()
        tags = board.Tags()["scalars"]
        assert set(tags) == {name for name, step in wanted}
        assert {(tag, s.step): s.value for tag in tags for s in board.Scalars(tag)} == events
        print("opened by tensorboard")
    if has("tbparse"):
        from tbparse import SummaryReader
        table = SummaryReader("logs/ring").scalars
        assert len(table) == len(events)
        assert all(events[row.tag, row.step] == as_float32(row.value) for row in table.itertuples())
        print("opened by tbparse")


def read_png(path):
    """Width, height, channels and bytes of a PNG without interlacing, filters undone."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colours = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    channels = {0: 1, 2: 3}[colours]
    raw, line, rows = zlib.decompress(packed), width * channels, []
    assert depth == 8
    for y in range(height):
        method, now = raw[y * (line + 1)], bytearray(raw[y * (line + 1) + 1:(y + 1) * (line + 1)])
        above = rows[-1] if rows else bytes(line)
        for i in range(line):
            a, b = (now[i - channels] if i >= channels else 0), above[i]
            c = above[i - channels] if i >= channels else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            now[i] = (now[i] + (0, a, b, (a + b) // 2, paeth)[method]) & 255
        rows.append(bytes(now))
    return width, height, channels, b"".join(rows)


def check_samples(run, images):
    shape, points = read_npy(duel("export", run, "--out", "points.npy"))
    assert shape == (16, 2)
    folder = duel("export", run, "--what", "samples", "--format", "npy", "--out", "all")
    assert sorted(os.listdir(folder)) == [
        f"{name}.npy" for name in ("arrows", "field", "field_x", "field_y", "latents", "points", "real")]
    assert read_npy("all/field.npy")[0] == (64, 64) and read_npy("all/arrows.npy")[0] == (16, 2)
    assert read_npy("all/points.npy") == (shape, points)
    assert read_npy("all/real.npy")[0] == (256, 2) and read_npy("all/latents.npy")[0] == (16, 2)
    assert "npy" in duel("export", run, "--what", "samples", status=64)

    shape, pixels = read_npy(duel("export", images, "--out", "images.npy"))
    assert shape == (16, 2, 2, 1)
    folder = duel("export", images, "--what", "samples", "--out", "./pictures")
    assert sorted(os.listdir(folder)) == [f"{i:05}.png" for i in range(16)]
    for i in range(16):
        assert read_png(f"pictures/{i:05}.png") == (2, 2, 1, bytes(pixels[4 * i:4 * i + 4]))
    width, height, channels, _ = read_png(duel("export", images, "--out", "grid.png", "--step", "20"))
    assert (width, height, channels) == (4 * 4 - 2, 4 * 4 - 2, 1)


def check_refusals(run):
    before = open("model.safetensors", "rb").read()
    assert "there already" in duel("export", run, "--out", "model.safetensors", "--step", "49", status=64)
    assert open("model.safetensors", "rb").read() == before
    duel("export", run, "--out", "model.safetensors", "--step", "49", "--force")
    assert open("model.safetensors", "rb").read() != before
    assert "there already" in duel("export", run, "--out", "logs/ring", "--format", "tensorboard", status=64)
    assert "does not tell a format" in duel("export", run, "--out", "model.pt", status=64)
    assert "--what" in duel("export", run, "--format", "npy", status=64)
    assert "no format 'csv' for samples" in duel("export", run, "--what", "samples", "--format", "csv", status=64)
    assert "'--what' is" in duel("export", run, "--what", "weights", status=64)
    assert "there are steps 49, 56, 60" in duel("export", run, "--step", "5", "--out", "none.safetensors", status=66)
    duel("export", "nowhere", status=66)
    duel("export", run, "--out", "model.safetensors/below.csv", status=74)
    left = [name for _, _, names in os.walk(".") for name in names if name.endswith(".tmp")]
    assert not left, left


def main():
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        run = duel("train", f"{TESTS}/cli/ring.yaml", "--quiet", "--run-dir", "run")
        with open(f"{TESTS}/cli/ring.yaml") as file:
            text = file.read().replace("data: {source: ring, count: 256, batch: 16}",
                                       "data: {source: idx, images: images.idx, batch: 8}")
        with open("idx.yaml", "w") as file:
            file.write(text.replace("- linear: 2\n", "- linear: 4\n      - reshape: [2, 2, 1]\n")
                       .replace("    inputs: [x]\n    layers:\n", "    inputs: [x]\n    layers:\n      - flatten\n"))
        with open("images.idx", "wb") as file:
            file.write(struct.pack(">4I", 0x803, 64, 2, 2) + bytes(range(256)))
        images = duel("train", "idx.yaml", "--quiet", "--run-dir", "images", "--set", "train.steps=20")
        check_parameters(run)
        check_metrics(run)
        check_samples(run, images)
        check_refusals(run)


if __name__ == "__main__":
    main()
