// The sum tree of prioritised replay (Schaul 2016, appendix B.2.1). A node is the sum of its two
// children, whenever it was last written: the tree follows from its leaves alone.
#include "replay/replay_internal.h"

void up__tree_set(UpReplay *r, int64_t row, double priority) {
    if (!r->tree) return;
    double *leaf = &r->tree[r->leaves + row];
    r->drawable += (priority > 0) - (*leaf > 0);
    *leaf = priority;
    for (int64_t node = (r->leaves + row) / 2; node >= 1; node /= 2)
        r->tree[node] = r->tree[2 * node] + r->tree[2 * node + 1];
}

void up__tree_build(UpReplay *r) {
    if (!r->tree) return;
    r->drawable = 0;
    for (int64_t i = 0; i < r->leaves; i++)
        r->drawable += r->tree[r->leaves + i] > 0;
    for (int64_t node = r->leaves - 1; node >= 1; node--)
        r->tree[node] = r->tree[2 * node] + r->tree[2 * node + 1];
}

// Rounding must not lead to a leaf that is 0.
int64_t up__tree_find(const UpReplay *r, double sum) {
    int64_t node = 1;
    while (node < r->leaves) {
        double left = r->tree[2 * node], right = r->tree[2 * node + 1];
        bool go_left = right <= 0 || (left > 0 && sum < left);
        if (!go_left) sum -= left;
        node = 2 * node + !go_left;
    }
    return node - r->leaves;
}
