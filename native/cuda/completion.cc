#include "completion.h"

#include <utility>

#include "status.h"

namespace everlearn::cuda {

Completion::Completion(int device) : thread_([this, device] { run(device); }) {}

Completion::~Completion() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  arrived_.notify_one();
  thread_.join();
  for (const cudaEvent_t event : events_) cudaEventDestroy(event);
}

void Completion::after(cudaStream_t stream, Done done) {
  cudaEvent_t event = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (!events_.empty()) {
      event = events_.back();
      events_.pop_back();
    }
  }
  if (!event)
    check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming | cudaEventBlockingSync),
          "making an event");
  if (const cudaError_t status = cudaEventRecord(event, stream); status != cudaSuccess) {
    cudaEventDestroy(event);
    check(status, "waiting for the device");
  }
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back({event, std::move(done)});
  }
  arrived_.notify_one();
}

void Completion::run(int device) {
  cudaSetDevice(device);
  for (;;) {
    Item item;
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      item = std::move(queue_.front());
      queue_.pop_front();
    }
    item.done(cudaEventSynchronize(item.event));
    const std::lock_guard lock(mutex_);
    events_.push_back(item.event);
  }
}

}  // namespace everlearn::cuda
