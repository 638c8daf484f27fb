// Rows of a packed batch that belong to no sequence.
#pragma once

#include <string.h>

#include "level.h"

namespace everlearn::EVERLEARN_CPU {

// Rows of x [l.tokens, row] before the first and after the last sequence become zero.
template <class Layout, class T>
EVERLEARN_INLINE void clear_tail(const Layout& l, T* x, int64_t row) {
  const int64_t begin = l.sequences > 0 ? l.offsets[0] : 0,
                end = l.sequences > 0 ? l.offsets[l.sequences] : 0;
  if (begin > 0) memset(x, 0, begin * row * sizeof(T));
  if (end < l.tokens) memset(x + end * row, 0, (l.tokens - end) * row * sizeof(T));
}

}  // namespace everlearn::EVERLEARN_CPU
