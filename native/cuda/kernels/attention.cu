// Own attention: a block has a tile of query rows of one sequence and head, and goes over its keys tile by
// tile with a running softmax.
#include "attention_tiles.h"

namespace everlearn::cuda {

namespace {

template <int R>
size_t bytes_of_block(const Heads& h) {
  using Z = Tiling<R>;
  return (2 * h.size * Z::kStride + Z::kTile * (Z::kWidth + Z::kStride)) * sizeof(float);
}

template <class T, int R>
__global__ void __launch_bounds__(kAttentionBlock)
    forward(Heads h, DropoutSite site, const T* qkv, T* y, float* lse, const Tile* tiles) {
  using Z = Tiling<R>;
  Place p;
  if (!find_place(h, tiles, Z::kTile, p)) return;
  const int tx = threadIdx.x % kSide, ty = threadIdx.x / kSide, head = blockIdx.y;
  float* queries = dynamic_shared();
  float* keys = queries + h.size * Z::kStride;
  float* probabilities = keys + h.size * Z::kStride;  // [key][query]
  float* values = probabilities + Z::kTile * Z::kStride;
  const int64_t row = 3 * h.channels;
  const T* q = qkv + p.start * row + head * h.size;
  load_tile<R>(h, q + p.first * row, row, p.rows, queries, (float*)nullptr);

  const float scale2 = h.scale * kLog2E;
  float most[R], sums[R], result[Z::kGroups][R][R];
  PhiloxBlock masks[R];
#pragma unroll
  for (int i = 0; i < R; ++i) {
    most[i] = -INFINITY;
    sums[i] = 0;
    masks[i] = {};
    if (site.active && ty * R + i < p.rows) masks[i] = dropout_row(site, p.start + p.first + ty * R + i);
  }
#pragma unroll
  for (int g = 0; g < Z::kGroups; ++g) clear(result[g]);

  for (int from = 0; from < p.length; from += Z::kTile) {
    const int count = min(Z::kTile, p.length - from);
    __syncthreads();
    load_tile<R>(h, q + from * row + h.channels, row, count, keys, (float*)nullptr);
    load_tile<R>(h, q + from * row + 2 * h.channels, row, count, (float*)nullptr, values);
    __syncthreads();
    float scores[R][R];
    clear(scores);
    multiply(scores, queries + ty * R, Z::kStride, keys + tx * R, Z::kStride, h.size);
#pragma unroll
    for (int i = 0; i < R; ++i) {
      float tile_most = -INFINITY;
#pragma unroll
      for (int j = 0; j < R; ++j)
        if (tx * R + j < count) tile_most = fmaxf(tile_most, scores[i][j] * scale2);
#pragma unroll
      for (int bits = kSide / 2; bits > 0; bits /= 2)
        tile_most = fmaxf(tile_most, __shfl_xor_sync(kAllLanes, tile_most, bits));
      const float now = fmaxf(most[i], tile_most), base = now == -INFINITY ? 0 : now;
      const float shrink = exp2f(most[i] - base);
      most[i] = now;
      sums[i] *= shrink;
      const uint32_t kept = site.active ? kept_keys<R>(site, masks[i], head, from + tx * R) : 0xffffffffu;
#pragma unroll
      for (int j = 0; j < R; ++j) {
        const float probability = tx * R + j < count ? exp2f(scores[i][j] * scale2 - base) : 0;
        sums[i] += probability;
        probabilities[(tx * R + j) * Z::kStride + ty * R + i] = kept >> j & 1 ? probability : 0;
      }
#pragma unroll
      for (int g = 0; g < Z::kGroups; ++g)
#pragma unroll
        for (int j = 0; j < R; ++j) result[g][i][j] *= shrink;
    }
    __syncthreads();
#pragma unroll
    for (int g = 0; g < Z::kGroups; ++g)
      if (g * kSide * R < h.size)
        multiply(result[g], probabilities + ty * R, Z::kStride, values + (g * kSide + tx) * R, Z::kWidth,
                 count);
  }

  float factors[R];
#pragma unroll
  for (int i = 0; i < R; ++i) {
    float sum = sums[i];
#pragma unroll
    for (int bits = kSide / 2; bits > 0; bits /= 2) sum += __shfl_xor_sync(kAllLanes, sum, bits);
    factors[i] = site.scale / sum;
    if (tx == 0 && ty * R + i < p.rows)
      lse[head * h.tokens + p.start + p.first + ty * R + i] = most[i] * kLn2 + logf(sum);
  }
  store_rows<R>(h, result, factors, p.rows, y + (p.start + p.first) * h.channels + head * h.size, h.channels);
}

}  // namespace

void own_attention(const Context& context, const Attention& op) {
  const Heads h = heads_of(op);
  const DropoutSite site = dropout_site(op);
  by_tiling(
      context, "attention", h, [&](auto r) { return bytes_of_block<decltype(r)::value>(h); },
      [&](auto r) {
        constexpr int R = decltype(r)::value;
        const int64_t most = most_tiles(h, Tiling<R>::kTile);
        Tile* tiles = scratch<Tile>(context, 0, most);
        clear_outside(context, h, op.y.dtype, op.y.data, h.channels, data<float>(op.lse));
        list_tiles(context, h, Tiling<R>::kTile, tiles);
        by_float_dtype(op.qkv.dtype, [&](auto type) {
          using T = decltype(type);
          launch(context, forward<T, R>, dim3((unsigned)most, h.heads), kAttentionBlock, bytes_of_block<R>(h),
                 h, site, data<T>(op.qkv), data<T>(op.y), data<float>(op.lse), tiles);
        });
      });
  check_launch("attention");
}

}  // namespace everlearn::cuda
