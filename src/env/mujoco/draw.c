// The camera, the sky, the floor, and the shapes from the farthest to the nearest.
#include "env/mujoco/draw.h"

#ifdef UP_HAVE_CAIRO

#include <math.h>

#include "env/mujoco/lens.h"
#include "env/mujoco/shape.h"

enum { SHAPES_MAX = 512 };

// ---------------------------------------------------------------------------------------------------
// Sky and floor

static void draw_sky(cairo_t *cairo, double height) {
    cairo_pattern_t *sky = cairo_pattern_create_linear(0, 0, 0, height);
    cairo_pattern_add_color_stop_rgb(sky, 0, 0.42, 0.60, 0.80);
    cairo_pattern_add_color_stop_rgb(sky, 0.6, 0.88, 0.93, 0.97);
    cairo_set_source(cairo, sky);
    cairo_paint(cairo);
    cairo_pattern_destroy(sky);
}

// A rectangle of the plane, in its own coordinates.
static bool draw_rectangle(const UpLens *lens, cairo_t *cairo, const mjvGeom *plane, double x0,
                           double y0, double x1, double y1) {
    const double u[4] = {x0, x1, x1, x0}, v[4] = {y0, y0, y1, y1};
    double corner[4][3];
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 3; k++)
            corner[i][k] = (double)plane->pos[k] + u[i] * (double)plane->mat[3 * k] +
                           v[i] * (double)plane->mat[3 * k + 1];
    cairo_new_path(cairo);
    return up__lens_polygon(lens, cairo, 4, corner);
}

// The size of a field of the floor's chequer, so that some ten of them are seen.
static double field_size(double distance) {
    static const double size[] = {0.1, 0.25, 0.5, 1, 2, 5};
    int i = 0;
    while (i < 5 && size[i] < distance / 5)
        i++;
    return size[i];
}

// What is drawn of a plane, in its own coordinates: its size, or the surroundings of `at`, below
// what the camera looks at, where it has none.
typedef struct Ground {
    double at[2], low[2], high[2];
} Ground;

static Ground ground_of(const UpLens *lens, const mjvGeom *plane) {
    const double far = 100;
    Ground ground = {{0}, {0}, {0}};
    for (int axis = 0; axis < 2; axis++) {
        for (int k = 0; k < 3; k++)
            ground.at[axis] +=
                (lens->around[k] - (double)plane->pos[k]) * (double)plane->mat[3 * k + axis];
        double half = plane->size[axis] > 0 ? (double)plane->size[axis] : INFINITY;
        ground.low[axis] = fmax(-half, ground.at[axis] - far);
        ground.high[axis] = fmin(half, ground.at[axis] + far);
    }
    return ground;
}

static bool draw_ground(const UpLens *lens, cairo_t *cairo, const mjvGeom *plane,
                        const Ground *ground) {
    return draw_rectangle(lens, cairo, plane, ground->low[0], ground->low[1], ground->high[0],
                          ground->high[1]);
}

static void draw_plane(const UpLens *lens, cairo_t *cairo, const mjvGeom *plane) {
    enum { FIELDS = 16 }; // to each side
    Ground ground = ground_of(lens, plane);
    const double *at = ground.at, *low = ground.low, *high = ground.high;
    cairo_set_source_rgb(cairo, 0.80, 0.84, 0.84);
    if (draw_ground(lens, cairo, plane, &ground)) cairo_fill(cairo);

    double back[3] = {lens->position[0] - lens->around[0], lens->position[1] - lens->around[1],
                      lens->position[2] - lens->around[2]};
    double field = field_size(sqrt(back[0] * back[0] + back[1] * back[1] + back[2] * back[2]));
    int first[2] = {(int)floor(at[0] / field) - FIELDS, (int)floor(at[1] / field) - FIELDS};
    for (int i = first[0]; i <= first[0] + 2 * FIELDS; i++) {
        for (int j = first[1]; j <= first[1] + 2 * FIELDS; j++) {
            if ((i + j) % 2 == 0) continue;
            double x0 = fmax(i * field, low[0]), x1 = fmin((i + 1) * field, high[0]);
            double y0 = fmax(j * field, low[1]), y1 = fmin((j + 1) * field, high[1]);
            if (x0 >= x1 || y0 >= y1) continue;
            double away = hypot((i + 0.5) * field - at[0], (j + 0.5) * field - at[1]);
            double fade = fmax(0, 1 - away / (FIELDS * field)); // no edge where the fields end
            cairo_set_source_rgba(cairo, 0.66, 0.72, 0.74, fade);
            if (draw_rectangle(lens, cairo, plane, x0, y0, x1, y1)) cairo_fill(cairo);
        }
    }
}

// ---------------------------------------------------------------------------------------------------
// The scene

static bool is_floor(const mjvGeom *geom) {
    return geom->type == mjGEOM_PLANE && geom->mat[8] > 0.99F;
}

// One shadow, however many shapes lie above each other, and only where there is a floor.
static void draw_shadows(const UpLens *lens, cairo_t *cairo, const mjvScene *scene,
                         const mjvGeom *plane) {
    Ground ground = ground_of(lens, plane);
    if (!draw_ground(lens, cairo, plane, &ground)) return;
    cairo_save(cairo);
    cairo_clip(cairo);
    cairo_push_group(cairo);
    cairo_set_source_rgb(cairo, 0.1, 0.15, 0.2);
    for (int i = 0; i < scene->ngeom; i++)
        if (scene->geoms[i].type != mjGEOM_PLANE && scene->geoms[i].rgba[3] > 0)
            up__shape_shadow(lens, cairo, &scene->geoms[i], (double)plane->pos[2]);
    cairo_pop_group_to_source(cairo);
    cairo_paint_with_alpha(cairo, 0.25);
    cairo_restore(cairo);
}

static void draw_shapes(const UpLens *lens, cairo_t *cairo, const mjvScene *scene) {
    double depth[SHAPES_MAX];
    int order[SHAPES_MAX], shapes = 0;
    for (int i = 0; i < scene->ngeom && shapes < SHAPES_MAX; i++) {
        const mjvGeom *geom = &scene->geoms[i];
        if (geom->type == mjGEOM_PLANE || geom->rgba[3] <= 0) continue;
        double middle[3] = {(double)geom->pos[0], (double)geom->pos[1], (double)geom->pos[2]};
        double away = up__lens_spot(lens, middle).depth;
        int at = shapes++;
        for (; at > 0 && depth[at - 1] < away; at--) {
            depth[at] = depth[at - 1];
            order[at] = order[at - 1];
        }
        depth[at] = away;
        order[at] = i;
    }
    for (int i = 0; i < shapes; i++)
        if (depth[i] > UP__LENS_NEAR) up__shape_draw(lens, cairo, &scene->geoms[order[i]]);
}

void up__scene_draw(const void *context, int unused, cairo_t *cairo) {
    const UpMujocoPicture *picture = context;
    const mjvScene *scene = picture->scene;
    (void)unused;
    UpLens lens = up__lens_of(scene, picture->width, picture->height);
    for (int k = 0; k < 3; k++)
        lens.around[k] = picture->around[k];
    draw_sky(cairo, picture->height);
    for (int i = 0; i < scene->ngeom; i++) {
        if (scene->geoms[i].type != mjGEOM_PLANE) continue;
        draw_plane(&lens, cairo, &scene->geoms[i]);
        if (is_floor(&scene->geoms[i])) draw_shadows(&lens, cairo, scene, &scene->geoms[i]);
    }
    draw_shapes(&lens, cairo, scene);
}

#endif
