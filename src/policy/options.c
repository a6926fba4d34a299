#include <stddef.h>
#include <string.h>

#include "uphill/policy.h"

#define ROW(f, type, value, min, max, choices, unit, help, source, when)                           \
    { #f, type, offsetof(UpPolicyDef, f), value, min, max, choices, unit, help, source, when }

static const UpOption rows[] = {
    ROW(net, UP_OPTION_TEXT, "dense", 0, UP_POLICY_NET_MAX, NULL, "",
        "hidden layers, as nature or conv:16x8s4,relu dense:256,relu (`uphill net` prints "
        "them); dense: those of hidden and activation",
        "Mnih 2015: nature", NULL),
    ROW(hidden, UP_OPTION_SIZES, "64,64", 1, 65536, NULL, "units", "hidden layers, or none",
        "PPO detail 13", "net=dense"),
    ROW(activation, UP_OPTION_CHOICE, "tanh", 0, 0, UP_ACTIVATION_CHOICES, "",
        "of the hidden layers", "Sun 2024", "net=dense, hidden!=none"),
    ROW(bias, UP_OPTION_BOOL, "true", 0, 1, NULL, "", "layers have a bias",
        "CartPole tutorial: false", NULL),
    ROW(shared, UP_OPTION_BOOL, "false", 0, 1, NULL, "", "policy and value share the hidden layers",
        "Welleck 2020: true", "value function=yes, hidden!=none"),
    ROW(init, UP_OPTION_CHOICE, "orthogonal", 0, 0, UP_INIT_CHOICES, "", "initial weights",
        "PPO detail 2", "initial weights=drawn"),
    ROW(gain_hidden, UP_OPTION_REAL, "1.4142135623730951", 0, 100, NULL, "",
        "gain of the hidden layers", "PPO detail 2",
        "init!=torch, hidden!=none, initial weights=drawn"),
    ROW(gain_policy, UP_OPTION_REAL, "0.01", 0, 100, NULL, "", "gain of the policy's last layer",
        "PPO detail 2", "init!=torch, initial weights=drawn"),
    ROW(gain_value, UP_OPTION_REAL, "1", 0, 100, NULL, "", "gain of the value's last layer",
        "PPO detail 2", "init!=torch, value function=yes, initial weights=drawn"),
    ROW(box, UP_OPTION_CHOICE, "gaussian", 0, 0, UP_BOX_CHOICES, "",
        "continuous actions: a Gaussian of one deviation, of the state's own, held within the "
        "bounds by tanh; tanh alone",
        "Haarnoja 2018: squashed", "action space=Box"),
    ROW(log_std, UP_OPTION_REAL, "0", -10, 3, NULL, "",
        "initial log standard deviation of continuous actions", "PPO detail 24",
        "action space=Box, box!=tanh, initial weights=drawn"),
    ROW(bernoulli, UP_OPTION_BOOL, "false", 0, 1, NULL, "",
        "one sigmoid output for two actions, in place of a softmax over them", "CartPole tutorial",
        "action space=Discrete"),
    ROW(normalize_obs, UP_OPTION_BOOL, "false", 0, 1, NULL, "",
        "subtract the running mean of observations, divide by their deviation", "PPO detail 28",
        NULL),
    ROW(clip_obs, UP_OPTION_REAL, "10", 0.001, 1e9, NULL, "",
        "clip normalised observations to plus or minus this", "PPO detail 29",
        "normalize_obs=true"),
};

const UpOptionTable up_policy_options = {"policy", "the network and its distribution", rows,
                                         sizeof rows / sizeof *rows};

bool up_policy_has_net(const UpPolicyDef *def) {
    return def->net[0] && strcmp(def->net, "dense") != 0;
}

bool up_policy_remembers(const UpPolicyDef *def) {
    return up_policy_has_net(def) && (strstr(def->net, "lstm:") || strstr(def->net, "gru:"));
}
