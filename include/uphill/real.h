// The type that networks, distributions, losses and optimisers compute in: float in the library.
// The gradient checks compile the same sources once more with UP_DOUBLE, so that what is checked to
// 1e-6 is the code that ships.
#ifndef UPHILL_REAL_H
#define UPHILL_REAL_H

#ifdef UP_DOUBLE
typedef double UpReal;
#else
typedef float UpReal;
#endif

#endif
