// Exponential moving average of an arena's weights, in one pass.
#include "parallel.h"

namespace everlearn::EVERLEARN_CPU {

void movingAverage(const Context& context, const MovingAverage& op) {
  if (*data<int32_t>(op.skip) != 0) return;
  float* average = data<float>(op.average);
  const float *p = data<float>(op.parameters), share = 1 - op.decay;
  parallel(context, size_of(op.average), 1, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
    columns(end - begin, [&](int64_t k, auto lanes) EVERLEARN_LAMBDA {
      const int64_t j = begin + k;
      const F kept = load(average + j, lanes);
      store(average + j, kept + (load(p + j, lanes) - kept) * share, lanes);
    });
  });
}

}  // namespace everlearn::EVERLEARN_CPU
