// This process's place among those that train together: collectives of NCCL on a stream of their own.
#pragma once

#include <cuda_runtime_api.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

#include "../plugin.h"
#include "libraries.h"

namespace everlearn::cuda {

// A communicator that never blocks for ever: NCCL's calls return at once and are asked how they go; a thread
// watches what runs on the device and aborts when NCCL reports an error or a collective takes longer than the
// timeout. After that every call throws what happened, and `failure` tells it.
class Communicator {
 public:
  // Throws LIBRARY_MISSING.
  static void make_id(uint8_t id[kCommunicatorIdBytes]);

  // Returns when all ranks have come; throws COMMUNICATION when they have not in time.
  Communicator(int device, cudaStream_t compute, cudaStream_t collective, const CommunicatorOptions& options);
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;
  // Ends in order when all collectives are done, else aborts.
  ~Communicator();

  // On the executor thread. After what the compute stream was given so far; the compute stream goes on
  // meanwhile.
  void launch(Collective operation, const View& in, const View& out, int root);
  // The compute stream waits for the collectives launched so far.
  void join();

  // From any thread: what runs ends, what waits for it goes on.
  void abort(const char* reason);
  // What ended it, or null.
  std::exception_ptr failure() const;

 private:
  struct Launched {
    cudaEvent_t done;
    std::chrono::steady_clock::time_point when;
    uint64_t number;
    Collective operation;
    size_t bytes;
  };

  void require_alive() const;
  // Waits until NCCL has taken in the last call.
  void settle(ncclResult_t result, const char* what);
  void watch();
  void fail(const std::string& message);

  const Libraries& library_;
  const int device_;
  const cudaStream_t compute_, collective_;
  const std::chrono::duration<double> timeout_;
  ncclComm_t communicator_ = nullptr;
  cudaEvent_t ready_ = nullptr;
  uint64_t launched_count_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Launched> running_;
  std::exception_ptr failure_;
  bool closing_ = false;
  std::thread watcher_;
};

}  // namespace everlearn::cuda
