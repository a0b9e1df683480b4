"""Opens a run as its users do, and runs the examples of docs/run-folder.md: open_run.py WRITE_RUN [h5ls]

WRITE_RUN is the program that makes it (tests/write_run.c). By h5py and xarray, or by h5ls. Exit status 77: what it takes
to open it is not here.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def array_digest(path, step, array):
    """What docs/run-folder.md says that a digest covers."""
    shape = ",".join(map(str, array.shape))
    head = f"{path}\n{step}\n{array.dtype}\n{shape}\n"
    return hashlib.sha256(head.encode() + array.tobytes()).hexdigest()


def in_order(group):
    """Names in the order in which they were written; h5py before 3.8 lists them by name."""
    names = []
    group.id.links.iterate(lambda name: names.append(name.decode()), idx_type=h5py.h5.INDEX_CRT_ORDER)
    return names


def check_checkpoint(path):
    with h5py.File(path) as file:
        step = file.attrs["step"]
        assert file.attrs["duel_format"] == 1 and file.attrs["duel_kind"] == b"checkpoint" and step == 1000
        assert in_order(file) == ["config", "kernels", "counters", "parameters", "optimizer", "state", "averages"]
        assert in_order(file["parameters/generator"]) == ["linear_2", "linear_1"], "the order in which they were written"
        assert file["config"][()].decode() == "name: mnist-mlp\nseed: 1 # \u00e9\n"
        assert file["counters/images"][()] == 128000 and file["counters/cursor/data"][()] == -7
        weight = file["parameters/generator/linear_2/weight"]
        assert weight.dtype == "float32" and weight.shape == (2, 3)
        assert numpy.array_equal(weight, (numpy.arange(6) + 1000 / 16).reshape(2, 3))
        assert file["state/p"][()] == 1 / 3 + 1000 and file["state/p"].dtype == "float64"
        count = 0

        def check(name, item):
            nonlocal count
            if isinstance(item, h5py.Dataset) and name not in ("config", "kernels"):
                count += 1
                assert item.attrs["sha256"].decode() == array_digest(name, step, item[()]), name

        file.visititems(check)
        assert count == 8 + 4
        text = file["config"]
        head = b"config\n1000\ntext\n\n"
        assert text.attrs["sha256"].decode() == hashlib.sha256(head + text[()]).hexdigest()
    group = xarray.open_dataset(path, group="parameters/generator/linear_2", engine="h5netcdf", phony_dims="sort")
    assert group["weight"].shape == (2, 3)


def check_samples(folder):
    with h5py.File(folder / "step-00001000.h5") as file:
        images = file["images"]
        assert images.dtype == "uint8" and images.shape == (2, 3, 4, 1) and images.chunks is None
        assert numpy.array_equal(images[()].ravel(), numpy.arange(24) * 10)
        assert file.attrs["step"] == 1000
        assert images.attrs["CLASS"] == b"IMAGE" and images.attrs["IMAGE_SUBCLASS"] == b"IMAGE_GRAYSCALE"
        assert [axis.label or axis.keys()[0] for axis in images.dims] == ["sample", "row", "column", "channel"]
        raw = (folder / "step-00001000.h5").read_bytes()[images.id.get_offset() :][:24]
        assert raw == images[()].tobytes()
    with xarray.open_dataset(folder / "step-00001000.h5", engine="h5netcdf") as data:
        assert dict(data.sizes) == {"sample": 2, "row": 3, "column": 4, "channel": 1, "latent": 5}
        assert data["labels"].values.tolist() == [7, 9] and data["latents"].dims == ("sample", "latent")
        assert data["latents"].values[1, 4] == 9 / 4
    with xarray.open_dataset(folder / "step-00002000.h5", engine="h5netcdf") as data:
        assert data["points"].dims == ("sample", "coordinate") and data["points"].values.ravel().tolist() == [0, 1, 2, 3, 4, 5]


def check_metrics(run):
    with h5py.File(run / "metrics.h5") as file:
        loss = file["discriminator.loss"]
        assert loss.shuffle and loss.compression == "gzip" and loss.fletcher32 and loss.dtype == "float64"
        assert loss.dims[0][0] == file["step"] and in_order(file) == ["step", "epoch", "discriminator.loss"]
    with xarray.open_dataset(run / "metrics.h5", engine="h5netcdf") as data:
        loss = data["discriminator.loss"]
        assert loss.dims == ("step",) and data["step"].values.tolist() == list(range(1, 1001))
        assert float(loss.sel(step=1000)) == 500 and numpy.isnan(loss.sel(step=3)) and float(data["epoch"][-1]) == 10
    lines = (run / "metrics.jsonl").read_text().splitlines()
    assert len(lines) == 1000 and json.loads(lines[2]) == {"step": 3, "epoch": 0.03, "discriminator.loss": None}
    table = (run / "plots/metrics.tsv").read_text().splitlines()
    assert table[0].split("\t") == ["step", "epoch", "discriminator.loss"] and table[3] == "3\t0.03\tnan"


def check_by_h5ls(run):
    def listing(name):
        return subprocess.run(["h5ls", "-r", run / name], check=True, capture_output=True, text=True).stdout

    text = listing("checkpoints/step-00001000.h5")
    assert "/parameters/generator/linear_2/weight Dataset {2, 3}" in text and "/state/p" in text, text
    assert "/images                  Dataset {2, 3, 4, 1}" in listing("samples/step-00001000.h5")
    assert "/discriminator.loss      Dataset {1000}" in listing("metrics.h5")


def examples(language):
    text = (pathlib.Path(__file__).parent.parent / "docs/run-folder.md").read_text()
    found = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found
    return found


by_h5ls = sys.argv[2:] == ["h5ls"]
if by_h5ls and not shutil.which("h5ls"):
    skip("there is no h5ls here (Debian: hdf5-tools)")
if not by_h5ls:
    try:
        import h5netcdf  # what xarray reads HDF5 with
        import h5py
        import numpy
        import xarray
    except ImportError as error:
        skip(f"{error} (pip: h5py xarray h5netcdf)")
with tempfile.TemporaryDirectory() as above:
    run = pathlib.Path(above) / "run"
    subprocess.run([sys.argv[1], run], check=True)
    os.chdir(run)
    if by_h5ls:
        check_by_h5ls(run)
        for example in examples("sh"):
            subprocess.run(["sh", "-ec", example], check=True, stdout=subprocess.DEVNULL)
    else:
        check_checkpoint(run / "checkpoints/step-00001000.h5")
        check_samples(run / "samples")
        check_metrics(run)
        for example in examples("python"):
            exec(example, {})
    os.chdir(above)
