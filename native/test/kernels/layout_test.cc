// fill, copy, and the helpers convert and transpose; every float16 and bfloat16 value.
#include "harness.h"

namespace test {

namespace {

constexpr DType kAll[] = {DType::float32, DType::bfloat16, DType::float16, DType::int32, DType::uint8};

void test_halves(const Level& level) {
  for (DType dtype : {DType::bfloat16, DType::float16}) {
    begin(std::string("every value ") + level.name + " " + name_of(dtype));
    const Tensor half = make({65536}, dtype), wide = make({65536}, DType::float32),
                 back = make({65536}, dtype);
    for (int i = 0; i < 65536; ++i) ((uint16_t*)half.bytes.get())[i] = (uint16_t)i;
    level.table->copy(context_of(1), {half.view(), wide.view()});
    level.table->copy(context_of(1), {wide.view(), back.view()});
    bool widened = true, kept = true;
    for (int i = 0; i < 65536; ++i) {
      const double value = half.get(i);
      const bool denormal =
          dtype == DType::bfloat16 && (i & 0x7f80) == 0;  // bfloat16's are float32's: may be 0
      if (std::isnan(value)) {
        widened = widened && std::isnan(wide.get(i));
        kept = kept && std::isnan(back.get(i));
      } else {
        widened = widened && (wide.get(i) == value || (denormal && wide.get(i) == 0));
        kept = kept && (back.get(i) == value || (denormal && back.get(i) == 0));
      }
    }
    check(widened, "to float32");
    check(kept, "and back");

    // Midpoints between neighbours and what lies just beside them decide the rounding.
    std::vector<double> inputs = {1e30, -1e30, 65504, 65519, 65520,    65535,
                                  1e-8, 3e-8,  0.0,   -0.0,  INFINITY, -INFINITY};
    for (int i = 0; i < 0x7c00; i += 7) {
      const double low = from_half_bits((uint16_t)i, dtype), high = from_half_bits((uint16_t)(i + 1), dtype);
      if (!std::isfinite(high) || (dtype == DType::bfloat16 && i < 0x80)) continue;
      const float middle = (float)((low + high) / 2);
      for (float v : {middle, std::nextafterf(middle, 0.0f), std::nextafterf(middle, INFINITY)}) {
        inputs.push_back(v);
        inputs.push_back(-v);
      }
    }
    const Tensor from = make({(int64_t)inputs.size()}, DType::float32, inputs);
    const Tensor to = make({(int64_t)inputs.size()}, dtype);
    level.helpers->convert(context_of(1), from.bytes.get(), DType::float32, to.bytes.get(), dtype,
                           from.size());
    bool rounded = true;
    for (int64_t i = 0; i < from.size(); ++i)
      rounded = rounded && ((const uint16_t*)to.bytes.get())[i] == to_half_bits(from.get(i), dtype);
    check(rounded, "rounding to nearest even");
  }
}

}  // namespace

void test_layout() {
  for (const Level& level : levels()) {
    test_halves(level);

    begin("fill and copy " + level.name);
    for (DType from : kAll)
      for (int64_t n : {0, 1, 3, 37, 70001}) {
        const Tensor y = make({n}, from, 9);
        level.table->fill(context_of(2), {y.view(), 3.0f});
        bool filled = true;
        for (double v : y.values()) filled = filled && v == 3;
        check(filled, std::string("fill ") + name_of(from));
        Random random{5};
        Tensor x = make({n}, from);
        for (int64_t i = 0; i < n; ++i) x.set(i, (double)random.below(100) + (from < DType::int32 ? 0.5 : 0));
        for (DType to : kAll) {
          const Outputs out = run([&](const Context& context) {
            const Tensor copied = make({n}, to);
            level.table->copy(context, {x.view(), copied.view()});
            return Outputs{copied};
          });
          bool right = true;
          for (int64_t i = 0; i < n; ++i)
            right = right && out[0].get(i) == (to >= DType::int32 ? std::trunc(x.get(i)) : x.get(i));
          check(right, std::string("copy ") + name_of(from) + " to " + name_of(to));
        }
      }

    if (!level.helpers->transpose) continue;
    begin("transpose " + level.name);
    for (DType from : kFloats)
      for (DType to : kFloats)
        for (auto [rows, columns] :
             {std::pair<int64_t, int64_t>{0, 5}, {1, 1}, {3, 70}, {64, 64}, {129, 257}}) {
          Random random{7};
          const Tensor x = normal(random, {rows, columns}, from);
          const Outputs out = run([&, rows = rows, columns = columns](const Context& context) {
            const Tensor y = make({columns, rows}, to);
            level.helpers->transpose(context, x.bytes.get(), rows, columns, from, y.bytes.get(), to);
            return Outputs{y};
          });
          std::vector<double> wanted(rows * columns);
          for (int64_t i = 0; i < rows; ++i)
            for (int64_t j = 0; j < columns; ++j) wanted[j * rows + i] = x.get(i * columns + j);
          check_close(out[0], wanted, from == to ? 0 : rounding(to),
                      std::string(name_of(from)) + " to " + name_of(to));
        }
  }
}

}  // namespace test
