// The matrix products of attention: C (+)= A B with A anywhere in the first-level cache and B packed row by
// row, tiles of C held in registers. One "unit" is a float32 value, or on AVX512_BF16 a pair of bfloat16
// values that are neighbours along the summed dimension.
#pragma once

#include "simd.h"

namespace everlearn::EVERLEARN_CPU {

// Registers: kTileRows * kTileVectors accumulators, one row of B and one broadcast value of A.
constexpr int kTileRows = 6;
constexpr int kTileVectors = EVERLEARN_WIDTH == 16 ? 4 : 2;

EVERLEARN_INLINE F multiply_add(F sum, float a, const float* b) { return sum + a * load(b, Full{}); }
#if defined(__AVX512BF16__)
EVERLEARN_INLINE F multiply_add(F sum, uint32_t a, const uint32_t* b) {
  return (F)_mm512_dpbf16_ps(sum, (__m512bh)_mm512_set1_epi32((int)a), (__m512bh)_mm512_loadu_si512(b));
}
#endif

// A of a product: unit (i, k) is at data[i * row + k * step].
template <class Unit>
struct Operand {
  const Unit* data;
  int64_t row, step;
};

template <int kRows, int kVectors, class Unit>
EVERLEARN_INLINE void gemm_tile(int64_t depth, Operand<Unit> a, const Unit* b, int64_t b_row, float* c,
                                int64_t c_row, bool accumulate) {
  F sum[kRows][kVectors];
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v)
      sum[i][v] = accumulate ? load(c + i * c_row + v * kWidth, Full{}) : F{};
  for (int64_t k = 0; k < depth; ++k) {
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      const Unit value = a.data[i * a.row + k * a.step];
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v)
        sum[i][v] = multiply_add(sum[i][v], value, b + k * b_row + v * kWidth);
    }
  }
  asm("" : "+r"(c));  // else the addresses of all vectors of C are made before the loop and kept through it
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) store(c + i * c_row + v * kWidth, sum[i][v], Full{});
}

template <int kVectors, class Unit>
EVERLEARN_INLINE void gemm_panel(int64_t rows, int64_t depth, Operand<Unit> a, const Unit* b, int64_t b_row,
                                 float* c, int64_t c_row, bool accumulate) {
  int64_t i = 0;
  const auto at = [&](int64_t row) EVERLEARN_LAMBDA {
    return Operand<Unit>{a.data + row * a.row, a.row, a.step};
  };
  for (; i + kTileRows <= rows; i += kTileRows)
    gemm_tile<kTileRows, kVectors>(depth, at(i), b, b_row, c + i * c_row, c_row, accumulate);
  c += i * c_row;
  switch (rows - i) {
    case 5:
      gemm_tile<5, kVectors>(depth, at(i), b, b_row, c, c_row, accumulate);
      break;
    case 4:
      gemm_tile<4, kVectors>(depth, at(i), b, b_row, c, c_row, accumulate);
      break;
    case 3:
      gemm_tile<3, kVectors>(depth, at(i), b, b_row, c, c_row, accumulate);
      break;
    case 2:
      gemm_tile<2, kVectors>(depth, at(i), b, b_row, c, c_row, accumulate);
      break;
    case 1:
      gemm_tile<1, kVectors>(depth, at(i), b, b_row, c, c_row, accumulate);
      break;
  }
}

// C [rows, columns] (+)= A [rows, depth] B [depth, columns]; columns a multiple of kWidth, rows of B and C as
// long.
template <class Unit>
static __attribute__((noinline)) void gemm(int64_t rows, int64_t columns, int64_t depth, Operand<Unit> a,
                                           const Unit* b, float* c, bool accumulate) {
  int64_t j = 0;
  for (; j + kTileVectors * kWidth <= columns; j += kTileVectors * kWidth)
    gemm_panel<kTileVectors>(rows, depth, a, b + j, columns, c + j, columns, accumulate);
#if EVERLEARN_WIDTH == 16
  for (; j + 2 * kWidth <= columns; j += 2 * kWidth)
    gemm_panel<2>(rows, depth, a, b + j, columns, c + j, columns, accumulate);
#endif
  for (; j < columns; j += kWidth) gemm_panel<1>(rows, depth, a, b + j, columns, c + j, columns, accumulate);
}

}  // namespace everlearn::EVERLEARN_CPU
