// attention and its backward: lengths and head sizes of every remainder, empty sequences, tails, dropout
// masks.
#include "attention_reference.h"

namespace test {

namespace {

struct Inputs : AttentionInputs {
  Site site;
};

Inputs inputs(int64_t tokens, int64_t heads, int64_t size, std::vector<int64_t> offsets, const Site& site) {
  const auto factor = [=](int64_t sequence, int64_t head, int64_t query, int64_t key) {
    return site.factor(offsets[sequence] + query, (uint32_t)(head << 16 | key / 4), key % 4);
  };
  return {{tokens, heads, size, offsets, {}, {}, factor}, site};
}

Outputs compute(const Level& level, const Context& context, const Inputs& in, const Tensor& qkv,
                const Tensor& dy) {
  Tensor offsets = make({(int64_t)in.offsets.size()}, DType::int32);
  for (size_t i = 0; i < in.offsets.size(); ++i) offsets.set((int64_t)i, (double)in.offsets[i]);
  Outputs o = {make(dy.shape, dy.dtype, 8), make({in.heads, in.tokens}, DType::float32, 8),
               make(qkv.shape, qkv.dtype, 8)};
  Attention f;
  in.site.apply(f);
  f.qkv = qkv.view(), f.offsets = offsets.view(), f.y = o[0].view(), f.lse = o[1].view(),
  f.heads = (int)in.heads;
  level.table->attention(context, f);
  AttentionBackward b;
  in.site.apply(b);
  b.dy = dy.view(), b.qkv = f.qkv, b.offsets = f.offsets, b.y = f.y, b.lse = f.lse, b.dqkv = o[2].view();
  b.heads = f.heads;
  level.table->attentionBackward(context, b);
  return o;
}

void test_case(DType dtype, int64_t heads, int64_t size, std::vector<int64_t> offsets, int64_t tokens,
               double probability) {
  Inputs in = inputs(tokens, heads, size, offsets, site_of(tokens, probability));
  Random random{(uint64_t)(tokens + size)};
  const Tensor qkv = normal(random, {tokens, 3 * in.channels()}, dtype);
  const Tensor dy = normal(random, {tokens, in.channels()}, dtype);
  in.qkv = qkv.values();
  in.dy = dy.values();
  const AttentionResults wanted = attention_reference(in);
  const double most = dtype == DType::bfloat16 ? 1e-2 : std::max(rounding(dtype) * 2, 1e-5);
  for (const Level& level : levels()) {
    begin("attention " + level.name + " " + name_of(dtype) + ", " + std::to_string(heads) + " heads of " +
          std::to_string(size) + ", " + std::to_string(tokens) + " tokens" +
          (probability > 0 ? ", dropout" : ""));
    const Outputs out = run([&](const Context& context) { return compute(level, context, in, qkv, dy); });
    check_close(out[0], wanted.y, most, "y");
    check_close(out[1], wanted.lse, 1e-5, "lse");
    check_close(out[2], wanted.dqkv, most, "dqkv");
  }
  if (tokens > 40) return;  // the reference itself, on what is small
  const auto loss = [&] {
    const auto y = attention_reference(in).y;
    double sum = 0;
    for (size_t i = 0; i < y.size(); ++i) sum += y[i] * in.dy[i];
    return sum;
  };
  check_gradient(in.qkv, wanted.dqkv, loss, 1e-6, "reference");
}

// The same sequences in another order, with the coordinates of their rows: the same results to the bit.
void test_packing(const Level& level, DType dtype) {
  begin("attention packed otherwise " + level.name + " " + name_of(dtype));
  const int64_t heads = 3, size = 16, lengths[] = {21, 5, 50};
  Random random{4};
  Inputs in = inputs(76, heads, size, {0, 21, 26, 76}, site_of(76, 0.2));
  const Tensor qkv = normal(random, {76, 3 * in.channels()}, dtype),
               dy = normal(random, {76, in.channels()}, dtype);
  Inputs other = in;
  other.offsets = {0, 50, 50, 71, 76};
  other.site = site_of(76, 0.2);
  Tensor qkv2 = make(qkv.shape, dtype), dy2 = make(dy.shape, dtype);
  const int64_t from[] = {0, 21, 26}, to[] = {50, 71, 0};
  const auto move = [&](const Tensor& source, const Tensor& target) {
    const int64_t row = source.byte_size() / 76;
    for (int s = 0; s < 3; ++s)
      std::memcpy(target.bytes.get() + to[s] * row, source.bytes.get() + from[s] * row, lengths[s] * row);
  };
  move(qkv, qkv2);
  move(dy, dy2);
  move(in.site.rows, other.site.rows);
  const Outputs a = compute(level, context_of(2), in, qkv, dy),
                b = compute(level, context_of(1), other, qkv2, dy2);
  Tensor y = make(a[0].shape, dtype), dqkv = make(a[2].shape, dtype);
  other.offsets = in.offsets;
  move(a[0], y);
  move(a[2], dqkv);
  check(same_bytes(y, b[0]), "y");
  // move() leaves nothing out: the sequences cover all rows.
  check(same_bytes(dqkv, b[2]), "dqkv");
}

void test_nan(const Level& level, DType dtype) {
  begin("attention keeps NaN " + level.name + " " + name_of(dtype));
  Random random{8};
  Inputs in = inputs(43, 2, 8, {0, 17, 40}, site_of(43, 0));
  Tensor qkv = normal(random, {43, 48}, dtype);
  const Tensor dy = normal(random, {43, 16}, dtype);
  qkv.set(3 * 48 + 16, NAN);  // a key of the first sequence, first head
  const Outputs out = compute(level, context_of(1), in, qkv, dy);
  bool poisoned = true, clean = true;
  for (int64_t t = 0; t < 43; ++t)
    for (int64_t c = 0; c < 16; ++c)
      if (t < 17 && c < 8)
        poisoned = poisoned && std::isnan(out[0].get(t * 16 + c)) && std::isnan(out[2].get(t * 48 + c));
      else
        clean = clean && std::isfinite(out[0].get(t * 16 + c)) && std::isfinite(out[2].get(t * 48 + c));
  check(poisoned, "in every row of its sequence and head");
  check(clean, "and nowhere else");
}

}  // namespace

void test_attention() {
  for (DType dtype : kFloats) {
    test_case(dtype, 2, 8, {0}, 3, 0);
    test_case(dtype, 1, 1, {0, 1}, 1, 0);
    test_case(dtype, 3, 5, {0, 4, 4, 17, 18}, 20, 0.2);
    test_case(dtype, 2, 33, {2, 15, 39}, 40, 0);
    test_case(dtype, 1, 64, {0, 49, 49, 146}, 160, 0.1);
    test_case(dtype, 2, 48, {0, 129}, 129, 0);
    test_case(dtype, 4, 16, {0, 48, 112}, 112, 0.5);
  }
  for (const Level& level : levels()) {
    test_packing(level, DType::float32);
    test_packing(level, DType::bfloat16);
    test_nan(level, DType::float32);
    test_nan(level, DType::bfloat16);
  }
}

}  // namespace test
