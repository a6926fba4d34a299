// Numbers as text in files. Unlike printf's and strtod's, the result does not depend on the locale
// of the program that the library runs in.
#ifndef UP_CORE_NUMBER_H
#define UP_CORE_NUMBER_H

enum { UP__NUMBER_MAX = 32 }; // characters of one number, with its end

// Nine significant digits, integers below 2^53 in full, nothing for NAN. Returns the length.
int up__number_format(char text[UP__NUMBER_MAX], double value);

// The shortest decimal, and the hexadecimal, that up__number_parse reads back exactly, NAN too.
void up__number_exact(char text[UP__NUMBER_MAX], double value);
void up__number_hex(char text[UP__NUMBER_MAX], double value);

// strtod's contract.
double up__number_parse(const char *text, char **end);

#endif
