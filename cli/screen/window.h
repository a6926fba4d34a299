// A window that shows pictures and hears keys, by SDL 2. The library is loaded when the first
// window is opened, so that no other command waits for it.
#ifndef UPHILL_CLI_WINDOW_H
#define UPHILL_CLI_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/env.h"

typedef struct Window Window;

// *window is the caller's to close. UP_UNSUPPORTED without SDL or a display.
UpStatus window_open(Window **window, const char *title, int width, int height);
void window_close(Window *window); // NULL is fine

// Shows a picture for 1/rate seconds.
UpStatus window_show(Window *window, const UpImage *image, double rate);

bool window_ended(const Window *window);    // by its cross, Escape, or Ctrl-C
uint32_t window_held(const Window *window); // keys (keys.h) that are down, or were since the last
                                            // picture
uint32_t window_wait(Window *window);       // the next key that is pressed; 0 where it was ended

// "2.26.5" and true, or what to do about it and false.
bool window_version(char *text, int capacity);

#endif
