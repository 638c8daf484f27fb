// c = a b for float32 matrices. C is cut into rectangles that threads take one after another; a thread goes
// through the summed dimension in blocks, packs the block of B that its rectangle needs, then block after
// block of A, and multiplies panel by panel. A value of C is a sum over the same blocks in the same order
// whatever the rectangles are, so that it does not depend on the number of threads.
#include "float_product.h"

#include "gemm_pack.h"
#include "parallel.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

constexpr int64_t kMostDepth = 256;             // of a block: its panels of A and B fit the first-level cache
constexpr int64_t kMostRows = 24 * kPanelRows;  // of a block of A: it stays in the second-level cache
constexpr int64_t kMostColumns = 64 * kPanelColumns;  // of a rectangle: bounds a thread's memory

int64_t parts(int64_t n, int64_t size) { return (n + size - 1) / size; }
int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
// The size of equal pieces of n, at most `most` each, in whole units.
int64_t piece(int64_t n, int64_t most, int64_t unit) {
  return n > 0 ? parts(parts(n, parts(n, most)), unit) * unit : unit;
}

struct Size {
  int64_t rows, columns;
};

// The rectangles that take least time: with fewer of them less is packed, with more of them threads wait less
// for the last.
Size rectangle_of(const FloatProduct& p, int threads) {
  constexpr double kPacking = 1;  // cycles to pack a value; a value of C takes 1 / (2 kWidth) for a step
  Size best = {};
  double shortest = INFINITY;
  for (int64_t each = 1; each <= (threads > 1 ? 4 : 1); ++each)
    for (int64_t down = 1; down <= each * threads; ++down) {
      const int64_t across = parts(each * threads, down);
      const Size size = {piece(p.m, parts(p.m, down), kPanelRows),
                         piece(p.n, least(parts(p.n, across), kMostColumns), kPanelColumns)};
      const int64_t turns = parts(parts(p.m, size.rows) * parts(p.n, size.columns), threads);
      const double one =
          (double)(size.rows * size.columns) / (2 * kWidth) + kPacking * (double)(size.rows + size.columns);
      const double time = one * ((double)turns + (threads > 1 ? 0.5 : 0));
      if (time < shortest) {
        shortest = time;
        best = size;
      }
    }
  return best;
}

// Memory that will be packed next: its lines are asked for while tiles are multiplied.
struct Ahead {
  const float* row;
  int64_t rows, stride, length, at;

  EVERLEARN_LAMBDA inline void ask(int64_t lines) {
    for (; lines > 0 && rows > 0; --lines) {
      __builtin_prefetch(row + at, 0, 2);
      at += 16;
      if (at < length) continue;
      at = 0;
      row += stride;
      --rows;
    }
  }
  EVERLEARN_LAMBDA inline int64_t lines() const { return rows * parts(length, 16); }
};

// `lines` rows of A or columns of B from `line`, over `depth` steps from k.
struct Block {
  int64_t line, lines, k, depth;
};

// A matrix of a product, A or B: its lines are A's rows or B's columns.
struct Matrix {
  const float* data;
  int64_t stride;
  bool line_is_row;  // in memory

  EVERLEARN_LAMBDA inline const float* at(const Block& b) const {
    return line_is_row ? data + b.line * stride + b.k : data + b.k * stride + b.line;
  }
  EVERLEARN_LAMBDA inline Ahead ahead(const Block& b) const {
    return line_is_row ? Ahead{at(b), b.lines, stride, b.depth, 0}
                       : Ahead{at(b), b.depth, stride, b.lines, 0};
  }
};
EVERLEARN_INLINE void pack_a(const Matrix& a, const Block& block, float* to) {
  a.line_is_row ? pack_rows_of_a(a.at(block), a.stride, block.lines, block.depth, to)
                : pack_columns<kPanelRows>(a.at(block), a.stride, block.lines, block.depth, to);
}
EVERLEARN_INLINE void pack_b(const Matrix& b, const Block& block, float* to) {
  b.line_is_row ? pack_rows_of_b(b.at(block), b.stride, block.lines, block.depth, to)
                : pack_columns<kPanelColumns>(b.at(block), b.stride, block.lines, block.depth, to);
}

// What a tile is added to.
struct Start {
  const float* bias;
  bool accumulate;
};

EVERLEARN_INLINE void put_tile(const F (&sum)[kPanelRows][kPanelVectors], float* c, int64_t stride,
                               int64_t rows, int64_t columns, Start start) {
  if (rows == kPanelRows && columns == kPanelColumns) {
#pragma GCC unroll 16
    for (int i = 0; i < kPanelRows; ++i)
#pragma GCC unroll 2
      for (int v = 0; v < kPanelVectors; ++v) {
        float* to = c + i * stride + v * kWidth;
        F value = sum[i][v];
        if (start.bias) value += load(start.bias + v * kWidth, Full{});
        if (start.accumulate) value += load(to, Full{});
        store(to, value, Full{});
      }
    return;
  }
  float values[kPanelRows * kPanelColumns];
  memcpy(values, &sum, sizeof values);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) {
      float value = values[i * kPanelColumns + j];
      if (start.bias) value += start.bias[j];
      if (start.accumulate) value += c[i * stride + j];
      c[i * stride + j] = value;
    }
}

// c [rows, columns] (+)= the packed blocks of A and B.
template <Together kTogether>
__attribute__((noinline)) void multiply_block(int64_t rows, int64_t columns, int64_t depth, const float* a,
                                              const float* b, float* c, int64_t stride, Start start,
                                              Ahead next_a, Ahead next_b) {
  const int64_t a_panel = panel_stride(kPanelRows, depth), b_panel = panel_stride(kPanelColumns, depth);
  // Each tile asks for its share of what comes: the next panel of B, the next blocks of A and B.
  const int64_t down = parts(rows, kPanelRows), tiles = down * parts(columns, kPanelColumns);
  const int64_t b_share = padded(parts(b_panel, down), 16);
  const int64_t next_a_share = parts(next_a.lines(), tiles), next_b_share = parts(next_b.lines(), tiles);
  for (int64_t j = 0; j < columns; j += kPanelColumns, b += b_panel)
    for (int64_t i = 0; i < down; ++i) {
      const int64_t height = least(rows - i * kPanelRows, kPanelRows),
                    width = least(columns - j, kPanelColumns);
      float* tile = c + i * kPanelRows * stride + j;
      for (int64_t r = 0; r < height; ++r) __builtin_prefetch(tile + r * stride, 1);
      if (j + kPanelColumns < columns)
        for (int64_t at = 0; at < b_share; at += 16) __builtin_prefetch(b + b_panel + i * b_share + at, 0, 2);
      next_a.ask(next_a_share);
      next_b.ask(next_b_share);
      F sum[kPanelRows][kPanelVectors];
      multiply_panels<kTogether>(depth, a + i * a_panel, b, sum);
      put_tile(sum, tile, stride, height, width, {start.bias ? start.bias + j : nullptr, start.accumulate});
    }
}

}  // namespace

void multiply(const Context& context, const FloatProduct& p) {
  if (p.m == 0 || p.n == 0) return;
  const int64_t a_stride = p.a_stride ? p.a_stride : p.a_transposed ? p.m : p.k;
  const Matrix a = {p.a, a_stride, !p.a_transposed};
  const Matrix b = {p.b, p.b_transposed ? p.k : p.n, p.b_transposed};
  const Size size = rectangle_of(p, context.threads);
  const int64_t depth = piece(p.k, kMostDepth, 8), block_rows = piece(size.rows, kMostRows, kPanelRows);
  const int64_t a_floats = panels_floats(kPanelRows, block_rows, depth);
  const int64_t floats = a_floats + panels_floats(kPanelColumns, size.columns, depth);
  float* memory = scratch_floats(context, 2, context.threads * floats);
  const int64_t across = parts(p.n, size.columns);
  parallel_items(context, parts(p.m, size.rows) * across, size.rows * size.columns * (p.k + 1) / (2 * kWidth),
                 [=](int64_t item, int thread) EVERLEARN_LAMBDA {
                   float *a_panels = memory + thread * floats, *b_panels = a_panels + a_floats;
                   const int64_t row = item / across * size.rows, column = item % across * size.columns;
                   const int64_t row_end = least(row + size.rows, p.m);
                   const auto a_block = [&](int64_t i, int64_t k) EVERLEARN_LAMBDA {
                     return Block{i, least(block_rows, row_end - i), k, least(depth, p.k - k)};
                   };
                   const auto b_block = [&](int64_t k) EVERLEARN_LAMBDA {
                     return Block{column, least(size.columns, p.n - column), k, least(depth, p.k - k)};
                   };
                   int64_t k = 0;
                   do {  // once also where nothing is summed: C starts all the same
                     const Block of_b = b_block(k);
                     pack_b(b, of_b, b_panels);
                     for (int64_t i = row; i < row_end; i += block_rows) {
                       const Block of_a = a_block(i, k);
                       pack_a(a, of_a, a_panels);
                       Ahead next_a = {}, next_b = {};
                       if (i + block_rows < row_end) {
                         next_a = a.ahead(a_block(i + block_rows, k));
                       } else if (k + depth < p.k) {
                         next_a = a.ahead(a_block(row, k + depth));
                         next_b = b.ahead(b_block(k + depth));
                       }
                       const Start start = k == 0 ? Start{p.bias ? p.bias + column : nullptr, p.accumulate}
                                                  : Start{nullptr, true};
                       const auto block =
                           p.a_transposed ? multiply_block<Together::rows> : multiply_block<Together::steps>;
                       block(of_a.lines, of_b.lines, of_a.depth, a_panels, b_panels, p.c + i * p.n + column,
                             p.n, start, next_a, next_b);
                     }
                     k += depth;
                   } while (k < p.k);
                 });
}

}  // namespace everlearn::EVERLEARN_CPU
