// The options of the [optim] section.
#include "uphill/optim.h"

#define FIELD(name) offsetof(UpOptimDef, name)

static const UpOption rows[] = {
    {"optimizer", UP_OPTION_CHOICE, FIELD(kind), "adam", 0, 2, "sgd|rmsprop|adam", "",
     "rule that turns the gradient into a step", "Kingma & Ba 2015", NULL},
    {"learning_rate", UP_OPTION_REAL, FIELD(learning_rate), "0.0003", 0, 10, NULL, "",
     "step size at the start of training", "Schulman 2017", NULL},
    {"schedule", UP_OPTION_CHOICE, FIELD(schedule), "constant", 0, 2, UP_SCHEDULE_CHOICES, "",
     "how the learning rate moves to learning_rate_end during training", "", NULL},
    {"learning_rate_end", UP_OPTION_REAL, FIELD(learning_rate_end), "0", 0, 10, NULL, "",
     "learning rate at the end of training", "", "schedule!=constant"},
    {"momentum", UP_OPTION_REAL, FIELD(momentum), "0", 0, 1, NULL, "",
     "weight of the previous step; 0 keeps none", "", "optimizer=sgd"},
    {"decay", UP_OPTION_REAL, FIELD(decay), "0.99", 0, 1, NULL, "", "weight of the old mean square",
     "Mnih 2016", "optimizer=rmsprop"},
    {"beta1", UP_OPTION_REAL, FIELD(beta1), "0.9", 0, 0.9999999, NULL, "",
     "weight of the old first moment", "Kingma & Ba 2015", "optimizer=adam"},
    {"beta2", UP_OPTION_REAL, FIELD(beta2), "0.999", 0, 0.9999999, NULL, "",
     "weight of the old second moment", "Kingma & Ba 2015", "optimizer=adam"},
    {"epsilon", UP_OPTION_REAL, FIELD(epsilon), "1e-08", 0, 1, NULL, "",
     "added to the root in the denominator", "Kingma & Ba 2015", "optimizer=rmsprop|adam"},
    {"max_grad_norm", UP_OPTION_REAL, FIELD(max_grad_norm), "0.5", 0, 1e9, NULL, "",
     "the gradient is scaled down to this length; 0 leaves it as it is", "PPO detail 11", NULL},
};

const UpOptionTable up_optim_options = {
    .section = "optim",
    .title = "how the gradient changes the weights",
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
};

UpOptimDef up_optim_def_default(void) {
    UpOptimDef def;
    up_options_default(&up_optim_options, &def);
    return def;
}
