#!/usr/bin/env python3
"""Explorations of a small run, from outside: tests/explore.py DUEL

What stays fixed, what moves, which samples the ends of a row are, to the bit; and what is said of wrong uses. It wants h5py and
NumPy, and gnuplot for the pictures; where these are not installed it is skipped (status 77).
"""
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)
if not shutil.which("gnuplot"):
    print("skipped: there is no gnuplot")
    sys.exit(77)

DUEL = os.path.abspath(sys.argv[1])
RING = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cli/ring.yaml")
CLASSES = [0, 2, 5]
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "docs/data")
NAMED = f"""
data: {{source: images, path: {DATA}/pictures.zip, size: 4, classes: [square, 2], cache: false, batch: 8}}
latent: {{z: normal(2)}}
networks:
  g:
    inputs: [z, y]
    layers:
      - one_hot: 3
        from: y
        as: class
      - concat:
        from: [z, class]
      - linear: 48
      - tanh
      - reshape: [4, 4, 3]
  d: {{inputs: [x], layers: [flatten, linear: 1]}}
optimizer: sgd
game: {{phases: {{d: {{minimize: "mean(d(g(z, y))) - mean(d(x))"}}, g: {{minimize: "-mean(d(g(z, y)))"}}}}}}
train: {{steps: 1}}
"""
CONFIG = """
name: small
seed: 4
data: {source: npy, x: images.npy, y: labels.npy, batch: 8, classes: [0, 2, 5]}
latent: {z: normal(5), u: "uniform(2, low=2, high=3)", c: one_hot(3), k: categorical(2)}
networks:
  g:
    inputs: [z, u, c, y]
    layers:
      - embedding: {size: 4, count: 6}
        from: y
        as: class
      - concat:
        from: [z, u, c, class]
      - linear: {units: 16, init: normal(1)}
      - reshape: [4, 4, 1]
      - tanh
  pair: {inputs: [z], layers: [pack: 2]}
  d: {inputs: [x], layers: [flatten, {linear: 1}]}
optimizer: sgd
game: {phases: {d: {minimize: "mean(d(g(z, u, c, y))) - mean(d(x))"}, g: {minimize: "-mean(d(g(z, u, c, y)))"}}}
samplers:
  default: {output: "g(z, u, c, y)"}
  noisy: {output: "g(z + normal(5), u, c, y) + 0 * z[0]"}
  still: {output: "g(fresh(z), fresh(u), fresh(c), y) + 0 * z[0]"}
  shown: {output: x}
  plane: {output: "z[0:2] + 2 * z[2:4]"}
  flat: {output: "z[0:2]"}
  packed: {output: pair(z)}
  high: {output: "z[0:3]"}
  one: {output: "reshape(c, [3, 1, 1])"}
  two: {output: "reshape(c, [3, 1, 1]) + k"}
train: {steps: 3}
outputs: {checkpoints: {every: 3 steps}, samples: {every: 1 step, count: 7}}
"""


def duel(*arguments, status=0, says=None):
    done = subprocess.run([DUEL, *arguments], capture_output=True, text=True, env=dict(os.environ, NO_COLOR="1"))
    assert done.returncode == status, f"{arguments}: status {done.returncode}: {done.stderr}"
    assert says is None or says in done.stderr, f"{arguments}: does not say '{says}':\n{done.stderr}"
    return done.stdout.split()


def read(path):
    with h5py.File(path) as file:
        arrays = {name: file[name][()] for name in file if isinstance(file[name], h5py.Dataset)}
        arrays.update({name: file["other_latents"][name][()] for name in file.get("other_latents", [])})
        return arrays, dict(file.attrs)


def explore(*arguments, pictures=("png",)):
    """The arrays of an exploration; its images by rows and columns."""
    files = duel("explore", "run", *arguments, "--out", "it", "--force")
    assert files == ["it.h5"] + [f"it.{picture}" for picture in pictures], files
    for file in files:
        assert os.path.getsize(file) > 0
    arrays, about = read("it.h5")
    rows, columns = arrays["table"]
    for name in ("images", "points", "values", "latents", "labels", "u", "c", "from"):
        if name in arrays:
            arrays[name] = arrays[name].reshape(rows, columns, *arrays[name].shape[1:])
    assert about["exploration"].decode() == arguments[0]
    return arrays


def samples(*arguments, count=12):
    duel("sample", "run", "--count", str(count), "--out", "samples.h5", "--force", *arguments)
    return read("samples.h5")[0]


def test_asked():
    """What a file says was asked can be given to a shell."""
    arguments = ["explore", "run", "traverse", "--latent", "z[0]", "--from", "-1", "--out", "it's $one; <&> #", "--force"]
    duel(*arguments)
    assert shlex.split(read(arguments[-2] + ".h5")[1]["asked"].decode()) == arguments


def test_traverse():
    plain = samples()
    for number in (0, 3, -2):
        made = explore("traverse", "--latent", f"z[{number}]", "--from", "-1", "--to", "1", "--steps", "5", "--rows", "8")
        assert made["images"].shape == (8, 5, 4, 4, 1)
        assert np.array_equal(made["column_values"], np.float32([-1, -0.5, 0, 0.5, 1]))
        for c in range(5):
            others = np.arange(5) != number % 5
            assert np.array_equal(made["latents"][:, c, others], plain["latents"][:8, others])
            assert (made["latents"][:, c, number] == made["column_values"][c]).all()
            assert np.array_equal(made["labels"][:, c], plain["labels"][:8])
            assert np.array_equal(made["u"][:, c], made["u"][:, 0]) and np.array_equal(made["c"][:, c], made["c"][:, 0])
        assert (made["images"][:, 0] != made["images"][:, -1]).any()
    # Where the number is what it was, so is the sample.
    value = float(plain["latents"][2, 1])
    made = explore("traverse", "--latent", "z[1]", "--from", repr(value), "--steps", "3", "--rows", "1", "--sample", "2")
    assert made["latents"][0, 0, 1] == plain["latents"][2, 1]
    assert np.array_equal(made["images"][0, 0], plain["images"][2])
    assert np.array_equal(made["from"], np.broadcast_to([4, 2], (1, 3, 2)))
    # A uniform latent goes where it is drawn.
    assert explore("traverse", "--latent", "u[1]")["column_values"].tolist() == np.linspace(2, 3, 9).astype("f4").tolist()


def test_classes():
    plain = samples()
    made = explore("traverse", "--latent", "y", "--rows", "4")
    assert (made["labels"] == CLASSES).all() and made["images"].shape[:2] == (4, 3)
    for r in range(4):
        assert np.array_equal(made["images"][r, CLASSES.index(plain["labels"][r])], plain["images"][r])
    made = explore("traverse", "--latent", "c", "--rows", "2")
    assert np.array_equal(made["c"], np.broadcast_to(np.eye(3, dtype="f4"), (2, 3, 3)))
    made = explore("traverse", "--latent", "z[0]", "--rows", "2", "--class", "2", "--class", "0")
    assert made["labels"][:, 0].tolist() == [2, 0, 2, 0]
    made = explore("interpolate", "--class", "all", "--steps", "4")
    assert made["labels"].tolist() == [[0] * 4, [2] * 4, [5] * 4]
    assert np.array_equal(made["latents"][0], made["latents"][2])
    # Of another input than the label, by its name.
    made = explore("arithmetic", "3 - 4", "--class", "c=2", "--class", "c=0")
    assert np.array_equal(made["c"][:, 0], np.eye(3, dtype="f4")[[2, 0]]) and (made["labels"][:, 0] == plain["labels"][3]).all()
    assert read("it.h5")[1]["row_labels"].decode() == "class 2\nclass 0"
    made = explore("traverse", "--latent", "c", "--rows", "1", "--class", "y=5")
    assert (made["labels"] == 5).all() and np.array_equal(made["c"][0], np.eye(3))
    # A sampler that takes one class alone needs no name; of several latents it must be told which.
    explore("interpolate", "--sampler", "one", "--class", "all", "--steps", "2")
    duel("explore", "run", "interpolate", "--sampler", "two", "--class", "1", status=64,
         says="'--class 1': the sampler takes several classes, c and k\n      = say whose it is, as in --class k=1")
    explore("interpolate", "--sampler", "two", "--class", "k=1", "--steps", "2")


def test_own_draws():
    """Draws of the sampler itself are those of the sample: moving what it does not use changes nothing."""
    plain = samples("--sampler", "still")
    made = explore("traverse", "--latent", "z[0]", "--sampler", "still", "--rows", "5", "--sample", "3", "--steps", "4")
    for c in range(4):
        assert np.array_equal(made["images"][:, c], plain["images"][3:8])
    for sampler in ("noisy", "still"):
        plain = samples("--sampler", sampler)
        made = explore("interpolate", "--between", "3", "9", "--sampler", sampler)
        assert np.array_equal(made["images"][0, [0, -1]], plain["images"][[3, 9]]), sampler
    # Beyond what is made in one run, and of another seed.
    plain = samples("--sampler", "still", "--seed", "6", count=301)
    made = explore("interpolate", "--between", "6:300", "6:2", "--sampler", "still", "--steps", "2")
    assert np.array_equal(made["images"][0], plain["images"][[300, 2]])
    made = explore("interpolate", "--between", "6:3", "9", "--sampler", "still", "--steps", "2")
    assert np.array_equal(made["images"][0, 0], plain["images"][3])
    assert np.array_equal(made["images"][0, 1], samples("--sampler", "still")["images"][9])


def test_interpolate():
    plain, seven = samples(), samples("--seed", "7")
    made = explore("interpolate", "--between", "3", "9", "--between", "7:3", "7:8", "--rows", "2")
    ends = [(plain, 3, 9), (plain, 4, 10), (seven, 3, 8), (seven, 4, 9)]
    for how in ([], ["--spherical"]):
        made = explore("interpolate", "--between", "3", "9", "--between", "7:3", "7:8", "--rows", "2", *how)
        for r, (source, first, last) in enumerate(ends):
            for c, number in ((0, first), (-1, last)):
                for name in ("latents", "labels", "images"):
                    assert np.array_equal(made[name][r, c], source[name][number]), (how, r, name)
            a, b = source["latents"][first], source["latents"][last]
            t = np.linspace(0, 1, 9)[:, None]
            if not how:
                assert np.allclose(made["latents"][r], (1 - t) * a + t * b, atol=1e-6)
                continue
            lengths = np.linalg.norm(made["latents"][r].astype("f8"), axis=1)
            assert np.allclose(lengths, np.linspace(np.linalg.norm(a), np.linalg.norm(b), 9), rtol=1e-5)
            unit = made["latents"][r] / lengths[:, None]
            angles = np.arccos(np.clip((unit[:-1] * unit[1:]).sum(axis=1), -1, 1))
            assert np.allclose(angles, angles.mean(), rtol=1e-2)
        assert seven["labels"][3] != seven["labels"][8]  # the class changes in the middle
        assert made["labels"][2].tolist() == [seven["labels"][3]] * 4 + [seven["labels"][8]] * 5
        t = np.linspace(0, 1, 9)[:, None]
        assert np.allclose(made["c"][2], (1 - t) * made["c"][2, 0] + t * made["c"][2, -1], atol=1e-6)
        assert (made["c"][2, 0] != made["c"][2, -1]).any()


def test_arithmetic():
    plain = samples()
    z = plain["latents"].astype("f8")
    for text, wanted in (("3", z[3]), ("3 - 7 + 11", z[3] - z[7] + z[11]), ("mean(3, 5, 9)", (z[3] + z[5] + z[9]) / 3),
                         ("0.5 * (3 + 4) - 2 / 4", (z[3] + z[4]) / 2 - z[2] / 4), ("1 / 4 * -mean(2, 2)", -z[2] / 4)):
        made = explore("arithmetic", text)
        assert np.allclose(made["latents"][0, -1], wanted, atol=1e-6), text
    made = explore("arithmetic", "3")
    for name in ("latents", "images", "labels"):
        assert np.array_equal(made[name][0, -1], plain[name][3]) and np.array_equal(made[name][0, 0], plain[name][3])
    made = explore("arithmetic", "2 * 5 - 3")
    assert made["from"][0].tolist() == [[4, 5], [4, 3], [4, 5]]
    other = samples("--seed", "7")["latents"].astype("f8")
    duel("explore", "run", "arithmetic", "--out", "minus", "--", "-3 + 5")
    assert np.allclose(read("minus.h5")[0]["latents"][-1], z[5] - z[3], atol=1e-6)
    made = explore("arithmetic", "3 - 7:7 + 7:2 / 2 + 4:3")
    assert np.allclose(made["latents"][0, -1], 2 * z[3] - other[7] + other[2] / 2, atol=1e-6)
    assert made["from"][0].tolist() == [[4, 3], [7, 7], [7, 2], [4, 3]]
    assert read("it.h5")[1]["column_labels"].decode().split("\n")[:3] == ["2 3", "− 7:7", "+ 0.5 7:2"]


def test_classes_have_their_names():
    """Folders name classes: where samples are kept, in labels, and for --class."""
    with open("named.yaml", "w") as file:
        file.write(NAMED)
    duel("train", "named.yaml", "--run-dir", "named", "--quiet")
    with h5py.File("named/samples/step-00000001.h5") as file:
        assert file["labels"].attrs["names"].decode() == "disc\nsquare\ntriangle\n"
    duel("sample", "named", "--out", "named.h5")
    with h5py.File("named.h5") as file:
        assert file["labels"].attrs["names"].decode() == "disc\nsquare\ntriangle\n"

    def labels(*arguments):
        duel("explore", "named", *arguments, "--out", "it", "--force")
        arrays, about = read("it.h5")
        return arrays, about["row_labels"].decode().split("\n"), about["column_labels"].decode().split("\n")

    arrays, rows, columns = labels("traverse", "--latent", "y", "--rows", "1")
    assert columns[:2] == ["square", "triangle"] and arrays["labels"].tolist() == [1, 2]
    arrays, rows, columns = labels("interpolate", "--between", "3", "4", "--class", "triangle", "--class", "1", "--steps", "2")
    assert rows[:2] == ["3 → 4, triangle", "3 → 4, square"] and arrays["labels"].tolist() == [2, 2, 1, 1]
    assert labels("arithmetic", "3 - 4", "--class", "all")[1][:2] == ["square", "triangle"]
    assert labels("nearest", "--count", "2", "--class", "Square")[1] == ["0 (square)", "1 (square)"]
    assert labels("nearest", "--count", "2")[1] == ["0 (square)", "1 (triangle)"]
    for given, says in (("disc", "'y' has no class 'disc'\n      = '--class' wants one of square, triangle, or all"),
                        ("sqaure", "did you mean 'square'? '--class' wants one of"), ("tri", "did you mean 'triangle'?"),
                        ("z=1", "'y' has no class 'z=1'")):
        duel("explore", "named", "nearest", "--class", given, status=64, says=says)
    assert "named/plots/classes.png" in duel("plot", "named", "--real")
    # As many samples of each class as there are images of it: none is shown twice.
    assert len(set(read("named/plots/real.h5")[0]["index"].tolist())) == 64
    # With fewer images than samples, all of them are shown as often as the others, or once more.
    duel("train", "named.yaml", "--run-dir", "more", "--quiet", "--set", "outputs={samples: {count: 100}}")
    duel("plot", "more", "--real")
    assert sorted(np.bincount(read("more/plots/real.h5")[0]["index"])) == [1] * 28 + [2] * 36


def test_nothing_is_overwritten():
    explore("arithmetic", "3")
    before = open("it.h5", "rb").read()
    for format, there in ("png", "it.h5"), ("svg", "it.h5"):
        duel("explore", "run", "arithmetic", "4", "--out", "it", "--format", format, status=64, says=f"'{there}' is there already")
    os.rename("it.h5", "away.h5")
    duel("explore", "run", "arithmetic", "4", "--out", "it", status=64, says="'it.png' is there already")
    assert not os.path.exists("it.h5") and open("away.h5", "rb").read() == before
    assert duel("explore", "run", "arithmetic", "3", "--out", "deep/it") == ["deep/it.h5", "deep/it.png"]
    # The ending of either file is none of its name.
    for out, *more, files in (("a.png", "a.h5 a.png"), ("b.h5", "b.h5 b.png"), ("c.svg", "c.h5 c.svg"), (".h5", ".h5.h5 .h5.png"),
                              ("d.png", "--format", "pdf,svg", "d.h5 d.svg d.pdf"), ("deep/.png", "deep/.png.h5 deep/.png.png")):
        assert duel("explore", "run", "arithmetic", "3", "--out", out, *more) == files.split(), out
    duel("explore", "run", "arithmetic", "3", "--out", "a.gif", status=64, says="an exploration is no animation")


def test_nearest():
    """Images of the data are nearest to themselves; of equal ones the first."""
    images = np.load("images.npy")
    made = explore("nearest", "--sampler", "shown", "--neighbours", "3")
    assert made["nearest"].shape == (16, 3, 4, 4, 1)
    assert (made["nearest_distance"][:, 0] == 0).all() and (made["nearest_distance"][:, 1] > 0).all()
    assert np.array_equal(made["nearest"][:, 0], made["images"][:, 0])
    made = explore("nearest", "--count", "5", "--neighbours", "4")
    assert read("it.h5")[1]["row_labels"].decode().split("\n")[:2] == [f"{i} (class {made['labels'][i, 0]})" for i in range(2)]
    for r in range(5):
        squares = ((images.astype("i8") - made["images"][r, 0]) ** 2).sum(axis=(1, 2, 3))
        order = np.argsort(squares, kind="stable")[:4]
        assert made["nearest_index"][r].tolist() == order.tolist()
        assert np.array_equal(made["nearest"][r], images[order])
        assert np.allclose(made["nearest_distance"][r], np.sqrt(squares[order]) / 255)
    duel("explore", "run", "nearest", "--count", "1", "--neighbours", "100", "--out", "it", "--force", says="there are only")


def layout(lines, width=28, rows=1):
    """What plots/cells.gp makes of lines of a table: where columns begin, whether their labels are turned, pixels an em."""
    with open("table.tsv", "w") as file:
        file.writelines("\t".join(map(str, line)) + "\n" for line in lines)
    plots = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../plots/")
    with open("layout.gp", "w") as file:
        file.write(f"folder = '{plots}'\nload folder.'style.gp'\ntable = 'table.tsv'\noutput = 'it.png'\ntitle = ''\n"
                   f"w = {width}\nh = 28\nc = 1\ng = frames = 1\nanimated = 0\narray STEP[1]\nSTEP[1] = -1\n"
                   "load folder.'cells.gp'\ndo for [k = 1:columns] { print LEFT[k] }\nprint turned, every_nth, em, w * scale\n")
    said = subprocess.run(["gnuplot", "-d", "layout.gp"], capture_output=True, text=True, check=True).stderr.split("\n")[:-1]
    turned, nth, em, wide = map(float, said.pop().split())
    return [float(left) for left in said], turned, nth, em, wide


def test_texts_at_columns_do_not_meet():
    def row(columns):
        return [("cell", 1, k + 1, 0, k) for k in range(columns)]

    def heads(*names):
        return [("column", k + 1, 0, 0, name) for k, name in enumerate(names) if name]

    even, turned, nth, em, wide = layout(row(10) + heads(*"0123456789"))
    assert not turned and nth == 1 and len(set(np.diff(even))) == 1
    # A label at every column: turned where one is too long, or meets what stands above the labels of rows.
    names = ["T-shirt/top", "coat", "bag", "ankle boot"]
    assert not layout(row(4) + heads(*names))[1]
    left, turned, nth, em, _ = layout(row(10) + heads(*names, *names, "sandal", "shirt"))
    assert turned and nth == 1 and left == even
    assert layout(row(4) + heads("a name of twenty letters", "b", "c", "d") + [("column", 0, 0, 0, "sample")])[1]
    # Numbers on an axis: every n-th.
    assert layout(row(17) + heads(*[f"-1.{k}" for k in range(17)]) + [("axis", 0, 0, 0, "-")])[1:3] == (0, 2)
    # Captions: smaller letters, at least of 16 pixels; then more room.
    for columns, caption in (5, "11.8"), (61, "11.8"), (3, "12 (a name of many letters)"):
        left, _, _, em, wide = layout(row(columns) + [("caption", 1, k + 1, 0, caption) for k in range(columns)])
        assert em >= 16 and min(np.diff(left)) > 0.5 * em * len(caption), (columns, caption)
        assert min(np.diff(left)) < 1.2 * wide or em < 17


def test_nearest_of_high_images():
    """Rows in blocks side by side, of which the last has none of its own."""
    np.save("high.npy", np.random.default_rng(2).integers(0, 256, (16, 80, 4, 1), dtype=np.uint8))
    with open("high.yaml", "w") as file:
        file.write("""
data: {source: npy, x: high.npy, batch: 8}
latent: {z: normal(2)}
networks: {g: {inputs: [z], layers: [linear: 320, tanh, reshape: [80, 4, 1]]}, d: {inputs: [x], layers: [flatten, linear: 1]}}
optimizer: sgd
game: {phases: {d: {minimize: "mean(d(g(z))) - mean(d(x))"}, g: {minimize: "-mean(d(g(z)))"}}}
train: {steps: 1}
""")
    duel("train", "high.yaml", "--run-dir", "high", "--quiet")
    for count in 5, 11, 13:
        assert duel("explore", "high", "nearest", "--count", str(count), "--neighbours", "1", "--out", f"high{count}")[1:]


def test_nearest_sees_what_samples_see():
    """The middle of images that are cropped, the half of pairs; where shapes differ, both are named."""
    with open("seen.yaml", "w") as file:
        file.write(NAMED.replace("size: 4", "size: 5, padding: 1, random_crop: 4, flip: true")
                   + 'samplers: {default: {output: "g(z, y)"}, shown: {output: x}, twice: {output: "concat(x, x, axis=1)"}}\n'
                   + "outputs: {samples: {every: 1 step, count: 4}}\n")
    pairs = ["data={source: images, path: %s/photos.zip, size: 4, pairs: right, batch: 2}" % DATA, "networks.g.inputs=[z]",
             "networks.g.layers=[linear: 48, tanh, reshape: [4, 4, 3]]", "samplers.default.output=g(z)",
             "game.phases={d: {minimize: mean(d(x)) - mean(d(g(z)))}, g: {minimize: -mean(d(g(z)))}}"]
    for name, options in ("cropped", []), ("pairs", [word for pair in pairs for word in ("--set", pair)]):
        duel("train", "seen.yaml", "--run-dir", name, "--quiet", *options)
        duel("explore", name, "nearest", "--sampler", "shown", "--out", name)
        arrays, _ = read(f"{name}.h5")
        assert (arrays["nearest_distance"][:, 0] == 0).all(), arrays["nearest_distance"]
        assert np.array_equal(arrays["nearest"][:, 0], arrays["images"])
        assert f"{name}/plots/real.png" in duel("plot", name, "--real")
    duel("explore", "cropped", "nearest", "--sampler", "twice", status=64, says="[4, 8, 3], but 'x' is [4, 4, 3]")


def test_map():
    plain = samples()
    made = explore("map", "--latent", "z[3]", "--latent", "u[0]", "--steps", "5", "--sample", "2")
    assert np.array_equal(made["column_values"], np.linspace(-2, 2, 5, dtype="f4"))
    assert np.array_equal(made["row_values"], np.linspace(3, 2, 5, dtype="f4"))
    for c in range(5):
        assert (made["latents"][:, c, 3] == made["column_values"][c]).all()
        assert (made["u"][c, :, 0] == made["row_values"][c]).all()
    assert (made["latents"][..., :3] == plain["latents"][2, :3]).all()
    made = explore("map", "--along", "3 - 7", "--along", "mean(1, 4)", "--steps", "3", "--sample", "2")
    z = plain["latents"].astype("f8")
    for r in range(3):
        for c in range(3):
            wanted = z[2] + (c - 1) * (z[3] - z[7]) + (1 - r) * (z[1] + z[4]) / 2
            assert np.allclose(made["latents"][r, c], wanted, atol=1e-6)
    assert np.array_equal(made["images"][1, 1], plain["images"][2]) and (made["labels"] == plain["labels"][2]).all()
    made = explore("map", "--latent", "z[1]", "--along", "3", "--steps", "3")
    assert np.allclose(made["latents"][:, 0, 1] + 2, np.array([1, 0, -1]) * z[3, 1], atol=1e-6)
    made = explore("map", "--latent", "u", "--steps", "3")  # of two numbers: both
    assert made["u"][0].tolist() == [[2, 3], [2.5, 3], [3, 3]]


def test_points():
    made = explore("map", "--latent", "z[0]", "--latent", "z[3]", "--sampler", "plane", "--steps", "4")
    assert made["points"].shape == (4, 4, 2)
    assert np.array_equal(made["points"], made["latents"][..., 0:2] + 2 * made["latents"][..., 2:4])
    explore("interpolate", "--sampler", "plane", "--format", "svg,pdf", pictures=("svg", "pdf"))
    explore("traverse", "--latent", "z[1]", "--sampler", "flat")
    explore("arithmetic", "2 - 1", "--sampler", "flat", pictures=())
    explore("traverse", "--latent", "z[1]", "--sampler", "high", pictures=())


def test_plot():
    """Real images beside generated ones, of the same classes; a row a class, a row a latent."""
    made = [os.path.basename(path) for path in duel("plot", "run", "--real")]
    assert made == ["losses.png", "samples.png", "animation.gif", "classes.png", "classes.gif", "latents.png", "real.png"], made
    real, about = read("run/plots/real.h5")
    generated, _ = read("run/samples/step-00000003.h5")
    assert np.array_equal(real["labels"], generated["labels"]) and real["labels"].tolist() == [0, 0, 0, 2, 2, 2, 5]
    assert np.array_equal(real["images"], np.load("images.npy")[real["index"]])
    assert np.array_equal(real["labels"], np.load("labels.npy")[real["index"]])
    duel("plot", "run", "--real")
    assert np.array_equal(read("run/plots/real.h5")[0]["index"], real["index"])
    made = duel("plot", "run", "--format", "svg,pdf")
    assert [os.path.basename(path) for path in made] == [
        "losses.svg", "losses.pdf", "samples.svg", "samples.pdf", "classes.svg", "classes.pdf", "latents.svg", "latents.pdf"]
    with open("run/plots/classes.svg") as file:
        assert 'image-rendering="pixelated"' in file.read()


def test_wrong_uses():
    for arguments, says in (
            (["travers"], "did you mean 'traverse'?"),
            (["traverse"], "wants --latent"),
            (["traverse", "--latent", "zz"], "takes no latent 'zz'"),
            (["traverse", "--latent", "q"], "it takes z, u, c, y"),
            (["traverse", "--latent", "z"], "'z' has 5 numbers; which?"),
            (["traverse", "--latent", "z[5]"], "'z' has no number 5 there"),
            (["traverse", "--latent", "z[-6]"], "from 0 to 4, or from behind, -1 to -5"),
            (["traverse", "--latent", "z[1.5]"], "'z' has no number 1.5 there"),
            (["traverse", "--latent", "z[1, 2]"], "a number of 'z' has 1 index"),
            (["traverse", "--latent", "z[1:2]"], "one number is moved, not several"),
            (["traverse", "--latent", "y[0]"], "write 'y'"),
            (["traverse", "--latent", "1 + 2"], "a latent is wanted"),
            (["traverse", "--latent", "z[0", ], "this '[' is never closed"),
            (["traverse", "--latent", "y", "--steps", "3"], "'y' goes through its classes"),
            (["traverse", "--latent", "z[0]", "--steps", "1"], "'--steps' wants an integer from 2"),
            (["traverse", "--latent", "z[0]", "--from", "low"], "'--from' wants a number, not 'low'"),
            (["traverse", "--latent", "z[0]", "--sample", "100000"], "there is no sample '100000'"),
            (["traverse", "--latent", "z[0]", "--sample", "99999"], "there are not 8 samples from '99999' on"),
            (["traverse", "--latent", "z[0]", "--sample", "x:1"], "SEED:NUMBER, as in 7:12"),
            (["traverse", "--latent", "z[0]", "--class", "3"], "'--class' wants one of 0, 2, 5, or all"),
            (["traverse", "--latent", "z[0]", "--class", "0", "--sampler", "flat"], "for samplers that take a class"),
            (["traverse", "--latent", "z[0]", "--rows", "1000", "--steps", "11"], "a table has at most 10000 samples"),
            (["traverse", "--latent", "z[0]", "--spherical"], "'duel explore RUN traverse' has no option '--spherical'"),
            (["traverse", "--latent", "z[0]", "--format", "gif"], "an exploration is no animation"),
            (["traverse", "--latent", "z[0]", "3"], "does not take '3'"),
            (["traverse", "--latent", "z[0]", "--sampler", "packed"], "sampler 'packed' makes one sample of 2 draws"),
            (["traverse", "--latent", "x", "--sampler", "shown"], "there is nothing to traverse"),
            (["interpolate", "--between", "3"], "'--between' wants SAMPLE SAMPLE"),
            (["interpolate", "--between", "3", "9z"], "there is no sample '9z'"),
            (["interpolate", "--between", "99998", "3", "--rows", "3"], "there are not so many samples after '99998 3'"),
            (["arithmetic"], "wants EXPRESSION"),
            (["arithmetic", "100000"], "there is no sample 100000"),
            (["arithmetic", "1.5 + 2"], "there is no sample 1.5"),
            (["arithmetic", "(3 + 4) * 2"], "a product begins with its factor"),
            (["arithmetic", "3 / 4 / 0"], "this divides by 0"),
            (["arithmetic", "max(3, 4)"], "samples have '+', '-'"),
            (["arithmetic", "mean()"], "'mean' wants samples"),
            (["arithmetic", "3 +"], "found the end"),
            (["arithmetic", "3", "-", "7"], "an expression with blanks stands in quotes: \"3 - 7\""),
            (["arithmetic", "-3 + 5"], "stands last, after '--': duel explore … -- \"-3 + 5\""),
            (["arithmetic", "--", "-3 + 5", "--out", "a"], "after '--' nothing is an option: '--out' stands before it"),
            (["interpolate", "--between", "3", "--steps", "4"], "'--between' wants SAMPLE SAMPLE, but '--steps' follows"),
            (["interpolate", "--between", "3,9", "5"], "there is no sample '3,9'"),
            (["interpolate", "--between=3"], "'--between' wants two samples"),
            (["nearest", "--sampler", "flat"], "the samples are no images"),
            (["nearest", "--count", "0"], "'--count' wants an integer from 1"),
            (["map"], "a map is drawn over two numbers, but 'z' has 5"),
            (["map", "--latent", "z"], "choose two directions, as in --latent z[3] --latent z[17]"),
            (["map", "--latent", "z[0]"], "a map is drawn over two numbers, but 'z[0]' is one"),
            (["map", "--latent", "z[0]", "--latent", "y"], "'y' is a class and no direction of a map"),
            (["map", "--latent", "z[0]", "--latent", "z[1]", "--along", "3"], "a map has two directions, not more"),
            (["map", "--along", "3", "--along", "3 + x"], "samples have '+', '-'"),
            (["map", "--along", "3"], "a map is drawn over two numbers, but '3' is one"),
            (["map", "--latent", "z", "--along", "3"], "a map is drawn over two numbers, but 'z' has 5"),
            (["map", "--latent", "z[3]", "--latent", "z[-2]"], "'z[3]' and 'z[-2]' are one number"),
            (["map", "--along", "mean(3, 4) - (3 + 4) / 2", "--along", "4"], "has no direction: nothing changes along it"),
            (["traverse", "--latent", "y", "--class", "0"], "'--latent y' goes through all of them"),
            (["traverse", "--latent", "c", "--class", "c=1"], "'--latent c' goes through all of them"),
            (["nearest", "--class", "y=0", "--class", "c=1"], "but these are of 'y' and 'c'"),
            (["map", "--latent", "u", "--class", "all"], "a map shows one class, not 3"),
    ):
        duel("explore", "run", *arguments, status=64, says=says)
    duel("explore", "nowhere", "nearest", status=66, says="there is no run 'nowhere'")
    os.makedirs("empty/checkpoints")
    shutil.copy("run/run.json", "empty")
    duel("explore", "empty", "nearest", status=66, says="checkpoint")
    os.rename("images.npy", "away.npy")
    duel("explore", "run", "nearest", status=66, says="images.npy")
    duel("plot", "run", "--real", status=66, says="images.npy")
    os.rename("away.npy", "images.npy")
    duel("train", RING, "--run-dir", "ring", "--quiet", "--set", "train={steps: 1}")
    duel("plot", "ring", "--real", status=64, says="'--real' is for samples that are images")
    duel("explore", "ring", "nearest", status=64, says="'duel plot' draws points over those of the data")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        rng = np.random.default_rng(1)
        np.save("images.npy", rng.integers(0, 256, (64, 4, 4, 1), dtype=np.uint8))
        np.save("labels.npy", np.array(CLASSES, np.int32)[np.arange(64) % 3])
        with open("small.yaml", "w") as file:
            file.write(CONFIG)
        duel("train", "small.yaml", "--run-dir", "run", "--quiet")
        for name, test in list(globals().items()):
            if name.startswith("test_"):
                print(name)
                test()


main()
