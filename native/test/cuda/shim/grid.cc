#include "grid.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "fiber.h"

dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace shim {

namespace {

constexpr int kWarp = 32;

struct Warp {
  uint64_t slots[2][kWarp];
  uint64_t arrivals;
};
enum class Wait { nothing, warp, block, ended };
struct Thread {
  std::unique_ptr<Fiber> fiber;
  Wait wait;
  uint64_t exchanges;  // of this thread in this block
  uint64_t barriers;
};

const std::function<void()>* body = nullptr;
std::vector<Thread> threads;
std::vector<Warp> warps;
int running = 0, block_threads = 0;
uint64_t barrier_arrivals = 0, blocks = 0;
std::unique_ptr<char[]> dynamic_memory;

void entry() {
  began();
  for (;;) {
    (*body)();
    threads[running].wait = Wait::ended;
    Fiber::leave();
  }
}

bool can_run(int t) {
  const Thread& thread = threads[t];
  switch (thread.wait) {
    case Wait::nothing:
      return true;
    case Wait::warp:
      return warps[t / kWarp].arrivals >= thread.exchanges * kWarp;
    case Wait::block:
      return barrier_arrivals >= thread.barriers * (uint64_t)block_threads;
    case Wait::ended:
      return false;
  }
  return false;
}

void arrange(std::vector<int>& order, int n, Order how, uint64_t seed) {
  order.resize(n);
  for (int i = 0; i < n; ++i) order[i] = how == Order::descending ? n - 1 - i : i;
  if (how != Order::shuffled) return;
  for (int i = n - 1; i > 0; --i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    std::swap(order[i], order[(seed >> 33) % (i + 1)]);
  }
}

[[noreturn]] void stuck() {
  int waiting[4] = {};
  for (int t = 0; t < block_threads; ++t) ++waiting[(int)threads[t].wait];
  std::fflush(stdout);
  std::fprintf(
      stderr,
      "shim: block (%u, %u, %u) is stuck: %d threads wait for their warp, %d at __syncthreads, %d have "
      "ended\n",
      blockIdx.x, blockIdx.y, blockIdx.z, waiting[1], waiting[2], waiting[3]);
  std::abort();
}

void run_block(const std::vector<int>& warp_order, const std::vector<int>& lane_order) {
  ++blocks;
  barrier_arrivals = 0;
  for (Warp& warp : warps) warp.arrivals = 0;
  for (int t = 0; t < block_threads; ++t) {
    threads[t].wait = Wait::nothing;
    threads[t].exchanges = threads[t].barriers = 0;
  }
  for (int ended = 0; ended < block_threads;) {
    bool progress = false;
    for (const int w : warp_order) {
      for (bool again = true; again;) {  // a warp goes on as far as it can
        again = false;
        for (const int l : lane_order) {
          const int t = w * kWarp + l;
          if (!can_run(t)) continue;
          running = t;
          threadIdx = dim3(t % blockDim.x, t / blockDim.x % blockDim.y, t / blockDim.x / blockDim.y);
          threads[t].wait = Wait::nothing;
          threads[t].fiber->enter();
          ended += threads[t].wait == Wait::ended;
          again = progress = true;
        }
      }
    }
    if (!progress) stuck();
  }
}

}  // namespace

void run_grid(dim3 grid, dim3 block, size_t shared_bytes, Order order, const std::function<void()>& kernel) {
  gridDim = grid;
  blockDim = block;
  block_threads = (int)(block.x * block.y * block.z);
  if (block_threads % kWarp != 0 || block_threads > 1024 || grid.y > 65535 || grid.z > 65535) {
    std::fprintf(stderr, "shim: %d threads in a block, grid (%u, %u, %u)\n", block_threads, grid.x, grid.y,
                 grid.z);
    std::abort();
  }
  while ((int)threads.size() < block_threads)
    threads.push_back({std::make_unique<Fiber>(entry), Wait::nothing, 0, 0});
  warps.resize(block_threads / kWarp);
  body = &kernel;
  std::vector<int> block_order, warp_order, lane_order;
  arrange(block_order, (int)(grid.x * grid.y * grid.z), order, blocks + 1);
  for (const int b : block_order) {
    arrange(warp_order, block_threads / kWarp, order, b + 2);
    arrange(lane_order, kWarp, order, b + 3);
    blockIdx = dim3(b % grid.x, b / grid.x % grid.y, b / grid.x / grid.y);
    dynamic_memory.reset(shared_bytes ? new char[shared_bytes] : nullptr);
    if (shared_bytes) std::memset(dynamic_memory.get(), 0xff, shared_bytes);
    run_block(warp_order, lane_order);
  }
}

void synchronize_block() {
  Thread& thread = threads[running];
  ++thread.barriers;
  ++barrier_arrivals;
  if (barrier_arrivals >= thread.barriers * (uint64_t)block_threads) return;
  thread.wait = Wait::block;
  Fiber::leave();
}

const uint64_t* exchange(uint64_t value) {
  const int t = running;
  Thread& thread = threads[t];
  Warp& warp = warps[t / kWarp];
  uint64_t* slots = warp.slots[++thread.exchanges % 2];
  slots[t % kWarp] = value;
  if (++warp.arrivals < thread.exchanges * kWarp) {
    thread.wait = Wait::warp;
    Fiber::leave();
  }
  return slots;
}

int lane() { return running % kWarp; }
void* dynamic_shared() { return dynamic_memory.get(); }
uint64_t block_number() { return blocks; }

}  // namespace shim
