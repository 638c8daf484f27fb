// The backward of the own attention. Probabilities are made again from the scores and the log-sum-exp:
//   dP = dy v^T * mask;  dS = P (dP - D) scale with D = rowsum(dy y);  dq = dS k;  dk = dS^T q;  dv = (P
//   mask)^T dy.
// Blocks that have query rows go over keys for dq, others that have keys go over query rows for dk and dv, so
// that every sum is one thread's.
#include "attention_tiles.h"

namespace everlearn::cuda {

namespace {

template <int R>
size_t bytes_for_keys(const Heads& h) {
  using Z = Tiling<R>;
  return (4 * h.size * Z::kStride + 2 * Z::kTile * (Z::kWidth + Z::kStride)) * sizeof(float);
}
template <int R>
size_t bytes_for_queries(const Heads& h) {
  using Z = Tiling<R>;
  return (4 * h.size * Z::kStride + Z::kTile * (Z::kWidth + Z::kStride)) * sizeof(float);
}

template <class T>
struct Operands {
  const T *qkv, *dy;
  const float *lse, *differences;  // [heads, tokens]
  T* dqkv;
  const Tile* tiles;
};

// differences[h, t] = the sum of dy y over the head's values; a warp each.
template <class T>
__global__ void __launch_bounds__(256) subtract(Heads h, const T* dy, const T* y, float* differences) {
  const int lane = threadIdx.x % kWarp;
  for (int64_t item = grid_thread() / kWarp; item < h.tokens * h.heads; item += grid_threads() / kWarp) {
    const int64_t token = item / h.heads, head = item % h.heads, at = token * h.channels + head * h.size;
    float sum = 0;
    for (int d = lane; d < h.size; d += kWarp) sum += to_float(dy[at + d]) * to_float(y[at + d]);
    sum = warp_sum(sum);
    if (lane == 0) differences[head * h.tokens + token] = sum;
  }
}

template <class T, int R>
__global__ void __launch_bounds__(kAttentionBlock) queries_kernel(Heads h, DropoutSite site, Operands<T> o) {
  using Z = Tiling<R>;
  Place p;
  if (!find_place(h, o.tiles, Z::kTile, p)) return;
  const int tx = threadIdx.x % kSide, ty = threadIdx.x / kSide, head = blockIdx.y;
  float* queries = dynamic_shared();
  float* upstream = queries + h.size * Z::kStride;
  float* keys = upstream + h.size * Z::kStride;
  float* values = keys + h.size * Z::kStride;
  float* dscores = values + h.size * Z::kStride;  // [key][query]
  float* key_rows = dscores + Z::kTile * Z::kStride;
  const int64_t row = 3 * h.channels, token = p.start + p.first;
  const T* q = o.qkv + p.start * row + head * h.size;
  load_tile<R>(h, q + p.first * row, row, p.rows, queries, (float*)nullptr);
  load_tile<R>(h, o.dy + token * h.channels + head * h.size, h.channels, p.rows, upstream, (float*)nullptr);

  float lse2[R], difference[R], factors[R], dq[Z::kGroups][R][R];
  PhiloxBlock masks[R];
#pragma unroll
  for (int i = 0; i < R; ++i) {
    const bool exists = ty * R + i < p.rows;
    const int64_t at = head * h.tokens + token + ty * R + i;
    lse2[i] = exists ? o.lse[at] * kLog2E : 0;
    difference[i] = exists ? o.differences[at] : 0;
    factors[i] = h.scale;
    masks[i] = {};
    if (site.active && exists) masks[i] = dropout_row(site, token + ty * R + i);
  }
#pragma unroll
  for (int g = 0; g < Z::kGroups; ++g) clear(dq[g]);

  for (int from = 0; from < p.length; from += Z::kTile) {
    const int count = min(Z::kTile, p.length - from);
    __syncthreads();
    load_tile<R>(h, q + from * row + h.channels, row, count, keys, key_rows);
    load_tile<R>(h, q + from * row + 2 * h.channels, row, count, values, (float*)nullptr);
    __syncthreads();
    float scores[R][R], products[R][R];
    clear(scores);
    clear(products);
    multiply(scores, queries + ty * R, Z::kStride, keys + tx * R, Z::kStride, h.size);
    multiply(products, upstream + ty * R, Z::kStride, values + tx * R, Z::kStride, h.size);
#pragma unroll
    for (int i = 0; i < R; ++i) {
      const uint32_t kept = site.active ? kept_keys<R>(site, masks[i], head, from + tx * R) : 0xffffffffu;
#pragma unroll
      for (int j = 0; j < R; ++j) {
        const float p_ij = exp2f(scores[i][j] * (h.scale * kLog2E) - lse2[i]);
        const float dp = kept >> j & 1 ? products[i][j] * site.scale : 0;
        dscores[(tx * R + j) * Z::kStride + ty * R + i] =
            tx * R + j < count ? p_ij * (dp - difference[i]) : 0;
      }
    }
    __syncthreads();
#pragma unroll
    for (int g = 0; g < Z::kGroups; ++g)
      if (g * kSide * R < h.size)
        multiply(dq[g], dscores + ty * R, Z::kStride, key_rows + (g * kSide + tx) * R, Z::kWidth, count);
  }
  store_rows<R>(h, dq, factors, p.rows, o.dqkv + token * row + head * h.size, row);
}

template <class T, int R>
__global__ void __launch_bounds__(kAttentionBlock) keys_kernel(Heads h, DropoutSite site, Operands<T> o) {
  using Z = Tiling<R>;
  Place p;
  if (!find_place(h, o.tiles, Z::kTile, p)) return;
  const int tx = threadIdx.x % kSide, ty = threadIdx.x / kSide, head = blockIdx.y;
  float* keys = dynamic_shared();
  float* values = keys + h.size * Z::kStride;
  float* queries = values + h.size * Z::kStride;
  float* upstream = queries + h.size * Z::kStride;
  float* probabilities = upstream + h.size * Z::kStride;  // [query][key]
  float* dscores = probabilities + Z::kTile * Z::kStride;
  float* query_rows = dscores + Z::kTile * Z::kStride;
  float* upstream_rows = query_rows + Z::kTile * Z::kWidth;
  const int64_t row = 3 * h.channels;
  const T* q = o.qkv + p.start * row + head * h.size;
  load_tile<R>(h, q + p.first * row + h.channels, row, p.rows, keys, (float*)nullptr);
  load_tile<R>(h, q + p.first * row + 2 * h.channels, row, p.rows, values, (float*)nullptr);

  float dk[Z::kGroups][R][R], dv[Z::kGroups][R][R];
#pragma unroll
  for (int g = 0; g < Z::kGroups; ++g) {
    clear(dk[g]);
    clear(dv[g]);
  }
  for (int from = 0; from < p.length; from += Z::kTile) {
    const int count = min(Z::kTile, p.length - from);
    const int64_t token = p.start + from;
    __syncthreads();
    load_tile<R>(h, q + from * row, row, count, queries, query_rows);
    load_tile<R>(h, o.dy + token * h.channels + head * h.size, h.channels, count, upstream, upstream_rows);
    __syncthreads();
    float scores[R][R], products[R][R];  // [key][query]
    clear(scores);
    clear(products);
    multiply(scores, keys + ty * R, Z::kStride, queries + tx * R, Z::kStride, h.size);
    multiply(products, values + ty * R, Z::kStride, upstream + tx * R, Z::kStride, h.size);
#pragma unroll
    for (int j = 0; j < R; ++j) {
      const bool exists = tx * R + j < count;
      const int64_t query = token + tx * R + j, at = head * h.tokens + query;
      const float lse2 = exists ? o.lse[at] * kLog2E : 0, difference = exists ? o.differences[at] : 0;
      const uint32_t kept = site.active && exists
                                ? kept_keys<R>(site, dropout_row(site, query), head, p.first + ty * R)
                                : 0xffffffffu;
#pragma unroll
      for (int i = 0; i < R; ++i) {
        const float p_ij = exists ? exp2f(scores[i][j] * (h.scale * kLog2E) - lse2) : 0;
        const float mask = kept >> i & 1 ? site.scale : 0;
        const int slot = (tx * R + j) * Z::kStride + ty * R + i;
        probabilities[slot] = p_ij * mask;
        dscores[slot] = exists ? p_ij * (products[i][j] * mask - difference) : 0;
      }
    }
    __syncthreads();
#pragma unroll
    for (int g = 0; g < Z::kGroups; ++g) {
      if (g * kSide * R >= h.size) continue;
      const int column = (g * kSide + tx) * R;
      multiply(dk[g], dscores + ty * R, Z::kStride, query_rows + column, Z::kWidth, count);
      multiply(dv[g], probabilities + ty * R, Z::kStride, upstream_rows + column, Z::kWidth, count);
    }
  }
  float scale[R], one[R];
#pragma unroll
  for (int i = 0; i < R; ++i) scale[i] = h.scale, one[i] = 1;
  T* out = o.dqkv + (p.start + p.first) * row + head * h.size;
  store_rows<R>(h, dk, scale, p.rows, out + h.channels, row);
  store_rows<R>(h, dv, one, p.rows, out + 2 * h.channels, row);
}

}  // namespace

void own_attention_backward(const Context& context, const AttentionBackward& op) {
  Heads h = heads_of(op);
  h.vectors = h.vectors && reinterpret_cast<uintptr_t>(op.dy.data) % 16 == 0;
  const DropoutSite site = dropout_site(op);
  float* differences = scratch<float>(context, 1, h.heads * h.tokens);
  by_tiling(
      context, "attentionBackward", h, [&](auto r) { return bytes_for_keys<decltype(r)::value>(h); },
      [&](auto r) {
        constexpr int R = decltype(r)::value;
        const int64_t most = most_tiles(h, Tiling<R>::kTile);
        Tile* tiles = scratch<Tile>(context, 0, most);
        clear_outside(context, h, op.dqkv.dtype, op.dqkv.data, 3 * h.channels, nullptr);
        list_tiles(context, h, Tiling<R>::kTile, tiles);
        by_float_dtype(op.qkv.dtype, [&](auto type) {
          using T = decltype(type);
          launch(context, subtract<T>, blocks_for(context, h.tokens * h.heads * kWarp, 256), 256, 0, h,
                 data<T>(op.dy), data<T>(op.y), differences);
          const Operands<T> operands = {data<T>(op.qkv), data<T>(op.dy),   data<float>(op.lse),
                                        differences,     data<T>(op.dqkv), tiles};
          const dim3 grid((unsigned)most, h.heads);
          launch(context, queries_kernel<T, R>, grid, kAttentionBlock, bytes_for_queries<R>(h), h, site,
                 operands);
          launch(context, keys_kernel<T, R>, grid, kAttentionBlock, bytes_for_keys<R>(h), h, site, operands);
        });
      });
  check_launch("attentionBackward");
}

}  // namespace everlearn::cuda
