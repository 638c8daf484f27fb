#include <cuda_runtime.h>

#include "../dtype.h"
#include "attention_layout.h"

namespace everlearn::cuda {

namespace {

constexpr int kThreads = 256;
constexpr int kTailBlocks = 64;

// The finaliser of splitmix64.
__device__ uint64_t mixed(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ull;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebull;
  return value ^ (value >> 31);
}

__global__ void layout_kernel(const int32_t* offsets, int64_t count, int64_t heads, int64_t head_size,
                              int64_t sequences, uint64_t seed, uint32_t site, const int32_t* step,
                              const int32_t* rows, AttentionLayout layout) {
  const int64_t hidden = heads * head_size;
  const int64_t i = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x;
  if (i <= sequences) {
    const int64_t token = offsets[min(i, count)];
    layout.qkv_offsets[i] = token * 3 * hidden;
    layout.y_offsets[i] = token * hidden;
    layout.stats_offsets[i] = token * heads;
    if (i < sequences) layout.lengths[i] = i < count ? static_cast<int32_t>(offsets[i + 1] - token) : 0;
  }
  if (i != 0) return;
  uint64_t state = mixed(seed + 0x9e3779b97f4a7c15ull);
  if (step) state = mixed(state ^ (static_cast<uint64_t>(site) << 32 | static_cast<uint32_t>(step[0])));
  if (rows) state = mixed(state + static_cast<uint32_t>(rows[0]));
  *layout.seed = static_cast<int64_t>(state >> 1);
  *layout.offset = 0;
}

__global__ void zero_kernel(const int32_t* offsets, int64_t count, uint4* y, int64_t rows, int64_t words) {
  const int64_t before = offsets[0], after = offsets[count];
  const int64_t total = (before + rows - after) * words;
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; i < total; i += step)
    y[i < before * words ? i : i + (after - before) * words] = make_uint4(0, 0, 0, 0);
}

}  // namespace

void fill_attention_layout(const Context& context, const Dropout& dropout, const View& offsets, int64_t heads,
                           int64_t head_size, int64_t sequences, const AttentionLayout& layout) {
  const auto blocks = static_cast<unsigned>(sequences / kThreads + 1);
  layout_kernel<<<blocks, kThreads, 0, stream_of(context)>>>(
      static_cast<const int32_t*>(offsets.data), offsets.shape[0] - 1, heads, head_size, sequences,
      static_cast<uint64_t>(dropout.seed), dropout.site, static_cast<const int32_t*>(dropout.step.data),
      static_cast<const int32_t*>(dropout.rows.data), layout);
  check_launch("attention's layout");
}

void zero_rows_of_no_sequence(const Context& context, const View& offsets, const View& y) {
  const int64_t words =
      y.shape[1] * static_cast<int64_t>(info(y.dtype).bytes) / static_cast<int64_t>(sizeof(uint4));
  zero_kernel<<<kTailBlocks, kThreads, 0, stream_of(context)>>>(
      static_cast<const int32_t*>(offsets.data), offsets.shape[0] - 1, static_cast<uint4*>(y.data),
      y.shape[0], words);
  check_launch("attention's rows of no sequence");
}

}  // namespace everlearn::cuda
