/* What a step of mnist-mlp costs: objective, phase, products, kernels, nodes, 10^6 operations and bytes. A change that is meant is
   written here; test_steps prints the line. */
{"game.objective=non-saturating", 0, 12, 41, 521, 76.1, 7.8},
{"game.objective=non-saturating", 1, 17, 57, 596, 74.0, 9.2},
{"game.objective=wgan-gp", 0, 22, 54, 586, 133.5, 13.5},
{"game.objective=wgan-gp", 1, 17, 55, 578, 74.0, 9.2},
{"game.objective=[non-saturating, r1]", 0, 22, 53, 610, 119.0, 12.5},
{"game.objective=[non-saturating, r1]", 1, 17, 57, 596, 74.0, 9.2},
