// Row loss (1 - e) (lse - x[label]) + e (lse - mean x), its gradient softmax - (1 - e) [label] - e / classes.
// A row is read for its largest value, again for the sum of exponentials and a third time for the gradient,
// all but the first time out of the cache; row losses are added in order.
#include "parallel.h"
#include "vector_math.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

struct Row {
  float loss, correct;
};

template <class T>
EVERLEARN_INLINE Row one_row(const T* x, T* dx, int64_t classes, int64_t width, int64_t label,
                             float smoothing, float factor) {
  const F lowest = splat(-INFINITY);
  F greatest[4] = {lowest, lowest, lowest, lowest};
  columns4(classes, [&](int64_t j, auto lanes, int a) EVERLEARN_LAMBDA {
    greatest[a] = greater(keep(load(x + j, lanes), lowest, lanes), greatest[a]);
  });
  const float most =
      greatest_of(greater(greater(greatest[0], greatest[1]), greater(greatest[2], greatest[3])));
  F exponentials[4] = {}, values[4] = {};
  columns4(classes, [&](int64_t j, auto lanes, int a) EVERLEARN_LAMBDA {
    const F v = load(x + j, lanes);
    exponentials[a] += exp(keep(v - most, lowest, lanes));
    values[a] += v;
  });
  const float sum = sum_of(total(exponentials));
  const float at_label = load_one(x + label), log_sum = logf(sum);

  Row row = {log_sum + (most - at_label), at_label == most ? 1.0f : 0.0f};
  if (row.correct)  // of equal values the first is the largest
    for (int64_t j = 0; j < label; ++j) row.correct = load_one(x + j) == most ? 0.0f : row.correct;
  if (smoothing != 0) {
    const float mean = sum_of(total(values)) / (float)classes;
    row.loss = (1 - smoothing) * row.loss + smoothing * (log_sum + (most - mean));
  }
  if (dx) {
    const float share = factor / sum, even = factor * smoothing / (float)classes;
    columns(classes, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
      store(dx + j, exp(load(x + j, lanes) - most) * share - even, lanes);
    });
    const float probability = exp(splat(at_label - most))[0] / sum;
    store_one(dx + label, (probability - (1 - smoothing)) * factor - even);
    memset(dx + classes, 0, (width - classes) * sizeof(T));
  }
  return row;
}

template <class T>
EVERLEARN_INLINE void run(const Context& context, const SoftmaxCrossEntropy& op) {
  const int64_t rows = op.logits.shape[0], width = op.logits.shape[1], classes = op.classes;
  const T* logits = data<T>(op.logits);
  const int32_t* labels = data<int32_t>(op.labels);
  T* gradient = data<T>(op.dlogits);
  const float scale = *data<float>(op.scale), smoothing = op.smoothing;
  const float factor = scale * (op.loss_scale.data ? *data<float>(op.loss_scale) : 1);
  Row* results = static_cast<Row*>(context.scratch(0, (rows + 1) * sizeof(Row)));
  parallel(context, rows, 4 * width, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
    for (int64_t i = begin; i < end; ++i) {
      T* dx = gradient ? gradient + i * width : nullptr;
      if (labels[i] < 0) {
        if (dx) memset(dx, 0, width * sizeof(T));
      } else {
        results[i] = one_row(logits + i * width, dx, classes, width, labels[i], smoothing, factor);
      }
    }
  });
  double loss = 0, correct = 0, valid = 0;
  for (int64_t i = 0; i < rows; ++i) {
    if (labels[i] < 0) continue;
    loss += results[i].loss;
    correct += results[i].correct;
    valid += 1;
  }
  if (valid == 0) return;
  *data<float>(op.loss) += scale * (float)loss;
  if (float* statistics = data<float>(op.statistics)) {
    statistics[0] += (float)loss;
    statistics[1] += (float)correct;
    statistics[2] += (float)valid;
  }
}

}  // namespace

void softmaxCrossEntropy(const Context& context, const SoftmaxCrossEntropy& op) {
  by_float_dtype(op.logits.dtype, [&](auto type) EVERLEARN_LAMBDA { run<decltype(type)>(context, op); });
}

}  // namespace everlearn::EVERLEARN_CPU
