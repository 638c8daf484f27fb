// torch.optim.AdamW in one pass over an arena: g = gradient * coefficient, m += (1 - b1) (g - m),
// v = b2 v + (1 - b2) g^2, p = p (1 - lr * decay) - lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps); the
// gradient is zeroed while its line is in the cache.
#include "parallel.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

constexpr int64_t kBlock = 64;  // values of one decay flag

}  // namespace

void adamw(const Context& context, const AdamW& op) {
  const int64_t n = size_of(op.parameters), blocks = (n + kBlock - 1) / kBlock;
  float *p = data<float>(op.parameters), *gradients = data<float>(op.gradients);
  float *first = data<float>(op.first_moments), *second = data<float>(op.second_moments);
  if (*data<int32_t>(op.skip) != 0) {
    parallel(context, blocks, kBlock, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
      const int64_t to = end * kBlock < n ? end * kBlock : n;
      memset(gradients + begin * kBlock, 0, (to - begin * kBlock) * sizeof(float));
    });
    return;
  }
  const int32_t step = *data<int32_t>(op.steps) + 1;
  const double rate = *data<float>(op.learning_rate);
  const float coefficient = *data<float>(op.coefficient), epsilon = op.epsilon;
  const float b1 = 1 - op.beta1, b2 = op.beta2, c2 = 1 - op.beta2;
  const float step_size = (float)(rate / (1 - pow((double)op.beta1, step)));
  const float root_correction = (float)(1 / sqrt(1 - pow((double)op.beta2, step)));
  const float kept = (float)(1 - rate * op.weight_decay);
  const uint8_t* decay = data<uint8_t>(op.decay);
  parallel(context, blocks, 4 * kBlock, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
    for (int64_t block = begin; block < end; ++block) {
      const float keep_here = decay[block] ? kept : 1.0f;
      const int64_t at = block * kBlock;
      columns(n - at < kBlock ? n - at : kBlock, [&](int64_t k, auto lanes) EVERLEARN_LAMBDA {
        const int64_t j = at + k;
        const F g = load(gradients + j, lanes) * coefficient;
        F m = load(first + j, lanes), v = load(second + j, lanes);
        m += (g - m) * b1;
        v = v * b2 + g * g * c2;
        store(gradients + j, F{}, lanes);
        store(first + j, m, lanes);
        store(second + j, v, lanes);
        const F update = m / (root(v) * root_correction + epsilon);
        store(p + j, load(p + j, lanes) * keep_here - update * step_size, lanes);
      });
    }
  });
  *data<int32_t>(op.steps) = step;
}

}  // namespace everlearn::EVERLEARN_CPU
