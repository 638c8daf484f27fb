// residualLayerNorm and its backward, with and without bias, residual, dropout, accumulation and each output.
#include "harness.h"

namespace test {

namespace {

struct Inputs {
  int64_t rows, n;
  bool bias, residual;
  Site site;
  std::vector<double> x, b, r, gamma, beta;
};

std::vector<double> normalise(const Inputs& in, std::vector<double>* means, std::vector<double>* rstds) {
  std::vector<double> y(in.rows * in.n);
  for (int64_t i = 0; i < in.rows; ++i) {
    std::vector<double> v(in.n);
    double mean = 0, variance = 0;
    for (int64_t j = 0; j < in.n; ++j) {
      v[j] = (in.x[i * in.n + j] + (in.bias ? in.b[j] : 0)) * in.site.factor(i, j);
      if (in.residual) v[j] += in.r[i * in.n + j];
      mean += v[j] / (double)in.n;
    }
    for (double value : v) variance += (value - mean) * (value - mean) / (double)in.n;
    const double rstd = 1 / std::sqrt(variance + 1e-5f);
    for (int64_t j = 0; j < in.n; ++j) y[i * in.n + j] = (v[j] - mean) * rstd * in.gamma[j] + in.beta[j];
    if (means) means->push_back(mean);
    if (rstds) rstds->push_back(rstd);
  }
  return y;
}

void test_case(const Level& level, DType dtype, int64_t rows, int64_t n, bool with_bias, bool with_residual,
               double probability, bool accumulate) {
  Random random{(uint64_t)(rows * 1000 + n)};
  Tensor none;
  const Tensor x = normal(random, {rows, n}, dtype), dy = normal(random, {rows, n}, dtype);
  const Tensor bias = with_bias ? normal(random, {n}, DType::float32) : none;
  const Tensor residual = with_residual ? normal(random, {rows, n}, dtype) : none;
  const Tensor gamma = normal(random, {n}, DType::float32), beta = normal(random, {n}, DType::float32);
  const Tensor before = normal(random, {rows, n}, dtype), dgamma_before = normal(random, {n}, DType::float32);
  Inputs in = {rows,       n,  with_bias, with_residual,  site_of(rows, probability),
               x.values(), {}, {},        gamma.values(), beta.values()};
  if (with_bias) in.b = bias.values();
  if (with_residual) in.r = residual.values();
  std::vector<double> means, rstds;
  const std::vector<double> wanted = normalise(in, &means, &rstds);

  const Outputs out = run([&](const Context& context) {
    Outputs o = {make({rows, n}, dtype),
                 make({rows}, DType::float32),
                 make({rows}, DType::float32),
                 make({rows, n}, dtype, 8),
                 accumulate ? clone(before) : make({rows, n}, dtype, 8),
                 make({n}, DType::float32),
                 clone(dgamma_before),
                 make({n}, DType::float32)};
    ResidualLayerNorm f;
    in.site.apply(f);
    f.x = x.view(), f.bias = bias.view(), f.residual = residual.view();
    f.gamma = gamma.view(), f.beta = beta.view(), f.eps = 1e-5f;
    f.y = o[0].view(), f.mean = o[1].view(), f.rstd = o[2].view();
    level.table->residualLayerNorm(context, f);
    ResidualLayerNormBackward b;
    in.site.apply(b);
    b.dy = dy.view(), b.x = x.view(), b.bias = bias.view(), b.residual = residual.view(),
    b.gamma = gamma.view();
    b.mean = o[1].view(), b.rstd = o[2].view(), b.dx = o[3].view(), b.dresidual = o[4].view();
    b.dbias = o[5].view(), b.dgamma = o[6].view(), b.dbeta = o[7].view(), b.accumulate = accumulate;
    level.table->residualLayerNormBackward(context, b);
    ResidualLayerNormBackward alone = b;  // each output may be absent
    Tensor dx = make({rows, n}, dtype);
    alone.dx = dx.view();
    alone.dresidual = alone.dbias = alone.dgamma = alone.dbeta = View{};
    level.table->residualLayerNormBackward(context, alone);
    check(same_bytes(dx, o[3]), "dx alone");
    return o;
  });
  check_close(out[0], wanted, rounding(dtype), "y");
  check_close(out[1], means, 1e-5, "mean");
  check_close(out[2], rstds, 1e-5, "rstd");
  if (n < 3) return;  // one column: the gradient is a difference of equal numbers
  const auto upstream = dy.values();
  const auto loss = [&] {
    const auto y = normalise(in, nullptr, nullptr);
    double sum = 0;
    for (size_t i = 0; i < y.size(); ++i) sum += y[i] * upstream[i];
    return sum;
  };
  const double most = std::max(rounding(dtype), 2e-5);
  check_gradient(in.x, out[3].values(), loss, most, "dx");
  if (with_residual)
    check_gradient(in.r, accumulate ? difference(out[4], before.values()) : out[4].values(), loss,
                   accumulate ? 3 * most : most, "dresidual");
  if (with_bias) check_gradient(in.b, out[5].values(), loss, most, "dbias");
  check_gradient(in.gamma, difference(out[6], dgamma_before.values()), loss, most, "dgamma");
  check_gradient(in.beta, out[7].values(), loss, most, "dbeta");
}

}  // namespace

void test_layer_norm() {
  for (const Level& level : levels())
    for (DType dtype : kFloats) {
      begin("residualLayerNorm " + level.name + " " + name_of(dtype));
      test_case(level, dtype, 0, 8, true, true, 0.1, false);
      test_case(level, dtype, 3, 1, true, true, 0, false);
      test_case(level, dtype, 5, 7, false, false, 0, false);
      test_case(level, dtype, 33, 70, true, true, 0.25, false);
      test_case(level, dtype, 67, 333, true, true, 0.1, true);
      test_case(level, dtype, 70, 256, false, true, 0, true);
      test_case(level, dtype, 65, 31, true, false, 0.5, false);
    }
  for (const Level& level : levels()) {
    begin("residualLayerNorm keeps NaN " + level.name);
    Tensor x = make({2, 9}, DType::float32, 1);
    x.set(3, NAN);
    x.set(10, 5);
    const Tensor ones = make({9}, DType::float32, 1), y = make({2, 9}, DType::float32),
                 mean = make({2}, DType::float32), rstd = make({2}, DType::float32);
    ResidualLayerNorm f;
    f.x = x.view(), f.gamma = ones.view(), f.beta = ones.view(), f.y = y.view(), f.mean = mean.view();
    f.rstd = rstd.view();
    level.table->residualLayerNorm(context_of(1), f);
    bool first = true, second = true;
    for (int j = 0; j < 9; ++j) {
      first = first && std::isnan(y.get(j));
      second = second && std::isfinite(y.get(9 + j));
    }
    check(first && second, "in its row and nowhere else");
  }
}

}  // namespace test
