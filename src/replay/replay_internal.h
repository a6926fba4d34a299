// What the files of a replay share. Places of an instance are numbered from 0 on, without an end;
// number k lies in slot k % slots.
#ifndef UPHILL_REPLAY_INTERNAL_H
#define UPHILL_REPLAY_INTERNAL_H

#include "uphill/replay.h"

static inline int64_t up__replay_row(const UpReplay *r, int64_t n, int64_t number) {
    return number % r->slots * r->N + n;
}

// The number of the place in row `row`, or -1 where it is empty.
int64_t up__replay_number(const UpReplay *replay, int64_t row);

// Was something done in this place, and is all that its observation is made of still there?
bool up__replay_drawable(const UpReplay *replay, int64_t row);

// sum_tree.c: priorities as the leaves of a binary tree whose other nodes are the sums of their
// two; nothing without prioritised.
void up__tree_set(UpReplay *replay, int64_t row, double priority);
int64_t up__tree_find(const UpReplay *replay, double sum); // the leaf at which the sum passes this
void up__tree_build(UpReplay *replay);                     // from its leaves

#endif
