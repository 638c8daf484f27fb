// sumOfSquares in float64, chunks of fixed size added in order; gradientControl: what the optimiser does with
// a step.
#include "parallel.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

constexpr int64_t kChunk = 16384;
constexpr int kDoubles = EVERLEARN_WIDTH / 2;
typedef double D __attribute__((vector_size(4 * EVERLEARN_WIDTH)));

EVERLEARN_INLINE D load_double(const float* p) {
#if EVERLEARN_WIDTH == 16
  return (D)_mm512_cvtps_pd(_mm256_loadu_ps(p));
#elif EVERLEARN_WIDTH == 8
  return (D)_mm256_cvtps_pd(_mm_loadu_ps(p));
#else
  double pair;
  memcpy(&pair, p, sizeof pair);
  return (D)_mm_cvtps_pd(_mm_castpd_ps(_mm_set_sd(pair)));
#endif
}

double squares_of(const float* x, int64_t n) {
  D sums[4] = {};
  int64_t i = 0;
  for (; i + 4 * kDoubles <= n; i += 4 * kDoubles)
#pragma GCC unroll 4
    for (int a = 0; a < 4; ++a) {
      const D v = load_double(x + i + a * kDoubles);
      sums[a] += v * v;
    }
  const D all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  double sum = 0;
  for (int lane = 0; lane < kDoubles; ++lane) sum += all[lane];
  for (; i < n; ++i) sum += (double)x[i] * x[i];
  return sum;
}

}  // namespace

void sumOfSquares(const Context& context, const SumOfSquares& op) {
  const int64_t n = size_of(op.x), chunks = (n + kChunk - 1) / kChunk;
  const float* x = data<float>(op.x);
  double* partials = static_cast<double*>(context.scratch(0, (chunks + 1) * sizeof(double)));
  parallel(context, chunks, kChunk, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      const int64_t from = chunk * kChunk, to = from + kChunk < n ? from + kChunk : n;
      partials[chunk] = squares_of(x + from, to - from);
    }
  });
  double sum = 0;
  for (int64_t chunk = 0; chunk < chunks; ++chunk) sum += partials[chunk];
  *data<float>(op.total) = (float)(*data<float>(op.total) + sum);
}

void gradientControl(const Context&, const GradientControl& op) {
  float &squares = *data<float>(op.sum_of_squares), &loss_scale = *data<float>(op.loss_scale);
  int32_t& good_steps = *data<int32_t>(op.good_steps);
  const float norm = (float)(sqrt((double)squares) / loss_scale);
  const bool skip = !(norm - norm == 0);  // not finite
  const float clip = op.max_norm > 0 && norm > op.max_norm ? op.max_norm / norm : 1;
  squares = 0;
  *data<float>(op.norm) = norm;
  *data<int32_t>(op.skip) = skip;
  *data<float>(op.coefficient) = skip ? 0 : clip / loss_scale;
  if (skip) *data<int32_t>(op.skipped) += 1;
  if (op.growth_interval <= 0) return;
  if (skip) {
    loss_scale = loss_scale * 0.5f > 1 ? loss_scale * 0.5f : 1;
    good_steps = 0;
  } else if (++good_steps >= op.growth_interval) {
    const float doubled = loss_scale * 2;
    if (doubled - doubled == 0) loss_scale = doubled;
    good_steps = 0;
  }
}

}  // namespace everlearn::EVERLEARN_CPU
