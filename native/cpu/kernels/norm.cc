// sumOfSquares in float64, chunks of fixed size added in order; gradientControl: what the optimiser does with
// a step.
#include "parallel.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

constexpr int64_t kChunk = 16384;
typedef double D __attribute__((vector_size(8 * EVERLEARN_WIDTH)));  // as many lanes as F

}  // namespace

void sumOfSquares(const Context& context, const SumOfSquares& op) {
  const int64_t n = size_of(op.x), chunks = (n + kChunk - 1) / kChunk;
  const float* x = data<float>(op.x);
  double* partials = static_cast<double*>(context.scratch(0, (chunks + 1) * sizeof(double)));
  parallel(context, chunks, kChunk, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      const int64_t from = chunk * kChunk, to = from + kChunk < n ? from + kChunk : n;
      D sums[2] = {};
      columns4(to - from, [&](int64_t k, auto lanes, int a) EVERLEARN_LAMBDA {
        const D v = __builtin_convertvector(load(x + from + k, lanes), D);
        sums[a & 1] += v * v;
      });
      const D both = sums[0] + sums[1];
      double sum = 0;
      for (int i = 0; i < kWidth; ++i) sum += both[i];
      partials[chunk] = sum;
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
