// MD5 (RFC 1321), by which the ROMs of games are known. Not for anything that must be secure.
#ifndef UP_ENV_ATARI_MD5_H
#define UP_ENV_ATARI_MD5_H

#include <stddef.h>

enum { UP__MD5_TEXT = 33 };

// Writes the digest in lower case hexadecimal.
void up__md5(const void *bytes, size_t size, char text[UP__MD5_TEXT]);

#endif
