// A thread that waits for the device, so that the executor never does: it goes on launching while what it
// launched runs.
#pragma once

#include <cuda_runtime_api.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace everlearn::cuda {

class Completion {
 public:
  using Done = std::function<void(cudaError_t)>;

  explicit Completion(int device);
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;
  // Returns when everything asked for was done.
  ~Completion();

  // Calls `done` on the thread once `stream` has passed this point.
  void after(cudaStream_t stream, Done done);

 private:
  struct Item {
    cudaEvent_t event;
    Done done;
  };
  void run(int device);

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Item> queue_;
  std::vector<cudaEvent_t> events_;  // for reuse
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace everlearn::cuda
