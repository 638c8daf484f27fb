#include "attention_tiles.h"

namespace everlearn::cuda {

namespace {

constexpr int kBlock = 1024;

// One block: a thread counts the tiles of its sequences, a scan says where its first one goes.
__global__ void __launch_bounds__(kBlock) list_kernel(Heads h, int tile, Tile* tiles, int64_t most) {
  EVERLEARN_SHARED(warp_sums, int64_t[kWarp]);
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  const int64_t share = (h.sequences + kBlock - 1) / kBlock, from = min(threadIdx.x * share, h.sequences),
                to = min(from + share, h.sequences);
  int64_t own = 0;
  for (int64_t s = from; s < to; ++s) own += (h.offsets[s + 1] - h.offsets[s] + tile - 1) / tile;
  int64_t sum = own;
  for (int distance = 1; distance < kWarp; distance *= 2) {
    const int64_t other = __shfl_up_sync(kAllLanes, sum, distance);
    if (lane >= distance) sum += other;
  }
  if (lane == kWarp - 1) warp_sums[warp] = sum;
  __syncthreads();
  int64_t at = sum - own, total = 0;
  for (int w = 0; w < kWarp; ++w) {
    if (w < warp) at += warp_sums[w];
    total += warp_sums[w];
  }
  for (int64_t s = from; s < to; ++s) {
    const int32_t length = h.offsets[s + 1] - h.offsets[s];
    for (int32_t first = 0; first < length; first += tile) tiles[at++] = {(int32_t)s, first};
  }
  for (int64_t t = total + threadIdx.x; t < most; t += kBlock) tiles[t] = {-1, 0};
}

template <class T>
__global__ void __launch_bounds__(256) clear_kernel(Heads h, T* y, int64_t n, float* lse) {
  const int32_t begin = h.offsets[0], end = h.offsets[h.sequences];
  const int lane = threadIdx.x % kWarp;
  for (int64_t t = grid_thread() / kWarp; t < h.tokens; t += grid_threads() / kWarp) {
    if (t >= begin && t < end) continue;
    for (int64_t j = lane; j < n; j += kWarp) from_float(0, y + t * n + j);
    if (lse)
      for (int64_t head = lane; head < h.heads; head += kWarp) lse[head * h.tokens + t] = 0;
  }
}

}  // namespace

void list_tiles(const Context& context, const Heads& h, int tile, Tile* tiles) {
  launch(context, list_kernel, 1, kBlock, 0, h, tile, tiles, most_tiles(h, tile));
}

void clear_outside(const Context& context, const Heads& h, DType dtype, void* y, int64_t n, float* lse) {
  by_float_dtype(dtype, [&](auto type) {
    using T = decltype(type);
    launch(context, clear_kernel<T>, blocks_for(context, h.tokens * kWarp, 256), 256, 0, h,
           static_cast<T*>(y), n, lse);
  });
}

}  // namespace everlearn::cuda
