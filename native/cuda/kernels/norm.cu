// sumOfSquares in float64, chunks of fixed size added in order; gradientControl: what the optimiser does with
// a step, decided by one thread of the device.
#include "reduce.h"

namespace everlearn::cuda {

namespace {

constexpr int kBlock = 256;
constexpr int64_t kChunk = 16384;

template <int N>
__global__ void __launch_bounds__(kBlock) square_chunks(const float* x, int64_t n, double* partials) {
  const int64_t from = blockIdx.x * kChunk, to = min(from + kChunk, n), whole = from + (to - from) / N * N;
  double sum = 0;
  for (int64_t i = from + threadIdx.x * N; i < whole; i += kBlock * N) {
    float v[N];
    load(x + i, v);
#pragma unroll
    for (int k = 0; k < N; ++k) sum += (double)v[k] * v[k];
  }
  for (int64_t i = whole + threadIdx.x; i < to; i += kBlock) sum += (double)x[i] * x[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

__global__ void __launch_bounds__(kBlock) add_squares(const double* partials, int64_t chunks, float* total) {
  double sum = 0;
  for (int64_t i = threadIdx.x; i < chunks; i += kBlock) sum += partials[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) *total = (float)(*total + sum);
}

struct Control {
  float *squares, *loss_scale;
  int32_t *good_steps, *skipped;
  float* coefficient;
  int32_t* skip;
  float* norm;
  float max_norm;
  int32_t growth_interval;
};
__global__ void control(Control c) {
  if (threadIdx.x != 0) return;
  const float norm = (float)(sqrt((double)*c.squares) / *c.loss_scale);
  const bool skip = !(norm - norm == 0);  // not finite
  const float clip = c.max_norm > 0 && norm > c.max_norm ? c.max_norm / norm : 1;
  *c.squares = 0;
  *c.norm = norm;
  *c.skip = skip;
  *c.coefficient = skip ? 0 : clip / *c.loss_scale;
  if (skip) *c.skipped += 1;
  if (c.growth_interval <= 0) return;
  if (skip) {
    *c.loss_scale = fmaxf(*c.loss_scale * 0.5f, 1);
    *c.good_steps = 0;
  } else if (++*c.good_steps >= c.growth_interval) {
    const float doubled = *c.loss_scale * 2;
    if (doubled - doubled == 0) *c.loss_scale = doubled;
    *c.good_steps = 0;
  }
}

}  // namespace

void sumOfSquares(const Context& context, const SumOfSquares& op) {
  const int64_t n = size_of(op.x), chunks = (n + kChunk - 1) / kChunk;
  const float* x = data<float>(op.x);
  double* partials = scratch<double>(context, 0, chunks);
  launch(context, vectors_fit<float>(0, x) ? square_chunks<4> : square_chunks<1>, (unsigned)chunks, kBlock, 0,
         x, n, partials);
  launch(context, add_squares, 1, kBlock, 0, partials, chunks, data<float>(op.total));
  check_launch("sumOfSquares");
}

void gradientControl(const Context& context, const GradientControl& op) {
  launch(context, control, 1, kWarp, 0,
         Control{data<float>(op.sum_of_squares), data<float>(op.loss_scale), data<int32_t>(op.good_steps),
                 data<int32_t>(op.skipped), data<float>(op.coefficient), data<int32_t>(op.skip),
                 data<float>(op.norm), op.max_norm, op.growth_interval});
  check_launch("gradientControl");
}

}  // namespace everlearn::cuda
