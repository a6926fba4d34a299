#include "core/close.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST = 1 << 20 }; // descriptors that are looked at where the limit is higher, or none

void up__close_each(int first) {
    struct rlimit limit;
    int end = MOST;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < MOST) end = (int)limit.rlim_cur;
    for (int descriptor = first; descriptor < end; descriptor++)
        close(descriptor);
}

void up__close_from(int first) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) return;
#endif
    up__close_each(first);
}
