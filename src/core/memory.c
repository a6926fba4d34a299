#include "core/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

// A file's first whole number behind `format`'s words; SIZE_MAX where there is none.
static size_t read_number(const char *path, const char *format) {
    FILE *file = fopen(path, "r");
    if (!file) return SIZE_MAX;
    char line[256];
    unsigned long long number;
    size_t result = SIZE_MAX;
    while (result == SIZE_MAX && fgets(line, sizeof line, file))
        if (sscanf(line, format, &number) == 1) result = (size_t)number;
    fclose(file);
    return result;
}

// What the limit of a control group (cgroup, version 2) leaves.
static size_t group_leaves(void) {
    size_t most = read_number("/sys/fs/cgroup/memory.max", "%llu");
    size_t used = read_number("/sys/fs/cgroup/memory.current", "%llu");
    if (most == SIZE_MAX || used == SIZE_MAX) return SIZE_MAX;
    return used < most ? most - used : 0;
}

static size_t system_has(void) {
    size_t kilobytes = read_number("/proc/meminfo", "MemAvailable: %llu kB");
    if (kilobytes != SIZE_MAX) return kilobytes * 1024;
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (size_t)pages * (size_t)size : SIZE_MAX;
}

size_t up__memory_available(void) {
    size_t system = system_has(), group = group_leaves();
    return system < group ? system : group;
}
