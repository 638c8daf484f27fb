// y = dropout(LayerNorm(word[id] + position[p] + segment[s] + task[t])) and its backward. The backward goes
// in waves of rows: first the gradients of the wave's sums, row by row; then each thread adds its own columns
// of them to the tables in the order of the rows, so no two threads write one value and the order never
// changes.
#include "layer_norm_row.h"
#include "philox.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

constexpr int64_t kWave = 2048;  // rows

struct Tables {
  const int32_t *ids, *positions, *segments, *tasks;
  const float *word, *position, *segment, *task;
};
template <class Op>
EVERLEARN_INLINE Tables tables_of(const Op& op) {
  const bool segment = op.segments.data && op.segment.data, task = op.tasks.data && op.task.data;
  return {data<int32_t>(op.ids),
          data<int32_t>(op.positions),
          segment ? data<int32_t>(op.segments) : nullptr,
          task ? data<int32_t>(op.tasks) : nullptr,
          data<float>(op.word),
          data<float>(op.position),
          data<float>(op.segment),
          data<float>(op.task)};
}

// The rows of the tables that token i adds; absent tables give a null row.
struct Sources {
  const float *word, *position, *segment, *task;

  template <class N>
  EVERLEARN_LAMBDA F sum(int64_t j, N lanes) const {
    F v = load(word + j, lanes) + load(position + j, lanes);
    if (segment) v += load(segment + j, lanes);
    if (task) v += load(task + j, lanes);
    return v;
  }
};
EVERLEARN_INLINE Sources sources_of(const Tables& t, int64_t i, int64_t n) {
  return {t.word + t.ids[i] * n, t.position + t.positions[i] * n,
          t.segments ? t.segment + t.segments[i] * n : nullptr, t.tasks ? t.task + t.tasks[i] * n : nullptr};
}

EVERLEARN_INLINE void add_row(float* table, const int32_t* index, int64_t i, int64_t n, int64_t from,
                              int64_t to, const float* gradient) {
  if (!table || !index) return;
  float* row = table + index[i] * n;
  columns(to - from, [&](int64_t k, auto lanes) EVERLEARN_LAMBDA {
    const int64_t j = from + k;
    store(row + j, load(row + j, lanes) + load(gradient + j, lanes), lanes);
  });
}

template <class T>
EVERLEARN_INLINE void forward(const Context& context, const Embedding& op) {
  const int64_t rows = op.y.shape[0], n = op.y.shape[1], width = padded(n, 4 * kWidth);
  const DropoutSite site = dropout_site(op);
  const Tables tables = tables_of(op);
  const float *gamma = data<float>(op.gamma), *beta = data<float>(op.beta), eps = op.eps;
  T* y = data<T>(op.y);
  float *means = data<float>(op.mean), *rstds = data<float>(op.rstd);
  float* buffers = scratch_floats(context, 0, context.threads * 2 * width);
  parallel(context, rows, 4 * n, [=](int64_t begin, int64_t end, int thread) EVERLEARN_LAMBDA {
    float *values = buffers + thread * 2 * width, *factors = values + width;
    if (!site.active) fill_ones(width, factors);
    for (int64_t i = begin; i < end; ++i) {
      if (tables.ids[i] < 0) {
        memset(y + i * n, 0, n * sizeof(T));
        means[i] = rstds[i] = 0;
        continue;
      }
      const Sources sources = sources_of(tables, i, n);
      if (site.active) dropout_row(site, i, 0, n, factors);
      F sums[4] = {};
      columns4(n, [&](int64_t j, auto lanes, int a) EVERLEARN_LAMBDA {
        const F v = sources.sum(j, lanes);
        store(values + j, v, Full{});
        sums[a] += v;
      });
      const RowMoments m = moments_of(values, n, sum_of(total(sums)), eps);
      means[i] = m.mean;
      rstds[i] = m.rstd;
      columns(n, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
        const F normal = (load(values + j, Full{}) - m.mean) * m.rstd;
        const F v = normal * load(gamma + j, lanes) + load(beta + j, lanes);
        store(y + i * n + j, v * load(factors + j, Full{}), lanes);
      });
    }
  });
}

template <class T>
EVERLEARN_INLINE void backward(const Context& context, const EmbeddingBackward& op) {
  const int64_t rows = op.dy.shape[0], n = op.dy.shape[1], width = padded(n, 4 * kWidth);
  const DropoutSite site = dropout_site(op);
  const Tables tables = tables_of(op);
  const T* dy = data<T>(op.dy);
  const float *gamma = data<float>(op.gamma), *means = data<float>(op.mean), *rstds = data<float>(op.rstd);
  float *dword = data<float>(op.dword), *dposition = data<float>(op.dposition);
  float *dsegment = data<float>(op.dsegment), *dtask = data<float>(op.dtask);
  const int64_t wave = rows < kWave ? rows : kWave;
  float* gradients = scratch_floats(context, 0, wave * width);
  float* partials = scratch_floats(context, 1, chunks_of(wave).count * 2 * width);
  float* buffers = scratch_floats(context, 2, context.threads * 3 * width);
  for (int64_t start = 0; start < rows; start += wave) {
    const Chunks chunks = chunks_of(rows - start < wave ? rows - start : wave);
    parallel(context, chunks.count, 6 * chunks.size * n,
             [=](int64_t begin, int64_t end, int thread) EVERLEARN_LAMBDA {
               float *g = buffers + thread * 3 * width, *normal = g + width, *factors = normal + width;
               if (!site.active) fill_ones(width, factors);
               for (int64_t chunk = begin; chunk < end; ++chunk) {
                 float *dgamma = partials + chunk * 2 * width, *dbeta = dgamma + width;
                 memset(dgamma, 0, 2 * width * sizeof(float));
                 for (int64_t k = chunk * chunks.size; k < chunk_end(chunks, chunk); ++k) {
                   const int64_t i = start + k;
                   if (tables.ids[i] < 0) continue;
                   const Sources sources = sources_of(tables, i, n);
                   if (site.active) dropout_row(site, i, 0, n, factors);
                   const RowMoments m = {means[i], rstds[i]};
                   const RowGradient r = layer_norm_backward(
                       n, m, gamma, g, normal, dgamma, dbeta,
                       [&](int64_t j, auto lanes) EVERLEARN_LAMBDA { return sources.sum(j, lanes); },
                       [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
                         return load(dy + i * n + j, lanes) * load(factors + j, Full{});
                       });
                   columns(n, [&](int64_t j, auto) EVERLEARN_LAMBDA {
                     store(gradients + k * width + j, layer_norm_gradient(j, m, r, g, normal), Full{});
                   });
                 }
               }
             });
    parallel(context, (n + kWidth - 1) / kWidth, 4 * chunks.rows * kWidth,
             [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
               const int64_t from = begin * kWidth, to = end * kWidth < n ? end * kWidth : n;
               for (int64_t k = 0; k < chunks.rows; ++k) {
                 const int64_t i = start + k;
                 if (tables.ids[i] < 0) continue;
                 const float* gradient = gradients + k * width;
                 add_row(dword, tables.ids, i, n, from, to, gradient);
                 add_row(dposition, tables.positions, i, n, from, to, gradient);
                 add_row(dsegment, tables.segments, i, n, from, to, gradient);
                 add_row(dtask, tables.tasks, i, n, from, to, gradient);
               }
             });
    add_partials(context, partials, 2 * width, chunks.count, data<float>(op.dgamma), n);
    add_partials(context, partials + width, 2 * width, chunks.count, data<float>(op.dbeta), n);
  }
}

}  // namespace

void embedding(const Context& context, const Embedding& op) {
  by_float_dtype(op.y.dtype, [&](auto type) EVERLEARN_LAMBDA { forward<decltype(type)>(context, op); });
}

void embeddingBackward(const Context& context, const EmbeddingBackward& op) {
  by_float_dtype(op.dy.dtype, [&](auto type) EVERLEARN_LAMBDA { backward<decltype(type)>(context, op); });
}

}  // namespace everlearn::EVERLEARN_CPU
