// y = dropout(LayerNorm(word[id] + position[p] + segment[s] + task[t])) and its backward. The backward writes
// the gradient of every row's sum, then adds them to the tables by sorted index (add_table_rows).
#include "dropout_site.h"
#include "layer_norm.h"
#include "table_rows.h"

namespace everlearn::cuda {

namespace {

struct Tables {
  const int32_t *ids, *positions, *segments, *tasks;
  const float *word, *position, *segment, *task;
};
template <class Op>
Tables tables_of(const Op& op) {
  const bool segment = op.segments && op.segment, task = op.tasks && op.task;
  return {data<int32_t>(op.ids),
          data<int32_t>(op.positions),
          segment ? data<int32_t>(op.segments) : nullptr,
          task ? data<int32_t>(op.tasks) : nullptr,
          data<float>(op.word),
          data<float>(op.position),
          data<float>(op.segment),
          data<float>(op.task)};
}

template <class T>
struct Sum {
  Tables t;
  DropoutSite site;
  int64_t n;
  const T* dy;  // from here on: the backward's
  float* gradients;

  __device__ bool counts(int64_t row) const { return t.ids[row] >= 0; }

  template <int N>
  __device__ __forceinline__ void add(const float* table, int64_t index, int64_t j, float (&v)[N]) const {
    float more[N];
    load(table + index * n + j, more);
#pragma unroll
    for (int i = 0; i < N; ++i) v[i] += more[i];
  }
  template <int N>
  __device__ __forceinline__ void values(int64_t row, int64_t j, float (&v)[N]) const {
    load(t.word + (int64_t)t.ids[row] * n + j, v);
    add(t.position, t.positions[row], j, v);
    if (t.segments) add(t.segment, t.segments[row], j, v);
    if (t.tasks) add(t.task, t.tasks[row], j, v);
  }
  template <int N>
  __device__ __forceinline__ void finish(int64_t row, int64_t j, float (&y)[N]) const {
    drop(kept_columns<N>(site, row, j), site.scale, y);
  }

  template <int N>
  __device__ __forceinline__ uint32_t inputs(int64_t row, int64_t j, float (&v)[N], float (&d)[N]) const {
    values(row, j, v);
    load(dy + row * n + j, d);
    drop(kept_columns<N>(site, row, j), site.scale, d);
    return 0;
  }
  template <int N>
  __device__ __forceinline__ void outputs(int64_t row, int64_t j, const float (&dv)[N], uint32_t,
                                          float (&)[N]) const {
    store(gradients + row * n + j, dv);
  }
};

}  // namespace

void embedding(const Context& context, const Embedding& op) {
  const Tables t = tables_of(op);
  by_float_dtype(op.y.dtype, [&](auto type) {
    using T = decltype(type);
    const LayerNormRows<T> rows = {op.y.shape[0],        op.y.shape[1], data<float>(op.gamma),
                                   data<float>(op.beta), data<T>(op.y), data<float>(op.mean),
                                   data<float>(op.rstd), op.eps};
    const Sum<T> source = {t, dropout_site(op), rows.n, nullptr, nullptr};
    normalise(context, rows, source,
              vectors_fit<T>(rows.n, t.word, t.position, t.segment, t.task, rows.gamma, rows.beta, rows.y));
  });
  check_launch("embedding");
}

void embeddingBackward(const Context& context, const EmbeddingBackward& op) {
  const Tables t = tables_of(op);
  const int64_t rows = op.dy.shape[0], n = op.dy.shape[1];
  float* gradients = scratch<float>(context, 0, rows * n);
  by_float_dtype(op.dy.dtype, [&](auto type) {
    using T = decltype(type);
    const Sum<T> source = {t, dropout_site(op), n, data<T>(op.dy), gradients};
    const bool fit =
        vectors_fit<T>(n, t.word, t.position, t.segment, t.task, source.dy, gradients, data<float>(op.gamma));
    normalise_backward<T>(context, rows, n, op.gamma, op.mean, op.rstd, source, fit,
                          {{data<float>(op.dgamma), data<float>(op.dbeta), nullptr}});
  });

  IndexLists lists = {0, rows, {}, {}, t.ids};
  TableGradients tables = {};
  const auto add = [&](const int32_t* index, const View& table) {
    if (!index || !table) return;
    lists.index[lists.lists] = index;
    lists.limit[lists.lists] = table.shape[0];
    tables.table[lists.lists++] = data<float>(table);
  };
  add(t.ids, op.dword);
  add(t.positions, op.dposition);
  add(t.segments, op.dsegment);
  add(t.tasks, op.dtask);
  add_table_rows(context, lists, gradients, n, tables);
  check_launch("embeddingBackward");
}

}  // namespace everlearn::cuda
