// uphill doctor
#include <stdio.h>

#include "cli.h"
#include "uphill/doctor.h"
#include "screen/window.h"

static void print_row(bool present, const char *name, const char *version, const char *purpose) {
    printf("  %-3s %-15s %-44s %s\n", present ? "ok" : "--", name, version, purpose);
}

static UpStatus run(const CliArgs *args) {
    (void)args;
    UpComponent component[32];
    int count = up_doctor(component, 32);
    printf("uphill %s\n", UP_VERSION);
    for (int i = 0; i < count; i++)
        print_row(component[i].present, component[i].name, component[i].version,
                  component[i].purpose);
    char window[64];
    bool opens = window_version(window, sizeof window);
    print_row(opens, "SDL", window, "windows of uphill play");
    return UP_OK;
}

const CliCommand cli_doctor = {
    "doctor", "", 0, 0, "tell what this build can do, and with which versions", NULL, NULL, 0, run};
