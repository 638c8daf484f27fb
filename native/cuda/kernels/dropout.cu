// dropout: y = x * factor, the mask of each value made from its coordinates (dropout_site.h).
#include "dropout_site.h"
#include "values.h"

namespace everlearn::cuda {

namespace {

constexpr int kBlock = 256;

// N neighbouring columns of a row a thread.
template <class T, int N>
__global__ void __launch_bounds__(kBlock)
    dropout_kernel(const T* x, T* y, int64_t rows, int64_t n, DropoutSite site) {
  const int64_t groups = n / N;
  for (int64_t item = grid_thread(); item < rows * groups; item += grid_threads()) {
    const int64_t row = item / groups, j = item % groups * N;
    float v[N];
    load(x + row * n + j, v);
    drop(kept_columns<N>(site, row, j), site.scale, v);
    store(y + row * n + j, v);
  }
}

}  // namespace

void dropout(const Context& context, const DropoutOp& op) {
  const int64_t rows = op.x.shape[0], n = op.x.shape[1];
  const DropoutSite site = dropout_site(op);
  by_float_dtype(op.x.dtype, [&](auto type) {
    using T = decltype(type);
    constexpr int kN = kVector<T>;
    const T* x = data<T>(op.x);
    T* y = data<T>(op.y);
    const bool fit = vectors_fit<T>(n, x, y);
    launch(context, fit ? dropout_kernel<T, kN> : dropout_kernel<T, 1>,
           blocks_for(context, fit ? rows * n / kN : rows * n, kBlock), kBlock, 0, x, y, rows, n, site);
  });
  check_launch("dropout");
}

}  // namespace everlearn::cuda
