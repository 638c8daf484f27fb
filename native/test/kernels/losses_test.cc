// softmaxCrossEntropy and meanSquaredError: loss, counts and gradients in one pass.
#include "harness.h"

namespace test {

namespace {

double row_loss(const double* x, int64_t classes, int64_t label, double smoothing) {
  double most = -INFINITY, sum = 0, mean = 0;
  for (int64_t j = 0; j < classes; ++j) most = std::max(most, x[j]);
  for (int64_t j = 0; j < classes; ++j) sum += std::exp(x[j] - most), mean += x[j] / (double)classes;
  const double lse = most + std::log(sum);
  return (1 - smoothing) * (lse - x[label]) + smoothing * (lse - mean);
}

void test_entropy(const Level& level, DType dtype, int64_t rows, int64_t classes, int64_t width,
                  float smoothing) {
  Random random{(uint64_t)(rows * width)};
  const Tensor logits = normal(random, {rows, width}, dtype, 2);
  Tensor labels = make({rows}, DType::int32), scale = make({1}, DType::float32, 0.25),
         loss_scale = make({1}, DType::float32, 8);
  for (int64_t i = 0; i < rows; ++i) labels.set(i, i % 5 == 4 ? -100 : (double)random.below(classes));
  std::vector<double> x = logits.values(), gradient(rows * width);
  double loss = 0, correct = 0, valid = 0;
  for (int64_t i = 0; i < rows; ++i) {
    const auto label = (int64_t)labels.get(i);
    if (label < 0) continue;
    const double* row = &x[i * width];
    valid += 1;
    loss += row_loss(row, classes, label, smoothing);
    int64_t best = 0;
    double sum = 0;
    for (int64_t j = 0; j < classes; ++j) best = row[j] > row[best] ? j : best, sum += std::exp(row[j]);
    correct += best == label;
    for (int64_t j = 0; j < classes; ++j)
      gradient[i * width + j] =
          2 * (std::exp(row[j]) / sum - (j == label ? 1 - smoothing : 0) - smoothing / (double)classes);
  }
  const Outputs out = run([&](const Context& context) {
    Outputs o = {make({1}, DType::float32, 3), make({3}, DType::float32, 1), make({rows, width}, dtype, 8),
                 clone(logits), make({1}, DType::float32)};
    SoftmaxCrossEntropy op;
    op.logits = logits.view(), op.labels = labels.view(), op.scale = scale.view(),
    op.loss_scale = loss_scale.view();
    op.loss = o[0].view(), op.statistics = o[1].view(), op.dlogits = o[2].view();
    op.classes = (int)classes, op.smoothing = smoothing;
    level.table->softmaxCrossEntropy(context, op);
    op.statistics = View{}, op.dlogits = View{}, op.loss = o[4].view();
    level.table->softmaxCrossEntropy(context, op);
    op.logits = op.dlogits = o[3].view();
    Tensor unused = make({1}, DType::float32);
    op.loss = unused.view();
    level.table->softmaxCrossEntropy(context, op);
    return o;
  });
  check_close(out[0], {3 + 0.25 * loss}, 1e-5, "loss");
  check_close(out[4], {0.25 * loss}, 1e-5, "loss alone");
  check_close(out[1], {1 + loss, 1 + correct, 1 + valid}, 1e-5, "statistics");
  check_close(out[2], gradient, std::max(rounding(dtype), 1e-5), "dlogits");
  check(same_bytes(out[2], out[3]), "dlogits in place");
}

void test_entropy_edges(const Level& level) {
  begin("softmaxCrossEntropy at the edges " + level.name);
  const Tensor logits = make({4, 3}, DType::float32, {1, NAN, 2, 1e4, -1e4, 0, 5, 5, 5, -INFINITY, 0, 0});
  const Tensor scale = make({1}, DType::float32, 1);
  for (int row = 0; row < 4; ++row) {
    Tensor labels = make({4}, DType::int32, -100), loss = make({1}, DType::float32),
           statistics = make({3}, DType::float32), gradient = make({4, 3}, DType::float32);
    labels.set(row, row == 1 ? 0 : row == 3 ? 1 : 1);
    SoftmaxCrossEntropy op;
    op.logits = logits.view(), op.labels = labels.view(), op.scale = scale.view(), op.loss = loss.view();
    op.statistics = statistics.view(), op.dlogits = gradient.view(), op.classes = 3;
    level.table->softmaxCrossEntropy(context_of(1), op);
    if (row == 0) check(std::isnan(loss.get(0)) && std::isnan(gradient.get(0)), "NaN stays");
    if (row == 1) check(loss.get(0) == 0 && gradient.get(0) == 0 && gradient.get(1) == 0, "a sure answer");
    if (row == 2) check(statistics.get(1) == 0, "of equal logits the first is the largest");
    if (row == 3)
      check(std::fabs(loss.get(0) - std::log(2.0)) < 1e-6 && gradient.get(9) == 0, "an impossible class");
  }
}

void test_squares(const Level& level, DType dtype, std::vector<int64_t> shape) {
  Random random{9};
  const Tensor x = normal(random, shape, dtype);
  Tensor target = normal(random, shape, DType::float32);
  const Tensor scale = make({1}, DType::float32, 0.5), loss_scale = make({1}, DType::float32, 4);
  std::vector<double> gradient(x.size());
  double sum = 0, valid = 0;
  for (int64_t i = 0; i < x.size(); ++i) {
    if (i % 7 == 3) target.set(i, NAN);
    if (i % 7 == 3) continue;
    const double d = x.get(i) - target.get(i);
    sum += d * d;
    valid += 1;
    gradient[i] = 2 * 0.5 * 4 * d;
  }
  const Outputs out = run([&](const Context& context) {
    Outputs o = {make({1}, DType::float32, 1), make({3}, DType::float32), make(shape, dtype, 8), clone(x)};
    level.table->meanSquaredError(context, {x.view(), target.view(), scale.view(), loss_scale.view(),
                                            o[0].view(), o[1].view(), o[2].view()});
    Tensor loss = make({1}, DType::float32);
    level.table->meanSquaredError(context, {o[3].view(), target.view(), scale.view(), loss_scale.view(),
                                            loss.view(), View{}, o[3].view()});
    return o;
  });
  check_close(out[0], {1 + 0.5 * sum}, 1e-5, "loss");
  check_close(out[1], {sum, 0, valid}, 1e-5, "statistics");
  check_close(out[2], gradient, rounding(dtype), "dx");
  check(same_bytes(out[2], out[3]), "dx in place");
}

}  // namespace

void test_losses() {
  for (const Level& level : levels()) {
    for (DType dtype : kFloats) {
      begin("softmaxCrossEntropy " + level.name + " " + name_of(dtype));
      test_entropy(level, dtype, 0, 3, 4, 0);
      test_entropy(level, dtype, 7, 2, 2, 0);
      test_entropy(level, dtype, 11, 3, 16, 0.1f);
      test_entropy(level, dtype, 33, 1001, 1024, 0);
      test_entropy(level, dtype, 40, 517, 517, 0.1f);
      begin("meanSquaredError " + level.name + " " + name_of(dtype));
      test_squares(level, dtype, {0});
      test_squares(level, dtype, {9, 1});
      test_squares(level, dtype, {40, 1000});
    }
    test_entropy_edges(level);
  }
}

}  // namespace test
