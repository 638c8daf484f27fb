// randomFill and dropout: known words, the same draws wherever a value lies, the shares the distributions
// promise.
#include "harness.h"

namespace test {

namespace {

double normal_probability(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

void test_fill(const Level& level) {
  begin("randomFill " + level.name);
  const Words zero = philox(0, 0, 0, 0, 0);
  check(zero.word[0] == 0x6627e8d5 && zero.word[3] == 0x9b00dbd8, "Philox's published answer");
  const int64_t n = 40003, seed = -987654321;
  const auto fill = [&](Distribution distribution, float a, float b, DType dtype) {
    return run([&](const Context& context) {
      const Tensor y = make({n}, dtype);
      level.table->randomFill(context, {y.view(), distribution, a, b, seed, 42});
      return Outputs{y};
    })[0];
  };
  const Tensor uniform = fill(Distribution::uniform, -1, 3, DType::float32);
  const Tensor gauss = fill(Distribution::normal, 0, 1, DType::float32);
  const Tensor shifted = fill(Distribution::normal, 2, 0.5, DType::float32);
  const Tensor cut = fill(Distribution::truncated_normal, 0, 0.02f, DType::float32);
  double worst_uniform = 0, worst_normal = 0, sum = 0, squares = 0, cut_squares = 0, largest = 0,
         worst_shift = 0;
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t word = philox((uint32_t)(i / 4), 0, 42, 0, (uint64_t)seed).word[i % 4];
    worst_uniform = std::max(worst_uniform, std::fabs(uniform.get(i) - (-1 + 4 * ((word >> 8) * 0x1p-24))));
    const double g = gauss.get(i), p = normal_probability(-std::fabs(g));
    const double tail = word < 0x80000000u ? (word + 0.5) * 0x1p-32 : (0xffffffffu - word + 0.5) * 0x1p-32;
    worst_normal = std::max(worst_normal, std::fabs(p / tail - 1));
    worst_shift = std::max(worst_shift, std::fabs(shifted.get(i) - (2 + 0.5 * g)));
    sum += g;
    squares += g * g;
    cut_squares += cut.get(i) * cut.get(i);
    largest = std::max(largest, std::fabs(cut.get(i)));
    if (std::fabs(g) <= 1.999 && std::fabs(cut.get(i) - 0.02 * g) > 1e-7) largest = 1;
  }
  check(worst_uniform < 1e-6, "uniform takes the documented word");
  check(worst_normal < 1e-5,
        "normal is the quantile of its word: " + std::to_string(worst_normal * 1e6) + "e-6");
  check(worst_shift < 1e-6, "mean and deviation");
  check(std::fabs(sum / n) < 5 / std::sqrt(n) && std::fabs(squares / n - 1) < 5 * std::sqrt(2.0 / n),
        "moments");
  check(largest <= 0.04000001, "truncated within two deviations, redrawn only outside");
  check(std::fabs(std::sqrt(cut_squares / n) / 0.02 - 0.8796) < 0.02, "deviation of the truncated");
  check_close(fill(Distribution::normal, 0, 1, DType::bfloat16), gauss.values(), 4e-3, "bfloat16");
}

void test_dropout(const Level& level, DType dtype) {
  begin("dropout " + level.name + " " + name_of(dtype));
  for (auto [rows, n] : {std::pair<int64_t, int64_t>{0, 4}, {1, 1}, {7, 3}, {9, 70}, {130, 257}}) {
    for (double probability : {0.0, 0.1, 0.5}) {
      Random random{3};
      const Tensor x = normal(random, {rows, n}, dtype);
      const Site site = site_of(rows, probability);
      std::vector<double> wanted(rows * n);
      for (int64_t i = 0; i < rows * n; ++i) wanted[i] = (float)x.get(i) * site.factor(i / n, i % n);
      const Outputs out = run([&, rows = rows, n = n](const Context& context) {
        Outputs o = {make({rows, n}, dtype), clone(x)};
        for (int k = 0; k < 2; ++k) {
          DropoutOp op;
          op.x = k ? o[1].view() : x.view();
          op.y = o[k].view();
          site.apply(op);
          level.table->dropout(context, op);
        }
        return o;
      });
      check_close(out[0], wanted, rounding(dtype), "values and mask");
      check(same_bytes(out[0], out[1]), "in place");
      int64_t dropped = 0;
      for (double v : out[0].values()) dropped += v == 0;
      const double count = (double)(rows * n), deviation = std::sqrt(count * probability * (1 - probability));
      if (count > 1000)
        check(std::fabs((double)dropped - count * probability) <= 5 * deviation, "share dropped");
    }
  }
}

}  // namespace

void test_random() {
  for (const Level& level : levels()) {
    test_fill(level);
    for (DType dtype : kFloats) test_dropout(level, dtype);
  }
}

}  // namespace test
