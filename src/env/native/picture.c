// Pictures of the classic environments, drawn with Cairo to look like Gymnasium's.
#include "env/native/native.h"

#include <math.h>

enum { WIDTH = 600, HEIGHT = 400 };

#ifdef UP_HAVE_CAIRO
#include <cairo.h>

// A white canvas whose y axis points upwards. NULL and a message when Cairo has no memory.
static cairo_t *begin(cairo_surface_t **surface) {
    *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
    cairo_t *cairo = cairo_create(*surface);
    if (cairo_status(cairo) != CAIRO_STATUS_SUCCESS) {
        up_fail(UP_MEMORY, "cannot draw: %s", cairo_status_to_string(cairo_status(cairo)));
        cairo_destroy(cairo);
        cairo_surface_destroy(*surface);
        return NULL;
    }
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_translate(cairo, 0, HEIGHT);
    cairo_scale(cairo, 1, -1);
    return cairo;
}

// Copies the canvas out (Cairo's pixels are 0x00RRGGBB words) and frees it.
static void end(cairo_t *cairo, cairo_surface_t *surface, uint8_t *rgb) {
    cairo_surface_flush(surface);
    const unsigned char *rows = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < HEIGHT; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(rows + (ptrdiff_t)y * stride);
        for (int x = 0; x < WIDTH; x++, rgb += 3) {
            rgb[0] = (uint8_t)(row[x] >> 16);
            rgb[1] = (uint8_t)(row[x] >> 8);
            rgb[2] = (uint8_t)row[x];
        }
    }
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
}

static void colour(cairo_t *cairo, int red, int green, int blue) {
    cairo_set_source_rgb(cairo, red / 255.0, green / 255.0, blue / 255.0);
}

static void disc(cairo_t *cairo, double x, double y, double radius) {
    cairo_arc(cairo, x, y, radius, 0, 2 * M_PI);
    cairo_fill(cairo);
}

UpStatus up__picture_cartpole(UpImage *image, double x, double theta) {
    image->width = WIDTH;
    image->height = HEIGHT;
    if (!image->rgb) return UP_OK;
    cairo_surface_t *surface;
    cairo_t *cairo = begin(&surface);
    if (!cairo) return UP_MEMORY;

    const double scale = WIDTH / 4.8, pole_width = 10, cart_width = 50, cart_height = 30;
    colour(cairo, 0, 0, 0);
    cairo_set_line_width(cairo, 1); // the track
    cairo_move_to(cairo, 0, 100.5);
    cairo_line_to(cairo, WIDTH, 100.5);
    cairo_stroke(cairo);

    cairo_translate(cairo, x * scale + WIDTH / 2.0, 100);
    cairo_rectangle(cairo, -cart_width / 2, -cart_height / 2, cart_width, cart_height);
    cairo_fill(cairo);

    cairo_translate(cairo, 0, cart_height / 4);
    cairo_save(cairo);
    cairo_rotate(cairo, -theta);
    colour(cairo, 202, 152, 101);
    cairo_rectangle(cairo, -pole_width / 2, -pole_width / 2, pole_width, scale);
    cairo_fill(cairo);
    cairo_restore(cairo);
    colour(cairo, 129, 132, 203);
    disc(cairo, 0, 0, pole_width / 2);
    end(cairo, surface, image->rgb);
    return UP_OK;
}

// An arc around the axle whose radius grows with the torque and whose arrow shows its direction.
static void draw_torque(cairo_t *cairo, double torque, double scale) {
    double radius = scale * fabs(torque) / 4, side = torque > 0 ? 1 : -1;
    if (radius < 2) return;
    colour(cairo, 0, 0, 0);
    cairo_save(cairo);
    cairo_scale(cairo, side, 1); // a positive torque turns counter-clockwise
    cairo_set_line_width(cairo, 3);
    cairo_arc(cairo, 0, 0, radius, -0.6 * M_PI, 0.6 * M_PI);
    cairo_stroke(cairo);
    cairo_rotate(cairo, 0.6 * M_PI);
    cairo_move_to(cairo, radius - 6, 0);
    cairo_line_to(cairo, radius + 6, 0);
    cairo_line_to(cairo, radius, 10);
    cairo_fill(cairo);
    cairo_restore(cairo);
}

UpStatus up__picture_pendulum(UpImage *image, double theta, double torque) {
    image->width = WIDTH;
    image->height = HEIGHT;
    if (!image->rgb) return UP_OK;
    cairo_surface_t *surface;
    cairo_t *cairo = begin(&surface);
    if (!cairo) return UP_MEMORY;

    const double scale = HEIGHT / 4.4, rod_width = 0.2 * scale;
    cairo_translate(cairo, WIDTH / 2.0, HEIGHT / 2.0);
    colour(cairo, 204, 77, 77);
    cairo_save(cairo);
    cairo_rotate(cairo, theta + M_PI / 2);
    cairo_rectangle(cairo, 0, -rod_width / 2, scale, rod_width);
    cairo_fill(cairo);
    disc(cairo, 0, 0, rod_width / 2);
    disc(cairo, scale, 0, rod_width / 2);
    cairo_restore(cairo);
    draw_torque(cairo, torque, scale);
    colour(cairo, 0, 0, 0);
    disc(cairo, 0, 0, 0.05 * scale);
    end(cairo, surface, image->rgb);
    return UP_OK;
}

#else

static UpStatus unsupported(UpImage *image) {
    image->width = WIDTH;
    image->height = HEIGHT;
    return up_fail(UP_UNSUPPORTED,
                   "this build has no Cairo, which draws the classic environments: install "
                   "libcairo2-dev and build again");
}

UpStatus up__picture_cartpole(UpImage *image, double x, double theta) {
    (void)x, (void)theta;
    return unsupported(image);
}

UpStatus up__picture_pendulum(UpImage *image, double theta, double torque) {
    (void)theta, (void)torque;
    return unsupported(image);
}

#endif
