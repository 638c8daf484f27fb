// What the own attention kernels share. A block of 16 x 16 threads works on tiles of 16 R query rows and as
// many keys, all in float32 in shared memory; a thread has R x R scores and R x R values of every 16 R
// columns of a result. Operands of a product lie with the summed dimension outermost, so that a step of it is
// an outer product of two runs of R neighbours.
#pragma once

#include "dropout_site.h"
#include "reduce.h"

namespace everlearn::cuda {

constexpr float kLog2E = 1.44269504088896341f, kLn2 = 0.69314718055994531f;
constexpr int kSide = 16, kAttentionBlock = kSide * kSide;

template <int R>
struct Tiling {
  static constexpr int kTile = kSide * R;
  static constexpr int kStride = kTile + R;                     // of a transposed tile: [size][kStride]
  static constexpr int kGroups = R == 4 ? 1 : R == 2 ? 4 : 16;  // of 16 R columns in a result
  static constexpr int kMostSize = kTile * kGroups;             // of a head: 64, 128, 256
  static constexpr int kWidth = kMostSize;                      // of a tile in rows: [kTile][kWidth]
};

struct Heads {
  int64_t tokens, sequences, channels;
  int32_t heads, size;
  const int32_t* offsets;
  float scale;
  bool vectors;  // a head's rows can be read 16 bytes at a time
};

// Tile t of all sequences: `first` and on of a sequence; negative where there are fewer tiles.
struct Tile {
  int32_t sequence, first;
};
inline int64_t most_tiles(const Heads& h, int tile) { return h.tokens / tile + h.sequences; }
void list_tiles(const Context&, const Heads&, int tile, Tile* tiles);

// y[t] (n values a row) and lse[h, t] (may be null) become zero where token t is of no sequence.
void clear_outside(const Context&, const Heads&, DType dtype, void* y, int64_t n, float* lse);

// A block's tile.
struct Place {
  int64_t start;  // of the sequence, a token
  int32_t length, first, rows;
};
__device__ __forceinline__ bool find_place(const Heads& h, const Tile* tiles, int tile, Place& p) {
  const Tile t = tiles[blockIdx.x];
  if (t.sequence < 0) return false;
  p.start = h.offsets[t.sequence];
  p.length = h.offsets[t.sequence + 1] - (int32_t)p.start;
  p.first = t.first;
  p.rows = min(tile, p.length - t.first);
  return true;
}

// kTile rows of `size` values, of which `rows` exist (the others are zeros), into shared memory: transposed
// to columns[d * kStride + row], as they are to straight[row * kWidth + d]; either may be null.
template <int R, class T>
__device__ __forceinline__ void load_tile(const Heads& h, const T* from, int64_t stride, int rows,
                                          float* columns, float* straight) {
  using Z = Tiling<R>;
  const auto put = [&](int row, int d, float value) {
    if (columns) columns[d * Z::kStride + row] = value;
    if (straight) straight[row * Z::kWidth + d] = value;
  };
  if (h.vectors) {
    constexpr int N = kVector<T>;
    const int per_row = h.size / N;
    for (int item = threadIdx.x; item < Z::kTile * per_row; item += kAttentionBlock) {
      const int row = item / per_row, d = item % per_row * N;
      float v[N] = {};
      if (row < rows) load(from + row * stride + d, v);
#pragma unroll
      for (int i = 0; i < N; ++i) put(row, d + i, v[i]);
    }
  } else {
    for (int item = threadIdx.x; item < Z::kTile * h.size; item += kAttentionBlock) {
      const int row = item / h.size, d = item % h.size;
      put(row, d, row < rows ? to_float(from[row * stride + d]) : 0.0f);
    }
  }
}

template <int R>
__device__ __forceinline__ void read_run(const float* p, float (&v)[R]) {
  if constexpr (R == 4) {
    const float4 q = *reinterpret_cast<const float4*>(p);
    v[0] = q.x, v[1] = q.y, v[2] = q.z, v[3] = q.w;
  } else if constexpr (R == 2) {
    const float2 q = *reinterpret_cast<const float2*>(p);
    v[0] = q.x, v[1] = q.y;
  } else {
    v[0] = p[0];
  }
}

// sum[i][j] += the sum over d < depth of a[d * a_stride + i] b[d * b_stride + j].
template <int R>
__device__ __forceinline__ void multiply(float (&sum)[R][R], const float* a, int a_stride, const float* b,
                                         int b_stride, int depth) {
#pragma unroll 4
  for (int d = 0; d < depth; ++d) {
    float u[R], v[R];
    read_run(a + d * a_stride, u);
    read_run(b + d * b_stride, v);
#pragma unroll
    for (int i = 0; i < R; ++i)
#pragma unroll
      for (int j = 0; j < R; ++j) sum[i][j] += u[i] * v[j];
  }
}

template <int R>
__device__ __forceinline__ void clear(float (&sum)[R][R]) {
#pragma unroll
  for (int i = 0; i < R; ++i)
#pragma unroll
    for (int j = 0; j < R; ++j) sum[i][j] = 0;
}

// A tile's rows of a result, from the threads' parts of it: R rows by groups of R columns, times factor[i].
template <int R, class T>
__device__ __forceinline__ void store_rows(const Heads& h, const float (&sum)[Tiling<R>::kGroups][R][R],
                                           const float (&factor)[R], int rows, T* to, int64_t stride) {
  const int tx = threadIdx.x % kSide, ty = threadIdx.x / kSide;
#pragma unroll
  for (int g = 0; g < Tiling<R>::kGroups; ++g)
#pragma unroll
    for (int i = 0; i < R; ++i)
#pragma unroll
      for (int j = 0; j < R; ++j) {
        const int row = ty * R + i, d = (g * kSide + tx) * R + j;
        if (row < rows && d < h.size) from_float(sum[g][i][j] * factor[i], to + row * stride + d);
      }
}

// The dropout bits of R neighbouring keys from `key` on (a multiple of R), of the query row's masks.
template <int R>
__device__ __forceinline__ uint32_t kept_keys(const DropoutSite& site, const PhiloxBlock& row, int head,
                                              int key) {
  return kept_of_block(site, row, (uint32_t)head << 16 | (uint32_t)key / 4) >> key % 4;
}

template <class Op>
Heads heads_of(const Op& op) {
  const int64_t channels = op.qkv.shape[1] / 3, size = channels / op.heads;
  Heads h = {op.qkv.shape[0],           op.offsets.shape[0] - 1, channels, op.heads, (int32_t)size,
             data<int32_t>(op.offsets), 1 / sqrtf((float)size),  false};
  const int64_t bytes = bytes_of(op.qkv.dtype);
  h.vectors = size * bytes % 16 == 0 && reinterpret_cast<uintptr_t>(op.qkv.data) % 16 == 0;
  return h;
}

// Calls body(R) with the largest R that has room for heads of this size and, by bytes(R), on this device.
template <class Bytes, class Body>
void by_tiling(const Context& context, const char* op, const Heads& h, const Bytes& bytes, const Body& body) {
  const auto room = (size_t)state_of(context).properties.shared_bytes_per_block;
  const auto fits = [&](auto r) {
    return h.size <= Tiling<decltype(r)::value>::kMostSize && bytes(r) <= room;
  };
  using std::integral_constant;
  if (fits(integral_constant<int, 4>{})) return body(integral_constant<int, 4>{});
  if (fits(integral_constant<int, 2>{})) return body(integral_constant<int, 2>{});
  if (fits(integral_constant<int, 1>{})) return body(integral_constant<int, 1>{});
  throw shape_error(std::string(op) + ": heads of " + std::to_string(h.size) +
                    " values, wanted at most 256 and room for them in a block's " + std::to_string(room) +
                    " bytes of shared memory; use more heads");
}

}  // namespace everlearn::cuda
