// Closing what a child process must not inherit.
#ifndef UP_CORE_CLOSE_H
#define UP_CORE_CLOSE_H

// Closes every descriptor from `first` on, between fork and exec: system calls only. By one call
// where the kernel has it (Linux 5.9), whatever the C library knows of; else one by one.
void up__close_from(int first);

// One by one, up to the process's limit of open files.
void up__close_each(int first);

#endif
