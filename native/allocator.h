// A caching allocator for one in-order stream. Blocks go back to their size class in program order: whatever
// still uses a freed block is queued before whatever gets it next, so nobody waits and the pattern of reuse
// is the same in every run. Used from the thread that queues ops only.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <vector>

namespace everlearn {

struct MemoryCounts {
  size_t live = 0;    // bytes of blocks in use
  size_t cached = 0;  // bytes of free blocks kept for reuse
  size_t peak = 0;    // highest `live`
};

struct Block {
  void* data = nullptr;
  size_t bytes = 0;        // the size class, at least what was asked for
  bool of_graphs = false;  // of the memory that a device's graphs share
};

// Where a device's blocks come from. `allocate` gives memory aligned to 64 bytes or null when there is none
// left; both may be called from the thread that queues ops, `free` also from the executor.
struct MemorySource {
  std::function<void*(size_t bytes)> allocate;
  std::function<void(void* data)> free;
};

class Allocator {
 public:
  explicit Allocator(const MemorySource& source) : source_(source) {}
  Allocator(const Allocator&) = delete;
  Allocator& operator=(const Allocator&) = delete;
  ~Allocator();

  // Uninitialised; data is null when the source has no memory left.
  Block allocate(size_t bytes);
  void release(Block block);

  // Hands over all cached blocks; the caller frees them (free_blocks) once the stream has passed this point.
  std::vector<Block> take_cached();
  void free_blocks(const std::vector<Block>& blocks) const;

  const MemoryCounts& counts() const { return counts_; }

  // Eight classes per power of two, from 64 bytes on.
  static size_t size_class(size_t bytes);

 private:
  MemorySource source_;
  std::map<size_t, std::vector<void*>> free_;
  MemoryCounts counts_;
};

}  // namespace everlearn
