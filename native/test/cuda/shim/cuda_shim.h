// What the kernels' sources use of CUDA, for the compiler of the host (grid.h runs them).
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "grid.h"
#include "half.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)

struct alignas(16) uint4 {
  uint32_t x, y, z, w;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) uint2 {
  uint32_t x, y;
};
struct alignas(8) float2 {
  float x, y;
};

inline void __syncthreads() { shim::synchronize_block(); }
inline void __syncwarp() { shim::exchange(0); }

template <class T>
inline T __shfl_sync(unsigned, T value, int source) {
  static_assert(sizeof(T) <= 8);
  uint64_t given = 0;
  std::memcpy(&given, &value, sizeof value);
  const uint64_t* all = shim::exchange(given);
  std::memcpy(&value, all + source % 32, sizeof value);
  return value;
}
template <class T>
inline T __shfl_xor_sync(unsigned mask, T value, int bits) {
  return __shfl_sync(mask, value, shim::lane() ^ bits);
}
template <class T>
inline T __shfl_up_sync(unsigned mask, T value, int distance) {
  const int lane = shim::lane();
  return __shfl_sync(mask, value, lane >= distance ? lane - distance : lane);
}
inline unsigned __match_any_sync(unsigned, unsigned value) {
  const uint64_t* all = shim::exchange(value);
  unsigned same = 0;
  for (int i = 0; i < 32; ++i) same |= (unsigned)(all[i] == value) << i;
  return same;
}
inline int __popc(unsigned x) { return std::popcount(x); }

inline unsigned atomicAdd(unsigned* at, unsigned value) {
  const unsigned before = *at;
  *at += value;
  return before;
}

inline float rsqrtf(float x) { return 1 / std::sqrt(x); }
inline int32_t __float2int_rz(float x) {
  return std::isnan(x) ? 0 : x >= 2147483648.0f ? INT32_MAX : x <= -2147483648.0f ? INT32_MIN : (int32_t)x;
}
inline float __uint_as_float(uint32_t bits) { return std::bit_cast<float>(bits); }
inline uint32_t __float_as_uint(float x) { return std::bit_cast<uint32_t>(x); }
using std::max;
using std::min;
