// gatherRows and scatterRows, with rows named twice and rows left out.
#include "harness.h"

namespace test {

void test_rows() {
  for (const Level& level : levels())
    for (DType dtype : kFloats) {
      begin("rows " + level.name + " " + name_of(dtype));
      for (auto [source_rows, n, count] :
           {std::tuple<int64_t, int64_t, int64_t>{4, 3, 0}, {5, 1, 9}, {50, 700, 40}}) {
        Random random{(uint64_t)n};
        const Tensor x = normal(random, {source_rows, n}, dtype), dy = normal(random, {count, n}, dtype);
        const Tensor before = normal(random, {source_rows, n}, dtype);
        Tensor index = make({count}, DType::int32);
        for (int64_t i = 0; i < count; ++i) index.set(i, i % 4 == 3 ? -1 : (double)random.below(source_rows));
        std::vector<double> gathered(count * n), scattered(source_rows * n), added = before.values();
        for (int64_t i = 0; i < count; ++i)
          for (int64_t j = 0; j < n && index.get(i) >= 0; ++j) {
            const auto at = (int64_t)index.get(i) * n + j;
            gathered[i * n + j] = x.get(at);
            scattered[at] += dy.get(i * n + j);
            added[at] += dy.get(i * n + j);
          }
        const Outputs out = run([&, s = source_rows, n = n, count = count](const Context& context) {
          Outputs o = {make({count, n}, dtype, 8), make({s, n}, dtype, 8), clone(before)};
          level.table->gatherRows(context, {x.view(), index.view(), o[0].view()});
          level.table->scatterRows(context, {dy.view(), index.view(), o[1].view(), false});
          level.table->scatterRows(context, {dy.view(), index.view(), o[2].view(), true});
          return o;
        });
        check_close(out[0], gathered, 0, "gather");
        check_close(out[1], scattered, rounding(dtype), "scatter");
        check_close(out[2], added, rounding(dtype), "scatter, accumulated");
      }
    }
}

}  // namespace test
