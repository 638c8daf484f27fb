// Values of the three storage types as float32, one at a time or 16 bytes at once.
#pragma once

#include "device.h"

namespace everlearn::cuda {

__device__ __forceinline__ float to_float(float x) { return x; }
__device__ __forceinline__ float to_float(__half x) { return __half2float(x); }
__device__ __forceinline__ float to_float(__nv_bfloat16 x) { return __bfloat162float(x); }

__device__ __forceinline__ void from_float(float x, float* p) { *p = x; }
__device__ __forceinline__ void from_float(float x, __half* p) { *p = __float2half_rn(x); }
__device__ __forceinline__ void from_float(float x, __nv_bfloat16* p) { *p = __float2bfloat16_rn(x); }

// Values of T in 16 bytes.
template <class T>
constexpr int kVector = 16 / sizeof(T);

union Quad {
  uint4 bits;
  float floats[4];
  __half halves[8];
  __half2 half_pairs[4];
  __nv_bfloat16 bfloats[8];
  __nv_bfloat162 bfloat_pairs[4];
  __device__ Quad() : bits{} {}
};

__device__ __forceinline__ void unpack(const Quad& q, const float*, float* v) {
#pragma unroll
  for (int i = 0; i < 4; ++i) v[i] = q.floats[i];
}
__device__ __forceinline__ void unpack(const Quad& q, const __half*, float* v) {
#pragma unroll
  for (int i = 0; i < 8; ++i) v[i] = __half2float(q.halves[i]);
}
__device__ __forceinline__ void unpack(const Quad& q, const __nv_bfloat16*, float* v) {
#pragma unroll
  for (int i = 0; i < 8; ++i) v[i] = __bfloat162float(q.bfloats[i]);
}

__device__ __forceinline__ void pack(const float* v, const float*, Quad& q) {
#pragma unroll
  for (int i = 0; i < 4; ++i) q.floats[i] = v[i];
}
__device__ __forceinline__ void pack(const float* v, const __half*, Quad& q) {
#pragma unroll
  for (int i = 0; i < 4; ++i) q.half_pairs[i] = __floats2half2_rn(v[2 * i], v[2 * i + 1]);
}
__device__ __forceinline__ void pack(const float* v, const __nv_bfloat16*, Quad& q) {
#pragma unroll
  for (int i = 0; i < 4; ++i) q.bfloat_pairs[i] = __floats2bfloat162_rn(v[2 * i], v[2 * i + 1]);
}

// v[0..N) = p[0..N). Where N values are whole vectors, p must be aligned to 16 bytes.
template <int N, class T>
__device__ __forceinline__ void load(const T* p, float (&v)[N]) {
  if constexpr (N % kVector<T> == 0) {
#pragma unroll
    for (int i = 0; i < N; i += kVector<T>) {
      Quad q;
      q.bits = *reinterpret_cast<const uint4*>(p + i);
      unpack(q, p, v + i);
    }
  } else {
#pragma unroll
    for (int i = 0; i < N; ++i) v[i] = to_float(p[i]);
  }
}
template <int N, class T>
__device__ __forceinline__ void store(T* p, const float (&v)[N]) {
  if constexpr (N % kVector<T> == 0) {
#pragma unroll
    for (int i = 0; i < N; i += kVector<T>) {
      Quad q;
      pack(v + i, p, q);
      *reinterpret_cast<uint4*>(p + i) = q.bits;
    }
  } else {
#pragma unroll
    for (int i = 0; i < N; ++i) from_float(v[i], p + i);
  }
}

// Whether rows of `columns` values can be read in vectors of 16 bytes of T: also those of other types that go
// with them, which are float32 and so need no more.
template <class T, class... Pointers>
bool vectors_fit(int64_t columns, const Pointers*... pointers) {
  return columns % kVector<T> == 0 && ((reinterpret_cast<uintptr_t>(pointers) % 16 == 0) && ...);
}

}  // namespace everlearn::cuda
