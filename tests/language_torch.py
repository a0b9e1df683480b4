#!/usr/bin/env python3
"""Prints the numbers of tests/language_torch.h: what PyTorch computes, in float64.

    python3 tests/language_torch.py > tests/language_torch.h
"""
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def show(name, tensor):
    numbers = ", ".join("%.17g" % v for v in tensor.detach().flatten().tolist())
    print("static const double %s[] = {%s};" % (name, numbers))


def batch_norm():
    x = (torch.arange(12.0).reshape(4, 3) ** 2 / 10).requires_grad_()
    layer = torch.nn.BatchNorm1d(3)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([1.0, 2.0, 0.5]))
        layer.bias.copy_(torch.tensor([0.0, -1.0, 3.0]))
    y = layer(x)
    (y ** 3).sum().backward()
    show("batch_norm_y", y)
    show("batch_norm_dx", x.grad)
    show("batch_norm_dscale", layer.weight.grad)
    show("batch_norm_dshift", layer.bias.grad)
    show("batch_norm_mean", layer.running_mean)
    show("batch_norm_variance", layer.running_var)
    layer.eval()
    show("batch_norm_eval", layer(x))


def optimizer(name, make, steps=5):
    p = torch.nn.Parameter(torch.tensor([0.5, 0.5, 0.5]))
    c = torch.tensor([0.1, 1.0, 10.0])
    o = make([p])
    rows = []
    for _ in range(steps):
        o.zero_grad()
        (c * p ** 2 + p).sum().backward()
        o.step()
        rows.append(p.detach().clone())
    show(name, torch.stack(rows))


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, algorithm 2."""

    def __init__(self, parameters, lr, betas, weight_decay):
        super().__init__(parameters, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    def step(self):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                way = torch.sign(b1 * m + (1 - b1) * p.grad)
                p.data -= group["lr"] * (way + group["weight_decay"] * p.data)
                self.state[p]["m"] = b2 * m + (1 - b2) * p.grad


class OptimisticAdam(torch.optim.Optimizer):
    """Daskalakis et al. 2018, algorithm 1."""

    def __init__(self, parameters, lr, betas, epsilon):
        super().__init__(parameters, dict(lr=lr, betas=betas, epsilon=epsilon))

    def step(self):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                s = self.state[p]
                t = s["t"] = s.get("t", 0) + 1
                m = s["m"] = b1 * s.get("m", 0) + (1 - b1) * p.grad
                v = s["v"] = b2 * s.get("v", 0) + (1 - b2) * p.grad ** 2
                way = m / (1 - b1 ** t) / ((v / (1 - b2 ** t)).sqrt() + group["epsilon"])
                p.data += group["lr"] * (s.get("last", 0) - 2 * way)
                s["last"] = way


def functions():
    t = torch.tensor([-100.0, -30.0, -1.0, 0.0, 1.0, 30.0, 100.0])
    for name, f in (
        ("softplus", lambda x: F.softplus(x, threshold=1000)),
        ("sigmoid", torch.sigmoid),
        ("tanh", torch.tanh),
        ("abs", torch.abs),
        ("leaky_relu", F.leaky_relu),
        ("leaky_relu_gain", lambda x: 1.5 * F.leaky_relu(x, 0.25)),
        ("elu", F.elu),
        ("elu_2", lambda x: F.elu(x, 2.0)),
        ("selu", F.selu),
        ("silu", F.silu),
        ("gelu", F.gelu),
        ("gelu_tanh", lambda x: F.gelu(x, approximate="tanh")),
        ("relu", F.relu),
        ("clamp", lambda x: torch.clamp(x, -2, 2)),
    ):
        x = t.clone().requires_grad_()
        (g,) = torch.autograd.grad(f(x).sum(), x, create_graph=True)
        show("%s_y" % name, f(x))
        show("%s_d" % name, g)


def layer(name, f, *shapes):
    """Of four samples of 12 numbers: f(x, *weights), and the gradient of the sum of its cubes by x and the weights."""
    x = (2 * torch.sin(torch.arange(48.0) + 1)).reshape(4, 12).requires_grad_()
    weights = [
        (torch.cos(3 * torch.arange(float(torch.Size(shape).numel())) + i) / 2).reshape(shape).requires_grad_()
        for i, shape in enumerate(shapes)
    ]
    y = f(x, *weights)
    (y ** 3).sum().backward()
    show("%s_y" % name, y)
    show("%s_dx" % name, x.grad)
    for i, w in enumerate(weights):
        show("%s_d%d" % (name, i), w.grad)


def images(x, height=2, width=2, channels=3):
    """[height, width, channels] to PyTorch's order."""
    return x.reshape(4, height, width, channels).permute(0, 3, 1, 2)


def rows(x):
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)


def minibatch_stddev(x, group, features):
    """Of images [n, c, h, w] (Karras et al. 2018)."""
    n, c, h, w = x.shape
    y = x.reshape(group, n // group, features, c // features, h, w)
    y = (y.var(0, unbiased=False) + 1e-8).sqrt().mean([2, 3, 4]).reshape(n // group, features, 1, 1)
    return torch.cat([x, y.repeat(group, 1, h, w)], 1)


def minibatch_discrimination(x, t, kernels, size):
    m = (x @ t).reshape(4, size, kernels)
    far = (m[:, None] - m[None]).abs().sum(2)
    return torch.cat([x, torch.exp(-far).sum(1)], 1)


def kernel(w):
    """[height, width, in, out] to PyTorch's order, of a convolution and of a transposed one."""
    return w.permute(3, 2, 0, 1)


def single(x):
    """[height 4, width 3], one channel."""
    return x.reshape(4, 1, 4, 3)


def convolutions():
    layer("conv", lambda x, w, b: rows(F.conv2d(images(x), kernel(w), b, padding=1)), (2, 2, 3, 2), (2,))
    layer(
        "conv_uneven",
        lambda x, w: rows(F.conv2d(F.pad(single(x), (2, 1, 0, 1)), kernel(w), stride=(2, 1), dilation=(1, 2))),
        (3, 2, 1, 2),
    )
    layer("conv_groups", lambda x, w, b: rows(F.conv2d(images(x), kernel(w), b, groups=3)), (2, 1, 1, 6), (6,))
    layer("conv_same", lambda x, w: rows(F.conv2d(F.pad(single(x), (0, 1, 1, 1)), kernel(w), stride=(2, 2))), (4, 2, 1, 2))
    layer("conv_reflect", lambda x, w: rows(F.conv2d(F.pad(single(x), (1, 1, 1, 1), "reflect"), kernel(w))), (3, 3, 1, 1))
    layer(
        "conv_transpose",
        lambda x, w, b: rows(F.conv_transpose2d(images(x), kernel(w), b, stride=2, padding=1)),
        (4, 4, 2, 3),
        (2,),
    )
    layer(
        "conv_transpose_more",
        lambda x, w: rows(
            F.conv_transpose2d(images(x), kernel(w), stride=(3, 2), padding=(1, 0), output_padding=(2, 1), groups=3, dilation=(1, 2))
        ),
        (3, 2, 1, 3),
    )
    layer(
        "conv_transpose_norm",
        lambda x, w, gain: rows(
            F.conv_transpose2d(images(x), kernel(w * (gain / (w ** 2).sum((0, 1, 3)).sqrt())[:, None]))
        ),
        (2, 1, 2, 3),
        (2,),
    )
    layer("conv_transpose_same", lambda x, w: rows(F.conv_transpose2d(images(x), kernel(w), stride=2, groups=3)[:, :, :4, :4]), (3, 3, 1, 3))


def layers():
    layer("maxout", lambda x, w, b: (x @ w + b).reshape(4, 3, 2).amax(1), (12, 6), (6,))
    layer("prelu", lambda x, a: F.prelu(x, a), (1,))
    layer("prelu_channels", lambda x, a: rows(F.prelu(images(x), a)), (3,))
    layer("layer_norm", lambda x, s, t: F.layer_norm(x.reshape(4, 2, 2, 3), [3], s, t).reshape(4, 12), (3,), (3,))
    layer("layer_norm_all", lambda x, s, t: F.layer_norm(x.reshape(4, 2, 2, 3), [2, 2, 3], s, t).reshape(4, 12), (2, 2, 3), (2, 2, 3))
    layer("bias", lambda x, b: (x.reshape(4, 2, 2, 3) + b).reshape(4, 12), (3,))
    layer("identity", torch.nn.Identity())
    layer("pack_images", lambda x: rows(images(x).reshape(2, 6, 2, 2)))
    layer("pack_rows", lambda x: x.reshape(2, 24))
    layer("pack_numbers", lambda x: x[:, 0].reshape(1, 4))
    layer("minibatch_stddev", lambda x: rows(minibatch_stddev(images(x), 4, 1)))
    layer("minibatch_stddev_groups", lambda x: rows(minibatch_stddev(images(x), 2, 3)))
    layer("minibatch_stddev_rows", lambda x: rows(minibatch_stddev(x[:, :, None, None], 4, 2)))
    layer("minibatch_discrimination", lambda x, t: minibatch_discrimination(x, t, 5, 2), (12, 10))
    layer("multiply", lambda x: x * x[:, :1] * x[:, 2:3])
    layer("permute", lambda x: x.reshape(4, 2, 2, 3).permute(0, 3, 1, 2).reshape(4, 12) * torch.arange(12.0))


def of_images(name, f, *shapes, size=(4, 3, 1)):
    layer(name, lambda x, *weights: rows(f(images(x, *size), *weights)), *shapes)


def pools():
    two = (3, 2, 2)
    of_images("max_pool", lambda x: F.max_pool2d(x, 2))
    of_images("max_pool_padded", lambda x: F.max_pool2d(x, 3, stride=2, padding=1))
    of_images("max_pool_channels", lambda x: F.max_pool2d(x, 2, stride=1), size=two)
    of_images("max_pool_tie", lambda x: F.max_pool2d(x - x.detach() + 1, 3, stride=1, padding=1))
    of_images("average_pool", lambda x: F.avg_pool2d(x, 3))
    of_images("average_pool_padded", lambda x: F.avg_pool2d(x, 3, stride=2, padding=1), size=two)
    of_images("average_pool_uncounted", lambda x: F.avg_pool2d(x, 2, padding=1, count_include_pad=False))
    of_images("max_pool_same", lambda x: F.max_pool2d(F.pad(x, (1, 1, 0, 1), value=-9), (2, 3), (1, 2)), size=(3, 4, 1))
    of_images("average_pool_same", lambda x: F.avg_pool2d(F.pad(x, (0, 1)), 2) * torch.tensor([1, 2]))
    of_images("global_pool", lambda x: F.adaptive_avg_pool2d(x, 1), size=two)
    of_images("global_pool_sum", lambda x: x.sum([2, 3], keepdim=True), size=two)
    of_images("global_pool_max", lambda x: F.adaptive_max_pool2d(x, 1), size=two)


def blur(x, filter, before, after, stride=1):
    f = torch.tensor(filter) / sum(filter)
    kernel = torch.outer(f, f).expand(x.shape[1], 1, -1, -1)
    return F.conv2d(F.pad(x, (before, after, before, after)), kernel, stride=stride, groups=x.shape[1])


def patches(x, kernel, **options):
    """F.unfold with a tap's channels side by side, as an image of its places."""
    taps = F.unfold(torch.ones_like(x[:1, :1]), kernel, **options).shape[1]
    wide = [x.shape[i + 2] + 2 * options.get("padding", 0) for i in (0, 1)]
    size = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    places = [(wide[i] - options.get("dilation", 1) * (size[i] - 1) - 1) // options.get("stride", 1) + 1 for i in (0, 1)]
    y = F.unfold(x, kernel, **options).reshape(len(x), x.shape[1], taps, -1).transpose(1, 2)
    return y.reshape(len(x), -1, *places)


def unpatches(x, kernel, size, **options):
    y = x.reshape(len(x), kernel * kernel, -1, x.shape[2] * x.shape[3]).transpose(1, 2)
    return F.fold(y.reshape(len(x), -1, y.shape[3]), size, kernel, **options)


def sizes():
    two = (3, 2, 2)
    of_images("upsample", lambda x: F.interpolate(x, scale_factor=2), size=two)
    of_images("upsample_bilinear", lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"), size=two)
    of_images("upsample_bilinear_3", lambda x: F.interpolate(x, scale_factor=3, mode="bilinear"))
    of_images("upsample_corners", lambda x: F.interpolate(x, scale_factor=3, mode="bilinear", align_corners=True))
    of_images("upsample_row", lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True), size=(1, 12, 1))
    of_images("downsample", lambda x: F.avg_pool2d(x, 2), size=(2, 6, 1))
    of_images("downsample_nearest", lambda x: F.interpolate(x, scale_factor=0.5), size=(2, 6, 1))
    of_images("pixel_shuffle", lambda x: F.pixel_shuffle(x, 2), size=(1, 1, 12))
    of_images("pixel_unshuffle", lambda x: F.pixel_unshuffle(x, 2), size=(2, 2, 3))
    of_images("patches", lambda x: patches(x, 2, stride=2, padding=1), size=two)
    of_images("patches_dilated", lambda x: patches(x, (2, 1), dilation=2), size=(3, 4, 1))
    of_images("unpatches", lambda x: unpatches(x, 2, (2, 8), stride=3), size=(1, 3, 4))
    of_images("unpatches_cut", lambda x: unpatches(x, 2, (3, 1), dilation=2, padding=1), size=(3, 1, 4))
    of_images("blur", lambda x: blur(x, [1, 2, 1], 1, 1), size=two)
    of_images("blur_even", lambda x: blur(x, [1, 3, 4, 0.5], 1, 2, 2))


def conditional_batch_norm(x, scale, shift):
    return F.batch_norm(x, None, None, training=True) * scale[:, :, None, None] + shift[:, :, None, None]


def norms():
    two = (3, 2, 2)
    of_images("instance_norm", lambda x: F.instance_norm(x), size=two)
    of_images("instance_norm_affine", lambda x, s, t: F.instance_norm(x, weight=s, bias=t), (2,), (2,), size=two)
    of_images("group_norm", lambda x, s, t: F.group_norm(x, 2, s, t), (4,), (4,), size=(3, 1, 4))
    layer("group_norm_rows", lambda x: F.group_norm(x, 3))
    of_images("pixel_norm", lambda x: x / (x.square().mean(1, keepdim=True) + 1e-8).sqrt(), size=(2, 2, 3))
    of_images("conditional_batch_norm", conditional_batch_norm, (4, 2), (4, 2), size=two)
    v = torch.linspace(-1, 2, 12).reshape(4, 3)
    of_images("conditional_batch_norm_vector", lambda x, a, b: conditional_batch_norm(x, 1 + v @ a, v @ b), (3, 2), (3, 2), size=two)
    layer("projection", lambda x, w: (x * w).sum(1, keepdim=True), (4, 12))
    layer("projection_vector", lambda x, w: (x * (v @ w)).sum(1, keepdim=True), (3, 12))


def self_attention(x, query, key, value, out, gamma, pool=2):
    """Zhang et al. 2019 (BigGAN's form)."""
    by = lambda w: torch.einsum("nchw,cd->ndhw", x, w)
    q, k, v = by(query), F.max_pool2d(by(key), pool), F.max_pool2d(by(value), pool)
    share = torch.softmax(q.flatten(2).transpose(1, 2) @ k.flatten(2), 2)
    found = share @ v.flatten(2).transpose(1, 2) @ out
    return x + gamma * found.transpose(1, 2).reshape(x.shape)


def attention():
    def f(x, *weights):
        x = torch.cat([x, x * x], 1).reshape(4, 4, 3, 2).permute(0, 3, 1, 2)
        return rows(self_attention(x, *weights))
    layer("self_attention", f, (2, 1), (2, 1), (2, 2), (2, 2), ())
    def all(x, *weights):
        return rows(self_attention(images(x, 3, 2, 2), *weights, pool=1))
    layer("self_attention_all", all, (2, 2), (2, 2), (2, 1), (1, 2), ())


def objectives():
    """Of seven numbers t, weighed by w: the value, and its gradient by t."""
    at = torch.tensor([-3.1, -1.7, -0.4, 0.3, 0.9, 2.2, 4.7])
    w = torch.tensor([0.3, -0.7, 1.1, 0.6, -0.2, 0.9, -0.5])
    shares = torch.softmax(w, 0)
    normal = torch.distributions.Normal
    for name, f in (
        ("cross_entropy", lambda t: F.cross_entropy(t[None], torch.tensor([2]))),
        ("cross_entropy_shares", lambda t: F.cross_entropy(t[None], shares[None])),
        ("cross_entropy_rows", lambda t: (F.cross_entropy(t[:6].reshape(2, 3), torch.tensor([2, 0]), reduction="none") * w[:2]).sum()),
        ("bce_with_logits", lambda t: (F.binary_cross_entropy_with_logits(20 * t, shares, reduction="none") * w).sum()),
        ("gaussian_log_prob", lambda t: (normal(t * t, (t / 4).exp()).log_prob(w) * w).sum()),
        ("kl_normal", lambda t: (torch.distributions.kl_divergence(normal(t, (w * t / 2).exp()), normal(0, 1)) * w).sum()),
        ("logsumexp", lambda t: torch.logsumexp(300 * t, 0)),
        ("logsumexp_rows", lambda t: (torch.logsumexp(t[:6].reshape(2, 3), 0) * w[:3]).sum()),
        ("softmax", lambda t: (torch.softmax(t, 0) * w).sum()),
        ("softmax_rows", lambda t: (torch.log_softmax(t[:6].reshape(2, 3), 0) * w[:6].reshape(2, 3)).sum()),
        ("cumsum", lambda t: (torch.cumsum(t * t, 0) * w).sum()),
        ("cumprod", lambda t: (torch.cumprod(t * (t > -3), 0) * w).sum() + (torch.cumprod(t[:6].reshape(2, 3), 0) ** 2).sum()),
        ("roll", lambda t: (torch.roll(t, 2) * torch.roll(w, -1) * t).sum()),
    ):
        t = at.clone().requires_grad_()
        y = f(t)
        (g,) = torch.autograd.grad(y, t)
        show("objective_%s" % name, torch.cat([y.reshape(1), g]))


print("/* Made by tests/language_torch.py with PyTorch %s; do not edit. */" % torch.__version__.split("+")[0])
print("#ifndef TESTS_LANGUAGE_TORCH_H\n#define TESTS_LANGUAGE_TORCH_H\n")
print("/* clang-format off */")
batch_norm()
optimizer("sgd_plain", lambda p: torch.optim.SGD(p, lr=0.01))
optimizer("sgd_momentum", lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, dampening=0.3, weight_decay=0.1))
optimizer("sgd_nesterov", lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True))
optimizer("adam_plain", lambda p: torch.optim.Adam(p, lr=0.01))
optimizer("adam_gan", lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.5, 0.9), eps=1e-3, weight_decay=0.1))
optimizer("adam_amsgrad", lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.5, 0.5), amsgrad=True))
optimizer("adamw_plain", lambda p: torch.optim.AdamW(p))
optimizer("adamw_all", lambda p: torch.optim.AdamW(p, lr=0.02, betas=(0.5, 0.6), eps=1e-3, weight_decay=0.5, amsgrad=True))
optimizer("rmsprop_plain", lambda p: torch.optim.RMSprop(p))
optimizer("rmsprop_all", lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.8, eps=1e-3, weight_decay=0.1, momentum=0.5, centered=True))
optimizer("adagrad_plain", lambda p: torch.optim.Adagrad(p))
optimizer("adagrad_all", lambda p: torch.optim.Adagrad(p, lr=0.1, lr_decay=0.2, weight_decay=0.1, initial_accumulator_value=2, eps=1e-3))
optimizer("lion_plain", lambda p: Lion(p, 1e-4, (0.9, 0.99), 0))
optimizer("lion_all", lambda p: Lion(p, 0.3, (0.2, 0.7), 0.1))
optimizer("optimistic_adam_plain", lambda p: OptimisticAdam(p, 1e-3, (0.9, 0.999), 1e-8))
optimizer("optimistic_adam_all", lambda p: OptimisticAdam(p, 0.05, (0.3, 0.6), 1e-3))
functions()
layers()
convolutions()
pools()
sizes()
norms()
attention()
objectives()
print("\n#endif")
