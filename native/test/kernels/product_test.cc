// Products of float32 matrices against sums in double precision.
#include "harness.h"

namespace test {

namespace {

struct Shape {
  int64_t m, n, k;
};

void test_shape(const Level& level, const Shape& shape, bool a_transposed, bool b_transposed, bool with_bias,
                bool accumulate) {
  const auto [m, n, k] = shape;
  Random random{(uint64_t)(m * 31 + n * 7 + k)};
  const Tensor a = normal(random, {a_transposed ? k : m, a_transposed ? m : k}, DType::float32);
  const Tensor b = normal(random, {b_transposed ? n : k, b_transposed ? k : n}, DType::float32);
  const Tensor bias = normal(random, {n}, DType::float32);
  // What is not accumulated into may hold anything.
  const Tensor before =
      accumulate ? normal(random, {m, n}, DType::float32) : make({m, n}, DType::float32, NAN);

  const std::vector<double> a_values = a.values(), b_values = b.values(), bias_values = bias.values();
  std::vector<double> wanted(m * n);
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double sum = (with_bias ? bias_values[j] : 0) + (accumulate ? before.get(i * n + j) : 0);
      for (int64_t s = 0; s < k; ++s)
        sum +=
            a_values[a_transposed ? s * m + i : i * k + s] * b_values[b_transposed ? j * k + s : s * n + j];
      wanted[i * n + j] = sum;
    }
  const Outputs out = run([&](const Context& context) {
    const Tensor c = clone(before);
    level.helpers->multiply(context, {m, n, k, (const float*)a.bytes.get(), (const float*)b.bytes.get(),
                                      with_bias ? (const float*)bias.bytes.get() : nullptr,
                                      (float*)c.bytes.get(), a_transposed, b_transposed, accumulate});
    return Outputs{c};
  });
  check_close(out[0], wanted, 2e-6,
              std::to_string(m) + " x " + std::to_string(n) + " x " + std::to_string(k) +
                  (a_transposed ? ", a transposed" : "") + (b_transposed ? ", b transposed" : "") +
                  (with_bias ? ", bias" : "") + (accumulate ? ", accumulated" : ""));
}

// Tiles and panels are no wider than 32 and blocks of the sum no longer than 256 on any level.
constexpr Shape kShapes[] = {{1, 1, 1},     {1, 1, 0},      {5, 7, 0},     {0, 3, 4},    {3, 0, 4},
                             {1, 40, 3},    {40, 1, 5},     {6, 16, 8},    {7, 17, 9},   {14, 32, 4},
                             {13, 31, 257}, {97, 65, 31},   {33, 70, 300}, {2, 3, 5000}, {300, 33, 2},
                             {5, 1100, 6},  {150, 130, 256}};

}  // namespace

void test_product() {
  for (const Level& level : levels()) {
    for (int form = 0; form < 4; ++form) {
      begin("product " + level.name + (form & 1 ? ", a transposed" : "") +
            (form & 2 ? ", b transposed" : ""));
      for (const Shape& shape : kShapes)
        for (int start = 0; start < 4; ++start)
          test_shape(level, shape, form & 1, form & 2, start & 1, start & 2);
    }

    begin("product of values that are not finite " + level.name);
    // A row and a column of NaN or infinity stay in their own row and column of C, edges included.
    const int64_t m = 9, n = 21, k = 3;
    Random random{3};
    Tensor a = normal(random, {m, k}, DType::float32), b = normal(random, {k, n}, DType::float32);
    for (int64_t s = 0; s < k; ++s) a.set((m - 1) * k + s, INFINITY);
    b.set(1 * n + n - 1, NAN);
    const Tensor c = make({m, n}, DType::float32, 5);
    level.helpers->multiply(context_of(2), {m, n, k, (const float*)a.bytes.get(), (const float*)b.bytes.get(),
                                            nullptr, (float*)c.bytes.get(), false, false, false});
    bool finite = true, spread = true;
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        const double value = c.get(i * n + j);
        if (i < m - 1 && j < n - 1)
          finite = finite && std::isfinite(value);
        else
          spread = spread && !std::isfinite(value);
      }
    check(finite, "the other values are finite");
    check(spread, "their own row and column are not");
  }
}

}  // namespace test
