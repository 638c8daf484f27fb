// An LSTM layer over packed sequences. Sequences do not wait for each other: an item of work is a direction
// and a group of sequences of like length, the longest first, and goes through all its time steps. At each
// step those still running are the first rows of the group, so their product with the recurrent weights is
// one. The backward carries dh and dc from the last step to the first; the weights' gradient is one product
// over all tokens afterwards.
#include "float_product.h"
#include "recurrent_product.h"
#include "tail.h"
#include "vector_math.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

constexpr int64_t kMostRows = padded(48, kPanelRows);  // of a group: its values stay in the cache
constexpr int64_t kTokens = 1024;                      // of a chunk of the weights' gradient

struct Layout {
  int64_t tokens, sequences, channels, size, directions;
  const int32_t* offsets;
  const int32_t* order;     // sequences that have tokens, the longest first
  int64_t ordered, rows;    // how many; in a group
  int64_t groups, longest;  // of a direction; the greatest length

  EVERLEARN_LAMBDA inline int64_t length(int64_t s) const { return offsets[s + 1] - offsets[s]; }
  // The token that sequence s comes to at time t.
  EVERLEARN_LAMBDA inline int64_t token(int64_t direction, int64_t s, int64_t t) const {
    return direction == 0 ? offsets[s] + t : offsets[s + 1] - 1 - t;
  }
};

// Takes scratch slot 3.
Layout layout_of(const Context& context, const View& y, const View& offsets, const View& weight) {
  Layout l = {};
  l.tokens = y.shape[0];
  l.channels = y.shape[1];
  l.sequences = offsets.shape[0] - 1;
  l.size = weight.shape[1];
  l.directions = l.size > 0 ? l.channels / l.size : 0;
  l.offsets = data<int32_t>(offsets);
  for (int64_t s = 0; s < l.sequences; ++s) {
    l.longest = l.longest < l.length(s) ? l.length(s) : l.longest;
    l.ordered += l.length(s) > 0;
  }
  auto* order = static_cast<int32_t*>(context.scratch(3, (l.ordered + l.longest + 1) * sizeof(int32_t)));
  int32_t* place = order + l.ordered;  // of the next sequence of each length
  memset(place, 0, (l.longest + 1) * sizeof(int32_t));
  for (int64_t s = 0; s < l.sequences; ++s) ++place[l.length(s)];
  int32_t next = 0;
  for (int64_t n = l.longest; n > 0; --n) {
    const int32_t count = place[n];
    place[n] = next;
    next += count;
  }
  for (int64_t s = 0; s < l.sequences; ++s)
    if (l.length(s) > 0) order[place[l.length(s)]++] = (int32_t)s;
  l.order = order;
  const int64_t each = (l.ordered * l.directions + context.threads - 1) / context.threads;
  const int64_t most = each < kMostRows ? tiled_rows(each) : kMostRows;
  l.groups = most > 0 ? (l.ordered + most - 1) / most : 0;
  l.rows = l.groups > 0 ? tiled_rows((l.ordered + l.groups - 1) / l.groups) : 0;
  return l;
}

// The packed recurrent weights of a direction.
struct Weights {
  RecurrentMatrix matrix;
  int64_t floats;
  EVERLEARN_LAMBDA inline RecurrentMatrix of(int64_t direction) const {
    RecurrentMatrix b = matrix;
    b.panels += direction * floats;
    return b;
  }
};
// Takes scratch slot 0.
EVERLEARN_INLINE Weights pack_weights(const Context& context, const Layout& l, const View& weight,
                                      bool transposed) {
  Weights w = {};
  w.matrix = transposed ? recurrent_matrix(l.size, 4 * l.size) : recurrent_matrix(4 * l.size, l.size);
  w.floats = recurrent_floats(w.matrix);
  float* to = scratch_floats(context, 0, l.directions * w.floats);
  for (int64_t d = 0; d < l.directions; ++d)
    pack_recurrent(context, data<float>(weight) + d * 4 * l.size * l.size, transposed, w.matrix,
                   to + d * w.floats);
  w.matrix.panels = to;
  return w;
}

// body(direction, sequences, how many, thread) for each group.
template <class Body>
EVERLEARN_INLINE void by_groups(const Context& context, const Layout& l, const Body& body) {
  parallel_items(context, l.groups * l.directions, l.rows * l.longest * l.size * 8,
                 [=](int64_t item, int thread) EVERLEARN_LAMBDA {
                   const int64_t first = item / l.directions * l.rows, left = l.ordered - first;
                   if (left > 0)
                     body(item % l.directions, l.order + first, left < l.rows ? left : l.rows, thread);
                 });
}

// Where the values of one token, time step t of sequence s, are.
struct Place {
  int64_t token, unit, gate;  // of the first unit of the direction in y and cells, of its gate i in gates
};
EVERLEARN_INLINE Place place_of(const Layout& l, int64_t direction, int64_t s, int64_t t) {
  const int64_t token = l.token(direction, s, t), column = direction * l.size;
  return {token, token * l.channels + column, 4 * (token * l.channels + column)};
}

template <class T>
EVERLEARN_INLINE void forward(const Context& context, const Lstm& op) {
  const Layout l = layout_of(context, op.y, op.offsets, op.weight);
  T* y = data<T>(op.y);
  clear_tail(l, y, l.channels);
  if (l.groups == 0) return;
  const T* projected = data<T>(op.projected);
  T* gates = data<T>(op.gates);
  float* cells = data<float>(op.cells);
  const Weights weights = pack_weights(context, l, op.weight, true);
  const int64_t n = l.size, stride = tiled_columns(weights.matrix);
  const int64_t space = recurrent_space(weights.matrix, l.rows);
  const int64_t floats = padded(l.rows * (2 * n + stride) + space, 16);
  float* memory = scratch_floats(context, 1, context.threads * floats);
  by_groups(context, l,
            [=](int64_t direction, const int32_t* order, int64_t running, int thread) EVERLEARN_LAMBDA {
              float *sums = memory + thread * floats, *panels = sums + l.rows * stride;
              float *hidden = panels + space, *cell = hidden + l.rows * n;
              memset(sums, 0, l.rows * stride * sizeof(float));
              memset(cell, 0, l.rows * n * sizeof(float));
              const RecurrentMatrix matrix = weights.of(direction);
              const int64_t steps = l.length(order[0]);
              for (int64_t t = 0; t < steps; ++t) {
                while (l.length(order[running - 1]) <= t) --running;
                if (t > 0) multiply_recurrent(running, hidden, matrix, panels, sums);
                for (int64_t r = 0; r < running; ++r) {
                  const Place at = place_of(l, direction, order[r], t);
                  const T* p = projected + at.gate;
                  T *y_row = y + at.unit, *kept = gates ? gates + at.gate : nullptr;
                  float *c_row = cell + r * n, *h_row = hidden + r * n;
                  const float* s = sums + r * stride;
                  columns(n, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
                    const F i = sigmoid(load(p + j, lanes) + load(s + j, lanes));
                    const F f = sigmoid(load(p + n + j, lanes) + load(s + n + j, lanes));
                    const F g = tanh(load(p + 2 * n + j, lanes) + load(s + 2 * n + j, lanes));
                    const F o = sigmoid(load(p + 3 * n + j, lanes) + load(s + 3 * n + j, lanes));
                    const F c = f * load(c_row + j, lanes) + i * g;
                    store(c_row + j, c, lanes);
                    store(y_row + j, o * tanh(c), lanes);
                    store(h_row + j, load(y_row + j, lanes), lanes);
                    if (cells) store(cells + at.unit + j, c, lanes);
                    if (!kept) return;
                    store(kept + j, i, lanes);
                    store(kept + n + j, f, lanes);
                    store(kept + 2 * n + j, g, lanes);
                    store(kept + 3 * n + j, o, lanes);
                  });
                }
              }
            });
}

// A matrix [rows, columns] of T whose rows are `stride` values apart, as float32 ones `*result` apart:
// itself, or converted into scratch slot 1.
EVERLEARN_INLINE const float* as_floats(const Context&, const float* x, int64_t, int64_t, int64_t stride,
                                        int64_t* result) {
  *result = stride;
  return x;
}
template <class T>
EVERLEARN_INLINE const float* as_floats(const Context& context, const T* x, int64_t rows, int64_t n,
                                        int64_t stride, int64_t* result) {
  float* to = scratch_floats(context, 1, rows * n);
  parallel(context, rows, n, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
    for (int64_t i = begin; i < end; ++i)
      columns(n, [&](int64_t j, auto lanes)
                     EVERLEARN_LAMBDA { store(to + i * n + j, load(x + i * stride + j, lanes), lanes); });
  });
  *result = n;
  return to;
}

// dweight += dprojected^T h, h the y of the token before, a chunk of tokens at a time. Takes all scratch
// slots.
template <class T>
EVERLEARN_INLINE void add_weight_gradient(const Context& context, const Layout& l, const LstmBackward& op) {
  const int64_t n = l.size, row = 4 * l.channels;
  auto* previous = static_cast<int32_t*>(context.scratch(3, l.tokens * sizeof(int32_t)));
  for (int64_t d = 0; d < l.directions; ++d) {
    const T *y = data<T>(op.y) + d * n, *dprojected = data<T>(op.dprojected) + d * 4 * n;
    for (int64_t token = 0; token < l.tokens; ++token) previous[token] = -1;
    for (int64_t s = 0; s < l.sequences; ++s)
      for (int64_t t = 1; t < l.length(s); ++t) previous[l.token(d, s, t)] = (int32_t)l.token(d, s, t - 1);
    for (int64_t start = 0; start < l.tokens; start += kTokens) {
      const int64_t count = l.tokens - start < kTokens ? l.tokens - start : kTokens;
      float* hidden = scratch_floats(context, 0, count * n);
      parallel(context, count, n, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
        for (int64_t i = begin; i < end; ++i) {
          const int64_t from = previous[start + i];
          columns(n, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
            store(hidden + i * n + j, from < 0 ? F{} : load(y + from * l.channels + j, lanes), lanes);
          });
        }
      });
      FloatProduct product = {};
      product.m = 4 * n, product.n = n, product.k = count;
      product.a = as_floats(context, dprojected + start * row, count, 4 * n, row, &product.a_stride);
      product.b = hidden, product.c = data<float>(op.dweight) + d * 4 * n * n;
      product.a_transposed = product.accumulate = true;
      multiply(context, product);
    }
  }
}

template <class T>
EVERLEARN_INLINE void backward(const Context& context, const LstmBackward& op) {
  const Layout l = layout_of(context, op.y, op.offsets, op.weight);
  T* dprojected = data<T>(op.dprojected);
  clear_tail(l, dprojected, 4 * l.channels);
  if (l.groups == 0) return;
  const T *dy = data<T>(op.dy), *gates = data<T>(op.gates);
  const float* cells = data<float>(op.cells);
  const Weights weights = pack_weights(context, l, op.weight, false);
  const int64_t n = l.size, stride = tiled_columns(weights.matrix);
  const int64_t space = recurrent_space(weights.matrix, l.rows);
  const int64_t floats = padded(l.rows * (5 * n + stride) + space, 16);
  float* memory = scratch_floats(context, 1, context.threads * floats);
  by_groups(
      context, l, [=](int64_t direction, const int32_t* order, int64_t count, int thread) EVERLEARN_LAMBDA {
        float *dhidden = memory + thread * floats, *panels = dhidden + l.rows * stride;
        float *dgates = panels + space, *dcell = dgates + l.rows * 4 * n;
        memset(dhidden, 0, l.rows * stride * sizeof(float));
        memset(dcell, 0, l.rows * n * sizeof(float));
        const RecurrentMatrix matrix = weights.of(direction);
        int64_t running = 0;
        for (int64_t t = l.length(order[0]) - 1; t >= 0; --t) {
          while (running < count && l.length(order[running]) > t) ++running;
          for (int64_t r = 0; r < running; ++r) {
            const Place at = place_of(l, direction, order[r], t);
            const T *dy_row = dy + at.unit, *gate = gates + at.gate;
            T* out = dprojected + at.gate;
            const float* c_row = cells + at.unit;
            const float* before = t > 0 ? cells + place_of(l, direction, order[r], t - 1).unit : nullptr;
            const float* dh_row = dhidden + r * stride;
            float *dc_row = dcell + r * n, *d_row = dgates + r * 4 * n;
            columns(n, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
              const F i = load(gate + j, lanes), f = load(gate + n + j, lanes);
              const F g = load(gate + 2 * n + j, lanes), o = load(gate + 3 * n + j, lanes);
              const F c_before = before ? load(before + j, lanes) : F{};
              const F c = tanh(load(c_row + j, lanes));
              const F dh = load(dy_row + j, lanes) + load(dh_row + j, lanes);
              const F dc = load(dc_row + j, lanes) + dh * o * (1.0f - c * c);
              store(dc_row + j, dc * f, lanes);
              const F di = dc * g * i * (1.0f - i), df = dc * c_before * f * (1.0f - f);
              const F dg = dc * i * (1.0f - g * g), d_o = dh * c * o * (1.0f - o);
              const F all[4] = {di, df, dg, d_o};
#pragma GCC unroll 4
              for (int k = 0; k < 4; ++k) {
                store(d_row + k * n + j, all[k], lanes);
                store(out + k * n + j, all[k], lanes);
              }
            });
          }
          if (t > 0) multiply_recurrent(running, dgates, matrix, panels, dhidden);
        }
      });
  if (op.dweight) add_weight_gradient<T>(context, l, op);
}

}  // namespace

void lstm(const Context& context, const Lstm& op) {
  by_float_dtype(op.y.dtype, [&](auto type) EVERLEARN_LAMBDA { forward<decltype(type)>(context, op); });
}

void lstmBackward(const Context& context, const LstmBackward& op) {
  by_float_dtype(op.y.dtype, [&](auto type) EVERLEARN_LAMBDA { backward<decltype(type)>(context, op); });
}

}  // namespace everlearn::EVERLEARN_CPU
