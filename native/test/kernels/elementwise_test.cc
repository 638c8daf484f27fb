// add, mul, scale, sum: one value at a time against doubles.
#include "harness.h"

namespace test {

void test_elementwise() {
  for (const Level& level : levels())
    for (DType dtype : kFloats) {
      begin("elementwise " + level.name + " " + name_of(dtype));
      for (std::vector<int64_t> shape : {std::vector<int64_t>{0}, {1}, {5, 7}, {3, 5, 4, 17}, {70003}}) {
        Random random{(uint64_t)shape.size()};
        const Tensor a = normal(random, shape, dtype), b = normal(random, shape, dtype);
        const Tensor by = make({1}, DType::float32, 1.75);
        const auto x = a.values(), y = b.values();
        std::vector<double> sums(x.size()), products(x.size()), scaled(x.size());
        double total = 0;
        for (size_t i = 0; i < x.size(); ++i) {
          sums[i] = x[i] + y[i];
          products[i] = x[i] * y[i];
          scaled[i] = x[i] * 1.75 * -0.3;
          total += x[i];
        }
        const Outputs out = run([&](const Context& context) {
          Outputs o = {make(shape, dtype), make(shape, dtype),           make(shape, dtype),
                       clone(a),           make({1}, DType::float32, 2), make({1}, DType::float32, 2)};
          level.table->add(context, {a.view(), b.view(), o[0].view()});
          level.table->mul(context, {a.view(), b.view(), o[1].view()});
          level.table->scale(context, {a.view(), by.view(), o[2].view(), -0.3f});
          level.table->add(context, {o[3].view(), b.view(), o[3].view()});
          level.table->sum(context, {a.view(), o[4].view(), true});
          level.table->sum(context, {a.view(), o[5].view(), false});
          return o;
        });
        check_close(out[0], sums, rounding(dtype), "add");
        check_close(out[1], products, rounding(dtype), "mul");
        check_close(out[2], scaled, rounding(dtype), "scale");
        check(same_bytes(out[0], out[3]), "add in place");
        check(std::fabs(out[4].get(0) - total - 2) < 1e-3, "sum, accumulated");
        check(std::fabs(out[5].get(0) - total) < 1e-3, "sum");
      }
    }
}

}  // namespace test
