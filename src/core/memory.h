// How much memory there is to have.
#ifndef UPHILL_CORE_MEMORY_H
#define UPHILL_CORE_MEMORY_H

#include <stddef.h>

// Bytes that this process may still take: what the system calls available, and within a container
// what its limit leaves. SIZE_MAX where nobody says.
size_t up__memory_available(void);

#endif
