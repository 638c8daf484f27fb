// randomFill: one 32-bit word an element, the four words of a block a thread.
#include "../../philox.h"
#include "values.h"

namespace everlearn::cuda {

namespace {

constexpr int kBlock = 256;

struct Source {
  uint32_t k0, k1, site;
};

__device__ PhiloxBlock words_at(const Source& s, uint64_t block, uint32_t redraw) {
  return philox<10>({{(uint32_t)block, (uint32_t)(block >> 32), s.site, redraw}}, s.k0, s.k1);
}

// The normal quantile of 0.5 + q, where r = 0.5 - |q| is given as well so that tails keep their digits.
// Wichura's algorithm AS 241, PPND7: about 1e-7 relative.
__device__ float normal_quantile(float q, float r) {
  if (fabsf(q) <= 0.425f) {
    const float c = 0.180625f - q * q;
    const float a = ((5.9109374720e+1f * c + 1.5929113202e+2f) * c + 5.0434271938e+1f) * c + 3.3871327179f;
    const float b = ((6.7187563600e+1f * c + 7.8757757664e+1f) * c + 1.7895169469e+1f) * c + 1.0f;
    return q * a / b;
  }
  const float s = sqrtf(-logf(r)), near = s - 1.6f, far = s - 5.0f;
  const float size =
      s <= 5.0f
          ? (((1.7023821103e-1f * near + 1.3067284816f) * near + 2.7568153900f) * near + 1.4234372777f) /
                ((1.2021132975e-1f * near + 7.3700164250e-1f) * near + 1.0f)
          : (((1.7337203997e-2f * far + 4.2868294337e-1f) * far + 3.0812263860f) * far + 6.6579051150f) /
                ((1.2258202635e-2f * far + 2.4197894225e-1f) * far + 1.0f);
  return q < 0 ? -size : size;
}

// Words are read as signed: 0 is the middle, and the distance to the end is exact in integers.
__device__ float normal_of(uint32_t word) {
  const int32_t centred = (int32_t)(word ^ 0x80000000u);
  const int32_t from_end = (centred >> 31 ^ 0x7fffffff) ^ centred;
  return normal_quantile(((float)centred + 0.5f) * 0x1p-32f, ((float)from_end + 0.5f) * 0x1p-32f);
}

template <class T>
__global__ void __launch_bounds__(kBlock)
    random_fill(T* y, int64_t n, Distribution distribution, float a, float b, Source source) {
  const int64_t blocks = (n + 3) / 4;
  for (int64_t block = grid_thread(); block < blocks; block += grid_threads()) {
    const PhiloxBlock words = words_at(source, (uint64_t)block, 0);
    for (int i = 0; i < 4 && block * 4 + i < n; ++i) {
      float value;
      if (distribution == Distribution::uniform) {
        value = (float)(words.word[i] >> 8) * 0x1p-24f * (b - a) + a;
      } else {
        float z = normal_of(words.word[i]);
        for (uint32_t redraw = 1; distribution == Distribution::truncated_normal && z * z > 4.0f; ++redraw)
          z = normal_of(words_at(source, (uint64_t)block, redraw).word[i]);
        value = z * b + a;
      }
      from_float(value, y + block * 4 + i);
    }
  }
}

}  // namespace

void randomFill(const Context& context, const RandomFill& op) {
  const int64_t n = size_of(op.y);
  const Source source = {(uint32_t)op.seed, (uint32_t)((uint64_t)op.seed >> 32), op.site};
  by_float_dtype(op.y.dtype, [&](auto type) {
    using T = decltype(type);
    launch(context, random_fill<T>, blocks_for(context, (n + 3) / 4, kBlock), kBlock, 0, data<T>(op.y), n,
           op.distribution, op.a, op.b, source);
  });
  check_launch("randomFill");
}

}  // namespace everlearn::cuda
