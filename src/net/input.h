// The first layer's two products for every form of input: numbers, bytes divided by 255, sparse
// rows.
#ifndef UP_NET_INPUT_H
#define UP_NET_INPUT_H

#include "uphill/net.h"

// The input (rows, in) as it stands in memory, or NULL if it is in another form.
const UpReal *up__input_real(UpInput input);

// Products with a matrix of `in` inputs and `out` outputs.

// Y += X W for the rows first … first + m of the input.  w (in, out), y (m, out)
void up__input_product(UpInput input, int64_t first, int64_t m, int64_t in, int64_t out,
                       const UpReal *w, UpReal *y);

// In how many blocks the weight gradient is computed; depends on sizes alone.
int up__input_blocks(UpInput input, int64_t in, int64_t out);

// dW += Xᵀ dY for one block of dW.  dy (m, out), dw (in, out)
void up__input_product_weight(UpInput input, int64_t m, int64_t in, int64_t out, int block,
                              const UpReal *dy, UpReal *dw);

#endif
