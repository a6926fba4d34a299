// The table of the vector kernels; VECTOR_NAME is the including file's.
static const UpKernels vector_kernels = {
    .name = VECTOR_NAME,
    .product = product,
    .product_input = product_input,
    .product_weight = product_weight,
    .sum_rows = sum_rows,
    .sparse_product = sparse_product,
    .sparse_product_weight = sparse_product_weight,
    .activate = activate,
    .activate_backward = activate_backward,
    .square_sum = square_sum,
    .sgd = sgd,
    .rmsprop = rmsprop,
    .adam = adam,
};
