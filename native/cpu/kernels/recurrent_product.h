// The product inside a recurrence: at every time step a few rows times the same matrix, which is packed once.
// A value of the result is a sum in an order that does not depend on the other rows.
#pragma once

#include "gemm_pack.h"
#include "parallel.h"

namespace everlearn::EVERLEARN_CPU {

// B of C = A B, in blocks of the summed dimension whose panels fit the first-level cache.
struct RecurrentMatrix {
  const float* panels;
  int64_t depth, columns, block, block_floats;
};
EVERLEARN_INLINE RecurrentMatrix recurrent_matrix(int64_t depth, int64_t columns) {
  constexpr int64_t kMostDepth = 256;
  const int64_t blocks = (depth + kMostDepth - 1) / kMostDepth;
  const int64_t block = padded((depth + blocks - 1) / blocks, kSteps);
  return {nullptr, depth, columns, block, panels_floats(kPanelColumns, columns, block)};
}
EVERLEARN_INLINE int64_t recurrent_floats(const RecurrentMatrix& b) {
  return (b.depth + b.block - 1) / b.block * b.block_floats;
}
EVERLEARN_INLINE int64_t block_depth(const RecurrentMatrix& b, int64_t k) {
  return b.depth - k < b.block ? b.depth - k : b.block;
}

// Packs B from a matrix in memory, [depth, columns] or, when `transposed`, [columns, depth].
EVERLEARN_INLINE void pack_recurrent(const Context& context, const float* from, bool transposed,
                                     const RecurrentMatrix& b, float* to) {
  const int64_t panels = (b.columns + kPanelColumns - 1) / kPanelColumns;
  const int64_t items = panels * ((b.depth + b.block - 1) / b.block);
  parallel(context, items, b.block * kPanelColumns, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
    for (int64_t item = begin; item < end; ++item) {
      const int64_t column = item % panels * kPanelColumns, k = item / panels * b.block;
      const int64_t depth = block_depth(b, k);
      const int64_t lines = b.columns - column < kPanelColumns ? b.columns - column : kPanelColumns;
      float* panel = to + item / panels * b.block_floats + item % panels * panel_stride(kPanelColumns, depth);
      if (transposed)
        pack_rows_of_b(from + column * b.depth + k, b.depth, lines, depth, panel);
      else
        pack_columns<kPanelColumns>(from + k * b.columns + column, b.columns, lines, depth, panel);
    }
  });
}

// Rows and columns of C are written up to whole tiles.
EVERLEARN_INLINE int64_t tiled_rows(int64_t rows) { return padded(rows, kPanelRows); }
EVERLEARN_INLINE int64_t tiled_columns(const RecurrentMatrix& b) { return padded(b.columns, kPanelColumns); }
EVERLEARN_INLINE int64_t recurrent_space(const RecurrentMatrix& b, int64_t rows) {
  return panels_floats(kPanelRows, rows, b.block);
}

// c [rows, tiled columns] = a [rows, depth] b; `space` as recurrent_space says.
static __attribute__((noinline)) void multiply_recurrent(int64_t rows, const float* a,
                                                         const RecurrentMatrix& b, float* space, float* c) {
  const int64_t stride = tiled_columns(b), down = tiled_rows(rows) / kPanelRows;
  for (int64_t k = 0; k < b.depth; k += b.block) {
    const int64_t depth = block_depth(b, k), a_panel = panel_stride(kPanelRows, depth);
    const int64_t b_panel = panel_stride(kPanelColumns, depth),
                  share = padded((b_panel + down - 1) / down, 16);
    pack_rows_of_a(a + k, b.depth, rows, depth, space);
    const float* panel = b.panels + k / b.block * b.block_floats;
    for (int64_t j = 0; j < stride; j += kPanelColumns, panel += b_panel)
      for (int64_t i = 0; i < down; ++i) {
        for (int64_t at = 0; at < share; at += 16)  // of the next panel
          __builtin_prefetch(panel + b_panel + i * share + at, 0, 2);
        F sum[kPanelRows][kPanelVectors];
        multiply_panels<Together::steps>(depth, space + i * a_panel, panel, sum);
        float* tile = c + i * kPanelRows * stride + j;
#pragma GCC unroll 16
        for (int r = 0; r < kPanelRows; ++r)
#pragma GCC unroll 2
          for (int v = 0; v < kPanelVectors; ++v) {
            float* to = tile + r * stride + v * kWidth;
            store(to, k ? load(to, Full{}) + sum[r][v] : sum[r][v], Full{});
          }
      }
  }
}

}  // namespace everlearn::EVERLEARN_CPU
