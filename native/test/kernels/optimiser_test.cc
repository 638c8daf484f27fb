// sumOfSquares, gradientControl, adamw and movingAverage, with skipped steps.
#include "harness.h"

namespace test {

namespace {

const DType f32 = DType::float32, i32 = DType::int32;

void test_norm(const Level& level) {
  begin("sumOfSquares " + level.name);
  for (int64_t n : {0, 1, 100, 16384, 100003}) {
    Random random{(uint64_t)n};
    Tensor x = normal(random, {n}, f32);
    double wanted = 2;
    for (double v : x.values()) wanted += v * v;
    const auto compute = [&] {
      return run([&](const Context& context) {
               Outputs o = {make({1}, f32, 2)};
               level.table->sumOfSquares(context, {x.view(), o[0].view()});
               return o;
             })[0]
          .get(0);
    };
    check(std::fabs(compute() / wanted - 1) < 1e-6, "value");
    if (n == 0) continue;
    x.set(n - 1, INFINITY);
    check(compute() == INFINITY, "infinity stays");
    x.set(n / 2, NAN);
    check(std::isnan(compute()), "NaN stays");
  }
}

void test_control(const Level& level) {
  begin("gradientControl " + level.name);
  Tensor squares = make({1}, f32), scale = make({1}, f32, 4), good = make({1}, i32), skipped = make({1}, i32),
         coefficient = make({1}, f32), skip = make({1}, i32), norm = make({1}, f32);
  const auto step = [&](double value, float most, int interval) {
    squares.set(0, value);
    level.table->gradientControl(
        context_of(1), {squares.view(), scale.view(), good.view(), skipped.view(), coefficient.view(),
                        skip.view(), norm.view(), most, interval});
    check(squares.get(0) == 0, "reset");
  };
  step(144, 1, 0);
  check(norm.get(0) == 3 && skip.get(0) == 0 && std::fabs(coefficient.get(0) - 1.0 / 12) < 1e-7, "clipped");
  step(144, 0, 0);
  check(coefficient.get(0) == 0.25, "no clipping");
  step(4, 1, 0);
  check(coefficient.get(0) == 0.25 && norm.get(0) == 0.5, "below the limit");
  step(0, 1, 0);
  check(coefficient.get(0) == 0.25 && skip.get(0) == 0, "no gradient");
  step(INFINITY, 1, 0);
  check(skip.get(0) == 1 && skipped.get(0) == 1 && scale.get(0) == 4, "skipped, constant scale");
  step(1, 1, 2);
  step(1, 1, 2);
  check(scale.get(0) == 8 && good.get(0) == 0, "doubled after two good steps");
  step(1, 1, 2);
  step(NAN, 1, 2);
  check(skip.get(0) == 1 && skipped.get(0) == 2 && scale.get(0) == 4 && good.get(0) == 0, "halved");
  for (int i = 0; i < 5; ++i) step(INFINITY, 1, 2);
  check(scale.get(0) == 1, "never below 1");
}

void test_adamw(const Level& level, int64_t n) {
  begin("adamw " + level.name + " " + std::to_string(n));
  Random random{11};
  const double rate = 0.01, decay_rate = 0.01, beta1 = 0.9f, beta2 = 0.98f, epsilon = 1e-6f;
  std::vector<double> p = normal(random, {n}, f32).values(), m(n), v(n);
  const std::vector<double> start = p;
  Tensor decay = make({n / 64}, DType::uint8);
  for (int64_t b = 0; b < n / 64; ++b) decay.set(b, (double)(b % 3 != 0));
  std::vector<std::vector<double>> gradients;
  for (int t = 1; t <= 4; ++t) {
    gradients.push_back(normal(random, {n}, f32).values());
    if (t == 3) continue;  // skipped below
    const int at = t < 3 ? t : t - 1;
    for (int64_t i = 0; i < n; ++i) {
      const double g = gradients.back()[i] * 0.5;
      if (decay.get(i / 64) != 0) p[i] -= rate * decay_rate * p[i];
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      p[i] -=
          rate * (m[i] / (1 - std::pow(beta1, at))) / (std::sqrt(v[i] / (1 - std::pow(beta2, at))) + epsilon);
    }
  }
  const Outputs out = run([&](const Context& context) {
    Outputs o = {make({n}, f32, start), make({n}, f32), make({n}, f32), make({n}, f32), make({1}, i32)};
    Tensor lr = make({1}, f32, rate), coefficient = make({1}, f32, 0.5), skip = make({1}, i32);
    for (int t = 0; t < 4; ++t) {
      for (int64_t i = 0; i < n; ++i) o[1].set(i, gradients[t][i]);
      skip.set(0, t == 2);
      AdamW op;
      op.parameters = o[0].view(), op.gradients = o[1].view(), op.first_moments = o[2].view();
      op.second_moments = o[3].view(), op.decay = decay.view(), op.learning_rate = lr.view();
      op.coefficient = coefficient.view(), op.skip = skip.view(), op.steps = o[4].view();
      level.table->adamw(context, op);
    }
    return o;
  });
  check_close(out[0], p, 1e-6, "parameters");
  check_close(out[1], std::vector<double>(n), 0, "gradients are 0");
  check_close(out[2], m, 1e-6, "first moments");
  check_close(out[3], v, 1e-6, "second moments");
  check(out[4].get(0) == 3, "steps");
}

void test_moving_average(const Level& level, int64_t n) {
  begin("movingAverage " + level.name + " " + std::to_string(n));
  Random random{12};
  const double decay = 0.9f;
  std::vector<double> average = normal(random, {n}, f32).values();
  const std::vector<double> start = average;
  std::vector<Tensor> weights;
  for (int t = 0; t < 3; ++t) {
    weights.push_back(normal(random, {n}, f32));
    if (t == 1) continue;  // skipped below
    for (int64_t i = 0; i < n; ++i) average[i] = decay * average[i] + (1 - decay) * weights[t].get(i);
  }
  const Outputs out = run([&](const Context& context) {
    Outputs o = {make({n}, f32, start)};
    Tensor skip = make({1}, i32);
    for (int t = 0; t < 3; ++t) {
      skip.set(0, t == 1);
      level.table->movingAverage(context, {o[0].view(), weights[t].view(), skip.view(), 0.9f});
    }
    return o;
  });
  check_close(out[0], average, 1e-6, "average");
}

}  // namespace

void test_optimiser() {
  for (const Level& level : levels()) {
    test_norm(level);
    test_control(level);
    for (int64_t n : {0, 64, 64 * 700}) test_adamw(level, n);
    for (int64_t n : {0, 1, 100, 44803}) test_moving_average(level, n);
  }
}

}  // namespace test
