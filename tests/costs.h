/* What a step costs: configuration, what is set, phase, products, kernels, nodes, 10^6 operations and bytes. A change that is meant is
   written here; test_steps prints the line. */
{"mnist-mlp", "game.objective=non-saturating", 0, 12, 41, 521, 76.1, 7.8},
{"mnist-mlp", "game.objective=non-saturating", 1, 17, 57, 596, 74.0, 9.2},
{"mnist-mlp", "game.objective=wgan-gp", 0, 22, 54, 586, 133.5, 13.5},
{"mnist-mlp", "game.objective=wgan-gp", 1, 17, 55, 578, 74.0, 9.2},
{"mnist-mlp", "game.objective=[non-saturating, r1]", 0, 22, 53, 610, 119.0, 12.5},
{"mnist-mlp", "game.objective=[non-saturating, r1]", 1, 17, 57, 596, 74.0, 9.2},
/* With r1 every step of the discriminator has 119.0; every 16 steps in a phase of its own it is 76.1 + 58.5 / 16, so 79.8. */
{"mnist-mlp", "game.objective=[non-saturating, lazy-r1]", 0, 12, 41, 521, 76.1, 7.8},
{"mnist-mlp", "game.objective=[non-saturating, lazy-r1]", 2, 12, 29, 204, 58.5, 7.6},
/* 3 products of the generator, 2 of the discriminator on real and fake together, 3 of its gradients; the generator's phase has none of
   the discriminator's weights: 3 + 2, 2 back through it, 5 of the generator's. Some are
   made by tiles (engine/winograd.c): with fewer multiplications, and kernels that transform their weights. */
{"mnist-dcgan", "seed=1", 0, 8, 47, 577, 3197.5, 191.6},
{"mnist-dcgan", "seed=1", 1, 12, 52, 547, 2444.6, 211.8},
