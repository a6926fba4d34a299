// uphill doctor
#include <stdio.h>

#include "cli.h"
#include "uphill/doctor.h"

static UpStatus run(const CliArgs *args) {
    (void)args;
    UpComponent component[32];
    int count = up_doctor(component, 32);
    printf("uphill %s\n", UP_VERSION);
    for (int i = 0; i < count; i++)
        printf("  %-3s %-15s %-44s %s\n", component[i].present ? "ok" : "--", component[i].name,
               component[i].version, component[i].purpose);
    return UP_OK;
}

const CliCommand cli_doctor = {
    "doctor", "", 0, 0, "tell what this build can do, and with which versions", NULL, NULL, 0, run};
