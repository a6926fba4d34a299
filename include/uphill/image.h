// A picture.
#ifndef UPHILL_IMAGE_H
#define UPHILL_IMAGE_H

#include <stdint.h>

typedef struct UpImage {
    int width, height;
    uint8_t *rgb; // (height, width, 3), the caller's
} UpImage;

#endif
