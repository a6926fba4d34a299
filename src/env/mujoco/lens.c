// The camera: where a point in space lies on the sheet.
#include "env/mujoco/lens.h"

#ifdef UP_HAVE_CAIRO

#include <math.h>

enum { CORNERS_MAX = 8 };

static double dot(const double a[3], const double b[3]) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

UpLens up__lens_of(const mjvScene *scene, double width, double height) {
    const mjvGLCamera *camera = &scene->camera[0];
    UpLens lens = {.x = width / 2, .y = height / 2};
    for (int k = 0; k < 3; k++) { // between the two eyes
        lens.position[k] = ((double)camera->pos[k] + (double)scene->camera[1].pos[k]) / 2;
        lens.forward[k] = (double)camera->forward[k];
        lens.up[k] = (double)camera->up[k];
    }
    for (int k = 0; k < 3; k++) {
        int a = (k + 1) % 3, b = (k + 2) % 3;
        lens.right[k] = lens.forward[a] * lens.up[b] - lens.forward[b] * lens.up[a];
    }
    double top = (double)camera->frustum_top / (double)camera->frustum_near;
    lens.focal = height / 2 / top;
    return lens;
}

UpSpot up__lens_spot(const UpLens *lens, const double point[3]) {
    double d[3] = {point[0] - lens->position[0], point[1] - lens->position[1],
                   point[2] - lens->position[2]};
    double depth = dot(d, lens->forward), scale = lens->focal / fmax(depth, UP__LENS_NEAR);
    return (UpSpot){lens->x + dot(d, lens->right) * scale, lens->y - dot(d, lens->up) * scale,
                    depth};
}

bool up__lens_polygon(const UpLens *lens, cairo_t *cairo, int corners, double corner[][3]) {
    double depth[CORNERS_MAX];
    for (int i = 0; i < corners; i++)
        depth[i] = up__lens_spot(lens, corner[i]).depth;
    bool begun = false;
    for (int i = 0; i < corners; i++) {
        int next = (i + 1) % corners;
        if (depth[i] >= UP__LENS_NEAR) {
            UpSpot spot = up__lens_spot(lens, corner[i]);
            cairo_line_to(cairo, spot.x, spot.y);
            begun = true;
        }
        if ((depth[i] >= UP__LENS_NEAR) == (depth[next] >= UP__LENS_NEAR)) continue;
        double part = (UP__LENS_NEAR - depth[i]) / (depth[next] - depth[i]), crossing[3];
        for (int k = 0; k < 3; k++)
            crossing[k] = corner[i][k] + part * (corner[next][k] - corner[i][k]);
        UpSpot spot = up__lens_spot(lens, crossing);
        cairo_line_to(cairo, spot.x, spot.y);
        begun = true;
    }
    if (begun) cairo_close_path(cairo);
    return begun;
}

#endif
