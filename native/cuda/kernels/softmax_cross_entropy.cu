// Row loss (1 - e) (lse - x[label]) + e (lse - mean x), its gradient softmax - (1 - e) [label] - e / classes.
// A block a row: one reading keeps the largest value and the sum of exponentials under it, a second, from the
// cache, writes the gradient. Row losses are added by one block, in an order of its own.
#include "reduce.h"

namespace everlearn::cuda {

namespace {

constexpr float kLog2E = 1.44269504088896341f;
constexpr int kSumBlock = 1024;

struct Row {
  float loss, correct;
};

// What a reading of some of the row's values leaves: their largest, where it is first, the sum of
// exp(value - largest), and the sum of the values.
struct Reading {
  float most;
  int32_t first;
  float exponentials, values;
};
// exp(x - most); 0 of minus infinity also where nothing was greater.
__device__ __forceinline__ float below(float x, float most) {
  return exp2f((x - (most == -INFINITY ? 0 : most)) * kLog2E);
}
struct Merge {
  __device__ Reading operator()(const Reading& a, const Reading& b) const {
    const bool first = a.most > b.most || (a.most == b.most && a.first < b.first);
    const float most = fmaxf(a.most, b.most);
    return {most, first ? a.first : b.first,
            a.exponentials * below(a.most, most) + b.exponentials * below(b.most, most), a.values + b.values};
  }
};

template <int N>
__device__ __forceinline__ void read(Reading& r, const float (&v)[N], int64_t j) {
  float most = v[0];
#pragma unroll
  for (int k = 1; k < N; ++k) most = fmaxf(most, v[k]);
  if (most > r.most) {
#pragma unroll
    for (int k = N - 1; k >= 0; --k)
      if (v[k] == most) r.first = (int32_t)(j + k);
    r.exponentials *= below(r.most, most);
    r.most = most;
  }
#pragma unroll
  for (int k = 0; k < N; ++k) {
    r.exponentials += below(v[k], r.most);
    r.values += v[k];
  }
}

__device__ __forceinline__ Reading warp_merge(Reading r) {
  const Merge merge;
#pragma unroll
  for (int bits = kWarp / 2; bits > 0; bits /= 2) {
    const Reading other = {
        __shfl_xor_sync(kAllLanes, r.most, bits), __shfl_xor_sync(kAllLanes, r.first, bits),
        __shfl_xor_sync(kAllLanes, r.exponentials, bits), __shfl_xor_sync(kAllLanes, r.values, bits)};
    // The lower lane's first, so that both sides add in the same order.
    r = (threadIdx.x & bits) == 0 ? merge(r, other) : merge(other, r);
  }
  return r;
}

struct Arguments {
  const int32_t* labels;
  const float *scale, *loss_scale;
  int64_t width;
  int32_t classes;
  float smoothing;
  Row* rows;
};

// Logits at the start of a vector are read N at a time, the last ones singly. dx may be x.
template <class T, int N, int kThreads>
__global__ void __launch_bounds__(kThreads) one_row(const T* logits, T* dlogits, Arguments a) {
  EVERLEARN_SHARED(readings, Reading[kThreads / kWarp]);
  const int64_t row = blockIdx.x, vectors = a.classes / N * N;
  const int32_t label = a.labels[row];
  const T* x = logits + row * a.width;
  T* dx = dlogits ? dlogits + row * a.width : nullptr;
  const float zeros[N] = {};
  if (label < 0) {
    if (dx)
      for (int64_t j = threadIdx.x * N; j < a.width; j += kThreads * N) store(dx + j, zeros);
    return;
  }
  const float at_label = to_float(x[label]);
  Reading r = {-INFINITY, INT32_MAX, 0, 0};
  for (int64_t j = threadIdx.x * N; j < vectors; j += kThreads * N) {
    float v[N];
    load(x + j, v);
    read(r, v, j);
  }
  for (int64_t j = vectors + threadIdx.x; j < a.classes; j += kThreads) {
    const float v[1] = {to_float(x[j])};
    read(r, v, j);
  }
  r = warp_merge(r);
  if (threadIdx.x % kWarp == 0) readings[threadIdx.x / kWarp] = r;
  __syncthreads();  // also: every thread has read x[label] before one writes there
  r = readings[0];
  for (int i = 1; i < kThreads / kWarp; ++i) r = Merge{}(r, readings[i]);

  const float log_sum = logf(r.exponentials);
  if (threadIdx.x == 0) {
    float loss = log_sum + (r.most - at_label);
    if (a.smoothing != 0)
      loss = (1 - a.smoothing) * loss + a.smoothing * (log_sum + (r.most - r.values / (float)a.classes));
    a.rows[row] = {loss, r.first == label ? 1.0f : 0.0f};
  }
  if (!dx) return;
  const float factor = *a.scale * (a.loss_scale ? *a.loss_scale : 1);
  const float share = 1 / r.exponentials, most = r.most;
  const float even = a.smoothing / (float)a.classes, sure = 1 - a.smoothing;
  const auto gradient = [=](float v, int64_t j) {
    return (below(v, most) * share - even - (j == label ? sure : 0)) * factor;
  };
  for (int64_t j = threadIdx.x * N; j < vectors; j += kThreads * N) {
    float v[N];
    load(x + j, v);
#pragma unroll
    for (int k = 0; k < N; ++k) v[k] = gradient(v[k], j + k);
    store(dx + j, v);
  }
  for (int64_t j = vectors + threadIdx.x; j < a.width; j += kThreads)
    from_float(j < a.classes ? gradient(to_float(x[j]), j) : 0.0f, dx + j);
}

__global__ void __launch_bounds__(kSumBlock)
    add_rows(Arguments a, int64_t rows, float* loss, float* statistics) {
  double sums[3] = {};
  for (int64_t i = threadIdx.x; i < rows; i += kSumBlock) {
    if (a.labels[i] < 0) continue;
    sums[0] += a.rows[i].loss;
    sums[1] += a.rows[i].correct;
    sums[2] += 1;
  }
  for (double& sum : sums) sum = block_sum(sum);
  if (threadIdx.x != 0 || sums[2] == 0) return;
  *loss += *a.scale * (float)sums[0];
  if (!statistics) return;
  for (int k = 0; k < 3; ++k) statistics[k] += (float)sums[k];
}

}  // namespace

void softmaxCrossEntropy(const Context& context, const SoftmaxCrossEntropy& op) {
  const int64_t rows = op.logits.shape[0], width = op.logits.shape[1];
  const Arguments arguments = {data<int32_t>(op.labels),
                               data<float>(op.scale),
                               data<float>(op.loss_scale),
                               width,
                               op.classes,
                               op.smoothing,
                               scratch<Row>(context, 0, rows)};
  by_float_dtype(op.logits.dtype, [&](auto type) {
    using T = decltype(type);
    constexpr int kN = kVector<T>;
    const T* x = data<T>(op.logits);
    T* dx = data<T>(op.dlogits);
    const bool fit = vectors_fit<T>(width, x, dx), wide = width > 2048;
    const auto kernel = wide ? (fit ? one_row<T, kN, 512> : one_row<T, 1, 512>)
                             : (fit ? one_row<T, kN, 64> : one_row<T, 1, 64>);
    launch(context, kernel, (unsigned)rows, wide ? 512 : 64, 0, x, dx, arguments);
  });
  launch(context, add_rows, 1, kSumBlock, 0, arguments, rows, data<float>(op.loss),
         data<float>(op.statistics));
  check_launch("softmaxCrossEntropy");
}

}  // namespace everlearn::cuda
