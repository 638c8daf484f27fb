// gatherRows, scatterRows. Rows are moved as bytes; a scatter gives each thread its columns of all rows, so
// that rows named more than once are added in order.
#include "parallel.h"

namespace everlearn::EVERLEARN_CPU {

void gatherRows(const Context& context, const GatherRows& op) {
  const int64_t bytes = op.x.shape[1] * bytes_of(op.x.dtype);
  const char* x = data<char>(op.x);
  const int32_t* index = data<int32_t>(op.index);
  char* y = data<char>(op.y);
  parallel(context, op.index.shape[0], op.x.shape[1], [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
    for (int64_t i = begin; i < end; ++i) {
      if (index[i] < 0)
        memset(y + i * bytes, 0, bytes);
      else
        memcpy(y + i * bytes, x + index[i] * bytes, bytes);
    }
  });
}

void scatterRows(const Context& context, const ScatterRows& op) {
  const int64_t rows = op.index.shape[0], columns_all = op.x.shape[1], target_rows = op.y.shape[0];
  const bool clear = !op.accumulate;
  by_float_dtype(op.x.dtype, [&](auto type) EVERLEARN_LAMBDA {
    using T = decltype(type);
    const T* x = data<T>(op.x);
    const int32_t* index = data<int32_t>(op.index);
    T* y = data<T>(op.y);
    constexpr int64_t kSlice = 64;
    parallel(context, (columns_all + kSlice - 1) / kSlice, (rows + target_rows) * kSlice,
             [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
               const int64_t from = begin * kSlice,
                             to = end * kSlice < columns_all ? end * kSlice : columns_all;
               if (clear)
                 for (int64_t i = 0; i < target_rows; ++i)
                   memset(y + i * columns_all + from, 0, (to - from) * sizeof(T));
               for (int64_t i = 0; i < rows; ++i) {
                 if (index[i] < 0) continue;
                 const T* source = x + i * columns_all + from;
                 T* target = y + index[i] * columns_all + from;
                 columns(to - from, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
                   store(target + j, load(target + j, lanes) + load(source + j, lanes), lanes);
                 });
               }
             });
  });
}

}  // namespace everlearn::EVERLEARN_CPU
