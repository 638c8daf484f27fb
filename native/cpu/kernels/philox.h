// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3"), a vector of counters at a
// time, and the dropout masks made of it. The words of a counter sit in the low halves of 64-bit lanes: the
// product's high half is a shift away, and what is above the low 32 bits never matters, as the next product
// does not read it.
#pragma once

#include "../../philox.h"
#include "simd.h"

namespace everlearn::EVERLEARN_CPU {

EVERLEARN_INLINE L low_product(L a, uint32_t b) {
  const L factor = L{} + b;
#if EVERLEARN_WIDTH == 16
  return (L)_mm512_mul_epu32((__m512i)a, (__m512i)factor);
#elif EVERLEARN_WIDTH == 8
  return (L)_mm256_mul_epu32((__m256i)a, (__m256i)factor);
#else
  return (L)_mm_mul_epu32((__m128i)a, (__m128i)factor);
#endif
}

EVERLEARN_INLINE L exclusive_or(L a, L b, L c) {
#if EVERLEARN_WIDTH == 16
  return (L)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0x96);
#else
  return a ^ b ^ c;
#endif
}

template <int kRounds>
EVERLEARN_INLINE void philox_rounds(L (&c)[4], uint32_t k0, uint32_t k1) {
#pragma GCC unroll 10
  for (int round = 0; round < kRounds; ++round) {
    const L p0 = low_product(c[0], kPhiloxM0), p1 = low_product(c[2], kPhiloxM1);
    c[0] = exclusive_or(p1 >> 32, c[1], L{} + k0);
    c[1] = p1;
    c[2] = exclusive_or(p0 >> 32, c[3], L{} + k1);
    c[3] = p0;
    k0 += kPhiloxW0;
    k1 += kPhiloxW1;
  }
}

// The words of kWidth blocks in the order of the blocks; philox_lanes() says which block each lane of `a` and
// `b` held.
struct PhiloxWords {
  U vector[4];
};
EVERLEARN_INLINE PhiloxWords philox_order(const L (&a)[4], const L (&b)[4]) {
  PhiloxWords words;
  const L* halves[2] = {a, b};
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    const L* c = halves[i];
    const L first = (c[0] & 0xffffffffu) | c[1] << 32, second = (c[2] & 0xffffffffu) | c[3] << 32;
#if EVERLEARN_WIDTH == 16
    const L even = __builtin_shuffle(first, second, L{0, 8, 2, 10, 4, 12, 6, 14});
    const L odd = __builtin_shuffle(first, second, L{1, 9, 3, 11, 5, 13, 7, 15});
#elif EVERLEARN_WIDTH == 8
    const L even = __builtin_shuffle(first, second, L{0, 4, 2, 6});
    const L odd = __builtin_shuffle(first, second, L{1, 5, 3, 7});
#else
    const L even = __builtin_shuffle(first, second, L{0, 2});
    const L odd = __builtin_shuffle(first, second, L{1, 3});
#endif
    words.vector[2 * i] = (U)even;
    words.vector[2 * i + 1] = (U)odd;
  }
  return words;
}
// The number, from 0, of the block in each lane of the first register; the second's are kWidth / 2 greater.
EVERLEARN_INLINE L philox_lanes() {
  L lane;
  for (int i = 0; i < kWidth / 2; ++i) lane[i] = i / 2 + (i % 2) * (kWidth / 4);
  return lane;
}

// A dropout site's constants; active is false where there is no dropout.
struct DropoutSite {
  bool active;
  uint32_t k0, k1, step, site, threshold;
  float scale;
  const int32_t* rows;
};
EVERLEARN_INLINE DropoutSite dropout_site(const Dropout& d) {
  DropoutSite s;
  s.active = d.rows.data != nullptr && d.probability > 0;
  s.k0 = (uint32_t)d.seed;
  s.k1 = (uint32_t)((uint64_t)d.seed >> 32);
  s.step = d.step.data ? *data<uint32_t>(d.step) : 0;
  s.site = d.site;
  s.rows = data<int32_t>(d.rows);
  s.threshold = dropout_threshold(d.probability);
  s.scale = dropout_scale(d.probability);
  return s;
}

// The factors (0 or 1 / (1 - probability)) of row `row`, written up to the next multiple of 4 kWidth columns.
// Column j takes word j % 4 of column block first_block + j / 4.
EVERLEARN_INLINE void dropout_row(const DropoutSite& s, int64_t row, uint32_t first_block, int64_t n,
                                  float* factors) {
  // The first round's products do not depend on the column.
  const PhiloxBlock c = dropout_round(s.step, s.site, (uint32_t)s.rows[row], s.k0, s.k1);
  const L lane = philox_lanes();
  const F scale = splat(s.scale);
  for (int64_t j = 0; j < n; j += 4 * kWidth) {
    const L block = (lane + (first_block + (uint32_t)(j / 4)));
    L a[4] = {L{} + c.word[0], L{} + c.word[1], block ^ (L{} + c.word[2]), L{} + c.word[3]};
    L b[4] = {L{} + c.word[0], L{} + c.word[1], (block + kWidth / 2) ^ (L{} + c.word[2]), L{} + c.word[3]};
    philox_rounds<9>(a, s.k0 + kPhiloxW0, s.k1 + kPhiloxW1);
    philox_rounds<9>(b, s.k0 + kPhiloxW0, s.k1 + kPhiloxW1);
    const PhiloxWords words = philox_order(a, b);
    for (int v = 0; v < 4; ++v)
      store(factors + j + v * kWidth, words.vector[v] < s.threshold ? F{} : scale, Full{});
  }
}

// The factors where there is no dropout.
EVERLEARN_INLINE void fill_ones(int64_t n, float* factors) {
  for (int64_t j = 0; j < n; j += kWidth) store(factors + j, splat(1), Full{});
}

}  // namespace everlearn::EVERLEARN_CPU
