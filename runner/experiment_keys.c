/* The rows of what may stand in a file; see experiment_keys.h. */
#include "runner/experiment_keys.h"
#include "runner/latent.h"

#include <string.h>

#include "datasets/stream.h"

const struct key_row *key_find(const struct key_row *keys, const char *name) {
    for (; keys->is.name; keys++)
        if (!strcmp(keys->is.name, name)) return keys;
    return NULL;
}

#define EXPRESSION(id, text)                                                                       \
    {                                                                                              \
        .is = {.name = id, .type = PARAMETER_EXPRESSION, .standard = "", .doc = text }             \
    }

/* ---- networks ---- */

static const struct key_row input_shape = {
    .is = {.name = "shape", .type = PARAMETER_SHAPE, .standard = "", .doc = "of one sample"}};
static const struct key_row input_forms[] = {
    {.is = {.name = "names", .type = PARAMETER_TEXTS, .doc = "a name, or a list of them"}},
    {.is = {.name = "shapes", .doc = "names, each with the shape of one sample"},
     .form = KEY_NAMES,
     .keys = &input_shape},
    {.is = {0}},
};
static const struct key_row network_output = EXPRESSION("output", "over inputs and named results");

const struct key_row layer_keys[] = {
    {.is = {.name = "as",
            .type = PARAMETER_TEXT,
            .standard = "",
            .doc = "names the result, for later layers of this network, and the layer's weights"}},
    {.is = {.name = "from",
            .type = PARAMETER_TEXTS,
            .standard = "previous",
            .doc = "the inputs: names, or expressions over names such as \"w[1]\"; at first the "
                   "network's first input"}},
    EXPRESSION("when", "leaves the layer out where this, over `parameters:`, is 0 or false"),
    {.is = {0}},
};
static const struct key_row layer_item[] = {
    {.is = {.name = "layer", .doc = "a layer"}, .form = KEY_LAYER, .keys = layer_keys}};

const struct key_row network_keys[] = {
    {.is = {.name = "doc", .type = PARAMETER_TEXT, .standard = "", .doc = "a text for the reader"}},
    {.is = {.name = "inputs",
            .standard = "",
            .doc = "names of what it is called with: [z], or with shapes {w: [10, 512]}"},
     .form = KEY_EITHER,
     .keys = input_forms},
    {.is = {.name = "layers",
            .aliases = "modules",
            .doc = "one after the other; each takes what the one before it gave"},
     .form = KEY_LIST,
     .keys = layer_item},
    {.is = {.name = "outputs",
            .standard = "",
            .doc = "named outputs, for calls such as d(x).logit; by default the last result"},
     .form = KEY_NAMES,
     .keys = &network_output},
    {.is = {.name = "defaults", .standard = "", .doc = "other defaults of its layers' parameters"},
     .form = KEY_DEFAULTS},
    {.is = {0}},
};
static const struct key_row network = {
    .is = {.name = "network", .doc = "a network, layer by layer"},
    .form = KEY_MAP,
    .keys = network_keys,
};

static const struct key_row declared = {
    .is = {.name = "declared_parameter", .doc = "a number, which is the default, or more about it"},
    .form = KEY_OPTIONS,
    .options = declared_parameters,
};

const struct key_row block_keys[] = {
    {.is = {.name = "doc", .type = PARAMETER_TEXT, .standard = "", .doc = "a text for the reader"}},
    {.is = {.name = "parameters",
            .standard = "",
            .doc = "numbers that a use of it may give, and that its layers may name"},
     .form = KEY_NAMES,
     .keys = &declared},
    {.is = {.name = "inputs",
            .type = PARAMETER_TEXTS,
            .standard = "",
            .doc = "names of its inputs; nothing else is in scope in it"}},
    {.is = {.name = "layers", .doc = "one after the other; each takes what the one before it gave"},
     .form = KEY_LIST,
     .keys = layer_item},
    {.is = {0}},
};
static const struct key_row block = {
    .is = {.name = "block", .doc = "a list of layers that is used like a layer"},
    .form = KEY_MAP,
    .keys = block_keys,
};

/* ---- the game ---- */

static const struct key_row let = EXPRESSION("value", "an expression"),
                            report = EXPRESSION("metric", "an expression"),
                            set = EXPRESSION("state", "its next value");

#define UPDATE_KEY                                                                                 \
    {                                                                                              \
        .is = {                                                                                    \
            .name = "update",                                                                      \
            .type = PARAMETER_TEXTS,                                                               \
            .standard = "",                                                                        \
            .doc = "networks, or parts of them such as generator/body, whose weights are "         \
                   "updated; by default the network of the phase's name",                          \
        }                                                                                          \
    }
#define MINIMIZE_KEY                                                                               \
    {                                                                                              \
        .is = {                                                                                    \
            .name = "minimize",                                                                    \
            .type = PARAMETER_EXPRESSION,                                                          \
            .standard = "",                                                                        \
            .aliases = "loss",                                                                     \
            .doc = "the loss: one number, or one a sample"                                         \
        }                                                                                          \
    }
#define PROJECT_KEY                                                                                \
    EXPRESSION("project", "maps each updated tensor after the optimizer: clamp(weights, -c, c)")

const struct key_row player_keys[] = {UPDATE_KEY, MINIMIZE_KEY, PROJECT_KEY, {.is = {0}}};
static const struct key_row player = {
    .is = {.name = "player", .doc = "one of several that are updated at once"},
    .form = KEY_MAP,
    .keys = player_keys,
};

const struct key_row phase_keys[] = {
    UPDATE_KEY,
    MINIMIZE_KEY,
    {.is = {.name = "let", .standard = "", .doc = "values with names, for what follows"},
     .form = KEY_NAMES,
     .keys = &let},
    {.is = {.name = "set", .standard = "", .doc = "next values of `state:`"},
     .form = KEY_NAMES,
     .keys = &set},
    {.is = {.name = "report", .standard = "", .doc = "metrics besides the loss"},
     .form = KEY_NAMES,
     .keys = &report},
    PROJECT_KEY,
    {.is = {.name = "players",
            .standard = "",
            .doc = "several that are updated at once: all gradients are taken before any update"},
     .form = KEY_NAMES,
     .keys = &player},
    EXPRESSION("repeat", "how often the phase runs in one step; 1 by default"),
    EXPRESSION("every", "runs in steps 0, n, 2n, …; in each by default"),
    EXPRESSION("when", "runs where this is not 0"),
    EXPRESSION("batch", "examples in its batch; the batch of `data:` by default"),
    {.is = {.name = "accumulate", .standard = "", .doc = "batches whose gradients are added"},
     .later = "gradients of one batch are used"},
    {.is = {0}},
};
static const struct key_row phase = {
    .is = {.name = "phase", .doc = "an update, or the computation of state or metrics"},
    .form = KEY_MAP,
    .keys = phase_keys,
};

static const struct key_row role = {
    .is = {.name = "name",
           .type = PARAMETER_TEXT,
           .doc = "a network, latent or value of the game, or data of a stream: b.x"}};
static const struct key_row phase_name = {
    .is = {.name = "phase_name", .type = PARAMETER_TEXT, .doc = "a name for the phase"}};
#define ROLES_KEY(text)                                                                            \
    { .is = {.name = "roles", .standard = "", .doc = text}, .form = KEY_NAMES, .keys = &role }

const struct key_row objective_keys[] = {
    {.is = {.name = "name",
            .type = PARAMETER_TEXT,
            .standard = "",
            .doc = "its name; by default its file's"}},
    {.is = {.name = "doc",
            .type = PARAMETER_TEXT,
            .standard = "",
            .doc = "one line: what it is, and its paper"}},
    {.is = {.name = "aliases",
            .type = PARAMETER_TEXTS,
            .standard = "",
            .doc = "what others call it: who writes so is told its name"}},
    {.is = {.name = "parameters", .standard = "", .doc = "numbers that the experiment may give"},
     .form = KEY_NAMES,
     .keys = &declared},
    {.is = {.name = "phases", .doc = "one after the other in every step"},
     .form = KEY_NAMES,
     .keys = &phase},
    {.is = {.name = "given", .standard = "", .doc = "what the experiment gave its parameters"},
     .form = KEY_NAMES,
     .keys = &let},
    ROLES_KEY("what plays the roles of what it names: {generator: g_ab, x: b.x}"),
    {.is = {.name = "phase_names",
            .standard = "",
            .doc = "what its phases are called in the game, if not as what they update: "
                   "{generator: generators}"},
     .form = KEY_NAMES,
     .keys = &phase_name},
    {.is = {0}},
};
static const struct key_row objective = {
    .is = {.name = "objective", .doc = "an objective, with its parameters"},
    .form = KEY_OBJECTIVE,
    .keys = objective_keys,
};

const struct key_row game_keys[] = {
    {.is = {.name = "objective",
            .standard = "",
            .aliases = "loss",
            .doc = "hinge, {r1: {weight: 5}}, or a list of several, which are joined: phases of "
                   "one name become one, and what they minimize is added"},
     .form = KEY_SOME,
     .keys = &objective},
    {.is = {.name = "phases",
            .standard = "",
            .doc = "one after the other in every step; joined with those of the objectives"},
     .form = KEY_NAMES,
     .keys = &phase},
    ROLES_KEY("the same for all objectives of the game that have none of their own"),
    {.is = {0}},
};

/* ---- samplers ---- */

const struct key_row sampler_keys[] = {
    {.is = {.name = "doc", .type = PARAMETER_TEXT, .standard = "", .doc = "a text for the reader"}},
    {.is = {.name = "parameters",
            .standard = "",
            .doc = "numbers that may be changed when sampling: `duel sample --with psi=0.5`"},
     .form = KEY_NAMES,
     .keys = &declared},
    {.is = {.name = "let", .standard = "", .doc = "values with names, for what follows"},
     .form = KEY_NAMES,
     .keys = &let},
    {.is = {.name = "output", .type = PARAMETER_EXPRESSION, .doc = "the samples"}},
    {.is = {.name = "for", .standard = "", .doc = "repeats with a variable"},
     .later = "a sampler gives its output in one go"},
    {.is = {.name = "carry", .standard = "", .doc = "what one round hands to the next"},
     .later = "a sampler gives its output in one go"},
    {.is = {0}},
};
static const struct key_row sampler = {
    .is = {.name = "sampler", .doc = "a way to look at the model, in eval mode"},
    .form = KEY_MAP,
    .keys = sampler_keys,
};

/* ---- how long, and what is kept ---- */

#define LENGTH(unit, text)                                                                         \
    {                                                                                              \
        .is = {                                                                                    \
            .name = unit,                                                                          \
            .type = PARAMETER_NUMBER,                                                              \
            .standard = "",                                                                        \
            .low = 0,                                                                              \
            .high = 1e15,                                                                          \
            .doc = text,                                                                           \
        }                                                                                          \
    }
const struct key_row train_keys[] = {
    LENGTH("epochs", "how often all examples are seen"),
    LENGTH("steps", "how often all phases run"),
    LENGTH("images", "how many examples are drawn"),
    LENGTH("minutes", "how long it may take"),
    {.is = {.name = "accumulate", .standard = "", .doc = "batches whose gradients are added"},
     .later = "gradients of one batch are used"},
    {.is = {0}},
};

const struct key_row output_keys[] = {
    {.is = {.name = "samples", .standard = "", .doc = "samples of the model"},
     .form = KEY_OPTIONS,
     .options = samples_parameters},
    {.is = {.name = "checkpoints", .standard = "", .doc = "all that is needed to go on"},
     .form = KEY_OPTIONS,
     .options = checkpoints_parameters},
    {.is = {.name = "metrics", .standard = "", .doc = "losses and what phases report"},
     .form = KEY_OPTIONS,
     .options = metrics_parameters},
    {.is = {0}},
};

/* ---- an experiment ---- */

static const struct key_row constant = {
    .is = {.name = "parameter", .type = PARAMETER_NUMBER, .doc = "a number"}};
static const struct key_row source_keys[] = {
    {.is = {.name = "stream", .doc = "how it is drawn"},
     .form = KEY_OPTIONS,
     .options = stream_parameters},
    {.is = {0}},
};
static const struct key_row data_forms[] = {
    {.is = {.name = "source", .doc = "a data set, its options, and how it is drawn"},
     .form = KEY_SOURCE,
     .keys = source_keys},
    {.is = {.name = "streams", .doc = "several, with names"},
     .form = KEY_NAMES,
     .keys = data_forms},
    {.is = {0}},
};
static const struct key_row latent = {
    .is = {.name = "latent",
           .type = PARAMETER_DISTRIBUTION,
           .choices = LATENT_NAMES,
           .doc = "noise of the shape of one sample: normal(100); 'duel latents' lists them"}};
static const struct key_row group = {
    .is = {.name = "group", .doc = "weights that are updated otherwise than the others"},
    .form = KEY_GROUP,
    .options = group_parameters,
};
#define GROUPS_KEY                                                                                 \
    {                                                                                              \
        .is = {.name = "groups",                                                                   \
               .standard = "",                                                                     \
               .doc = "parts that are updated otherwise, by their path or any name with `of`"},    \
        .form = KEY_NAMES, .keys = &group                                                          \
    }
#define CLIP_KEY                                                                                   \
    {                                                                                              \
        .is = {.name = "clip", .standard = "", .doc = "bounds of the gradients"},                  \
        .form = KEY_OPTIONS, .options = clip_parameters                                            \
    }
const struct key_row optimizer_keys[] = {GROUPS_KEY, CLIP_KEY, {.is = {0}}};
const struct key_row optimizers_keys[] = {
    {.is = {.name = "of",
            .type = PARAMETER_TEXTS,
            .standard = "",
            .doc = "networks or parts of them; by default the network of its name"}},
    GROUPS_KEY,
    CLIP_KEY,
    {.is = {0}},
};
static const struct key_row optimizer = {
    .is = {.name = "optimizer", .doc = "an optimizer, with its parameters"},
    .form = KEY_OPTIMIZER,
    .keys = optimizers_keys,
};
static const struct key_row state = {
    .is = {.name = "state", .doc = "how it begins, or more about it"},
    .form = KEY_OPTIONS,
    .options = state_parameters,
};
static const struct key_row average = {
    .is = {.name = "average", .doc = "of which networks, or more about it"},
    .form = KEY_OPTIONS,
    .options = average_parameters,
};

const struct key_row checkpoint_keys[] = {
    {.is = {.name = "checkpoint",
            .type = PARAMETER_INTEGER,
            .low = 0,
            .high = 9007199254740992.0,
            .doc = "after so many steps"}},
    {.is = {.name = "last", .type = PARAMETER_CHOICE, .choices = "last", .doc = "the newest"}},
    {.is = {0}},
};
static const struct key_row load_into = {
    .is = {.name = "into", .type = PARAMETER_TEXT, .doc = "its path here"}};
const struct key_row load_keys[] = {
    {.is = {.name = "run",
            .type = PARAMETER_TEXT,
            .doc = "a run's folder, one of its checkpoints, or an experiment's name, which means "
                   "its newest run"}},
    {.is = {.name = "checkpoint", .standard = "last", .doc = "which of the run's checkpoints"},
     .form = KEY_EITHER,
     .keys = checkpoint_keys},
    {.is = {.name = "of",
            .type = PARAMETER_TEXTS,
            .standard = "",
            .doc = "paths in that run, such as generator/body; by default those of `into`, else "
                   "everything that has its name here"}},
    {.is = {.name = "into",
            .standard = "",
            .doc = "other names here: {generator: teacher}, paths there and here"},
     .form = KEY_NAMES,
     .keys = &load_into},
    {.is = {0}},
};
static const struct key_row load = {
    .is = {.name = "load", .doc = "parts of another run"},
    .form = KEY_MAP,
    .keys = load_keys,
};

const struct key_row seed_keys[] = {
    {.is = {.name = "seed",
            .type = PARAMETER_INTEGER,
            .low = 0,
            .high = 9007199254740992.0,
            .doc = "a number"}},
    {.is = {.name = "random",
            .type = PARAMETER_CHOICE,
            .choices = "random",
            .doc = "drawn when training starts, and kept with the run"}},
    {.is = {0}},
};

#define LATER(id, text)                                                                            \
    {                                                                                              \
        .is = {.name = id, .standard = "", .doc = text},                                           \
        .later = "this version of duel reads files without it"                                     \
    }
const struct key_row experiment_keys[] = {
    {.is = {.name = "name",
            .type = PARAMETER_TEXT,
            .standard = "",
            .doc = "the name, and the folder of the runs: letters, digits, '-', '_', '.'; by "
                   "default the file's name"}},
    {.is = {.name = "doc", .type = PARAMETER_TEXT, .standard = "", .doc = "a text for the reader"}},
    {.is = {.name = "seed",
            .standard = "0",
            .aliases = "random_seed manual_seed",
            .doc = "all draws depend on it"},
     .form = KEY_EITHER,
     .keys = seed_keys},
    {.is = {.name = "parameters",
            .standard = "",
            .doc = "named numbers for the rest of the file; --set parameters.width=64 changes one"},
     .form = KEY_NAMES,
     .keys = &constant},
    {.is = {.name = "data",
            .standard = "",
            .aliases = "dataset",
            .doc =
                "the data set and the batch, which binds x, and y; or streams with names, each of "
                "which binds NAME.x, and NAME.y"},
     .form = KEY_EITHER,
     .keys = data_forms},
    {.is = {.name = "latent",
            .standard = "",
            .aliases = "noise latent_dim z_dim nz",
            .doc = "named noise"},
     .form = KEY_NAMES,
     .keys = &latent},
    {.is = {.name = "blocks",
            .standard = "",
            .doc = "lists of layers with parameters and inputs, used like layers"},
     .form = KEY_NAMES,
     .keys = &block},
    {.is = {.name = "defaults",
            .standard = "",
            .doc = "other defaults of parameters of layers and blocks, in the whole file"},
     .form = KEY_DEFAULTS},
    {.is = {.name = "networks",
            .aliases = "models model nets",
            .doc = "every network, layer by layer"},
     .form = KEY_NAMES,
     .keys = &network},
    {.is = {.name = "optimizer",
            .standard = "",
            .doc = "how gradients become updates, for all networks that have no other"},
     .form = KEY_OPTIMIZER,
     .keys = optimizer_keys},
    {.is = {.name = "optimizers", .standard = "", .doc = "optimizers of single networks"},
     .form = KEY_NAMES,
     .keys = &optimizer},
    {.is = {.name = "state", .standard = "", .doc = "values that the game keeps from step to step"},
     .form = KEY_NAMES,
     .keys = &state},
    {.is = {.name = "game", .aliases = "loss", .doc = "who is updated, and on what"},
     .form = KEY_MAP,
     .keys = game_keys},
    {.is = {.name = "train", .aliases = "training", .doc = "how long, in one unit"},
     .form = KEY_ONE,
     .keys = train_keys},
    {.is = {.name = "outputs", .standard = "", .doc = "what is kept of a run, and when"},
     .form = KEY_MAP,
     .keys = output_keys},
    {.is = {.name = "averages",
            .standard = "",
            .doc = "networks whose weights follow others slowly; samples are made with the "
                   "generator's"},
     .form = KEY_NAMES,
     .keys = &average},
    {.is = {.name = "load",
            .standard = "",
            .doc = "parts of other runs with which training begins"},
     .form = KEY_SOME,
     .keys = &load},
    {.is = {.name = "samplers",
            .standard = "",
            .doc = "ways to look at the model; by default the network that takes only latents and "
                   "labels"},
     .form = KEY_NAMES,
     .keys = &sampler},
    {.is = {.name = "precision",
            .type = PARAMETER_CHOICE,
            .standard = "float32",
            .choices = "float32 tf32 bfloat16",
            .doc = "what products are computed in; others than float32 are not there yet"}},
    LATER("stages", "changes of the file while training"),
    LATER("evaluate", "measures of the samples' quality"),
    {.is = {0}},
};
