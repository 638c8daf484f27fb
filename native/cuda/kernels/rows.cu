// gatherRows, scatterRows. A scatter sorts the index; the rows that name one target follow each other in the
// order they had, and one warp a target adds them.
#include "sort.h"
#include "values.h"

namespace everlearn::cuda {

namespace {

constexpr int kWarps = 8;

// A warp a row, moved as units of up to 16 bytes.
template <class Unit>
__global__ void __launch_bounds__(kWarp* kWarps)
    gather(const Unit* x, const int32_t* index, Unit* y, int64_t rows, int64_t units) {
  for (int64_t i = (int64_t)blockIdx.x * kWarps + threadIdx.y; i < rows; i += (int64_t)gridDim.x * kWarps) {
    const int64_t from = index[i];
    for (int64_t j = threadIdx.x; j < units; j += kWarp)
      y[i * units + j] = from < 0 ? Unit{} : x[from * units + j];
  }
}

template <class T>
__global__ void __launch_bounds__(256) clear(T* y, int64_t n) {
  for (int64_t i = grid_thread(); i < n; i += grid_threads()) y[i] = T{};
}

// A warp for each place in the sorted index where a target begins.
template <class T, int N>
__global__ void __launch_bounds__(kWarp* kWarps)
    add_runs(const T* x, SortedLists sorted, T* y, int64_t rows, int64_t n, int32_t limit, bool accumulate) {
  for (int64_t i = (int64_t)blockIdx.x * kWarps + threadIdx.y; i < rows; i += (int64_t)gridDim.x * kWarps) {
    const int32_t target = sorted.keys[i];
    if (target >= limit || (i > 0 && sorted.keys[i - 1] == target)) continue;
    int64_t end = i + 1;
    while (end < rows && sorted.keys[end] == target) ++end;
    for (int64_t j = threadIdx.x * N; j < n; j += kWarp * N) {
      float sum[N], v[N];
#pragma unroll
      for (int k = 0; k < N; ++k) sum[k] = 0;
      if (accumulate) load(y + target * n + j, sum);
      for (int64_t item = i; item < end; ++item) {
        load(x + sorted.items[item] * n + j, v);
#pragma unroll
        for (int k = 0; k < N; ++k) sum[k] += v[k];
      }
      store(y + target * n + j, sum);
    }
  }
}

}  // namespace

void gatherRows(const Context& context, const GatherRows& op) {
  const int64_t rows = op.index.shape[0], bytes = op.x.shape[1] * bytes_of(op.x.dtype);
  const auto run = [&](auto unit) {
    using Unit = decltype(unit);
    launch(context, gather<Unit>, blocks_for(context, rows * kWarp, kWarp * kWarps), dim3(kWarp, kWarps), 0,
           data<Unit>(op.x), data<int32_t>(op.index), data<Unit>(op.y), rows, bytes / (int64_t)sizeof(Unit));
  };
  if (vectors_fit<uint8_t>(bytes, data<char>(op.x), data<char>(op.y)))
    run(uint4{});
  else if (bytes_of(op.x.dtype) == 4)
    run(uint32_t{});
  else
    run(uint16_t{});
  check_launch("gatherRows");
}

void scatterRows(const Context& context, const ScatterRows& op) {
  const int64_t rows = op.index.shape[0], n = op.x.shape[1], targets = op.y.shape[0];
  IndexLists lists = {1, rows, {data<int32_t>(op.index)}, {targets}};
  const SortedLists sorted = sort_lists(context, lists, context.scratch(0, sort_bytes(lists)));
  by_float_dtype(op.x.dtype, [&](auto type) {
    using T = decltype(type);
    const T* x = data<T>(op.x);
    T* y = data<T>(op.y);
    const bool fit = vectors_fit<T>(n, x, y);
    const int64_t values = targets * n;
    if (!op.accumulate && fit)
      launch(context, clear<uint4>, blocks_for(context, values / kVector<T>, 256), 256, 0,
             reinterpret_cast<uint4*>(y), values / kVector<T>);
    else if (!op.accumulate)
      launch(context, clear<T>, blocks_for(context, values, 256), 256, 0, y, values);
    launch(context, fit ? add_runs<T, kVector<T>> : add_runs<T, 1>,
           blocks_for(context, rows * kWarp, kWarp * kWarps), dim3(kWarp, kWarps), 0, x, sorted, y, rows, n,
           (int32_t)targets, op.accumulate);
  });
  check_launch("scatterRows");
}

}  // namespace everlearn::cuda
