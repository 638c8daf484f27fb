// Sums and maxima over warps, blocks and rows, always in the same order.
#pragma once

#include "values.h"

namespace everlearn::cuda {

struct Plus {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};
struct Greater {
  __device__ float operator()(float a, float b) const { return fmaxf(a, b); }
};

// The same value in every lane.
template <class T, class Operation>
__device__ __forceinline__ T warp_reduce(T value, Operation operation) {
#pragma unroll
  for (int bits = kWarp / 2; bits > 0; bits /= 2)
    value = operation(value, __shfl_xor_sync(kAllLanes, value, bits));
  return value;
}
template <class T>
__device__ __forceinline__ T warp_sum(T value) {
  return warp_reduce(value, Plus{});
}

// The same value in every thread of a block of one dimension. Ends with all threads past the shared memory,
// so it can be called again.
template <class T, class Operation>
__device__ __forceinline__ T block_reduce(T value, Operation operation) {
  EVERLEARN_SHARED(partial, T[kWarp]);
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp, warps = blockDim.x / kWarp;
  value = warp_reduce(value, operation);
  if (lane == 0) partial[warp] = value;
  __syncthreads();
  value = partial[0];
  for (int i = 1; i < warps; ++i) value = operation(value, partial[i]);
  __syncthreads();
  return value;
}
template <class T>
__device__ __forceinline__ T block_sum(T value) {
  return block_reduce(value, Plus{});
}

// Rows in chunks for sums over them: their number depends on the rows alone, so that the order of a sum does
// too.
struct Chunks {
  int64_t rows, size, count;
};
inline Chunks chunks_of(int64_t rows, int64_t most = 1024, int64_t least = 16) {
  int64_t size = (rows + most - 1) / most;
  size = size < least ? least : size;
  return {rows, size, (rows + size - 1) / size};
}

// targets[t][j] += the sum over chunks of partials[(chunk * T + t) * n + j], T targets of n columns each, in
// the order of the chunks; null targets are left out.
constexpr int kMostTargets = 3;
struct Targets {
  float* target[kMostTargets];
};
void add_partials(const Context&, const float* partials, int64_t count, int64_t n, int targets,
                  const Targets&);

}  // namespace everlearn::cuda
