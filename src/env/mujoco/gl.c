// MuJoCo's own pictures, by OpenGL without a window: EGL gives it a context on the first device
// that can. EGL is loaded when it is asked for; these few of its names stand in for its headers.
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "env/mujoco/internal.h"

enum {
    EGL_NONE = 0x3038,
    EGL_PLATFORM_DEVICE = 0x313F,
    EGL_OPENGL = 0x30A2,
    DEVICES_MAX = 16,
};

typedef struct Egl {
    void *(*eglGetProcAddress)(const char *name);
    unsigned (*eglInitialize)(void *display, int *major, int *minor);
    unsigned (*eglBindAPI)(unsigned api);
    unsigned (*eglChooseConfig)(void *display, const int *attributes, void **config, int room,
                                int *found);
    void *(*eglCreateContext)(void *display, void *config, void *share, const int *attributes);
    unsigned (*eglMakeCurrent)(void *display, void *draw, void *read, void *context);
    unsigned (*eglDestroyContext)(void *display, void *context);
} Egl;

struct UpMujocoGl {
    Egl egl;
    void *display, *context;
    mjrContext mujoco;
};

// ---------------------------------------------------------------------------------------------------
// Context

static bool load_egl(Egl *egl) {
    static const char *const name[] = {
        "eglGetProcAddress", "eglInitialize",  "eglBindAPI",        "eglChooseConfig",
        "eglCreateContext",  "eglMakeCurrent", "eglDestroyContext",
    };
    void *library = dlopen("libEGL.so.1", RTLD_NOW | RTLD_LOCAL); // for the life of the process
    if (!library) return false;
    for (size_t i = 0; i < sizeof name / sizeof(name[0]); i++) {
        void *symbol = dlsym(library, name[i]);
        if (!symbol) return false;
        memcpy((char *)egl + i * sizeof symbol, &symbol, sizeof symbol);
    }
    return true;
}

static bool create_context(UpMujocoGl *gl, void *display) {
    static const int wanted[] = {
        0x3024,  8,      0x3023, 8,      0x3022, 8, // red, green, blue
        0x3021,  8,      0x3025, 24,     0x3026, 8, // alpha, depth, stencil
        0x3033,  0x0001, 0x3040, 0x0008,            // off-screen surface; OpenGL
        EGL_NONE};
    void *config;
    int found = 0;
    if (!gl->egl.eglInitialize(display, NULL, NULL) || !gl->egl.eglBindAPI(EGL_OPENGL) ||
        !gl->egl.eglChooseConfig(display, wanted, &config, 1, &found) || found < 1)
        return false;
    gl->display = display;
    gl->context = gl->egl.eglCreateContext(display, config, NULL, NULL);
    return gl->context && gl->egl.eglMakeCurrent(display, NULL, NULL, gl->context);
}

static UpStatus open_device(UpMujocoGl *gl) {
    unsigned (*query_devices)(int room, void **device, int *count);
    void *(*platform_display)(unsigned platform, void *device, const int *attributes);
    void *function[] = {gl->egl.eglGetProcAddress("eglQueryDevicesEXT"),
                        gl->egl.eglGetProcAddress("eglGetPlatformDisplayEXT")};
    memcpy(&query_devices, &function[0], sizeof query_devices);
    memcpy(&platform_display, &function[1], sizeof platform_display);
    void *device[DEVICES_MAX];
    int count = 0;
    if (!function[0] || !function[1] || !query_devices(DEVICES_MAX, device, &count)) count = 0;
    for (int i = 0; i < count; i++) {
        void *display = platform_display(EGL_PLATFORM_DEVICE, device[i], NULL);
        if (display && create_context(gl, display)) return UP_OK;
    }
    return up_fail(UP_UNSUPPORTED,
                   "MUJOCO_GL=egl, but none of EGL's %d devices draws OpenGL: unset "
                   "MUJOCO_GL for pictures without it",
                   count);
}

static void make_context(void *context) {
    UpMujoco *self = context;
    self->call->mjr_makeContext(self->model, &self->gl->mujoco, mjFONTSCALE_150);
    self->call->mjr_setBuffer(mjFB_OFFSCREEN, &self->gl->mujoco);
}

// A context may be current in one thread at a time, and pictures may be asked for by any.
static void release(UpMujocoGl *gl) {
    gl->egl.eglMakeCurrent(gl->display, NULL, NULL, NULL);
}

static UpStatus open_gl(UpMujoco *self, int width, int height) {
    self->gl = calloc(1, sizeof *self->gl);
    if (!self->gl) return up_fail(UP_MEMORY, "%s: no memory for a picture", self->task->id);
    if (!load_egl(&self->gl->egl))
        return up_fail(UP_UNSUPPORTED,
                       "MUJOCO_GL=egl, but there is no EGL (libegl1): unset MUJOCO_GL for "
                       "pictures without OpenGL");
    UP_TRY(open_device(self->gl));
    self->model->vis.global.offwidth = width;
    self->model->vis.global.offheight = height;
    self->call->mjr_defaultContext(&self->gl->mujoco);
    char message[UP__MUJOCO_MESSAGE];
    bool made = up__mujoco_guarded(make_context, self, message);
    release(self->gl);
    if (made) return UP_OK;
    return up_fail(UP_UNSUPPORTED, "MUJOCO_GL=egl: MuJoCo cannot draw: %s", message);
}

void up__mujoco_gl_close(UpMujoco *self) {
    UpMujocoGl *gl = self->gl;
    if (!gl) return;
    if (gl->context && gl->egl.eglMakeCurrent(gl->display, NULL, NULL, gl->context)) {
        self->call->mjr_freeContext(&gl->mujoco);
        release(gl);
    }
    if (gl->context) gl->egl.eglDestroyContext(gl->display, gl->context);
    free(gl);
    self->gl = NULL;
}

// ---------------------------------------------------------------------------------------------------
// Pictures

bool up__mujoco_gl_wanted(void) {
    const char *value = getenv("MUJOCO_GL");
    return value && strcmp(value, "egl") == 0;
}

typedef struct Draw {
    UpMujoco *self;
    UpImage *image;
} Draw;

static void draw(void *context) {
    const Draw *d = context;
    UpMujoco *self = d->self;
    mjrRect all = {0, 0, d->image->width, d->image->height};
    self->call->mjr_render(all, self->scene, &self->gl->mujoco);
    self->call->mjr_readPixels(d->image->rgb, NULL, all, &self->gl->mujoco);
}

// OpenGL's first row is the lowest.
static void turn_over(UpImage *image) {
    size_t row = (size_t)image->width * 3;
    for (int y = 0; y < image->height / 2; y++) {
        uint8_t *upper = image->rgb + (size_t)y * row;
        uint8_t *lower = image->rgb + (size_t)(image->height - 1 - y) * row;
        for (size_t k = 0; k < row; k++) {
            uint8_t byte = upper[k];
            upper[k] = lower[k];
            lower[k] = byte;
        }
    }
}

UpStatus up__mujoco_gl_draw(UpMujoco *self, UpImage *image) {
    if (!self->gl) {
        UpStatus status = open_gl(self, image->width, image->height);
        if (status != UP_OK) {
            up__mujoco_gl_close(self);
            return status;
        }
    }
    UpMujocoGl *gl = self->gl;
    if (!gl->context || !gl->egl.eglMakeCurrent(gl->display, NULL, NULL, gl->context))
        return up_fail(UP_UNSUPPORTED, "MUJOCO_GL=egl: the context is in use by another thread");
    char message[UP__MUJOCO_MESSAGE];
    bool drawn = up__mujoco_guarded(draw, &(Draw){self, image}, message);
    release(gl);
    if (!drawn) return up_fail(UP_UNSUPPORTED, "MUJOCO_GL=egl: MuJoCo cannot draw: %s", message);
    turn_over(image);
    return UP_OK;
}
