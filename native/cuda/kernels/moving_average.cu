// Exponential moving average of an arena's weights, in one pass.
#include "values.h"

namespace everlearn::cuda {

namespace {

constexpr int kBlock = 256;

template <int N>
__global__ void __launch_bounds__(kBlock)
    follow(float* average, const float* parameters, const int32_t* skip, float share, int64_t n) {
  if (*skip != 0) return;
  const int64_t vectors = n / N;
  for (int64_t i = grid_thread(); i < vectors; i += grid_threads()) {
    float a[N], p[N];
    load(average + i * N, a);
    load(parameters + i * N, p);
#pragma unroll
    for (int k = 0; k < N; ++k) a[k] += (p[k] - a[k]) * share;
    store(average + i * N, a);
  }
  for (int64_t i = vectors * N + grid_thread(); i < n; i += grid_threads())
    average[i] += (parameters[i] - average[i]) * share;
}

}  // namespace

void movingAverage(const Context& context, const MovingAverage& op) {
  const int64_t n = size_of(op.average);
  float* average = data<float>(op.average);
  const float* parameters = data<float>(op.parameters);
  const bool fit = vectors_fit<float>(0, average, parameters);
  launch(context, fit ? follow<4> : follow<1>, blocks_for(context, fit ? (n + 3) / 4 : n, kBlock), kBlock, 0,
         average, parameters, data<int32_t>(op.skip), 1 - op.decay, n);
  check_launch("movingAverage");
}

}  // namespace everlearn::cuda
