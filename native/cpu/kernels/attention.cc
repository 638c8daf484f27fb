// Multi-head self-attention over packed sequences. One item of work is a (sequence, head): its keys and
// values are packed once, then blocks of query rows meet all keys, so a block's scores stay in the cache
// through softmax, dropout and the product with the values. The backward makes probabilities again from the
// scores and the log-sum-exp:
//   dP = dy v^T * mask;  dS = P (dP - D) scale with D = rowsum(dy y);  dq = dS k;  dk = dS^T q;  dv = (P
//   mask)^T dy.
#include "attention_operands.h"
#include "parallel.h"
#include "philox.h"
#include "tail.h"
#include "vector_math.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

constexpr int64_t kBlock = 48;  // query rows

struct Layout {
  int64_t tokens, sequences, heads, channels, size;  // size: of a head
  int64_t size_width, longest_width;                 // padded: size, the longest sequence
  const int32_t* offsets;
  float scale;
};
EVERLEARN_INLINE Layout layout_of(const View& qkv, const View& offsets, int heads) {
  Layout l = {};
  l.tokens = qkv.shape[0];
  l.channels = qkv.shape[1] / 3;
  l.sequences = offsets.shape[0] - 1;
  l.heads = heads;
  l.size = l.channels / heads;
  l.size_width = padded(l.size);
  l.offsets = data<int32_t>(offsets);
  for (int64_t s = 0; s < l.sequences; ++s) {
    const int64_t length = padded(l.offsets[s + 1] - l.offsets[s]);
    l.longest_width = l.longest_width < length ? length : l.longest_width;
  }
  l.scale = 1 / sqrtf((float)l.size);
  return l;
}

// A thread's memory for one (sequence, head), handed out front to back in aligned pieces.
struct Arena {
  char* at;
  template <class T>
  EVERLEARN_LAMBDA inline T* take(int64_t n) {
    char* piece = at;
    at += padded(n * (int64_t)sizeof(T), 64);
    return (T*)piece;
  }
};

template <class T>
EVERLEARN_INLINE void put_rows(const float* from, int64_t rows, int64_t n, int64_t width, float factor, T* to,
                               int64_t stride) {
  for (int64_t i = 0; i < rows; ++i)
    columns(n, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
      store(to + i * stride + j, load(from + i * width + j, Full{}) * factor, lanes);
    });
}

// Softmax of a row of scores times dropout factors, not yet divided by its sum, written as an operand.
// `scale2` is the scale times log2 e: exponentials are powers of 2 of one multiply-add.
struct RowSoftmax {
  float lse, inverse;
};
template <class Operands>
EVERLEARN_INLINE RowSoftmax softmax_row(const float* scores, int64_t n, float scale2, const float* factors,
                                        typename Operands::Unit* to) {
  const F lowest = splat(-INFINITY);
  F greatest[4] = {lowest, lowest, lowest, lowest};
  columns4(n, [&](int64_t j, auto lanes, int a) EVERLEARN_LAMBDA {
    greatest[a] = greater(keep(load(scores + j, Full{}), lowest, lanes), greatest[a]);
  });
  const float most =
      greatest_of(greater(greater(greatest[0], greatest[1]), greater(greatest[2], greatest[3]))) * scale2;
  F sums[4] = {};
  columns4(n, [&](int64_t j, auto lanes, int a) EVERLEARN_LAMBDA {
    const F p = power2(keep(load(scores + j, Full{}) * scale2 - most, lowest, lanes));
    sums[a] += p;
    Operands::put(to, j, p * load(factors + j, Full{}));
  });
  const float sum = sum_of(total(sums));
  return {most * kLn2 + logf(sum), 1 / sum};
}

template <class T>
EVERLEARN_INLINE void forward(const Context& context, const Attention& op) {
  using Operands = typename OperandsOf<T>::Type;
  using Unit = typename Operands::Unit;
  constexpr int64_t kPack = Operands::kPack;
  const Layout l = layout_of(op.qkv, op.offsets, op.heads);
  const DropoutSite site = dropout_site(op);
  const T* qkv = data<T>(op.qkv);
  T* y = data<T>(op.y);
  float* lse = data<float>(op.lse);
  clear_tail(l, y, l.channels);
  for (int64_t h = 0; h < l.heads; ++h) clear_tail(l, lse + h * l.tokens, 1);

  const int64_t units = padded(l.size, kPack) / kPack, mask_width = padded(l.longest_width, 4 * kWidth);
  const int64_t bytes = 4 * (l.longest_width * (units + l.size_width) +
                             kBlock * (2 * l.longest_width + units + l.size_width) + mask_width) +
                        8 * 64;
  char* memory = static_cast<char*>(context.scratch(0, context.threads * bytes));
  parallel_items(
      context, l.sequences * l.heads, l.longest_width * (l.longest_width + l.size) * 4,
      [=](int64_t item, int thread) EVERLEARN_LAMBDA {
        const int64_t sequence = item / l.heads, head = item % l.heads;
        const int64_t start = l.offsets[sequence], n = l.offsets[sequence + 1] - start, width = padded(n);
        if (n == 0) return;
        const int64_t row = 3 * l.channels;
        const T* q = qkv + start * row + head * l.size;
        Arena arena = {memory + thread * bytes};
        Unit* keys = arena.take<Unit>(units * width);
        Unit* values = arena.take<Unit>(padded(n, 2) / kPack * l.size_width);
        Unit* queries = arena.take<Unit>(kBlock * units);
        Unit* probabilities = arena.take<Unit>(kBlock * width / kPack);
        float* scores = arena.take<float>(kBlock * width);
        float* result = arena.take<float>(kBlock * l.size_width);
        float* factors = arena.take<float>(padded(width, 4 * kWidth));
        Operands::pack_transposed(Source<T>{q + l.channels, row}, n, l.size, width, keys);
        Operands::pack_depth(Source<T>{q + 2 * l.channels, row}, n, l.size, l.size_width, values);
        if (!site.active) fill_ones(padded(width, 4 * kWidth), factors);
        for (int64_t from = 0; from < n; from += kBlock) {
          const int64_t rows = n - from < kBlock ? n - from : kBlock;
          gemm(rows, width, units, Operands::rows_of(Source<T>{q + from * row, row}, rows, l.size, queries),
               keys, scores, false);
          float inverse[kBlock];
          for (int64_t i = 0; i < rows; ++i) {
            const int64_t token = start + from + i;
            prefetch<1>(y + token * l.channels + head * l.size, l.size);
            if (head + 1 < l.heads)
              for (int part = 0; part < 3; ++part)
                prefetch(q + (from + i) * row + part * l.channels + l.size, l.size);
            if (site.active) dropout_row(site, token, (uint32_t)head << 16, n, factors);
            const RowSoftmax r = softmax_row<Operands>(scores + i * width, n, l.scale * kLog2E, factors,
                                                       probabilities + i * width / kPack);
            lse[head * l.tokens + token] = r.lse;
            inverse[i] = r.inverse;
          }
          gemm(rows, l.size_width, padded(n, kPack) / kPack, Operands::as_rows(probabilities, width), values,
               result, false);
          for (int64_t i = 0; i < rows; ++i)
            put_rows(result + i * l.size_width, 1, l.size, l.size_width, inverse[i],
                     y + (start + from + i) * l.channels + head * l.size, l.channels);
        }
      });
}

template <class T>
EVERLEARN_INLINE void backward(const Context& context, const AttentionBackward& op) {
  using Operands = typename OperandsOf<T>::Type;
  using Unit = typename Operands::Unit;
  constexpr int64_t kPack = Operands::kPack;
  const Layout l = layout_of(op.qkv, op.offsets, op.heads);
  const DropoutSite site = dropout_site(op);
  const T *qkv = data<T>(op.qkv), *y = data<T>(op.y), *dy = data<T>(op.dy);
  T* dqkv = data<T>(op.dqkv);
  const float* lse = data<float>(op.lse);
  clear_tail(l, dqkv, 3 * l.channels);

  const int64_t units = padded(l.size, kPack) / kPack, mask_width = padded(l.longest_width, 4 * kWidth);
  const int64_t bytes = 4 * (l.longest_width * (2 * units + 3 * l.size_width) +
                             kBlock * (6 * l.longest_width + 2 * units + 3 * l.size_width) + mask_width) +
                        20 * 64;
  char* memory = static_cast<char*>(context.scratch(0, context.threads * bytes));
  parallel_items(
      context, l.sequences * l.heads, l.longest_width * (l.longest_width + l.size) * 8,
      [=](int64_t item, int thread) EVERLEARN_LAMBDA {
        const int64_t sequence = item / l.heads, head = item % l.heads;
        const int64_t start = l.offsets[sequence], n = l.offsets[sequence + 1] - start, width = padded(n);
        if (n == 0) return;
        const int64_t row = 3 * l.channels, depth = padded(n, kPack) / kPack;
        const T *q = qkv + start * row + head * l.size, *k = q + l.channels, *v = k + l.channels;
        Arena arena = {memory + thread * bytes};
        Unit* keys_transposed = arena.take<Unit>(units * width);
        Unit* values_transposed = arena.take<Unit>(units * width);
        Unit* keys = arena.take<Unit>(depth * l.size_width);
        float* dk = arena.take<float>(width * l.size_width);
        float* dv = arena.take<float>(width * l.size_width);
        Unit* query_rows = arena.take<Unit>(kBlock * units);
        Unit* dy_rows = arena.take<Unit>(kBlock * units);
        Unit* query_depth = arena.take<Unit>(kBlock * l.size_width);
        Unit* dy_depth = arena.take<Unit>(kBlock * l.size_width);
        float* dq = arena.take<float>(kBlock * l.size_width);
        float* scores = arena.take<float>(kBlock * width);
        float* gradients = arena.take<float>(kBlock * width);
        Unit* probabilities = arena.take<Unit>(kBlock * width / kPack);
        Unit* dscores = arena.take<Unit>(kBlock * width / kPack);
        Unit* space = arena.take<Unit>(kBlock * width);
        float* factors = arena.take<float>(padded(width, 4 * kWidth));
        Operands::pack_transposed(Source<T>{k, row}, n, l.size, width, keys_transposed);
        Operands::pack_transposed(Source<T>{v, row}, n, l.size, width, values_transposed);
        Operands::pack_depth(Source<T>{k, row}, n, l.size, l.size_width, keys);
        if (!site.active) fill_ones(padded(width, 4 * kWidth), factors);
        for (int64_t from = 0; from < n; from += kBlock) {
          const int64_t rows = n - from < kBlock ? n - from : kBlock, row_depth = padded(rows, kPack) / kPack;
          const int64_t at = (start + from) * l.channels + head * l.size;
          const Source<T> q_block = {q + from * row, row}, dy_block = {dy + at, l.channels};
          Operands::pack_depth(q_block, rows, l.size, l.size_width, query_depth);
          Operands::pack_depth(dy_block, rows, l.size, l.size_width, dy_depth);
          gemm(rows, width, units, Operands::rows_of(q_block, rows, l.size, query_rows), keys_transposed,
               scores, false);
          gemm(rows, width, units, Operands::rows_of(dy_block, rows, l.size, dy_rows), values_transposed,
               gradients, false);
          for (int64_t i = 0; i < rows; ++i) {
            const int64_t token = start + from + i;
            for (int part = 0; part < 3; ++part) {
              const int64_t column = part * l.channels + head * l.size;
              prefetch<1>(dqkv + token * row + column, l.size);
              if (head + 1 < l.heads) prefetch(qkv + token * row + column + l.size, l.size);
            }
            if (head + 1 < l.heads) {
              prefetch(dy + at + i * l.channels + l.size, l.size);
              prefetch(y + at + i * l.channels + l.size, l.size);
            }
            if (site.active) dropout_row(site, token, (uint32_t)head << 16, n, factors);
            F products[4] = {};
            columns4(l.size, [&](int64_t j, auto lanes, int a) EVERLEARN_LAMBDA {
              products[a] +=
                  load(dy + at + i * l.channels + j, lanes) * load(y + at + i * l.channels + j, lanes);
            });
            const float difference = sum_of(total(products)), sum = lse[head * l.tokens + token] * kLog2E;
            columns(n, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
              const F lowest = splat(-INFINITY), factor = load(factors + j, Full{});
              const F p = power2(
                  keep(load(scores + i * width + j, Full{}) * (l.scale * kLog2E) - sum, lowest, lanes));
              const F ds = p * (load(gradients + i * width + j, Full{}) * factor - difference) * l.scale;
              Operands::put(probabilities + i * width / kPack, j, p * factor);
              Operands::put(dscores + i * width / kPack, j, keep(ds, F{}, lanes));
            });
          }
          gemm(rows, l.size_width, depth, Operands::as_rows(dscores, width), keys, dq, false);
          put_rows(dq, rows, l.size, l.size_width, 1.0f, dqkv + (start + from) * row + head * l.size, row);
          gemm(n, l.size_width, row_depth, Operands::as_columns(probabilities, rows, width, space), dy_depth,
               dv, from > 0);
          gemm(n, l.size_width, row_depth, Operands::as_columns(dscores, rows, width, space), query_depth, dk,
               from > 0);
        }
        T* out = dqkv + start * row + head * l.size;
        put_rows(dk, n, l.size, l.size_width, 1.0f, out + l.channels, row);
        put_rows(dv, n, l.size, l.size_width, 1.0f, out + 2 * l.channels, row);
      });
}

}  // namespace

void attention(const Context& context, const Attention& op) {
  by_float_dtype(op.qkv.dtype, [&](auto type) EVERLEARN_LAMBDA { forward<decltype(type)>(context, op); });
}

void attentionBackward(const Context& context, const AttentionBackward& op) {
  by_float_dtype(op.qkv.dtype, [&](auto type) EVERLEARN_LAMBDA { backward<decltype(type)>(context, op); });
}

}  // namespace everlearn::EVERLEARN_CPU
