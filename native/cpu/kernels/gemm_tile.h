// A register tile of a float32 product over one block of its summed dimension, and the panels it reads: a
// panel is kPanelRows rows of A, or kPanelColumns columns of B, for every step of the sum.
#pragma once

#include "simd.h"

namespace everlearn::EVERLEARN_CPU {

// Accumulators, a row of B and a value of A fill the registers: 16 of them, 32 on AVX-512.
constexpr int kPanelRows = EVERLEARN_WIDTH == 16 ? 14 : EVERLEARN_WIDTH == 8 ? 6 : 4;
constexpr int kPanelVectors = 2;
constexpr int kPanelColumns = kPanelVectors * kWidth;

constexpr int kSteps = 4;  // of the sum, in one round of the loop

// How a panel of A lies in memory: row after row of each step, or of each kSteps steps, whichever of the two
// is copied from the matrix without a transpose. In B, the columns of a step are together.
enum class Together { rows, steps };

template <Together kTogether>
EVERLEARN_INLINE constexpr int64_t place(int64_t row, int64_t step) {
  return kTogether == Together::rows ? step * kPanelRows + row : row * kSteps + step;
}

// c [kPanelRows, kPanelColumns] = a b over `depth` steps.
//
// Two threads of one core share what fetches and decodes instructions, so these are to be few and short:
// empty statements that gcc cannot look into keep the multiplications in the order written (else it runs out
// of registers) and the pointers in the middle of what a round reads, where offsets take one byte.
template <Together kTogether>
EVERLEARN_INLINE void multiply_panels(int64_t depth, const float* a, const float* b,
                                      F (&sum)[kPanelRows][kPanelVectors]) {
  constexpr int64_t kRoundA = kSteps * kPanelRows, kRoundB = kSteps * kPanelColumns, kAhead = 192;
#pragma GCC unroll 16
  for (int i = 0; i < kPanelRows; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < kPanelVectors; ++v) sum[i][v] = F{};
  const auto step = [&](const float* a_round, const float* b_step, int64_t k) EVERLEARN_LAMBDA {
    F b0 = load(b_step, Full{}), b1 = load(b_step + kWidth, Full{});
    asm volatile("" : "+v"(b0), "+v"(b1));
#pragma GCC unroll 16
    for (int i = 0; i < kPanelRows; ++i) {
      const F value = splat(a_round[place<kTogether>(i, k)]);
      sum[i][0] += value * b0;
      sum[i][1] += value * b1;
      asm volatile("" : "+v"(sum[i][0]), "+v"(sum[i][1]) : "v"(value), "v"(b0), "v"(b1));
    }
  };
  a += kRoundA / 2;
  b += kRoundB / 2;
  const float* ahead = a + kAhead;
  for (; depth >= kSteps; depth -= kSteps) {
    __builtin_prefetch(ahead);
#pragma GCC unroll 4
    for (int64_t k = 0; k < kSteps; ++k) step(a - kRoundA / 2, b + k * kPanelColumns - kRoundB / 2, k);
    asm volatile("" : "+r"(a), "+r"(b), "+r"(ahead));
    a += kRoundA;
    b += kRoundB;
    ahead += kRoundA;
  }
  for (int64_t k = 0; k < depth; ++k) step(a - kRoundA / 2, b + k * kPanelColumns - kRoundB / 2, k);
}

}  // namespace everlearn::EVERLEARN_CPU
