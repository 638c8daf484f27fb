// embedding and its backward: tails, absent tables, ids that repeat.
#include "harness.h"

namespace test {

namespace {

struct Inputs {
  int64_t rows, n;
  bool more;  // segment and task tables
  std::vector<double> ids, positions, segments, tasks, word, position, segment, task, gamma, beta;
  Site site;
};

std::vector<double> forward(const Inputs& in) {
  std::vector<double> y(in.rows * in.n);
  for (int64_t i = 0; i < in.rows; ++i) {
    if (in.ids[i] < 0) continue;
    std::vector<double> v(in.n);
    double mean = 0, variance = 0;
    for (int64_t j = 0; j < in.n; ++j) {
      v[j] = in.word[(int64_t)in.ids[i] * in.n + j] + in.position[(int64_t)in.positions[i] * in.n + j];
      if (in.more)
        v[j] += in.segment[(int64_t)in.segments[i] * in.n + j] + in.task[(int64_t)in.tasks[i] * in.n + j];
      mean += v[j] / (double)in.n;
    }
    for (double value : v) variance += (value - mean) * (value - mean) / (double)in.n;
    for (int64_t j = 0; j < in.n; ++j)
      y[i * in.n + j] =
          ((v[j] - mean) / std::sqrt(variance + 1e-5f) * in.gamma[j] + in.beta[j]) * in.site.factor(i, j);
  }
  return y;
}

void test_case(const Level& level, DType dtype, int64_t rows, int64_t n, bool more, double probability) {
  const int64_t words = 11, places = 20;
  Random random{(uint64_t)(rows + n)};
  const auto f32 = DType::float32;
  const Tensor word = normal(random, {words, n}, f32), position = normal(random, {places, n}, f32);
  const Tensor segment = normal(random, {2, n}, f32), task = normal(random, {3, n}, f32);
  const Tensor gamma = normal(random, {n}, f32), beta = normal(random, {n}, f32),
               dy = normal(random, {rows, n}, dtype);
  Tensor ids = make({rows}, DType::int32), positions = make({rows}, DType::int32),
         segments = make({rows}, DType::int32), tasks = make({rows}, DType::int32), none;
  for (int64_t i = 0; i < rows; ++i) {
    ids.set(i, i > rows - 3 && rows > 3 ? -1 : (double)random.below(words));
    positions.set(i, (double)random.below(places));
    segments.set(i, (double)random.below(2));
    tasks.set(i, (double)random.below(3));
  }
  Inputs in = {rows,
               n,
               more,
               ids.values(),
               positions.values(),
               segments.values(),
               tasks.values(),
               word.values(),
               position.values(),
               segment.values(),
               task.values(),
               gamma.values(),
               beta.values(),
               site_of(rows, probability)};
  const Tensor start = normal(random, {words, n}, f32);
  const Outputs out = run([&](const Context& context) {
    Outputs o = {make({rows, n}, dtype, 8),
                 make({rows}, f32),
                 make({rows}, f32),
                 clone(start),
                 make({places, n}, f32),
                 make({2, n}, f32),
                 make({3, n}, f32),
                 make({n}, f32),
                 make({n}, f32)};
    Embedding f;
    in.site.apply(f);
    f.ids = ids.view(), f.positions = positions.view(), f.word = word.view(), f.position = position.view();
    if (more)
      f.segments = segments.view(), f.tasks = tasks.view(), f.segment = segment.view(), f.task = task.view();
    f.gamma = gamma.view(), f.beta = beta.view(), f.y = o[0].view(), f.mean = o[1].view(),
    f.rstd = o[2].view();
    level.table->embedding(context, f);
    EmbeddingBackward b;
    in.site.apply(b);
    b.dy = dy.view(), b.ids = f.ids, b.positions = f.positions, b.segments = f.segments, b.tasks = f.tasks;
    b.word = f.word, b.position = f.position, b.segment = f.segment, b.task = f.task, b.gamma = f.gamma;
    b.mean = f.mean, b.rstd = f.rstd, b.dword = o[3].view(), b.dposition = o[4].view();
    if (more) b.dsegment = o[5].view(), b.dtask = o[6].view();
    b.dgamma = o[7].view(), b.dbeta = o[8].view();
    level.table->embeddingBackward(context, b);
    return o;
  });
  check_close(out[0], forward(in), rounding(dtype), "y");
  const auto upstream = dy.values();
  const auto loss = [&] {
    const auto y = forward(in);
    double sum = 0;
    for (size_t i = 0; i < y.size(); ++i) sum += y[i] * upstream[i];
    return sum;
  };
  const double most = 2e-5;  // tables are float32; only dy was rounded, and the reference has the rounded one
  check_gradient(in.word, difference(out[3], start.values()), loss, most, "dword");
  check_gradient(in.position, out[4].values(), loss, most, "dposition");
  if (more) check_gradient(in.segment, out[5].values(), loss, most, "dsegment");
  if (more) check_gradient(in.task, out[6].values(), loss, most, "dtask");
  check_gradient(in.gamma, out[7].values(), loss, most, "dgamma");
  check_gradient(in.beta, out[8].values(), loss, most, "dbeta");
}

}  // namespace

void test_embedding() {
  for (const Level& level : levels())
    for (DType dtype : kFloats) {
      begin("embedding " + level.name + " " + name_of(dtype));
      test_case(level, dtype, 0, 8, true, 0.1);
      test_case(level, dtype, 1, 5, false, 0);
      test_case(level, dtype, 40, 70, true, 0.1);
      test_case(level, dtype, 130, 129, true, 0.3);
    }
  for (const Level& level : levels()) {
    begin("embedding in waves " + level.name);
    test_case(level, DType::float32, 2500, 18, true, 0.1);
  }
}

}  // namespace test
