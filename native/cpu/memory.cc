#include "memory.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

namespace everlearn::cpu {

namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;

void* allocate(size_t bytes) {
  const bool large = bytes >= 2 * kHugePage;
  void* data = std::aligned_alloc(large ? kHugePage : kAlignment,
                                  large ? (bytes + kHugePage - 1) / kHugePage * kHugePage : bytes);
  // Advice only: without huge pages the block works the same.
  if (data && large) madvise(data, bytes, MADV_HUGEPAGE);
  return data;
}

}  // namespace

DeviceMemory process_memory() {
  DeviceMemory memory;
  memory.source = {allocate, [](void* data) { std::free(data); }};
  memory.stage = [](size_t bytes) -> std::shared_ptr<void> {
    return std::shared_ptr<char[]>(new char[bytes]);
  };
  memory.write = [](void* to, const std::shared_ptr<void>& staged, size_t bytes) {
    std::memcpy(to, staged.get(), bytes);
  };
  memory.read = [](void* to, const void* from, size_t bytes) { std::memcpy(to, from, bytes); };
  return memory;
}

}  // namespace everlearn::cpu
