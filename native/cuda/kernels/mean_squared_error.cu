// loss[0] += scale * sum of (x - target)^2 over targets that are not NaN, dx = scale * lossScale * 2 (x -
// target), in one pass; chunks of fixed size are added in order.
#include "reduce.h"

namespace everlearn::cuda {

namespace {

constexpr int kBlock = 256;
constexpr int64_t kChunk = 4096;

struct Partial {
  double squares, valid;
};

template <class T>
__global__ void __launch_bounds__(kBlock)
    chunk_errors(const T* x, const float* target, T* dx, int64_t n, const float* scale,
                 const float* loss_scale, Partial* partials) {
  const float factor = 2 * *scale * (loss_scale ? *loss_scale : 1);
  const int64_t from = blockIdx.x * kChunk, to = min(from + kChunk, n);
  float squares = 0, valid = 0;
  for (int64_t i = from + threadIdx.x; i < to; i += kBlock) {
    const float wanted = target[i];
    const bool counts = wanted == wanted;
    const float d = counts ? to_float(x[i]) - wanted : 0;
    squares += d * d;
    valid += counts ? 1 : 0;
    if (dx) from_float(d * factor, dx + i);
  }
  const double all_squares = block_sum((double)squares), all_valid = block_sum((double)valid);
  if (threadIdx.x == 0) partials[blockIdx.x] = {all_squares, all_valid};
}

__global__ void __launch_bounds__(kBlock)
    add_chunks(const Partial* partials, int64_t chunks, const float* scale, float* loss, float* statistics) {
  double squares = 0, valid = 0;
  for (int64_t i = threadIdx.x; i < chunks; i += kBlock) {
    squares += partials[i].squares;
    valid += partials[i].valid;
  }
  squares = block_sum(squares);
  valid = block_sum(valid);
  if (threadIdx.x != 0) return;
  *loss += *scale * (float)squares;
  if (!statistics) return;
  statistics[0] += (float)squares;
  statistics[2] += (float)valid;
}

}  // namespace

void meanSquaredError(const Context& context, const MeanSquaredError& op) {
  const int64_t n = size_of(op.x), chunks = (n + kChunk - 1) / kChunk;
  Partial* partials = scratch<Partial>(context, 0, chunks);
  by_float_dtype(op.x.dtype, [&](auto type) {
    using T = decltype(type);
    launch(context, chunk_errors<T>, (unsigned)chunks, kBlock, 0, data<T>(op.x), data<float>(op.target),
           data<T>(op.dx), n, data<float>(op.scale), data<float>(op.loss_scale), partials);
  });
  launch(context, add_chunks, 1, kBlock, 0, partials, chunks, data<float>(op.scale), data<float>(op.loss),
         data<float>(op.statistics));
  check_launch("meanSquaredError");
}

}  // namespace everlearn::cuda
