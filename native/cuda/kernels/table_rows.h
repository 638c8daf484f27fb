// Adding rows to the rows of tables that name them, in an order that depends on the indices alone.
#pragma once

#include "sort.h"

namespace everlearn::cuda {

struct TableGradients {
  float* table[kMostLists];
};

// table[l][index[l][i]] += rows[i], n columns each, for every list and i that count. Takes scratch slots 1
// and 2.
void add_table_rows(const Context&, const IndexLists&, const float* rows, int64_t n, const TableGradients&);

}  // namespace everlearn::cuda
