#include "staging.h"

#include <bit>
#include <cstdlib>

#include "status.h"

namespace everlearn::cuda {

namespace {
constexpr size_t kLargestBlock = size_t{64} << 20;  // what is larger is rare, and page-locking it takes long
constexpr size_t kMostPageLocked = size_t{1} << 30;
}  // namespace

Staging::~Staging() {
  for (auto& [data, block] : blocks_) {
    if (block.last_use) {
      cudaEventDestroy(block.last_use);
      cudaFreeHost(const_cast<void*>(data));
    } else {
      std::free(const_cast<void*>(data));
    }
  }
}

void* Staging::take(size_t bytes) {
  const std::lock_guard lock(mutex_);
  const size_t size = std::bit_ceil(bytes);
  auto& free = free_[size];
  for (size_t i = 0; i < free.size(); ++i) {
    void* data = free[i];
    if (!has_passed(cudaEventQuery(blocks_.at(data).last_use))) continue;
    free.erase(free.begin() + static_cast<ptrdiff_t>(i));
    return data;
  }
  if (size <= kLargestBlock && page_locked_bytes_ + size <= kMostPageLocked) {
    void* data = nullptr;
    cudaEvent_t event = nullptr;
    if (cudaSetDevice(device_) == cudaSuccess &&
        cudaEventCreateWithFlags(&event, cudaEventDisableTiming) == cudaSuccess) {
      if (cudaHostAlloc(&data, size, cudaHostAllocDefault) == cudaSuccess) {
        blocks_[data] = {size, event};
        page_locked_bytes_ += size;
        return data;
      }
      cudaEventDestroy(event);
    }
    cudaGetLastError();
  }
  void* data = std::malloc(bytes);
  if (data) blocks_[data] = {bytes, nullptr};
  return data;
}

void Staging::give_back(void* data) {
  const std::lock_guard lock(mutex_);
  const auto found = blocks_.find(data);
  if (found->second.last_use) {
    free_[found->second.size].push_back(data);
  } else {
    blocks_.erase(found);
    std::free(data);
  }
}

bool Staging::page_locked(const void* data) {
  const std::lock_guard lock(mutex_);
  return blocks_.at(data).last_use != nullptr;
}

void Staging::used_until(const void* data, cudaStream_t stream) {
  const std::lock_guard lock(mutex_);
  check(cudaEventRecord(blocks_.at(data).last_use, stream), "marking a transfer");
}

}  // namespace everlearn::cuda
