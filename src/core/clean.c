// What a terminal may be shown.
#include "uphill/text.h"

#include <stdbool.h>

// The bytes of the character that begins at `text`; 0 where it is none, or is one that controls
// (C0, DEL, C1, the marks that turn the direction of writing).
static int printable(const unsigned char *text) {
    unsigned lead = text[0], code;
    if (lead < 0x80) return lead >= ' ' && lead != 0x7f;
    int bytes = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : 4;
    if (lead < 0xc2 || lead > 0xf4) return 0;
    code = lead & (0xffU >> (bytes + 1));
    for (int i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80) return 0; // the 0 at the end among them
        code = code << 6 | (text[i] & 0x3f);
    }
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    bool valid = code >= least[bytes] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    bool controls = code < 0xa0 || (code >= 0x202a && code <= 0x202e) ||
                    (code >= 0x2066 && code <= 0x2069) || code == 0x2028 || code == 0x2029;
    return valid && !controls ? bytes : 0;
}

char *up_text_clean(char *text) {
    for (char *at = text; *at;) {
        int bytes = printable((const unsigned char *)at);
        if (bytes == 0) *at = '?';
        at += bytes ? bytes : 1;
    }
    return text;
}
