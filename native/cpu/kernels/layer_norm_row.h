// LayerNorm of one row, shared by the residual and the embedding form. The row's values wait in a float32
// buffer in the first-level cache between the passes that need them.
#pragma once

#include "parallel.h"

namespace everlearn::EVERLEARN_CPU {

struct RowMoments {
  float mean, rstd;
};

// Mean and 1 / deviation of values[0..n) whose sum is known; the variance from the differences, as sums of
// squares would cancel.
EVERLEARN_INLINE RowMoments moments_of(const float* values, int64_t n, float sum, float eps) {
  const float mean = sum / (float)n;
  F squares[4] = {};
  columns4(n, [&](int64_t j, auto lanes, int a) EVERLEARN_LAMBDA {
    const F d = keep(load(values + j, lanes) - mean, F{}, lanes);
    squares[a] += d * d;
  });
  return {mean, 1.0f / sqrtf(sum_of(total(squares)) / (float)n + eps)};
}

// The backward of y = LayerNorm(v): with g = dy * gamma and x the normalised v,
// dv = rstd * (g - mean(g) - x * mean(g x)). First pass of a row: value(j, lanes) gives v, gradient(j, lanes)
// gives dy; g and x are kept in the buffers, dgamma and dbeta (sums over rows) take dy x and dy.
struct RowGradient {
  float mean_g, mean_gx;
};
template <class Value, class Gradient>
EVERLEARN_INLINE RowGradient layer_norm_backward(int64_t n, RowMoments m, const float* gamma, float* g,
                                                 float* x, float* dgamma, float* dbeta, const Value& value,
                                                 const Gradient& gradient) {
  F sum_g[4] = {}, sum_gx[4] = {};
  columns4(n, [&](int64_t j, auto lanes, int a) EVERLEARN_LAMBDA {
    const F dy = gradient(j, lanes);
    const F normal = keep((value(j, lanes) - m.mean) * m.rstd, F{}, lanes);
    const F scaled = dy * load(gamma + j, lanes);
    store(g + j, scaled, Full{});
    store(x + j, normal, Full{});
    sum_g[a] += scaled;
    sum_gx[a] += scaled * normal;
    store(dgamma + j, load(dgamma + j, Full{}) + dy * normal, Full{});
    store(dbeta + j, load(dbeta + j, Full{}) + dy, Full{});
  });
  return {sum_of(total(sum_g)) / (float)n, sum_of(total(sum_gx)) / (float)n};
}

// Its second pass: the gradient of v at column j.
EVERLEARN_INLINE F layer_norm_gradient(int64_t j, RowMoments m, RowGradient r, const float* g,
                                       const float* x) {
  return (load(g + j, Full{}) - r.mean_g - load(x + j, Full{}) * r.mean_gx) * m.rstd;
}

}  // namespace everlearn::EVERLEARN_CPU
