// Rows of a table that are named by index: which rows name them, in their order, without atomics that would
// change an order.
#pragma once

#include "device.h"

namespace everlearn::cuda {

// Up to four lists of indices of the same length, sorted together.
constexpr int kMostLists = 4;
struct IndexLists {
  int lists;
  int64_t n;                         // indices of a list
  const int32_t* index[kMostLists];  // null: an absent list
  int64_t limit[kMostLists];         // indices are below it; negative ones come last, as `limit`,
  const int32_t* where = nullptr;    // and so do those whose `where` is negative
};
// Of list l: keys[l * n + k] is its k-th smallest index, items[l * n + k] where in the list it stood; equal
// indices keep their order.
struct SortedLists {
  const int32_t *keys, *items;
};

// Bytes of scratch for sort_lists.
int64_t sort_bytes(const IndexLists&);
SortedLists sort_lists(const Context&, const IndexLists&, void* memory);

}  // namespace everlearn::cuda
