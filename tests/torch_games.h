/* Made by tests/torch_games.py with PyTorch 2.15.0; do not edit. */
#ifndef TESTS_TORCH_GAMES_H
#define TESTS_TORCH_GAMES_H

/* clang-format off */
static const struct {
    const char *game, *variable;
    double norm, mixed;
} torch_games[] = {
    {"mnist-mlp", "generator/linear_1/weight", 1.208327171671e+00, 1.431287625022e-01},
    {"mnist-mlp", "generator/batch_norm_1/running_mean", 4.377371892446e-02, -3.740956756086e-02},
    {"mnist-mlp", "generator/batch_norm_1/running_variance", 7.868002734766e-01, 5.590037017778e-02},
    {"mnist-mlp", "generator/batch_norm_1/scale", 1.986476543621e+00, 6.099573323550e-02},
    {"mnist-mlp", "generator/batch_norm_1/shift", 9.657002922692e-02, -8.942495086493e-02},
    {"mnist-mlp", "generator/linear_2/weight", 1.529125811576e+00, -1.541010974030e+00},
    {"mnist-mlp", "generator/batch_norm_2/running_mean", 6.314522788695e-01, -1.864792137236e-01},
    {"mnist-mlp", "generator/batch_norm_2/running_variance", 4.850536919217e-01, -1.586229722228e-01},
    {"mnist-mlp", "generator/batch_norm_2/scale", 2.412250036162e+00, -2.812274634553e-02},
    {"mnist-mlp", "generator/batch_norm_2/shift", 2.837308363760e-01, 1.209553580943e-01},
    {"mnist-mlp", "generator/linear_3/weight", 1.651303199784e+00, -5.098289743775e-02},
    {"mnist-mlp", "generator/batch_norm_3/running_mean", 6.617650359253e-01, 9.166930319642e-01},
    {"mnist-mlp", "generator/batch_norm_3/running_variance", 6.967447061284e-01, 4.442659842347e-02},
    {"mnist-mlp", "generator/batch_norm_3/scale", 3.256178496614e+00, 1.808960779116e+00},
    {"mnist-mlp", "generator/batch_norm_3/shift", 2.302893286840e-01, 6.477681081141e-02},
    {"mnist-mlp", "generator/linear_4/weight", 1.239414946058e+00, -7.170914595203e-01},
    {"mnist-mlp", "generator/linear_4/bias", 2.070389658902e-02, 1.014219551280e-02},
    {"mnist-mlp", "discriminator/linear_1/weight", 1.633667369616e+00, 1.313739552340e+00},
    {"mnist-mlp", "discriminator/linear_1/bias", 1.173247504208e+00, 9.091993326588e-01},
    {"mnist-mlp", "discriminator/linear_2/weight", 1.616522198392e+00, -2.386525553483e+00},
    {"mnist-mlp", "discriminator/linear_2/bias", 4.705182894020e-01, -3.454997087337e-01},
    {"mnist-mlp", "discriminator/linear_3/weight", 1.237611891552e+00, -6.455761922881e-01},
    {"mnist-mlp", "discriminator/linear_3/bias", 5.056064332019e-01, -6.010393497334e-01},
    {"mnist-mlp", "discriminator/linear_4/weight", 5.965276078251e-01, 3.496700877030e-01},
    {"mnist-mlp", "discriminator/linear_4/bias", 1.161355531336e-01, 1.161355531336e-01},
    {"wgan-gp", "generator/linear_1/weight", 1.933775719774e+00, 3.595377675482e-01},
    {"wgan-gp", "generator/linear_1/bias", 1.020811695672e+00, -8.240736505120e-01},
    {"wgan-gp", "generator/linear_2/weight", 1.783104894666e+00, -1.511763877226e+00},
    {"wgan-gp", "generator/linear_2/bias", 5.731417499605e-01, -8.196395915321e-02},
    {"wgan-gp", "generator/linear_3/weight", 8.876242555518e-01, 7.765289442290e-01},
    {"wgan-gp", "generator/linear_3/bias", 3.584741272492e-01, -1.835454314306e-01},
    {"wgan-gp", "discriminator/linear_1/weight", 1.821530828778e+00, 1.438032348686e+00},
    {"wgan-gp", "discriminator/linear_1/bias", 1.537202924803e+00, 9.002789210237e-01},
    {"wgan-gp", "discriminator/linear_2/weight", 2.423050748644e+00, -1.600705856933e+00},
    {"wgan-gp", "discriminator/linear_2/bias", 1.318173524455e+00, -3.296265602276e-02},
    {"wgan-gp", "discriminator/linear_3/weight", 1.201876872323e+00, -1.111174013729e+00},
    {"wgan-gp", "discriminator/linear_3/bias", 8.447830305093e-02, -8.447830305093e-02},
    {"r1", "generator/linear_1/weight", 1.634523740390e+00, 2.255639600042e-01},
    {"r1", "generator/linear_1/bias", 8.887580490451e-01, -7.845912988361e-01},
    {"r1", "generator/linear_2/weight", 1.683897178996e+00, -1.385299408240e+00},
    {"r1", "generator/linear_2/bias", 4.111620124105e-01, 1.317887811336e-01},
    {"r1", "generator/linear_3/weight", 8.471155669111e-01, 9.108622073886e-01},
    {"r1", "generator/linear_3/bias", 6.763033101302e-02, 1.842972577376e-02},
    {"r1", "discriminator/linear_1/weight", 1.537409883870e+00, 1.531544945687e+00},
    {"r1", "discriminator/linear_1/bias", 1.234569892344e+00, 9.479869494472e-01},
    {"r1", "discriminator/linear_2/weight", 1.728306869337e+00, -1.765872387124e+00},
    {"r1", "discriminator/linear_2/bias", 5.316085514484e-01, -2.265309381685e-01},
    {"r1", "discriminator/linear_3/weight", 5.300425927645e-01, -4.502754312670e-01},
    {"r1", "discriminator/linear_3/bias", 2.586955029051e-02, -2.586955029051e-02},
};

#endif
