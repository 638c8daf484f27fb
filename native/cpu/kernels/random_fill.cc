// randomFill: one 32-bit word an element. uniform: (b - a) * word / 2^32 + a, the word cut to its upper 24
// bits; normal: the quantile of (word + 1/2) / 2^32; truncated: a lane beyond two deviations takes the next
// redraw.
#include "parallel.h"
#include "philox.h"
#include "vector_math.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

struct Source {
  uint32_t k0, k1, site;
};

EVERLEARN_INLINE PhiloxWords words_at(const Source& s, uint64_t first_block, uint32_t redraw) {
  const L block = philox_lanes() + first_block;
  L a[4] = {block, block >> 32, L{} + s.site, L{} + redraw};
  L b[4] = {block + kWidth / 2, (block + kWidth / 2) >> 32, L{} + s.site, L{} + redraw};
  philox_rounds<10>(a, s.k0, s.k1);
  philox_rounds<10>(b, s.k0, s.k1);
  return philox_order(a, b);
}

// Words are read as signed: 0 is the middle, and the distance to the end is exact in integers.
EVERLEARN_INLINE F normal_of(U word) {
  const I centred = (I)(word ^ 0x80000000u);
  const I from_end = (centred >> 31 ^ 0x7fffffff) ^ centred;  // 2^31 - 1 - centred, or centred + 2^31 below 0
  const F q = (__builtin_convertvector(centred, F) + 0.5f) * 0x1p-32f;
  return normal_quantile(q, (__builtin_convertvector(from_end, F) + 0.5f) * 0x1p-32f);
}

EVERLEARN_INLINE F draw(const Source& s, Distribution distribution, float a, float b, uint64_t block, int v,
                        const PhiloxWords& words) {
  if (distribution == Distribution::uniform)
    return __builtin_convertvector((I)(words.vector[v] >> 8), F) * 0x1p-24f * (b - a) + a;
  F z = normal_of(words.vector[v]);
  if (distribution == Distribution::truncated_normal) {
    I outside = z * z > 4.0f;
    for (uint32_t redraw = 1; any(outside); ++redraw) {
      const F again = normal_of(words_at(s, block, redraw).vector[v]);
      z = outside ? again : z;
      outside = z * z > 4.0f;
    }
  }
  return z * b + a;
}

}  // namespace

void randomFill(const Context& context, const RandomFill& op) {
  const int64_t n = size_of(op.y), group = 4 * kWidth;
  const Source source = {(uint32_t)op.seed, (uint32_t)((uint64_t)op.seed >> 32), op.site};
  const Distribution distribution = op.distribution;
  const float a = op.a, b = op.b;
  by_float_dtype(op.y.dtype, [&](auto type) EVERLEARN_LAMBDA {
    using T = decltype(type);
    T* y = data<T>(op.y);
    parallel(context, (n + group - 1) / group, 8 * group,
             [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
               for (int64_t i = begin; i < end; ++i) {
                 const uint64_t block = i * kWidth;
                 const PhiloxWords words = words_at(source, block, 0);
                 for (int v = 0; v < 4; ++v) {
                   const int64_t at = i * group + v * kWidth;
                   const F value = draw(source, distribution, a, b, block, v, words);
                   if (at + kWidth <= n)
                     store(y + at, value, Full{});
                   else if (at < n)
                     store(y + at, value, Partial{(int)(n - at)});
                 }
               }
             });
  });
}

}  // namespace everlearn::EVERLEARN_CPU
