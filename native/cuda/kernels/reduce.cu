#include "reduce.h"

namespace everlearn::cuda {

namespace {

constexpr int kRows = 8;  // chunks that a block adds at the same time

__global__ void __launch_bounds__(kWarp* kRows)
    add_chunks(const float* partials, int64_t count, int64_t n, int targets, Targets out) {
  EVERLEARN_SHARED(sums, float[kRows][kWarp]);
  float* target = out.target[blockIdx.y];
  const int lane = threadIdx.x, row = threadIdx.y;
  const int64_t j = (int64_t)blockIdx.x * kWarp + lane;
  float sum = 0;
  if (target && j < n)
    for (int64_t chunk = row; chunk < count; chunk += kRows)
      sum += partials[(chunk * targets + blockIdx.y) * n + j];
  sums[row][lane] = sum;
  __syncthreads();
  if (row != 0 || !target || j >= n) return;
  for (int i = 1; i < kRows; ++i) sum += sums[i][lane];
  target[j] += sum;
}

}  // namespace

void add_partials(const Context& context, const float* partials, int64_t count, int64_t n, int targets,
                  const Targets& out) {
  if (count == 0) return;
  launch(context, add_chunks, dim3((unsigned)((n + kWarp - 1) / kWarp), targets), dim3(kWarp, kRows), 0,
         partials, count, n, targets, out);
}

}  // namespace everlearn::cuda
