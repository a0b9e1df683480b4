"""What the scripts of this folder share: the data, the processes, the facts of the machine."""

import datetime
import gzip
import math
import os
import pathlib
import random
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
COUNT, PIXELS = 60000, 784
ARRAY_BYTES, ARRAY_HEADER_BYTES = COUNT * PIXELS, 128
FILES = {"images": "train-images-idx3-ubyte", "labels": "train-labels-idx1-ubyte"}


def configuration(name):
    return ROOT / "configs" / f"{name}.yaml"


# ---- data ----


def idx_header(what):
    sizes = [COUNT, 28, 28] if what == "images" else [COUNT]
    words = [0x0800 + len(sizes), *sizes]
    return b"".join(word.to_bytes(4, "big") for word in words)


def write_random_mnist(folder):
    """MNIST's two files for training, with random bytes. Written in pieces: a process that starts another hands its
    own peak of memory on to it."""
    folder.mkdir(parents=True)
    source = random.Random(1)
    with open(folder / FILES["images"], "wb") as file:
        file.write(idx_header("images"))
        for _ in range(COUNT // 1000):
            file.write(source.randbytes(1000 * PIXELS))
    with open(folder / FILES["labels"], "wb") as file:
        file.write(idx_header("labels") + bytes(i % 10 for i in range(COUNT)))


def write_random_array(path, shape):
    """Random bytes as an NPY file: as many examples of the shape as the size of MNIST's images has room for."""
    size = math.prod(shape)
    shape = (ARRAY_BYTES // size, *shape)
    told = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"
    length = ARRAY_HEADER_BYTES - 10
    source = random.Random(1)
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + length.to_bytes(2, "little") + f"{told:<{length - 1}}\n".encode())
        for _ in range(shape[0]):
            file.write(source.randbytes(size))


def array_bytes(shape):
    size = math.prod(shape)
    return ARRAY_BYTES // size * size


def copy_in_pieces(source, target):
    while piece := source.read(1 << 20):
        target.write(piece)


def find_real_images():
    """A folder with MNIST or Fashion-MNIST, which have the same shape."""
    roots = [os.environ.get("DUEL_DATA"), pathlib.Path.home() / ".local/share/duel/datasets", "/usr/share/datasets"]
    for root in filter(None, roots):
        for name in ("mnist", "fashion-mnist"):
            folder = pathlib.Path(root) / name
            if any((folder / (FILES["images"] + ending)).is_file() for ending in ("", ".gz")):
                return folder
    return None


def copy_mnist(source, plain, gzipped):
    """The files of `source`, unpacked, in the folder `plain`, and gzipped, in `gzipped`; what is gzipped stays as it is."""
    plain.mkdir(parents=True)
    gzipped.mkdir(parents=True)
    for name in FILES.values():
        packed, bare = source / f"{name}.gz", source / name
        with gzip.open(packed) if packed.is_file() else open(bare, "rb") as file, open(plain / name, "wb") as copy:
            copy_in_pieces(file, copy)
        with open(packed if packed.is_file() else bare, "rb") as file, open(gzipped / packed.name, "wb") as copy:
            if packed.is_file():
                copy_in_pieces(file, copy)
            else:
                with gzip.GzipFile(fileobj=copy, mode="wb", compresslevel=6) as packing:
                    copy_in_pieces(file, packing)


# ---- processes ----


def environment(data=None):
    """What every contender runs in: two threads, whatever library counts them."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC")
    own = dict(os.environ, **{name: "2" for name in names})
    own["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=true intra_op_parallelism_threads=2"
    own["JAX_PLATFORMS"] = "cpu"
    if data:
        own["DUEL_DATA"] = str(data)
    return own


def two_processors():
    """Two processors, on two cores where there are two; this process and its children stay on them."""
    cores = {}
    for cpu in sorted(os.sched_getaffinity(0)):
        siblings = pathlib.Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        cores.setdefault(siblings.read_text() if siblings.is_file() else cpu, []).append(cpu)
    ranked = sorted((rank, cpu) for core in cores.values() for rank, cpu in enumerate(core))
    os.sched_setaffinity(0, [cpu for _, cpu in ranked[:2]])


def overrides(settings):
    return [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]


def run(command, **options):
    """Standard output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stderr}{done.stdout}")
    return done.stdout


# ---- facts ----


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text() if os.path.exists("/proc/cpuinfo") else ""
    found = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    return found[1] if found else os.uname().machine


def commit():
    done = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return done.stdout.strip() or None


def machine(duel):
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "processors": os.cpu_count(),
        "used": sorted(os.sched_getaffinity(0)),
        "load_before": os.getloadavg()[0],
        "system": f"{os.uname().sysname} {os.uname().release} {os.uname().machine}",
        "commit": commit(),
        "duel": run([duel, "--version"]).strip(),
    }
