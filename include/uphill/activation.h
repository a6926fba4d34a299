// What a layer does to each of its numbers.
#ifndef UPHILL_ACTIVATION_H
#define UPHILL_ACTIVATION_H

typedef enum UpActivation {
    UP_IDENTITY,
    UP_SIGMOID,
    UP_TANH,
    UP_RELU,
    UP_LEAKY_RELU, // max(0.01 x, x)
    UP_SILU,       // x sigmoid(x)
    UP_ELU,        // x, below 0 exp(x) - 1
} UpActivation;
enum { UP_ACTIVATIONS = UP_ELU + 1 }; // how many there are
#define UP_ACTIVATION_CHOICES "identity|sigmoid|tanh|relu|leaky_relu|silu|elu"

#endif
