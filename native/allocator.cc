#include "allocator.h"

#include <algorithm>
#include <bit>

namespace everlearn {

namespace {
constexpr size_t kAlignment = 64;
}  // namespace

size_t Allocator::size_class(size_t bytes) {
  bytes = std::max(bytes, kAlignment);
  const size_t step = std::max(std::bit_floor(bytes) / 8, kAlignment);
  return (bytes + step - 1) / step * step;
}

Block Allocator::allocate(size_t bytes) {
  const size_t size = size_class(bytes);
  void* data = nullptr;
  if (auto found = free_.find(size); found != free_.end() && !found->second.empty()) {
    data = found->second.back();
    found->second.pop_back();
    counts_.cached -= size;
  } else {
    data = source_.allocate(size);
    if (!data) return {};
  }
  counts_.live += size;
  counts_.peak = std::max(counts_.peak, counts_.live);
  return {data, size};
}

void Allocator::release(Block block) {
  free_[block.bytes].push_back(block.data);
  counts_.live -= block.bytes;
  counts_.cached += block.bytes;
}

std::vector<Block> Allocator::take_cached() {
  std::vector<Block> blocks;
  for (auto& [size, list] : free_)
    for (void* data : list) blocks.push_back({data, size});
  free_.clear();
  counts_.cached = 0;
  return blocks;
}

void Allocator::free_blocks(const std::vector<Block>& blocks) const {
  for (const Block& block : blocks) source_.free(block.data);
}

Allocator::~Allocator() { free_blocks(take_cached()); }

}  // namespace everlearn
