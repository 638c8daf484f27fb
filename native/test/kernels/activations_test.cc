// biasActivation and its backward, each function, in place and with outputs left out.
#include "harness.h"

namespace test {

namespace {

double value(Activation activation, double x) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::gelu:
      return x * 0.5 * std::erfc(-x / std::sqrt(2.0));
    case Activation::gelu_tanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case Activation::relu:
      return x > 0 ? x : 0;
    case Activation::tanh:
      return std::tanh(x);
  }
  return 0;
}
double slope(Activation activation, double x) {
  return (value(activation, x + 1e-5) - value(activation, x - 1e-5)) / 2e-5;
}

void test_case(const Level& level, DType dtype, Activation activation, int64_t rows, int64_t n,
               bool with_bias) {
  Random random{(uint64_t)(rows * n) + 1};
  Tensor none;
  const Tensor x = normal(random, {rows, n}, dtype, 3), dy = normal(random, {rows, n}, dtype);
  const Tensor bias = with_bias ? normal(random, {n}, DType::float32) : none;
  const Tensor before = normal(random, {n}, DType::float32);
  std::vector<double> y(rows * n), dx(rows * n), dbias = before.values();
  for (int64_t i = 0; i < rows * n; ++i) {
    const double v = x.get(i) + (with_bias ? bias.get(i % n) : 0);
    y[i] = value(activation, v);
    dx[i] = dy.get(i) * slope(activation, v);
    dbias[i % n] += dx[i];
  }
  const Outputs out = run([&](const Context& context) {
    Outputs o = {make({rows, n}, dtype), clone(x),  make({rows, n}, dtype),
                 clone(before),          clone(dy), clone(before)};
    level.table->biasActivation(context, {x.view(), bias.view(), o[0].view(), activation});
    level.table->biasActivation(context, {o[1].view(), bias.view(), o[1].view(), activation});
    const View pre = activation == Activation::none ? View{} : x.view();
    level.table->biasActivationBackward(context,
                                        {dy.view(), pre, bias.view(), o[2].view(), o[3].view(), activation});
    level.table->biasActivationBackward(context,
                                        {o[4].view(), pre, bias.view(), o[4].view(), View{}, activation});
    level.table->biasActivationBackward(context,
                                        {dy.view(), pre, bias.view(), View{}, o[5].view(), activation});
    return o;
  });
  check_close(out[0], y, rounding(dtype), "y");
  check(same_bytes(out[0], out[1]), "y in place");
  check_close(out[2], dx, rounding(dtype), "dx");
  check_close(out[3], dbias, 1e-5, "dbias");
  check(same_bytes(out[2], out[4]), "dx in place, no dbias");
  check(same_bytes(out[3], out[5]), "dbias, no dx");
}

}  // namespace

void test_activations() {
  const char* names[] = {"none", "gelu", "gelu_tanh", "relu", "tanh"};
  for (const Level& level : levels())
    for (DType dtype : kFloats)
      for (int a = 0; a < 5; ++a) {
        begin("biasActivation " + level.name + " " + name_of(dtype) + " " + names[a]);
        const auto activation = (Activation)a;
        test_case(level, dtype, activation, 0, 4, true);
        test_case(level, dtype, activation, 1, 1, false);
        test_case(level, dtype, activation, 35, 70, true);
        test_case(level, dtype, activation, 140, 257, true);
        test_case(level, dtype, activation, 9, 64, false);
      }
  for (const Level& level : levels()) {
    begin("activations at the edges " + level.name);
    const Tensor x = make({1, 6}, DType::float32, {NAN, INFINITY, -100, 100, 1e-20, -0.0});
    for (int a = 0; a < 5; ++a) {
      const Tensor y = make({1, 6}, DType::float32);
      level.table->biasActivation(context_of(1), {x.view(), View{}, y.view(), (Activation)a});
      const std::string name = names[a];
      check(std::isnan(y.get(0)), name + " of NaN");
      check(y.get(1) == ((Activation)a == Activation::tanh ? 1 : INFINITY), name + " of infinity");
      check(std::fabs(y.get(2) - value((Activation)a, -100)) < 1e-6, name + " of -100");
      check(std::fabs(y.get(3) - value((Activation)a, 100)) < 1e-4, name + " of 100");
      check(std::fabs(y.get(4) / value((Activation)a, 1e-20) - 1) < 1e-6, name + " of 1e-20");
      check(y.get(5) == 0, name + " of 0");
    }
  }
}

}  // namespace test
