// The sorted list in tiles, a block each: the rows of an index that lies in one tile are added to its table
// at once; where an index goes on over tiles, each leaves a sum, and the tile where the index began adds
// those, in order.
#include "table_rows.h"

#include "values.h"

namespace everlearn::cuda {

namespace {

constexpr int kTile = 128, kAhead = 8;  // rows; rows read before they are added

struct Adding {
  SortedLists sorted;
  const float* rows;
  int64_t count, n, tiles;
  int64_t limit[kMostLists];
  TableGradients tables;
  float* partials;  // [list][tile][2][n]: of the index that came in, and of the one that goes on

  __device__ float* partial(int64_t list, int64_t tile, int which) const {
    return partials + ((list * tiles + tile) * 2 + which) * n;
  }
};

template <int N>
__device__ __forceinline__ void add_to(float* target, const float (&v)[N]) {
  float sum[N];
  load(target, sum);
#pragma unroll
  for (int i = 0; i < N; ++i) sum[i] += v[i];
  store(target, sum);
}

template <int N>
__global__ void __launch_bounds__(256) add_tiles(Adding a) {
  const int64_t list = blockIdx.y, tile = blockIdx.x, from = tile * kTile, to = min(from + kTile, a.count);
  const int32_t *keys = a.sorted.keys + list * a.count, *items = a.sorted.items + list * a.count;
  const auto limit = (int32_t)a.limit[list];
  for (int64_t j = threadIdx.x * N; j < a.n; j += blockDim.x * N) {
    float sum[N];
#pragma unroll
    for (int i = 0; i < N; ++i) sum[i] = 0;
    bool came_in = from > 0 && keys[from - 1] == keys[from];
    for (int64_t at = from; at < to && keys[at] < limit; at += kAhead) {
      float v[kAhead][N];
#pragma unroll
      for (int k = 0; k < kAhead; ++k)
        if (at + k < to && keys[at + k] < limit) load(a.rows + (int64_t)items[at + k] * a.n + j, v[k]);
#pragma unroll
      for (int k = 0; k < kAhead; ++k) {
        if (at + k >= to || keys[at + k] >= limit) continue;
        const int32_t key = keys[at + k];
#pragma unroll
        for (int i = 0; i < N; ++i) sum[i] += v[k][i];
        const bool last = at + k + 1 == to, goes_on = at + k + 1 < a.count && keys[at + k + 1] == key;
        if (goes_on && !last) continue;
        if (came_in)
          store(a.partial(list, tile, 0) + j, sum);
        else if (goes_on)
          store(a.partial(list, tile, 1) + j, sum);
        else
          add_to(a.tables.table[list] + (int64_t)key * a.n + j, sum);
        came_in = false;
#pragma unroll
        for (int i = 0; i < N; ++i) sum[i] = 0;
      }
    }
  }
}

template <int N>
__global__ void __launch_bounds__(256) add_over_tiles(Adding a) {
  const int64_t list = blockIdx.y, tile = blockIdx.x, to = (tile + 1) * kTile;
  const int32_t* keys = a.sorted.keys + list * a.count;
  if (to >= a.count) return;
  const int32_t key = keys[to - 1];
  const bool began_before = tile > 0 && keys[tile * kTile - 1] == key;
  if (key >= a.limit[list] || keys[to] != key || began_before) return;
  int64_t end = tile + 1, beyond = a.tiles;  // the first tile that does not begin with the key
  while (end < beyond) {
    const int64_t middle = (end + beyond) / 2;
    if (keys[middle * kTile] == key)
      end = middle + 1;
    else
      beyond = middle;
  }
  for (int64_t j = threadIdx.x * N; j < a.n; j += blockDim.x * N) {
    float sum[N];
    load(a.partial(list, tile, 1) + j, sum);
#pragma unroll 8
    for (int64_t t = tile + 1; t < end; ++t) {
      float v[N];
      load(a.partial(list, t, 0) + j, v);
#pragma unroll
      for (int i = 0; i < N; ++i) sum[i] += v[i];
    }
    add_to(a.tables.table[list] + (int64_t)key * a.n + j, sum);
  }
}

}  // namespace

void add_table_rows(const Context& context, const IndexLists& lists, const float* rows, int64_t n,
                    const TableGradients& tables) {
  const int64_t tiles = (lists.n + kTile - 1) / kTile;
  Adding a = {sort_lists(context, lists, context.scratch(2, sort_bytes(lists))),
              rows,
              lists.n,
              n,
              tiles,
              {},
              tables,
              scratch<float>(context, 1, lists.lists * tiles * 2 * n)};
  bool fit = vectors_fit<float>(n, rows, a.partials);
  for (int l = 0; l < lists.lists; ++l) {
    a.limit[l] = lists.limit[l];
    fit = fit && vectors_fit<float>(n, tables.table[l]);
  }
  const int64_t wanted = fit ? n / 4 : n;
  const auto block = (unsigned)(wanted >= 256 ? 256 : (wanted + kWarp - 1) / kWarp * kWarp);
  const dim3 grid((unsigned)tiles, lists.lists);
  launch(context, fit ? add_tiles<4> : add_tiles<1>, grid, block, 0, a);
  launch(context, fit ? add_over_tiles<4> : add_over_tiles<1>, grid, block, 0, a);
}

}  // namespace everlearn::cuda
