// The table of the vector kernels; VECTOR_NAME is the including file's. libuphill-act goes forward
// only: what learning needs is left out of its table, and so of the library.
#ifdef UP_FORWARD_ONLY
#define LEARNS(function) NULL
#else
#define LEARNS(function) function
#endif

static const UpKernels vector_kernels = {
    .name = VECTOR_NAME,
    .product = product,
    .product_input = LEARNS(product_input),
    .product_weight = LEARNS(product_weight),
    .sum_rows = LEARNS(sum_rows),
    .sparse_product = sparse_product,
    .sparse_product_weight = LEARNS(sparse_product_weight),
    .conv_forward = conv_forward,
    .conv_input = LEARNS(conv_input),
    .conv_weight = LEARNS(conv_weight),
    .activate = activate,
    .activate_backward = LEARNS(activate_backward),
    .square_sum = LEARNS(square_sum),
    .sgd = LEARNS(sgd),
    .rmsprop = LEARNS(rmsprop),
    .adam = LEARNS(adam),
};
