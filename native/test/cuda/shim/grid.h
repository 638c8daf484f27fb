// Runs a kernel on the host: block after block, the threads of a block as fibers that meet at barriers and in
// warps. The order of blocks, warps and lanes is a choice, so that a result that depends on it shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

extern dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace shim {

enum class Order { ascending, descending, shuffled };

// Ends the process with a message when threads wait for each other for ever.
void run_grid(dim3 grid, dim3 block, size_t shared_bytes, Order order, const std::function<void()>& kernel);

// The same, but kept for the graph while launches are captured (graph.cc).
void launch(dim3 grid, dim3 block, size_t shared_bytes, Order order, std::function<void()> kernel);

// ---- of the running thread
void synchronize_block();
// Gives `value` to the warp and waits for those of all its lanes, which stay readable until the next
// exchange.
const uint64_t* exchange(uint64_t value);
int lane();
// The block's dynamic shared memory: filled with 0xff before each block, and exactly as much as was asked
// for.
void* dynamic_shared();
// Counts blocks: static shared memory of another block is old.
uint64_t block_number();

// Static shared memory of type T for the declaration that Tag stands for; 0xff before each block.
template <class T, class Tag>
T& static_shared(Tag) {
  static T memory;
  static uint64_t owner = 0;
  if (owner != block_number()) {
    __builtin_memset(static_cast<void*>(&memory), 0xff, sizeof memory);
    owner = block_number();
  }
  return memory;
}

}  // namespace shim
