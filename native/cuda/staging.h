// Host memory for transfers: page-locked and kept for reuse while it is within bounds, else ordinary.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace everlearn::cuda {

class Staging {
 public:
  explicit Staging(int device) : device_(device) {}
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging();

  // From any thread. Null: no memory is left.
  void* take(size_t bytes);
  // From any thread; the memory is used again when `used_until` has passed.
  void give_back(void* data);

  bool page_locked(const void* data);
  // Marks the block as used by what `stream` was given so far.
  void used_until(const void* data, cudaStream_t stream);

 private:
  struct Block {
    size_t size;
    cudaEvent_t last_use;  // null: ordinary memory
  };

  int device_;
  std::mutex mutex_;
  std::unordered_map<const void*, Block> blocks_;
  std::map<size_t, std::vector<void*>> free_;
  size_t page_locked_bytes_ = 0;
};

}  // namespace everlearn::cuda
