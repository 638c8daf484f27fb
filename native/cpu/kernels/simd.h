// Vectors of the level's width: float32, int32 and uint32 lanes, loads and stores that convert from and to
// the storage types, and loops over the columns of a row.
#pragma once

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "dtype.h"

#if defined(__AVX512F__)
#define EVERLEARN_WIDTH 16
#define EVERLEARN_SIMD(name) _mm512_##name
#elif defined(__AVX2__)
#define EVERLEARN_WIDTH 8
#define EVERLEARN_SIMD(name) _mm256_##name
#else
#define EVERLEARN_WIDTH 4
#define EVERLEARN_SIMD(name) _mm_##name
#endif

namespace everlearn::EVERLEARN_CPU {

constexpr int kWidth = EVERLEARN_WIDTH;

typedef float F __attribute__((vector_size(4 * EVERLEARN_WIDTH)));
typedef int32_t I __attribute__((vector_size(4 * EVERLEARN_WIDTH)));
typedef uint32_t U __attribute__((vector_size(4 * EVERLEARN_WIDTH)));
typedef uint64_t L __attribute__((vector_size(4 * EVERLEARN_WIDTH)));  // half as many lanes
typedef uint16_t H __attribute__((vector_size(2 * EVERLEARN_WIDTH)));  // a vector of 16-bit storage

// How many lanes of a vector count: all of them, or the first n.
struct Full {};
struct Partial {
  int n;
};

EVERLEARN_INLINE F splat(float x) { return (F)EVERLEARN_SIMD(set1_ps)(x); }
EVERLEARN_INLINE int lanes(Full) { return kWidth; }
EVERLEARN_INLINE int lanes(Partial p) { return p.n; }
EVERLEARN_INLINE constexpr int64_t padded(int64_t n, int64_t to = kWidth) { return (n + to - 1) / to * to; }

// The greater (less) of two; b where either is NaN.
EVERLEARN_INLINE F greater(F a, F b) { return (F)EVERLEARN_SIMD(max_ps)(a, b); }
EVERLEARN_INLINE F lesser(F a, F b) { return (F)EVERLEARN_SIMD(min_ps)(a, b); }
EVERLEARN_INLINE F root(F x) { return (F)EVERLEARN_SIMD(sqrt_ps)(x); }

#if EVERLEARN_WIDTH == 16
EVERLEARN_INLINE __mmask16 first(int n) { return (__mmask16)((1u << n) - 1); }
#endif

// ---- float32
EVERLEARN_INLINE F load(const float* p, Full) {
  F v;
  memcpy(&v, p, sizeof v);
  return v;
}
EVERLEARN_INLINE void store(float* p, F v, Full) { memcpy(p, &v, sizeof v); }

EVERLEARN_INLINE F load(const float* p, Partial part) {
#if EVERLEARN_WIDTH == 16
  return (F)_mm512_maskz_loadu_ps(first(part.n), p);
#else
  float lane[kWidth] = {};
  for (int i = 0; i < part.n; ++i) lane[i] = p[i];
  return load(lane, Full{});
#endif
}
EVERLEARN_INLINE void store(float* p, F v, Partial part) {
#if EVERLEARN_WIDTH == 16
  _mm512_mask_storeu_ps(p, first(part.n), v);
#else
  for (int i = 0; i < part.n; ++i) p[i] = v[i];
#endif
}

// ---- 16-bit storage
EVERLEARN_INLINE H load_half(const void* p, Full) {
  H v;
  memcpy(&v, p, sizeof v);
  return v;
}
EVERLEARN_INLINE void store_half(void* p, H v, Full) { memcpy(p, &v, sizeof v); }

EVERLEARN_INLINE H load_half(const void* p, Partial part) {
#if EVERLEARN_WIDTH == 16
  return (H)_mm256_maskz_loadu_epi16(first(part.n), p);
#else
  uint16_t lane[kWidth] = {};
  for (int i = 0; i < part.n; ++i) lane[i] = static_cast<const uint16_t*>(p)[i];
  return load_half(lane, Full{});
#endif
}
EVERLEARN_INLINE void store_half(void* p, H v, Partial part) {
#if EVERLEARN_WIDTH == 16
  _mm256_mask_storeu_epi16(p, first(part.n), (__m256i)v);
#else
  for (int i = 0; i < part.n; ++i) static_cast<uint16_t*>(p)[i] = v[i];
#endif
}

// 16-bit lanes widened with zeros, and the low halves of 32-bit lanes that fit. In intrinsics, as gcc 12
// takes
// __builtin_convertvector apart into narrow steps.
EVERLEARN_INLINE U widen(H h) {
#if EVERLEARN_WIDTH == 16
  return (U)_mm512_cvtepu16_epi32((__m256i)h);
#elif EVERLEARN_WIDTH == 8
  return (U)_mm256_cvtepu16_epi32((__m128i)h);
#else
  return (U)_mm_cvtepu16_epi32(_mm_cvtsi64_si128((int64_t)h));
#endif
}
EVERLEARN_INLINE H narrow(U v) {
#if EVERLEARN_WIDTH == 16
  return (H)_mm512_cvtepi32_epi16((__m512i)v);
#elif EVERLEARN_WIDTH == 8
  return (H)_mm_packus_epi32(_mm256_castsi256_si128((__m256i)v), _mm256_extracti128_si256((__m256i)v, 1));
#else
  return (H)_mm_cvtsi128_si64(_mm_packus_epi32((__m128i)v, (__m128i)v));
#endif
}

EVERLEARN_INLINE F from_bfloat16(H h) { return (F)(widen(h) << 16); }

// Rounded to nearest even; a NaN stays one.
EVERLEARN_INLINE H to_bfloat16(F v) {
#if defined(__AVX512BF16__)
  return (H)_mm512_cvtneps_pbh(v);
#else
  const U bits = (U)v;
  const U rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return narrow(v == v ? rounded : (bits >> 16) | 0x40);
#endif
}

EVERLEARN_INLINE F from_float16(H h) {
#if EVERLEARN_WIDTH == 16
  return (F)_mm512_cvtph_ps((__m256i)h);
#elif EVERLEARN_WIDTH == 8
  return (F)_mm256_cvtph_ps((__m128i)h);
#else
  // Exponent and mantissa moved into place; infinities and NaN need a greater exponent still, denormals are
  // normalised by subtracting the implied one.
  const U bits = widen(h);
  const U shifted = (bits & 0x7fff) << 13, exponent = shifted & 0x0f800000;
  const U normal = shifted + (112u << 23);
  const F denormal = (F)(normal + (1u << 23)) - 0x1p-14f;
  U value = exponent == 0x0f800000 ? normal + (112u << 23) : normal;
  value = exponent == 0 ? (U)denormal : value;
  return (F)(value | (bits & 0x8000) << 16);
#endif
}

EVERLEARN_INLINE H to_float16(F v) {
#if EVERLEARN_WIDTH == 16
  return (H)_mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT);
#elif EVERLEARN_WIDTH == 8
  return (H)_mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT);
#else
  const U all = (U)v, sign = all & 0x80000000u, bits = all ^ sign;
  const U normal = (bits - (112u << 23) + 0xfff + ((bits >> 13) & 1)) >> 13;
  // Adding 0.5 leaves the bits of a float16 denormal at the bottom of the mantissa, rounded by the addition.
  const U denormal = (U)((F)bits + 0.5f) - 0x3f000000u;
  U half = bits < (113u << 23) ? denormal : normal;
  half = bits >= (143u << 23) ? U{} + 0x7c00 : half;
  half = bits > (255u << 23) ? U{} + 0x7e00 : half;
  return narrow(half | sign >> 16);
#endif
}

template <class N>
EVERLEARN_INLINE F load(const bfloat16* p, N n) {
  return from_bfloat16(load_half(p, n));
}
template <class N>
EVERLEARN_INLINE void store(bfloat16* p, F v, N n) {
  store_half(p, to_bfloat16(v), n);
}
template <class N>
EVERLEARN_INLINE F load(const float16* p, N n) {
  return from_float16(load_half(p, n));
}
template <class N>
EVERLEARN_INLINE void store(float16* p, F v, N n) {
  store_half(p, to_float16(v), n);
}

// One value.
template <class T>
EVERLEARN_INLINE float load_one(const T* p) {
  return load(p, Partial{1})[0];
}
EVERLEARN_INLINE float load_one(const float* p) { return *p; }
EVERLEARN_INLINE float load_one(const bfloat16* p) {
  const uint32_t bits = (uint32_t)p->bits << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
template <class T>
EVERLEARN_INLINE void store_one(T* p, float v) {
  store(p, splat(v), Partial{1});
}

// ---- whole vectors
EVERLEARN_INLINE float sum_of(F v) {
#if EVERLEARN_WIDTH == 16
  return _mm512_reduce_add_ps(v);
#else
  float lane[kWidth];
  memcpy(lane, &v, sizeof v);
  for (int half = kWidth / 2; half; half /= 2)
    for (int i = 0; i < half; ++i) lane[i] += lane[i + half];
  return lane[0];
#endif
}
EVERLEARN_INLINE float greatest_of(F v) {
#if EVERLEARN_WIDTH == 16
  return _mm512_reduce_max_ps(v);
#else
  float greatest = v[0];
  for (int i = 1; i < kWidth; ++i) greatest = v[i] > greatest ? v[i] : greatest;
  return greatest;
#endif
}
EVERLEARN_INLINE bool any(I mask) {
#if EVERLEARN_WIDTH == 16
  return _mm512_movepi32_mask((__m512i)mask) != 0;
#elif EVERLEARN_WIDTH == 8
  return _mm256_movemask_epi8((__m256i)mask) != 0;
#else
  return _mm_movemask_epi8((__m128i)mask) != 0;
#endif
}

EVERLEARN_INLINE I lane_numbers() {
  I v;
  for (int i = 0; i < kWidth; ++i) v[i] = i;
  return v;
}
// v with `other` in the lanes that do not count.
EVERLEARN_INLINE F keep(F v, F, Full) { return v; }
EVERLEARN_INLINE F keep(F v, F other, Partial part) { return lane_numbers() < part.n ? v : other; }

// Asks for the cache lines of p[0..n), to be read or written soon.
template <int kWrite = 0, class T>
EVERLEARN_INLINE void prefetch(const T* p, int64_t n) {
  for (int64_t at = 0; at < n * (int64_t)sizeof(T); at += 64) __builtin_prefetch((const char*)p + at, kWrite);
}

// body(column, lanes) over n columns, a vector at a time.
template <class Body>
EVERLEARN_INLINE void columns(int64_t n, const Body& body) {
  int64_t j = 0;
  for (; j + kWidth <= n; j += kWidth) body(j, Full{});
  if (j < n) body(j, Partial{(int)(n - j)});
}

// The same for reductions: body(column, lanes, accumulator 0..3), so that additions need not wait for each
// other.
template <class Body>
EVERLEARN_INLINE void columns4(int64_t n, const Body& body) {
  int64_t j = 0;
  for (; j + 4 * kWidth <= n; j += 4 * kWidth) {
    body(j, Full{}, 0);
    body(j + kWidth, Full{}, 1);
    body(j + 2 * kWidth, Full{}, 2);
    body(j + 3 * kWidth, Full{}, 3);
  }
  for (; j + kWidth <= n; j += kWidth) body(j, Full{}, 0);
  if (j < n) body(j, Partial{(int)(n - j)}, 1);
}
EVERLEARN_INLINE F total(const F (&accumulator)[4]) {
  return (accumulator[0] + accumulator[1]) + (accumulator[2] + accumulator[3]);
}

}  // namespace everlearn::EVERLEARN_CPU
