// Teams of OpenMP threads. Which thread does what never changes a result: ranges write what is theirs, and
// sums over rows go through chunks whose size depends on the number of rows alone, added in order.
#pragma once

#include <omp.h>

#include "simd.h"

namespace everlearn::EVERLEARN_CPU {

constexpr int64_t kGrain = 16384;  // values below which a second thread costs more than it brings

// body(begin, end, thread) over ranges of 0..n; an item is `cost` values of work.
template <class Body>
EVERLEARN_INLINE void parallel(const Context& context, int64_t n, int64_t cost, const Body& body) {
  if (n <= 0) return;
  const int64_t useful = n * (cost > 0 ? cost : 1) / kGrain + 1;
  int64_t team = context.threads < useful ? context.threads : useful;
  team = team < n ? team : n;
#pragma omp parallel num_threads(team) if (team > 1)
  {
    const Body own = body;  // a copy, which the compiler can keep in registers
    const int64_t thread = omp_get_thread_num(), threads = omp_get_num_threads();
    const int64_t begin = n * thread / threads, end = n * (thread + 1) / threads;
    if (begin < end) own(begin, end, (int)thread);
  }
}

// body(item, thread), a few neighbouring items handed out at a time: for items of unequal cost.
template <class Body>
EVERLEARN_INLINE void parallel_items(const Context& context, int64_t n, int64_t cost, const Body& body) {
  if (n <= 0) return;
  const int64_t useful = n * (cost > 0 ? cost : 1) / kGrain + 1;
  int64_t team = context.threads < useful ? context.threads : useful;
  team = team < n ? team : n;
  int64_t run = n / (8 * team);
  run = run < 1 ? 1 : run > 8 ? 8 : run;
#pragma omp parallel num_threads(team) if (team > 1)
  {
    const Body own = body;
    const int thread = omp_get_thread_num();
#pragma omp for schedule(dynamic, run)
    for (int64_t i = 0; i < n; ++i) own(i, thread);
  }
}

// Rows in chunks for sums over them.
struct Chunks {
  int64_t rows, size, count;
};
EVERLEARN_INLINE Chunks chunks_of(int64_t rows) {
  const int64_t most = 128, least = 32;
  int64_t size = (rows + most - 1) / most;
  size = size < least ? least : size;
  return {rows, size, (rows + size - 1) / size};
}
EVERLEARN_INLINE int64_t chunk_end(const Chunks& c, int64_t chunk) {
  return (chunk + 1) * c.size < c.rows ? (chunk + 1) * c.size : c.rows;
}

// target[0..n) += the sum over chunks of partial[chunk * stride .. + n), in the order of the chunks.
EVERLEARN_INLINE void add_partials(const Context& context, const float* partial, int64_t stride,
                                   int64_t count, float* target, int64_t n) {
  if (!target || count == 0) return;
  parallel(context, (n + kWidth - 1) / kWidth, count * kWidth,
           [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
             const int64_t to = end * kWidth < n ? end * kWidth : n;
             columns(to - begin * kWidth, [&](int64_t k, auto lanes) EVERLEARN_LAMBDA {
               const int64_t j = begin * kWidth + k;
               F sum = load(partial + j, lanes);
               for (int64_t chunk = 1; chunk < count; ++chunk)
                 sum += load(partial + chunk * stride + j, lanes);
               store(target + j, load(target + j, lanes) + sum, lanes);
             });
           });
}

EVERLEARN_INLINE float* scratch_floats(const Context& context, int slot, int64_t floats) {
  return static_cast<float*>(context.scratch(slot, (floats > 0 ? floats : 1) * sizeof(float)));
}

}  // namespace everlearn::EVERLEARN_CPU
