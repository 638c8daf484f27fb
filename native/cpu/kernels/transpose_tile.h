// A square of kWidth x kWidth 32-bit values transposed in registers.
#pragma once

#include "simd.h"

namespace everlearn::EVERLEARN_CPU {

// Interleaving vector i with vector i + half moves the highest bit of the row number to the bottom of the
// column number; after log2(kWidth) rounds rows and columns have changed places.
EVERLEARN_INLINE void transpose_registers(U (&row)[kWidth]) {
#if EVERLEARN_WIDTH == 16
  const U low = {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23};
  const U high = {8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
#elif EVERLEARN_WIDTH == 8
  const U low = {0, 8, 1, 9, 2, 10, 3, 11};
  const U high = {4, 12, 5, 13, 6, 14, 7, 15};
#else
  const U low = {0, 4, 1, 5};
  const U high = {2, 6, 3, 7};
#endif
#pragma GCC unroll 4
  for (int round = 1; round < kWidth; round *= 2) {
    U next[kWidth];
#pragma GCC unroll 8
    for (int i = 0; i < kWidth / 2; ++i) {
      next[2 * i] = __builtin_shuffle(row[i], row[i + kWidth / 2], low);
      next[2 * i + 1] = __builtin_shuffle(row[i], row[i + kWidth / 2], high);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kWidth; ++i) row[i] = next[i];
  }
}

// to [width, height] = from [height, width] transposed and converted, `stored` columns of it: all kWidth
// (zeros beyond height) or just height.
template <class T, class D, class Height, class Width, class Stored>
EVERLEARN_INLINE void transpose_tile(Height height, Width width, const T* from, int64_t from_row, D* to,
                                     int64_t to_row, Stored stored) {
  U tile[kWidth] = {};
#pragma GCC unroll 16
  for (int r = 0; r < kWidth; ++r)
    if (r < lanes(height)) tile[r] = (U)load(from + r * from_row, width);
  transpose_registers(tile);
#pragma GCC unroll 16
  for (int r = 0; r < kWidth; ++r)
    if (r < lanes(width)) store(to + r * to_row, (F)tile[r], stored);
}

}  // namespace everlearn::EVERLEARN_CPU
