// Elementary functions of vectors of float32. NaN in, NaN out.
#pragma once

#include "simd.h"

namespace everlearn::EVERLEARN_CPU {

// x held within bounds; NaN stays.
EVERLEARN_INLINE F clamp(F x, float least, float most) {
  return lesser(splat(most), greater(splat(least), x));
}

// 1 / x; on AVX-512 an estimate and a Newton step, within an ulp, for finite x that are not 0.
EVERLEARN_INLINE F reciprocal(F x) {
#if EVERLEARN_WIDTH == 16
  const F estimate = (F)_mm512_rcp14_ps(x);
  return estimate * (2.0f - x * estimate);
#else
  return 1.0f / x;
#endif
}

constexpr float kLog2E = 1.44269504088896341f, kLn2 = 0.69314718055994531f;

// 2^y = 2^n 2^f with n = floor y; 2^f on [0, 1) by the polynomial of least relative error (2e-9). 0 and
// infinity beyond the range.
EVERLEARN_INLINE F power2(F y) {
#if EVERLEARN_WIDTH == 16
  const F f = (F)_mm512_reduce_ps(y, 0x01);  // y - floor y, 0 for infinities
#else
  y = clamp(y, -250.0f, 250.0f);
  const F n = (F)EVERLEARN_SIMD(floor_ps)(y), f = y - n;
#endif
  F p = splat(2.1702255e-4f);
  p = p * f + 1.2439688e-3f;
  p = p * f + 9.6788410e-3f;
  p = p * f + 5.5483342e-2f;
  p = p * f + 2.4022984e-1f;
  p = p * f + 6.9314698e-1f;
  p = p * f + 1.0f;
#if EVERLEARN_WIDTH == 16
  return (F)_mm512_scalef_ps(p, y);  // p 2^(floor y)
#else
  const I whole = __builtin_convertvector(n, I),
          half = whole >> 1;  // in two steps: 2^n alone may be no float
  return p * (F)((half + 127) << 23) * (F)((whole - half + 127) << 23);
#endif
}
EVERLEARN_INLINE F exp(F x) { return power2(x * kLog2E); }

// Natural logarithm of a normal positive x, Cephes' polynomial.
EVERLEARN_INLINE F log(F x) {
  I e = ((I)x >> 23) - 126;
  F m = (F)(((I)x & 0x007fffff) | 0x3f000000);  // in [0.5, 1)
  const I low = m < 0.707106781186547524f;
  e = low ? e - 1 : e;
  m = (low ? m + m : m) - 1.0f;
  const F n = __builtin_convertvector(e, F), z = m * m;
  F p = splat(7.0376836292e-2f);
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  return (p * m * z - n * 2.12194440e-4f - 0.5f * z + m) + n * 0.693359375f;
}

// 1 / (1 + e^-x).
EVERLEARN_INLINE F sigmoid(F x) { return 1.0f / (exp(-x) + 1.0f); }

// tanh x = x P(x^2) / Q(x^2) on |x| <= 7.9 (Eigen's coefficients), nearly constant from there, 1 beyond 9.
EVERLEARN_INLINE F tanh(F x) {
  const F c = clamp(x, -7.90531110763549805f, 7.90531110763549805f);
  const F z = c * c;
  F p = splat(-2.76076847742355e-16f);
  p = p * z + 2.00018790482477e-13f;
  p = p * z - 8.60467152213735e-11f;
  p = p * z + 5.12229709037114e-08f;
  p = p * z + 1.48572235717979e-05f;
  p = p * z + 6.37261928875436e-04f;
  p = p * z + 4.89352455891786e-03f;
  F q = splat(1.19825839466702e-06f);
  q = q * z + 1.18534705686654e-04f;
  q = q * z + 2.26843463243900e-03f;
  q = q * z + 4.89352518554385e-03f;
  const F one = x > 0.0f ? splat(1) : splat(-1);
  return (F)((I)x & 0x7fffffff) > 9.0f ? one : c * p / q;
}

// The normal distribution's cumulative probability of x; *density becomes exp(-x^2 / 2).
// Abramowitz and Stegun 7.1.26, absolute error below 1e-7, the tail of the sign that is small computed as
// such.
EVERLEARN_INLINE F normal_probability(F x, F* density) {
  const F size = lesser(splat(14.0f), (F)((I)x & 0x7fffffff));  // beyond, all is 0 or 1
  const F t = reciprocal(size * (0.3275911f * 0.70710678118654752f) + 1.0f);
  F p = splat(0.5f * 1.061405429f);
  p = p * t - 0.5f * 1.453152027f;
  p = p * t + 0.5f * 1.421413741f;
  p = p * t - 0.5f * 0.284496736f;
  p = p * t + 0.5f * 0.254829592f;
  *density = power2(size * size * (-0.5f * kLog2E));
  const F tail = p * t * *density;
  return x > 0.0f ? 1.0f - tail : tail;
}

// The normal quantile of 0.5 + q, where r = 0.5 - |q| is given as well so that tails keep their digits.
// Wichura's algorithm AS 241, PPND7: about 1e-7 relative.
EVERLEARN_INLINE F normal_quantile(F q, F r) {
  const F c = 0.180625f - q * q;
  F a = splat(5.9109374720e+1f);
  a = a * c + 1.5929113202e+2f;
  a = a * c + 5.0434271938e+1f;
  a = a * c + 3.3871327179f;
  F b = splat(6.7187563600e+1f);
  b = b * c + 7.8757757664e+1f;
  b = b * c + 1.7895169469e+1f;
  b = b * c + 1.0f;
  const F middle = q * a / b;

  const F s = root(-log(r));
  const F near = s - 1.6f, far = s - 5.0f;
  F u = splat(1.7023821103e-1f);
  u = u * near + 1.3067284816f;
  u = u * near + 2.7568153900f;
  u = u * near + 1.4234372777f;
  F v = splat(1.2021132975e-1f);
  v = v * near + 7.3700164250e-1f;
  v = v * near + 1.0f;
  F w = splat(1.7337203997e-2f);
  w = w * far + 4.2868294337e-1f;
  w = w * far + 3.0812263860f;
  w = w * far + 6.6579051150f;
  F y = splat(1.2258202635e-2f);
  y = y * far + 2.4197894225e-1f;
  y = y * far + 1.0f;
  const F tail = s <= 5.0f ? u / v : w / y;
  const F size = (F)((I)tail & 0x7fffffff);
  return (F)((I)q & 0x7fffffff) <= 0.425f ? middle : q < 0.0f ? -size : size;
}

}  // namespace everlearn::EVERLEARN_CPU
