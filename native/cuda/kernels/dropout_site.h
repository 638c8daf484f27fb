// Dropout masks in kernels: the words of philox.h at the coordinates that ops.h describes.
#pragma once

#include "../../philox.h"
#include "device.h"

namespace everlearn::cuda {

// A dropout site's constants; active is false where there is no dropout. rows and step are read in kernels.
struct DropoutSite {
  bool active;
  uint32_t k0, k1, site, threshold;
  float scale;
  const int32_t *rows, *step;
};
inline DropoutSite dropout_site(const Dropout& d) {
  DropoutSite s;
  s.active = d.rows.data != nullptr && d.probability > 0;
  s.k0 = (uint32_t)d.seed;
  s.k1 = (uint32_t)((uint64_t)d.seed >> 32);
  s.site = d.site;
  s.threshold = dropout_threshold(d.probability);
  s.scale = s.active ? dropout_scale(d.probability) : 1;
  s.rows = data<int32_t>(d.rows);
  s.step = data<int32_t>(d.step);
  return s;
}

// The masks of one row: what is left to do when its column blocks come.
__device__ __forceinline__ PhiloxBlock dropout_row(const DropoutSite& s, int64_t row) {
  return dropout_round(s.step ? (uint32_t)*s.step : 0, s.site, (uint32_t)s.rows[row], s.k0, s.k1);
}
// Bit i: whether the i-th of the four columns of a column block is kept.
__device__ __forceinline__ uint32_t kept_of_block(const DropoutSite& s, PhiloxBlock row, uint32_t block) {
  row.word[2] ^= block;
  row = philox<9>(row, s.k0 + kPhiloxW0, s.k1 + kPhiloxW1);
  uint32_t bits = 0;
#pragma unroll
  for (int i = 0; i < 4; ++i) bits |= (uint32_t)(row.word[i] >= s.threshold) << i;
  return bits;
}

// Bit i: whether column + i of the row, i < N, is kept; a kept value is multiplied by the site's scale.
template <int N>
__device__ __forceinline__ uint32_t kept_columns(const DropoutSite& s, int64_t row, int64_t column) {
  static_assert(N <= 32);
  if (!s.active) return 0xffffffffu;
  const PhiloxBlock masks = dropout_row(s, row);
  uint32_t bits = 0;
  if constexpr (N % 4 == 0) {
#pragma unroll
    for (int i = 0; i < N; i += 4) bits |= kept_of_block(s, masks, (uint32_t)(column + i) / 4) << i;
  } else {
#pragma unroll
    for (int i = 0; i < N; ++i)
      bits |= (kept_of_block(s, masks, (uint32_t)(column + i) / 4) >> (column + i) % 4 & 1) << i;
  }
  return bits;
}
template <int N>
__device__ __forceinline__ void drop(uint32_t kept, float scale, float (&v)[N]) {
#pragma unroll
  for (int i = 0; i < N; ++i) v[i] *= kept >> i & 1 ? scale : 0;
}

}  // namespace everlearn::cuda
