#include "core/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static locale_t c_locale;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_locale(void) {
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

int up__number_format(char text[UP__NUMBER_MAX], double value) {
    text[0] = 0;
    if (isnan(value)) return 0;
    pthread_once(&once, make_locale);
    locale_t before = uselocale(c_locale);
    bool integer = value == floor(value) && fabs(value) < 9007199254740992.0;
    int length = snprintf(text, UP__NUMBER_MAX, integer ? "%.0f" : "%.9g", value);
    uselocale(before);
    return length;
}

void up__number_exact(char text[UP__NUMBER_MAX], double value) {
    pthread_once(&once, make_locale);
    locale_t before = uselocale(c_locale);
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, UP__NUMBER_MAX, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    uselocale(before);
}

void up__number_hex(char text[UP__NUMBER_MAX], double value) {
    pthread_once(&once, make_locale);
    locale_t before = uselocale(c_locale);
    snprintf(text, UP__NUMBER_MAX, "%a", value);
    uselocale(before);
}

double up__number_parse(const char *text, char **end) {
    pthread_once(&once, make_locale);
    return strtod_l(text, end, c_locale);
}
