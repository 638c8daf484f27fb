// How attention's matrices are laid out for small_gemm.h: as float32, or as pairs of bfloat16 that one dpbf16
// instruction multiplies and adds. Both offer the same functions; the kernel is written once.
#pragma once

#include "small_gemm.h"
#include "transpose_tile.h"

namespace everlearn::EVERLEARN_CPU {

// A matrix of storage type T with its rows `stride` values apart.
template <class T>
struct Source {
  const T* data;
  int64_t stride;
};

// Units as they are: one float32 per value.
struct FloatOperands {
  using Unit = float;
  static constexpr int64_t kPack = 1;  // values summed by one unit

  // rows x n to rows x width, as A.
  template <class T>
  static EVERLEARN_LAMBDA inline void pack_rows(Source<T> from, int64_t rows, int64_t n, int64_t width,
                                                float* to) {
    for (int64_t i = 0; i < rows; ++i) {
      columns(n, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
        store(to + i * width + j, load(from.data + i * from.stride + j, lanes), lanes);
      });
      for (int64_t j = n; j < width; ++j) to[i * width + j] = 0;
    }
  }
  // rows x n as A: where it lies when that is float32 already, else packed into `space`.
  template <class T>
  static EVERLEARN_LAMBDA inline Operand<float> rows_of(Source<T> from, int64_t rows, int64_t n,
                                                        float* space) {
    pack_rows(from, rows, n, n, space);
    return {space, n, 1};
  }
  static EVERLEARN_LAMBDA inline Operand<float> rows_of(Source<float> from, int64_t, int64_t, float*) {
    return {from.data, from.stride, 1};
  }
  // rows x n to depth rows x width columns of B: the sum runs over the rows.
  template <class T>
  static EVERLEARN_LAMBDA inline void pack_depth(Source<T> from, int64_t rows, int64_t n, int64_t width,
                                                 float* to) {
    pack_rows(from, rows, n, width, to);
  }
  // rows x n to n x width with the rows as columns of B: the sum runs over n.
  template <class T>
  static EVERLEARN_LAMBDA inline void pack_transposed(Source<T> from, int64_t rows, int64_t n, int64_t width,
                                                      float* to) {
    for (int64_t i = 0; i < width; i += kWidth) {
      const int64_t height = rows - i < kWidth ? rows - i : kWidth;
      columns(n, [&](int64_t j, auto lanes_here) EVERLEARN_LAMBDA {
        const T* tile = from.data + i * from.stride + j;
        float* target = to + j * width + i;
        if (height == kWidth)
          transpose_tile(Full{}, lanes_here, tile, from.stride, target, width, Full{});
        else
          transpose_tile(Partial{(int)height}, lanes_here, tile, from.stride, target, width, Full{});
      });
    }
  }
  // A row of probabilities or of their gradients, written where gemm reads it.
  static EVERLEARN_LAMBDA inline void put(float* row, int64_t j, F v) { store(row + j, v, Full{}); }
  static EVERLEARN_LAMBDA inline Operand<float> as_rows(const float* p, int64_t width) {
    return {p, width, 1};
  }
  // The transpose of p [rows, width] as A; `space` is for operands that must move.
  static EVERLEARN_LAMBDA inline Operand<float> as_columns(const float* p, int64_t, int64_t width, float*) {
    return {p, 1, width};
  }
};

#if defined(__AVX512BF16__)
// Units of two bfloat16 values. Matrices of probabilities are kept as rows of bfloat16.
struct PairOperands {
  using Unit = uint32_t;
  static constexpr int64_t kPack = 2;

  static EVERLEARN_LAMBDA inline Operand<uint32_t> rows_of(Source<bfloat16> from, int64_t rows, int64_t n,
                                                           uint32_t* space) {
    if ((n | from.stride) % 2 == 0 && (uintptr_t)from.data % 4 == 0)
      return {(const uint32_t*)from.data, from.stride / 2, 1};
    const int64_t units = (n + 1) / 2;
    for (int64_t i = 0; i < rows; ++i) {
      space[i * units + units - 1] = 0;
      memcpy(space + i * units, from.data + i * from.stride, n * 2);
    }
    return {space, units, 1};
  }
  // Two rows woven: value j of both makes unit j.
  static EVERLEARN_LAMBDA inline void pack_depth(Source<bfloat16> from, int64_t rows, int64_t n,
                                                 int64_t width, uint32_t* to) {
    for (int64_t i = 0; i < rows; i += 2) {
      const bfloat16 *even = from.data + i * from.stride, *odd = even + from.stride;
      const bool both = i + 1 < rows;
      uint32_t* row = to + i / 2 * width;
      columns(n, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
        const U low = widen(load_half(even + j, lanes));
        const U high = both ? widen(load_half(odd + j, lanes)) : U{};
        store((float*)row + j, (F)(low | high << 16), lanes);
      });
      for (int64_t j = n; j < width; ++j) row[j] = 0;
    }
  }
  // Neighbours within a row are a pair already: the transpose moves 32-bit units.
  static EVERLEARN_LAMBDA inline void pack_transposed(Source<bfloat16> from, int64_t rows, int64_t n,
                                                      int64_t width, uint32_t* to) {
    const int64_t units = (n + 1) / 2;
    for (int64_t i = 0; i < width; i += kWidth) {
      const int64_t height = rows - i < kWidth ? rows - i : kWidth;
      for (int64_t j = 0; j < units; j += kWidth) {
        const int64_t rest = units - j < kWidth ? units - j : kWidth;
        const int64_t values = n - 2 * j < 2 * kWidth ? n - 2 * j : 2 * kWidth;
        const __mmask32 mask = values == 32 ? ~0u : (1u << values) - 1;
        U tile[kWidth] = {};
        if (height == kWidth && rest == kWidth) {
#pragma GCC unroll 16
          for (int r = 0; r < kWidth; ++r)
            memcpy(&tile[r], from.data + (i + r) * from.stride + 2 * j, sizeof tile[r]);
          transpose_registers(tile);
#pragma GCC unroll 16
          for (int r = 0; r < kWidth; ++r) memcpy(to + (j + r) * width + i, &tile[r], sizeof tile[r]);
          continue;
        }
        for (int r = 0; r < height; ++r)
          tile[r] = (U)_mm512_maskz_loadu_epi16(mask, from.data + (i + r) * from.stride + 2 * j);
        transpose_registers(tile);
        for (int r = 0; r < rest; ++r) memcpy(to + (j + r) * width + i, &tile[r], sizeof tile[r]);
      }
    }
  }
  static EVERLEARN_LAMBDA inline void put(uint32_t* row, int64_t j, F v) {
    store((bfloat16*)row + j, v, Full{});
  }
  static EVERLEARN_LAMBDA inline Operand<uint32_t> as_rows(const uint32_t* p, int64_t width) {
    return {p, width / 2, 1};
  }
  static EVERLEARN_LAMBDA inline Operand<uint32_t> as_columns(const uint32_t* p, int64_t rows, int64_t width,
                                                              uint32_t* space) {
    pack_depth({(const bfloat16*)p, width}, rows, width, width, space);
    return {space, 1, width};
  }
};
#endif

// The operands a storage type is multiplied with at this level.
template <class T>
struct OperandsOf {
  using Type = FloatOperands;
};
#if defined(__AVX512BF16__)
template <>
struct OperandsOf<bfloat16> {
  using Type = PairOperands;
};
#endif

}  // namespace everlearn::EVERLEARN_CPU
