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
} UpActivation;
#define UP_ACTIVATION_CHOICES "identity|sigmoid|tanh|relu|leaky_relu|silu"

#endif
