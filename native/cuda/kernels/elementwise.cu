// add, mul, scale: a vector of 16 bytes a thread. sum: chunks of fixed size, then one block adds them.
#include "reduce.h"

namespace everlearn::cuda {

namespace {

constexpr int kBlock = 256;

struct Product {
  __device__ float operator()(float a, float b) const { return a * b; }
};

// y[i] = operation(a[i], b[i]); the values beyond whole vectors one by one.
template <class T, int N, class Operation>
__global__ void __launch_bounds__(kBlock)
    pairs(const T* a, const T* b, T* y, int64_t n, Operation operation) {
  const int64_t vectors = n / N;
  for (int64_t i = grid_thread(); i < vectors; i += grid_threads()) {
    float u[N], v[N];
    load(a + i * N, u);
    load(b + i * N, v);
#pragma unroll
    for (int k = 0; k < N; ++k) u[k] = operation(u[k], v[k]);
    store(y + i * N, u);
  }
  for (int64_t i = vectors * N + grid_thread(); i < n; i += grid_threads())
    from_float(operation(to_float(a[i]), to_float(b[i])), y + i);
}

template <class Operation>
void each_pair(const Context& context, const View& a, const View& b, const View& y, Operation operation) {
  const int64_t n = size_of(y);
  by_float_dtype(y.dtype, [&](auto type) {
    using T = decltype(type);
    constexpr int kN = kVector<T>;
    const T *pa = data<T>(a), *pb = data<T>(b);
    T* py = data<T>(y);
    const bool fit = vectors_fit<T>(0, pa, pb, py);
    launch(context, fit ? pairs<T, kN, Operation> : pairs<T, 1, Operation>,
           blocks_for(context, fit ? (n + kN - 1) / kN : n, kBlock), kBlock, 0, pa, pb, py, n, operation);
  });
}

template <class T, int N>
__global__ void __launch_bounds__(kBlock)
    scale_kernel(const T* x, const float* by, T* y, int64_t n, float factor) {
  if (by) factor *= *by;
  const int64_t vectors = n / N;
  for (int64_t i = grid_thread(); i < vectors; i += grid_threads()) {
    float v[N];
    load(x + i * N, v);
#pragma unroll
    for (int k = 0; k < N; ++k) v[k] *= factor;
    store(y + i * N, v);
  }
  for (int64_t i = vectors * N + grid_thread(); i < n; i += grid_threads())
    from_float(to_float(x[i]) * factor, y + i);
}

constexpr int64_t kSumChunk = 8192;

template <class T, int N>
__global__ void __launch_bounds__(kBlock) sum_chunks(const T* x, int64_t n, double* partials) {
  const int64_t from = blockIdx.x * kSumChunk, to = min(from + kSumChunk, n);
  const int64_t whole = from + (to - from) / N * N;
  float sum = 0;
  for (int64_t i = from + threadIdx.x * N; i < whole; i += kBlock * N) {
    float v[N];
    load(x + i, v);
#pragma unroll
    for (int k = 0; k < N; ++k) sum += v[k];
  }
  for (int64_t i = whole + threadIdx.x; i < to; i += kBlock) sum += to_float(x[i]);
  const double all = block_sum((double)sum);
  if (threadIdx.x == 0) partials[blockIdx.x] = all;
}

__global__ void __launch_bounds__(kBlock)
    sum_partials(const double* partials, int64_t chunks, float* total, bool accumulate) {
  double sum = 0;
  for (int64_t i = threadIdx.x; i < chunks; i += kBlock) sum += partials[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) *total = (float)((accumulate ? *total : 0) + sum);
}

}  // namespace

void add(const Context& context, const Add& op) {
  each_pair(context, op.a, op.b, op.y, Plus{});
  check_launch("add");
}

void mul(const Context& context, const Mul& op) {
  each_pair(context, op.a, op.b, op.y, Product{});
  check_launch("mul");
}

void scale(const Context& context, const Scale& op) {
  const int64_t n = size_of(op.y);
  by_float_dtype(op.y.dtype, [&](auto type) {
    using T = decltype(type);
    constexpr int kN = kVector<T>;
    const T* x = data<T>(op.x);
    T* y = data<T>(op.y);
    const bool fit = vectors_fit<T>(0, x, y);
    launch(context, fit ? scale_kernel<T, kN> : scale_kernel<T, 1>,
           blocks_for(context, fit ? (n + kN - 1) / kN : n, kBlock), kBlock, 0, x, data<float>(op.by), y, n,
           op.factor);
  });
  check_launch("scale");
}

void sum(const Context& context, const Sum& op) {
  const int64_t n = size_of(op.x), chunks = (n + kSumChunk - 1) / kSumChunk;
  double* partials = scratch<double>(context, 0, chunks);
  by_float_dtype(op.x.dtype, [&](auto type) {
    using T = decltype(type);
    const T* x = data<T>(op.x);
    launch(context, vectors_fit<T>(0, x) ? sum_chunks<T, kVector<T>> : sum_chunks<T, 1>, (unsigned)chunks,
           kBlock, 0, x, n, partials);
  });
  launch(context, sum_partials, 1, kBlock, 0, partials, chunks, data<float>(op.total), op.accumulate);
  check_launch("sum");
}

}  // namespace everlearn::cuda
