#ifndef UPHILL_CLOCK_H
#define UPHILL_CLOCK_H

// Seconds on a clock that only runs forward. For reports; never part of a result.
double up__clock(void);

#endif
