"""The same training step in JAX, whole under jit: batch, latents, both updates, running statistics.

    peer_jax.py PIXELS HEADER_BYTES

One generator pass serves both players, as in PyTorch's tutorial; the discriminator's weights get no gradient in the
generator's half. All state is donated, the data and their order stay on the device.
"""

import functools
import itertools
import json
import math
import sys

import peer

try:
    import jax
    import numpy
    from jax import numpy as jnp
except ImportError as missing:
    print(json.dumps({"missing": str(missing)}))
    sys.exit(0)

softplus = jax.nn.softplus


def parameters_of(network, key):
    parameters, state, size = [], [], None
    for kind, (extent,), _, count in network:
        own, running = {}, {}
        if kind == "linear":
            key, first, second = jax.random.split(key, 3)
            bound = 1 / math.sqrt(size)
            own["weight"] = jax.random.uniform(first, (size, extent), minval=-bound, maxval=bound)
            own["bias"] = jax.random.uniform(second, (extent,), minval=-bound, maxval=bound)
        elif kind == "batch_norm":
            own = {"scale": jnp.ones(extent), "shift": jnp.zeros(extent)}
            running = {"mean": jnp.zeros(extent), "variance": jnp.ones(extent)}
        if sum(leaf.size for leaf in own.values()) != count:
            raise ValueError(f"'{kind}' has not {count} parameters, as duel's has")
        parameters.append(own)
        state.append(running)
        size = extent
    return parameters, state


def batch_norm(own, running, options, x):
    momentum, count = float(options["momentum"]), x.shape[0]
    mean, variance = x.mean(0), x.var(0)
    y = (x - mean) * (own["scale"] * jax.lax.rsqrt(variance + float(options["epsilon"]))) + own["shift"]
    moved = {"mean": mean, "variance": variance * (count / (count - 1))}
    return y, {name: old + momentum * (moved[name] - old) for name, old in running.items()}


def apply(network, parameters, state, x):
    after = []
    for (kind, _, options, _), own, running in zip(network, parameters, state):
        if kind == "linear":
            x = x @ own["weight"] + own["bias"]
        elif kind == "batch_norm":
            x, running = batch_norm(own, running, options, x)
        elif kind == "leaky_relu":
            x = jnp.where(x > 0, x, float(options["slope"]) * x)
        elif kind == "relu":
            x = jnp.maximum(x, 0)
        elif kind == "tanh":
            x = jnp.tanh(x)
        elif kind != "input":
            raise ValueError(f"no '{kind}' here")
        after.append(running)
    return x, after


def adam(options, parameters, gradient, moments, count):
    beta_1, beta_2 = options["betas"]
    rate = options["lr"] * jnp.sqrt(1 - beta_2**count) / (1 - beta_1**count)
    epsilon = options["epsilon"] * jnp.sqrt(1 - beta_2**count)
    first = jax.tree.map(lambda m, g: beta_1 * m + (1 - beta_1) * g, moments[0], gradient)
    second = jax.tree.map(lambda v, g: beta_2 * v + (1 - beta_2) * g * g, moments[1], gradient)
    parameters = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + epsilon), parameters, first, second)
    return parameters, (first, second)


def make_step(order, together):
    """`together`: the discriminator sees real and fake examples in one batch of twice the size."""
    batch, options = order["batch"], order["adam"]
    generator, discriminator = (peer.layers_of(order["layers"], name) for name in ("generator", "discriminator"))
    (latents,) = generator[0][1]

    def judge(parameters, running, x):
        return apply(discriminator, parameters, running, x)[0]

    def discriminator_loss(parameters, running, real, fake):
        if together:
            logits = judge(parameters, running, jnp.concatenate([real, fake]))
            return softplus(-logits[:batch]).mean() + softplus(logits[batch:]).mean()
        return softplus(-judge(parameters, running, real)).mean() + softplus(judge(parameters, running, fake)).mean()

    @functools.partial(jax.jit, donate_argnums=0)
    def step(all_state, images, permutation):
        (g, g_running, g_moments), (d, d_running, d_moments), key, count = all_state
        start = count % (len(images) // batch) * batch
        index = jax.lax.dynamic_slice(permutation, (start,), (batch,))
        real = images[index].astype(jnp.float32) * (2 / 255) - 1
        key, drawn = jax.random.split(key)
        z = jax.random.normal(drawn, (batch, latents))
        fake, pull, g_running = jax.vjp(lambda p: apply(generator, p, g_running, z), g, has_aux=True)
        updates = (count + 1).astype(jnp.float32)
        d_loss, d_gradient = jax.value_and_grad(discriminator_loss)(d, d_running, real, fake)
        d, d_moments = adam(options, d, d_gradient, d_moments, updates)
        g_loss, cotangent = jax.value_and_grad(lambda x: softplus(-judge(d, d_running, x)).mean())(fake)
        g, g_moments = adam(options, g, pull(cotangent)[0], g_moments, updates)
        return ((g, g_running, g_moments), (d, d_running, d_moments), key, count + 1), (d_loss, g_loss)

    return step


def initial(order):
    players = []
    for seed, name in enumerate(("generator", "discriminator")):
        parameters, running = parameters_of(peer.layers_of(order["layers"], name), jax.random.key(seed))
        zeros = [jax.tree.map(jnp.zeros_like, parameters) for _ in range(2)]
        players.append((parameters, running, tuple(zeros)))
    return players[0], players[1], jax.random.key(2), jnp.int32(0)


def make_way(order, images, step, told, steps):
    """A step waited for at once, or several in flight, which spares the host some waiting."""
    held = {"state": initial(order), "count": 0}
    draws, source = len(images) // order["batch"], numpy.random.default_rng(1)

    def run():
        for _ in range(steps):
            if held["count"] % draws == 0:
                held["order"] = jnp.asarray(source.permutation(len(images)).astype(numpy.int32))
            held["state"], losses = step(held["state"], images, held["order"])
            held["count"] += 1
        jax.block_until_ready((held["state"], losses))

    return peer.Way(f"{told}, waited for after {steps} step{'s' if steps > 1 else ''}", run, steps)


def main():
    path, header_bytes = sys.argv[1:]
    images = jnp.asarray(numpy.frombuffer(peer.read_pixels(path, int(header_bytes)), numpy.uint8).reshape(-1, 784))

    def make_ways(order):
        if order["objective"]["name"] != "non-saturating":
            raise ValueError(f"no '{order['objective']['name']}' here")
        calls = {"discriminator called on real, then on fake": False, "discriminator called on both at once": True}
        steps = {told: make_step(order, together) for told, together in calls.items()}
        return [make_way(order, images, steps[told], told, count) for told, count in itertools.product(steps, (1, 10))]

    peer.serve({"library": "JAX", "version": jax.__version__, "threads": 2}, make_ways)


main()
