// add, mul, scale, sum: one pass each. The sum goes through chunks of fixed size added in order.
#include "parallel.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

constexpr int64_t kSumChunk = 16384;

// y[i] = body(vectors of the inputs at i)
template <class T, class Body>
EVERLEARN_INLINE void each(const Context& context, int64_t n, const T* a, const T* b, T* y,
                           const Body& body) {
  parallel(context, (n + kWidth - 1) / kWidth, kWidth, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
    const int64_t from = begin * kWidth, to = end * kWidth < n ? end * kWidth : n;
    columns(to - from, [&](int64_t k, auto lanes) EVERLEARN_LAMBDA {
      store(y + from + k, body(load(a + from + k, lanes), load(b + from + k, lanes)), lanes);
    });
  });
}

}  // namespace

void add(const Context& context, const Add& op) {
  by_float_dtype(op.y.dtype, [&](auto type) EVERLEARN_LAMBDA {
    using T = decltype(type);
    each(context, size_of(op.y), data<T>(op.a), data<T>(op.b), data<T>(op.y),
         [](F a, F b) EVERLEARN_LAMBDA { return a + b; });
  });
}

void mul(const Context& context, const Mul& op) {
  by_float_dtype(op.y.dtype, [&](auto type) EVERLEARN_LAMBDA {
    using T = decltype(type);
    each(context, size_of(op.y), data<T>(op.a), data<T>(op.b), data<T>(op.y),
         [](F a, F b) EVERLEARN_LAMBDA { return a * b; });
  });
}

void scale(const Context& context, const Scale& op) {
  const float factor = op.by.data ? op.factor * *data<float>(op.by) : op.factor;
  by_float_dtype(op.y.dtype, [&](auto type) EVERLEARN_LAMBDA {
    using T = decltype(type);
    each(context, size_of(op.y), data<T>(op.x), data<T>(op.x), data<T>(op.y),
         [=](F x, F) EVERLEARN_LAMBDA { return x * factor; });
  });
}

void sum(const Context& context, const Sum& op) {
  const int64_t n = size_of(op.x), chunks = (n + kSumChunk - 1) / kSumChunk;
  float* partial = scratch_floats(context, 0, chunks);
  by_float_dtype(op.x.dtype, [&](auto type) EVERLEARN_LAMBDA {
    using T = decltype(type);
    const T* x = data<T>(op.x);
    parallel(context, chunks, kSumChunk, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
      for (int64_t chunk = begin; chunk < end; ++chunk) {
        const int64_t from = chunk * kSumChunk, to = from + kSumChunk < n ? from + kSumChunk : n;
        F sums[4] = {};
        columns4(to - from, [&](int64_t k, auto lanes, int a)
                                EVERLEARN_LAMBDA { sums[a] += load(x + from + k, lanes); });
        partial[chunk] = sum_of(total(sums));
      }
    });
  });
  double all = op.accumulate ? *data<float>(op.total) : 0;
  for (int64_t chunk = 0; chunk < chunks; ++chunk) all += partial[chunk];
  *data<float>(op.total) = (float)all;
}

}  // namespace everlearn::EVERLEARN_CPU
