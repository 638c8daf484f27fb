// The CUDA kernels beside the CPU backend's on shapes of real models: the same masks, the same results but
// for rounding.
#include "../../../error.h"
#include "../../kernels/harness.h"
#include "cuda_tests.h"

namespace test {

namespace {

using Body = std::function<Outputs(const BackendTable&, const Context&)>;

void compare(const std::string& name, DType dtype, double most, const Body& body) {
  begin("as on the CPU: " + name + " " + name_of(dtype));
  const Outputs wanted = body(*everlearn_kernels_v2(), context_of(1));
  const Outputs got = body(*levels()[0].table, context_of(2));
  const Outputs later = as_graph([&](const Context& context) { return body(*levels()[0].table, context); });
  for (size_t i = 0; i < got.size(); ++i) {
    check_close(got[i], wanted[i].values(), most, "output " + std::to_string(i));
    check(same_bytes(got[i], later[i]), "output " + std::to_string(i) + " as a graph");
  }
}

Tensor indices(Random& random, int64_t n, int64_t limit, bool gaps) {
  Tensor t = make({n}, DType::int32);
  for (int64_t i = 0; i < n; ++i) t.set(i, gaps && i % 7 == 5 ? -1 : (double)random.below(limit));
  return t;
}

void compare_rows(DType dtype, int64_t rows, int64_t n) {
  Random random{(uint64_t)n};
  const auto f32 = DType::float32;
  const Tensor x = normal(random, {rows, n}, dtype), residual = normal(random, {rows, n}, dtype);
  const Tensor dy = normal(random, {rows, n}, dtype), bias = normal(random, {n}, f32);
  const Tensor gamma = normal(random, {n}, f32), beta = normal(random, {n}, f32);
  const Site site = site_of(rows, 0.1);
  const double most = 2 * rounding(dtype);
  const std::string shape = std::to_string(rows) + " x " + std::to_string(n);

  begin("as on the CPU: dropout mask " + shape + " " + name_of(dtype));
  const Tensor ones = make({rows, n}, dtype, 1);
  Outputs masks;
  for (const BackendTable* table : {everlearn_kernels_v2(), levels()[0].table}) {
    masks.push_back(make({rows, n}, dtype));
    DropoutOp op;
    site.apply(op);
    op.x = ones.view(), op.y = masks.back().view();
    table->dropout(context_of(1), op);
  }
  check(same_bytes(masks[0], masks[1]), "mask");

  compare("residualLayerNorm " + shape, dtype, most, [&](const BackendTable& table, const Context& context) {
    Outputs o = {make({rows, n}, dtype), make({rows}, f32), make({rows}, f32), make({rows, n}, dtype),
                 clone(residual),        make({n}, f32),    make({n}, f32),    make({n}, f32)};
    ResidualLayerNorm f;
    site.apply(f);
    f.x = x.view(), f.bias = bias.view(), f.residual = residual.view(), f.gamma = gamma.view();
    f.beta = beta.view(), f.y = o[0].view(), f.mean = o[1].view(), f.rstd = o[2].view();
    table.residualLayerNorm(context, f);
    ResidualLayerNormBackward b;
    site.apply(b);
    b.dy = dy.view(), b.x = f.x, b.bias = f.bias, b.residual = f.residual, b.gamma = f.gamma, b.mean = f.mean;
    b.rstd = f.rstd, b.dx = o[3].view(), b.dresidual = o[4].view(), b.dbias = o[5].view();
    b.dgamma = o[6].view(), b.dbeta = o[7].view(), b.accumulate = true;
    table.residualLayerNormBackward(context, b);
    return o;
  });

  const int64_t words = 50, places = 16;
  const Tensor word = normal(random, {words, n}, f32), position = normal(random, {places, n}, f32),
               segment = normal(random, {2, n}, f32);
  const Tensor ids = indices(random, rows, words, true), positions = indices(random, rows, places, false),
               segments = indices(random, rows, 1, false);
  compare("embedding " + shape, dtype, most, [&](const BackendTable& table, const Context& context) {
    Outputs o = {make({rows, n}, dtype), make({rows}, f32), make({rows}, f32), make({words, n}, f32),
                 make({places, n}, f32), make({2, n}, f32), make({n}, f32),    make({n}, f32)};
    Embedding f;
    site.apply(f);
    f.ids = ids.view(), f.positions = positions.view(), f.segments = segments.view(), f.word = word.view();
    f.position = position.view(), f.segment = segment.view(), f.gamma = gamma.view(), f.beta = beta.view();
    f.y = o[0].view(), f.mean = o[1].view(), f.rstd = o[2].view();
    table.embedding(context, f);
    EmbeddingBackward b;
    site.apply(b);
    b.dy = dy.view(), b.ids = f.ids, b.positions = f.positions, b.segments = f.segments, b.word = f.word;
    b.position = f.position, b.segment = f.segment, b.gamma = f.gamma, b.mean = f.mean, b.rstd = f.rstd;
    b.dword = o[3].view(), b.dposition = o[4].view(), b.dsegment = o[5].view(), b.dgamma = o[6].view();
    b.dbeta = o[7].view();
    table.embeddingBackward(context, b);
    return o;
  });

  const Tensor index = indices(random, rows, 9, true);
  compare("scatterRows " + shape, dtype, 4 * rounding(dtype),
          [&](const BackendTable& table, const Context& context) {
            Outputs o = {make({9, n}, dtype), make({rows, n}, dtype)};
            table.scatterRows(context, {x.view(), index.view(), o[0].view(), false});
            table.gatherRows(context, {o[0].view(), index.view(), o[1].view()});
            return o;
          });
}

void compare_activation(DType dtype, int64_t rows, int64_t n) {
  Random random{3};
  const Tensor x = normal(random, {rows, n}, dtype, 2), dy = normal(random, {rows, n}, dtype),
               bias = normal(random, {n}, DType::float32);
  compare("biasActivation " + std::to_string(n), dtype, rounding(dtype),
          [&](const BackendTable& table, const Context& context) {
            Outputs o = {make({rows, n}, dtype), make({rows, n}, dtype), make({n}, DType::float32)};
            table.biasActivation(context, {x.view(), bias.view(), o[0].view(), Activation::gelu});
            table.biasActivationBackward(
                context, {dy.view(), x.view(), bias.view(), o[1].view(), o[2].view(), Activation::gelu});
            return o;
          });
}

void compare_entropy(DType dtype, int64_t rows, int64_t classes, int64_t width) {
  Random random{4};
  const Tensor logits = normal(random, {rows, width}, dtype, 3),
               labels = indices(random, rows, classes, true), scale = make({1}, DType::float32, 0.3);
  compare("softmaxCrossEntropy " + std::to_string(classes), dtype, 2 * rounding(dtype),
          [&](const BackendTable& table, const Context& context) {
            Outputs o = {make({1}, DType::float32), make({3}, DType::float32), make({rows, width}, dtype)};
            SoftmaxCrossEntropy op;
            op.logits = logits.view(), op.labels = labels.view(), op.scale = scale.view();
            op.loss = o[0].view(), op.statistics = o[1].view(), op.dlogits = o[2].view();
            op.classes = (int)classes;
            table.softmaxCrossEntropy(context, op);
            return o;
          });
}

void compare_attention(DType dtype, int64_t heads, int64_t size, double probability, int shared_bytes) {
  set_shared_bytes(shared_bytes);
  Random random{5};
  const std::vector<double> ends = {1, 70, 70, 139};
  const int64_t tokens = 140, channels = heads * size;
  const Tensor qkv = normal(random, {tokens, 3 * channels}, dtype),
               dy = normal(random, {tokens, channels}, dtype), offsets = make({4}, DType::int32, ends);
  const Site site = site_of(tokens, probability);
  compare("attention, heads of " + std::to_string(size) + ", " + std::to_string(shared_bytes >> 10) + " KiB",
          dtype, dtype == DType::bfloat16 ? 1e-2 : 2 * rounding(dtype),
          [&](const BackendTable& table, const Context& context) {
            Outputs o = {make({tokens, channels}, dtype, 8), make({heads, tokens}, DType::float32, 8),
                         make({tokens, 3 * channels}, dtype, 8)};
            Attention f;
            site.apply(f);
            f.qkv = qkv.view(), f.offsets = offsets.view(), f.y = o[0].view(), f.lse = o[1].view();
            f.heads = (int)heads;
            table.attention(context, f);
            AttentionBackward b;
            site.apply(b);
            b.dy = dy.view(), b.qkv = f.qkv, b.offsets = f.offsets, b.y = f.y, b.lse = f.lse;
            b.dqkv = o[2].view(), b.heads = f.heads;
            table.attentionBackward(context, b);
            return o;
          });
  set_shared_bytes(kSharedBytes);
}

void test_refusal() {
  begin("attention refuses heads of 257 values");
  const Tensor qkv = make({2, 3 * 257}, DType::float32), offsets = make({2}, DType::int32, {0.0, 2.0}),
               y = make({2, 257}, DType::float32), lse = make({1, 2}, DType::float32);
  Attention op;
  op.qkv = qkv.view(), op.offsets = offsets.view(), op.y = y.view(), op.lse = lse.view();
  std::string code;
  try {
    levels()[0].table->attention(context_of(1), op);
  } catch (const Error& error) {
    code = error.code();
  }
  check(code == "SHAPE", "with SHAPE");
}

}  // namespace

void test_against_cpu() {
  for (DType dtype : kFloats) {
    compare_rows(dtype, 70, 256);
    compare_rows(dtype, 35, 768);
    compare_rows(dtype, 9, 1024);
    compare_rows(dtype, 9, 1040);
    compare_rows(dtype, 300, 12);
    compare_activation(dtype, 40, 3072);
    compare_entropy(dtype, 5, 30522, 30528);
    compare_entropy(dtype, 5, 30522, 30522);
    compare_attention(dtype, 2, 64, 0.1, kSharedBytes);
  }
  compare_attention(DType::float32, 1, 64, 0.1, 99 << 10);
  compare_attention(DType::float32, 1, 100, 0.1, kSharedBytes);
  compare_attention(DType::float32, 1, 36, 0.1, 48 << 10);
  compare_attention(DType::bfloat16, 1, 256, 0, kSharedBytes);
  test_refusal();
}

}  // namespace test
