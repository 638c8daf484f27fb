// dropout: y = x * factor, the factor of each value made from its coordinates (philox.h).
#include "parallel.h"
#include "philox.h"

namespace everlearn::EVERLEARN_CPU {

void dropout(const Context& context, const DropoutOp& op) {
  const int64_t rows = op.x.shape[0], n = op.x.shape[1], width = padded(n, 4 * kWidth);
  const DropoutSite site = dropout_site(op);
  float* factors_all = scratch_floats(context, 0, context.threads * width);
  by_float_dtype(op.x.dtype, [&](auto type) EVERLEARN_LAMBDA {
    using T = decltype(type);
    const T* x = data<T>(op.x);
    T* y = data<T>(op.y);
    parallel(context, rows, 2 * n, [=](int64_t begin, int64_t end, int thread) EVERLEARN_LAMBDA {
      float* factors = factors_all + thread * width;
      if (!site.active) fill_ones(width, factors);
      for (int64_t i = begin; i < end; ++i) {
        if (site.active) dropout_row(site, i, 0, n, factors);
        columns(n, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
          store(y + i * n + j, load(x + i * n + j, lanes) * load(factors + j, Full{}), lanes);
        });
      }
    });
  });
}

}  // namespace everlearn::EVERLEARN_CPU
