// Stable radix sort by 8 bits at a time: a warp counts the digits of a tile; one block turns the counts of
// all tiles into places, digit by digit and tile by tile; the warp puts its tile there in order.
#include "sort.h"

#include "reduce.h"

namespace everlearn::cuda {

namespace {

constexpr int kDigits = 256, kTile = 512, kTileWarps = 4;
constexpr int kScanBlock = 1024;

struct Buffers {
  int32_t *keys[2], *items[2];  // each of `lists` lists of n; the second the turn's source
  uint32_t* counts;             // [list][digit][tile]
  int64_t n, tiles;
};

__global__ void __launch_bounds__(256) begin_lists(IndexLists lists, Buffers b) {
  const int64_t list = blockIdx.y;
  const int32_t* index = lists.index[list];
  for (int64_t i = grid_thread(); i < b.n; i += grid_threads()) {
    const bool counts = index && index[i] >= 0 && !(lists.where && lists.where[i] < 0);
    b.keys[0][list * b.n + i] = counts ? index[i] : (int32_t)lists.limit[list];
    b.items[0][list * b.n + i] = (int32_t)i;
  }
}

// Calls body(i, digit, rank) for the tile's items in order, 32 at a time: rank counts the lanes before this
// one that have the same digit, `last` says whether no later lane has it.
template <class Body>
__device__ __forceinline__ void each_item(const Buffers& b, const int32_t* keys, int64_t tile, int shift,
                                          const Body& body) {
  const int lane = threadIdx.x % kWarp;
  for (int64_t at = tile * kTile; at < min((tile + 1) * kTile, b.n); at += kWarp) {
    const int64_t i = at + lane;
    const bool valid = i < b.n;
    const unsigned digit = valid ? (unsigned)keys[i] >> shift & (kDigits - 1) : kDigits;
    const unsigned same = __match_any_sync(kAllLanes, digit);
    const unsigned before = same & ((1u << lane) - 1);
    body(i, valid, digit, (unsigned)__popc(before), (unsigned)__popc(same));
    __syncwarp();
  }
}

__global__ void __launch_bounds__(kWarp* kTileWarps) count_digits(Buffers b, int source, int shift) {
  EVERLEARN_SHARED(counts, uint32_t[kTileWarps][kDigits]);
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  const int64_t tile = (int64_t)blockIdx.x * kTileWarps + warp, list = blockIdx.y;
  if (tile >= b.tiles) return;  // whole warps; none meets at a barrier
  for (int d = lane; d < kDigits; d += kWarp) counts[warp][d] = 0;
  __syncwarp();
  each_item(b, b.keys[source] + list * b.n, tile, shift,
            [&](int64_t, bool valid, unsigned digit, unsigned rank, unsigned same) {
              if (valid && rank == 0) counts[warp][digit] += same;
            });
  for (int d = lane; d < kDigits; d += kWarp)
    b.counts[(list * kDigits + d) * b.tiles + tile] = counts[warp][d];
}

// counts of a list become the sums of all counts before them.
__global__ void __launch_bounds__(kScanBlock) scan_counts(Buffers b) {
  EVERLEARN_SHARED(warp_sums, uint32_t[kWarp]);
  uint32_t* counts = b.counts + blockIdx.x * kDigits * b.tiles;
  const int64_t n = kDigits * b.tiles, share = (n + kScanBlock - 1) / kScanBlock;
  const int64_t from = min(threadIdx.x * share, n), to = min(from + share, n);
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  uint32_t own = 0;
  for (int64_t i = from; i < to; ++i) own += counts[i];
  uint32_t sum = own;  // of this lane and those before it
  for (int distance = 1; distance < kWarp; distance *= 2) {
    const uint32_t other = __shfl_up_sync(kAllLanes, sum, distance);
    if (lane >= distance) sum += other;
  }
  if (lane == kWarp - 1) warp_sums[warp] = sum;
  __syncthreads();
  uint32_t before = sum - own;
  for (int w = 0; w < warp; ++w) before += warp_sums[w];
  for (int64_t i = from; i < to; ++i) {
    const uint32_t count = counts[i];
    counts[i] = before;
    before += count;
  }
}

__global__ void __launch_bounds__(kWarp* kTileWarps) place_items(Buffers b, int source, int shift) {
  EVERLEARN_SHARED(places, uint32_t[kTileWarps][kDigits]);
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  const int64_t tile = (int64_t)blockIdx.x * kTileWarps + warp, list = blockIdx.y;
  if (tile >= b.tiles) return;
  for (int d = lane; d < kDigits; d += kWarp)
    places[warp][d] = b.counts[(list * kDigits + d) * b.tiles + tile];
  __syncwarp();
  const int64_t base = list * b.n;
  const int32_t *keys = b.keys[source] + base, *items = b.items[source] + base;
  int32_t *keys_out = b.keys[1 - source] + base, *items_out = b.items[1 - source] + base;
  each_item(b, keys, tile, shift, [&](int64_t i, bool valid, unsigned digit, unsigned rank, unsigned same) {
    uint32_t place = 0;
    if (valid) place = places[warp][digit] + rank;
    __syncwarp();
    if (!valid) return;
    keys_out[place] = keys[i];
    items_out[place] = items[i];
    if (rank == 0) places[warp][digit] += same;
  });
}

int64_t tiles_of(const IndexLists& lists) { return (lists.n + kTile - 1) / kTile; }

}  // namespace

int64_t sort_bytes(const IndexLists& lists) {
  return lists.lists * (4 * lists.n + kDigits * tiles_of(lists)) * (int64_t)sizeof(int32_t) + 16;
}

SortedLists sort_lists(const Context& context, const IndexLists& lists, void* memory) {
  const int64_t all = lists.lists * lists.n;
  int32_t* at = static_cast<int32_t*>(memory);
  Buffers b = {
      {at, at + all}, {at + 2 * all, at + 3 * all}, (uint32_t*)(at + 4 * all), lists.n, tiles_of(lists)};
  int64_t limit = 1;
  for (int l = 0; l < lists.lists; ++l) limit = lists.limit[l] > limit ? lists.limit[l] : limit;
  int source = 0;
  if (lists.n > 0) {
    launch(context, begin_lists, dim3(blocks_for(context, lists.n, 256), lists.lists), 256, 0, lists, b);
    const dim3 grid((unsigned)((b.tiles + kTileWarps - 1) / kTileWarps), lists.lists);
    for (int shift = 0; limit >> shift > 0; shift += 8) {
      launch(context, count_digits, grid, kWarp * kTileWarps, 0, b, source, shift);
      launch(context, scan_counts, lists.lists, kScanBlock, 0, b);
      launch(context, place_items, grid, kWarp * kTileWarps, 0, b, source, shift);
      source = 1 - source;
    }
  }
  return {b.keys[source], b.items[source]};
}

}  // namespace everlearn::cuda
