// lstm and its backward: sizes of every remainder, sequences of no and of one token, tails, both directions.
#include "harness.h"

namespace test {

namespace {

struct Inputs {
  int64_t tokens, directions, size;
  std::vector<int64_t> offsets;
  std::vector<double> projected, weight, dy;

  int64_t channels() const { return directions * size; }
  int64_t token(int64_t d, size_t s, int64_t t) const {
    return d == 0 ? offsets[s] + t : offsets[s + 1] - 1 - t;
  }
};
struct Results {
  std::vector<double> y, gates, cells, dprojected, dweight;
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// ops.h, value by value.
Results reference(const Inputs& in) {
  const int64_t c = in.channels(), n = in.size;
  Results r = {std::vector<double>(in.tokens * c), std::vector<double>(in.tokens * 4 * c),
               std::vector<double>(in.tokens * c), std::vector<double>(in.tokens * 4 * c),
               std::vector<double>(4 * c * n)};
  for (int64_t d = 0; d < in.directions; ++d)
    for (size_t s = 0; s + 1 < in.offsets.size(); ++s) {
      const int64_t length = in.offsets[s + 1] - in.offsets[s];
      const double* w = &in.weight[d * 4 * n * n];
      const auto unit = [&](int64_t t, int64_t j) { return in.token(d, s, t) * c + d * n + j; };
      const auto gate = [&](int64_t t, int64_t k, int64_t j) {
        return in.token(d, s, t) * 4 * c + d * 4 * n + k * n + j;
      };
      for (int64_t t = 0; t < length; ++t)
        for (int64_t j = 0; j < n; ++j) {
          double value[4];
          for (int64_t k = 0; k < 4; ++k) {
            double sum = in.projected[gate(t, k, j)];
            for (int64_t m = 0; t > 0 && m < n; ++m) sum += w[(k * n + j) * n + m] * r.y[unit(t - 1, m)];
            r.gates[gate(t, k, j)] = value[k] = k == 2 ? std::tanh(sum) : sigmoid(sum);
          }
          const double before = t > 0 ? r.cells[unit(t - 1, j)] : 0;
          r.cells[unit(t, j)] = value[1] * before + value[0] * value[2];
          r.y[unit(t, j)] = value[3] * std::tanh(r.cells[unit(t, j)]);
        }
      std::vector<double> dh(n), dc(n);
      for (int64_t t = length - 1; t >= 0; --t) {
        std::vector<double> next(n);
        for (int64_t j = 0; j < n; ++j) {
          const double i = r.gates[gate(t, 0, j)], f = r.gates[gate(t, 1, j)], g = r.gates[gate(t, 2, j)],
                       o = r.gates[gate(t, 3, j)], cell = std::tanh(r.cells[unit(t, j)]);
          const double up = in.dy[unit(t, j)] + dh[j], down = dc[j] + up * o * (1 - cell * cell);
          const double before = t > 0 ? r.cells[unit(t - 1, j)] : 0;
          const double all[] = {down * g * i * (1 - i), down * before * f * (1 - f), down * i * (1 - g * g),
                                up * cell * o * (1 - o)};
          dc[j] = down * f;
          for (int64_t k = 0; k < 4; ++k) {
            r.dprojected[gate(t, k, j)] = all[k];
            for (int64_t m = 0; t > 0 && m < n; ++m) {
              next[m] += all[k] * w[(k * n + j) * n + m];
              r.dweight[(d * 4 * n + k * n + j) * n + m] += all[k] * r.y[unit(t - 1, m)];
            }
          }
        }
        dh = next;
      }
    }
  return r;
}

struct Tensors {
  Tensor projected, weight, dy;
};

Outputs compute(const Level& level, const Context& context, const Inputs& in, const Tensors& given,
                bool in_place = false) {
  Tensor offsets = make({(int64_t)in.offsets.size()}, DType::int32);
  for (size_t i = 0; i < in.offsets.size(); ++i) offsets.set((int64_t)i, (double)in.offsets[i]);
  const DType dtype = given.dy.dtype;
  const Tensor projected = clone(given.projected), y = make(given.dy.shape, dtype, 8);
  const Tensor gates = in_place ? projected : make(projected.shape, dtype, 8);
  const Tensor cells = make(y.shape, DType::float32, 8),
               dweight = make(given.weight.shape, DType::float32, 3);
  Lstm f;
  f.projected = projected.view(), f.offsets = offsets.view(), f.weight = given.weight.view();
  const Tensor alone = make(y.shape, dtype, 8);
  f.y = alone.view();
  level.table->lstm(context, f);  // with nothing kept
  f.y = y.view(), f.gates = gates.view(), f.cells = cells.view();
  level.table->lstm(context, f);
  check(same_bytes(alone, y), "y is the same whether gates are kept or not");
  const Tensor kept = clone(gates);
  LstmBackward b;
  const Tensor dprojected = in_place ? gates : make(gates.shape, dtype, 8);
  b.dy = given.dy.view(), b.offsets = offsets.view(), b.weight = f.weight, b.y = y.view();
  b.gates = gates.view(), b.cells = cells.view(), b.dprojected = dprojected.view();
  b.dweight = dweight.view();
  level.table->lstmBackward(context, b);
  return {y, kept, cells, dprojected, dweight};
}

// Without rows of no sequence, which the forward leaves as they were.
Tensor sequences_of(const Inputs& in, const Tensor& rows) {
  const int64_t begin = in.offsets.front(), end = in.offsets.back(), row = rows.byte_size() / in.tokens;
  Tensor part = make({end - begin, rows.shape[1]}, rows.dtype);
  std::memcpy(part.bytes.get(), rows.bytes.get() + begin * row, (end - begin) * row);
  return part;
}
std::vector<double> sequences_of(const Inputs& in, const std::vector<double>& rows) {
  const int64_t row = (int64_t)rows.size() / in.tokens;
  return {rows.begin() + in.offsets.front() * row, rows.begin() + in.offsets.back() * row};
}

Tensors draw(Inputs& in, DType dtype) {
  Random random{(uint64_t)(in.tokens + in.size)};
  Tensors given = {normal(random, {in.tokens, 4 * in.channels()}, dtype),
                   normal(random, {4 * in.channels(), in.size}, DType::float32, 1 / std::sqrt(in.size)),
                   normal(random, {in.tokens, in.channels()}, dtype)};
  in.projected = given.projected.values(), in.weight = given.weight.values(), in.dy = given.dy.values();
  return given;
}

void test_case(DType dtype, int64_t directions, int64_t size, std::vector<int64_t> offsets, int64_t tokens) {
  Inputs in = {tokens, directions, size, offsets, {}, {}, {}};
  const Tensors given = draw(in, dtype);
  const Results wanted = reference(in);
  const double most = dtype == DType::bfloat16 ? 1.5e-2 : std::max(rounding(dtype) * 3, 1e-5);
  for (const Level& level : levels()) {
    begin("lstm " + level.name + " " + name_of(dtype) + ", " + std::to_string(directions) + " x " +
          std::to_string(size) + ", " + std::to_string(tokens) + " tokens");
    const Outputs out = run([&](const Context& context) { return compute(level, context, in, given); });
    check_close(out[0], wanted.y, most, "y");
    check_close(sequences_of(in, out[1]), sequences_of(in, wanted.gates), most, "gates");
    check_close(sequences_of(in, out[2]), sequences_of(in, wanted.cells), most, "cells");
    check_close(out[3], wanted.dprojected, most, "dprojected");
    check_close(make(out[4].shape, DType::float32, difference(out[4], std::vector<double>(out[4].size(), 3))),
                wanted.dweight, std::max(most, 2e-5), "dweight");
    const Outputs place = compute(level, context_of(2), in, given, true);
    for (int i : {0, 3, 4}) check(same_bytes(place[i], out[i]), "the same written over");
  }
  if (tokens > 40) return;  // the reference itself, on what is small
  const auto loss = [&] {
    const auto y = reference(in).y;
    double sum = 0;
    for (size_t i = 0; i < y.size(); ++i) sum += y[i] * in.dy[i];
    return sum;
  };
  check_gradient(in.projected, wanted.dprojected, loss, 1e-6, "reference, projected");
  check_gradient(in.weight, wanted.dweight, loss, 1e-6, "reference, weight");
}

// The same sequences in another order: the same results to the bit.
void test_packing(const Level& level, DType dtype) {
  begin("lstm packed otherwise " + level.name + " " + name_of(dtype));
  const int64_t lengths[] = {21, 5, 50}, from[] = {0, 21, 26}, to[] = {50, 71, 0};
  Inputs in = {76, 2, 11, {0, 21, 26, 76}, {}, {}, {}};
  const Tensors given = draw(in, dtype);
  const auto move = [&](const Tensor& source) {
    const Tensor target = make(source.shape, source.dtype);
    const int64_t row = source.byte_size() / 76;
    for (int s = 0; s < 3; ++s)
      std::memcpy(target.bytes.get() + to[s] * row, source.bytes.get() + from[s] * row, lengths[s] * row);
    return target;
  };
  Inputs other = in;
  other.offsets = {0, 50, 50, 71, 76};
  const Outputs a = compute(level, context_of(2), in, given);
  const Outputs b =
      compute(level, context_of(1), other, {move(given.projected), given.weight, move(given.dy)});
  check(same_bytes(move(a[0]), b[0]), "y");
  check(same_bytes(move(a[3]), b[3]), "dprojected");
}

void test_nan(const Level& level) {
  begin("lstm keeps NaN " + level.name);
  Inputs in = {43, 2, 9, {0, 17, 40}, {}, {}, {}};
  Tensors given = draw(in, DType::float32);
  given.projected.set(8 * 72 + 3, NAN);  // first sequence, first direction
  const Outputs out = compute(level, context_of(1), in, given);
  bool poisoned = true, clean = true;
  for (int64_t t = 0; t < 43; ++t)
    for (int64_t j = 0; j < 18; ++j) {
      const double y = out[0].get(t * 18 + j);
      if (j < 9 && t > 8 && t < 17) poisoned = poisoned && std::isnan(y);
      if (j >= 9 || t < 8 || t >= 17) clean = clean && std::isfinite(y);
    }
  check(poisoned, "in every later token of its sequence and direction");
  check(clean, "and nowhere else");
}

}  // namespace

void test_lstm() {
  for (DType dtype : kFloats) {
    test_case(dtype, 1, 3, {0}, 3);
    test_case(dtype, 1, 1, {0, 1}, 1);
    test_case(dtype, 2, 5, {0, 4, 4, 17, 18}, 20);
    test_case(dtype, 1, 7, {2, 15, 39}, 40);
    test_case(dtype, 2, 33, {0, 29, 29, 70, 71, 73}, 80);
    test_case(dtype, 2, 16, {0, 9, 16, 20, 31, 33, 40, 47, 48, 49, 55, 60, 64, 70, 71, 80}, 80);
  }
  test_case(DType::float32, 2, 72, {1, 700, 1031}, 1040);  // more than a block of the sum, a chunk of tokens
  for (const Level& level : levels()) {
    test_packing(level, DType::float32);
    test_packing(level, DType::bfloat16);
    test_nan(level);
  }
}

}  // namespace test
