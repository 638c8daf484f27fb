// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3") in plain integers, and what a
// dropout site makes of a probability: what every backend must do in the same way, so that all draw the same.
#pragma once

#include <stdint.h>

#ifdef __CUDACC__
#define EVERLEARN_EVERYWHERE static __host__ __device__ __forceinline__
#else
#define EVERLEARN_EVERYWHERE static inline __attribute__((always_inline))
#endif

namespace everlearn {

constexpr uint32_t kPhiloxM0 = 0xD2511F53, kPhiloxM1 = 0xCD9E8D57;
constexpr uint32_t kPhiloxW0 = 0x9E3779B9, kPhiloxW1 = 0xBB67AE85;

struct PhiloxBlock {
  uint32_t word[4];
};

template <int kRounds>
EVERLEARN_EVERYWHERE PhiloxBlock philox(PhiloxBlock c, uint32_t k0, uint32_t k1) {
#ifdef __CUDA_ARCH__
#pragma unroll
#endif
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t p0 = (uint64_t)kPhiloxM0 * c.word[0], p1 = (uint64_t)kPhiloxM1 * c.word[2];
    c = {{(uint32_t)(p1 >> 32) ^ c.word[1] ^ k0, (uint32_t)p1, (uint32_t)(p0 >> 32) ^ c.word[3] ^ k1,
          (uint32_t)p0}};
    k0 += kPhiloxW0;
    k1 += kPhiloxW1;
  }
  return c;
}

// The first round of the counters (step, site, row, column block) without the column block, which is only
// added by exclusive or: word 2 of the result still wants `^ block`. Nine rounds with the keys that follow
// make the words.
EVERLEARN_EVERYWHERE PhiloxBlock dropout_round(uint32_t step, uint32_t site, uint32_t row, uint32_t k0,
                                               uint32_t k1) {
  const uint64_t p0 = (uint64_t)kPhiloxM0 * step, p1 = (uint64_t)kPhiloxM1 * row;
  return {{(uint32_t)(p1 >> 32) ^ site ^ k0, (uint32_t)p1, (uint32_t)(p0 >> 32) ^ k1, (uint32_t)p0}};
}

// A value whose word is below the threshold is dropped.
EVERLEARN_EVERYWHERE uint32_t dropout_threshold(float probability) {
  if (probability >= 1) return 0xffffffffu;
  return (uint32_t)((double)(probability > 0 ? probability : 0) * 4294967296.0);
}
EVERLEARN_EVERYWHERE float dropout_scale(float probability) {
  return probability >= 1 ? 0 : 1 / (1 - probability);
}

}  // namespace everlearn
