// Which kernels run on this machine.
#include <pthread.h>
#include <stdio.h>

#include "kernels/kernels.h"

#ifdef UP_DOUBLE

const UpKernels *up__kernels(void) {
    return &up__kernels_reference;
}

const char *up_kernel_name(void) {
    return up__kernels_reference.name;
}

#else

#include <oneapi/dnnl/dnnl.h>

static UpKernels chosen;
static char name[96];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void choose(void) {
    chosen = up__kernels_reference;
    chosen.product = up__onednn_product;
    chosen.product_input = up__onednn_product_input;
    chosen.product_weight = up__onednn_product_weight;
    const dnnl_version_t *version = dnnl_version();
    snprintf(name, sizeof name, "oneDNN %d.%d.%d", version->major, version->minor, version->patch);
    chosen.name = name;
}

const UpKernels *up__kernels(void) {
    pthread_once(&once, choose);
    return &chosen;
}

const char *up_kernel_name(void) {
    return up__kernels()->name;
}

#endif
