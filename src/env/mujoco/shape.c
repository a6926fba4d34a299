// Capsules, spheres, boxes, cylinders and ellipsoids. Light falls from above.
#include "env/mujoco/shape.h"

#ifdef UP_HAVE_CAIRO

#include <math.h>
#include <stdlib.h>

enum { RIM = 24, POINTS_MAX = 96 };

static double rim_angle(int point) {
    return 2 * M_PI * point / RIM;
}

static double clip01(double x) {
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

// pos + mat * (x, y, z): from the geom's coordinates to the world's.
static void world(const mjvGeom *geom, double x, double y, double z, double point[3]) {
    for (int k = 0; k < 3; k++)
        point[k] = (double)geom->pos[k] + (double)geom->mat[3 * k] * x +
                   (double)geom->mat[3 * k + 1] * y + (double)geom->mat[3 * k + 2] * z;
}

// ---------------------------------------------------------------------------------------------------
// Colours

static void stop(cairo_pattern_t *pattern, double at, const float rgba[4], double light) {
    double lift = light > 1 ? light - 1 : 0, dim = light > 1 ? 1 : light;
    double c[3];
    for (int k = 0; k < 3; k++)
        c[k] = clip01((double)rgba[k] * dim + lift * (1 - (double)rgba[k]));
    cairo_pattern_add_color_stop_rgba(pattern, at, c[0], c[1], c[2], (double)rgba[3]);
}

// Fills the path and keeps a thin, darker outline.
static void fill(cairo_t *cairo, cairo_pattern_t *pattern, const float rgba[4]) {
    cairo_set_source(cairo, pattern);
    cairo_fill_preserve(cairo);
    cairo_set_source_rgba(cairo, (double)rgba[0] * 0.4, (double)rgba[1] * 0.4,
                          (double)rgba[2] * 0.4, (double)rgba[3]);
    cairo_set_line_width(cairo, 0.8);
    cairo_stroke(cairo);
    cairo_pattern_destroy(pattern);
}

// Light on the upper side of an axis from a to b, half the width to each side.
static cairo_pattern_t *across(UpSpot a, UpSpot b, double half, const float rgba[4]) {
    double dx = b.x - a.x, dy = b.y - a.y, length = hypot(dx, dy);
    double nx = length > 1e-6 ? -dy / length : 0, ny = length > 1e-6 ? dx / length : 1;
    if (ny > 0 || (ny == 0 && nx > 0)) nx = -nx, ny = -ny;
    double x = (a.x + b.x) / 2, y = (a.y + b.y) / 2;
    cairo_pattern_t *pattern =
        cairo_pattern_create_linear(x + nx * half, y + ny * half, x - nx * half, y - ny * half);
    stop(pattern, 0, rgba, 1);
    stop(pattern, 0.3, rgba, 1.3);
    stop(pattern, 1, rgba, 0.55);
    return pattern;
}

// ---------------------------------------------------------------------------------------------------
// Outlines

// Two discs and all between them.
static void outline_pair(cairo_t *cairo, UpSpot a, double ra, UpSpot b, double rb) {
    double length = hypot(b.x - a.x, b.y - a.y);
    cairo_new_path(cairo);
    if (length <= fabs(ra - rb)) { // one covers the other
        UpSpot big = ra > rb ? a : b;
        cairo_arc(cairo, big.x, big.y, fmax(ra, rb), 0, 2 * M_PI);
        return;
    }
    double along = atan2(b.y - a.y, b.x - a.x), side = acos((ra - rb) / length);
    cairo_arc(cairo, a.x, a.y, ra, along + side, along - side + 2 * M_PI);
    cairo_arc(cairo, b.x, b.y, rb, along - side, along + side);
    cairo_close_path(cairo);
}

static int compare(const void *a, const void *b) {
    const UpSpot *p = a, *q = b;
    if (p->x != q->x) return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

static double turn(const UpSpot *o, const UpSpot *a, const UpSpot *b) {
    return (a->x - o->x) * (b->y - o->y) - (a->y - o->y) * (b->x - o->x);
}

// The convex hull of some spots: two chains, below and above.
static void outline_hull(cairo_t *cairo, UpSpot *spot, int count) {
    UpSpot hull[2 * POINTS_MAX];
    int size = 0;
    qsort(spot, (size_t)count, sizeof *spot, compare);
    for (int pass = 0; pass < 2; pass++) {
        int base = size + 1;
        for (int i = 0; i < count; i++) {
            UpSpot next = spot[pass ? count - 1 - i : i];
            while (size > base && turn(&hull[size - 2], &hull[size - 1], &next) <= 0)
                size--;
            hull[size++] = next;
        }
        size--; // the other chain begins with it
    }
    cairo_new_path(cairo);
    for (int i = 0; i < size; i++)
        cairo_line_to(cairo, hull[i].x, hull[i].y);
    cairo_close_path(cairo);
}

// Points of a shape's surface that its outline is made of; 0 for a shape that is not drawn.
static int surface(const mjvGeom *geom, double point[POINTS_MAX][3]) {
    double a = (double)geom->size[0], b = (double)geom->size[1], c = (double)geom->size[2];
    int count = 0;
    if (geom->type == mjGEOM_BOX) {
        for (; count < 8; count++)
            world(geom, count & 1 ? a : -a, count & 2 ? b : -b, count & 4 ? c : -c, point[count]);
    } else if (geom->type == mjGEOM_CYLINDER) {
        for (; count < 2 * RIM; count++) { // the two ends in turn
            double angle = rim_angle(count / 2);
            world(geom, a * cos(angle), b * sin(angle), count % 2 ? c : -c, point[count]);
        }
    } else if (geom->type == mjGEOM_ELLIPSOID) {
        for (; count < POINTS_MAX; count++) { // a spiral from pole to pole
            double z = 2.0 * count / (POINTS_MAX - 1) - 1, r = sqrt(1 - z * z), turns = 2.4 * count;
            world(geom, a * r * cos(turns), b * r * sin(turns), c * z, point[count]);
        }
    }
    return count;
}

// ---------------------------------------------------------------------------------------------------
// Shapes

// The middles of a capsule's two caps; a sphere's are one.
static double caps(const mjvGeom *geom, double end[2][3]) {
    double half = geom->type == mjGEOM_CAPSULE ? (double)geom->size[2] : 0;
    world(geom, 0, 0, -half, end[0]);
    world(geom, 0, 0, half, end[1]);
    return (double)geom->size[0];
}

static bool is_round(const mjvGeom *geom) {
    return geom->type == mjGEOM_CAPSULE || geom->type == mjGEOM_SPHERE;
}

static void draw_round(const UpLens *lens, cairo_t *cairo, const mjvGeom *geom) {
    double end[2][3], radius = caps(geom, end);
    UpSpot a = up__lens_spot(lens, end[0]), b = up__lens_spot(lens, end[1]);
    if (a.depth <= radius || b.depth <= radius) return;
    double ra = radius * lens->focal / a.depth, rb = radius * lens->focal / b.depth;
    outline_pair(cairo, a, ra, b, rb);
    cairo_pattern_t *pattern;
    if (hypot(b.x - a.x, b.y - a.y) > 0.3 * ra) {
        pattern = across(a, b, fmax(ra, rb), geom->rgba);
    } else {
        pattern =
            cairo_pattern_create_radial(a.x - 0.3 * ra, a.y - 0.4 * ra, 0, a.x, a.y, 1.05 * ra);
        stop(pattern, 0, geom->rgba, 1.5);
        stop(pattern, 0.4, geom->rgba, 1);
        stop(pattern, 1, geom->rgba, 0.5);
    }
    fill(cairo, pattern, geom->rgba);
}

static void draw_box(const UpLens *lens, cairo_t *cairo, const mjvGeom *geom) {
    static const int around[4][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};
    for (int face = 0; face < 6; face++) {
        int axis = face / 2, u = (axis + 1) % 3, v = (axis + 2) % 3;
        double side = face % 2 ? 1 : -1, corner[4][3], local[3], seen = 0;
        for (int i = 0; i < 4; i++) {
            local[axis] = side * (double)geom->size[axis];
            local[u] = around[i][0] * (double)geom->size[u];
            local[v] = around[i][1] * (double)geom->size[v];
            world(geom, local[0], local[1], local[2], corner[i]);
        }
        for (int k = 0; k < 3; k++)
            seen += side * (double)geom->mat[3 * k + axis] * (lens->position[k] - corner[0][k]);
        if (seen <= 0) continue;
        cairo_new_path(cairo);
        if (!up__lens_polygon(lens, cairo, 4, corner)) continue;
        double up = side * (double)geom->mat[6 + axis];
        cairo_pattern_t *pattern = cairo_pattern_create_linear(0, 0, 1, 0);
        stop(pattern, 0, geom->rgba, 0.8 + 0.3 * up);
        fill(cairo, pattern, geom->rgba);
    }
}

static void draw_hull(const UpLens *lens, cairo_t *cairo, const mjvGeom *geom) {
    double point[POINTS_MAX][3];
    UpSpot spot[POINTS_MAX];
    int count = surface(geom, point);
    if (count == 0) return;
    for (int i = 0; i < count; i++) {
        spot[i] = up__lens_spot(lens, point[i]);
        if (spot[i].depth <= 0) return;
    }
    double end[2][3];
    world(geom, 0, 0, -(double)geom->size[2], end[0]);
    world(geom, 0, 0, (double)geom->size[2], end[1]);
    UpSpot a = up__lens_spot(lens, end[0]), b = up__lens_spot(lens, end[1]);
    double half = (double)geom->size[0] * lens->focal / a.depth;
    outline_hull(cairo, spot, count);
    fill(cairo, across(a, b, half, geom->rgba), geom->rgba);
    if (geom->type != mjGEOM_CYLINDER) return;
    int cap = a.depth < b.depth ? 0 : 1; // the nearer end is seen
    for (int i = 0; i < RIM; i++)
        spot[i] = up__lens_spot(lens, point[2 * i + cap]); // points alternate between the ends
    for (int i = 0; i < RIM; i++)
        cairo_line_to(cairo, spot[i].x, spot[i].y);
    cairo_close_path(cairo);
    cairo_pattern_t *pattern = cairo_pattern_create_linear(0, 0, 1, 0);
    stop(pattern, 0, geom->rgba, 1.15);
    fill(cairo, pattern, geom->rgba);
}

void up__shape_draw(const UpLens *lens, cairo_t *cairo, const mjvGeom *geom) {
    if (is_round(geom))
        draw_round(lens, cairo, geom);
    else if (geom->type == mjGEOM_BOX)
        draw_box(lens, cairo, geom);
    else
        draw_hull(lens, cairo, geom);
}

void up__shape_shadow(const UpLens *lens, cairo_t *cairo, const mjvGeom *geom, double floor) {
    double point[POINTS_MAX][3];
    int count = 0;
    if (is_round(geom)) { // a disc under each cap
        double end[2][3], radius = caps(geom, end);
        for (int i = 0; i < 2 * RIM; i++, count++) {
            double angle = rim_angle(i / 2);
            point[i][0] = end[i % 2][0] + radius * cos(angle);
            point[i][1] = end[i % 2][1] + radius * sin(angle);
        }
        if (end[0][2] + radius < floor && end[1][2] + radius < floor) return;
    } else {
        count = surface(geom, point);
    }
    UpSpot spot[POINTS_MAX];
    for (int i = 0; i < count; i++) {
        point[i][2] = floor;
        spot[i] = up__lens_spot(lens, point[i]);
        if (spot[i].depth <= UP__LENS_NEAR) return;
    }
    if (count == 0) return;
    outline_hull(cairo, spot, count);
    cairo_fill(cairo);
}

#endif
