// Blocks of a product's operands copied into the panels that gemm_tile.h reads. Rows or columns that the
// operand does not have are zero.
#pragma once

#include "gemm_tile.h"
#include "transpose_tile.h"

namespace everlearn::EVERLEARN_CPU {

// Floats from one panel of `size` rows or columns to the next. The gap keeps panels out of each other's cache
// sets and takes what a vector store writes beyond the last step.
EVERLEARN_INLINE int64_t panel_stride(int64_t size, int64_t depth) {
  return padded(padded(depth, kSteps) * size + kWidth, 16) + 16;
}
EVERLEARN_INLINE int64_t panels_floats(int64_t size, int64_t lines, int64_t depth) {
  return (lines + size - 1) / size * panel_stride(size, depth);
}

// From a matrix whose row s is step s, `lines` of its columns: panels with the kSize columns of a step
// together.
template <int kSize>
static __attribute__((noinline)) void pack_columns(const float* from, int64_t stride, int64_t lines,
                                                   int64_t depth, float* to) {
  constexpr int kVectors = (kSize + kWidth - 1) / kWidth;
  constexpr int64_t kChunk = 16;  // rows: few enough to stay in the cache, enough to fill lines of a panel
  const int64_t panel = panel_stride(kSize, depth);
  for (int64_t k = 0; k < depth; k += kChunk) {
    const int64_t end = k + kChunk < depth ? k + kChunk : depth;
    float* target = to;
    for (int64_t i = 0; i < lines; i += kSize, target += panel)
      for (int64_t s = k; s < end; ++s) {
        const float* source = from + s * stride + i;
        if (i + kVectors * kWidth <= lines) {
#pragma GCC unroll 2
          for (int v = 0; v < kVectors; ++v)
            store(target + s * kSize + v * kWidth, load(source + v * kWidth, Full{}), Full{});
        } else {
          for (int64_t j = 0; j < kSize; ++j) target[s * kSize + j] = i + j < lines ? source[j] : 0;
        }
      }
  }
}

// From a matrix whose column s is step s, `lines` of its rows: panels of A with kSteps steps of a row
// together.
static __attribute__((noinline)) void pack_rows_of_a(const float* from, int64_t stride, int64_t lines,
                                                     int64_t depth, float* to) {
  typedef float Steps __attribute__((vector_size(4 * kSteps)));
  const int64_t panel = panel_stride(kPanelRows, depth), whole = depth / kSteps * kSteps;
  for (int64_t i = 0; i < lines; i += kPanelRows, to += panel, from += kPanelRows * stride) {
    const int64_t rows = lines - i < kPanelRows ? lines - i : kPanelRows;
    for (int64_t k = 0; k < whole; k += kSteps)
#pragma GCC unroll 16
      for (int64_t r = 0; r < kPanelRows; ++r) {
        Steps values = {};
        if (r < rows) memcpy(&values, from + r * stride + k, sizeof values);
        memcpy(to + k * kPanelRows + r * kSteps, &values, sizeof values);
      }
    for (int64_t k = whole; k < depth; ++k)
      for (int64_t r = 0; r < kPanelRows; ++r)
        to[whole * kPanelRows + r * kSteps + k - whole] = r < rows ? from[r * stride + k] : 0;
  }
}

// The same for B, where the columns of a step must be together: transposed.
static __attribute__((noinline)) void pack_rows_of_b(const float* from, int64_t stride, int64_t lines,
                                                     int64_t depth, float* to) {
  const int64_t panel = panel_stride(kPanelColumns, depth);
  for (int64_t i = 0; i < lines; i += kPanelColumns, to += panel, from += kPanelColumns * stride) {
    const bool whole = i + kPanelColumns <= lines;
    int64_t k = 0;
    for (; whole && k + kWidth <= depth; k += kWidth)
#pragma GCC unroll 2
      for (int v = 0; v < kPanelVectors; ++v)
        transpose_tile(Full{}, Full{}, from + v * kWidth * stride + k, stride,
                       to + k * kPanelColumns + v * kWidth, kPanelColumns, Full{});
    for (; k < depth; ++k)
      for (int64_t j = 0; j < kPanelColumns; ++j)
        to[k * kPanelColumns + j] = i + j < lines ? from[j * stride + k] : 0;
  }
}

}  // namespace everlearn::EVERLEARN_CPU
