// loss[0] += scale * sum of (x - target)^2 over targets that are not NaN, dx = scale * lossScale * 2 (x -
// target), in one pass; chunks of fixed size are added in order.
#include "parallel.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

constexpr int64_t kChunk = 16384;

template <class T>
EVERLEARN_INLINE void run(const Context& context, const MeanSquaredError& op) {
  const int64_t n = size_of(op.x), chunks = (n + kChunk - 1) / kChunk;
  const T* x = data<T>(op.x);
  const float* target = data<float>(op.target);
  T* dx = data<T>(op.dx);
  const float factor = 2 * *data<float>(op.scale) * (op.loss_scale.data ? *data<float>(op.loss_scale) : 1);
  float* partials = scratch_floats(context, 0, 2 * chunks);
  parallel(context, chunks, kChunk, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      const int64_t from = chunk * kChunk, to = from + kChunk < n ? from + kChunk : n;
      F squares[4] = {}, valid[4] = {};
      columns4(to - from, [&](int64_t k, auto lanes, int a) EVERLEARN_LAMBDA {
        const F wanted = load(target + from + k, lanes);
        const F d = wanted == wanted ? load(x + from + k, lanes) - wanted : F{};
        squares[a] += d * d;
        valid[a] += keep(wanted == wanted ? splat(1) : F{}, F{}, lanes);
        if (dx) store(dx + from + k, d * factor, lanes);
      });
      partials[2 * chunk] = sum_of(total(squares));
      partials[2 * chunk + 1] = sum_of(total(valid));
    }
  });
  double sum = 0, valid = 0;
  for (int64_t chunk = 0; chunk < chunks; ++chunk) {
    sum += partials[2 * chunk];
    valid += partials[2 * chunk + 1];
  }
  *data<float>(op.loss) += *data<float>(op.scale) * (float)sum;
  if (float* statistics = data<float>(op.statistics)) {
    statistics[0] += (float)sum;
    statistics[2] += (float)valid;
  }
}

}  // namespace

void meanSquaredError(const Context& context, const MeanSquaredError& op) {
  by_float_dtype(op.x.dtype, [&](auto type) EVERLEARN_LAMBDA { run<decltype(type)>(context, op); });
}

}  // namespace everlearn::EVERLEARN_CPU
